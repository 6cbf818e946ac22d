package diarycsv

import (
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, text string) File {
	t.Helper()
	f, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestADiaryIsReadByTheNamesOfItsColumns(t *testing.T) {
	f := read(t, "Headache,sex,TIME,id\nyes,female,3,a\nno,female,-1,a\nno,male,0,b\n")
	if f.Rows != 3 || len(f.People) != 2 || len(f.Notes) != 1 || f.Notes[0].Code != "GAP" {
		t.Fatalf("%+v", f)
	}
	a := f.People[0]
	if a.ID != "a" || a.Sex != "female" || !slices.Equal(a.Days, []Day{{-1, false, 3}, {3, true, 2}}) {
		t.Errorf("%+v", a)
	}
}

func TestOddRowsAreNoted(t *testing.T) {
	for name, c := range map[string]struct {
		rows    string
		code    string
		line    int
		refused bool
	}{
		"a row twice, word for word":         {"1,0,10,yes,5\n1,0,10,yes,5\n", "DUPLICATE", 3, false},
		"a row twice, another column":        {"1,0,10,yes,5\n1,0,10,yes,6\n", "DUPLICATE", 3, false},
		"two answers":                        {"1,0,10,yes,5\n1,0,10,no,5\n", "CONTRADICTION", 3, true},
		"a broken offset":                    {"1,0,10,yes,5\n1,1,12,no,5\n", "OFFSET", 0, false},
		"a filled-in mean":                   {"1,0,10,yes,24.8\n1,1,11,no,24.8\n", "FILLED_IN", 0, false},
		"a gap":                              {"1,0,10,yes,5\n1,4,14,no,6\n", "GAP", 0, false},
		"no number":                          {"1,x,10,yes,5\n", "BAD_ROW", 2, true},
		"a number beyond a life":             {"1,99999,10,yes,5\n", "BAD_ROW", 2, true},
		"no answer":                          {"1,0,10,,5\n", "BAD_ROW", 2, true},
		"too many columns":                   {"1,0,10,yes,5,6\n", "BAD_ROW", 2, true},
		"a row that is left open at the end": {"1,0\n", "BAD_ROW", 2, true},
	} {
		f := read(t, "id,time,dos,headache,airq\n"+c.rows)
		i := slices.IndexFunc(f.Notes, func(n Note) bool { return n.Code == c.code })
		if i < 0 || f.Notes[i].Line != c.line || f.Notes[i].Person != "1" || f.People[0].Refused != c.refused {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestColumnsWithoutAPlaceAreNamed(t *testing.T) {
	f := read(t, "id,time,headache,airq\n1,0,yes,7\n")
	if len(f.Notes) != 1 || f.Notes[0].Code != "NOT_IMPORTED" || !strings.Contains(f.Notes[0].Text, `"airq"`) {
		t.Errorf("%+v", f.Notes)
	}
}

// A dry hour of days does not make a false gap or a lost row.
func FuzzRead(f *testing.F) {
	f.Add("id,time,headache\n1,0,yes\n1,1,no\n")
	f.Add("id,time,headache,dos,sex,airq\n1,0,yes,3,female,2.5\n\n\"1\",1,no,4,male,2.5")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		days := 0
		for _, p := range file.People {
			days += len(p.Days)
			if !slices.IsSortedFunc(p.Days, func(a, b Day) int { return a.Offset - b.Offset }) {
				t.Error("days out of order")
			}
		}
		if days > file.Rows {
			t.Errorf("%d days from %d rows", days, file.Rows)
		}
	})
}

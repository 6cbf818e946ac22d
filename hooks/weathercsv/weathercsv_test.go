package weathercsv

import (
	"math"
	"slices"
	"strings"
	"testing"

	"interictal/hooks/clinic"
)

func read(t *testing.T, text string) File {
	t.Helper()
	f, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestColumnsAreFoundByName(t *testing.T) {
	f := read(t, "\ufeffValue, Station,patient,DATE\n1012.5,x,ada,2026-01-06\n-3,x,ada,2026-01-05\n0,x,bo,2026-01-05\n")
	if f.Rows != 3 || len(f.Patients) != 2 || len(f.Notes) != 1 || f.Notes[0].Code != "NOT_IMPORTED" || !strings.Contains(f.Notes[0].Text, "station") {
		t.Fatalf("%+v", f)
	}
	first := clinic.MustDay("2026-01-05")
	if ada := f.Patients[0]; ada.ID != "ada" || !slices.Equal(ada.Days, []Day{{first, -3, 3}, {first + 1, 1012.5, 2}}) {
		t.Errorf("%+v", ada)
	}
}

func TestFaultyRowsAreNoted(t *testing.T) {
	for name, c := range map[string]struct {
		rows, code string
		refused    bool
	}{
		"twice":                  {"ada,2026-01-05,3\nada,2026-01-05,3.0\n", "DUPLICATE", false},
		"two values":             {"ada,2026-01-05,3\nada,2026-01-05,4\n", "CONTRADICTION", true},
		"no day of the calendar": {"ada,2026-02-05,3\nada,2026-02-30,3\n", "BAD_ROW", true},
		"no number":              {"ada,2026-02-05,3\nada,2026-02-06,\n", "BAD_ROW", true},
		"not a number":           {"ada,2026-02-05,3\nada,2026-02-06,NaN\n", "BAD_ROW", true},
		"a row cut off":          {"ada,2026-02-05,3\nada\n", "BAD_ROW", true},
	} {
		f := read(t, "patient,date,value\n"+c.rows)
		if len(f.Notes) != 1 || f.Notes[0].Code != c.code || f.Notes[0].Line != 3 || f.Patients[0].Refused != c.refused {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestWhatIsNoTableIsAnError(t *testing.T) {
	for _, text := range []string{"", "patient,date\nada,2026-01-05\n", "patient,date,value\n,2026-01-05,3\n", "patient,date,value\n\"ada,2026-01-05,3\n"} {
		if f, err := Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q: %+v", text, f)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("patient,date,value\nada,2026-01-05,3\nada,2026-01-05,4\n")
	f.Add("value,patient,date,value\n1e308,ada,2026-01-05,1\n\n\"bo\",x,2026-01-05,0x1p-2")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		days := 0
		for _, p := range file.Patients {
			days += len(p.Days)
			for i, d := range p.Days {
				if !d.Day.Valid() || math.IsNaN(d.Value) || math.IsInf(d.Value, 0) || i > 0 && p.Days[i-1].Day >= d.Day {
					t.Errorf("%+v", p)
				}
			}
		}
		if days > file.Rows {
			t.Errorf("%d days from %d rows", days, file.Rows)
		}
	})
}

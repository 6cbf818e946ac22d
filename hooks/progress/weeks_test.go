package progress_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/progress"
)

// The cases of weeks that the phone reads too.
func TestWeeksInTheCasesThePhoneReadsToo(t *testing.T) {
	raw, err := os.ReadFile("testdata/weeks.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases struct {
		Weeks []struct {
			Name, Days             string
			Recorded, HeadacheDays int
			Value                  *float64
		}
		Lines []struct {
			Name string
			Base []string
			Line *float64
		}
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	first := clinic.MustDay("2026-01-05")
	window := []diary.Window{{Name: "B1", From: first, To: first.Add(27)}}
	days := func(letters string) (out []diary.Day) {
		for i, letter := range letters {
			headache := map[rune]clinic.YesNo{'h': clinic.Yes, '.': clinic.No}[letter]
			out = append(out, diary.Day{Day: first.Add(i), Recorded: letter != '-', Headache: headache})
		}
		return out
	}
	same := func(got *diary.Rate, want *float64) bool {
		return (got == nil) == (want == nil) && (got == nil || math.Abs(float64(*got)-*want) < 1e-9)
	}
	for _, c := range cases.Weeks {
		w := progress.Run(days(c.Days), window).Weeks[0]
		if w.Recorded != c.Recorded || w.HeadacheDays != c.HeadacheDays || !same(w.Value, c.Value) {
			t.Errorf("%s: %+v", c.Name, w)
		}
	}
	for _, c := range cases.Lines {
		if got := progress.Run(days(strings.Join(c.Base, "")), window).Line; !same(got, c.Line) {
			t.Errorf("%s: %v", c.Name, got)
		}
	}
}

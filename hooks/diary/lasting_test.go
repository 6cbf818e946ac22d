package diary_test

import (
	"testing"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

func TestLastsTooLong(t *testing.T) {
	var cases []struct {
		Name       string
		Now, End   float64 // hours after onset
		PainAbsent clinic.YesNo
		Doses      []float64
		Readings   []struct {
			AfterHours float64
			NRS        clinic.NRS
		}
		Expect clinic.YesNo
	}
	readTable(t, "lasting.json", &cases)
	onset := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	after := func(hours float64) time.Time { return onset.Add(time.Duration(hours * float64(time.Hour))) }
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			a := diary.Attack{ID: "a", Start: onset, Peak: clinic.MustNRS(6), PainAbsent: c.PainAbsent}
			if c.PainAbsent == clinic.Yes {
				a.Peak = clinic.NRS{}
			}
			if c.End > 0 {
				a.End = after(c.End)
			}
			for _, r := range c.Readings {
				a.Readings = append(a.Readings, diary.Reading{At: after(r.AfterHours), Score: r.NRS})
			}
			var doses []diary.Dose
			for _, hours := range c.Doses {
				doses = append(doses, diary.Dose{Attack: "a", Taken: after(hours), Class: diary.Triptan})
			}
			if got := diary.LastsTooLong(a, doses, after(c.Now)); got != c.Expect {
				t.Errorf("got %v, want %v", got, c.Expect)
			}
		})
	}
}

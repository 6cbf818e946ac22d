package visitnote

import (
	"testing"
	"time"
	_ "time/tzdata"

	"interictal/hooks/safety"
)

func TestTwoPeopleInOneNote(t *testing.T) {
	for _, c := range []struct {
		name         string
		seen, stored int
		same         bool
		want         Verdict
	}{
		{"the first word", 0, 0, false, Stored},
		{"the next", 3, 3, false, Stored},
		{"somebody was first", 3, 4, false, Conflict},
		{"both said the same", 3, 4, true, Same},
		{"sent twice", 0, 1, true, Same},
		{"a number that was never given", 5, 4, false, Conflict},
	} {
		if got := Judge(c.seen, c.stored, c.same); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestPartsOfANote(t *testing.T) {
	for name, want := range map[string]bool{"response": true, "said": true, "signed_by": false, "patient": false, "interventions/abcdefghij12345": true, "measures/abcdefghij12345": true,
		"measures/": false, "measures/../x": false, "plans/abcdefghij12345": false, "interventions/SHOUTING1234567": false, "": false} {
		if _, _, _, ok := Part(name); ok != want {
			t.Errorf("%q: %v", name, ok)
		}
	}
}

// The short form asks what the table of red flags knows, and is whole with its last answer.
func TestTheShortForm(t *testing.T) {
	known := map[string]bool{}
	for _, q := range safety.RedFlags.Questions {
		known[q.ID] = q.Kind == safety.YesNo
	}
	said := map[string]any{}
	for _, q := range Short {
		if !known[q.ID] || q.After != "" && !known[q.After] {
			t.Errorf("the table does not ask %v", q)
		}
		if q.After != "" {
			continue
		}
		if Whole(said) {
			t.Errorf("whole before %s", q.ID)
		}
		said[q.ID] = false
	}
	if !Whole(said) {
		t.Error("every question is answered")
	}
	said["fever"] = true
	if Whole(said) {
		t.Error("fever asks on")
	}
	said["stiff_neck"], said["rash"], said["confusion"] = false, false, true
	if !Whole(said) {
		t.Error("and then it is whole")
	}
	said["confusion"] = "no"
	if Whole(said) {
		t.Error("a word is no answer")
	}
}

func TestTheNextVisit(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, at string
		perWeek  int
		want     string
	}{
		{"a week on", "2026-01-05T10:00", 1, "2026-01-12T10:00"},
		{"nobody said how often", "2026-01-05T10:00", 0, "2026-01-12T10:00"},
		{"twice a week", "2026-01-05T10:30", 2, "2026-01-08T10:30"},
		{"not on a Sunday", "2026-01-08T10:00", 2, "2026-01-12T10:00"},
		{"ten stays ten when the clocks change", "2026-03-05T10:00", 1, "2026-03-12T10:00"},
		{"a hundred times a week is a slip", "2026-01-05T10:00", 100, "2026-01-06T10:00"},
	} {
		at, err := time.ParseInLocation("2006-01-02T15:04", c.at, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := Next(at, c.perWeek, zone).In(zone).Format("2006-01-02T15:04"); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

package caseload

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

var today = clinic.MustDay("2026-02-16") // day 43 of a plan that began on 5 January

func TestRanks(t *testing.T) {
	start := clinic.MustDay("2026-01-05")
	for _, c := range []struct {
		name   string
		facts  Facts
		code   string
		reason string
	}{
		{"an urgent alert comes before everything", Facts{Alert: careplan.Urgent, TaskCode: "REVIEW_6", TaskDue: today.Add(-9)}, "ALERT", "Urgent alert open"},
		{"an alert that can wait does not move her", Facts{Alert: careplan.Soon}, "OK", "Alert open: soon"},
		{"a task from yesterday", Facts{TaskCode: "REVIEW_6", TaskDue: today.Add(-1), Worse: true}, "OVERDUE", "REVIEW_6 overdue since 2026-02-15"},
		{"a task of today, in a pause", Facts{TaskCode: "REVIEW_6", TaskDue: today, State: "paused"}, "DUE", "REVIEW_6 due today; paused"},
		{"a task of tomorrow is not yet a reason", Facts{TaskCode: "REVIEW_6", TaskDue: today.Add(1)}, "OK", ""},
		{"worse beyond noise, and silent", Facts{Worse: true, SilentDays: 9}, "WORSE", "More headache days than before, beyond noise"},
		{"silent for five days", Facts{SilentDays: 5, Home: careplan.Share{Done: 1, Of: 9}, Expect: 60}, "SILENT", "Silent 5 days"},
		{"silent for four days", Facts{SilentDays: 4}, "OK", ""},
		{"nothing written yet", Facts{SilentDays: -1}, "SILENT", "Nothing written yet"},
		{"a diary that is not shared is not silent", Facts{SilentDays: -1, Unknown: true}, "OK", ""},
		{"few exercises done", Facts{Home: careplan.Share{Done: 5, Of: 9}, Expect: 60}, "LOW_HOME", "Home exercises 5 of 9"},
		{"exactly as many as the rules ask for", Facts{Home: careplan.Share{Done: 6, Of: 10}, Expect: 60}, "OK", ""},
		{"no program is not a low one", Facts{Expect: 60}, "OK", ""},
		{"ten visits done", Facts{WellnessDue: true, State: "active", Start: start}, "OK", "Wellness decision open"},
		{"the first day of week 7, and silent", Facts{State: "active", Start: start, SilentDays: 9}, "SILENT", "Silent 9 days; active in week 7 of 4–6"},
		{"the last day of week 6", Facts{State: "active", Start: start.Add(1)}, "OK", ""},
		{"an extended plan may be longer", Facts{State: "extended", Start: start}, "OK", ""},
		{"paused for illness, with many days of medicine", Facts{State: "paused", PausedSince: today.Add(-11), PauseReason: "new_health_issue", Flags: []string{"MED_OVER", "F_REEVAL"}}, "OK",
			"Paused 12 days: new health issue; days of acute medicine at the limit; re-evaluation after the pause"},
	} {
		if got := Of(c.facts, today); got.Code != c.code || got.Reason != c.reason {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestEnding(t *testing.T) {
	start := clinic.MustDay("2026-01-05")
	for name, c := range map[string]struct {
		facts Facts
		want  bool
	}{
		"one visit left":                 {Facts{State: "active", Start: today, VisitsLeft: 1}, true},
		"two visits left":                {Facts{State: "active", Start: today, VisitsLeft: 2}, false},
		"six days to go":                 {Facts{State: "extended", Start: start, VisitsLeft: 3, Ends: today.Add(6)}, true},
		"seven days to go":               {Facts{State: "extended", Start: start, VisitsLeft: 3, Ends: today.Add(7)}, false},
		"past its sixth week":            {Facts{State: "active", Start: start, VisitsLeft: 3}, true},
		"the wellness decision":          {Facts{State: "active", Start: today, VisitsLeft: 3, WellnessDue: true}, true},
		"a plan that is over":            {Facts{State: "completed", Start: start}, false},
		"no plan":                        {Facts{}, false},
		"a draft ends when it has begun": {Facts{State: "draft", VisitsLeft: 0}, false},
	} {
		if got := Ending(c.facts, today); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestOrder(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 2, day, 9, 0, 0, 0, time.UTC) }
	rows := []Facts{
		{Name: "last, no visit"},
		{Name: "Zoe", NextVisit: at(18)},
		{Name: "Adam", NextVisit: at(18)},
		{Name: "soon", NextVisit: at(17)},
		{Name: "few exercises", Home: careplan.Share{Of: 3}, Expect: 60},
		{Name: "silent", SilentDays: 9},
		{Name: "worse", Worse: true},
		{Name: "due", TaskCode: "X", TaskDue: today},
		{Name: "overdue", TaskCode: "X", TaskDue: today.Add(-1)},
		{Name: "alert", Alert: careplan.Emergency},
	}
	place := func(f Facts) string { return Place{Of(f, today).Key, f.NextVisit, f.Name}.String() }
	slices.SortFunc(rows, func(a, b Facts) int { return cmp.Compare(place(a), place(b)) })
	for i, want := range []string{"alert", "overdue", "due", "worse", "silent", "few exercises", "soon", "Adam", "Zoe", "last, no visit"} {
		if rows[i].Name != want {
			t.Errorf("place %d is %s, not %s", i, rows[i].Name, want)
		}
	}
}

func TestWeek(t *testing.T) { // spec §2.10, vectors 2 and 3
	start := clinic.MustDay("2026-01-05")
	for day, want := range map[string]int{"2026-01-04": 0, "2026-01-05": 1, "2026-01-11": 1, "2026-01-12": 2, "2026-01-25": 3, "2026-02-15": 6, "2026-02-16": 7} {
		if got := Week(start, clinic.MustDay(day)); got != want {
			t.Errorf("%s is in week %d, not %d", day, got, want)
		}
	}
}

package caseload

import (
	"testing"
	"time"

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
		{"a task from yesterday", Facts{TaskCode: "REVIEW_6", TaskDue: today.Add(-1), WellnessDue: true}, "TASK_OVERDUE", "REVIEW_6 overdue since 2026-02-15"},
		{"a task of today", Facts{TaskCode: "REVIEW_6", TaskDue: today, State: "paused"}, "TASK_DUE", "REVIEW_6 due today"},
		{"a task of tomorrow is not yet a reason", Facts{TaskCode: "REVIEW_6", TaskDue: today.Add(1)}, "OK", ""},
		{"ten visits done", Facts{WellnessDue: true, State: "active", Start: start}, "WELLNESS_DUE", "Wellness decision open"},
		{"the first day of week 7", Facts{State: "active", Start: start}, "PAST_WEEK6", "Active in week 7 of 4–6"},
		{"the last day of week 6", Facts{State: "active", Start: start.Add(1)}, "OK", ""},
		{"an extended plan may be longer", Facts{State: "extended", Start: start}, "OK", ""},
		{"paused for illness", Facts{State: "paused", PausedSince: today.Add(-11), PauseReason: "new_health_issue"}, "PAUSED", "Paused 12 days: new health issue"},
		{"silent for five days", Facts{SilentDays: 5}, "SILENT", "Silent 5 days"},
		{"silent for four days", Facts{SilentDays: 4}, "OK", ""},
		{"nothing written yet", Facts{SilentDays: -1}, "SILENT", "Nothing written yet"},
	} {
		if got := Of(c.facts, today); got.Code != c.code || got.Reason != c.reason {
			t.Errorf("%s: %+v", c.name, got)
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
		{Name: "silent", SilentDays: 9},
		{Name: "due", TaskCode: "X", TaskDue: today},
	}
	Sort(rows, func(f Facts) (Rank, Facts) { return Of(f, today), f })
	for i, want := range []string{"due", "silent", "soon", "Adam", "Zoe", "last, no visit"} {
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

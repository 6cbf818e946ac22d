// Package caseload puts a therapist's patients in the order in which they need
// her, and says why in words.
//
// One explicit key, the first that applies (spec/screens.md 5.7):
//
//	1 TASK_OVERDUE  a task is past its day
//	2 TASK_DUE      a task is due today
//	3 WELLNESS_DUE  ten visits are done: the wellness decision is open
//	4 PAST_WEEK6    an active plan past its sixth week
//	5 PAUSED        the clock stands
//	6 SILENT        nothing written for 5 days or more
//	7 OK            the rest
//
// Ties go by the next visit, then by name. Worsening beyond noise, alerts and
// adherence take their places in the key as their rooms are built.
package caseload

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"interictal/hooks/clinic"
)

// SilentFrom is how many days without an entry put a patient on the list.
const SilentFrom = 5

// Order says in one sentence how the list is ranked; the dashboard shows it.
const Order = "Overdue and due tasks first, then open wellness decisions, plans past week 6, pauses, and patients silent for 5 days or more; ties by next visit."

// Facts are what the order rests on.
type Facts struct {
	Name        string
	TaskCode    string     // the open task with the earliest day
	TaskDue     clinic.Day // zero: no open task
	WellnessDue bool
	State       string     // the plan's, "" without one
	Start       clinic.Day // the plan's start
	PausedSince clinic.Day
	PauseReason string
	SilentDays  int // days since the last entry; -1: nothing written yet
	NextVisit   time.Time
}

// Rank is a place in the order with its reason.
type Rank struct {
	Key    int    `json:"key"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Of gives the rank of one patient on a day.
func Of(f Facts, today clinic.Day) Rank {
	switch {
	case f.TaskDue != 0 && f.TaskDue < today:
		return Rank{1, "TASK_OVERDUE", fmt.Sprintf("%s overdue since %s", f.TaskCode, f.TaskDue)}
	case f.TaskDue == today && today != 0:
		return Rank{2, "TASK_DUE", f.TaskCode + " due today"}
	case f.WellnessDue:
		return Rank{3, "WELLNESS_DUE", "Wellness decision open"}
	case f.State == "active" && Week(f.Start, today) > 6:
		return Rank{4, "PAST_WEEK6", fmt.Sprintf("Active in week %d of 4–6", Week(f.Start, today))}
	case f.State == "paused":
		return Rank{5, "PAUSED", paused(f, today)}
	case f.SilentDays >= SilentFrom:
		return Rank{6, "SILENT", fmt.Sprintf("Silent %d days", f.SilentDays)}
	case f.SilentDays < 0:
		return Rank{6, "SILENT", "Nothing written yet"}
	}
	return Rank{7, "OK", ""}
}

// Week is the week of the plan on a day (spec §2.3); 0 before it starts.
func Week(start, day clinic.Day) int {
	if start == 0 || day < start {
		return 0
	}
	return day.Sub(start)/7 + 1
}

func paused(f Facts, today clinic.Day) string {
	text := "Paused"
	if f.PausedSince != 0 {
		text = fmt.Sprintf("Paused %d days", today.Sub(f.PausedSince)+1)
	}
	if f.PauseReason != "" {
		text += ": " + words(f.PauseReason)
	}
	return text
}

func words(code string) string {
	out := []rune(code)
	for i, r := range out {
		if r == '_' {
			out[i] = ' '
		}
	}
	return string(out)
}

// Sort puts rows in order: key, next visit (none last), name.
func Sort[T any](rows []T, rank func(T) (Rank, Facts)) {
	slices.SortStableFunc(rows, func(a, b T) int {
		ra, fa := rank(a)
		rb, fb := rank(b)
		return cmp.Or(cmp.Compare(ra.Key, rb.Key), compareVisits(fa.NextVisit, fb.NextVisit), cmp.Compare(fa.Name, fb.Name))
	})
}

func compareVisits(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

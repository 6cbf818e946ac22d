// Package caseload puts a therapist's patients in the order in which they need
// her, and says why in words.
//
// One explicit key, the first that applies (spec/screens.md 5.7):
//
//	1 ALERT     an alert is open that cannot wait: emergency or urgent
//	2 OVERDUE   what a rule asks for is past its day
//	3 DUE       what a rule asks for is due today
//	4 WORSE     more headache days than before, beyond noise
//	5 SILENT    nothing written for 5 days or more
//	6 LOW_HOME  fewer home exercises done than the clinic's rules ask for
//	7 OK        the rest
//
// Ties go by the next visit, then by name. What else there is to know (an
// alert that can wait, a plan past its sixth week, a pause, an open wellness
// decision, days of medicine) moves nobody and stands behind the reason.
package caseload

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// SilentFrom is how many days without an entry put a patient on the list.
const SilentFrom = 5

// Order says in one sentence how the list is ranked; the dashboard shows it.
const Order = "Open urgent alerts first, then what is overdue, what is due today, more headache days beyond noise, silent for 5 days or more, few home exercises, and the rest; ties by next visit."

// Facts are what the order rests on.
type Facts struct {
	Name  string
	Alert careplan.Level // the highest that is open; "" none

	TaskCode string     // the open task with the earliest day
	TaskDue  clinic.Day // zero: no open task

	Worse      bool // headache days: the whole 95 % interval lies above none more
	SilentDays int  // days since the last entry; -1: nothing written yet
	Unknown    bool // the diary is not shared: nobody knows whether it is silent

	Home   careplan.Share // of what could be expected; of nothing: no program, or not shared
	Expect int            // percent of it that the clinic's rules ask for

	State       string     // the plan's, "" without one
	Start       clinic.Day // the plan's start
	Ends        clinic.Day // its last day; zero: not known
	VisitsLeft  int        // of those agreed
	WellnessDue bool
	PausedSince clinic.Day
	PauseReason string
	Flags       []string // codes of the flags that stand

	NextVisit time.Time
}

// Rank is a place in the order with its reason.
type Rank struct {
	Key    int    `json:"key"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Of gives the rank of one patient on a day.
func Of(f Facts, today clinic.Day) Rank {
	r := first(f, today)
	r.Reason = capital(strings.Join(slices.Insert(beside(f, today), 0, said(r.Reason)...), "; "))
	return r
}

// first is the first key that applies.
func first(f Facts, today clinic.Day) Rank {
	switch {
	case f.Alert == careplan.Emergency || f.Alert == careplan.Urgent:
		return Rank{1, "ALERT", string(f.Alert) + " alert open"}
	case f.TaskDue != 0 && f.TaskDue < today:
		return Rank{2, "OVERDUE", fmt.Sprintf("%s overdue since %s", words(f.TaskCode), f.TaskDue)}
	case f.TaskDue != 0 && f.TaskDue == today:
		return Rank{3, "DUE", words(f.TaskCode) + " due today"}
	case f.Worse:
		return Rank{4, "WORSE", "more headache days than before, beyond noise"}
	case f.Unknown:
	case f.SilentDays >= SilentFrom:
		return Rank{5, "SILENT", fmt.Sprintf("silent %d days", f.SilentDays)}
	case f.SilentDays < 0:
		return Rank{5, "SILENT", "nothing written yet"}
	}
	if f.Home.Of > 0 && 100*f.Home.Done < f.Expect*f.Home.Of {
		return Rank{6, "LOW_HOME", fmt.Sprintf("home exercises %d of %d", f.Home.Done, f.Home.Of)}
	}
	return Rank{7, "OK", ""}
}

// beside is what stands behind the reason.
func beside(f Facts, today clinic.Day) (out []string) {
	if f.Alert == careplan.Soon || f.Alert == careplan.Worklist {
		out = append(out, "alert open: "+string(f.Alert))
	}
	switch {
	case f.WellnessDue:
		out = append(out, "wellness decision open")
	case f.State == "active" && Week(f.Start, today) > 6:
		out = append(out, fmt.Sprintf("active in week %d of 4–6", Week(f.Start, today)))
	case f.State == "paused":
		out = append(out, paused(f, today))
	}
	for _, w := range flagWords {
		if slices.Contains(f.Flags, w.code) {
			out = append(out, w.text)
		}
	}
	return out
}

// flagWords are the flags that are not said otherwise already.
var flagWords = []struct{ code, text string }{
	{"MED_OVER", "days of acute medicine at the limit"},
	{"MED_NEAR", "days of acute medicine near the limit"},
	{"MOH_PATTERN", "pattern of medicine overuse"},
	{string(careplan.CertLate), "certification late"},
	{string(careplan.CertDue), "certification due"},
	{string(careplan.ProgressDue), "progress report due"},
	{string(careplan.Reevaluate), "re-evaluation after the pause"},
	{string(careplan.ConsiderDischarge), "long pause"},
	{string(careplan.ClosingMeasures), "closing measures missing"},
	{string(careplan.PoorAttendance), "visits missed"},
	{string(careplan.TellPrescriber), "prescriber to be told"},
}

// Ending: the plan comes to its last week or its last visit, or is past them.
func Ending(f Facts, today clinic.Day) bool {
	if !slices.Contains([]string{"active", "paused", "extended"}, f.State) {
		return false
	}
	return f.WellnessDue || f.VisitsLeft <= 1 || f.Ends != 0 && f.Ends.Sub(today) < 7 || f.State == "active" && Week(f.Start, today) > 6
}

// Week is the week of the plan on a day (spec §2.3); 0 before it starts.
func Week(start, day clinic.Day) int {
	if start == 0 || day < start {
		return 0
	}
	return day.Sub(start)/7 + 1
}

func paused(f Facts, today clinic.Day) string {
	text := "paused"
	if f.PausedSince != 0 {
		text = fmt.Sprintf("paused %d days", today.Sub(f.PausedSince)+1)
	}
	if f.PauseReason != "" {
		text += ": " + words(f.PauseReason)
	}
	return text
}

// words of a code: REVIEW_6 is a name and stays, new_health_issue is said.
func words(code string) string {
	if strings.ToUpper(code) == code {
		return code
	}
	return strings.ReplaceAll(code, "_", " ")
}

func said(reason string) []string {
	if reason == "" {
		return nil
	}
	return []string{reason}
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Place is where a row stands.
type Place struct {
	Key  int
	Next time.Time // the next visit; zero: none
	Name string
}

// String sorts as the places do: key, next visit (none last), name.
func (p Place) String() string {
	next := "none" // after every year
	if !p.Next.IsZero() {
		next = p.Next.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	return fmt.Sprint(p.Key, " ", next, " ", p.Name)
}

package clinic

import (
	"cmp"
	"slices"
)

// Severity says what a broken rule does to the act it was broken by.
type Severity string

const (
	Hard     Severity = "HARD"     // refused, nobody can override
	Override Severity = "OVERRIDE" // refused unless a licensed physical therapist gives a reason
	Warn     Severity = "WARN"     // accepted, shown, stored
	Flag     Severity = "FLAG"     // accepted, puts a task on the therapist's worklist
)

// Refuses says whether the act does not happen (for Override: not without a reason).
func (s Severity) Refuses() bool { return s == Hard || s == Override }

func (s Severity) rank() int { return slices.Index([]Severity{Hard, Override, Warn, Flag}, s) }

// Broken is one broken rule. Rooms answer with all of them at once, as []Broken; nil means nothing is broken.
type Broken struct {
	Code     string         `json:"code"` // stable: E_…, W_…, F_…
	Severity Severity       `json:"severity"`
	Message  string         `json:"message"`          // one kind sentence, without health details of anybody else
	Params   map[string]any `json:"params,omitempty"` // the numbers of the sentence, for other languages
}

// HardFirst is a copy in the order people should read it: HARD, OVERRIDE, WARN, FLAG, and within one severity as
// the room found them.
func HardFirst(broken []Broken) []Broken {
	sorted := slices.Clone(broken)
	slices.SortStableFunc(sorted, func(a, b Broken) int { return cmp.Compare(a.Severity.rank(), b.Severity.rank()) })
	return sorted
}

// Refused says whether any of them refuses the act.
func Refused(broken []Broken) bool {
	return slices.ContainsFunc(broken, func(b Broken) bool { return b.Severity.Refuses() })
}

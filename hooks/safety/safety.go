// Package safety holds what must never be missed: the red flags of a headache (spec §7.1, SNNOOP10, Do 2019), what an
// open alert stops (§7.2), and the gates before a manipulation, a device, cold or compression (§7.3, §7.4). It has no
// clock and no database.
//
// # Red flags
//
// redflags.json is the table, one row a line of §7.1, to be read by a clinician; the phone reads the same file, so
// that a check says the same with no network. A row names a level and its conditions, all of which must hold:
//
//	fever                yes was said
//	a | b                at least one of them
//	injury_days <= 7     a number was said, and it is that
//	not x                nobody has said that x
//	maybe x              nobody has said that not x
//
// Unknown is not no. A condition nobody answered does not hold and does not fail: the row stays open, and Judge says
// which answers would decide it. `not` and `maybe` are for answers that only soften an alarm (a usual aura) or
// narrow it (the weeks of a pregnancy): left out, they soften nothing.
//
//	E emergency   now: emergency number, nothing is shown that could be tried first
//	U urgent      a doctor the same day
//	S soon        a clinician within days
//	T worklist    the therapist's list
//
// Example: an aura of 61 minutes is E; that it is like the usual ones makes it U only together with the clinician's
// record that her auras are long. Fever alone is nothing here, with a worse headache U, with a stiff neck E. Every
// finding is stored, the highest is shown, and no finding is never called safe.
//
// # Attacks of more than 72 hours (M-72H)
//
// A diary entry that was never closed is no attack of three days. After 72 h the phone asks "still going?"; a yes, a
// reading above 0, a dose or an end after that time is evidence and U; silence raises nothing.
package safety

import (
	"slices"

	"interictal/hooks/careplan"
)

// Level says how soon somebody must look (§7.1): the words of a plan of care.
type Level = careplan.Level

const (
	Emergency = careplan.Emergency
	Urgent    = careplan.Urgent
	Soon      = careplan.Soon
	Worklist  = careplan.Worklist
)

// Finding is a row of the table that the answers meet.
type Finding struct {
	Row   string `json:"row"` // number in §7.1
	Code  string `json:"code"`
	Level Level  `json:"level"`
}

// Highest is what is shown; "" when nothing was found, which does not mean safe.
func Highest(levels ...Level) Level {
	for _, level := range careplan.Levels {
		if slices.Contains(levels, level) {
			return level
		}
	}
	return ""
}

// Shown is the level that a list of findings shows.
func Shown(findings []Finding) Level {
	levels := make([]Level, len(findings))
	for i, f := range findings {
		levels[i] = f.Level
	}
	return Highest(levels...)
}

// Dispositions: what may come of an alert, by a clinician's word.
var Dispositions = []string{"sent_to_emergency", "seen_by_physician", "referred", "assessed_here", "not_confirmed"}

// Effect is what open alerts stop (§7.2). Care already given is recorded all the same.
type Effect struct {
	Plan        bool `json:"plan"`        // no plan is activated, resumed or extended
	Treatment   bool `json:"treatment"`   // nothing is done in a visit but to refer
	Hands       bool `json:"hands"`       // no manual and no electrical treatment
	Progression bool `json:"progression"` // no exercise gets harder
	Exercise    bool `json:"exercise"`    // no exercise and no relaxation is shown
}

// EffectOf is what the levels of all open alerts stop together.
func EffectOf(open ...Level) Effect {
	switch Highest(open...) {
	case Emergency:
		return Effect{Plan: true, Treatment: true, Hands: true, Progression: true, Exercise: true}
	case Urgent:
		return Effect{Hands: true, Progression: true}
	}
	return Effect{}
}

// late is the age in days after which an entry is history: it goes to the worklist, for a sudden headache of last
// month is no reason to call an ambulance today. [D]
const late = 30

// Aged is how urgent a finding still is when the entry arrives so many days after it happened.
func Aged(findings []Finding, days int) []Finding {
	if days <= late {
		return findings
	}
	old := slices.Clone(findings)
	for i := range old {
		old[i].Level = Worklist
	}
	return old
}

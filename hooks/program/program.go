// Package program is the home program: what a person is asked to do today, how much of it was done, and when a dose may move
// (spec/clinical.md §8.1). It diagnoses nothing and promises nothing; it proposes, with its reasons, and a person decides.
//
// # What holds when
//
// A prescription is a row of versions. Each version names the day from which it holds, so the dose that was in force on any
// day is always known. Nothing is shown as prescribed before somebody has confirmed it for this patient (S-36).
//
// # Today
//
//	open emergency alert      nothing is shown
//	attack or hangover day    only what may be done in an attack (attack_ok); the rest is excused
//	adapted, or just back     half the dose: while adapted doses last, and for the first 3 sessions after an illness
//	paused                    nothing is expected; after a pause for illness the dose is half
//
// # How much was done
//
// Sessions done ÷ sessions prescribed whose day has passed, in weeks that count from the version's first day, 100 % at most
// in each. Adjusted leaves out the sessions that were missed on excused days: attack, hangover, illness, pause. A prescription
// without weekdays has no day of its own for a session: what is missing in a week is excused as far as the week has
// excused days without a session. Example: 5 prescribed, 3 done, 2 days with an attack: raw 3/5, adjusted 3/3.
//
// # When a dose moves
//
// After each full week of a version: one variable goes up, the first of its ladder that still can, by a tenth or the smallest
// whole unit, never by more than 20 %, when all of this holds; else the dose stays:
//
//   - ≥75 % of the week's sessions done (adjusted);
//   - no session harder than meant;
//   - pain in or after a session never more than 2 points above before, nor 2 points worse at 24 hours;
//   - attacks that begin within 24 hours after the last 6 sessions are no more than this person's own rate lets expect.
//
// What nobody said is not "no": a week in which no session says how hard it was or how it felt holds the dose and counts
// neither as good nor as failed. Two failed weeks in a row propose a step back by 20–30 %, three raise a flag. More attacks
// after sessions than expected propose a step back at once, and six sessions are counted anew. While doses are adapted, the plan
// is paused, an emergency or urgent alert is open, or she is just back from an illness, nothing moves at all. Manual and electrical
// treatment never moves by rule.
//
// The verdict is a function of the facts alone: logs that come late, twice or out of order end at the same proposal.
package program

import (
	"slices"
	"time"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// Dose of one exercise. 0 is: not part of this dose. PerWeek counts days a week, PerDay sessions on such a day.
type Dose struct {
	Sets        float64 `json:"sets,omitzero"`
	Reps        float64 `json:"reps,omitzero"`
	HoldSeconds float64 `json:"holdSeconds,omitzero"`
	Minutes     float64 `json:"minutes,omitzero"`
	Load        float64 `json:"load,omitzero"` // kg
	PerDay      float64 `json:"perDay,omitzero"`
	PerWeek     float64 `json:"perWeek,omitzero"`
}

// Variable of a dose. Only one moves at a time.
type Variable string

const (
	Reps      Variable = "reps"
	Minutes   Variable = "minutes" // where time is the dose it stands in the place of reps [D]
	Sets      Variable = "sets"
	Hold      Variable = "hold"
	Load      Variable = "load"
	Frequency Variable = "frequency" // days a week
)

// Variables in the order in which they move (§8.1).
var Variables = []Variable{Reps, Minutes, Sets, Hold, Load, Frequency}

func (d *Dose) place(v Variable) *float64 {
	switch v {
	case Reps:
		return &d.Reps
	case Minutes:
		return &d.Minutes
	case Sets:
		return &d.Sets
	case Hold:
		return &d.HoldSeconds
	case Load:
		return &d.Load
	case Frequency:
		return &d.PerWeek
	}
	return new(float64)
}

// Of is the amount of one variable, With the dose with another amount of it.
func (d Dose) Of(v Variable) float64 { return *d.place(v) }

func (d Dose) With(v Variable, amount float64) Dose {
	*d.place(v) = amount
	return d
}

// perDay: nothing said is once.
func (d Dose) perDay() int { return max(1, int(d.PerDay)) }

// Cause of a version.
type Cause string

const (
	Prescribed Cause = "prescribed"
	ByHand     Cause = "edited"
	ByStepUp   Cause = "step_up"
	ByStepBack Cause = "step_back"
)

// Version of a prescription: it holds from its day until the next one's.
type Version struct {
	Number    int            `json:"number"`
	From      clinic.Day     `json:"from"`
	Cause     Cause          `json:"cause"`
	Dose      Dose           `json:"dose"`
	Weekdays  []time.Weekday `json:"weekdays,omitzero"` // none: any day
	Confirmed bool           `json:"confirmed"`
	Started   clinic.Day     `json:"started"` // zero: from the version's day
	Stopped   clinic.Day     `json:"stopped"` // last day; zero: it goes on
}

// Item is one prescribed exercise with its history.
type Item struct {
	ID       string            `json:"id"`
	Category careplan.Category `json:"category"`
	AttackOK bool              `json:"attackOk"`
	Auto     bool              `json:"autoProgress"`
	Ladder   []Rung            `json:"ladder"`   // nil: the usual one; empty: it is not progressed
	Versions []Version         `json:"versions"` // by number
}

// first day of a version in force.
func (v Version) first() clinic.Day { return max(v.From, v.Started) }

func (v Version) covers(day clinic.Day) bool {
	return v.Confirmed && day >= v.first() && (!v.Stopped.Valid() || day <= v.Stopped)
}

// On is the version in force on a day; none when the item was not prescribed then.
func (it Item) On(day clinic.Day) (v Version, ok bool) {
	for _, candidate := range it.Versions {
		if candidate.From <= day {
			v = candidate
		}
	}
	return v, v.Number > 0 && v.covers(day)
}

// until is the last day on which the i-th version was the newest; open for the last.
func (it Item) until(i int) clinic.Day {
	last := clinic.LastDay
	for _, later := range it.Versions[i+1:] {
		last = min(last, later.From.Add(-1))
	}
	if stopped := it.Versions[i].Stopped; stopped.Valid() {
		last = min(last, stopped)
	}
	return last
}

// Effort of a session against what was meant.
type Effort string

const (
	Easy   Effort = "easy"
	Meant  Effort = "ok"
	Harder Effort = "hard"
)

// Log of one session, or of why there was none.
type Log struct {
	ID         string     `json:"id"`
	At         time.Time  `json:"at"`
	Day        clinic.Day `json:"day"`     // where she was
	Skipped    string     `json:"skipped"` // why not; empty: it was done
	Effort     Effort     `json:"effort"`
	PainBefore clinic.NRS `json:"painBefore"`
	PainDuring clinic.NRS `json:"painDuring"` // worst in the session
	PainAfter  clinic.NRS `json:"painAfter"`
	Worse24h   clinic.NRS `json:"worse24h"` // points worse within 24 hours
	Minutes    *float64   `json:"minutes"`
}

// Done says whether there was a session.
func (l Log) Done() bool { return l.Skipped == "" }

// rise of pain in and right after the session; known when both ends are.
func (l Log) rise() (points int, known bool) {
	before, said := l.PainBefore.Score()
	worst, also := l.PainDuring.Max(l.PainAfter).Score()
	return worst - before, said && also
}

// Hurt: pain right after was higher than before, by more than a session may bring (§8.1).
func (l Log) Hurt() (before, after int, hurt bool) {
	before, said := l.PainBefore.Score()
	after, also := l.PainAfter.Score()
	return before, after, said && also && after-before > tooMuch
}

// Mark is why a day is excused.
type Mark string

const (
	Attack    Mark = "attack"
	Postdrome Mark = "postdrome" // the hangover after an attack
	Illness   Mark = "illness"
	Pause     Mark = "pause"
)

// Calendar marks the excused days; others are ordinary.
type Calendar map[clinic.Day]Mark

// Person is all that an answer about one day rests on beside the items and the logs.
type Person struct {
	Today        clinic.Day       `json:"today"`
	Marks        Calendar         `json:"marks"`
	Paused       bool             `json:"paused"`
	PausedIll    bool             `json:"pausedIll"`    // the pause is for an illness
	AdaptedUntil clinic.Day       `json:"adaptedUntil"` // last day of halved doses
	Back         clinic.Day       `json:"back"`         // day of return after the last illness; zero: none
	Alerts       []careplan.Level `json:"alerts"`       // of the red-flag alerts that are open
	Onsets       []time.Time      `json:"onsets"`       // when attacks began
	Baseline     Baseline         `json:"baseline"`
}

func (p Person) alert(levels ...careplan.Level) bool {
	return slices.ContainsFunc(p.Alerts, func(l careplan.Level) bool { return slices.Contains(levels, l) })
}

func (p Person) adapted() bool { return p.AdaptedUntil.Valid() && p.Today <= p.AdaptedUntil }

// returning: fewer than three sessions since she came back from an illness.
func (p Person) returning(logs []Log) bool {
	if !p.Back.Valid() || p.Today < p.Back {
		return false
	}
	return countDone(logs, p.Back, p.Today) < sessionsHalved
}

const sessionsHalved = 3

func countDone(logs []Log, from, to clinic.Day) int {
	n := 0
	for _, l := range logs {
		if l.Done() && from <= l.Day && l.Day <= to {
			n++
		}
	}
	return n
}

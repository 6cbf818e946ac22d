package safety

import (
	"time"

	"interictal/hooks/clinic"
)

// Attack is what a diary entry says that a red flag may hang on. Other signs are asked in a check.
type Attack struct {
	Start, End time.Time // a zero End: open, or over nobody knows when
	Over       bool      // it is known to be over, whenever that was
	StillAt    time.Time // when the person said that it was still going; zero: never
	Seen       time.Time // the last reading above 0, or dose, of this attack
	Clear      time.Time // when the first whole day began, after the start, that was answered "no headache"; zero: none

	Sudden    clinic.YesNo
	Peak      *float64 // minutes from the first pain to the worst
	WorstEver clinic.YesNo
	Aura      *float64 // minutes
	AuraUsual clinic.YesNo
	MotorAura clinic.YesNo // for the first time
}

// threeDays: more is no usual attack (ICHD-3 1.4.1).
const threeDays = 72 * time.Hour

// Answers are the entry as the table reads it.
func (a Attack) Answers() Answers {
	out := Answers{}
	for question, said := range map[string]clinic.YesNo{"sudden": a.Sudden, "worst_ever": a.WorstEver, "aura_usual": a.AuraUsual, "first_motor_aura": a.MotorAura} {
		if said.Known() {
			out[question] = said == clinic.Yes
		}
	}
	for question, n := range map[string]*float64{"peak_minutes": a.Peak, "aura_minutes": a.Aura} {
		if n != nil {
			out[question] = *n
		}
	}
	if a.lasts() {
		out["over_72h"] = true
	}
	return out
}

// lasts: there is evidence of the attack after 72 hours. A whole day without headache ends it: what comes after is another
// attack, noted under an entry that nobody had closed. (ICHD-3 1.4.1 allows relief of up to 12 hours.) The person's own
// "still going" outweighs that.
func (a Attack) lasts() bool {
	if a.StillAt.Sub(a.Start) > threeDays {
		return true
	}
	for _, seen := range []time.Time{a.End, a.Seen} {
		if seen.Sub(a.Start) > threeDays && (a.Clear.IsZero() || seen.Before(a.Clear)) {
			return true
		}
	}
	return false
}

// Asks: an entry has stood open for more than 72 hours and nobody has said anything since. The phone asks whether it
// still goes on; no answer is no alert.
func (a Attack) Asks(now time.Time) bool {
	return a.End.IsZero() && !a.Over && !a.lasts() && now.Sub(a.Start) > threeDays
}

// Last is the newest moment that the entry tells of: how old its news is.
func (a Attack) Last() time.Time {
	last := a.Start
	for _, t := range []time.Time{a.End, a.StillAt, a.Seen} {
		if t.After(last) {
			last = t
		}
	}
	return last
}

package program

import (
	"math"
	"slices"
)

// Rung of a ladder: a variable and how far it goes; To 0 has no end.
type Rung struct {
	By Variable `json:"by"`
	To float64  `json:"to,omitzero"`
}

// UsualLadder is taken where an item names none [D]. Load has no end of its own: effort holds it.
var UsualLadder = []Rung{{Reps, 15}, {Minutes, 45}, {Sets, 4}, {Hold, 30}, {Load, 0}, {Frequency, 5}}

const (
	upShare  = 0.10 // the step that is sought
	upCap    = 0.20 // and the most it may be, when whole units leave no smaller one
	backLow  = 0.20
	backGoal = 0.25
	backHigh = 0.30
)

// Step of one variable.
type Step struct {
	By   Variable `json:"by"`
	From float64  `json:"from"`
	To   float64  `json:"to"`
}

// Apply takes the step.
func (s Step) Apply(d Dose) Dose { return d.With(s.By, s.To) }

// unit in which a variable moves: whole ones; load by half kilograms.
func unit(v Variable) float64 {
	if v == Load {
		return 0.5
	}
	return 1
}

// StepUp is the next step of a dose: the first variable of the ladder that can go up within the cap and below its end.
func StepUp(d Dose, ladder []Rung) (Step, bool) {
	for _, r := range rungs(ladder) {
		from := d.Of(r.By)
		if from <= 0 {
			continue
		}
		to := max(down(from*(1+upShare), unit(r.By)), from+unit(r.By))
		if r.To > 0 {
			to = min(to, r.To)
		}
		if to > from && to <= from*(1+upCap)+tiny {
			return Step{r.By, from, to}, true
		}
	}
	return Step{}, false
}

// StepBack lowers one variable by 20 to 30 %, the last that went up if it can, else the first that has such a step: of the
// item's ladder, then of the usual one.
func StepBack(d Dose, ladder []Rung, last Variable) (Step, bool) {
	order := append(rungs(ladder), UsualLadder...)
	slices.SortStableFunc(order, func(a, b Rung) int { return rank(a.By != last) - rank(b.By != last) })
	for _, r := range order {
		from := d.Of(r.By)
		to := math.Round(from*(1-backGoal)/unit(r.By)) * unit(r.By)
		if from > 0 && to > 0 && from-to >= backLow*from-tiny && from-to <= backHigh*from+tiny {
			return Step{r.By, from, to}, true
		}
	}
	return Step{}, false
}

// Within says of a step that a person chose whether it keeps to one step's measure: at most 20 % up or 30 % down.
func Within(from, to float64) bool {
	return from > 0 && to > 0 && to != from && to <= from*(1+upCap)+tiny && to >= from*(1-backHigh)-tiny
}

// Moved are the variables in which two doses differ.
func Moved(a, b Dose) (moved []Variable) {
	for _, v := range Variables {
		if a.Of(v) != b.Of(v) {
			moved = append(moved, v)
		}
	}
	return moved
}

const tiny = 1e-9 // 5 × 1.2 is 6

func rungs(ladder []Rung) []Rung {
	if ladder == nil {
		ladder = UsualLadder
	}
	return slices.Clone(ladder)
}

func down(x, unit float64) float64 { return math.Floor(x/unit+tiny) * unit }

func rank(later bool) int {
	if later {
		return 1
	}
	return 0
}

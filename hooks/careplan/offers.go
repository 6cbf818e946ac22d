package careplan

import (
	"slices"
	"time"

	"interictal/hooks/clinic"
)

// Offer is a transition that the plan's state allows, and what stands against it that filling in its form does not cure.
type Offer struct {
	To     State           `json:"to"`
	Name   string          `json:"name"` // T1 … T11
	Broken []clinic.Broken `json:"broken"`
}

// asked of whoever takes the step, and so no obstacle yet.
var asked = []Code{BadValue, Adaptation, ReasonShort}

// Offers are the transitions that a plan's state allows, in the order of its life. Every other pair is E_TRANSITION.
func Offers(p Plan, f Profile, by Person, at time.Time) []Offer {
	offers := []Offer{}
	for _, to := range States {
		name := TransitionName(p.State, to)
		if name == "" || name == "T4" && to != p.returnsTo() {
			continue
		}
		move := Move{To: to, Kind: ByTime}
		if to == Paused { // any day ahead; which one is the form's question
			move.On = clinic.DayOf(at, p.zone()).Add(1)
		}
		made := Decide(p, f, Command{By: by, At: at, Expected: p.Version, Change: move})
		against := slices.DeleteFunc(slices.Clone(made.Broken), func(b clinic.Broken) bool {
			return !b.Severity.Refuses() || slices.Contains(asked, Code(b.Code))
		})
		offers = append(offers, Offer{To: to, Name: name, Broken: append([]clinic.Broken{}, against...)})
	}
	return offers
}

// returnsTo is the state that the running pause goes back to.
func (p Plan) returnsTo() State {
	for _, pause := range p.Pauses {
		if pause.Running() {
			return pause.From
		}
	}
	return Active
}

package careplan

import (
	"reflect"
	"time"

	"interictal/hooks/clinic"
)

// Event is a row of the append-only history (I2). From and To differ only in a change of state.
type Event struct {
	Kind    EventKind  `json:"kind"`
	From    State      `json:"from"`
	To      State      `json:"to"`
	On      clinic.Day `json:"on"` // the local date from which it holds
	At      time.Time  `json:"at"`
	By      Person     `json:"by"`
	Reason  string     `json:"reason,omitempty"`
	Note    string     `json:"note,omitempty"`
	Version int        `json:"version"`
	Detail  Detail     `json:"detail"`
}

// EventKind says what happened.
type EventKind string

const (
	Transition    EventKind = "transition"
	PausePlanned  EventKind = "pause"
	PauseUndone   EventKind = "pause_withdrawn"
	ReviewRow     EventKind = "review"
	OverrideRow   EventKind = "override"
	OutcomeJudged EventKind = "outcome"
	WellnessRow   EventKind = "wellness"
	Correction    EventKind = "correction"
)

// Detail is what an event set, each row as it stood after the event.
type Detail struct {
	Terms            *Terms     `json:"terms,omitempty"` // T1: the limits as signed
	Pause            *Pause     `json:"pause,omitempty"`
	Extension        *Extension `json:"extension,omitempty"`
	Review           *Review    `json:"review,omitempty"`
	Reason           *Reason    `json:"reason,omitempty"`
	Wellness         *Wellness  `json:"wellness,omitempty"`
	Judged           *Goal      `json:"judged,omitempty"`
	Start            clinic.Day `json:"start"`                      // correction: the start it moved to
	Second           *Person    `json:"second,omitempty"`           // T11: the other of the two people
	BelowTypicalDose bool       `json:"belowTypicalDose,omitempty"` // discharged before the typical number of visits
}

// System is who acts when a planned pause begins.
var System = Person{ID: "system"}

// Replay is the plan with everything that its events tell read from them: state, version, signing and closing day,
// terms as signed, pauses, extensions, reviews and reasons. A door that keeps the events keeps all of these.
func (p Plan) Replay() Plan {
	p.State, p.SignedOn, p.ClosedOn = Draft, 0, 0
	p.Pauses, p.Extensions, p.Reviews, p.Reasons = nil, nil, nil, nil
	for _, e := range p.Events {
		p.hear(e)
	}
	return p
}

func (p *Plan) hear(e Event) {
	p.State, p.Version = e.To, e.Version
	if e.From == Draft && e.To == Active {
		p.SignedOn = e.On
	}
	if e.To.Closed() && !p.ClosedOn.Valid() {
		p.ClosedOn = e.On
	}
	if t := e.Detail.Terms; t != nil {
		p.Terms = *t
	}
	if pause := e.Detail.Pause; pause != nil {
		p.hearPause(*pause)
	}
	if x := e.Detail.Extension; x != nil {
		p.Extensions = append(p.Extensions, *x)
	}
	if r := e.Detail.Review; r != nil {
		p.Reviews = append(p.Reviews, *r)
	}
	if r := e.Detail.Reason; r != nil {
		p.Reasons = append(p.Reasons, *r)
	}
}

// hearPause: news of the pause that is planned or running, or a new one.
func (p *Plan) hearPause(pause Pause) {
	if last := len(p.Pauses) - 1; last >= 0 && (p.Pauses[last].Planned() || p.Pauses[last].Running()) {
		p.Pauses[last] = pause
		return
	}
	p.Pauses = append(p.Pauses, pause)
}

// eventsTell: what is stored is what the events tell (I2, I9).
func (p Plan) eventsTell() bool {
	told := p.Replay()
	if !p.signed() {
		told.Terms = p.Terms // a draft's terms are nobody's agreement yet
	}
	return told.State == p.State && told.SignedOn == p.SignedOn && told.ClosedOn == p.ClosedOn && told.Terms == p.Terms &&
		same(told.Pauses, p.Pauses) && same(told.Extensions, p.Extensions) && same(told.Reviews, p.Reviews) && same(told.Reasons, p.Reasons)
}

func same(a, b any) bool {
	return reflect.ValueOf(a).Len() == 0 && reflect.ValueOf(b).Len() == 0 || reflect.DeepEqual(a, b)
}

// chained: each event begins where the one before ended, and has the next version (I2, I12).
func (p Plan) chained() bool {
	state := Draft
	for i, e := range p.Events {
		if e.From != state || e.Version != p.Version-len(p.Events)+1+i {
			return false
		}
		state = e.To
	}
	return true
}

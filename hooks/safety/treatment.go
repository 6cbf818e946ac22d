package safety

import (
	"time"
)

// Treatment is one that took place.
type Treatment struct {
	Visit string
	Ended time.Time
}

// After is an attack that began within a day after a treatment: it counts as a minor event of that treatment (§7.5), whether
// or not one had to do with the other.
type After struct {
	Visit  string  `json:"visit"`
	Attack string  `json:"attack"`
	Hours  float64 `json:"hours"`
}

// Begun is when an attack began.
type Begun struct {
	Attack string
	At     time.Time
}

// MinorEvents pairs each attack with the last treatment in the 24 hours before it.
func MinorEvents(treatments []Treatment, attacks []Begun) []After {
	events := []After{}
	for _, a := range attacks {
		var last *Treatment
		for i, t := range treatments {
			since := a.At.Sub(t.Ended)
			if since >= 0 && since <= 24*time.Hour && (last == nil || t.Ended.After(last.Ended)) {
				last = &treatments[i]
			}
		}
		if last != nil {
			since := a.At.Sub(last.Ended)
			events = append(events, After{Visit: last.Visit, Attack: a.Attack, Hours: float64(since/(6*time.Minute)) / 10})
		}
	}
	return events
}

// Package chaos decides what a bad network does to a request. An app that keeps its promises through all of it
// loses nothing in a tunnel, a lift, or when the server's power goes:
//
//	drop-request  it never arrives, and the connection breaks
//	drop-answer   it arrives and is carried out; its answer is lost
//	duplicate     it arrives twice, one right after the other
//	late          the connection breaks at once; it arrives later, when the app may have said something else
//	reorder       it waits until a later request has overtaken it
//	kill          the server is killed while it works on it
//
// What happens to the n-th request is a function of the seed and n, so a run can be told by its seed. Two faults
// may meet; a request that never arrives has no other.
//
// A stream of events meets no faults but one: it is cut after a while.
package chaos

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Fault is one thing that goes wrong.
type Fault string

const (
	DropRequest Fault = "drop-request"
	DropAnswer  Fault = "drop-answer"
	Duplicate   Fault = "duplicate"
	Late        Fault = "late"
	Reorder     Fault = "reorder"
	Kill        Fault = "kill"
	CutStream   Fault = "cut-stream"
)

// Faults are those that a request may meet, in the order in which chance is asked.
var Faults = []Fault{DropRequest, DropAnswer, Duplicate, Late, Reorder, Kill}

// Odds are how often each fault happens, from 0 (never) to 1 (always).
type Odds map[Fault]float64

// Check refuses odds that are none.
func (o Odds) Check() error {
	for _, f := range Faults {
		if !(o[f] >= 0 && o[f] <= 1) {
			return fmt.Errorf("%s: %g is no share of the requests, from 0 to 1", f, o[f])
		}
	}
	return nil
}

// Fate is what happens to one request.
type Fate struct {
	Faults []Fault
	After  time.Duration // how long it is under way when it is late, or waits at most to be overtaken
}

// Has reports whether the request meets the fault.
func (f Fate) Has(fault Fault) bool {
	for _, one := range f.Faults {
		if one == fault {
			return true
		}
	}
	return false
}

// Of is the fate of the n-th request. Chance is asked for every fault, so one that becomes more likely leaves the others
// as they were.
func Of(seed, n uint64, odds Odds, delay time.Duration) Fate {
	chance := rand.New(rand.NewPCG(seed, n))
	fate := Fate{After: around(chance, delay)}
	for _, fault := range Faults {
		if chance.Float64() < odds[fault] {
			fate.Faults = append(fate.Faults, fault)
		}
	}
	switch {
	case fate.Has(DropRequest):
		fate.Faults = []Fault{DropRequest}
	case fate.Has(Late):
		fate.Faults = []Fault{Late}
	}
	return fate
}

// Cut is how long the n-th stream lasts; a mean of 0 lets it live.
func Cut(seed, n uint64, mean time.Duration) time.Duration {
	return around(rand.New(rand.NewPCG(seed, n)), mean)
}

// around is a time from half to one and a half of the mean.
func around(chance *rand.Rand, mean time.Duration) time.Duration {
	return time.Duration((0.5 + chance.Float64()) * float64(mean))
}

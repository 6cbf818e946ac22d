// Package devicesync decides what becomes of an entry that a phone sends.
//
// A phone keeps, for every row it changed, the row as it last knew it (base) and
// the row as it is now (state). The server compares both with what it has
// (current) and gives a verdict from a closed set:
//
//	applied     stored as sent
//	merged      stored; fields that others had changed since were kept as well
//	unchanged   nothing to do: a repeat, or already so
//	conflict    some fields stand as the server has them; what the phone
//	            had is kept in sync_conflicts, nothing is thrown away
//	refused     not stored, and why; the entry stays on the phone, visible
//	handedOver  no right any more: kept for the new team, to be erased on the phone
//
// The merge goes field by field. A field that only the phone changed takes the
// phone's value; one that only others changed stays; where both changed it the first commit stands
// and the loser goes to sync_conflicts. A document without a base, made on two phones at once, has the empty
// document as its base, so answers to different questions about one day both survive.
//
// This package compares values and knows no database.
package devicesync

import "reflect"

// Verdict is what became of one entry.
type Verdict string

const (
	Applied    Verdict = "applied"
	Merged     Verdict = "merged"
	Unchanged  Verdict = "unchanged"
	Conflict   Verdict = "conflict"
	Refused    Verdict = "refused"
	HandedOver Verdict = "handedOver"
)

// State is a document's fields as normalised JSON values.
type State map[string]any

// Case is everything that decides one entry. All states are normalised and
// hold no id, patient, rev or server times.
type Case struct {
	Current State // nil: the server has no such row
	Gone    bool  // the row was there and has been deleted
	Base    State // the row as the phone last knew it; nil: the phone made it
	Pushed  State // what this device pushed last for this row, answered or not
	Sent    State // the fields the phone sends; a missing field is untouched
	Delete  bool  // the phone deleted the row
	Empty   State // the empty document of the collection
	// Quiet fields say how an entry was made, not what: the first commit stands, in silence.
	Quiet map[string]bool
}

// Lost is a value that did not become the document's.
type Lost struct {
	Base any `json:"base"`
	Lost any `json:"lost"`
	Kept any `json:"kept"`
}

// Decision is the verdict and what has to be written for it.
type Decision struct {
	Verdict Verdict
	Create  bool
	Delete  bool
	Write   State           // fields to store
	Losing  map[string]Lost // to sync_conflicts
	Kind    string          // why something was lost or brought back, for sync_conflicts
}

// Decide gives the verdict on one entry.
func Decide(c Case) Decision {
	switch {
	case c.Delete:
		return c.deletion()
	case c.Current == nil:
		return c.creation()
	}
	return c.merge()
}

// deletion: a row that others changed since the phone last saw it survives.
func (c Case) deletion() Decision {
	if c.Current == nil {
		return Decision{Verdict: Unchanged}
	}
	for field, value := range c.Current {
		if !c.known(field, value) && !c.Quiet[field] {
			return Decision{Verdict: Conflict, Kind: "delete_lost"}
		}
	}
	return Decision{Verdict: Applied, Delete: true}
}

// creation: also of a row that others deleted while this phone changed it. The
// person's newer words bring it back; an untouched copy stays deleted.
func (c Case) creation() Decision {
	if !c.Gone {
		return Decision{Verdict: Applied, Create: true, Write: c.Sent}
	}
	if c.Base != nil && c.Sent.sameAs(c.Base) {
		return Decision{Verdict: Conflict, Kind: "deleted_elsewhere"}
	}
	return Decision{Verdict: Applied, Create: true, Write: c.Sent, Kind: "resurrected"}
}

func (c Case) merge() Decision {
	if c.Sent.sameAs(c.Current) {
		return Decision{Verdict: Unchanged}
	}
	base := c.Base
	if base == nil {
		base = c.Empty
	}
	d := Decision{Write: State{}, Losing: map[string]Lost{}}
	kept := false
	for field, mine := range c.Sent {
		theirs, was := c.Current[field], base.or(field, c.Empty)
		switch {
		case same(mine, theirs):
		case same(mine, was) && c.Base != nil: // others changed it, the phone did not
			kept = true
		case same(mine, c.Empty[field]) && c.Base == nil: // the phone said nothing
			kept = true
		case same(theirs, was) || c.known(field, theirs):
			d.Write[field] = mine
		case c.Quiet[field]:
			kept = true
		default:
			d.Losing[field] = Lost{Base: was, Lost: mine, Kept: theirs}
		}
	}
	d.Verdict = verdict(d, kept)
	return d
}

func verdict(d Decision, kept bool) Verdict {
	switch {
	case len(d.Losing) > 0:
		return Conflict
	case kept:
		return Merged
	}
	return Applied
}

// known: the phone has seen this value, as its base or as its own last push.
func (c Case) known(field string, value any) bool {
	for _, seen := range []State{c.Base, c.Pushed} {
		if was, ok := seen[field]; ok && same(was, value) {
			return true
		}
	}
	return false
}

// or is the value of a field, or another state's where this one says nothing.
func (s State) or(field string, other State) any {
	if value, ok := s[field]; ok {
		return value
	}
	return other[field]
}

// sameAs: equal on every field that was sent.
func (s State) sameAs(other State) bool {
	for field, value := range s {
		if !same(value, other[field]) {
			return false
		}
	}
	return true
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

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
// The merge goes field by field, from the ancestor: the row as the phone last knew it. A field that
// only the phone changed takes the phone's value; one that only others changed stays; where both changed
// it the first commit stands and the loser goes to sync_conflicts. A document without an ancestor, made on
// two phones at once, has the empty document as its ancestor, so answers to different questions about one
// day both survive.
//
// Answers get lost. Then the phone's base is older than what it has told the server itself,
// and the ancestor is its own last push (Last).
//
// This package compares values and knows no database.
package devicesync

import (
	"maps"
	"math"
	"reflect"
	"slices"
)

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
	Base    State // the ancestor: the row as the phone last knew it; nil: the phone made it
	Sent    State // the fields the phone sends; a missing field is untouched
	Delete  bool  // the phone deleted the row
	Empty   State // the empty document of the collection
	Fields  Fields
	// Echo: the phone deletes what the server itself told it is deleted.
	Echo bool
	// Grown: rows belong to it that would go with it, and that the phone has never seen.
	Grown bool
	// Dead: the row was deleted so long ago that nothing of it is left, or erased for good.
	Dead bool
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
	Fields  []string        // of those, the ones that the phone is told of
	Kind    string          // for sync_conflicts: why a row is in it
}

// Why a row is in sync_conflicts. A quiet one asks nobody anything.
const (
	KindConflict    = "conflict"
	KindQuiet       = "quiet"
	KindDeleteLost  = "delete_lost"
	KindResurrected = "resurrected"
	KindHandedOver  = "handed_over"
	KindRejected    = "rejected" // refused, of a client that cannot keep it
	KindPurged      = "purged"   // deleted so long ago that it cannot come back by itself
)

// Decide gives the verdict on one entry.
func Decide(c Case) (d Decision) {
	switch {
	case c.Delete && c.Echo:
		d.Verdict = Unchanged
	case c.Delete:
		d = c.deletion()
	case c.Dead:
		d = Decision{Verdict: Conflict, Kind: KindPurged, Losing: c.Sent.lost()}
	case c.Current == nil:
		d = c.creation()
	default:
		d = c.merge()
	}
	slices.Sort(d.Fields)
	return d
}

// Idle: there is nothing to write for it.
func (d Decision) Idle() bool {
	return !d.Create && !d.Delete && len(d.Write) == 0 && d.Kind == ""
}

// View is the row as the phone has it, whatever the verdict: the ancestor of its next
// entry when the answer to this one gets lost. It is nil for a row it deleted.
func (c Case) View() State {
	if c.Delete {
		return nil
	}
	return c.ancestor().With(c.Sent)
}

// deletion: a row that others changed, or added to, since the phone last saw it survives.
func (c Case) deletion() Decision {
	d := Decision{Verdict: Unchanged, Losing: map[string]Lost{}}
	if c.Current == nil {
		return d
	}
	for field, theirs := range c.Current {
		was := c.ancestor()[field]
		if c.Fields[field].Policy != Quiet && !same(theirs, was) {
			d.lose(field, Lost{Base: was, Kept: theirs})
		}
	}
	if len(d.Losing) > 0 || c.Grown {
		d.Verdict, d.Kind = Conflict, KindDeleteLost
	} else {
		d.Verdict, d.Delete = Applied, true
	}
	return d
}

// creation: also of a row that others deleted while this phone changed it. The
// person's newer words bring it back; an untouched copy stays deleted.
func (c Case) creation() Decision {
	d := Decision{Verdict: Applied, Create: true, Write: c.Base.With(c.Sent)}
	switch {
	case !c.Gone || c.Base == nil:
		return d
	case c.Sent.SameAs(c.ancestor()):
		return Decision{Verdict: Unchanged}
	}
	d.Kind = KindResurrected
	return d
}

func (c Case) merge() Decision {
	d := Decision{Write: State{}, Losing: map[string]Lost{}}
	ancestor, kept := c.ancestor(), false
	for field, mine := range c.Sent {
		theirs, was := c.Current[field], ancestor[field]
		switch {
		case same(mine, theirs):
		case same(mine, was): // others changed it, the phone did not
			kept = true
		case same(theirs, was):
			d.Write[field] = mine
		default:
			both, joined := c.Fields[field].join(was, mine, theirs)
			switch {
			case joined:
				kept = true
				if !same(both, theirs) {
					d.Write[field] = both
				}
			case c.Fields[field].Policy == Quiet:
				kept = true
				d.Losing[field] = Lost{Base: was, Lost: mine, Kept: theirs}
			default:
				d.lose(field, Lost{Base: was, Lost: mine, Kept: theirs})
			}
		}
	}
	d.Verdict, d.Kind = d.judge(kept)
	return d
}

// judge names what a merge came to.
func (d Decision) judge(kept bool) (Verdict, string) {
	kind := ""
	if len(d.Losing) > 0 {
		kind = KindQuiet
	}
	switch {
	case len(d.Fields) > 0:
		return Conflict, KindConflict
	case len(d.Write) == 0:
		return Unchanged, kind
	case kept:
		return Merged, kind
	}
	return Applied, kind
}

func (d *Decision) lose(field string, l Lost) {
	d.Losing[field] = l
	d.Fields = append(d.Fields, field)
}

// ancestor says something about every field: what the base does not name is empty.
func (c Case) ancestor() State { return c.Empty.With(c.Base) }

// With is this state under another one.
func (s State) With(over State) State {
	out := make(State, len(s)+len(over))
	maps.Copy(out, s)
	maps.Copy(out, over)
	return out
}

// lost is every value of a state as one that did not become the document's.
func (s State) lost() map[string]Lost {
	out := make(map[string]Lost, len(s))
	for field, value := range s {
		out[field] = Lost{Lost: value}
	}
	return out
}

// SameAs: equal on every field that was sent.
func (s State) SameAs(other State) bool {
	for field, value := range s {
		if !same(value, other[field]) {
			return false
		}
	}
	return true
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// Last is what one device pushed last for one row: the server's memory against
// lost answers and late duplicates. The zero value is a row it never pushed.
type Last struct {
	N     int64
	Hash  string // of the transition that was asked for
	Seq   int64  // the row's own number after it
	Given int64  // when the right to the row was last given to this user; 0: it never was away
	State State  // the row as the phone had it; nil: it deleted the row
}

// Unanswered is the number of an entry that the device cannot have an answer to yet.
const Unanswered = math.MaxInt64

// Unseen reports that the phone did not know yet what became of its last push when it made this
// entry: its base is older than that. A row without a base may be a new beginning instead: the row is gone, and the
// answer acknowledged; or it was erased on the phone, because the right to it had ended, here or in a lost future.
// Whoever has not heard the answer has not heard of that either.
func (l Last) Unseen(e Entry, ack *Position, gone bool, h History) bool {
	if l.Hash == "" {
		return false
	}
	if rev, ok := ParseRev(e.Rev()); ok {
		if !h.Issued(rev) { // from a lost future: older than what was pushed after the restore
			return l.Seq > h.Cut(rev)
		}
		return rev.Seq < l.Seq
	}
	if e.Base != nil {
		return false
	}
	givenAgain := l.Given > l.Seq
	if ack == nil { // a client that acknowledges nothing
		return !givenAgain
	}
	return ack.Seq < l.Seq || !gone && !givenAgain && !h.beganAfter(l.Seq, ack.Epoch)
}

// Repeats reports an entry that was settled before: overtaken by a newer one, or sent
// again because its answer got lost.
func (l Last) Repeats(e Entry, hash string, unseen bool) bool {
	return l.Hash != "" && e.N < l.N || hash == l.Hash && (e.N == l.N || unseen)
}

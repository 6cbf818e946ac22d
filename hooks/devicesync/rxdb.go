package devicesync

import (
	"bytes"
	"encoding/json"
	"slices"
)

// RxDB's replication on the wire (spec/sync.md §2).

// RxdbRow is one changed document: as the client has it, and as it believes the server has it.
type RxdbRow struct {
	Assumed map[string]any `json:"assumedMasterState"`
	New     map[string]any `json:"newDocumentState"`
}

// Entry is the row as an exchange would bring it. All rows of one push share its number.
func (r RxdbRow) Entry(n int64, collection string) Entry {
	return Entry{N: n, Collection: collection, Base: r.Assumed, State: r.New}
}

// Adopt reports whether the client has to take the server's document in place of what it sent. What was
// applied stands as it was sent, under a new number that the next pull brings. A client that already has the
// document, rev and all, must not be told again: it answers every document with another push.
func (r Result) Adopt(sent Entry) bool {
	switch r.Verdict {
	case Applied:
		return false
	case Unchanged:
		return !hasAll(sent, r.Doc)
	}
	return true
}

// serversOwn are the fields that no client decides.
var serversOwn = []string{"rev", "created", "updated"}

// hasAll: every field that was sent is the server's, and so is the version. A first push knows no version:
// if it meets its own row, the answer to it got lost, and the client has the version still to learn.
func hasAll(sent Entry, doc map[string]any) bool {
	for field, value := range sent.State {
		if theirs, known := doc[field]; known && !slices.Contains(serversOwn, field) && !sameJSON(value, theirs) {
			return false
		}
	}
	if rev, said := sent.State["rev"]; said {
		return rev == doc["rev"]
	}
	return sent.Base != nil
}

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

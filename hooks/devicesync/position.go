package devicesync

import (
	"slices"
	"strconv"
	"strings"
)

// Position is a place in one server's history. The epoch is made at random at
// each start, so the numbers of a restored backup cannot be mistaken for the
// ones that were lost. No clock takes part.
type Position struct {
	Epoch string `json:"epoch"`
	Seq   int64  `json:"seq"`
}

// Rev writes a position as `epoch:seq`, the name of one version of a document.
func (p Position) Rev() string { return p.Epoch + ":" + strconv.FormatInt(p.Seq, 10) }

// ParseRev reads what Rev wrote; ok is false for anything else.
func ParseRev(s string) (p Position, ok bool) {
	epoch, digits, found := strings.Cut(s, ":")
	seq, err := strconv.ParseInt(digits, 10, 64)
	if !found || err != nil || epoch == "" || seq < 0 {
		return Position{}, false
	}
	return Position{Epoch: epoch, Seq: seq}, true
}

// Epoch is one start of the server, with the number it started from.
type Epoch struct {
	Ord      int64  `db:"ord"`
	Name     string `db:"epoch"`
	Start    int64  `db:"start_seq"`
	Restored bool   `db:"restored"` // the database had been put back to an older state before this start
}

// LostEpoch is one that a restored backup does not know any more.
type LostEpoch struct {
	Name  string `db:"epoch"`
	Start int64  `db:"start_seq"`
	Place int    `db:"place"` // how many of the epochs that are still known began before it
	Cut   int64  `db:"cut"`   // the newest number that the backup shares with it
}

// History is every epoch of this database in order, those it lost in restores, and the newest number.
type History struct {
	Epochs []Epoch
	Lost   []LostEpoch // in the order they were
	Max    int64
	Floor  int64 // tombstones up to this number are purged
}

// Issued reports whether this database can have handed out the position: its epoch
// is known, and its number was reached before the next epoch began (spec/sync.md §6.2).
// A position from a backup's lost future fails one of the two.
func (h History) Issued(p Position) bool {
	end, known := h.end(p.Epoch)
	return known && p.Seq >= 0 && p.Seq <= end
}

// Follows reports whether news can go on from here: the position was issued, and no tombstone after it is purged.
func (h History) Follows(p Position) bool {
	return h.Issued(p) && (p.Seq == 0 || p.Seq >= h.Floor)
}

// end is the newest number of an epoch.
func (h History) end(epoch string) (seq int64, known bool) {
	for i, e := range h.Epochs {
		if e.Name != epoch {
			continue
		}
		if i+1 < len(h.Epochs) {
			return h.Epochs[i+1].Start, true
		}
		return h.Max, true
	}
	return 0, false
}

// Cut is the number up to which this database and a position it has lost tell the same story: what was
// stored by then is the common ancestor of what came after on both sides. An epoch that nobody told of
// may have been lost in the first restore; without any restore it is a stranger's, and nothing is shared.
func (h History) Cut(p Position) int64 {
	if end, known := h.end(p.Epoch); known {
		return end
	}
	for _, l := range h.Lost {
		if l.Name == p.Epoch {
			return l.Cut
		}
	}
	for _, e := range h.Epochs {
		if e.Restored {
			return e.Start
		}
	}
	return 0
}

// beganAfter: an epoch that began when the number had been given already.
func (h History) beganAfter(seq int64, epoch string) bool {
	return slices.ContainsFunc(h.Epochs, func(e Epoch) bool { return e.Name == epoch && e.Start >= seq })
}

// Purged reports that a version is so old that nothing need be left of its row.
func (h History) Purged(p Position) bool { return h.Issued(p) && p.Seq <= h.Floor }

// Heard is the number up to which a device had heard of everything when a person deleted a row: what the entry says, else
// where the device stands. What was deleted in a lost future knew what the backup knows.
func (h History) Heard(e Entry, cursor *Position) int64 {
	at := e.Seen
	if rev, ok := ParseRev(e.Rev()); at == nil && ok && !h.Issued(rev) {
		at = &rev
	}
	if at == nil {
		at = cursor
	}
	switch {
	case at == nil:
		return 0
	case h.Issued(*at):
		return at.Seq
	}
	return h.Cut(*at)
}

// Older reports that one lost position lies on the way to another: what was stored under b was made on what was stored
// under a. It does only if every epoch that began since was begun on a database that had reached a.
func (h History) Older(a, b Position) bool {
	line := h.line()
	from := slices.IndexFunc(line, func(e Epoch) bool { return e.Name == a.Epoch })
	to := slices.IndexFunc(line, func(e Epoch) bool { return e.Name == b.Epoch })
	if from < 0 || to < from {
		return false
	}
	if from == to {
		return a.Seq < b.Seq
	}
	for _, e := range line[from+1 : to+1] {
		if a.Seq > e.Start {
			return false
		}
	}
	return true
}

// line is every epoch that ever ran, in order.
func (h History) line() []Epoch {
	out := make([]Epoch, 0, len(h.Epochs)+len(h.Lost))
	for i := range len(h.Epochs) + 1 {
		for _, l := range h.Lost {
			if l.Place == i {
				out = append(out, Epoch{Name: l.Name, Start: l.Start})
			}
		}
		if i < len(h.Epochs) {
			out = append(out, h.Epochs[i])
		}
	}
	return out
}

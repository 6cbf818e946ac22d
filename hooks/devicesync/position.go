package devicesync

import (
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
	Ord   int64  `db:"ord"`
	Name  string `db:"epoch"`
	Start int64  `db:"start_seq"`
}

// History is every epoch of this database in order, and the newest number.
type History struct {
	Epochs []Epoch
	Max    int64
}

// Issued reports whether this database can have handed out the position: its epoch
// is known, and its number was reached before the next epoch began (spec/sync.md §6.2).
// A position from a backup's lost future fails one of the two.
func (h History) Issued(p Position) bool {
	for i, e := range h.Epochs {
		if e.Name != p.Epoch {
			continue
		}
		end := h.Max
		if i+1 < len(h.Epochs) {
			end = h.Epochs[i+1].Start
		}
		return p.Seq >= 0 && p.Seq <= end
	}
	return false
}

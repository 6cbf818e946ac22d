package hooks

import (
	"math/rand/v2"
	"net/http"
	"strconv"

	"github.com/pocketbase/pocketbase/core"
)

// gate bounds how many pushes wait for the one writer of SQLite. When many phones come back at once, a long queue
// would answer them after they have given up, and they would send everything again; told to come later, they lose
// nothing. Everybody else's writes wait behind what is in the queue, so it is short; a few entries, from somebody
// who is writing them now, get past a month of them.
type gate struct{ large, small chan struct{} }

const (
	largeAtOnce = 8   // each takes about a tenth of a second
	smallAtOnce = 128 // each takes a few milliseconds
	few         = 20  // entries
	fewBytes    = 8 << 10
)

func newGate() gate {
	return gate{large: make(chan struct{}, largeAtOnce), small: make(chan struct{}, smallAtOnce)}
}

// full says so before a large body is read.
func (g gate) full(e *core.RequestEvent) bool {
	return len(g.large) == cap(g.large) && e.Request.ContentLength > fewBytes
}

// enter waits for nobody: leave is nil when there is no room.
func (g gate) enter(entries int) (leave func()) {
	room := g.large
	if entries <= few {
		room = g.small
	}
	select {
	case room <- struct{}{}:
		return func() { <-room }
	default:
		return nil
	}
}

// busy tells a device when to come again: not all at the same moment.
func busy(e *core.RequestEvent) error {
	e.Response.Header().Set("Retry-After", strconv.Itoa(1+rand.IntN(8)))
	return refuse(http.StatusServiceUnavailable, hard("E_BUSY", "Many phones are sending at once. Keep the entries and try again soon."))
}

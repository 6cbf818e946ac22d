package hooks

import (
	"math/rand/v2"
	"net/http"
	"strconv"

	"github.com/pocketbase/pocketbase/core"
)

// gate bounds how many pushes wait for the one writer of SQLite. When many phones come back at once, a
// long queue would answer them after they have given up, and they would send everything again; told to come
// later, they lose nothing.
type gate chan struct{}

// atOnce pushes of 200 entries are through in a few seconds.
const atOnce = 32

// small requests have little to store: they pass a full gate up to the push itself.
const small = 4 << 10

// full says so before a large body is read.
func (g gate) full(e *core.RequestEvent) bool {
	return len(g) == cap(g) && e.Request.ContentLength > small
}

// enter waits for nobody: leave is nil when there is no room.
func (g gate) enter() (leave func()) {
	select {
	case g <- struct{}{}:
		return func() { <-g }
	default:
		return nil
	}
}

// busy tells a device when to come again: not all at the same moment.
func busy(e *core.RequestEvent) error {
	e.Response.Header().Set("Retry-After", strconv.Itoa(3+rand.IntN(15)))
	return refuse(http.StatusServiceUnavailable, hard("E_BUSY", "Many phones are sending at once. Keep the entries and try again soon."))
}

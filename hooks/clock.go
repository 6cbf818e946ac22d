package hooks

import (
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// Clock is the one clock of the doors. Rooms never read it; they are told the time. The zero Clock is the machine's.
type Clock struct{ shift atomic.Int64 }

// now in UTC, to the millisecond that PocketBase stores.
func (c *Clock) now() time.Time {
	return time.Now().Add(time.Duration(c.shift.Load())).UTC().Truncate(time.Millisecond)
}

// Set lets it go on from t: journeys and demos play weeks in seconds.
func (c *Clock) Set(t time.Time) { c.shift.Store(int64(time.Until(t))) }

// bindClock gives `serve --dev` a clock that a superuser can set, so that
// journeys play weeks in seconds. Without --dev the route does not exist, and --dev
// never serves strangers.
func (d *doors) bindClock(e *core.ServeEvent) error {
	if !onlyThisMachine(e.Server) {
		return errDevPublic
	}
	e.Router.POST("/api/dev/clock", func(e *core.RequestEvent) error {
		if !e.HasSuperuserAuth() {
			return signedOut()
		}
		var body struct {
			Now time.Time `json:"now"`
		}
		if err := e.BindBody(&body); err != nil || body.Now.IsZero() {
			return refuse(http.StatusBadRequest, hard("E_TIME", "Send {\"now\": \"2026-01-05T09:00:00Z\"}."))
		}
		d.clock.Set(body.Now)
		return e.JSON(http.StatusOK, map[string]any{"now": d.clock.now()})
	})
	return nil
}

func onlyThisMachine(s *http.Server) bool {
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

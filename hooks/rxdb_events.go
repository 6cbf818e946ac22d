package hooks

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"interictal/hooks/access"
)

// events is one open stream of the RxDB dialect. The hub feeds it like a client of the stock realtime.
type events struct {
	doors    *doors
	e        *core.RequestEvent
	client   subscriptions.Client
	response *http.ResponseController
}

const (
	heartbeat  = 20 * time.Second
	gather     = 100 * time.Millisecond // many rows of one write are one hint
	streamLife = 30 * time.Minute       // then the client opens it anew, with the sign-in it has by then
	slowest    = 30 * time.Second       // a client that takes no byte for so long is gone
)

// openEvents enters the stream into the hub before anything is said on it, so that no write falls in between.
func (d *doors) openEvents(e *core.RequestEvent, staff bool) *events {
	s := &events{doors: d, e: e, client: subscriptions.NewDefaultClient(), response: http.NewResponseController(e.Response)}
	header := e.Response.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	name := "rxdb/patient"
	if staff {
		name = "rxdb/staff"
	}
	d.resolveAll(e.App, d.hub.listen(s.client, e.Auth, []string{name}))
	return s
}

func (s *events) close() {
	s.doors.hub.remove(s.client.Id())
	s.client.Discard()
}

// send writes one event; without a name it is a plain message.
func (s *events) send(event string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if event != "" {
		event = "event: " + event + "\n"
	}
	return s.write(fmt.Sprintf("%sdata: %s\n\n", event, body))
}

func (s *events) write(text string) error {
	if err := s.response.SetWriteDeadline(time.Now().Add(slowest)); err != nil {
		return err
	}
	if _, err := s.e.Response.Write([]byte(text)); err != nil {
		return err
	}
	return s.e.Flush()
}

// follow calls news with the collections that have any, until the client goes, its session ends or its time is up.
func (s *events) follow(news func(collections []string) error) error {
	beat, end := time.NewTicker(heartbeat), time.NewTimer(streamLife)
	defer beat.Stop()
	defer end.Stop()
	waiting := map[string]bool{}
	var ready <-chan time.Time
	for {
		var err error
		select {
		case <-s.e.Request.Context().Done():
			return nil
		case <-end.C:
			return nil
		case <-beat.C:
			err = s.write(":\n\n")
		case m := <-s.client.Channel():
			if len(waiting) == 0 {
				ready = time.After(gather)
			}
			if ended := note(waiting, m); ended {
				return nil
			}
		case <-ready:
			err = news(slices.Sorted(maps.Keys(waiting)))
			clear(waiting)
		}
		if err != nil {
			return nil // the client is gone, or will ask again
		}
	}
}

// note adds the collections that a poke is about. One that names no row tells that rights have changed: anything may be new.
func note(waiting map[string]bool, m subscriptions.Message) (ended bool) {
	var p poke
	if err := json.Unmarshal(m.Data, &p); err != nil || p.Action == "revoked" {
		return true
	}
	if p.Record != nil {
		waiting[p.Record.CollectionName] = true
		return false
	}
	for _, policy := range access.Synced() {
		waiting[policy.Collection] = true
	}
	return false
}

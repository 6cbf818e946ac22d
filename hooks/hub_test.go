package hooks

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"interictal/hooks/access"
)

// follow subscribes a client that takes nothing to topics of one patient.
func follow(h *hub, patient string, names ...string) *listener {
	l := h.listen(subscriptions.NewDefaultClient(), nil, names)
	var topics []topic
	for _, name := range names {
		topics = append(topics, topic{name: name, patient: patient, right: access.Right{Roles: []access.Role{access.Patient}}})
	}
	h.place(l, topics)
	return l
}

// taken is what a client gets when it takes all that waits.
func taken(h *hub, l *listener) (out []string) {
	for {
		h.mu.Lock()
		waits := l.delivering
		h.mu.Unlock()
		if !waits {
			return out
		}
		select {
		case m := <-l.client.Channel():
			out = append(out, m.Name+" "+string(m.Data))
		case <-time.After(time.Millisecond): // look again
		}
	}
}

func TestStreamHubForgetsWhoHasGone(t *testing.T) {
	h := newHub()
	l := follow(h, "p", "patients/p", "attacks/*")
	h.remove(l.client.Id())
	h.place(l, []topic{{name: "attacks/*", patient: "p"}}) // a right that was still being asked for
	gone := subscriptions.NewDefaultClient()
	gone.Discard()
	late := h.listen(gone, nil, []string{"attacks/*"})
	h.place(late, []topic{{name: "attacks/*", patient: "p"}})
	if len(h.clients) > 0 || len(h.patients) > 0 {
		t.Errorf("the hub holds %v %v", h.clients, h.patients)
	}
}

func TestStreamHubKeepsTheNewestOfARow(t *testing.T) {
	h := newHub()
	l := follow(h, "p", "patients/p")
	for i := range 10 {
		h.publish("p", "attacks", "a", poke{Action: fmt.Sprint("a", i)})
		h.publish("p", "attacks", "b", poke{Action: fmt.Sprint("b", i)})
	}
	h.publish("q", "attacks", "c", poke{Action: "of somebody else"})
	h.publish("p", "tasks", "d", poke{Action: "of staff"})
	got := strings.Join(taken(h, l), " ")
	if !strings.Contains(got, "a9") || !strings.Contains(got, "b9") || strings.Count(got, "action") > 3 || strings.Contains(got, "of ") {
		t.Errorf("it hears %s", got)
	}
}

func TestStreamHubSaysRevokedLast(t *testing.T) {
	h := newHub()
	l := follow(h, "p", "practitioners/x", "attacks/*")
	h.send(l, "practitioners/x", poke{Action: "list"}) // the first is under way at once
	h.send(l, "practitioners/x", poke{Action: "list"})
	h.publish("p", "attacks", "a", poke{Action: "create"})
	h.revoke(l, "practitioners/x")
	got := taken(h, l)
	if last := got[len(got)-1]; last != `practitioners/x {"action":"revoked"}` {
		t.Errorf("it hears %q", got)
	}
	for _, m := range got[1:] {
		if strings.HasPrefix(m, "practitioners/x") && !strings.Contains(m, "revoked") {
			t.Errorf("it hears %q", got)
		}
	}
}

func TestStreamHubHasABacklog(t *testing.T) {
	h := newHub()
	l := follow(h, "p", "patients/p")
	for i := range 3 * backlog {
		h.publish("p", "attacks", fmt.Sprint(i), poke{Action: "create"})
	}
	if n := len(taken(h, l)); n < backlog || n > backlog+1 {
		t.Errorf("%d messages waited", n)
	}
}

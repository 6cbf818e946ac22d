package hooks

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"
)

// hub knows who follows which patient. A write looks up one patient, however
// many are connected.
type hub struct {
	kick chan struct{}

	mu       sync.Mutex
	clients  map[string]*listener
	patients map[string]map[*listener][]topic
}

// listener is one connected client with its topics and the pokes it has not taken yet.
// Only the newest poke of a row waits, and one goroutine delivers: a stuck
// client costs one goroutine, not one a message.
type listener struct {
	client subscriptions.Client
	asking sync.Mutex // held while its rights are asked for

	// under the hub's lock
	user, key  string
	names      []string // subscriptions that stand
	patients   []string // where its topics are
	waiting    map[string]subscriptions.Message
	order      []string
	delivering bool
}

// backlog is how many pokes wait for a stuck client. It fetches what is new after any of them, so
// more would tell it nothing.
const backlog = 1000

func newHub() *hub {
	return &hub{kick: make(chan struct{}, 1), clients: map[string]*listener{}, patients: map[string]map[*listener][]topic{}}
}

// wake makes the follower look at the journal now.
func (h *hub) wake() {
	select {
	case h.kick <- struct{}{}:
	default: // already woken
	}
}

// listen enters a client with the subscriptions it asks for. None is followed before its
// right was asked for (place).
func (h *hub) listen(client subscriptions.Client, user *core.Record, names []string) *listener {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.clients[client.Id()]
	if l == nil {
		l = &listener{client: client, waiting: map[string]subscriptions.Message{}}
	}
	if !client.IsDiscarded() { // the stream may have ended meanwhile
		h.clients[client.Id()] = l
	}
	id, key := "", ""
	if user != nil {
		id, key = user.Id, user.TokenKey()
	}
	if id != l.user || key != l.key {
		h.leave(l) // the same person goes on hearing what she followed until place replaces it
	}
	l.names, l.user, l.key = slices.Clone(names), id, key
	return l
}

// place puts topics in place of the ones a listener had.
func (h *hub) place(l *listener, topics []topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leave(l)
	if h.clients[l.client.Id()] != l {
		return // gone
	}
	for _, t := range topics {
		if t.patient == "" || !slices.Contains(l.names, t.name) {
			continue
		}
		if h.patients[t.patient] == nil {
			h.patients[t.patient] = map[*listener][]topic{}
		}
		h.patients[t.patient][l] = append(h.patients[t.patient][l], t)
		l.patients = append(l.patients, t.patient)
	}
}

func (h *hub) leave(l *listener) {
	for _, patient := range l.patients {
		delete(h.patients[patient], l)
		if len(h.patients[patient]) == 0 {
			delete(h.patients, patient)
		}
	}
	l.patients = nil
}

// revoke ends a subscription that has no right; the last word of it says so.
func (h *hub) revoke(l *listener, name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l.names = slices.DeleteFunc(l.names, func(n string) bool { return n == name })
	l.order = slices.DeleteFunc(l.order, func(key string) bool {
		ours := strings.HasPrefix(key, name+"\x00")
		if ours {
			delete(l.waiting, key)
		}
		return ours
	})
	h.queue(l, name, "", poke{Action: "revoked"})
}

func (h *hub) remove(client string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.clients[client]; l != nil {
		h.leave(l)
		delete(h.clients, client)
	}
}

// size is how many clients are connected.
func (h *hub) size() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}

func (h *hub) namesOf(l *listener) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(l.names)
}

func (h *hub) userOf(l *listener) (user, key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return l.user, l.key
}

// listenersOf lists a user's connected clients.
func (h *hub) listenersOf(user string) (out []*listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.clients {
		if l.user == user {
			out = append(out, l)
		}
	}
	return out
}

// followersOf lists the users who follow a patient.
func (h *hub) followersOf(patient string) (users []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.patients[patient] {
		users = append(users, l.user)
	}
	return users
}

// publish pokes everybody who follows this row.
func (h *hub) publish(patient, collection, record string, p poke) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l, topics := range h.patients[patient] {
		for _, t := range topics {
			if len(l.order) < backlog && t.sees(collection, record) {
				h.queue(l, t.name, collection+"/"+record, p)
			}
		}
	}
}

// send gives one client one message.
func (h *hub) send(l *listener, name string, p poke) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queue(l, name, "", p)
}

// queue keeps the newest message of a row and topic, and starts the delivery.
func (h *hub) queue(l *listener, name, row string, p poke) {
	key := name + "\x00" + row
	if _, waits := l.waiting[key]; !waits {
		l.order = append(l.order, key)
	}
	body, _ := json.Marshal(p) // strings only: always encodes
	l.waiting[key] = subscriptions.Message{Name: name, Data: body}
	if !l.delivering {
		l.delivering = true
		go h.deliver(l)
	}
}

func (h *hub) deliver(l *listener) {
	for {
		m, ok := h.next(l)
		if !ok {
			return
		}
		l.client.Send(m) // blocks until the stream takes it, or the client is gone
	}
}

func (h *hub) next(l *listener) (m subscriptions.Message, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(l.order) == 0 {
		l.delivering = false
		return m, false
	}
	key := l.order[0]
	l.order = l.order[1:]
	m = l.waiting[key]
	delete(l.waiting, key)
	return m, true
}

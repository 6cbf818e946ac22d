package hooks

import (
	"sync"

	"github.com/pocketbase/pocketbase/tools/subscriptions"
)

// hub knows who follows which patient. A write looks up one patient, however
// many are connected.
type hub struct {
	kick chan struct{}

	mu       sync.Mutex
	clients  map[string]*listener
	patients map[string]map[string]*listener // patient → client id
}

// listener is one connected client with its topics and the pokes it has not taken yet.
// Only the newest poke of a row waits, and one goroutine delivers: a stuck
// client costs one goroutine, not one a message.
type listener struct {
	client     subscriptions.Client
	user       string
	topics     []topic
	waiting    map[string]subscriptions.Message
	order      []string
	delivering bool
}

func newHub() *hub {
	return &hub{kick: make(chan struct{}, 1), clients: map[string]*listener{}, patients: map[string]map[string]*listener{}}
}

// wake makes the follower look at the journal now.
func (h *hub) wake() {
	select {
	case h.kick <- struct{}{}:
	default: // already woken
	}
}

// set puts a client's topics in place of the ones it had.
func (h *hub) set(client subscriptions.Client, user string, topics []topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.clients[client.Id()]
	if l == nil {
		l = &listener{client: client, waiting: map[string]subscriptions.Message{}}
		h.clients[client.Id()] = l
	}
	l.user = user
	h.place(l, topics)
}

func (h *hub) replace(client string, topics []topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.clients[client]; l != nil {
		h.place(l, topics)
	}
}

func (h *hub) place(l *listener, topics []topic) {
	h.leave(l)
	l.topics = topics
	for _, t := range topics {
		if t.patient == "" {
			continue
		}
		if h.patients[t.patient] == nil {
			h.patients[t.patient] = map[string]*listener{}
		}
		h.patients[t.patient][l.client.Id()] = l
	}
}

func (h *hub) leave(l *listener) {
	for _, t := range l.topics {
		delete(h.patients[t.patient], l.client.Id())
		if len(h.patients[t.patient]) == 0 {
			delete(h.patients, t.patient)
		}
	}
}

func (h *hub) remove(client string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.clients[client]; l != nil {
		h.leave(l)
		delete(h.clients, client)
	}
}

// clientsOf lists a user's clients with the subscriptions they hold.
func (h *hub) clientsOf(user string) map[string][]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[string][]string{}
	for id, l := range h.clients {
		if l.user != user {
			continue
		}
		seen := map[string]bool{}
		for _, t := range l.topics {
			if !seen[t.name] {
				seen[t.name] = true
				out[id] = append(out[id], t.name)
			}
		}
	}
	return out
}

// publish pokes everybody who follows this row.
func (h *hub) publish(patient, collection, record string, p poke) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.patients[patient] {
		for _, t := range l.topics {
			if t.patient == patient && t.sees(collection, record) {
				h.queue(l, collection+"/"+record, message(t.name, p))
			}
		}
	}
}

// send gives one client one message.
func (h *hub) send(client, name string, p poke) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l := h.clients[client]; l != nil {
		h.queue(l, p.Action, message(name, p))
	}
}

// queue keeps the newest message of a row and topic, and starts the delivery.
func (h *hub) queue(l *listener, row string, m subscriptions.Message) {
	key := m.Name + "\x00" + row
	if _, waits := l.waiting[key]; !waits {
		l.order = append(l.order, key)
	}
	l.waiting[key] = m
	if !l.delivering {
		l.delivering = true
		go h.deliver(l)
	}
}

func (h *hub) deliver(l *listener) {
	for {
		h.mu.Lock()
		if len(l.order) == 0 {
			l.delivering = false
			h.mu.Unlock()
			return
		}
		key := l.order[0]
		l.order = l.order[1:]
		m := l.waiting[key]
		delete(l.waiting, key)
		h.mu.Unlock()
		l.client.Send(m) // blocks until the stream takes it, or the client is gone
	}
}

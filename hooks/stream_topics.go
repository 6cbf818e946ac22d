package hooks

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
)

// topic is one subscription resolved to one patient.
type topic struct {
	name       string // as the client sent it: the name of its messages
	patient    string // "" = stands without a patient
	collection string // "" = all that the right covers
	record     string // "" = all
	right      access.Right
}

// sees: a poke tells that a row exists, so it needs the right to that row. A table that is not synced pokes for its drafts, which are
// nobody's but their writers'.
func (t topic) sees(collection, record string) bool {
	may := t.right.Sees
	if _, synced := policyOf(collection); !synced {
		may = t.right.Writes
	}
	return (t.collection == "" || t.collection == collection) && (t.record == "" || t.record == record) && may(collection)
}

// subscribe puts the caller's topics into the hub. A topic without a right is dropped and told
// once; a refusal would silence the others, because the SDK sends all of them in one request.
func (d *doors) subscribe(app core.App, e *core.RealtimeSubscribeRequestEvent) error {
	var ours, stock []string
	for _, name := range e.Subscriptions {
		switch {
		case e.HasSuperuserAuth() || strings.HasPrefix(name, "@"): // PocketBase's own
			stock = append(stock, name)
		case name != "PB_CONNECT": // the SDK's own event, sent along by those who wait for it
			ours = append(ours, name)
		}
	}
	if len(stock) > 0 {
		app.SubscriptionsBroker().Register(e.Client)
	}
	l := d.hub.listen(e.Client, e.Auth, ours)
	d.resolveAll(app, l)
	e.Subscriptions = stock // the stock broadcast sees none of ours
	return e.Next()
}

// resolveAll asks for the right to each of a listener's subscriptions. The listener is in the hub
// already, and one asks at a time: a right that ends meanwhile is asked for again, never overlooked.
func (d *doors) resolveAll(app core.App, l *listener) {
	l.asking.Lock()
	defer l.asking.Unlock()
	granted, err := d.grantedTo(app, l)
	if err != nil {
		app.Logger().Error("realtime: a right could not be asked for; the stream ends, and its client asks again", "error", err)
		d.hub.place(l, nil)
		l.client.Discard()
		return
	}
	var mine []topic
	for name, topics := range granted {
		if len(topics) == 0 {
			d.hub.revoke(l, name)
		}
		mine = append(mine, topics...)
	}
	d.hub.place(l, mine)
}

// grantedTo is what a listener may follow of each subscription: nothing once the sign-in has ended.
func (d *doors) grantedTo(app core.App, l *listener) (map[string][]topic, error) {
	id, key := d.hub.userOf(l)
	user, err := signedInBy(app, id, key)
	granted := map[string][]topic{}
	for _, name := range d.hub.namesOf(l) {
		if err == nil {
			granted[name], err = d.resolve(app, user, name)
		}
	}
	return granted, err
}

// recheck asks again for every topic of one user after a change of rights. To a caseload it
// says that the list itself may have changed.
func (d *doors) recheck(app core.App, user string) {
	for _, l := range d.hub.listenersOf(user) {
		d.resolveAll(app, l)
		for _, name := range d.hub.namesOf(l) {
			if id, ok := strings.CutPrefix(name, "practitioners/"); ok {
				d.hub.send(l, name, poke{Action: "update", Record: &pokeRecord{ID: id, CollectionName: "practitioners"}})
			}
			if strings.HasPrefix(name, "rxdb/") {
				d.hub.send(l, name, poke{Action: "update"})
			}
		}
	}
}

// resolve turns one subscription into the topics it stands for:
// `patients/ID`, `practitioners/ID`, `collection/RECORD` or `collection/*`
// (own; staff add the filter patient="ID"). None means no right.
func (d *doors) resolve(app core.App, user *core.Record, name string) ([]topic, error) {
	path, options, _ := strings.Cut(name, "?")
	collection, id, ok := strings.Cut(path, "/")
	if user == nil || !ok || id == "" {
		return nil, nil
	}
	switch {
	case collection == "practitioners":
		return caseloadTopics(app, user, name, id)
	case collection == "rxdb":
		return heldTopics(app, user, name, id == "staff")
	case collection == "patients" && id != "*":
		return permitted(app, user, topic{name: name, patient: id})
	}
	if _, synced := policyOf(collection); !synced {
		return nil, nil
	}
	if id == "*" {
		return permitted(app, user, topic{name: name, patient: patientAsked(user, options), collection: collection})
	}
	line, err := lineOf(app.DB(), collection, id)
	if err != nil {
		return nil, err
	}
	return permitted(app, user, topic{name: name, patient: line.Scope, collection: collection, record: id})
}

// permitted keeps a topic that the user may follow.
func permitted(app core.App, user *core.Record, t topic) (topics []topic, err error) {
	t.right, err = rightOf(app.DB(), user, t.patient)
	if err != nil || !t.right.Any() || t.collection != "" && !t.right.Sees(t.collection) {
		return nil, err
	}
	return []topic{t}, nil
}

// caseloadTopics follows every patient of a practitioner who is the caller.
func caseloadTopics(app core.App, user *core.Record, name, id string) ([]topic, error) {
	var n int
	err := app.DB().Select("COUNT(*)").From("practitioners").Where(dbx.HashExp{"id": id, "user": user.Id, "active": true}).Row(&n)
	if err != nil || n == 0 {
		return nil, err
	}
	return heldTopics(app, user, name, true)
}

// heldTopics follows every patient whose records a device of the user holds.
func heldTopics(app core.App, user *core.Record, name string, staff bool) ([]topic, error) {
	patients, err := holdings(app.DB(), user, staff)
	topics := []topic{{name: name}} // stands even while there is no patient
	for _, h := range patients {
		topics = append(topics, topic{name: name, patient: h.patient, right: h.right})
	}
	return topics, err
}

// patientAsked is the patient of a `collection/*` topic: the one in the filter, else the caller's own.
func patientAsked(user *core.Record, options string) string {
	values, err := url.ParseQuery(options)
	if err == nil && values.Get("options") != "" {
		var sent struct {
			Query map[string]any `json:"query"`
		}
		if json.Unmarshal([]byte(values.Get("options")), &sent) == nil {
			if filter, ok := sent.Query["filter"].(string); ok && filter != "" {
				return scopeIn(filter, []string{"patient"})
			}
		}
	}
	return user.GetString("patient")
}

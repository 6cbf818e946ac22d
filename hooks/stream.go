package hooks

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
)

// Realtime is PocketBase's own on the wire, so every SDK works unchanged. Behind
// it stands one hub: the stock broadcast asks a query of every connected
// client for every write, the hub looks up one patient. A message is a poke; what
// is new is fetched, where rights are asked again.
//
// Pokes start from journal rows after the commit, so raw SQL pokes too.

// poke is the message. It names the row and holds nothing of it.
type poke struct {
	Action string      `json:"action"` // create, update, delete, revoked
	Record *pokeRecord `json:"record,omitempty"`
}

type pokeRecord struct {
	ID             string `json:"id"`
	CollectionName string `json:"collectionName"`
	Patient        string `json:"patient"`
	Rev            string `json:"rev"`
}

// bindStream takes the subscriptions over from PocketBase and feeds them from the journal.
func (d *doors) bindStream(app core.App) {
	app.OnRealtimeSubscribeRequest().Bind(&hook.Handler[*core.RealtimeSubscribeRequestEvent]{Id: "hub", Func: d.subscribe})
	app.OnRealtimeConnectRequest().Bind(&hook.Handler[*core.RealtimeConnectRequestEvent]{Id: "hub", Func: func(e *core.RealtimeConnectRequestEvent) error {
		defer d.hub.remove(e.Client.Id()) // when the stream has ended
		return e.Next()
	}})
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "stream", Func: func(e *core.ServeEvent) error {
		last, err := newestSeq(e.App.DB())
		if err != nil {
			return err
		}
		d.told.Store(last)
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			d.follow(e.App, last, stop)
		}()
		// The database goes away next; whoever reads it must be gone first.
		end := sync.OnceFunc(func() { close(stop); <-stopped })
		app.OnBootstrapClear().BindFunc(func(b *core.BootstrapEvent) error { end(); return b.Next() })
		return e.Next()
	}})
	wake := func(e *core.ModelEvent) error { d.hub.wake(); return e.Next() }
	app.OnModelAfterCreateSuccess().Bind(&hook.Handler[*core.ModelEvent]{Id: "wake", Func: wake})
	app.OnModelAfterUpdateSuccess().Bind(&hook.Handler[*core.ModelEvent]{Id: "wake", Func: wake})
	app.OnModelAfterDeleteSuccess().Bind(&hook.Handler[*core.ModelEvent]{Id: "wake", Func: wake})
	app.OnRecordAfterUpdateSuccess("practitioners").Bind(&hook.Handler[*core.RecordEvent]{Id: "recheck", Func: func(e *core.RecordEvent) error {
		d.recheck(e.App, e.Record.GetString("user"))
		return e.Next()
	}})
}

// subscribe sorts out which topics the caller has a right to. A topic without
// one is dropped and told once; a refusal would silence the others, because
// the SDK sends all of them in one request.
func (d *doors) subscribe(e *core.RealtimeSubscribeRequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	var stock, dropped []string
	var mine []topic
	for _, name := range e.Subscriptions {
		if strings.HasPrefix(name, "@") { // PocketBase's own, e.g. @oauth2
			stock = append(stock, name)
			continue
		}
		granted, err := d.resolve(e.App, e.Auth, name)
		if err != nil {
			return err
		}
		if len(granted) == 0 {
			dropped = append(dropped, name)
		}
		mine = append(mine, granted...)
	}
	e.Subscriptions = stock // the stock broadcast sees none of ours
	if err := e.Next(); err != nil {
		return err
	}
	user := ""
	if e.Auth != nil {
		user = e.Auth.Id
	}
	d.hub.set(e.Client, user, mine)
	for _, name := range dropped {
		d.hub.send(e.Client.Id(), name, poke{Action: "revoked"})
	}
	return nil
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
		return d.caseloadTopics(app, user, name, id)
	case collection == "patients" && id != "*":
		return d.permitted(app, user, topic{name: name, patient: id})
	case id == "*":
		return d.permitted(app, user, topic{name: name, patient: patientAsked(user, options), collection: collection})
	}
	policy, ok := policyOf(collection)
	if !ok {
		return nil, nil
	}
	var patient string
	err := app.DB().Select(policy.Scope).From(collection).Where(dbx.HashExp{"id": id}).Row(&patient)
	if err != nil {
		return nil, nil // no such row, or none that the caller may know of
	}
	return d.permitted(app, user, topic{name: name, patient: patient, collection: collection, record: id})
}

// permitted keeps a topic that the user may follow.
func (d *doors) permitted(app core.App, user *core.Record, t topic) ([]topic, error) {
	right, err := rightOf(app.DB(), user, t.patient)
	if err != nil || !right.Any() {
		return nil, err
	}
	if t.collection != "" && !right.Sees(t.collection) {
		return nil, nil
	}
	t.right = right
	return []topic{t}, nil
}

// caseloadTopics follows every patient of a practitioner who is the caller.
func (d *doors) caseloadTopics(app core.App, user *core.Record, name, id string) ([]topic, error) {
	var owner string
	err := app.DB().Select("user").From("practitioners").Where(dbx.HashExp{"id": id, "active": true}).Row(&owner)
	if err != nil || owner != user.Id {
		return nil, nil
	}
	patients, err := scopes(app.DB(), user, true)
	if err != nil {
		return nil, err
	}
	topics := []topic{{name: name}} // stands even while there is no patient
	for _, patient := range patients {
		granted, err := d.permitted(app, user, topic{name: name, patient: patient})
		if err != nil {
			return nil, err
		}
		topics = append(topics, granted...)
	}
	return topics, nil
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

// follow reads the journal behind the commits and pokes. Hooks wake it at
// once; the slow look catches raw SQL, which runs no hooks.
func (d *doors) follow(app core.App, last int64, stop <-chan struct{}) {
	look := time.NewTicker(500 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-stop:
			return
		case <-d.hub.kick:
		case <-look.C:
		}
		for more := true; more; {
			rows, err := freshLines(app, last)
			if err != nil {
				app.Logger().Error("realtime: the journal cannot be read", "error", err)
				break
			}
			d.tell(app, rows)
			if len(rows) > 0 {
				last = rows[len(rows)-1].Seq
				d.told.Store(last)
			}
			more = len(rows) == freshPage
		}
	}
}

const freshPage = 1000

type freshLine struct {
	logRow
	Audience string `db:"audience"`
	Epoch    string `db:"epoch"`
	Before   bool   `db:"before"` // there was a version of it before
}

func freshLines(app core.App, last int64) (rows []freshLine, err error) {
	err = app.ConcurrentDB().NewQuery(`SELECT l.seq, l.col, l.doc, l.scope, l.op, l.audience, e.epoch,
  EXISTS (SELECT 1 FROM sync_history h WHERE h.col=l.col AND h.doc=l.doc) AS before
FROM sync_log l JOIN sync_epoch e ON e.ord=l.ep WHERE l.seq > {:last} ORDER BY l.seq LIMIT {:page}`).
		Bind(dbx.Params{"last": last, "page": freshPage}).All(&rows)
	return rows, err
}

// tell pokes those who follow the rows, and asks again what somebody may
// follow whose rights changed.
func (d *doors) tell(app core.App, rows []freshLine) {
	changed := map[string]bool{}
	for _, row := range rows {
		if row.Audience != "" {
			changed[row.Audience] = true
			continue
		}
		d.hub.publish(row.Scope, row.Col, row.Doc, poke{Action: row.action(), Record: &pokeRecord{
			ID: row.Doc, CollectionName: row.Col, Patient: row.Scope, Rev: devicesync.Position{Epoch: row.Epoch, Seq: row.Seq}.Rev(),
		}})
	}
	for user := range changed {
		d.recheck(app, user)
	}
}

func (row freshLine) action() string {
	switch {
	case row.Op == "D":
		return "delete"
	case row.Before:
		return "update"
	}
	return "create"
}

// recheck asks again for every topic of one user after a change of rights.
func (d *doors) recheck(app core.App, userID string) {
	clients := d.hub.clientsOf(userID)
	if len(clients) == 0 {
		return
	}
	user, err := app.FindRecordById("users", userID)
	if err != nil {
		app.Logger().Error("realtime: rights cannot be asked again", "error", err)
		return
	}
	for client, subscribed := range clients {
		var mine []topic
		for _, name := range subscribed {
			granted, err := d.resolve(app, user, name)
			if err != nil || len(granted) == 0 {
				d.hub.send(client, name, poke{Action: "revoked"})
				continue
			}
			mine = append(mine, granted...)
			if strings.HasPrefix(name, "practitioners/") {
				d.hub.send(client, name, poke{Action: "update"}) // the list itself changed
			}
		}
		d.hub.replace(client, mine)
	}
}

// sees: a poke tells that a row exists, so it needs the right to that row.
func (t topic) sees(collection, record string) bool {
	return (t.collection == "" || t.collection == collection) && (t.record == "" || t.record == record) && t.right.Sees(collection)
}

// topic is one subscription resolved to one patient.
type topic struct {
	name       string // as the client sent it: the name of its messages
	patient    string
	collection string // "" = all that the right covers
	record     string // "" = all
	right      access.Right
}

func message(name string, p poke) subscriptions.Message {
	body, _ := json.Marshal(p) // strings only: always encodes
	return subscriptions.Message{Name: name, Data: body}
}

package hooks

import (
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/subscriptions"
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

// streamApp lends the realtime routes a broker of the hub's own. PocketBase's broadcast goes through all
// clients of its broker for every write, in the writer's request; there it finds none of ours.
type streamApp struct {
	core.App
	broker *subscriptions.Broker
}

func (a streamApp) SubscriptionsBroker() *subscriptions.Broker { return a.broker }

// bindStream takes the subscriptions over from PocketBase and feeds them from the journal.
func (d *doors) bindStream(app core.App) {
	app.OnRealtimeSubscribeRequest().Bind(&hook.Handler[*core.RealtimeSubscribeRequestEvent]{Id: "hub", Func: func(e *core.RealtimeSubscribeRequestEvent) error {
		return d.subscribe(app, e)
	}})
	app.OnRealtimeConnectRequest().Bind(&hook.Handler[*core.RealtimeConnectRequestEvent]{Id: "hub", Func: func(e *core.RealtimeConnectRequestEvent) error {
		defer func() { // when the stream has ended
			app.SubscriptionsBroker().Unregister(e.Client.Id())
			d.hub.remove(e.Client.Id())
		}()
		return e.Next()
	}})
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "stream", Func: func(e *core.ServeEvent) error {
		broker := subscriptions.NewBroker()
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: "stream", Func: func(e *core.RequestEvent) error {
			if e.Request.URL.Path == "/api/realtime" {
				e.App = streamApp{e.App, broker}
			}
			return e.Next()
		}})
		if err := d.startFollowing(app); err != nil {
			return err
		}
		return e.Next()
	}})
	d.bindWake(app)
}

// bindWake tells the hub that there may be news, or that somebody's rights may have changed.
func (d *doors) bindWake(app core.App) {
	wake := &hook.Handler[*core.ModelEvent]{Id: "wake", Func: func(e *core.ModelEvent) error { d.hub.wake(); return e.Next() }}
	app.OnModelAfterCreateSuccess().Bind(wake)
	app.OnModelAfterUpdateSuccess().Bind(wake)
	app.OnModelAfterDeleteSuccess().Bind(wake)
	recheck := func(field string) *hook.Handler[*core.RecordEvent] {
		return &hook.Handler[*core.RecordEvent]{Id: "recheck" + field, Func: func(e *core.RecordEvent) error {
			d.recheck(app, e.Record.GetString(field))
			return e.Next()
		}}
	}
	app.OnRecordAfterUpdateSuccess("practitioners").Bind(recheck("user"))
	app.OnRecordAfterDeleteSuccess("practitioners").Bind(recheck("user"))
	app.OnRecordAfterUpdateSuccess("users").Bind(recheck("id"))
	app.OnRecordAfterDeleteSuccess("users").Bind(recheck("id"))
}

// startFollowing reads the journal from here on, until the database goes away.
func (d *doors) startFollowing(app core.App) error {
	last, err := newestSeq(app.DB())
	if err != nil {
		return err
	}
	d.told.Store(last)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		d.follow(app, last, stop)
	}()
	end := sync.OnceFunc(func() { close(stop); <-stopped })
	app.OnBootstrapClear().BindFunc(func(b *core.BootstrapEvent) error { end(); return b.Next() })
	return nil
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
	Before   bool   `db:"before"` // there was a version of it before
}

func freshLines(app core.App, last int64) (rows []freshLine, err error) {
	err = app.ConcurrentDB().NewQuery(`SELECT l.seq, l.col, l.doc, l.scope, l.op, l.audience, e.epoch,
  EXISTS (SELECT 1 FROM sync_history h WHERE h.col=l.col AND h.doc=l.doc) AS before
FROM sync_log l JOIN sync_epoch e ON e.ord=l.ep WHERE l.seq > {:last} ORDER BY l.seq LIMIT {:page}`).
		Bind(dbx.Params{"last": last, "page": freshPage}).All(&rows)
	return rows, err
}

// tell pokes those who follow the rows. First it asks again what those may follow whose rights
// changed, so that nothing written after the end of a right is told.
func (d *doors) tell(app core.App, rows []freshLine) {
	changed := map[string]bool{}
	for _, row := range rows {
		switch {
		case row.Audience != "":
			changed[row.Audience] = true
		case row.Col == "consents":
			for _, user := range d.hub.followersOf(row.Scope) {
				changed[user] = true
			}
		}
	}
	for user := range changed {
		d.recheck(app, user)
	}
	for _, row := range rows {
		if row.Audience == "" {
			d.hub.publish(row.Scope, row.Col, row.Doc, poke{Action: row.action(), Record: &pokeRecord{
				ID: row.Doc, CollectionName: row.Col, Patient: row.Scope, Rev: row.rev(),
			}})
		}
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

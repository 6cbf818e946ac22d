// Package hooks is the doors of Interictal: the only Go code that knows PocketBase.
//
// A door turns a record or a request into plain values, asks a room what they
// mean, and writes what it said. The rooms are the packages below this one;
// they know no database and no clock. A rule hangs on the record event, not on
// the route, so REST, sync, import and the admin pages obey alike.
package hooks

import (
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// Config is what main hands in.
type Config struct {
	Pages     fs.FS  // the built web app; nil serves none
	Dashboard fs.FS  // our page in PocketBase's dashboard; nil: none
	Dev       bool   // serve --dev: a superuser can set the clock
	Clock     *Clock // nil: the machine's
	Keep      *Keep  // where the copies go; nil: none
}

// doors share the clock, the journal's running epoch and the hub.
type doors struct {
	clock *Clock
	log   *log
	hub   *hub
	told  *atomic.Int64 // newest journal line that was poked
	gate  gate          // pushes under way
	later afterwards    // what waits for the end of a push

	copies  *Keep   // where they go
	kept    kept    // how the copying goes
	metrics metrics // what Prometheus may know

	looks   []look     // at what only time can bring
	looking sync.Mutex // one at a time

	reminding sync.Mutex // one look at what is due at a time

	tickets *tickets // to streams, for those who cannot send headers
	desks   *desks   // who has which visit's note open
}

var errDevPublic = errors.New("serve --dev lets a superuser set the clock: it serves this machine only (--http=127.0.0.1:8090)")

// Bind is the table of contents: everything the program reacts to, in running order.
func Bind(app core.App, cfg Config) {
	d := &doors{clock: cfg.Clock, log: &log{}, hub: newHub(), told: &atomic.Int64{}, gate: newGate(), tickets: &tickets{open: map[string]ticket{}}, desks: &desks{seats: map[string][]seat{}}, metrics: newMetrics(), copies: cfg.Keep}

	if d.clock == nil {
		d.clock = &Clock{}
	}

	bindServing(app)              // one server on a folder
	d.bindActor(app)              // who makes a change
	d.bindEntries(app)            // every entry is well formed and stays with its patient
	d.bindPeople(app)             // accounts, links and consents keep their promises
	d.bindCareplan(app)           // a plan of care and its visits follow their rules
	d.bindMedicine(app)           // days of acute medicine are counted, and a stopped drug has no doses
	d.bindOutcomes(app)           // what is answered and measured can be, and moves the goals
	d.bindTriggers(app)           // what is watched is analysed by rules fixed before any result
	d.bindSafety(app)             // red flags raise alerts; what is dangerous is not begun
	d.bindProgram(app)            // a home program's doses have versions, and move with reasons
	d.bindReminders(app, cfg.Dev) // whoever wants to is reminded, at her time, and of nothing that a stranger could read
	d.bindAgreed(app)             // what was agreed for an attack stays as it was agreed
	d.bindSecondFactor(app)       // staff, where there is mail
	d.bindDesk(app)               // what an admin decided comes into force on its day
	d.bindMessages(app)           // what was written stays as it was sent
	d.bindConsentTexts(app)       // what people agree to stays as they read it
	d.bindReferrals(app)          // who was sent to whom stays as it was sent, and is answered once
	d.bindCaseload(app)           // the list's rows are there in the morning
	d.bindTrail(app)              // what staff change is noted with the change
	d.bindGuards(app)             // no way around the rules, nothing personal in the logs
	d.bindJournal(app)            // the change log stands, and has an epoch
	d.bindWitness(app)            // a database put back to an older state is recognised
	d.bindLooks(app)              // what time brings is looked for
	d.bindKeep(app)               // copies leave this machine, and one is put back each week
	d.bindRetention(app)          // what is old enough is let go
	d.bindRevs(app)               // REST shows each record's version
	d.bindCompare(app)            // and compares it on a change
	d.bindREST(app)               // the stock routes, as strict as the exchange
	d.bindScope(app)              // a list is of one patient; what staff read is noted
	d.bindMetrics(app)            // how much, how fast, how full
	d.bindHealth(app, cfg)        // superusers see how the server is kept
	d.bindStream(app)             // realtime: pokes from the journal

	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "routes", Func: func(e *core.ServeEvent) error {
		d.bindRoutes(e)
		if cfg.Dev {
			if err := d.bindClock(e); err != nil {
				return err
			}
		}
		if cfg.Pages != nil {
			bindPages(e, cfg.Pages)
		}
		return e.Next()
	}})
}

// limitBody is PocketBase's own limit with our code; 0 takes its default.
func limitBody(bytes int64) *hook.Handler[*core.RequestEvent] {
	if bytes == 0 {
		bytes = apis.DefaultMaxBodySize
	}
	limit := apis.BodyLimit(bytes)
	check := limit.Func
	limit.Func = func(e *core.RequestEvent) error {
		err := check(e)
		if errors.Is(err, apis.ErrRequestEntityTooLarge) {
			return tooLarge()
		}
		return err
	}
	return limit
}

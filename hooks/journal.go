package hooks

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/security"

	"interictal/hooks/access"
	"interictal/hooks/caseload"
	"interictal/hooks/devicesync"
	"interictal/hooks/journal"
)

// log is the journal as the server uses it.
type log struct {
	epoch atomic.Pointer[devicesync.Epoch]   // the one that is running
	past  atomic.Pointer[devicesync.History] // every epoch so far; only a start adds one
}

// bindJournal starts an epoch with the server, refuses to serve when a trigger is not as it must
// be, and rebuilds the triggers around a change of a synced collection.
func (d *doors) bindJournal(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "journal", Priority: -100, Func: func(e *core.ServeEvent) error {
		if err := checkTriggers(e.App); err != nil {
			return err
		}
		if err := d.log.begin(e.App, instantText(d.clock.now())); err != nil {
			return err
		}
		return e.Next()
	}})
	app.OnCollectionUpdateExecute().Bind(&hook.Handler[*core.CollectionEvent]{Id: "journalRebuild", Func: rebuildTriggers})
}

// begin adds this start to the history of epochs, and notes whether the database was put back since the last one.
func (l *log) begin(app core.App, at string) error {
	seen, err := readWitness(witnessFile(app))
	if err != nil {
		return fmt.Errorf("%s tells whether the database was put back to an older state and cannot be read; mend it, or remove it to start as after a restore: %w", witnessFile(app), err)
	}
	err = app.RunInTransaction(func(tx core.App) error {
		h, err := readHistory(tx.DB())
		if err != nil {
			return err
		}
		restored, err := noteRestore(tx, seen, h)
		if err != nil {
			return err
		}
		name := security.RandomString(15)
		result, err := tx.DB().Insert("sync_epoch", dbx.Params{"epoch": name, "start_seq": h.Max, "restored": restored, "at": at}).Execute()
		if err != nil {
			return err
		}
		ord, err := result.LastInsertId()
		l.epoch.Store(&devicesync.Epoch{Ord: ord, Name: name, Start: h.Max, Restored: restored})
		return err
	})
	if err != nil {
		return err
	}
	past, err := readHistory(app.DB())
	if err != nil {
		return err
	}
	l.past.Store(&past)
	if err := l.witness(app); err != nil {
		app.Logger().Error("the file beside the data folder cannot be written: a restored backup may go unnoticed", "error", err)
	}
	return nil
}

// running is the epoch of this server; an app that does not serve (a command, a test of
// records only) stands in the newest one there is.
func (l *log) running(db dbx.Builder) (devicesync.Epoch, error) {
	if e := l.epoch.Load(); e != nil {
		return *e, nil
	}
	var e devicesync.Epoch
	err := db.NewQuery("SELECT ord, epoch, start_seq, restored FROM sync_epoch ORDER BY ord DESC LIMIT 1").One(&e)
	return e, err
}

// history is what positions are judged by. The epochs come from memory: a clinic that restarts each night has
// hundreds, and every exchange asks.
func (l *log) history(db dbx.Builder) (h devicesync.History, err error) {
	past := l.past.Load()
	if past == nil {
		return readHistory(db)
	}
	h = *past
	if h.Floor, err = tombstoneFloor(db); err != nil {
		return h, err
	}
	h.Max, err = newestSeq(db)
	return h, err
}

func newestSeq(db dbx.Builder) (n int64, err error) {
	err = db.NewQuery("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name='sync_log'), 0)").Row(&n)
	return n, err
}

// readHistory reads every epoch, those that restores lost, and how far the journal reaches.
func readHistory(db dbx.Builder) (h devicesync.History, err error) {
	if err = db.NewQuery("SELECT ord, epoch, start_seq, restored FROM sync_epoch ORDER BY ord").All(&h.Epochs); err != nil {
		return h, err
	}
	if err = db.NewQuery("SELECT epoch, start_seq, place, cut FROM sync_lost ORDER BY ord").All(&h.Lost); err != nil {
		return h, err
	}
	if h.Floor, err = tombstoneFloor(db); err != nil {
		return h, err
	}
	h.Max, err = newestSeq(db)
	return h, err
}

// revs names the current version of each document of one collection.
func revs(db dbx.Builder, collection string, ids []any) (map[string]string, error) {
	var rows []struct {
		Doc   string `db:"doc"`
		Seq   int64  `db:"seq"`
		Epoch string `db:"epoch"`
	}
	err := db.Select("doc", "seq", "epoch").From("sync_log").InnerJoin("sync_epoch", dbx.NewExp("ord = ep")).
		Where(dbx.HashExp{"col": collection, "audience": ""}).AndWhere(dbx.In("doc", ids...)).All(&rows)
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.Doc] = devicesync.Position{Epoch: r.Epoch, Seq: r.Seq}.Rev()
	}
	return out, err
}

// snapshot runs fn in one read transaction, so that rights, log and rows agree.
// ReadOnly begins deferred: it never waits for the writer.
func snapshot(ctx context.Context, app core.App, fn func(db *dbx.Tx) error) error {
	db, ok := app.ConcurrentDB().(*dbx.DB)
	if !ok {
		return errors.New("snapshot: already in a transaction")
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return fn(tx)
}

// expectedTriggers is every trigger that must stand, by name.
func expectedTriggers(app core.App) (map[string]string, error) {
	want := journal.RightsTriggers()
	maps.Copy(want, caseload.Triggers())
	for _, table := range appendOnly {
		maps.Copy(want, journal.AppendOnly(table))
	}
	for _, p := range access.Synced() {
		c, err := app.FindCollectionByNameOrId(p.Collection)
		if err != nil {
			return nil, err
		}
		maps.Copy(want, journal.Triggers(journal.Of(c.Name, c.Fields)))
	}
	return want, nil
}

// checkTriggers compares the database with what it must hold. A journal with
// a hole loses entries in silence, so a difference stops the start.
func checkTriggers(app core.App) error {
	name, err := alteredTrigger(app)
	if err == nil && name != "" {
		return fmt.Errorf("the journal trigger %s is missing or altered: the server would lose changes, so it does not start; restore a backup or ask for help", name)
	}
	return err
}

// alteredTrigger names the first trigger that is not as it must be.
func alteredTrigger(app core.App) (string, error) {
	want, err := expectedTriggers(app)
	if err != nil {
		return "", err
	}
	var rows []struct {
		Name string `db:"name"`
		SQL  string `db:"sql"`
	}
	if err := app.DB().NewQuery("SELECT name, sql FROM sqlite_master WHERE type='trigger'").All(&rows); err != nil {
		return "", err
	}
	have := make(map[string]string, len(rows))
	for _, r := range rows {
		have[r.Name] = r.SQL
	}
	return journal.Altered(want, have), nil
}

func hasTrigger(app core.App, name string) (bool, error) {
	var n int
	err := app.DB().NewQuery("SELECT COUNT(*) FROM sqlite_master WHERE type='trigger' AND name={:n}").Bind(dbx.Params{"n": name}).Row(&n)
	return n > 0, err
}

// rebuildTriggers drops a synced collection's triggers, lets the change happen, and puts them back
// as the new columns need: in one transaction, so that no write slips through without them.
func rebuildTriggers(e *core.CollectionEvent) error {
	triggers := journal.Triggers(journal.Of(e.Collection.Name, e.Collection.Fields))
	installed, err := hasTrigger(e.App, journal.Names(triggers)[0])
	if err != nil {
		return err
	}
	if !installed { // not a synced collection, or the migration that installs them is still to come
		return e.Next()
	}
	outer := e.App
	err = outer.RunInTransaction(func(tx core.App) error {
		e.App = tx
		for _, name := range journal.Names(triggers) {
			if err := execute(tx, "DROP TRIGGER IF EXISTS "+name); err != nil {
				return err
			}
		}
		if err := e.Next(); err != nil {
			return err
		}
		for _, name := range journal.Names(triggers) {
			if err := execute(tx, triggers[name]); err != nil {
				return err
			}
		}
		return nil
	})
	e.App = outer
	if err != nil { // the cache may hold what was rolled back
		if stale := outer.ReloadCachedCollections(); stale != nil {
			outer.Logger().Error("the collections could not be read again", "error", stale)
		}
	}
	return err
}

func execute(app core.App, statement string) error {
	_, err := app.DB().NewQuery(statement).Execute()
	return err
}

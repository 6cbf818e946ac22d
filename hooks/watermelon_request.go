package hooks

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/devicesync"
)

// watermelonPlace is where a client stands.
type watermelonPlace struct {
	running     devicesync.Epoch
	cursor, ack *devicesync.Position // nil: nothing yet
	seen        *devicesync.Position // what the person had before her deletions; nil: no word on it
}

// watermelonRequest reads what the three routes share.
func (d *doors) watermelonRequest(e *core.RequestEvent) (at watermelonPlace, r devicesync.Request, err error) {
	if at.running, err = d.log.running(e.App.DB()); err != nil {
		return at, r, err
	}
	q := e.Request.URL.Query()
	if err := goodCapacity(q); err != nil {
		return at, r, err
	}
	if pulled := q.Get("last_pulled_at"); pulled != "" && pulled != "null" {
		seq, err := strconv.ParseInt(pulled, 10, 64)
		if err != nil {
			seq = -1 // never issued
		}
		if seq == 1 { // the client takes no 0: 1 also stands for a server where nothing had happened yet
			seq = 0
		}
		at.cursor = &devicesync.Position{Epoch: q.Get("epoch"), Seq: seq}
	}
	at.ack, at.seen = position(q.Get("ack")), position(q.Get("seen"))
	if schema, _ := strconv.Atoi(q.Get("schema")); schema > devicesync.Schema {
		return at, r, refuse(http.StatusUpgradeRequired, hard("E_SCHEMA", "This server is older than the app."))
	}
	r = devicesync.Request{Device: e.Request.Header.Get("X-Device-Id"), As: q.Get("as"), Ack: at.ack, Cursor: at.seen}
	if r.Cursor == nil {
		r.Cursor = at.cursor
	}
	if erased := e.Request.Header.Get("X-Sync-Erased"); erased != "" {
		r.Erased = strings.Split(erased, ",")
	}
	return at, r, nil
}

// position reads epoch:seq; nil for nothing. What is not one was never issued.
func position(text string) *devicesync.Position {
	if text == "" {
		return nil
	}
	p, _ := devicesync.ParseRev(text)
	return &p
}

// watermelonSent reads a body of changes as entries.
func (d *doors) watermelonSent(e *core.RequestEvent) (watermelonPlace, devicesync.Request, error) {
	at, r, err := d.watermelonRequest(e)
	if err != nil {
		return at, r, err
	}
	if broken := r.Check(); len(broken) > 0 {
		return at, r, refuse(http.StatusBadRequest, broken...)
	}
	n, err := strconv.ParseInt(e.Request.Header.Get("X-Push-No"), 10, 64)
	if err != nil || n < 1 {
		return at, r, refuse(http.StatusBadRequest, hard("E_NUMBER", "X-Push-No is a number from 1 that grows with every push of this device."))
	}
	var tables map[string]devicesync.Pushed
	err = json.NewDecoder(e.Request.Body).Decode(&tables)
	if errors.Is(err, apis.ErrRequestEntityTooLarge) {
		return at, r, tooLarge()
	}
	if err != nil {
		return at, r, refuse(http.StatusBadRequest, hard("E_JSON", "The body is not a set of changes: {table: {created, updated, deleted}}."))
	}
	if err := nameVersions(e.App.DB(), tables, at.cursor); err != nil {
		return at, r, err
	}
	if r.Push = devicesync.Entries(tables, syncedNames(), n); len(r.Push) > devicesync.MaxEntries {
		return at, r, tooLarge()
	}
	return at, r, nil
}

// nameVersions gives a bare deletion the version that the device had pulled: a person can only have
// deleted what was there to see.
func nameVersions(db dbx.Builder, tables map[string]devicesync.Pushed, pulled *devicesync.Position) error {
	for collection, table := range tables {
		for _, row := range table.Deleted {
			id, _ := row["id"].(string)
			if !row.Bare() || pulled == nil {
				continue
			}
			rev, err := versionAt(db, collection, id, pulled.Seq)
			if err != nil {
				return err
			}
			row["rev"] = rev
		}
	}
	return nil
}

// versionAt names the version of a document at a number; "" when there was none.
func versionAt(db dbx.Builder, collection, doc string, seq int64) (string, error) {
	var found []logRow
	err := db.NewQuery(`SELECT v.seq, epoch FROM (
  SELECT seq, ep FROM sync_log WHERE col={:c} AND doc={:d} AND audience='' AND seq<={:q}
  UNION ALL SELECT seq, ep FROM sync_history WHERE col={:c} AND doc={:d} AND seq<={:q}
) v JOIN sync_epoch ON ord=v.ep ORDER BY v.seq DESC LIMIT 1`).Bind(dbx.Params{"c": collection, "d": doc, "q": seq}).All(&found)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].rev(), nil
}

package hooks

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
)

// The doors for WatermelonDB's synchronize(). What its client cannot say or keep, our shim adds
// (pb_public/clients/watermelon.ts); both sides are described there and in docs/sync.md.

// melonNews is the answer to pullChanges().
type melonNews struct {
	Changes   map[string]*devicesync.ChangeSet `json:"changes"`
	Timestamp int64                            `json:"timestamp"` // a number of the journal, not a time
	Epoch     string                           `json:"epoch"`
	Reset     bool                             `json:"reset"`   // the position is not ours: this is everything, from the start
	Revoked   []string                         `json:"revoked"` // patients who are the caller's no more
}

// melonVerdict is what became of one row of a push.
type melonVerdict struct {
	Collection string             `json:"collection"`
	ID         string             `json:"id"`
	Verdict    devicesync.Verdict `json:"verdict"`
	Row        any                `json:"row"` // as it is now; null: there is none, or none for the caller
	Fields     []string           `json:"fields,omitzero"`
	Message    string             `json:"message,omitzero"`
	Data       map[string]any     `json:"data,omitzero"`
}

// melonPull answers GET /api/sync/watermelon: everything new for the caller, from one snapshot.
func (d *doors) melonPull(e *core.RequestEvent) error {
	q, request, err := d.melonRequest(e)
	if err != nil {
		return err
	}
	first := q.cursor == nil
	reset, err := melonReset(d.checkPositions(e.App, q.running, q.cursor, q.ack))
	if err != nil {
		return err
	}
	news := ask{staff: asStaff(e.Auth, request.As), limit: devicesync.MaxLimit}
	if !first && !reset && e.Request.URL.Query().Get("everything") == "" {
		news.since = q.cursor.Seq
	}
	p, err := d.whole(e, news)
	if err != nil {
		return err
	}
	answer := melonNews{Changes: devicesync.ChangeSets(syncedNames(), p.changes, first), Timestamp: max(p.cursor.Seq, 1),
		Epoch: q.running.Name, Reset: reset, Revoked: []string{}}
	if !first {
		for _, r := range revoked(p.rows, p.mine, nil) {
			answer.Revoked = append(answer.Revoked, r.Patient)
		}
	}
	return e.JSON(http.StatusOK, answer)
}

// whole reads all pages of news in one snapshot.
func (d *doors) whole(e *core.RequestEvent, q ask) (all page, err error) {
	err = snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) error {
		for next := q; ; next.since = all.cursor.Seq {
			p, err := readPage(e.App, db, e.Auth, next)
			if err != nil {
				return err
			}
			all.rows, all.changes = append(all.rows, p.rows...), append(all.changes, p.changes...)
			all.mine, all.cursor = p.mine, p.cursor
			if !p.more {
				return nil
			}
		}
	})
	if err == nil && q.staff {
		err = d.noteReading(e, all.mine, all.rows)
	}
	return all, err
}

// melonPush answers POST /api/sync/watermelon. A refused row stays dirty on the device, so nothing has
// to be kept for it here.
func (d *doors) melonPush(e *core.RequestEvent) error {
	q, request, err := d.melonSent(e)
	if err != nil {
		return err
	}
	if err := d.checkPositions(e.App, q.running, q.cursor, q.ack); err != nil {
		return err
	}
	if request.Cursor != nil && d.checkPositions(e.App, q.running, request.Cursor, nil) != nil {
		request.Cursor = nil
	}
	done, err := d.push(e, request, asStaff(e.Auth, request.As))
	if err != nil {
		return err
	}
	rejected := map[string][]string{}
	verdicts := make([]melonVerdict, len(done.verdicts))
	for i, r := range done.verdicts {
		entry := request.Push[i]
		verdicts[i] = melonVerdict{entry.Collection, entry.ID(), r.Verdict, nil, r.Fields, r.Message, r.Data}
		if raw := devicesync.Raw(r.Doc); raw != nil { // a nil map would come out as {}
			verdicts[i].Row = raw
		}
		if r.Verdict == devicesync.Refused {
			rejected[entry.Collection] = append(rejected[entry.Collection], entry.ID())
		}
	}
	ack := devicesync.Position{Epoch: q.running.Name, Seq: done.last}.Rev()
	return e.JSON(http.StatusOK, map[string]any{"experimentalRejectedIds": rejected, "verdicts": verdicts, "ack": ack})
}

// melonSalvage answers POST /api/sync/watermelon/salvage: what a device has not sent when it must be emptied is
// kept in sync_conflicts, and nothing else happens. What says nothing new is not kept.
func (d *doors) melonSalvage(e *core.RequestEvent) error {
	_, request, err := d.melonSent(e)
	if err != nil {
		return err
	}
	kept := map[string][]string{}
	p := pusher{doors: d, user: e.Auth, staff: asStaff(e.Auth, request.As), request: request, rights: map[string]access.Right{},
		handed: map[string]int{}, shapes: map[string]shape{}}
	err = e.App.RunInTransaction(func(tx core.App) error {
		p.tx = tx
		if p.history, err = p.log.history(tx.DB()); err != nil {
			return err
		}
		for _, entry := range request.Push {
			safe, err := p.salvage(entry)
			if err != nil {
				return err
			}
			if safe {
				kept[entry.Collection] = append(kept[entry.Collection], entry.ID())
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(p.denied) > 0 {
		if err := d.audit(e.App, p.denied...); err != nil {
			return err
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"kept": kept})
}

// salvage keeps an entry unless it says what stands anyway. It is safe if the device need not have it any more; also one
// whose id no row can have.
func (p *pusher) salvage(entry devicesync.Entry) (safe bool, err error) {
	policy, ok := policyOf(entry.Collection)
	if !ok || entry.ID() == "" {
		return false, nil
	}
	s, err := p.find(entry, policy)
	if err != nil {
		return false, err
	}
	if result, done, err := p.rightless(s); done || err != nil {
		return result.Verdict == devicesync.HandedOver, err
	}
	if sent, broken := normalise(s.collection, entry.State); len(broken) == 0 && s.says(sent) {
		return true, nil
	}
	return true, p.keep(s, devicesync.KindHandedOver, entry.State)
}

// says: the row is already so.
func (s subject) says(sent devicesync.State) bool {
	if s.entry.Deleted() || s.current == nil {
		return s.entry.Deleted() && s.current == nil
	}
	return sent.SameAs(stateOf(s.current))
}

// melonPlace is where a client stands.
type melonPlace struct {
	running     devicesync.Epoch
	cursor, ack *devicesync.Position // nil: nothing yet
	seen        *devicesync.Position // what the person had before her deletions; nil: no word on it
}

// melonRequest reads what the three routes share.
func (d *doors) melonRequest(e *core.RequestEvent) (at melonPlace, r devicesync.Request, err error) {
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

// melonSent reads a body of changes as entries.
func (d *doors) melonSent(e *core.RequestEvent) (melonPlace, devicesync.Request, error) {
	at, r, err := d.melonRequest(e)
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

// melonReset tells a position that is not ours from a fault.
func melonReset(err error) (bool, error) {
	if api := (*router.ApiError)(nil); errors.As(err, &api) && api.Status == http.StatusConflict {
		return true, nil
	}
	return false, err
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

func syncedNames() []string {
	var names []string
	for _, p := range access.Synced() {
		names = append(names, p.Collection)
	}
	return names
}

package hooks

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/devicesync"
)

// A push reads and writes its own bookkeeping in one go: a few statements for each collection instead of
// six for each entry. The rows themselves are saved one by one, through validation and hooks.

// recall is what a push has read ahead, by collection/id. A row it has touched is forgotten, and read
// again when it comes up once more.
type recall struct {
	rows  map[string]*core.Record
	lines map[string]logRow
	last  map[string]devicesync.Last
	fresh map[string]bool
	docs  map[string]map[string]any // rows that this push has saved, as they are now
	seq   int64                     // the newest number when it was read
	hoped map[string]int64          // the number each row is hoped to have
}

// shape is what the merge needs to know of a collection.
type shape struct {
	empty   devicesync.State
	fields  devicesync.Fields
	scratch *core.Record // what is sent passes through it, field by field
}

// pushedNow is what is to be remembered of an entry.
type pushedNow struct {
	collection, id, hash string
	n                    int64
	view                 *string
}

func keyOf(collection, id string) string { return collection + "/" + id }

// readAhead reads all that the entries are about.
func (p *pusher) readAhead() (err error) {
	p.recall = recall{rows: map[string]*core.Record{}, lines: map[string]logRow{}, last: map[string]devicesync.Last{}, fresh: map[string]bool{}, docs: map[string]map[string]any{}, hoped: map[string]int64{}}
	if p.recall.seq, err = newestSeq(p.tx.DB()); err != nil {
		return err
	}
	ids := map[string][]string{}
	for _, e := range p.request.Push {
		if _, synced := policyOf(e.Collection); synced && e.GoodID() {
			ids[e.Collection] = append(ids[e.Collection], e.ID())
		}
	}
	for name, ids := range ids {
		collection, err := p.tx.FindCachedCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		if err := p.readCollection(collection, ids); err != nil {
			return err
		}
	}
	return nil
}

func (p *pusher) readCollection(c *core.Collection, ids []string) error {
	records, err := recordsOf(p.tx, c, ids)
	if err != nil {
		return err
	}
	for _, r := range records {
		p.recall.rows[keyOf(c.Name, r.Id)] = r
	}
	lines, err := linesOf(p.tx.DB(), c.Name, ids)
	if err != nil {
		return err
	}
	for _, l := range lines {
		p.recall.lines[keyOf(c.Name, l.Doc)] = l
	}
	for _, id := range ids {
		p.recall.fresh[keyOf(c.Name, id)] = true
	}
	return p.readPushes(c.Name, ids)
}

// readPushes reads what this device sent last for the rows.
func (p *pusher) readPushes(collection string, ids []string) error {
	var rows []struct {
		Doc   string  `db:"doc"`
		N     int64   `db:"n"`
		Hash  string  `db:"hash"`
		Seq   int64   `db:"seq"`
		Given int64   `db:"given"`
		State *string `db:"state"`
	}
	err := p.tx.DB().NewQuery(`SELECT s.doc, s.n, s.hash, s.seq, s.state, COALESCE(g.seq, 0) given FROM json_each({:ids}) i
CROSS JOIN sync_push s ON s.user={:u} AND s.device={:v} AND s.col={:c} AND s.doc=i.value
LEFT JOIN sync_log g ON g.col={:c} AND g.doc=i.value AND g.audience={:u} AND g.op='G'`).
		Bind(dbx.Params{"ids": idList(ids), "u": p.user.Id, "v": p.request.Device, "c": collection}).All(&rows)
	if err != nil {
		return err
	}
	for _, r := range rows {
		state, err := storedState(r.State)
		if err != nil {
			return err
		}
		p.recall.last[keyOf(collection, r.Doc)] = devicesync.Last{N: r.N, Hash: r.Hash, Seq: r.Seq, Given: r.Given, State: state}
	}
	return nil
}

// hope takes it that a write moved its own line and nothing else.
func (p *pusher) hope(s subject, saved *core.Record) {
	if saved == nil {
		return
	}
	key := keyOf(s.collection.Name, s.entry.ID())
	p.recall.seq++
	p.recall.hoped[key] = p.recall.seq
	p.shown(key, saved, p.recall.seq)
	delete(p.recall.fresh, key)
}

// shown keeps a row that this push has saved, as it is now.
func (p *pusher) shown(key string, saved *core.Record, seq int64) {
	running := p.history.Epochs[len(p.history.Epochs)-1]
	p.recall.docs[key] = document(saved, devicesync.Position{Epoch: running.Name, Seq: seq}.Rev())
}

// asHoped compares with the journal: each row at its number, and none beside them.
func (p *pusher) asHoped() error {
	if p.careful || len(p.recall.hoped) == 0 {
		return nil
	}
	now, err := newestSeq(p.tx.DB())
	if err != nil || now != p.recall.seq {
		return errors.Join(err, errHoped)
	}
	ids := map[string][]string{}
	for key := range p.recall.hoped {
		collection, id, _ := strings.Cut(key, "/")
		ids[collection] = append(ids[collection], id)
	}
	for collection, ids := range ids {
		lines, err := linesOf(p.tx.DB(), collection, ids)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l.Seq != p.recall.hoped[keyOf(collection, l.Doc)] {
				return errHoped
			}
		}
	}
	return nil
}

// touched forgets a row that was, or might have been, written. A write that moved more than its own line (a
// cascade, a hook) makes everything old.
func (p *pusher) touched(s subject, saved *core.Record) error {
	key := keyOf(s.collection.Name, s.entry.ID())
	delete(p.recall.fresh, key)
	delete(p.recall.docs, key)
	now, err := newestSeq(p.tx.DB())
	switch moved := now - p.recall.seq; {
	case moved > 1:
		clear(p.recall.fresh)
		clear(p.recall.docs)
	case moved == 1 && saved != nil:
		p.shown(key, saved, now)
	}
	p.recall.seq = now
	return err
}

// note keeps in mind what was pushed, so that the same entry, sent again because its answer got lost,
// changes nothing. A later entry of the same push cannot know of the answer yet.
func (p *pusher) note(s subject, hash string, view devicesync.State) error {
	text, err := jsonOrNull(view)
	if err != nil {
		return err
	}
	p.pushes = append(p.pushes, pushedNow{s.collection.Name, s.entry.ID(), hash, s.entry.N, text})
	p.recall.last[keyOf(s.collection.Name, s.entry.ID())] = devicesync.Last{N: s.entry.N, Hash: hash, Seq: devicesync.Unanswered, State: view}
	return nil
}

// remember writes down what was noted, with the number that each row has now. One statement for them all would take the
// JSON apart anew for each value; a prepared one costs a third.
func (p *pusher) remember() (err error) {
	if len(p.pushes) == 0 {
		return nil
	}
	q := p.tx.DB().NewQuery(`INSERT INTO sync_push(user, device, col, doc, n, hash, state, seq, at)
VALUES({:u}, {:v}, {:c}, {:d}, {:n}, {:h}, {:s}, COALESCE((SELECT seq FROM sync_log WHERE col={:c} AND doc={:d} AND audience=''), 0), {:t})
ON CONFLICT(user, device, col, doc) DO UPDATE SET n=excluded.n, hash=excluded.hash, state=excluded.state, seq=excluded.seq, at=excluded.at`).Prepare()
	defer func() { err = errors.Join(err, q.Close()) }()
	now := instantText(p.clock.now())
	for _, r := range p.pushes {
		_, err := q.Bind(dbx.Params{"u": p.user.Id, "v": p.request.Device, "c": r.collection, "d": r.id, "n": r.n, "h": r.hash, "s": r.view, "t": now}).Execute()
		if err != nil {
			return err
		}
	}
	p.pushes = nil
	return nil
}

// show puts into each result what the server has of its row now.
func (p *pusher) show(results []devicesync.Result, outcomes []outcome) error {
	docs, lines, err := p.readShown(outcomes)
	if err != nil {
		return err
	}
	for i, o := range outcomes {
		if !o.doc {
			continue
		}
		key := keyOf(o.collection.Name, o.entry.ID())
		switch doc := docs[key]; {
		case doc != nil:
			results[i].Doc = doc
		case results[i].Verdict != devicesync.Refused || p.request.Quarantine:
			results[i].Doc = tombstone(o.collection, o.entry.ID(), o.scope, lines[key].rev())
		}
	}
	return nil
}

// readShown reads the rows that are to be shown and that this push has not just saved itself.
func (p *pusher) readShown(outcomes []outcome) (docs map[string]map[string]any, lines map[string]logRow, err error) {
	docs, lines = p.recall.docs, map[string]logRow{}
	ids := map[*core.Collection][]string{}
	for _, o := range outcomes {
		if o.doc && docs[keyOf(o.collection.Name, o.entry.ID())] == nil {
			ids[o.collection] = append(ids[o.collection], o.entry.ID())
		}
	}
	for collection, ids := range ids {
		if err := readDocuments(p.tx.DB(), collection, ids, docs); err != nil {
			return nil, nil, err
		}
		found, err := linesOf(p.tx.DB(), collection.Name, ids)
		if err != nil {
			return nil, nil, err
		}
		for _, l := range found {
			lines[keyOf(collection.Name, l.Doc)] = l
		}
	}
	return docs, lines, nil
}

func (p *pusher) shapeOf(c *core.Collection) shape {
	found, ok := p.shapes[c.Name]
	if !ok {
		found = shape{emptyState(c), fieldPolicies(c), core.NewRecord(c)}
		p.shapes[c.Name] = found
	}
	return found
}

// recordsOf reads records by id. The ids go as one value, so that the statement is the same for any number of them.
func recordsOf(app core.App, c *core.Collection, ids []string) (records []*core.Record, err error) {
	err = app.RecordQuery(c).AndWhere(dbx.NewExp("[["+c.Name+".id]] IN (SELECT value FROM json_each({:ids}))", dbx.Params{"ids": idList(ids)})).All(&records)
	return records, err
}

// linesOf reads the journal's lines of some documents.
func linesOf(db dbx.Builder, collection string, ids []string) (lines []logRow, err error) {
	err = db.NewQuery(`SELECT l.seq, l.col, l.doc, l.scope, l.op, epoch FROM json_each({:ids}) i
CROSS JOIN sync_log l ON l.col={:c} AND l.doc=i.value AND l.audience='' JOIN sync_epoch ON ord=l.ep`).
		Bind(dbx.Params{"c": collection, "ids": idList(ids)}).All(&lines)
	return lines, err
}

// idList is ids as one JSON value, each once.
func idList(ids []string) string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	body, _ := json.Marshal(slices.Compact(ids)) // strings always encode
	return string(body)
}

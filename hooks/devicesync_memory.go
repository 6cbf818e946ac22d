package hooks

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/devicesync"
)

// What the server remembers beside the rows: what each device pushed last, older versions
// as ancestors of a merge, and the values that did not become a document's.

// renumber notes a repeat that came under a new number: what has a number in between is overtaken.
func (p *pusher) renumber(s subject) error {
	if err := p.remember(); err != nil {
		return err
	}
	key := keyOf(s.collection.Name, s.entry.ID())
	last := p.recall.last[key]
	last.N = max(last.N, s.entry.N)
	p.recall.last[key] = last
	params := p.key(s)
	params["n"] = last.N
	_, err := p.tx.DB().NewQuery("UPDATE sync_push SET n={:n} WHERE user={:u} AND device={:v} AND col={:c} AND doc={:d} AND n<{:n}").
		Bind(params).Execute()
	return err
}

func (p *pusher) key(s subject) dbx.Params {
	return dbx.Params{"u": p.user.Id, "v": p.request.Device, "c": s.collection.Name, "d": s.entry.ID()}
}

// ancestor is the row as the phone last knew it: the version that its rev names. Where the server does
// not have that version, the phone's own base must do; without one nothing is known, and nothing is overwritten.
func (p *pusher) ancestor(s subject) (base devicesync.State, tombstone bool, err error) {
	rev, ok := devicesync.ParseRev(s.entry.Rev())
	if ok && s.line.rev() == rev.Rev() {
		return stateOrNil(s.current), s.current == nil, nil
	}
	switch {
	case ok && p.history.Issued(rev):
		if base, found, err := p.version(s, "seq={:q}", rev.Seq); found || err != nil {
			return base, base == nil, err
		}
	case ok && (s.parted || s.entry.Base == nil):
		base, _, err = p.shared(s, rev)
		return base, false, err
	}
	base, _ = normalise(p.shapeOf(s.collection).scratch, s.entry.Base)
	return base, false, nil
}

// version reads a superseded version; a nil state that was found is a tombstone.
func (p *pusher) version(s subject, which string, seq int64) (state devicesync.State, found bool, err error) {
	params := p.key(s)
	params["q"] = seq
	var data *string
	err = p.tx.DB().NewQuery("SELECT data FROM sync_history WHERE col={:c} AND doc={:d} AND " + which).Bind(params).Row(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil || data == nil {
		return nil, err == nil, err
	}
	var stored map[string]any
	if err := json.Unmarshal([]byte(*data), &stored); err != nil {
		return nil, false, err
	}
	record := core.NewRecord(s.collection)
	record.Load(stored)
	return stateOf(record), true, nil
}

func storedState(text *string) (state devicesync.State, err error) {
	if text != nil {
		err = json.Unmarshal([]byte(*text), &state)
	}
	return state, err
}

func jsonOrNull(state devicesync.State) (*string, error) {
	if state == nil {
		return nil, nil
	}
	body, err := json.Marshal(state)
	text := string(body)
	return &text, err
}

// keep puts what did not become the document's into sync_conflicts, once.
func (p *pusher) keep(s subject, kind string, detail any) error {
	body, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	params := p.key(s)
	name := sha256.Sum256([]byte(p.user.Id + "\x00" + p.request.Device + "\x00" + s.collection.Name + "\x00" + kind + "\x00" + hashOf(s.entry) + "\x00" + string(body)))
	params["f"], params["t"], params["p"], params["k"], params["b"] = hex.EncodeToString(name[:]), instantText(p.clock.now()), s.scope, kind, string(body)
	_, err = p.tx.DB().NewQuery(`INSERT OR IGNORE INTO sync_conflicts(at, col, doc, scope, user, device, kind, fingerprint, detail)
VALUES({:t}, {:c}, {:d}, {:p}, {:u}, {:v}, {:k}, {:f}, {:b})`).Bind(params).Execute()
	return err
}

// hashOf names a transition: the same base and the same new state.
func hashOf(entry devicesync.Entry) string {
	body, _ := json.Marshal([]any{entry.Base, entry.State}) // decoded JSON always encodes, keys sorted
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:12])
}

// lineOf is the journal's line of a document; empty when it has none.
func lineOf(db dbx.Builder, collection, doc string) (line logRow, err error) {
	err = db.NewQuery("SELECT seq, col, doc, scope, op, epoch FROM sync_log JOIN sync_epoch ON ord=ep WHERE col={:c} AND doc={:d} AND audience=''").
		Bind(dbx.Params{"c": collection, "d": doc}).One(&line)
	if errors.Is(err, sql.ErrNoRows) {
		return logRow{}, nil
	}
	return line, err
}

func stateOrNil(r *core.Record) devicesync.State {
	if r == nil {
		return nil
	}
	return stateOf(r)
}

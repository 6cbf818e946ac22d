package hooks

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
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
	case ok && s.entry.Base == nil:
		base, _, err = p.shared(s, rev)
		return base, false, err
	}
	base, _ = normalise(s.collection, s.entry.Base)
	return base, false, nil
}

// shared is the newest version on the way to one that the server has lost which it still knows: what another phone brought
// back, else the row as the backup had it. come reports that the lost version, or one after it, is back already.
func (p *pusher) shared(s subject, lost devicesync.Position) (base devicesync.State, come bool, err error) {
	var back []struct {
		Epoch string  `db:"epoch"`
		Seq   int64   `db:"seq"`
		State *string `db:"state"`
	}
	err = p.tx.DB().NewQuery("SELECT epoch, seq, state FROM sync_returned WHERE col={:c} AND doc={:d}").Bind(p.key(s)).All(&back)
	if err != nil {
		return nil, false, err
	}
	var newest devicesync.Position
	var state *string
	for _, r := range back {
		at := devicesync.Position{Epoch: r.Epoch, Seq: r.Seq}
		come = come || at == lost || p.history.Older(lost, at)
		if (at == lost || p.history.Older(at, lost)) && (newest.Epoch == "" || p.history.Older(newest, at)) {
			newest, state = at, r.State
		}
	}
	if newest.Epoch != "" {
		base, err = storedState(state)
		return base, come, err
	}
	cut := p.history.Cut(lost)
	if s.line.Seq > 0 && s.line.Seq <= cut {
		return stateOrNil(s.current), come, nil
	}
	base, _, err = p.version(s, "seq<={:q} ORDER BY seq DESC LIMIT 1", cut)
	return base, come, err
}

// bringBack stores the version that a phone's change started from, where a restore has lost it: first comes
// back what was, then the change on top of it is judged like any other. What a phone sends without a base may hold
// unsent words, so it is never taken for the lost version itself.
func (p *pusher) bringBack(s *subject) (back outcome, err error) {
	lost, ok := devicesync.ParseRev(s.entry.Rev())
	if !ok || p.history.Issued(lost) || s.entry.Base["rev"] != lost.Rev() {
		return back, nil
	}
	base, come, err := p.shared(*s, lost)
	if come || err != nil {
		return back, err
	}
	was, broken := normalise(s.collection, s.entry.Base)
	if len(broken) > 0 {
		return back, nil
	}
	shape := p.shapeOf(s.collection)
	decision := devicesync.Decide(devicesync.Case{Current: stateOrNil(s.current), Gone: s.line.Op == "D", Base: base, Sent: was, Empty: shape.empty, Fields: shape.fields})
	back, err = p.store(*s, decision)
	if err != nil || back.Verdict == devicesync.Refused {
		return outcome{}, err
	}
	if err := p.noteReturned(*s, lost, shape.empty.With(base).With(was)); err != nil {
		return back, err
	}
	return back, p.look(s)
}

// after adds what became of the version that a change was made on.
func (o outcome) after(back outcome) outcome {
	switch {
	case o.Verdict == devicesync.Unchanged && back.Verdict != "":
		o.Verdict = back.Verdict
	case back.Verdict == devicesync.Conflict:
		o.Verdict = devicesync.Conflict
	}
	o.Fields = append(o.Fields, back.Fields...)
	slices.Sort(o.Fields)
	o.Fields = slices.Compact(o.Fields)
	return o
}

// noteReturned keeps what a lost version was.
func (p *pusher) noteReturned(s subject, lost devicesync.Position, was devicesync.State) error {
	state, err := jsonOrNull(was)
	if err != nil {
		return err
	}
	params := p.key(s)
	params["e"], params["q"], params["s"] = lost.Epoch, lost.Seq, state
	_, err = p.tx.DB().NewQuery("INSERT OR IGNORE INTO sync_returned(col, doc, epoch, seq, state) VALUES({:c}, {:d}, {:e}, {:q}, {:s})").Bind(params).Execute()
	return err
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

// wroteOnce reports whether the user once cared for the patient in a role that writes the collection.
func wroteOnce(db dbx.Builder, user, patient string, policy access.Policy) (bool, error) {
	var n int
	err := db.Select("COUNT(*)").From("care_links").
		Where(dbx.HashExp{"member": user, "patient": patient, "role": roles(policy.Write)}).Row(&n)
	return n > 0, err
}

func roles(of []access.Role) []any {
	out := make([]any, len(of))
	for i, r := range of {
		out[i] = string(r)
	}
	return out
}

func findOrNil(app core.App, c *core.Collection, id string) (*core.Record, error) {
	record, err := app.FindRecordById(c, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return record, err
}

func stateOrNil(r *core.Record) devicesync.State {
	if r == nil {
		return nil
	}
	return stateOf(r)
}

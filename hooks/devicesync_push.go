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

	"interictal/hooks/devicesync"
)

// pusher works through the entries of one request, in one transaction.
type pusher struct {
	*doors
	tx      core.App
	user    *core.Record
	device  string
	staff   bool
	running devicesync.Epoch
}

// push stores what the phone sends: one transaction, one fsync, a SAVEPOINT
// per entry. A refused entry does not stop the others.
func (d *doors) push(e *core.RequestEvent, request devicesync.Request, staff bool) (results []devicesync.Result, ack devicesync.Position, err error) {
	results = []devicesync.Result{}
	running, err := d.log.running(e.App.DB())
	if err != nil {
		return nil, ack, err
	}
	ack.Epoch = running.Name
	if len(request.Push) == 0 {
		ack.Seq, err = newestSeq(e.App.DB())
		return results, ack, err
	}
	entries := slices.Clone(request.Push)
	slices.SortStableFunc(entries, func(a, b devicesync.Entry) int { return int(min(max(a.N-b.N, -1), 1)) })
	err = e.App.RunInTransaction(func(tx core.App) error {
		p := pusher{doors: d, tx: tx, user: e.Auth, device: request.Device, staff: staff, running: running}
		results = results[:0]
		for _, entry := range entries {
			result, err := p.one(entry)
			if err != nil {
				return err
			}
			results = append(results, result)
		}
		ack.Seq, err = newestSeq(tx.DB())
		return err
	})
	if err != nil {
		return nil, ack, e.InternalServerError("The entries were not stored. Keep them and try again.", err)
	}
	return results, ack, nil
}

// one gives an entry its verdict. An error is a fault of ours and undoes the whole push.
func (p pusher) one(entry devicesync.Entry) (devicesync.Result, error) {
	policy, ok := policyOf(entry.Collection)
	if !ok {
		return refusedResult(entry.N, hard("E_COLLECTION", "There is no such collection to sync.")), nil
	}
	if !entry.GoodID() {
		return refusedResult(entry.N, hard("E_ID", "An id is 15 to 36 letters a-z and digits.")), nil
	}
	collection, err := p.tx.FindCachedCollectionByNameOrId(policy.Collection)
	if err != nil {
		return devicesync.Result{}, err
	}
	current, err := findOrNil(p.tx, collection, entry.ID())
	if err != nil {
		return devicesync.Result{}, err
	}
	line, err := lineOf(p.tx.DB(), collection.Name, entry.ID())
	if err != nil {
		return devicesync.Result{}, err
	}
	scope := scopeOf(entry, policy.Scope, current, line)
	if scope == "" && !p.staff {
		scope = p.user.GetString("patient")
	}
	if result, done, err := p.rightless(entry, collection, scope); done || err != nil {
		return result, err
	}
	return p.settle(entry, collection, current, line, scope)
}

// rightless answers for a caller who may not write this row. What a member of the
// former team had not sent yet is kept for the new one; a stranger's is not.
func (p pusher) rightless(entry devicesync.Entry, collection *core.Collection, scope string) (devicesync.Result, bool, error) {
	if !p.staff && scope != p.user.GetString("patient") {
		return refusedResult(entry.N, hard("E_FORBIDDEN", "This is not your diary.")), true, nil
	}
	right, err := rightOf(p.tx.DB(), p.user, scope)
	if err != nil || right.Writes(collection.Name) {
		return devicesync.Result{}, false, err
	}
	if right.Sees(collection.Name) {
		return refusedResult(entry.N, hard("E_READ_ONLY", "You can read this, not change it.")), true, nil
	}
	once, err := everLinked(p.tx.DB(), p.user.Id, scope)
	if err != nil || !once {
		return refusedResult(entry.N, hard("E_FORBIDDEN", "You have no access to this patient.")), true, err
	}
	err = p.keep(entry, collection.Name, scope, "handed_over", entry.State)
	return devicesync.Result{N: entry.N, Verdict: devicesync.HandedOver}, true, err
}

// settle merges the entry with what is there and stores the outcome.
func (p pusher) settle(entry devicesync.Entry, collection *core.Collection, current *core.Record, line logRow, scope string) (devicesync.Result, error) {
	seen, err := p.lastPush(collection.Name, entry.ID())
	if err != nil {
		return devicesync.Result{}, err
	}
	hash := hashOf(entry)
	if entry.N < seen.N || hash == seen.Hash {
		// a delayed request that a newer one overtook, or one whose answer got lost
		return p.result(entry, devicesync.Unchanged, collection, scope)
	}
	sent, broken := normalise(collection, entry.State)
	base, _ := normalise(collection, entry.Base)
	if len(broken) > 0 {
		return refusedResult(entry.N, broken...), nil
	}
	decision := devicesync.Decide(devicesync.Case{
		Current: stateOrNil(current), Gone: line.Op == "D", Base: base, Pushed: seen.State,
		Sent: sent, Delete: entry.Deleted(), Empty: emptyState(collection), Quiet: quiet,
	})
	refused, err := p.store(entry, collection, current, scope, decision)
	if err != nil || refused != nil {
		return deref(refused), err
	}
	if err := p.remember(collection.Name, entry, hash, sent); err != nil {
		return devicesync.Result{}, err
	}
	result, err := p.result(entry, decision.Verdict, collection, scope)
	for field := range decision.Losing {
		result.Fields = append(result.Fields, field)
	}
	slices.Sort(result.Fields)
	return result, err
}

// store writes a decision within a SAVEPOINT. Rules broken on the way are the
// entry's refusal; the savepoint takes back whatever the attempt had done.
func (p pusher) store(entry devicesync.Entry, collection *core.Collection, current *core.Record, scope string, d devicesync.Decision) (*devicesync.Result, error) {
	if _, err := p.tx.DB().NewQuery("SAVEPOINT entry").Execute(); err != nil {
		return nil, err
	}
	if failure := p.write(entry, collection, current, scope, d); failure != nil {
		if _, err := p.tx.DB().NewQuery("ROLLBACK TO entry").Execute(); err != nil {
			return nil, errors.Join(failure, err)
		}
		data, message, known := explain(failure)
		if !known {
			return nil, failure
		}
		return &devicesync.Result{N: entry.N, Verdict: devicesync.Refused, Message: message, Data: data}, p.release()
	}
	if d.Kind != "" || len(d.Losing) > 0 {
		kind := d.Kind
		if kind == "" {
			kind = "conflict"
		}
		if err := p.keep(entry, collection.Name, scope, kind, d.Losing); err != nil {
			return nil, err
		}
	}
	return nil, p.release()
}

func (p pusher) release() error {
	_, err := p.tx.DB().NewQuery("RELEASE entry").Execute()
	return err
}

func (p pusher) write(entry devicesync.Entry, collection *core.Collection, current *core.Record, scope string, d devicesync.Decision) error {
	record := current
	switch {
	case d.Delete:
		setActor(record, actor{ID: p.user.Id, Via: "sync"})
		return p.tx.Delete(record)
	case d.Create:
		record = core.NewRecord(collection)
		record.Id = entry.ID()
		if collection.Fields.GetByName("patient") != nil {
			record.Set("patient", scope)
		}
	case len(d.Write) == 0:
		return nil
	}
	for field, value := range d.Write {
		record.Set(field, value)
	}
	setActor(record, actor{ID: p.user.Id, Via: "sync"})
	return p.tx.Save(record)
}

// result shows the row as it is now.
func (p pusher) result(entry devicesync.Entry, verdict devicesync.Verdict, collection *core.Collection, scope string) (devicesync.Result, error) {
	result := devicesync.Result{N: entry.N, Verdict: verdict}
	record, err := findOrNil(p.tx, collection, entry.ID())
	if err != nil {
		return result, err
	}
	if record == nil {
		result.Doc = tombstone(collection, entry.ID(), scope)
		return result, nil
	}
	versions, err := revs(p.tx.DB(), collection.Name, []any{record.Id})
	result.Doc = document(record, versions[record.Id])
	return result, err
}

// pushed is what this device sent last for a row, answered or not.
type pushed struct {
	N     int64
	Hash  string
	State devicesync.State
}

func (p pusher) lastPush(collection, doc string) (last pushed, err error) {
	var state sql.NullString
	err = p.tx.DB().NewQuery("SELECT n, hash, state FROM sync_push WHERE user={:u} AND device={:v} AND col={:c} AND doc={:d}").
		Bind(dbx.Params{"u": p.user.Id, "v": p.device, "c": collection, "d": doc}).Row(&last.N, &last.Hash, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return last, nil
	}
	if err == nil && state.Valid {
		err = json.Unmarshal([]byte(state.String), &last.State)
	}
	return last, err
}

// remember writes down what was pushed, so that the same request, sent again
// because its answer got lost, changes nothing.
func (p pusher) remember(collection string, entry devicesync.Entry, hash string, sent devicesync.State) error {
	state, err := json.Marshal(sent)
	if err != nil {
		return err
	}
	seq, err := newestSeq(p.tx.DB())
	if err != nil {
		return err
	}
	_, err = p.tx.DB().NewQuery(`INSERT INTO sync_push(user, device, col, doc, n, hash, state, seq, at) VALUES({:u}, {:v}, {:c}, {:d}, {:n}, {:h}, {:s}, {:q}, {:t})
ON CONFLICT(user, device, col, doc) DO UPDATE SET n=excluded.n, hash=excluded.hash, state=excluded.state, seq=excluded.seq, at=excluded.at`).
		Bind(dbx.Params{"u": p.user.Id, "v": p.device, "c": collection, "d": entry.ID(), "n": entry.N, "h": hash,
			"s": string(state), "q": seq, "t": instantText(p.clock.now())}).Execute()
	return err
}

// keep puts a value that did not become the document's into sync_conflicts, once.
func (p pusher) keep(entry devicesync.Entry, collection, scope, kind string, detail any) error {
	body, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	fingerprint := sha256.Sum256([]byte(p.device + "\x00" + collection + "\x00" + kind + "\x00" + hashOf(entry)))
	_, err = p.tx.DB().NewQuery(`INSERT OR IGNORE INTO sync_conflicts(at, col, doc, scope, user, device, kind, fingerprint, detail)
VALUES({:t}, {:c}, {:d}, {:p}, {:u}, {:v}, {:k}, {:f}, {:b})`).Bind(dbx.Params{
		"t": instantText(p.clock.now()), "c": collection, "d": entry.ID(), "p": scope, "u": p.user.Id, "v": p.device,
		"k": kind, "f": hex.EncodeToString(fingerprint[:]), "b": string(body)}).Execute()
	return err
}

// hashOf names a transition: the same base and the same new state.
func hashOf(entry devicesync.Entry) string {
	body, _ := json.Marshal([]any{entry.Base, entry.State}) // decoded JSON always encodes, keys sorted
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:12])
}

// scopeOf: a row that exists, or did, belongs to its patient whatever the phone says.
func scopeOf(entry devicesync.Entry, column string, current *core.Record, line logRow) string {
	switch {
	case current != nil && column == "id":
		return current.Id
	case current != nil:
		return current.GetString(column)
	case line.Scope != "":
		return line.Scope
	case column == "id":
		return entry.ID()
	}
	return entry.Patient()
}

// lineOf is the journal's line of a document; empty when it has none.
func lineOf(db dbx.Builder, collection, doc string) (line logRow, err error) {
	err = db.NewQuery("SELECT seq, col, doc, scope, op FROM sync_log WHERE col={:c} AND doc={:d} AND audience=''").
		Bind(dbx.Params{"c": collection, "d": doc}).One(&line)
	if errors.Is(err, sql.ErrNoRows) {
		return logRow{}, nil
	}
	return line, err
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

func deref(r *devicesync.Result) devicesync.Result {
	if r == nil {
		return devicesync.Result{}
	}
	return *r
}

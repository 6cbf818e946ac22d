package hooks

import (
	"errors"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/devicesync"
)

// One entry of a push: found, judged by the room, stored.

// subject is the row an entry is about, as the server has it.
type subject struct {
	entry      devicesync.Entry
	policy     access.Policy
	collection *core.Collection
	current    *core.Record // nil: there is none
	line       logRow       // empty: there never was one
	scope      string       // the patient it belongs to
	parted     bool         // what the phone started from is lost, and cannot be stored again
}

// one gives an entry its verdict. An error is a fault of ours and undoes the whole push.
func (p *pusher) one(entry devicesync.Entry) (o outcome, err error) {
	if entry.Bad || entry.State == nil {
		return no(hard("E_JSON", "This entry cannot be read: it needs n, collection, base and state.")), nil
	}
	if entry.N < 1 {
		return no(hard("E_NUMBER", "n is a number from 1 that grows with every entry of this device.")), nil
	}
	policy, ok := policyOf(entry.Collection)
	if !ok {
		return no(hard("E_COLLECTION", "There is no such collection to sync.")), nil
	}
	s, err := p.find(entry, policy)
	if err != nil {
		return o, err
	}
	if !entry.GoodID() {
		o = no(hard("E_ID", "An id is 15 to 36 letters a-z and digits."))
	} else {
		var done bool
		if o, done, err = p.rightless(s); !done && err == nil {
			o, err = p.settle(s)
		}
	}
	o.subject = s
	if err != nil {
		return o, err
	}
	return p.quarantined(o)
}

// no is a refusal that shows nothing.
func no(broken ...clinic.Broken) outcome { return outcome{Result: refused(broken...)} }

// butSee is a refusal with what the server has, if it has the row.
func butSee(broken ...clinic.Broken) outcome { return outcome{Result: refused(broken...), doc: true} }

// quarantined keeps a refused entry for a client that cannot, and gives it a document to go on with.
func (p *pusher) quarantined(o outcome) (outcome, error) {
	if !p.request.Quarantine || o.Verdict != devicesync.Refused && o.Verdict != devicesync.HandedOver {
		return o, nil
	}
	if o.doc = o.doc && o.current != nil; !o.doc {
		o.Doc = tombstone(o.collection, o.entry.ID(), o.scope, o.line.rev())
	}
	if o.Verdict == devicesync.HandedOver {
		return o, nil
	}
	s := o.subject
	if _, denied := o.Data["E_FORBIDDEN"]; denied {
		s.scope = "" // a stranger's words go to nobody's inbox
	}
	return o, p.keep(s, devicesync.KindRejected, map[string]any{"entry": s.entry.State, "refused": o.Data})
}

// find reads the row of an entry. A row that exists, or did, belongs to its patient whatever the phone says.
func (p *pusher) find(entry devicesync.Entry, policy access.Policy) (s subject, err error) {
	s = subject{entry: entry, policy: policy}
	if s.collection, err = p.tx.FindCachedCollectionByNameOrId(policy.Collection); err != nil {
		return s, err
	}
	if err = p.look(&s); err != nil {
		return s, err
	}
	switch {
	case s.line.Scope != "":
		s.scope = s.line.Scope
	case policy.Scope == "id":
		s.scope = entry.ID()
	case entry.Patient() == "" && !p.staff:
		s.scope = p.user.GetString("patient")
	default:
		s.scope = entry.Patient()
	}
	return s, nil
}

// look gives the row and its line of the journal.
func (p *pusher) look(s *subject) (err error) {
	if key := keyOf(s.collection.Name, s.entry.ID()); p.recall.fresh[key] {
		s.current, s.line = p.recall.rows[key], p.recall.lines[key]
		return nil
	}
	if s.current, err = findOrNil(p.tx, s.collection, s.entry.ID()); err != nil {
		return err
	}
	s.line, err = lineOf(p.tx.DB(), s.collection.Name, s.entry.ID())
	return err
}

// settle merges the entry with what is there and stores the outcome.
func (p *pusher) settle(s subject) (outcome, error) {
	if s.line.Op == "E" { // erased for good: not even kept
		return verdict(devicesync.Unchanged), nil
	}
	last := p.recall.last[keyOf(s.collection.Name, s.entry.ID())]
	hash, unseen := hashOf(s.entry), last.Unseen(s.entry, p.request.Ack, s.current == nil, p.history)
	if last.Repeats(s.entry, hash, unseen) {
		return verdict(devicesync.Unchanged), p.renumber(s)
	}
	sent, broken := normalise(p.shapeOf(s.collection).scratch, s.entry.State)
	if len(broken) > 0 {
		return butSee(broken...), nil
	}
	back, err := p.bringBack(&s)
	if err != nil {
		return outcome{}, err
	}
	c, err := p.caseOf(s, sent, last, unseen)
	if err != nil {
		return outcome{}, err
	}
	o, err := p.store(s, devicesync.Decide(c))
	if err != nil || o.Verdict == devicesync.Refused {
		return o, err
	}
	return o.after(back), p.note(s, hash, c.View())
}

// caseOf gathers what decides an entry.
func (p *pusher) caseOf(s subject, sent devicesync.State, last devicesync.Last, unseen bool) (c devicesync.Case, err error) {
	shape := p.shapeOf(s.collection)
	c = devicesync.Case{Current: stateOrNil(s.current), Gone: s.line.Op == "D", Base: last.State, Sent: sent, Delete: s.entry.Deleted(),
		Dead: p.dead(s), Empty: shape.empty, Fields: shape.fields}
	if !unseen {
		if c.Base, c.Echo, err = p.ancestor(s); err != nil {
			return c, err
		}
	}
	if c.Delete && s.current != nil {
		c.Grown, err = p.grown(s)
	}
	return c, err
}

func verdict(v devicesync.Verdict) outcome {
	return outcome{Result: devicesync.Result{Verdict: v}, doc: true}
}

// dead: a row that the server knew once, and of whose deletion nothing is left.
func (p *pusher) dead(s subject) bool {
	rev, ok := devicesync.ParseRev(s.entry.Rev())
	return ok && s.line.Seq == 0 && p.history.Purged(rev)
}

// store writes a decision. With care, a SAVEPOINT takes back whatever a refused attempt had done.
func (p *pusher) store(s subject, d devicesync.Decision) (outcome, error) {
	o := verdict(d.Verdict)
	o.Fields = d.Fields
	if d.Idle() {
		return o, nil
	}
	if p.careful {
		if err := p.run("SAVEPOINT entry"); err != nil {
			return o, err
		}
	}
	saved, failure := p.write(s, d)
	if failure == nil && d.Kind != "" {
		failure = p.keep(s, d.Kind, d.Losing)
	}
	switch {
	case !p.careful && failure != nil:
		return o, errHoped
	case !p.careful:
		p.hope(s, saved)
		return o, nil
	case failure != nil:
		if err := p.run("ROLLBACK TO entry"); err != nil { // the database itself is in trouble
			return o, errors.Join(failure, err)
		}
		o.Result, saved = p.explained(failure), nil
	}
	return o, errors.Join(p.run("RELEASE entry"), p.touched(s, saved))
}

func (p *pusher) run(statement string) error {
	_, err := p.tx.DB().NewQuery(statement).Execute()
	return err
}

// explained is the refusal for a write that failed. Also a fault of ours stays with its entry: it
// must not stand in the way of everything else this phone has to say.
func (p *pusher) explained(failure error) devicesync.Result {
	if data, message, ok := explain(failure); ok {
		return devicesync.Result{Verdict: devicesync.Refused, Message: message, Data: data}
	}
	if strings.Contains(failure.Error(), "part of a required reference") {
		return refused(hard("E_IN_USE", "Other entries belong to this one. Delete them first."))
	}
	p.tx.Logger().Error("exchange: an entry could not be stored", "error", failure)
	return refused(hard("E_NOT_STORED", "The server could not store this. It stays on this phone."))
}

// write saves the record, and gives it back as it is stored now; nil if nothing was.
func (p *pusher) write(s subject, d devicesync.Decision) (*core.Record, error) {
	record := s.current
	switch {
	case d.Create:
		record = core.NewRecord(s.collection)
		record.Id = s.entry.ID()
		record.Set(s.policy.Scope, s.scope)
	case !d.Delete && len(d.Write) == 0:
		return nil, nil
	}
	by := as(p.user, "sync")
	if at, known := devicesync.ParseRev(s.entry.Rev()); known {
		by.Back = !p.history.Issued(at)
	}
	setActor(record, by)
	if d.Delete {
		return nil, p.tx.Delete(record)
	}
	for field, value := range d.Write {
		setValue(record, s.collection.Fields.GetByName(field), value)
	}
	return record, p.tx.Save(record)
}

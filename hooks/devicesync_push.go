package hooks

import (
	"cmp"
	"errors"
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
)

// pusher works through the entries of one request, in one transaction.
type pusher struct {
	*doors
	tx      core.App
	user    *core.Record
	staff   bool
	request devicesync.Request
	rights  map[string]access.Right // by patient: asked once
	handed  map[string]int          // entries kept for the new team, by patient
	denied  []event
	history devicesync.History
	recall  recall
	pushes  []pushedNow
	shapes  map[string]shape // by collection
	careful bool
}

// errHoped: a push did not go as hoped.
var errHoped = errors.New("the push needs care")

// outcome is what became of one entry.
type outcome struct {
	subject
	devicesync.Result
	doc bool // the device is to see the row as it is after the push; a refusal only if there is one
}

// pushed is what became of a push.
type pushed struct {
	verdicts []devicesync.Result
	handed   map[string]int
	last     int64 // the newest number after it
}

// push stores what the phone sends: one transaction, one fsync. A refused entry does not stop the others. Nearly every push
// is all new words of one person, so it is first tried in hope: that each entry is stored, and moves its own line of the
// journal and no other. If that turns out wrong, everything is taken back and done with care, with a SAVEPOINT an entry.
func (d *doors) push(e *core.RequestEvent, request devicesync.Request, staff bool, from heard) (done pushed, err error) {
	if len(request.Push) == 0 {
		done.verdicts = []devicesync.Result{}
		done.last, err = newestSeq(e.App.DB())
		return done, errors.Join(err, from.note(e.App.NonconcurrentDB()))
	}
	leave := d.gate.enter(len(request.Push))
	if leave == nil {
		d.metrics.busy.Inc()
		return done, busy(e)
	}
	defer leave()
	slices.SortStableFunc(request.Push, func(a, b devicesync.Entry) int { return cmp.Compare(a.N, b.N) })
	p := pusher{careful: slices.ContainsFunc(request.Push, devicesync.Entry.Deleted)} // what hangs on a row goes with it
	for {
		err = e.App.RunInTransaction(func(tx core.App) error {
			p = pusher{doors: d, tx: tx, user: e.Auth, staff: staff, request: request, careful: p.careful, rights: map[string]access.Right{}, handed: map[string]int{}, shapes: map[string]shape{}}
			if done, err = p.push(); err != nil {
				return err
			}
			return from.note(tx.DB())
		})
		if !errors.Is(err, errHoped) {
			break
		}
		p.careful = true
	}
	if err != nil {
		return done, e.InternalServerError("The entries were not stored. Keep them and try again.", err)
	}
	d.metrics.pushed(done.verdicts)
	if len(p.denied) > 0 {
		err = d.audit(e.App, p.denied...)
	}
	return done, err
}

func (p *pusher) push() (done pushed, err error) {
	if p.history, err = p.log.history(p.tx.DB()); err != nil {
		return done, err
	}
	if err = p.readAhead(); err != nil {
		return done, err
	}
	done.handed = p.handed
	err = p.holding(p.tx, func() (err error) { done.verdicts, err = p.all(); return err })
	if err != nil {
		return done, err
	}
	done.last, err = newestSeq(p.tx.DB())
	return done, err
}

// all works through the entries, then reads in one go what the server has of their rows now.
func (p *pusher) all() ([]devicesync.Result, error) {
	results := make([]devicesync.Result, len(p.request.Push))
	outcomes := make([]outcome, len(p.request.Push))
	for i, entry := range p.request.Push {
		o, err := p.one(entry)
		if err != nil {
			return nil, err
		}
		outcomes[i], results[i] = o, o.Result
		results[i].N = entry.N
	}
	if err := p.asHoped(); err != nil {
		return nil, err
	}
	if err := p.show(results, outcomes); err != nil {
		return nil, err
	}
	return results, p.remember()
}

package hooks

import (
	"errors"
	"sync"

	"github.com/pocketbase/pocketbase/core"
)

// What follows from many rows is worked out once. A record event asks for it with atEnd; in a transaction that is held, as a
// push holds its own, it runs at the end, however many entries have asked; otherwise at once. Between the entries of one push
// there are states that nobody was in: a dose taken back and put in again raises nothing and withdraws nothing.

type afterwards struct {
	mu   sync.Mutex
	work map[core.App]map[string]func() error // by transaction and subject
}

// atEnd runs work about a subject, within the transaction.
func (d *doors) atEnd(tx core.App, subject string, work func() error) error {
	d.later.mu.Lock()
	waiting, holds := d.later.work[tx]
	if holds {
		waiting[subject] = work
	}
	d.later.mu.Unlock()
	if holds {
		return nil
	}
	return work()
}

// holding runs what stores many entries, then once what they have asked for. A fault of ours there takes back only itself, is
// logged, and is made good by the hourly look: it must not stand in the way of what a phone has to say.
func (d *doors) holding(tx core.App, store func() error) error {
	d.later.begin(tx)
	defer d.later.end(tx)
	if err := store(); err != nil {
		return err
	}
	var failed error
	for _, work := range d.later.end(tx) {
		failed = errors.Join(failed, guarded(tx, work))
	}
	return failed
}

func (h *afterwards) begin(tx core.App) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.work == nil {
		h.work = map[core.App]map[string]func() error{}
	}
	h.work[tx] = map[string]func() error{}
}

func (h *afterwards) end(tx core.App) map[string]func() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	waiting := h.work[tx]
	delete(h.work, tx)
	return waiting
}

// guarded runs work within a SAVEPOINT. The error is one of the database itself.
func guarded(tx core.App, work func() error) error {
	run := func(statement string) error {
		_, err := tx.DB().NewQuery(statement).Execute()
		return err
	}
	if err := run("SAVEPOINT follows"); err != nil {
		return err
	}
	if failure := work(); failure != nil {
		tx.Logger().Error("what follows from an entry could not be stored", "error", failure)
		return errors.Join(run("ROLLBACK TO follows"), run("RELEASE follows"))
	}
	return run("RELEASE follows")
}

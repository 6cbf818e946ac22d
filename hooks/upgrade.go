package hooks

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/upkeep"
)

// An upgrade is rehearsed on a copy: with the new binary, beside the running old one. Nothing of the database in use changes, so
// there is nothing to roll back.

// rehearsal is what an upgrade would do.
type rehearsal struct {
	Steps  int // migrations that ran
	Counts []upkeep.Tally
	Wrong  []string
}

func rehearseUpgrade(app core.App) (r rehearsal, err error) {
	dir, remove, err := aside(app.DataDir())
	if err != nil {
		return r, err
	}
	defer remove()
	path := filepath.Join(dir, "data.db")
	if _, err := app.NonconcurrentDB().NewQuery("VACUUM INTO {:to}").Bind(dbx.Params{"to": path}).Execute(); err != nil {
		return r, fmt.Errorf("copying the database: %w", err)
	}
	ran, err := migrationsOf(path)
	if err != nil {
		return r, err
	}
	was, err := examine(dir, false)
	if err != nil {
		return r, fmt.Errorf("the database as it is: %w", err)
	}
	is, err := examine(dir, true)
	if err != nil {
		return r, fmt.Errorf("the upgrade would fail, and leave the database as it is: %w", err)
	}
	now, err := migrationsOf(path)
	r.Steps, r.Counts = now-ran, is.Counts
	r.Wrong = append(is.Judge(), upkeep.Changed(was, is)...)
	return r, err
}

func migrationsOf(path string) (n int, err error) {
	db, err := Connect(path)
	if err != nil {
		return 0, err
	}
	err = db.NewQuery("SELECT COUNT(*) FROM _migrations").Row(&n)
	return n, errors.Join(err, db.Close())
}

// report says how it went, or why not to upgrade.
func (r rehearsal) report() (string, error) {
	if len(r.Wrong) > 0 {
		return "", errors.New("do not upgrade: " + strings.Join(r.Wrong, "; "))
	}
	rows := 0
	for _, t := range r.Counts {
		rows += t.Rows
	}
	return fmt.Sprintf("The upgrade works on a copy: %d steps, %d rows in %d collections, each as before. Nothing was changed here.", r.Steps, rows, len(r.Counts)), nil
}

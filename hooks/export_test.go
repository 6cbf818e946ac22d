package hooks

import (
	"context"
	"database/sql"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// The statements that an exchange, and a pull of one collection, read the journal with.
var (
	NewsOfAll = newsOfAll
	NewsOfOne = newsOfOne
)

// DueQuery is what the look of a minute reads reminders with.
const DueQuery = dueQuery

// LooksAround is another server's look at what is due.
func LooksAround(app core.App, clock *Clock) func() {
	d, post := &doors{clock: clock}, newPost(true)
	return func() { d.remind(app, post) }
}

// Retain is the nightly job.
var Retain = retain

// Killer is how chaos ends a server.
var Killer = killer

// Held counts the requests that wait to be overtaken.
func (c *Chaos) Held() int { c.mu.Lock(); defer c.mu.Unlock(); return len(c.held) }

// Decided marks a record as one that the rules of a plan of care have let pass: a row as the doors have stored it.
func Decided(r *core.Record) { r.SetRaw(decidedKey, mark{}) }

// RunDue is the nightly run of trigger analyses.
func RunDue(app core.App, clock *Clock) error { return (&doors{clock: clock}).runDue(app) }

// LogTables hears every statement that reads.
func LogTables(hear func(statement string)) dbx.QueryLogFunc {
	return func(_ context.Context, _ time.Duration, statement string, _ *sql.Rows, _ error) { hear(statement) }
}

// CheckTriggers and EndSessions are what a start and a night do.
var (
	CheckTriggers = checkTriggers
	EndSessions   = endSessions
)

// RefusalsQuery counts what a clinic's people were refused.
const RefusalsQuery = refusalsQuery

// ApplyRules is the hourly look at rules that are due.
func ApplyRules(app core.App, clock *Clock) error { return (&doors{clock: clock}).applyRules(app) }

// RehearseUpgrade is `interictal drill --upgrade`.
func RehearseUpgrade(app core.App) (string, error) {
	r, err := rehearseUpgrade(app)
	if err != nil {
		return "", err
	}
	return r.report()
}

package hooks

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/upkeep"
)

// A copy that nobody has put back is a hope. The drill puts the newest one back aside, brings it to this version as a
// start would, looks at all of it, and throws it away.

const drillKey = "drill" // in sync_meta

// drilled is how a drill went.
type drilled struct {
	upkeep.Drill
	Of      time.Time       `json:"of"` // the copy
	Found   upkeep.Restored `json:"-"`
	Seconds float64         `json:"seconds"`
}

func (d drilled) failure() error {
	if d.Good {
		return nil
	}
	return errors.New(d.Says)
}

// drill runs one and writes down how it went. The error is of the writing down.
func drill(ctx context.Context, app core.App, k *Keep, now time.Time) (d drilled, err error) {
	began := time.Now()
	d.At = now
	d.Says, err = rehearse(ctx, app, k, &d)
	if d.Good = err == nil; err != nil {
		d.Says = err.Error()
	}
	d.Seconds = time.Since(began).Round(time.Millisecond).Seconds()
	body, err := json.Marshal(d)
	if err != nil {
		return d, err
	}
	_, err = app.NonconcurrentDB().NewQuery("INSERT INTO sync_meta(key, value) VALUES({:k}, {:v}) ON CONFLICT(key) DO UPDATE SET value=excluded.value").
		Bind(dbx.Params{"k": drillKey, "v": string(body)}).Execute()
	return d, err
}

func rehearse(ctx context.Context, app core.App, k *Keep, d *drilled) (says string, err error) {
	dir, remove, err := aside(app.DataDir())
	if err != nil {
		return "", err
	}
	defer remove()
	of, err := putTogether(ctx, k, time.Time{}, dir, func(int, int) {})
	if err != nil {
		return "", err
	}
	d.Of = of.At
	if d.Found, err = examine(dir, true); err != nil {
		return "", err
	}
	if wrong := d.Found.Judge(); len(wrong) > 0 {
		return "", errors.New(strings.Join(wrong, "; "))
	}
	newest, err := newestSeq(app.DB())
	if err != nil {
		return "", err
	}
	if d.Found.Seq > newest {
		return "", fmt.Errorf("the copy is ahead of this database (%d, %d): is it another server's?", d.Found.Seq, newest)
	}
	return fmt.Sprintf("the copy of %s came back whole: %d rows in %d collections, %d changes behind the server.",
		d.Of.Format(time.RFC3339), d.Found.Rows(), len(d.Found.Counts), newest-d.Found.Seq), nil
}

// lastDrill is how the last one went; nil when there was none.
func lastDrill(app core.App) (*upkeep.Drill, error) {
	var text string
	err := app.DB().NewQuery("SELECT value FROM sync_meta WHERE key={:k}").Bind(dbx.Params{"k": drillKey}).Row(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d drilled
	err = json.Unmarshal([]byte(text), &d)
	return &d.Drill, err
}

package hooks

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
	"interictal/hooks/caseload"
)

// The list is read from rows that were reckoned before (docs/decisions/019). What is not there, or was of another day, is
// reckoned by whoever asks, and by the hourly look, so that a morning begins with rows that are there.

// keptRow is a row of the list as it is stored; without a body it is still to be reckoned.
type keptRow struct {
	patient string
	role    access.Role // of the reader
	place   string
	body    string
}

// freshRow was reckoned just now, of what nobody had touched since.
type freshRow struct {
	keptRow
	touched      int64
	since, until time.Time
}

// rowHolds: it was reckoned on a day that is still today.
const rowHolds = "r.since<={:now} AND r.until>{:now}"

// keptRows are the rows of those whom a person treats, in order.
func (d *doors) keptRows(ctx context.Context, app core.App, user string, now time.Time) ([]keptRow, error) {
	rows, err := storedRows(ctx, app, user, now)
	if err != nil {
		return nil, err
	}
	var made []freshRow
	for i, row := range rows {
		if row.body != "" {
			continue
		}
		fresh, err := d.reckon(app, row.patient, now)
		if err != nil {
			return nil, err
		}
		rows[i].place, rows[i].body = fresh.place, fresh.body
		made = append(made, fresh)
	}
	slices.SortFunc(rows, func(a, b keptRow) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.patient, b.patient))
	})
	return rows, keep(app, made)
}

// storedRows reads by hand: for two hundred rows the reflection of a list of structs costs more than the reading.
func storedRows(ctx context.Context, app core.App, user string, now time.Time) (out []keptRow, err error) {
	rows, err := app.ConcurrentDB().NewQuery(`SELECT l.patient, l.role, r.place, r.body, ` + rowHolds + ` FROM care_links l JOIN caseload_rows r ON r.patient=l.patient
WHERE l.member={:me} AND l.until='' AND l.role IN (` + treating + `)`).Bind(dbx.Params{"me": user, "now": instantText(now)}).WithContext(ctx).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row keptRow
		var holds bool
		if err := rows.Scan(&row.patient, &row.role, &row.place, &row.body, &holds); err != nil {
			return nil, err
		}
		if !holds {
			row.body = ""
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// reckon works out one row and until when it holds. What was touched is read first: a change that comes between is seen when it
// is stored.
func (d *doors) reckon(app core.App, patient string, now time.Time) (fresh freshRow, err error) {
	fresh.patient, fresh.since = patient, now
	if err = app.DB().Select("touched").From("caseload_rows").Where(dbx.HashExp{"patient": patient}).Row(&fresh.touched); err != nil {
		return fresh, err
	}
	row, until, err := d.caseloadRow(app, patient, now)
	if err != nil {
		return fresh, err
	}
	body, err := json.Marshal(row)
	fresh.until, fresh.body = until, string(body)
	fresh.place = caseload.Place{Key: row.Rank.Key, Next: row.facts.NextVisit, Name: row.Name}.String()
	return fresh, err
}

// keep stores reckoned rows in one transaction. One that was touched since is left for the next who asks.
func keep(app core.App, rows []freshRow) error {
	if len(rows) == 0 {
		return nil
	}
	return app.RunInTransaction(func(tx core.App) error {
		for _, r := range rows {
			_, err := tx.DB().NewQuery(`UPDATE caseload_rows SET since={:since}, until={:until}, place={:place}, body={:body} WHERE patient={:p} AND touched={:t}`).
				Bind(dbx.Params{"p": r.patient, "t": r.touched, "since": instantText(r.since), "until": instantText(r.until), "place": r.place, "body": r.body}).Execute()
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// bindCaseload: an hour's other looks come first, as what they raise takes rows away. It does not run at the start: rows outlive
// a restart, and five thousand patients would keep the server from answering.
func (d *doors) bindCaseload(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "caseloadHourly", Func: func(e *core.ServeEvent) error {
		return errors.Join(e.App.Cron().Add("caseload", "45 * * * *", func() {
			if err := d.lookAtCaseload(e.App); err != nil {
				e.App.Logger().Error("the list could not all be reckoned", "error", err)
			}
		}), e.Next())
	}})
}

// lookAtCaseload reckons what is not there, for everybody whom somebody treats: a new day has taken all rows away. One at a time,
// so that nobody waits long for the writer.
func (d *doors) lookAtCaseload(app core.App) error {
	now := d.clock.now()
	var patients []string
	err := app.DB().NewQuery(`SELECT r.patient FROM caseload_rows r WHERE NOT (` + rowHolds + `)
AND EXISTS (SELECT 1 FROM care_links l WHERE l.patient=r.patient AND l.until='' AND l.role IN (` + treating + `))`).Bind(dbx.Params{"now": instantText(now)}).Column(&patients)
	for _, patient := range patients {
		fresh, failed := d.reckon(app, patient, now)
		if failed == nil {
			failed = keep(app, []freshRow{fresh})
		}
		err = errors.Join(err, failed)
	}
	return err
}

// holdsUntil is the first moment at which a row says something else without a write: a day begins where she is or where the
// clinic is, or the next visit has begun.
func holdsUntil(row caseloadRow, now time.Time, zones ...*time.Location) time.Time {
	until := now.Add(24 * time.Hour)
	for _, zone := range zones {
		y, m, day := now.In(zone).Date()
		if next := time.Date(y, m, day+1, 0, 0, 0, 0, zone); next.Before(until) {
			until = next
		}
	}
	if row.NextVisit != nil && row.NextVisit.Before(until) {
		until = *row.NextVisit
	}
	return until
}

package hooks

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
)

// The list is read from rows that were reckoned before (docs/decisions/019). What is not there, or was of another day, is
// reckoned by whoever asks, and by the hourly look, so that a morning begins with rows that are there.

// keptRow is a row of the list as it is stored; without a body it is still to be reckoned.
type keptRow struct {
	Patient string      `db:"patient"`
	Role    access.Role `db:"role"` // of the reader
	Touched int64       `db:"touched"`
	Key     int         `db:"key"`
	Next    string      `db:"next"` // visit; "" none
	Name    string      `db:"name"`
	Body    string      `db:"body"`
	since   time.Time
	until   time.Time
}

// right: the row was reckoned on a day that is still today.
const rowHolds = "r.since<={:now} AND r.until>{:now}"

// keptRows are the rows of those whom a person treats, in order.
func (d *doors) keptRows(app core.App, user string, now time.Time) ([]keptRow, error) {
	var rows []keptRow
	err := app.DB().NewQuery(`SELECT l.patient, l.role, r.touched, r.key, r.next, r.name, CASE WHEN ` + rowHolds + ` THEN r.body ELSE '' END AS body
FROM care_links l JOIN caseload_rows r ON r.patient=l.patient WHERE l.member={:me} AND l.until='' AND l.role IN (` + treating + `)`).
		Bind(dbx.Params{"me": user, "now": instantText(now)}).All(&rows)
	if err != nil {
		return nil, err
	}
	if err := d.reckon(app, rows, now); err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b keptRow) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), compareNext(a.Next, b.Next), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Patient, b.Patient))
	})
	return rows, nil
}

// compareNext: an instant as it is stored sorts as text; none comes last.
func compareNext(a, b string) int {
	return cmp.Or(cmp.Compare(boolInt(a == ""), boolInt(b == "")), cmp.Compare(a, b))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// reckon fills in the rows without a body and stores them.
func (d *doors) reckon(app core.App, rows []keptRow, now time.Time) error {
	var made []keptRow
	for i, row := range rows {
		if row.Body != "" {
			continue
		}
		fresh, err := d.reckonRow(app, row.Patient, now)
		if err != nil {
			return err
		}
		fresh.Role, fresh.Touched = row.Role, row.Touched
		rows[i] = fresh
		made = append(made, fresh)
	}
	return keep(app, made)
}

// reckonRow works out one row and until when it holds.
func (d *doors) reckonRow(app core.App, patient string, now time.Time) (keptRow, error) {
	row, until, err := d.caseloadRow(app, patient, now)
	if err != nil {
		return keptRow{}, err
	}
	body, err := json.Marshal(row)
	kept := keptRow{Patient: patient, Key: row.Rank.Key, Name: row.Name, Body: string(body), since: now, until: until}
	if row.NextVisit != nil {
		kept.Next = instantText(*row.NextVisit)
	}
	return kept, err
}

// keep stores reckoned rows in one transaction. One that was touched since is left for the next who asks.
func keep(app core.App, rows []keptRow) error {
	if len(rows) == 0 {
		return nil
	}
	return app.RunInTransaction(func(tx core.App) error {
		for _, r := range rows {
			_, err := tx.DB().NewQuery(`UPDATE caseload_rows SET since={:since}, until={:until}, key={:key}, next={:next}, name={:name}, body={:body} WHERE patient={:p} AND touched={:t}`).
				Bind(dbx.Params{"p": r.Patient, "t": r.Touched, "since": instantText(r.since), "until": instantText(r.until), "key": r.Key, "next": r.Next, "name": r.Name, "body": r.Body}).Execute()
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

// lookAtCaseload reckons what the new day has taken away, for everybody whom somebody treats. Rows that were only touched
// wait for whoever asks: a night in which many phones write reckons nothing twice.
func (d *doors) lookAtCaseload(app core.App) error {
	now := d.clock.now()
	var rows []keptRow
	err := app.DB().NewQuery(`SELECT r.patient, r.touched, 0 AS key, '' AS next, '' AS name, '' AS body, '' AS role FROM caseload_rows r WHERE NOT (` + rowHolds + `)
AND EXISTS (SELECT 1 FROM care_links l WHERE l.patient=r.patient AND l.until='' AND l.role IN (` + treating + `))`).Bind(dbx.Params{"now": instantText(now)}).All(&rows)
	for i := range rows {
		err = errors.Join(err, d.reckon(app, rows[i:i+1], now)) // one at a time: nobody waits long for the writer
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

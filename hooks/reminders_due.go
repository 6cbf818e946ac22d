package hooks

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/program"
	"interictal/hooks/reminders"
)

// dueAtOnce is the most that one look takes up; the rest is a minute later, and still in time for half an hour.
const dueAtOnce = 500

type dueRow struct {
	Patient string         `db:"patient"`
	Kind    reminders.Kind `db:"kind"`
	About   string         `db:"about"`
	At      types.DateTime `db:"at"`
	Last    types.DateTime `db:"last"`
}

// remind looks at what is due, writes down that it was, and only then sends: what is lost in between is not sent twice. Of two servers
// on one folder, and of two looks, one has it.
func (d *doors) remind(app core.App, post *post) {
	if !d.reminding.TryLock() {
		return // the look of the minute before still sends
	}
	defer d.reminding.Unlock()
	to, err := d.takeDue(app)
	if err != nil {
		app.Logger().Error("not all reminders could be looked at", "error", err)
	}
	d.sendTo(app, post, to)
}

// takeDue gives back who is to be reminded, each once, whatever it is of.
func (d *doors) takeDue(app core.App) (patients []string, err error) {
	now := d.clock.now()
	var due []dueRow
	err = app.DB().NewQuery(dueQuery).Bind(dbx.Params{"now": instantText(now), "most": dueAtOnce}).All(&due)
	for _, row := range due {
		send, fault := d.take(app, row, now)
		if fault != nil {
			err = fault // of this one; the others have waited too
			continue
		}
		if send && !slices.Contains(patients, row.Patient) {
			patients = append(patients, row.Patient)
		}
	}
	return patients, err
}

// dueQuery reads what has come due, by the index of its time.
const dueQuery = "SELECT patient, kind, about, at, last FROM reminders_due WHERE at <> '' AND at <= {:now} ORDER BY at LIMIT {:most}"

// take decides about one, and moves it on to its next time.
func (d *doors) take(app core.App, row dueRow, now time.Time) (send bool, err error) {
	choices, err := choicesOf(app.DB(), row.Patient)
	if err != nil {
		return false, err
	}
	facts := reminders.Facts{Due: row.At.Time(), Last: row.Last.Time()}
	if facts.Attack, err = inAttack(app.DB(), row.Patient); err != nil {
		return false, err
	}
	if !facts.Attack {
		if facts.Done, err = d.isDone(app, row, choices, now); err != nil {
			return false, err
		}
	}
	why := choices.Decide(row.Kind, facts, now)
	moved, err := moveOn(app.DB(), row, choices.Next(row.Kind, now), why == reminders.Send, now)
	return moved && why == reminders.Send, err
}

// moveOn: an effect is asked once; a daily reminder has a next day. What somebody else has moved on, or she has put at another time,
// is not ours any more.
func moveOn(db dbx.Builder, row dueRow, next time.Time, sent bool, now time.Time) (moved bool, err error) {
	key := dbx.HashExp{"patient": row.Patient, "kind": string(row.Kind), "about": row.About, "at": instantText(row.At.Time())}
	change := dbx.Params{"at": instantText(next)}
	if sent {
		change["last"] = instantText(now)
	}
	move := db.Update("reminders_due", change, key)
	if row.Kind == reminders.Effect {
		move = db.Delete("reminders_due", key)
	}
	done, err := move.Execute()
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

func inAttack(db dbx.Builder, patient string) (bool, error) {
	var n int
	err := db.Select("COUNT(*)").From("attacks").Where(dbx.HashExp{"patient": patient, "ended_at": "", "end_known": ""}).Row(&n)
	return n > 0, err
}

func (d *doors) isDone(app core.App, row dueRow, c reminders.Choices, now time.Time) (bool, error) {
	switch row.Kind {
	case reminders.Diary:
		return dayNoted(app.DB(), row.Patient, clinic.DayOf(now, c.Zone), c.Zone)
	case reminders.Exercise:
		return d.nothingDue(app, row.Patient)
	}
	collection, id, _ := strings.Cut(row.About, "/")
	r, err := app.FindRecordById(collection, id)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil // what was taken back needs no answer
	}
	return err == nil && isTold(r), err
}

// dayNoted: she has said whether there was a headache, or an attack has begun that day.
func dayNoted(db dbx.Builder, patient string, day clinic.Day, zone *time.Location) (bool, error) {
	var n int
	err := db.NewQuery(`SELECT (SELECT COUNT(*) FROM diary_days WHERE patient={:p} AND day={:day} AND headache IN ('true', 'false')) +
(SELECT COUNT(*) FROM attacks WHERE patient={:p} AND started_at>={:from} AND started_at<{:until})`).Bind(dbx.Params{"p": patient, "day": day.String(),
		"from": instantText(day.Start(zone)), "until": instantText(day.Add(1).Start(zone))}).Row(&n)
	return n > 0, err
}

// nothingDue: all exercises of the day are done, left out, or there are none.
func (d *doors) nothingDue(app core.App, patient string) (bool, error) {
	g, err := d.regimenOf(app, patient, 0, access.Right{Roles: []access.Role{access.Patient}})
	if err != nil {
		return false, err
	}
	shown, _ := program.Today(g.items, g.logs, g.person)
	return !slices.ContainsFunc(shown, func(s program.Shown) bool { return s.Due }), nil
}

package hooks

import (
	"cmp"
	"database/sql"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/reminders"
)

// Reminders: what a patient wants is a row of hers; when it comes next is the server's own table, so that a look each minute reads
// what is due and nothing else. Whether it goes out is asked anew at that moment (reminders_due.go).

// phonesEach is how many browsers one patient is reminded on; the one that was added first gives way.
const phonesEach = 10

func (d *doors) bindReminders(app core.App, dev bool) {
	post := newPost(dev)
	on := func(id string, fn func(*core.RecordEvent) error) *hook.Handler[*core.RecordEvent] {
		return &hook.Handler[*core.RecordEvent]{Id: id, Func: fn}
	}
	app.OnRecordCreate("push_subscriptions").Bind(on("subscribe", d.addPhone(dev)))
	app.OnRecordDelete("push_subscriptions").Bind(on("unsubscribe", d.replan))
	app.OnRecordCreate("reminders").Bind(on("reminders", d.replan))
	app.OnRecordUpdate("reminders").Bind(on("reminders", d.replan))
	app.OnRecordDelete("reminders").Bind(on("reminders", d.replan))
	timed := []string{"medication_doses", "modality_sessions", "neuromod_sessions"}
	app.OnRecordCreate(timed...).Bind(on("effectLater", d.effectLater))
	app.OnRecordUpdate(timed...).Bind(on("effectLater", d.effectLater))
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "reminders", Func: func(e *core.ServeEvent) error {
		if err := d.makeKey(e.App); err != nil {
			return err
		}
		if err := e.App.Cron().Add("reminders", "* * * * *", func() { d.remind(e.App, post) }); err != nil {
			return err
		}
		return e.Next()
	}})
}

// addPhone: a browser is one account's. Whoever knows its address holds it, so the last account to say so has it.
func (d *doors) addPhone(dev bool) func(*core.RecordEvent) error {
	return func(e *core.RecordEvent) error {
		r := e.Record
		if fault := subscriptionOf(r).Fault(dev); fault != nil {
			return refuse(http.StatusUnprocessableEntity, *fault)
		}
		var user string
		err := e.App.DB().Select("id").From("users").Where(dbx.HashExp{"id": actorOf(r).ID}).Row(&user)
		if err != nil && !errors.Is(err, sql.ErrNoRows) { // none: our own code, or a superuser
			return err
		}
		r.Set("user", user)
		return inTx(e, func(tx core.App) error {
			if err := makeRoom(tx.DB(), r); err != nil {
				return err
			}
			if err := e.Next(); err != nil {
				return err
			}
			return d.plan(tx.DB(), r.GetString("patient"))
		})
	}
}

func subscriptionOf(r *core.Record) reminders.Subscription {
	return reminders.Subscription{Endpoint: r.GetString("endpoint"), P256dh: r.GetString("p256dh"), Auth: r.GetString("auth")}
}

func makeRoom(db dbx.Builder, r *core.Record) error {
	_, err := db.NewQuery(`DELETE FROM push_subscriptions WHERE endpoint={:endpoint} OR id IN
(SELECT id FROM push_subscriptions WHERE patient={:p} ORDER BY created DESC, id LIMIT -1 OFFSET {:keep})`).
		Bind(dbx.Params{"endpoint": r.GetString("endpoint"), "p": r.GetString("patient"), "keep": phonesEach - 1}).Execute()
	return err
}

// replan: what she wants, or where she is reached, is another.
func (d *doors) replan(e *core.RecordEvent) error {
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return d.plan(tx.DB(), e.Record.GetString("patient"))
	})
}

// plan writes down when each daily reminder comes next; none where nobody is reached or it is off.
func (d *doors) plan(db dbx.Builder, patient string) error {
	choices, err := choicesOf(db, patient)
	if err != nil {
		return err
	}
	reached, err := isReached(db, patient)
	if err != nil {
		return err
	}
	for _, kind := range reminders.Daily {
		var next time.Time
		if reached {
			next = choices.Next(kind, d.clock.now())
		}
		if err := dueAt(db, patient, kind, "", next); err != nil {
			return err
		}
	}
	if reached && choices.Effect {
		return nil
	}
	_, err = db.Delete("reminders_due", dbx.HashExp{"patient": patient, "kind": string(reminders.Effect)}).Execute()
	return err
}

func dueAt(db dbx.Builder, patient string, kind reminders.Kind, about string, at time.Time) error {
	_, err := db.NewQuery(`INSERT INTO reminders_due(patient, kind, about, at) VALUES({:p}, {:kind}, {:about}, {:at})
ON CONFLICT(patient, kind, about) DO UPDATE SET at=excluded.at`).
		Bind(dbx.Params{"p": patient, "kind": string(kind), "about": about, "at": instantText(at)}).Execute()
	return err
}

func isReached(db dbx.Builder, patient string) (bool, error) {
	var n int
	err := db.Select("COUNT(*)").From("push_subscriptions").Where(dbx.HashExp{"patient": patient}).Row(&n)
	return n > 0, err
}

// choicesOf is what a patient wants; without a row, nothing.
func choicesOf(db dbx.Builder, patient string) (reminders.Choices, error) {
	var row struct {
		Diary    string `db:"diary_at"`
		Exercise string `db:"exercise_at"`
		Effect   bool   `db:"effect"`
		From     string `db:"quiet_from"`
		Until    string `db:"quiet_until"`
		TZ       string `db:"tz"`
		Own      string `db:"timezone"`
	}
	err := db.NewQuery(`SELECT COALESCE(r.diary_at, '') diary_at, COALESCE(r.exercise_at, '') exercise_at, COALESCE(r.effect, FALSE) effect,
COALESCE(r.quiet_from, '') quiet_from, COALESCE(r.quiet_until, '') quiet_until, COALESCE(r.tz, '') tz, p.timezone
FROM patients p LEFT JOIN reminders r ON r.patient=p.id WHERE p.id={:p}`).Bind(dbx.Params{"p": patient}).One(&row)
	minute := reminders.ParseMinute
	return reminders.Choices{Zone: cmp.Or(zoneOrNil(row.TZ), zoneOrNil(row.Own), time.UTC), Diary: minute(row.Diary), Exercise: minute(row.Exercise), Effect: row.Effect,
		QuietFrom: minute(row.From), QuietUntil: minute(row.Until)}, err
}

// effectLater: a dose, a device or cold has begun something whose effect can be told later. Once for each: a time that is changed
// afterwards asks nothing anew.
func (d *doors) effectLater(e *core.RecordEvent) error {
	r := e.Record
	begun := r.IsNew() || r.GetString("state") != r.Original().GetString("state")
	if err := e.Next(); err != nil || !begun {
		return err
	}
	if has, err := hasEffect(e.App.DB(), r); err != nil || !has {
		return err
	}
	at := r.GetDateTime(startOf[r.Collection().Name]).Time().Add(reminders.EffectAfter(r.Collection().Name))
	if !at.After(d.clock.now()) {
		return nil // written down afterwards
	}
	patient := r.GetString("patient")
	choices, err := choicesOf(e.App.DB(), patient)
	if err != nil || !choices.Effect {
		return err
	}
	if reached, err := isReached(e.App.DB(), patient); err != nil || !reached {
		return err
	}
	return dueAt(e.App.DB(), patient, reminders.Effect, r.Collection().Name+"/"+r.Id, at)
}

// startOf and toldIn are when a row begins, and where its effect is told.
var (
	startOf = map[string]string{"medication_doses": "taken_at", "modality_sessions": "started_at", "neuromod_sessions": "started_at"}
	toldIn  = map[string][]string{"medication_doses": {"pain_2h", "worked"}, "modality_sessions": {"pain_30min"}, "neuromod_sessions": {"pain_2h"}}
)

// hasEffect: of cold, of a device in an attack, of an acute medicine; and only once it is held.
func hasEffect(db dbx.Builder, r *core.Record) (bool, error) {
	switch r.Collection().Name {
	case "modality_sessions":
		return r.GetString("type") == "cold" && r.GetString("state") != "next", nil
	case "neuromod_sessions":
		return r.GetString("mode") == "acute" && r.GetString("state") != "next", nil
	}
	var indication string
	err := db.Select("indication").From("medications").Where(dbx.HashExp{"id": r.GetString("medication")}).Row(&indication)
	return indication != "preventive", err
}

func isTold(r *core.Record) bool {
	return slices.ContainsFunc(toldIn[r.Collection().Name], func(field string) bool {
		return valuesOf(r)(field) != nil
	})
}

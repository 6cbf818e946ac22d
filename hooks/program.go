package hooks

import (
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/program"
)

// The home program. A prescription is an exercise row; each change of its dose becomes a version in the transaction that makes
// it, so that the dose in force on any day is known, however the change came: a person, REST, a step of the engine, an import.

var (
	// doseFields make up the dose; a change of any of them, or of the days and the confirmation, is a new version.
	doseFields = map[string]program.Variable{"sets": program.Sets, "reps": program.Reps, "hold_seconds": program.Hold, "minutes": program.Minutes, "load": program.Load, "per_week": program.Frequency}
	houseRows  = []string{"library_items", "education_items", "program_templates"}
)

// bindProgram holds prescriptions, proposals, the library and what is read to their rules.
func (d *doors) bindProgram(app core.App) {
	on := func(id string, fn func(*core.RecordEvent) error) *hook.Handler[*core.RecordEvent] {
		return &hook.Handler[*core.RecordEvent]{Id: id, Func: fn, Priority: -50}
	}
	app.OnRecordCreate("exercises").Bind(on("prescribe", d.prescribe))
	app.OnRecordUpdate("exercises").Bind(on("prescribe", d.prescribe))
	ruled := []string{"exercise_versions", "progression_proposals"}
	app.OnRecordCreate(ruled...).Bind(on("programFollows", follows))
	app.OnRecordUpdate(ruled...).Bind(on("programFollows", follows))
	app.OnRecordDelete(ruled...).Bind(on("programKept", keptForGood))
	app.OnRecordDelete("exercises").Bind(on("prescribe", unprescribe))
	app.OnRecordCreate(houseRows...).Bind(on("house", houseRow))
	app.OnRecordUpdate(houseRows...).Bind(on("house", houseRow))
	app.OnRecordDelete(houseRows...).Bind(on("house", keptForGood))
	app.OnRecordCreate("education_assignments").Bind(on("assign", d.assign))
	app.OnRecordUpdate("education_assignments").Bind(on("assign", d.assign))
	d.everyHour("program", 15, d.lookAtPrograms)
}

// stepKey carries, from the engine's step to the version it makes, why the dose changed.
const stepKey = "@pbInternalStep"

type why struct {
	Cause   program.Cause
	Reasons []program.Reason
}

// prescribe stores an exercise and, when its dose has changed, the version.
func (d *doors) prescribe(e *core.RecordEvent) error {
	r := e.Record
	return inTx(e, func(tx core.App) error {
		if err := d.fromLibrary(tx, r); err != nil {
			return err
		}
		if field := unreadable(r); field != "" {
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "This cannot be read: "+field+"."), field))
		}
		r.Set("drawn", drawn(r.GetString("code")))
		if err := d.confirmExercise(tx, r); err != nil {
			return err
		}
		version := r.Original().GetInt("version")
		moved := r.IsNew() || doseMoved(r)
		if moved {
			version++
		}
		r.Set("version", version)
		if err := e.Next(); err != nil || !moved {
			return err
		}
		return d.keepVersion(tx, r)
	})
}

func doseMoved(r *core.Record) bool {
	was := r.Original()
	for _, field := range []string{"sets", "reps", "hold_seconds", "minutes", "load", "per_week", "per_day", "started_on", "stopped_on", "confirmed_at"} {
		if number, change := numberOf(r, field), numberOf(was, field); number == nil || change == nil || *number != *change {
			if told(r, field) != told(was, field) {
				return true
			}
		}
	}
	return !slices.Equal(r.GetStringSlice("weekdays"), was.GetStringSlice("weekdays"))
}

// told is a field as text; not said is "".
func told(r *core.Record, field string) string {
	if text := r.GetString(field); text != "null" {
		return text
	}
	return ""
}

// confirmExercise: what a person prescribes is confirmed by that; what a template prefilled waits for somebody (S-36).
func (d *doors) confirmExercise(tx core.App, r *core.Record) error {
	was := r.Original().GetDateTime("confirmed_at")
	asked := !r.GetDateTime("confirmed_at").IsZero() || r.IsNew() && r.GetString("from_template") == ""
	switch {
	case !was.IsZero() && !r.IsNew():
		r.Set("confirmed_at", was)
		r.Set("confirmed_by", r.Original().GetString("confirmed_by"))
		return nil
	case !asked:
		r.Set("confirmed_by", "")
		return nil
	}
	r.Set("confirmed_by", actorOf(r).ID)
	r.Set("confirmed_at", instantText(d.clock.now()))
	return screened(tx, r)
}

// doseOf an exercise, as it stands.
func doseOf(r *core.Record) program.Dose {
	var dose program.Dose
	for field, variable := range doseFields {
		if n := numberOf(r, field); n != nil {
			dose = dose.With(variable, *n)
		}
	}
	if n := numberOf(r, "per_day"); n != nil {
		dose.PerDay = *n
	}
	return dose
}

// keepVersion writes down what holds from now on. The first version holds from the first day that the prescription names.
func (d *doors) keepVersion(tx core.App, r *core.Record) error {
	var zone string
	if err := tx.DB().Select("timezone").From("patients").Where(dbx.HashExp{"id": r.GetString("patient")}).Row(&zone); err != nil {
		return err
	}
	from, because := d.todayOf(zone), why{Cause: program.ByHand}
	if step, ok := r.GetRaw(stepKey).(why); ok {
		because = step
	}
	if r.GetInt("version") == 1 {
		because.Cause = program.Prescribed
		if started := dayOrNone(r.GetString("started_on")); started.Valid() {
			from = min(from, started)
		}
	}
	c, err := tx.FindCachedCollectionByNameOrId("exercise_versions")
	if err != nil {
		return err
	}
	v := core.NewRecord(c)
	v.Load(map[string]any{"patient": r.GetString("patient"), "exercise": r.Id, "version": r.GetInt("version"), "from": from.String(), "cause": string(because.Cause),
		"dose": doseOf(r), "weekdays": r.GetStringSlice("weekdays"), "confirmed": !r.GetDateTime("confirmed_at").IsZero(), "started_on": r.GetString("started_on"),
		"stopped_on": r.GetString("stopped_on"), "reasons": because.Reasons, "changed_by": actorOf(r).ID, "changed_name": (&reader{app: tx}).nameOf(actorOf(r).ID), "at": instantText(d.clock.now())})
	v.SetRaw(decidedKey, mark{})
	return tx.Save(v)
}

// unprescribe: only a superuser removes a prescription, and only one that nobody has logged; its versions go with it.
func unprescribe(e *core.RecordEvent) error {
	return inTx(e, func(tx core.App) error {
		for _, table := range []string{"exercise_versions", "progression_proposals"} {
			if _, err := tx.DB().Delete(table, dbx.HashExp{"exercise": e.Record.Id}).Execute(); err != nil {
				return err
			}
		}
		return e.Next()
	})
}

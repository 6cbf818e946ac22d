package hooks

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

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
	app.OnRecordCreate(ruled...).Bind(on("follows", follows))
	app.OnRecordUpdate(ruled...).Bind(on("follows", follows))
	app.OnRecordDelete(ruled...).Bind(on("kept", keptForGood))
	app.OnRecordDelete("exercises").Bind(on("prescribe", unprescribe))
	app.OnRecordCreate(houseRows...).Bind(on("house", houseRow))
	app.OnRecordUpdate(houseRows...).Bind(on("house", houseRow))
	app.OnRecordDelete(houseRows...).Bind(on("house", keptForGood))
	app.OnRecordCreate("education_assignments").Bind(on("assign", d.assign))
	app.OnRecordUpdate("education_assignments").Bind(on("assign", d.assign))
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "programLook", Func: d.everyHourProgram})
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

// screened: an item that can harm some necks or bodies is prescribed after a screen of contraindications (§7.3, §7.4), one that
// is newer than the last news about her health.
func screened(tx core.App, r *core.Record) error {
	item, err := libraryItem(tx, r)
	if err != nil || item == nil || !item.GetBool("screen") {
		return err
	}
	var clear int
	err = tx.DB().NewQuery(`SELECT COUNT(*) FROM safety_screens WHERE patient={:p} AND kind='contraindications' AND result='clear' AND screened_at >=
COALESCE((SELECT MAX(reported_at) FROM change_reports WHERE patient={:p} AND reason IN ('new_health_issue', 'pregnancy')), '')`).
		Bind(dbx.Params{"p": r.GetString("patient")}).Row(&clear)
	if err != nil || clear > 0 {
		return err
	}
	return refuse(http.StatusUnprocessableEntity, withField(hard("E_ITEM_SCREEN", "This one is prescribed after a screen of contraindications."), "library_item"))
}

// libraryItem that an exercise was taken from; nil for one that was written by hand.
func libraryItem(tx core.App, r *core.Record) (*core.Record, error) {
	id := r.GetString("library_item")
	if id == "" {
		return nil, nil
	}
	item, err := tx.FindRecordById("library_items", id)
	if err != nil {
		return nil, refuse(http.StatusUnprocessableEntity, withField(hard("E_ITEM_LIBRARY", "The library has no such item for this patient."), "library_item"))
	}
	return item, nil
}

// fromLibrary fills in what the body left out.
func (d *doors) fromLibrary(tx core.App, r *core.Record) error {
	if !r.IsNew() {
		if r.GetString("library_item") != r.Original().GetString("library_item") {
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_SCOPE_FIXED", "An exercise stays what it was taken from."), "library_item"))
		}
		r.Set("library_version", r.Original().GetInt("library_version"))
		return nil
	}
	r.Set("library_version", 0)
	item, err := libraryItem(tx, r)
	if err != nil || item == nil {
		return err
	}
	var at string
	if err := tx.DB().Select("clinic").From("patients").Where(dbx.HashExp{"id": r.GetString("patient")}).Row(&at); err != nil {
		return planGone(err)
	}
	if own := item.GetString("clinic"); own != "" && own != at || item.GetBool("retired") {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_ITEM_LIBRARY", "The library has no such item for this patient."), "library_item"))
	}
	if item.GetString("place") == "clinic" || item.GetString("category") == "education" {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_ITEM_PLACE", "This is done in the clinic or read, not part of a home program."), "library_item"))
	}
	return fill(r, item)
}

// fill takes each value that the exercise does not name from the item.
func fill(r, item *core.Record) error {
	r.Set("library_version", item.GetInt("version"))
	r.Set("attack_ok", r.GetBool("attack_ok") || item.GetBool("attack_ok"))
	r.Set("drawn", item.GetBool("drawn"))
	for _, field := range []string{"name", "code", "instructions", "aim", "region", "category", "modality", "stop", "caution", "ladder"} {
		if told(r, field) == "" {
			r.Set(field, item.Get(field))
		}
	}
	if item.GetString("category") == "relaxation" && told(r, "technique") == "" {
		r.Set("technique", item.GetString("technique"))
	}
	if told(r, "effort_target") == "" {
		r.Set("effort_target", item.Get("effort"))
	}
	if told(r, "source") == "" {
		r.Set("source", strings.TrimSpace(fmt.Sprintf("%s. Reviewed %s.", item.GetString("source"), item.GetString("reviewed_on"))))
	}
	var dose program.Dose
	if err := json.Unmarshal([]byte(item.GetString("dose")), &dose); err != nil && told(item, "dose") != "" {
		return err
	}
	for field, variable := range doseFields {
		if told(r, field) == "" && dose.Of(variable) > 0 {
			r.Set(field, dose.Of(variable))
		}
	}
	if told(r, "per_day") == "" && dose.PerDay > 0 {
		r.Set("per_day", dose.PerDay)
	}
	return nil
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
		"stopped_on": r.GetString("stopped_on"), "reasons": because.Reasons, "changed_by": actorOf(r).ID, "at": instantText(d.clock.now())})
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

// houseRow: what every clinic begins with is nobody's to write, a superuser's neither; a clinic's own stays with the clinic.
func houseRow(e *core.RecordEvent) error {
	was, now := e.Record.Original().GetString("clinic"), e.Record.GetString("clinic")
	if now == "" || !e.Record.IsNew() && was != now {
		return refuse(http.StatusUnprocessableEntity, hard("E_STARTER", "Every clinic begins with this; make a copy of your own and change that."))
	}
	return e.Next()
}

// assign copies the text, so that it reads the same offline and after a new version. The patient says that she opened it; the rest
// is the team's.
func (d *doors) assign(e *core.RecordEvent) error {
	r := e.Record
	if by := actorOf(r); by.Own != "" && by.Own == r.GetString("patient") {
		if r.IsNew() || slices.ContainsFunc([]string{"item", "taught_back_on", "taught_back_note"}, func(f string) bool { return r.GetString(f) != r.Original().GetString(f) }) {
			return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "Your therapist gives texts to read, and notes what you said back."))
		}
	}
	if !r.IsNew() {
		for _, field := range []string{"item", "item_version", "topic", "title", "body", "author", "source", "published_on", "reviewed_on", "assigned_by", "assigned_at"} {
			r.Set(field, r.Original().Get(field))
		}
		if opened := r.Original().GetDateTime("opened_at"); !opened.IsZero() {
			r.Set("opened_at", opened) // the first time counts
		}
		return e.Next()
	}
	item, err := e.App.FindRecordById("education_items", r.GetString("item"))
	if err != nil {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_ITEM_LIBRARY", "The library has no such text for this patient."), "item"))
	}
	if own := item.GetString("clinic"); own != "" {
		var at string
		if err := e.App.DB().Select("clinic").From("patients").Where(dbx.HashExp{"id": r.GetString("patient")}).Row(&at); err != nil || at != own {
			return errors.Join(err, refuse(http.StatusUnprocessableEntity, withField(hard("E_ITEM_LIBRARY", "The library has no such text for this patient."), "item")))
		}
	}
	for _, field := range []string{"topic", "title", "body", "author", "source", "published_on", "reviewed_on"} {
		r.Set(field, item.GetString(field))
	}
	r.Set("item_version", item.GetInt("version"))
	r.Set("assigned_by", actorOf(r).ID)
	r.Set("assigned_at", instantText(d.clock.now()))
	return e.Next()
}

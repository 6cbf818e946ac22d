package hooks

import (
	"database/sql"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// The plan of care. The room careplan decides; these doors read the plan's history, ask, and store what it said, all in one
// transaction. They hang on the record events, so REST, batch, import, admin pages and Go code obey alike.

var (
	planContent = []string{"problems", "goals", "plan_items", "impairments"}
	planFacts   = []string{"headache_diagnoses", "readiness_answers", "safety_screens", "safety_alerts", "care_team_members", "referrals",
		"certifications", "progress_reports", "change_reports", "followups"}
	// planKept are the columns of a plan that follow from its history.
	planKept = []string{"state", "version", "clinic", "episode", "patient", "zone", "signed_on", "start_date", "extended_until", "extended_visits", "paused_since", "pause_reason",
		"pauses", "adapted_until", "acknowledged", "visit_count", "wellness_due", "closed_on", "review_on"}
	// planSays are the columns that a therapist edits and the room judges.
	planSays = []string{"planned_visits", "per_week", "planned_end", "pt_rationale", "care_type", "care_amount", "care_frequency", "care_duration"}
	// planFollows are the tables that only the rules write.
	planFollows = []string{"plan_events", "plan_versions", "tasks", "flags", "wellness_programs"}
	// planAsked are the tables whose rows are never deleted: what happened, happened.
	planAsked = []string{"plan_events", "plan_versions", "tasks", "flags", "plans", "visits", "wellness_programs", "wellness_sessions", "visit_interventions", "visit_notes", "plan_measures"}
)

// bindCareplan holds every change of a plan, its content and its visits to the rules of spec/clinical.md §2.
func (d *doors) bindCareplan(app core.App) {
	on := func(id string, fn func(*core.RecordEvent) error) *hook.Handler[*core.RecordEvent] {
		return &hook.Handler[*core.RecordEvent]{Id: id, Func: fn, Priority: -50}
	}
	app.OnRecordValidate("clinics").Bind(on("planRules", checkRules))
	app.OnRecordCreate(planFollows...).Bind(on("follows", follows))
	app.OnRecordUpdate(planFollows...).Bind(on("follows", follows))
	app.OnRecordUpdate("wellness_programs").Bind(on("wellnessWords", d.wellnessEdited))
	app.OnRecordCreate("plans").Bind(on("planBorn", d.bearPlan))
	app.OnRecordUpdate("plans").Bind(on("planTerms", d.editPlan))
	app.OnRecordCreate("visits").Bind(on("visit", d.attend))
	app.OnRecordUpdate("visits").Bind(on("visit", d.attend))
	for _, change := range []*hook.TaggedHook[*core.RecordEvent]{app.OnRecordCreate(planContent...), app.OnRecordUpdate(planContent...), app.OnRecordDelete(planContent...)} {
		change.Bind(on("planContent", d.editContent))
	}
	for _, change := range []*hook.TaggedHook[*core.RecordEvent]{app.OnRecordCreate(planFacts...), app.OnRecordUpdate(planFacts...), app.OnRecordDelete(planFacts...)} {
		change.Bind(on("planFacts", d.lookAgain))
	}
	app.OnRecordCreate("readiness_answers").Bind(on("readiness", readinessSaid))
	app.OnRecordUpdate("readiness_answers").Bind(on("readiness", readinessSaid))
	app.OnRecordCreate("change_reports").Bind(on("changeReported", d.changeReported))
	app.OnRecordUpdate("change_reports").Bind(on("changeReported", func(e *core.RecordEvent) error {
		e.Record.Set("reported_at", e.Record.Original().GetString("reported_at"))
		return e.Next()
	}))
	app.OnRecordCreate("safety_screens").Bind(on("finding", d.found))
	app.OnRecordUpdate("safety_screens").Bind(on("finding", d.found))
	app.OnRecordUpdate("plan_measures").Bind(on("kept", keptForGood))
	app.OnRecordCreate("plan_measures").Bind(on("planMeasure", d.measure))
	app.OnRecordCreate("visit_interventions").Bind(on("intervention", d.treat))
	app.OnRecordUpdate("visit_interventions").Bind(on("intervention", d.treat))
	app.OnRecordCreate("wellness_sessions").Bind(on("wellnessSession", d.wellnessSession))
	app.OnRecordDelete("change_reports").Bind(on("health", healthStays))
	app.OnRecordUpdate("change_reports").Bind(on("health", healthStays))
	app.OnRecordDelete(planAsked...).Bind(on("kept", keptForGood))
	app.OnRecordEnrich("visits").Bind(&hook.Handler[*core.RecordEnrichEvent]{Id: "visitToDesk", Func: visitToDesk})
	d.everyHour("careplan", 5, d.lookAtPlans)
	d.bindNotes(app)
}

// checkRules: a clinic's own numbers can be read, or no plan of it could.
func checkRules(e *core.RecordEvent) error {
	_, err := profileOf(e.Record.GetString("regulation_profile"), e.Record.GetString("rules"))
	if err == nil {
		_, err = calendarOf(e.Record.GetString("rules"))
	}
	if err != nil {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "These are no settings of a plan of care."), "rules"))
	}
	return e.Next()
}

// follows: what the rules write is nobody's to write, a superuser's neither. The words of a hand-over are.
func follows(e *core.RecordEvent) error {
	r := e.Record
	words := r.Collection().Name == "wellness_programs" && !r.IsNew() && !slices.ContainsFunc([]string{"plan", "patient", "started_on", "ended_on"}, func(f string) bool {
		return r.GetString(f) != r.Original().GetString(f)
	})
	if !decided(r) && !words {
		return refuse(http.StatusUnprocessableEntity, hard("E_KEPT", "The plan's rules write this by themselves."))
	}
	return e.Next()
}

func keptForGood(e *core.RecordEvent) error {
	return refuse(http.StatusUnprocessableEntity, hard("E_KEPT", "This is part of the record and stays. A visit can be marked as entered in error, a plan voided."))
}

func planGone(err error) error {
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "There is no such plan."), "plan"))
}

// changeTask asks the team to answer what a patient has reported: pause, adapted doses or extension (§2.5).
const changeTask = "CHANGE_REPORTED"

// What a route hands to the record event, and gets back from it.
const (
	commandKey = "@pbInternalCommand"
	outcomeKey = "@pbInternalOutcome"
)

type outcomeOf struct {
	chart chart
	made  careplan.Decision
}

// decideWith runs one command of the room around a record that is saved with it.
func (d *doors) decideWith(e *core.RecordEvent, plan string, change careplan.Change) error {
	if decided(e.Record) {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		c, err := d.chartOf(tx, plan, e.Record.GetString("patient"))
		if err != nil {
			return planGone(err)
		}
		made, err := d.ask(tx, c, actorOf(e.Record), careplan.Command{Change: change})
		if err != nil {
			return err
		}
		if err := refusal(made); err != nil {
			return err
		}
		if err := e.Next(); err != nil {
			return err
		}
		return d.keep(tx, actorOf(e.Record), c, made, e.Record.Id)
	})
}

// measure: outcomes follow from the numbers by themselves.
func (d *doors) measure(e *core.RecordEvent) error {
	r := e.Record
	return d.decideWith(e, r.GetString("plan"), careplan.Measured{Measure: careplan.Measure{Domain: careplan.Domain(r.GetString("domain")), Metric: r.GetString("metric"),
		Value: r.GetFloat("value"), On: dayOrNone(r.GetString("measured_on")), Closing: r.GetBool("closing")}})
}

// wellnessEdited: a new review day is a new task.
func (d *doors) wellnessEdited(e *core.RecordEvent) error {
	if decided(e.Record) {
		return e.Next()
	}
	return d.lookAgain(e)
}

func (d *doors) wellnessSession(e *core.RecordEvent) error {
	program, err := e.App.FindRecordById("wellness_programs", e.Record.GetString("program"))
	if err != nil {
		return planGone(err)
	}
	return d.decideWith(e, program.GetString("plan"), careplan.RecordSession{ID: e.Record.Id, StartedAt: e.Record.GetDateTime("started_at").Time()})
}

// planToday is the day of a plan's clinic.
func planToday(p careplan.Plan, now time.Time) clinic.Day {
	if p.Zone == nil {
		return clinic.DayOf(now, time.UTC)
	}
	return clinic.DayOf(now, p.Zone)
}

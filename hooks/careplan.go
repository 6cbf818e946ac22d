package hooks

import (
	"database/sql"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
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

// bearPlan: a plan begins as a draft that nobody has signed. Visits of the patient without a plan, such as the
// evaluation, become this one's.
func (d *doors) bearPlan(e *core.RecordEvent) error {
	r := e.Record
	if decided(r) {
		return e.Next()
	}
	if r.GetString("state") != string(careplan.Draft) || r.GetInt("version") != 0 || r.GetInt("visit_count") != 0 || r.GetInt("extended_visits") != 0 || r.GetBool("wellness_due") || !slices.Contains([]string{"", "null"}, r.GetString("acknowledged")) || told(r, "pauses") != "" ||
		anySet(r, "zone", "signed_on", "start_date", "extended_until", "paused_since", "pause_reason", "adapted_until", "closed_on", "review_on") {
		return refuse(http.StatusUnprocessableEntity, hard("E_TRANSITION", "A plan begins as a draft; it is signed at /api/plans/{id}/transitions."))
	}
	return inTx(e, func(tx core.App) error {
		c, err := d.chartOf(tx, "", r.GetString("patient"))
		if err != nil {
			return err
		}
		if r.GetInt("planned_visits") == 0 {
			r.Set("planned_visits", c.profile.PlannedVisits)
		}
		if err := e.Next(); err != nil {
			return err
		}
		// those of a plan that was voided, and loose ones since the last plan that ended
		_, err = tx.DB().NewQuery(`UPDATE visits SET plan={:new} WHERE patient={:p} AND (plan IN (SELECT id FROM plans WHERE patient={:p} AND state='voided')
OR plan='' AND MAX(started_at, scheduled_at) >= COALESCE((SELECT MAX(closed_on) FROM plans WHERE patient={:p} AND state<>'voided'), ''))`).
			Bind(dbx.Params{"new": r.Id, "p": c.patient}).Execute()
		if err != nil {
			return err
		}
		if c, err = d.chartOf(tx, r.Id, ""); err != nil {
			return err
		}
		return d.edited(tx, c, c, actorOf(r))
	})
}

// edited asks the room about an edit that took a plan from one chart to another, and stores what it says.
func (d *doors) edited(tx core.App, before, after chart, by actor) error {
	made, err := d.ask(tx, before, by, careplan.Command{Change: careplan.Edit{Terms: termsOf(after.record), Content: after.plan.Content}})
	if err != nil {
		return err
	}
	if err := refusal(made); err != nil {
		return err
	}
	before.plan.Goals = after.plan.Goals // as they are stored now
	if err := d.keep(tx, by, before, made, ""); err != nil {
		return err
	}
	return d.keepSheet(tx, after.record.Id, by, "edited")
}

func anySet(r *core.Record, fields ...string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return r.GetString(f) != "" })
}

// editPlan: what a plan says may be edited; what follows from its history may not.
func (d *doors) editPlan(e *core.RecordEvent) error {
	if decided(e.Record) {
		return e.Next()
	}
	for _, field := range planKept {
		if e.Record.GetString(field) != e.Record.Original().GetString(field) {
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_TRANSITION", "This follows from the plan's history: it changes at /api/plans/{id}/transitions."), field))
		}
	}
	if e.Record.GetString("consent_on") == "" && e.Record.Original().GetString("consent_on") != "" && e.Record.GetString("signed_on") != "" {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_KEPT", "Care rests on this consent. When it is withdrawn, the plan ends: discharge it at /api/plans/{id}/transitions."), "consent_on"))
	}
	if !slices.ContainsFunc(planSays, func(f string) bool { return e.Record.GetString(f) != e.Record.Original().GetString(f) }) {
		return d.editWords(e) // a consent, also one that comes after the end
	}
	return d.editAround(e, e.Record.Id)
}

// editWords: words of the plan that no rule judges.
func (d *doors) editWords(e *core.RecordEvent) error {
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return d.keepSheet(tx, e.Record.Id, actorOf(e.Record), "edited")
	})
}

// editContent: a goal, an item, a problem, a finding.
func (d *doors) editContent(e *core.RecordEvent) error {
	r := e.Record
	if decided(r) {
		return e.Next()
	}
	if !r.IsNew() && r.GetString("plan") != r.Original().GetString("plan") {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_SCOPE_FIXED", "This stays with its plan."), "plan"))
	}
	if r.Collection().Name == "goals" && typed(r) {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_TRANSITION", "An outcome is computed from the plan's measures; another word on it is given at /api/plans/{id}/goals."), "value"))
	}
	if r.Collection().Name == "plan_items" {
		d.confirm(r)
	}
	return d.editAround(e, r.GetString("plan"))
}

// typed: the outcome of a goal, which follows from measures, comes from a hand.
func typed(goal *core.Record) bool {
	return slices.ContainsFunc([]string{"value", "judged", "not_assessed"}, func(f string) bool {
		empty := slices.Contains([]string{"", "null", "false"}, goal.GetString(f))
		return goal.IsNew() && !empty || !goal.IsNew() && goal.GetString(f) != goal.Original().GetString(f)
	})
}

// confirm notes who confirmed an item that came from a template.
func (d *doors) confirm(r *core.Record) {
	if !r.GetDateTime("confirmed_at").IsZero() && r.Original().GetDateTime("confirmed_at").IsZero() {
		r.Set("confirmed_by", actorOf(r).ID)
		r.Set("confirmed_at", instantText(d.clock.now()))
	}
}

// editAround lets an edit happen and asks the room about the plan as it would be then.
func (d *doors) editAround(e *core.RecordEvent, plan string) error {
	return inTx(e, func(tx core.App) error {
		before, err := d.chartOf(tx, plan, "")
		if err != nil {
			return planGone(err)
		}
		if err := e.Next(); err != nil {
			return err
		}
		after, err := d.chartOf(tx, plan, "")
		if err != nil {
			return err
		}
		return d.edited(tx, before, after, actorOf(e.Record))
	})
}

func planGone(err error) error {
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "There is no such plan."), "plan"))
}

func termsOf(r *core.Record) careplan.Terms {
	return careplan.Terms{PlannedVisits: r.GetInt("planned_visits"), PerWeek: r.GetInt("per_week"), PlannedEnd: dayOrNone(r.GetString("planned_end"))}
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

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

	"interictal/hooks/access"
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
		"adapted_until", "acknowledged", "visit_count", "wellness_due", "closed_on"}
	// planSays are the columns that a therapist edits and the room judges.
	planSays = []string{"planned_visits", "per_week", "planned_end", "pt_rationale", "care_type", "care_amount", "care_frequency", "care_duration"}
	// planFollows are the tables that only the rules write.
	planFollows = []string{"plan_events", "tasks", "flags", "wellness_programs"}
	// planAsked are the tables whose rows are never deleted: what happened, happened.
	planAsked = []string{"tasks", "flags", "plans", "visits", "wellness_programs", "wellness_sessions", "visit_interventions", "visit_notes", "plan_measures"}
)

// bindCareplan holds every change of a plan, its content and its visits to the rules of spec/clinical.md §2.
func (d *doors) bindCareplan(app core.App) {
	on := func(id string, fn func(*core.RecordEvent) error) *hook.Handler[*core.RecordEvent] {
		return &hook.Handler[*core.RecordEvent]{Id: id, Func: fn, Priority: -50}
	}
	app.OnRecordValidate("clinics").Bind(on("planRules", checkRules))
	app.OnRecordCreate(planFollows...).Bind(on("follows", follows))
	app.OnRecordUpdate(planFollows[1:]...).Bind(on("follows", follows)) // events are append-only by trigger
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
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "careplanDaily", Func: d.everyHour})
	d.bindNotes(app)
}

// checkRules: a clinic's own numbers can be read, or no plan of it could.
func checkRules(e *core.RecordEvent) error {
	if _, err := profileOf(e.Record.GetString("regulation_profile"), e.Record.GetString("rules")); err != nil {
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

// healthStays: what asks for a new screen is answered by the screen, not taken back.
func healthStays(e *core.RecordEvent) error {
	was, now := careplan.ChangeReason(e.Record.Original().GetString("reason")), careplan.ChangeReason(e.Record.GetString("reason"))
	if was.Rescreens() && (e.Type == core.ModelEventTypeDelete || now != was) {
		return refuse(http.StatusUnprocessableEntity, hard("E_KEPT", "This is about your safety and stays. Tell your therapist if it was a slip."))
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
	if r.GetString("state") != string(careplan.Draft) || r.GetInt("version") != 0 || r.GetInt("visit_count") != 0 || r.GetInt("extended_visits") != 0 || r.GetBool("wellness_due") || !slices.Contains([]string{"", "null"}, r.GetString("acknowledged")) ||
		anySet(r, "zone", "signed_on", "start_date", "extended_until", "paused_since", "pause_reason", "adapted_until", "closed_on") {
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
	return d.keep(tx, by, before, made, "")
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
	if !slices.ContainsFunc(planSays, func(f string) bool { return e.Record.GetString(f) != e.Record.Original().GetString(f) }) {
		return e.Next() // a consent, also one that comes after the end
	}
	return d.editAround(e, e.Record.Id)
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

// lookAgain: a fact may raise or lower what stands on the worklist of the patient's plans.
func (d *doors) lookAgain(e *core.RecordEvent) error {
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return d.refreshAll(tx, e.Record.GetString("patient"))
	})
}

// changeTask asks the team to answer what a patient has reported: pause, adapted doses or extension (§2.5).
const changeTask = "CHANGE_REPORTED"

// changeReported puts a patient's own report on the worklist.
func (d *doors) changeReported(e *core.RecordEvent) error {
	r := e.Record
	r.Set("reported_at", instantText(d.clock.now()))
	if patient := r.GetString("patient"); decided(r) || actorOf(r).Own != patient || patient == "" {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		w := writer{doors: d, tx: tx}
		task, err := w.row("tasks", nil)
		if err != nil {
			return err
		}
		now := d.clock.now()
		return w.save(task, map[string]any{"patient": r.GetString("patient"), "code": changeTask, "state": string(careplan.TaskOpen), "due": clinic.DayOf(now, time.UTC).String(),
			"raised_at": instantText(now), "params": map[string]any{"report": r.Id}})
	})
}

// answered: the team has dealt with what the patient reported.
func (w writer) answered(change careplan.Change) error {
	move, moves := change.(careplan.Move)
	report, adapts := change.(careplan.ReportChange)
	if adapts {
		if err := w.reported(report); err != nil {
			return err
		}
	}
	person, err := actorAs(w.tx, w.by, w.chart.patient)
	if err != nil || person.Role != access.Therapist && person.Role != access.Assistant {
		return err // a patient's report waits for the team
	}
	if !adapts && !(moves && (move.To == careplan.Paused || move.To == careplan.Extended)) {
		return nil
	}
	_, err = w.tx.DB().Update("tasks", dbx.Params{"state": string(careplan.TaskDone), "closed_at": instantText(w.clock.now())},
		dbx.HashExp{"patient": w.chart.patient, "code": changeTask, "state": string(careplan.TaskOpen)}).Execute()
	return err
}

// reported keeps what was told at the route as a report like any other.
func (w writer) reported(change careplan.ReportChange) error {
	r, err := w.row("change_reports", nil)
	if err != nil {
		return err
	}
	now, source := w.clock.now(), "clinic"
	if w.by.Own == w.chart.patient {
		source = "phone"
	}
	return w.save(r, map[string]any{"patient": w.chart.patient, "reason": string(change.Reason), "note": change.Note, "happened_on": planToday(w.chart.plan, now).String(),
		"entered_at": instantText(now), "source": source})
}

func (d *doors) refreshAll(tx core.App, patient string) error {
	var plans []string
	err := tx.DB().NewQuery("SELECT id FROM plans WHERE patient={:p} AND state<>'voided'").Bind(dbx.Params{"p": patient}).Column(&plans)
	for _, plan := range plans {
		err = errors.Join(err, d.refresh(tx, plan))
	}
	return err
}

// refresh stores what the day, or a new fact, has changed: a planned pause begins, flags and tasks rise and fall.
func (d *doors) refresh(tx core.App, plan string) error {
	c, err := d.chartOf(tx, plan, "")
	if err != nil {
		return err
	}
	made := careplan.Daily(c.plan, c.profile, d.clock.now())
	if quiet(c, made) {
		return nil
	}
	return d.keep(tx, actor{ID: careplan.System.ID}, c, made, "")
}

// quiet: there is nothing to store.
func quiet(c chart, made careplan.Decision) bool {
	return len(made.Events)+len(made.Tasks)+len(made.Flags) == 0 && made.Plan.Start == c.plan.Start && made.Plan.VisitCount == c.plan.VisitCount
}

// everyHour looks at every plan under way, and once at the start: no day is missed while the server was down. Days begin at
// different hours in different clinics.
func (d *doors) everyHour(e *core.ServeEvent) error {
	look := func() {
		if err := d.lookAtPlans(e.App); err != nil {
			e.App.Logger().Error("plans of care could not all be looked at", "error", err)
		}
	}
	if err := e.App.Cron().Add("careplan", "5 * * * *", look); err != nil {
		return err
	}
	look()
	return e.Next()
}

// lookAtPlans reads without the writer, and writes only where something has changed.
func (d *doors) lookAtPlans(app core.App) error {
	var plans []string
	err := app.DB().NewQuery(`SELECT id FROM plans WHERE state IN ('active', 'paused', 'extended')
OR EXISTS (SELECT 1 FROM flags f WHERE f.plan=plans.id AND f.state='standing') OR EXISTS (SELECT 1 FROM tasks t WHERE t.plan=plans.id AND t.state='open')`).Column(&plans)
	for _, plan := range plans {
		c, failed := d.chartOf(app, plan, "")
		if failed == nil && !quiet(c, careplan.Daily(c.plan, c.profile, d.clock.now())) {
			failed = app.RunInTransaction(func(tx core.App) error { return d.refresh(tx, plan) })
		}
		err = errors.Join(err, failed)
	}
	return err
}

// attend: a visit is scheduled, checked in, completed, missed or corrected.
func (d *doors) attend(e *core.RecordEvent) error {
	v := e.Record
	command, asked := v.GetRaw(commandKey).(careplan.Command)
	if decided(v) || !asked && !moved(v) {
		return e.Next()
	}
	if was := v.Original().GetString("plan"); was != "" && was != v.GetString("plan") {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_SCOPE_FIXED", "A visit stays with its plan."), "plan"))
	}
	return inTx(e, func(tx core.App) error {
		c, err := d.chartFor(tx, v)
		if err != nil {
			return err
		}
		if v.Id == "" {
			v.Id = core.GenerateDefaultRandomId()
		}
		command.Change = attendance(v, c.plan)
		made, err := d.ask(tx, c, actorOf(v), command)
		if err != nil {
			return err
		}
		if err := refusal(made); err != nil {
			return err
		}
		i := slices.IndexFunc(made.Plan.Visits, func(x careplan.Visit) bool { return x.ID == v.Id })
		v.Load(visitValues(made.Plan.Visits[i]))
		v.SetRaw(outcomeKey, outcomeOf{c, made})
		if err := e.Next(); err != nil {
			return err
		}
		return d.keep(tx, actorOf(v), c, made, v.Id)
	})
}

// visitToDesk: who schedules does not see which rules a visit has broken; a code may tell of her health.
func visitToDesk(e *core.RecordEnrichEvent) error {
	if e.RequestInfo == nil || e.RequestInfo.Auth == nil || e.RequestInfo.Auth.Collection().Name != "users" {
		return e.Next()
	}
	right, err := rightOf(e.App.DB(), e.RequestInfo.Auth, e.Record.GetString("patient"))
	if err != nil {
		return err
	}
	if !right.Sees("plans") {
		e.Record.Hide("needs_reason")
	}
	return e.Next()
}

// attendance is what the caller has changed of a visit; the rest is as it is stored now, whatever the caller held.
func attendance(v *core.Record, p careplan.Plan) careplan.Attend {
	a := careplan.Attend{Visit: v.Id, To: careplan.VisitStatus(v.GetString("status"))}
	changed := func(field string) bool { return v.IsNew() || v.GetString(field) != v.Original().GetString(field) }
	if i := slices.IndexFunc(p.Visits, func(x careplan.Visit) bool { return x.ID == v.Id }); i >= 0 && !changed("status") {
		a.To = p.Visits[i].Status
	}
	if changed("kind") {
		a.Kind = careplan.VisitKind(v.GetString("kind"))
	}
	if changed("mode") {
		a.Mode = v.GetString("mode")
	}
	if changed("scheduled_at") {
		a.ScheduledAt = v.GetDateTime("scheduled_at").Time()
	}
	if changed("started_at") {
		a.StartedAt = v.GetDateTime("started_at").Time()
	}
	a.AttackDay = changed("attack_day") && v.GetBool("attack_day")
	return a
}

// What a route hands to the record event, and gets back from it.
const (
	commandKey = "@pbInternalCommand"
	outcomeKey = "@pbInternalOutcome"
)

type outcomeOf struct {
	chart chart
	made  careplan.Decision
}

// moved: something that the rules look at has changed.
func moved(v *core.Record) bool {
	return v.IsNew() || slices.ContainsFunc([]string{"status", "kind", "scheduled_at", "started_at", "attack_day", "plan", "recorded_on", "needs_reason"}, func(f string) bool {
		return v.GetString(f) != v.Original().GetString(f)
	})
}

// chartFor reads the plan of a visit. A visit that names none belongs to the patient's plan that is not closed, if there is one.
func (d *doors) chartFor(tx core.App, v *core.Record) (chart, error) {
	if v.GetString("plan") == "" {
		var plan string
		err := tx.DB().NewQuery("SELECT COALESCE((SELECT id FROM plans WHERE patient={:p} AND state IN ('draft', 'active', 'paused', 'extended') ORDER BY state='draft', created DESC LIMIT 1), '')").
			Bind(dbx.Params{"p": v.GetString("patient")}).Row(&plan)
		if err != nil {
			return chart{}, err
		}
		if plan == "" { // a late record of one that has ended
			day := cmp.Or(v.GetString("started_at"), v.GetString("scheduled_at"))
			err = tx.DB().NewQuery("SELECT COALESCE((SELECT id FROM plans WHERE patient={:p} AND state<>'voided' AND start_date<>'' AND start_date<=SUBSTR({:d}, 1, 10) AND closed_on>=SUBSTR({:d}, 1, 10) ORDER BY closed_on DESC LIMIT 1), '')").
				Bind(dbx.Params{"p": v.GetString("patient"), "d": day}).Row(&plan)
			if err != nil {
				return chart{}, err
			}
		}
		v.Set("plan", plan)
	}
	c, err := d.chartOf(tx, v.GetString("plan"), v.GetString("patient"))
	if err != nil {
		return c, planGone(err)
	}
	return c, nil
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

// found: a screen that found something is an alert, until a clinician closes it. How urgent it is, issue by issue, is for
// whoever looks; until then it holds up care as an urgent one.
func (d *doors) found(e *core.RecordEvent) error {
	r := e.Record
	if r.GetString("result") != "finding" || r.Original().GetString("result") == "finding" {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		w := writer{doors: d, tx: tx, by: actorOf(r)}
		alert, err := w.row("safety_alerts", nil)
		if err != nil {
			return err
		}
		return w.save(alert, map[string]any{"patient": r.GetString("patient"), "level": string(careplan.Urgent), "code": "SCREEN_FINDING", "raised_at": instantText(d.clock.now())})
	})
}

// measure: outcomes follow from the numbers by themselves.
func (d *doors) measure(e *core.RecordEvent) error {
	r := e.Record
	return d.decideWith(e, r.GetString("plan"), careplan.Measured{Measure: careplan.Measure{Domain: careplan.Domain(r.GetString("domain")), Metric: r.GetString("metric"),
		Value: r.GetFloat("value"), On: dayOrNone(r.GetString("measured_on")), Closing: r.GetBool("closing")}})
}

// treat: an item is about to be given in a visit, or was.
func (d *doors) treat(e *core.RecordEvent) error {
	r := e.Record
	if r.GetString("category") == string(careplan.Manual) && (r.GetString("technique") == "" || r.GetString("technique_goal") == "") {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "A manual technique says which it is and what it is for."), "technique_goal"))
	}
	was := r.Original()
	if !r.IsNew() && r.GetString("status") == was.GetString("status") && r.GetString("category") == was.GetString("category") && r.GetString("visit") == was.GetString("visit") {
		return e.Next() // a correction of what was noted, not another act
	}
	visit, err := e.App.FindRecordById("visits", r.GetString("visit"))
	if err != nil {
		return planGone(err)
	}
	return d.decideWith(e, visit.GetString("plan"), careplan.Treat{Visit: visit.Id, Category: careplan.Category(r.GetString("category")), Given: r.GetString("status") == "given"})
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

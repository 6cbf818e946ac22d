package hooks

import (
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// chart is a plan's record with all that the room needs to judge it, read in one transaction.
type chart struct {
	record  *core.Record // nil: there is no plan yet
	patient string
	plan    careplan.Plan
	profile careplan.Profile
}

// reader reads the rows that belong to one plan, and remembers the first failure.
type reader struct {
	app core.App
	err error
}

func (r *reader) rows(collection string, where dbx.Expression, order ...string) []*core.Record {
	return r.some(-1, collection, where, order...)
}

// first of the rows; nil when there is none.
func (r *reader) first(collection string, where dbx.Expression, order ...string) *core.Record {
	if rows := r.some(1, collection, where, order...); len(rows) > 0 {
		return rows[0]
	}
	return nil
}

func (r *reader) some(most int64, collection string, where dbx.Expression, order ...string) (records []*core.Record) {
	if r.err != nil {
		return nil
	}
	c, err := r.app.FindCachedCollectionByNameOrId(collection)
	if err == nil {
		err = r.app.RecordQuery(c).AndWhere(where).OrderBy(append(order, "rowid")...).Limit(most).All(&records)
	}
	r.err = err
	return records
}

// chartOf reads a plan. An empty id is a patient without one.
func (d *doors) chartOf(app core.App, id, patient string) (c chart, err error) {
	c.patient = patient
	if id != "" {
		if c.record, err = app.FindRecordById("plans", id); err != nil {
			return c, err
		}
		if patient != "" && patient != c.record.GetString("patient") {
			return c, sql.ErrNoRows // somebody else's plan is none
		}
		c.patient = c.record.GetString("patient")
	}
	r := &reader{app: app}
	zone := c.house(r)
	if c.record == nil {
		c.plan.Zone, c.plan.PlannedVisits = zone, c.profile.PlannedVisits
		c.plan.Visits = visitsIn(r, dbx.HashExp{"patient": c.patient, "plan": ""})
		c.safety(r)
		return c, r.err
	}
	c.history(r)
	c.plan.Zone = zone
	if fixed := c.record.GetString("zone"); fixed != "" {
		c.plan.Zone = zoneOrNil(fixed)
	}
	c.course(r)
	c.content(r, planToday(c.plan, d.clock.now()))
	c.safety(r)
	c.papers(r)
	if r.err == nil && c.plan.State.Open() {
		r.err = errors.Join(c.diaryDays(app.DB(), d.clock.now()), d.homeProgram(app, &c))
	}
	return c, r.err
}

// house reads the clinic's zone and rules.
func (c *chart) house(r *reader) *time.Location {
	var row struct{ Timezone, Regulation, Rules string }
	err := r.app.DB().NewQuery(`SELECT k.timezone, k.regulation_profile regulation, COALESCE(k.rules, '') rules
FROM patients p JOIN clinics k ON k.id=p.clinic WHERE p.id={:p}`).Bind(dbx.Params{"p": c.patient}).One(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		r.err = err
		return nil
	}
	c.profile, r.err = profileOf(row.Regulation, row.Rules)
	return zoneOrNil(row.Timezone)
}

// profileOf is the spec's profile, with a body of law, and the clinic's own numbers over both.
func profileOf(regulation, rules string) (careplan.Profile, error) {
	profile := careplan.Default()
	switch regulation {
	case "us_medicare":
		profile.Regulation = careplan.USMedicare()
	case "direct_access":
		profile.Regulation = careplan.DirectAccess(30, 0) // Pennsylvania's, unless the clinic's rules say otherwise
	}
	if rules == "" || rules == "null" {
		return profile, nil
	}
	if err := json.Unmarshal([]byte(rules), &profile); err != nil {
		return profile, err
	}
	return profile, profile.Check()
}

// history is what the plan's events tell, on top of the row.
func (c *chart) history(r *reader) {
	p, row := &c.plan, c.record
	p.ID, p.State, p.Version = row.Id, careplan.State(row.GetString("state")), row.GetInt("version")
	p.Start, p.VisitCount = dayOrNone(row.GetString("start_date")), row.GetInt("visit_count")
	p.Terms = careplan.Terms{PlannedVisits: row.GetInt("planned_visits"), PerWeek: row.GetInt("per_week"), PlannedEnd: dayOrNone(row.GetString("planned_end"))}
	p.AdaptedUntil = dayOrNone(row.GetString("adapted_until"))
	r.unpack(row, "acknowledged", &p.Acknowledged)
	for _, e := range r.rows("plan_events", dbx.HashExp{"plan": row.Id}, "version") {
		p.Events = append(p.Events, c.eventOf(r, e))
	}
	if len(p.Events) > 0 {
		*p = p.Replay()
		if signed := dayOrNone(row.GetString("signed_on")); !p.SignedOn.Valid() {
			p.SignedOn = signed
		}
		return
	}
	// a draft; or a plan from before there were events, which stands as its row says
	p.SignedOn, p.ClosedOn = dayOrNone(row.GetString("signed_on")), dayOrNone(row.GetString("closed_on"))
	if p.State.Open() && !p.SignedOn.Valid() {
		p.SignedOn = p.Start
	}
	if p.State == careplan.Paused {
		p.Pauses = []careplan.Pause{{Start: dayOrNone(row.GetString("paused_since")), Reason: careplan.ChangeReason(row.GetString("pause_reason")), From: careplan.Active, Begun: true}}
	}
}

func (c *chart) eventOf(r *reader, e *core.Record) careplan.Event {
	out := careplan.Event{
		Kind: careplan.EventKind(e.GetString("kind")), From: careplan.State(e.GetString("from_state")), To: careplan.State(e.GetString("to_state")),
		On: dayOrNone(e.GetString("holds_from")), At: e.GetDateTime("at").Time(), By: personNamed(e.GetString("actor"), e.GetString("role")),
		Reason: e.GetString("reason"), Note: e.GetString("note"), Version: e.GetInt("version"),
	}
	r.unpack(e, "detail", &out.Detail)
	return out
}

// unpack reads a JSON field that the server itself has written.
func (r *reader) unpack(row *core.Record, field string, into any) {
	if raw := row.GetString(field); r.err == nil && raw != "" && raw != "null" {
		r.err = json.Unmarshal([]byte(raw), into)
	}
}

// course: visits and what stands on the worklist.
func (c *chart) course(r *reader) {
	p, of := &c.plan, dbx.HashExp{"plan": c.record.Id}
	p.Visits = visitsIn(r, of)
	for _, t := range r.rows("tasks", of) {
		if t.GetString("code") == voidWish {
			continue // between two people, not the room's
		}
		task := careplan.Task{Key: t.GetString("key"), Code: careplan.Code(t.GetString("code")), Due: dayOrNone(t.GetString("due")),
			State: careplan.TaskState(t.GetString("state")), Visit: t.GetString("visit")}
		r.unpack(t, "params", &task.About)
		p.Tasks = append(p.Tasks, task)
	}
	for _, f := range r.rows("flags", of) {
		flag := careplan.Flag{Key: f.GetString("key"), Code: careplan.Code(f.GetString("code")), RaisedOn: dayOrNone(f.GetString("raised_on")), State: careplan.FlagState(f.GetString("state"))}
		r.unpack(f, "params", &flag.Params)
		p.Flags = append(p.Flags, flag)
	}
	p.Wellness = c.wellness(r)
	for _, u := range r.rows("followups", of) {
		p.FollowUps = append(p.FollowUps, careplan.FollowUp{Months: u.GetInt("months"), On: dayOrNone(u.GetString("held_on"))})
	}
}

func visitsIn(r *reader, where dbx.HashExp) (visits []careplan.Visit) {
	for _, v := range r.rows("visits", where, "started_at", "scheduled_at") {
		visits = append(visits, visitOf(r, v))
	}
	return visits
}

func visitOf(r *reader, v *core.Record) careplan.Visit {
	out := careplan.Visit{
		ID: v.Id, Kind: careplan.VisitKind(v.GetString("kind")), Mode: v.GetString("mode"), Status: careplan.VisitStatus(v.GetString("status")),
		ScheduledAt: v.GetDateTime("scheduled_at").Time(), StartedAt: v.GetDateTime("started_at").Time(),
		RecordedOn: dayOrNone(v.GetString("recorded_on")), AttackDay: v.GetBool("attack_day"),
	}
	r.unpack(v, "needs_reason", &out.NeedsReason)
	return out
}

func (c *chart) wellness(r *reader) *careplan.Wellness {
	programs := r.rows("wellness_programs", dbx.HashExp{"plan": c.record.Id}, "started_on")
	if len(programs) == 0 {
		return nil
	}
	last := programs[len(programs)-1]
	w := &careplan.Wellness{Start: dayOrNone(last.GetString("started_on")), End: dayOrNone(last.GetString("ended_on")),
		Focus: last.GetStringSlice("focus"), Goals: last.GetStringSlice("goals"), ReviewOn: dayOrNone(last.GetString("review_on"))}
	for _, s := range r.rows("wellness_sessions", dbx.HashExp{"program": last.Id}, "started_at") {
		w.Sessions = append(w.Sessions, careplan.WellnessRecord{ID: s.Id, On: clinic.DayOf(s.GetDateTime("started_at").Time(), c.plan.Zone)})
	}
	return w
}

// content is what the plan says.
func (c *chart) content(r *reader, today clinic.Day) {
	p, row, of := &c.plan, c.record, dbx.HashExp{"plan": c.record.Id}
	for _, why := range row.GetStringSlice("pt_rationale") {
		p.Rationale = append(p.Rationale, careplan.Rationale(why))
	}
	p.Care = careplan.Care{Type: row.GetString("care_type"), Amount: row.GetString("care_amount"), Frequency: row.GetString("care_frequency"), Duration: row.GetString("care_duration")}
	p.Consent, p.WellnessConsent = row.GetString("consent_on") != "", row.GetString("wellness_consent_on") != ""
	p.Prescriber = len(r.rows("care_team_members", dbx.HashExp{"patient": c.patient, "prescribes": true, "until": ""})) > 0
	p.Diagnoses = len(r.rows("headache_diagnoses", dbx.HashExp{"patient": c.patient, "ended_on": ""}))
	for _, g := range r.rows("goals", of) {
		p.Goals = append(p.Goals, c.goalOf(r, g))
	}
	for _, i := range r.rows("plan_items", of) {
		if stopped := dayOrNone(i.GetString("stopped_on")); stopped.Valid() && stopped <= today {
			continue
		}
		p.Items = append(p.Items, careplan.Item{ID: i.Id, Category: careplan.Category(i.GetString("category")), Goals: i.GetStringSlice("goals"),
			Problems: i.GetStringSlice("problems"), FromTemplate: i.GetBool("from_template"), Confirmed: !i.GetDateTime("confirmed_at").IsZero()})
	}
	for _, x := range r.rows("problems", of) {
		p.Problems = append(p.Problems, careplan.Problem{ID: x.Id, Positive: x.GetBool("positive"), Deferred: x.GetString("deferred_because")})
	}
	for _, f := range r.rows("impairments", of) {
		p.Findings = append(p.Findings, careplan.Finding{Group: careplan.Group(f.GetString("region_group")), Kind: f.GetString("finding"), On: dayOrNone(f.GetString("found_on"))})
	}
	for _, a := range r.rows("readiness_answers", of, "updated") {
		p.Readiness = append(p.Readiness, careplan.Answer{Statement: careplan.Statement(a.GetString("statement")), Answer: a.GetString("answer"), Action: a.GetString("action")})
	}
	for _, m := range r.rows("plan_measures", of, "measured_on") {
		p.Measures = append(p.Measures, careplan.Measure{Domain: careplan.Domain(m.GetString("domain")), Metric: m.GetString("metric"), Value: m.GetFloat("value"),
			On: dayOrNone(m.GetString("measured_on")), Closing: m.GetBool("closing")})
	}
	c.outcomes(r)
	p.NeckBaseline = measured(p.Measures, "NDI") && measured(p.Measures, "NECK_NRS")
}

// measured at the start.
func measured(all []careplan.Measure, metric string) bool {
	return slices.ContainsFunc(all, func(m careplan.Measure) bool { return m.Metric == metric && !m.Closing })
}

func (c *chart) goalOf(r *reader, g *core.Record) careplan.Goal {
	out := careplan.Goal{
		ID: g.Id, Domain: careplan.Domain(g.GetString("domain")), Metric: g.GetString("metric"), Baseline: numberOf(g, "baseline"), BaselineOn: dayOrNone(g.GetString("baseline_on")),
		Source: g.GetString("source"), Target: numberOf(g, "target"), Direction: careplan.Direction(g.GetString("direction")), Due: dayOrNone(g.GetString("due")),
		Horizon: g.GetString("horizon"), PatientWords: g.GetString("patient_words"), Value: numberOf(g, "value"), NotAssessed: g.GetBool("not_assessed"),
	}
	r.unpack(g, "judged", &out.Judged)
	return out
}

// numberOf reads a number that may be unknown.
func numberOf(row *core.Record, field string) *float64 {
	raw := row.GetString(field)
	if raw == "" || raw == "null" {
		return nil
	}
	var n float64
	if err := json.Unmarshal([]byte(raw), &n); err != nil {
		return nil // the room entry holds it to a number
	}
	return &n
}

package hooks

import (
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/outcomes"
	"interictal/hooks/safety"
)

// What the page of one patient asks for: its head with all that waits for a person, the time line, and who changed what.
// Everything else on it is an answer of another route.

var overviewRoutes = []Route{
	{Method: "GET", Path: "/api/patients/{id}/overview", Does: "who she is, where the plan stands, what waits", handle: (*doors).overview},
	{Method: "GET", Path: "/api/patients/{id}/timeline", Does: "attacks, medicines, devices, visits and the plan on one axis", handle: (*doors).timeline},
	{Method: "GET", Path: "/api/patients/{id}/history", Does: "who changed what", handle: (*doors).patientHistory},
	{Method: "GET", Path: "/api/alerts", Does: "open alerts of the caller's patients", handle: (*doors).openAlerts},
}

// overviewAnswer is the head of a patient's page.
type overviewAnswer struct {
	Patient   overviewPatient `json:"patient"`
	AsOf      clinic.Day      `json:"asOf"` // in the clinic's zone
	NotShared []access.Family `json:"notShared"`
	Plan      *planBar        `json:"plan"`
	Needs     []need          `json:"needs"`
}

type overviewPatient struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Age        *int       `json:"age"`
	Synthetic  bool       `json:"synthetic"`
	Timezone   string     `json:"timezone"`
	Diagnoses  []string   `json:"diagnoses"`
	Referral   string     `json:"referral"` // why; "" none
	Referrer   string     `json:"referrer"`
	ReferredOn clinic.Day `json:"referredOn"`
}

// planBar is the newest plan on a line of days.
type planBar struct {
	planState
	Window careplan.Window `json:"window"`
	Visits []planBarVisit  `json:"visits"`
	Pauses []planBarPause  `json:"pauses"`
}

type planBarVisit struct {
	ID     string               `json:"id"`
	Day    clinic.Day           `json:"day"`
	Kind   careplan.VisitKind   `json:"kind"`
	Mode   string               `json:"mode"`
	Status careplan.VisitStatus `json:"status"`
}

type planBarPause struct {
	From   clinic.Day            `json:"from"`
	To     clinic.Day            `json:"to"` // last day; empty: it goes on
	Reason careplan.ChangeReason `json:"reason"`
}

// need is one thing that waits for a person, and what it is about.
type need struct {
	Kind  string       `json:"kind"` // alert, task, flag, proposal, questionnaire, messages, conflicts
	ID    string       `json:"id"`
	Code  string       `json:"code"`
	Level safety.Level `json:"level"` // of an alert
	Text  string       `json:"text"`  // the rule's sentence, where it has one
	On    clinic.Day   `json:"on"`    // due, or since when
	Late  bool         `json:"late"`
	Count int          `json:"count"`
}

func (d *doors) overview(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.treatingRight(e, patient, "overview")
	if err != nil {
		return err
	}
	out, err := d.overviewOf(e.App, patient, right)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

// treatingRight lets those pass who treat the patient, with a line in the audit; to everybody else there is no such patient.
func (d *doors) treatingRight(e *core.RequestEvent, patient, what string) (access.Right, error) {
	right, err := rightOf(e.App.DB(), e.Auth, patient)
	if err != nil {
		return right, err
	}
	line := event{Actor: e.Auth.Id, Capacity: foremost(right.Roles), Action: "read", Patient: patient, Collection: what, Outcome: "ok"}
	if right.Has(access.Therapist, access.Assistant) {
		return right, d.audit(e.App, line)
	}
	if !right.Own() {
		line.Action, line.Patient, line.Outcome = "refuse", knownPatient(e.App, patient), "E_NOT_FOUND"
		if err := d.audit(e.App, line); err != nil {
			return right, err
		}
	}
	return right, noRight()
}

func (d *doors) overviewOf(app core.App, patient string, right access.Right) (overviewAnswer, error) {
	out := overviewAnswer{Needs: []need{}, NotShared: []access.Family{}}
	f, err := frameOf(app.DB(), patient, d.todayOf("UTC"))
	if err != nil {
		return out, err
	}
	out.AsOf = d.todayOf(f.ClinicZone)
	for _, family := range access.Families {
		if !right.Shares(family) {
			out.NotShared = append(out.NotShared, family)
		}
	}
	if out.Patient, err = whoIs(app, patient, f, out.AsOf); err != nil {
		return out, err
	}
	plan, err := newestPlan(app.DB(), patient)
	if err != nil {
		return out, err
	}
	if plan != "" {
		c, err := d.chartOf(app, plan, patient)
		if err != nil {
			return out, err
		}
		out.Plan = planBarOf(c, planToday(c.plan, d.clock.now()))
	}
	out.Needs, err = d.needsOf(app, patient, right, f, out.AsOf)
	return out, err
}

// newestPlan is an open one, else the last; "" without one.
func newestPlan(db dbx.Builder, patient string) (string, error) {
	var ids []string
	err := db.NewQuery(`SELECT id FROM plans WHERE patient={:p} AND state<>'voided' ORDER BY state IN ('active', 'paused', 'extended') DESC, start_date DESC, id LIMIT 1`).
		Bind(dbx.Params{"p": patient}).Column(&ids)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

func whoIs(app core.App, patient string, f frame, today clinic.Day) (overviewPatient, error) {
	r := &reader{app: app}
	out := overviewPatient{ID: patient, Name: f.Name, Synthetic: f.Synthetic, Timezone: f.Zone, Diagnoses: []string{}}
	for _, row := range r.rows("patients", dbx.HashExp{"id": patient}) {
		out.Age = ageOn(dayOrNone(row.GetString("birth_date")), today)
	}
	for _, x := range r.rows("headache_diagnoses", dbx.HashExp{"patient": patient, "ended_on": ""}) {
		out.Diagnoses = append(out.Diagnoses, x.GetString("type"))
	}
	for _, x := range cameIn(r.rows("referrals", dbx.HashExp{"patient": patient}, "dated_on")) {
		out.Referral, out.Referrer, out.ReferredOn = x.GetString("reason"), x.GetString("referrer"), dayOrNone(x.GetString("dated_on"))
	}
	return out, r.err
}

func ageOn(born, today clinic.Day) *int {
	if !born.Valid() {
		return nil
	}
	b, t := born.Start(time.UTC), today.Start(time.UTC)
	age := t.Year() - b.Year()
	if t.YearDay() < b.AddDate(age, 0, 0).YearDay() {
		age--
	}
	return &age
}

func planBarOf(c chart, today clinic.Day) *planBar {
	p := c.plan
	bar := &planBar{Window: careplan.WindowOn(p, c.profile, today), Visits: []planBarVisit{}, Pauses: []planBarPause{},
		planState: planState{ID: p.ID, State: p.State, Version: p.Version, Start: p.Start, SignedOn: p.SignedOn, ClosedOn: p.ClosedOn, PlannedVisits: p.PlannedVisits,
			VisitCount: p.VisitCount, PlannedEnd: p.PlannedEnd, AdaptedUntil: p.AdaptedUntil, WellnessDue: careplan.WellnessDue(p, c.profile)}}
	if extended := c.record.GetInt("extended_visits"); extended > bar.PlannedVisits {
		bar.PlannedVisits = extended
	}
	for _, v := range p.Visits {
		if v.Status != "entered_in_error" {
			bar.Visits = append(bar.Visits, planBarVisit{v.ID, p.Day(v), v.Kind, v.Mode, v.Status})
		}
	}
	for _, pause := range p.Pauses {
		if !pause.Withdrawn {
			last := clinic.Day(0)
			if pause.Resume.Valid() {
				last = pause.Resume.Add(-1)
			}
			bar.Pauses = append(bar.Pauses, planBarPause{pause.Start, last, pause.Reason})
		}
	}
	return bar
}

// needsOf lists what waits: what cannot wait first, then what is due, by day.
func (d *doors) needsOf(app core.App, patient string, right access.Right, f frame, today clinic.Day) ([]need, error) {
	r, of := &reader{app: app}, dbx.HashExp{"patient": patient}
	out := []need{}
	for _, level := range careplan.Levels {
		for _, a := range r.rows("safety_alerts", dbx.HashExp{"patient": patient, "closed_at": "", "level": string(level)}, "raised_at") {
			on := clinic.DayOf(a.GetDateTime("raised_at").Time(), zoneOrUTC(f.ClinicZone))
			out = append(out, need{Kind: "alert", ID: a.Id, Code: a.GetString("code"), Text: safety.RedFlags.Says(a.GetString("code")), Level: level, On: on, Late: level == careplan.Emergency || level == careplan.Urgent})
		}
	}
	for _, t := range r.rows("tasks", dbx.HashExp{"patient": patient, "state": "open"}, "due") {
		due := dayOrNone(t.GetString("due"))
		out = append(out, need{Kind: "task", ID: t.Id, Code: t.GetString("code"), On: due, Late: due.Valid() && due < today})
	}
	for _, x := range r.rows("flags", of, "raised_on") {
		stands := slices.Contains([]string{"", "standing"}, x.GetString("state")) && x.GetString("cleared_at") == ""
		if stands && right.Shares(access.Family(x.GetString("family"))) {
			var numbers map[string]any
			r.unpack(x, "params", &numbers)
			out = append(out, need{Kind: "flag", ID: x.Id, Code: x.GetString("code"), Text: careplan.Sentence(careplan.Code(x.GetString("code")), numbers), On: dayOrNone(x.GetString("raised_on"))})
		}
	}
	if right.Sees("progression_proposals") {
		for _, x := range r.rows("progression_proposals", dbx.HashExp{"patient": patient, "state": "open"}, "week_to") {
			out = append(out, need{Kind: "proposal", ID: x.Id, Code: x.GetString("kind"), Text: exerciseName(r, x.GetString("exercise")), On: dayOrNone(x.GetString("week_to"))})
		}
	}
	if r.err != nil {
		return out, r.err
	}
	more, err := d.asksOf(app, patient, right)
	return append(out, more...), err
}

// exerciseName of a proposal.
func exerciseName(r *reader, exercise string) string {
	for _, x := range r.rows("exercises", dbx.HashExp{"id": exercise}) {
		return x.GetString("name")
	}
	return ""
}

// asksOf: questionnaires that are due, messages nobody has read, values that wait for a word.
func (d *doors) asksOf(app core.App, patient string, right access.Right) (out []need, err error) {
	if right.Sees("instrument_responses") {
		answer, err := d.outcomesOf(app.DB(), patient, right)
		if err != nil {
			return nil, err
		}
		for _, due := range answer.Due {
			if due.State == outcomes.IsDue || due.State == outcomes.Overdue {
				out = append(out, need{Kind: "questionnaire", Code: due.Instrument, On: due.Until, Late: due.State == outcomes.Overdue})
			}
		}
	}
	var unread, open int
	var since types.DateTime
	err = app.DB().NewQuery(`SELECT COUNT(*), COALESCE(MIN(created), '') FROM care_messages WHERE patient={:p} AND author_role IN ('patient', 'neurologist') AND read_by_therapist=''`).
		Bind(dbx.Params{"p": patient}).Row(&unread, &since)
	if err != nil {
		return out, err
	}
	if unread > 0 && right.Sees("care_messages") {
		out = append(out, need{Kind: "messages", Count: unread, On: clinic.DayOf(since.Time(), time.UTC)})
	}
	err = app.DB().NewQuery("SELECT COUNT(*) FROM sync_conflicts WHERE scope={:p} AND resolved_at='' AND kind NOT IN ('quiet')").Bind(dbx.Params{"p": patient}).Row(&open)
	if open > 0 {
		out = append(out, need{Kind: "conflicts", Count: open})
	}
	return out, err
}

// openAlerts answers GET /api/alerts: what is open among all whom the caller treats, the highest and oldest first.
func (d *doors) openAlerts(e *core.RequestEvent) error {
	var rows []struct {
		ID      string         `db:"id"`
		Patient string         `db:"patient"`
		Name    string         `db:"name"`
		Role    access.Role    `db:"role"`
		Level   safety.Level   `db:"level"`
		Code    string         `db:"code"`
		Row     string         `db:"row"`
		Source  string         `db:"source"`
		Raised  types.DateTime `db:"raised_at"`
		Synth   bool           `db:"synthetic"`
	}
	err := e.App.DB().NewQuery(`SELECT a.id, a.patient, p.name, p.synthetic, l.role, a.level, a.code, a.row, a.source, a.raised_at
FROM care_links l JOIN safety_alerts a ON a.patient=l.patient AND a.closed_at='' JOIN patients p ON p.id=l.patient
WHERE l.member={:me} AND l.until='' AND l.role IN (` + treating + `) ORDER BY a.raised_at, a.id`).Bind(dbx.Params{"me": e.Auth.Id}).All(&rows)
	if err != nil {
		return err
	}
	out, events := []map[string]any{}, []event{}
	for _, level := range careplan.Levels {
		for _, a := range rows {
			if a.Level == level {
				out = append(out, map[string]any{"id": a.ID, "patient": a.Patient, "name": a.Name, "synthetic": a.Synth, "level": a.Level, "code": a.Code, "text": safety.RedFlags.Says(a.Code), "row": a.Row, "source": a.Source, "raisedAt": a.Raised})
				events = append(events, event{Actor: e.Auth.Id, Capacity: string(a.Role), Action: "read", Patient: a.Patient, Collection: "alerts", Outcome: "ok"})
			}
		}
	}
	if len(events) > 0 {
		if err := d.audit(e.App, events...); err != nil {
			return err
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"asOf": d.clock.now(), "alerts": out})
}

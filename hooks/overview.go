package hooks

import (
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
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

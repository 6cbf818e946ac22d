package hooks

import (
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/caseload"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
	"interictal/hooks/outcomes"
	"interictal/hooks/progress"
	"interictal/hooks/report"
)

var reportRoutes = []Route{
	{Method: "GET", Path: "/api/patients/{id}/report", Does: "one page for the neurologist", handle: (*doors).report},
	{Method: "POST", Path: "/api/patients/{id}/report/shares", Does: "a link to that page", BodyLimit: smallBody, handle: (*doors).shareReport},
	{Method: "POST", Path: "/api/patients/{id}/report/replies", Does: "a neurologist of the care team answers", BodyLimit: smallBody, handle: (*doors).replyAsNeurologist},
	{Method: "POST", Path: "/api/shares/{id}/revoke", Does: "takes a link back", handle: (*doors).revokeShare},
	{Method: "POST", Path: "/api/replies/{id}/seen", Does: "somebody has seen to an answer", handle: (*doors).seeReply},
	{Method: "POST", Path: "/api/reports/open", Does: "the page, for whoever has the link", Open: true, BodyLimit: smallBody, handle: (*doors).openReport},
	{Method: "POST", Path: "/api/reports/reply", Does: "whoever has the link answers", Open: true, BodyLimit: smallBody, handle: (*doors).replyByLink},
}

const smallBody = 16 << 10

// weeksOnPage are the dots of the chart.
const weeksOnPage = 12

// report answers GET /api/patients/{id}/report: the page as a link would show it, also to the patient.
func (d *doors) report(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	if _, err := d.patientRightTo(e, e.App.DB(), patient, "report_replies", "report"); err != nil {
		return err
	}
	asked, words, err := lastAsked(e.App.DB(), patient)
	if err != nil {
		return err
	}
	page, err := d.pageOf(e.App, patient, asked, words)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, page)
}

// lastAsked is the question of the newest link that was not taken back.
func lastAsked(db dbx.Builder, patient string) (asked string, words bool, err error) {
	var rows []struct {
		Question string `db:"question"`
		Words    bool   `db:"words"`
	}
	err = db.NewQuery("SELECT question, words FROM report_shares WHERE patient={:p} AND revoked_at='' ORDER BY created DESC, rowid DESC LIMIT 1").Bind(dbx.Params{"p": patient}).All(&rows)
	if err != nil || len(rows) == 0 {
		return "", false, err
	}
	return rows[0].Question, rows[0].Words, nil
}

// pageOf reads what the patient shares with those who treat her, whoever asks.
func (d *doors) pageOf(app core.App, patient, asked string, words bool) (report.Page, error) {
	right, err := sharedWithTeam(app.DB(), patient)
	if err != nil {
		return report.Page{}, err
	}
	f, err := frameOf(app.DB(), patient, d.todayOf("UTC"))
	if err != nil {
		return report.Page{}, err
	}
	c := report.Case{Name: f.Name, AsOf: d.todayOf(f.Zone), Asked: asked, Words: words}
	for _, family := range []access.Family{access.Diary, access.Medication, access.Exercise, access.Questionnaires} {
		if !right.Shares(family) {
			c.NotShared = append(c.NotShared, family)
		}
	}
	r := &reader{app: app}
	d.putEntries(r, &c, patient, f, right)
	d.putPlan(r, &c, patient, right)
	putPeople(r, &c, patient, f)
	putRecord(r, &c, patient, f)
	putLinks(r, &c, patient, right)
	return report.Of(c), r.err
}

// putEntries: diary and medicines, each as far as it is shared.
func (d *doors) putEntries(r *reader, c *report.Case, patient string, f frame, right access.Right) {
	db, e := r.app.DB(), diary.Entries{Zone: zoneOrNil(f.Zone), Adult: f.Adult}
	anchor := f.Anchor
	if right.Shares(access.Diary) {
		if e, r.err = entriesOf(db, patient, f, right); r.err != nil {
			return
		}
		if anchor == 0 {
			anchor = diary.FirstRecorded(e, c.AsOf)
		}
		windows := diary.Windows(e, f.Profile, anchor, f.Closed, c.AsOf)
		c.Diary = &report.Diary{Profile: f.Profile, Windows: windows, Numbers: progress.Of(progress.Days(e, f.Profile, windows, c.AsOf), windows),
			Weeks: diary.Weekly(e, f.Profile, c.AsOf, weeksOnPage)}
	}
	if !right.Shares(access.Medication) {
		return
	}
	all, err := intakesOf(db, patient, 0)
	if r.err = err; err != nil {
		return
	}
	e.Doses = medication.Doses(all)
	c.Medicines = &report.Medicines{Look: medication.LookOn(e, c.AsOf),
		Effect: medication.Effects(e, all, f.Profile.Merge, medication.Timeframe{Anchor: f.Anchor, Closed: f.Closed, Today: c.AsOf, Now: d.clock.now()})}
	c.Medicines.List, r.err = medicinesOf(db, patient)
}

// putPlan: the plan under way, else the last one.
func (d *doors) putPlan(r *reader, c *report.Case, patient string, right access.Right) {
	var plans []string
	if r.err != nil {
		return
	}
	r.err = r.app.DB().NewQuery(`SELECT id FROM plans WHERE patient={:p} AND state NOT IN ('draft', 'voided')
ORDER BY state IN ('active', 'paused', 'extended') DESC, start_date DESC LIMIT 1`).Bind(dbx.Params{"p": patient}).Column(&plans)
	if r.err != nil || len(plans) == 0 {
		return
	}
	chart, err := d.chartOf(r.app, plans[0], patient)
	if r.err = err; err != nil {
		return
	}
	page := careplan.HandOverOf(chart.plan, chart.profile)
	c.Plan = &report.Plan{Plan: chart.plan, Week: caseload.Week(chart.plan.Start, planToday(chart.plan, d.clock.now())), Visits: page.Visits, Goals: page.Goals,
		Given: kindsGiven(r, chart.plan), HomeToo: right.Shares(access.Exercise)}
	for _, x := range r.rows("impairments", dbx.HashExp{"plan": plans[0]}, "found_on") {
		c.Findings = append(c.Findings, report.Finding{Group: careplan.Group(x.GetString("region_group")), Kind: x.GetString("finding"), Region: x.GetString("region"), Side: x.GetString("side"), On: dayOrNone(x.GetString("found_on"))})
	}
}

// kindsGiven are the kinds of care of the plan: what its items say, and what was done in visits.
func kindsGiven(r *reader, p careplan.Plan) (kinds []careplan.Category) {
	var done []careplan.Category
	if r.err == nil {
		r.err = r.app.DB().NewQuery("SELECT DISTINCT i.category FROM visit_interventions i JOIN visits v ON v.id=i.visit WHERE v.plan={:p} AND i.status='given'").Bind(dbx.Params{"p": p.ID}).Column(&done)
	}
	for _, kind := range careplan.Categories {
		planned := slices.ContainsFunc(p.Items, func(i careplan.Item) bool { return i.Category == kind })
		if planned || slices.Contains(done, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// putPeople: whose page it is, and who treats her.
func putPeople(r *reader, c *report.Case, patient string, f frame) {
	if r.err != nil {
		return
	}
	var row struct {
		Born   string `db:"birth_date"`
		Clinic string `db:"name"`
	}
	r.err = r.app.DB().NewQuery("SELECT p.birth_date, k.name FROM patients p JOIN clinics k ON k.id=p.clinic WHERE p.id={:p}").Bind(dbx.Params{"p": patient}).One(&row)
	c.Born, c.Clinic = dayOrNone(row.Born), row.Clinic
	var treating []string
	if r.err == nil {
		r.err = r.app.DB().NewQuery(`SELECT DISTINCT w.name FROM care_links l JOIN practitioners w ON w.user=l.member AND w.clinic={:clinic} AND w.role='therapist'
WHERE l.patient={:p} AND l.role='therapist' AND l.until='' AND w.active=TRUE ORDER BY w.name`).Bind(dbx.Params{"p": patient, "clinic": f.Clinic}).Column(&treating)
	}
	c.Therapist = strings.Join(treating, ", ")
}

// putRecord: diagnoses, examination, alerts, and what was reported.
func putRecord(r *reader, c *report.Case, patient string, f frame) {
	of := dbx.HashExp{"patient": patient}
	for _, x := range r.rows("headache_diagnoses", dbx.HashExp{"patient": patient, "ended_on": ""}) {
		c.Diagnoses = append(c.Diagnoses, diagnosis(x))
	}
	if r.err == nil {
		var taken []outcomes.Measure
		taken, r.err = measuresOf(r.app.DB(), patient)
		c.Exam = report.Examined(taken)
	}
	c.Safety.Recorded = true
	for _, x := range r.rows("adverse_events", of, "happened_at") {
		c.Safety.Adverse = append(c.Safety.Adverse, x.GetString("type")+" "+dayIn(x.GetDateTime("happened_at").Time(), "", f.Zone).String())
	}
	for _, a := range r.rows("safety_alerts", dbx.HashExp{"patient": patient, "closed_at": ""}, "raised_at") {
		c.Safety.Alerts = append(c.Safety.Alerts, report.Alert{Level: careplan.Level(a.GetString("level")), Code: a.GetString("code"), On: dayIn(a.GetDateTime("raised_at").Time(), "", f.Zone)})
	}
	for _, n := range r.rows("change_reports", of, "happened_on") {
		c.News = append(c.News, report.News{On: dayOrNone(n.GetString("happened_on")), What: careplan.ChangeReason(n.GetString("reason"))})
	}
}

func diagnosis(x *core.Record) string {
	out := strings.ReplaceAll(x.GetString("type"), "_", " ")
	if code := x.GetString("code"); code != "" {
		out += " (ICHD-3 " + code + ")"
	}
	if by := x.GetString("made_by"); by != "" {
		out += ", " + by
	}
	return out
}

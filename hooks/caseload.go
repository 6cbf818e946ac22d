package hooks

import (
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/caseload"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// caseloadAnswer is GET /api/caseload: the caller's patients, ranked.
type caseloadAnswer struct {
	AsOf         time.Time         `json:"asOf"`
	Practitioner *practitionerInfo `json:"practitioner"`
	Clinic       *clinicInfo       `json:"clinic"`
	Order        string            `json:"order"`
	Patients     []caseloadRow     `json:"patients"`
}

type caseloadRow struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	Synthetic    bool          `json:"synthetic"`
	Timezone     string        `json:"timezone"`
	Consent      bool          `json:"consent"` // false: the diary is not shared, its numbers are left out
	Plan         *planInfo     `json:"plan"`
	HeadacheDays baseAndNow    `json:"headacheDays"`
	Weekly       []diary.Week  `json:"weekly"`
	Recorded28   int           `json:"recorded28"`
	SilentDays   *int          `json:"silentDays"` // null: nothing written yet
	OpenAttack   bool          `json:"openAttack"`
	LastEntryAt  *time.Time    `json:"lastEntryAt"`
	NextVisit    *time.Time    `json:"nextVisit"`
	Rank         caseload.Rank `json:"rank"`
	facts        caseload.Facts
}

type planInfo struct {
	ID            string     `db:"id" json:"id"`
	State         string     `db:"state" json:"state"`
	Start         clinic.Day `json:"startDate"`
	Week          int        `json:"week"`
	PlannedVisits int        `db:"planned_visits" json:"plannedVisits"`
	VisitCount    int        `db:"visit_count" json:"visitCount"`
	WellnessDue   bool       `db:"wellness_due" json:"wellnessDue"`
	Since         string     `db:"paused_since" json:"since"`
	PauseReason   string     `db:"pause_reason" json:"pauseReason"`
	StartDate     string     `db:"start_date" json:"-"`
}

type baseAndNow struct {
	Base *windowInfo `json:"base"`
	Now  *windowInfo `json:"now"`
}

// windowInfo is a window's headache days with what they rest on.
type windowInfo struct {
	Window       string       `json:"window"`
	From         clinic.Day   `json:"from"`
	To           clinic.Day   `json:"to"`
	RecordedDays int          `json:"recordedDays"`
	Estimated    bool         `json:"estimated"`
	Value        *diary.Rate  `json:"value"`
	Reason       diary.Reason `json:"reason"`
}

// weeksShown is how far the dots in the list reach back.
const weeksShown = 8

// silenceSeen is how far back a last recorded day is looked for.
const silenceSeen = 366

func (d *doors) caseload(e *core.RequestEvent) error {
	out := caseloadAnswer{AsOf: d.clock.now(), Order: caseload.Order, Patients: []caseloadRow{}}
	var events []event
	err := snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) (err error) {
		if out.Practitioner, out.Clinic, err = deskOf(db, e.Auth.Id); err != nil {
			return err
		}
		mine, err := holdings(db, e.Auth, true)
		if err != nil {
			return err
		}
		for _, h := range mine {
			if !h.right.Has(access.Therapist, access.Assistant) {
				continue // a neurologist's link opens the report, not the list
			}
			row, err := d.caseloadRow(db, h.patient, h.right)
			if err != nil {
				return err
			}
			out.Patients = append(out.Patients, row)
			events = append(events, event{Actor: e.Auth.Id, Capacity: foremost(h.right.Roles), Action: "read", Patient: h.patient, Collection: "caseload", Outcome: "ok"})
		}
		return nil
	})
	if err != nil {
		return err
	}
	caseload.Sort(out.Patients, func(r caseloadRow) (caseload.Rank, caseload.Facts) { return r.Rank, r.facts })
	if err := d.audit(e.App, events...); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) caseloadRow(db dbx.Builder, patient string, right access.Right) (caseloadRow, error) {
	f, err := frameOf(db, patient, d.todayOf("UTC"))
	if err != nil {
		return caseloadRow{}, err
	}
	row := caseloadRow{ID: patient, Name: f.Name, Synthetic: f.Synthetic, Timezone: f.Zone, Consent: right.Sees("diary_days"), Weekly: []diary.Week{}}
	row.facts = caseload.Facts{Name: f.Name}
	today := d.todayOf(f.Zone)
	inClinic := d.todayOf(f.ClinicZone)
	if err := d.careOf(db, &row, patient, inClinic); err != nil {
		return row, err
	}
	if row.Consent {
		if err := diaryOf(db, &row, patient, f, right, today); err != nil {
			return row, err
		}
	}
	row.Rank = caseload.Of(row.facts, inClinic)
	return row, nil
}

// careOf fills in plan, next visit and the task that comes first.
func (d *doors) careOf(db dbx.Builder, row *caseloadRow, patient string, today clinic.Day) error {
	who := dbx.Params{"p": patient, "now": instantText(d.clock.now())}
	var plans []planInfo
	err := db.NewQuery(`SELECT id, state, start_date, MAX(planned_visits, extended_visits) planned_visits, visit_count, wellness_due, paused_since, pause_reason FROM plans
WHERE patient={:p} AND state<>'voided' ORDER BY state IN ('active', 'paused', 'extended') DESC, start_date DESC LIMIT 1`).Bind(who).All(&plans)
	if err != nil {
		return err
	}
	if len(plans) == 1 {
		p := plans[0]
		p.Start = dayOrNone(p.StartDate)
		p.Week = caseload.Week(p.Start, today)
		row.Plan = &p
		row.facts.State, row.facts.Start, row.facts.WellnessDue = p.State, p.Start, p.WellnessDue
		row.facts.PausedSince, row.facts.PauseReason = dayOrNone(p.Since), p.PauseReason
	}
	var next []types.DateTime
	err = db.NewQuery(`SELECT scheduled_at FROM visits WHERE patient={:p} AND status='scheduled' AND scheduled_at>={:now} ORDER BY scheduled_at LIMIT 1`).Bind(who).Column(&next)
	if err != nil {
		return err
	}
	if len(next) == 1 {
		t := next[0].Time()
		row.NextVisit, row.facts.NextVisit = &t, t
	}
	var tasks []struct {
		Code string `db:"code"`
		Due  string `db:"due"`
	}
	err = db.NewQuery(`SELECT code, due FROM tasks WHERE patient={:p} AND state='open' AND due<>'' ORDER BY due LIMIT 1`).Bind(who).All(&tasks)
	if err == nil && len(tasks) == 1 {
		row.facts.TaskCode, row.facts.TaskDue = tasks[0].Code, dayOrNone(tasks[0].Due)
	}
	return err
}

// diaryOf fills in what the patient wrote.
func diaryOf(db dbx.Builder, row *caseloadRow, patient string, f frame, right access.Right, today clinic.Day) error {
	entries, err := entriesOf(db, patient, f, right)
	if err != nil {
		return err
	}
	anchor := f.Anchor
	if anchor == 0 {
		anchor = diary.FirstRecorded(entries, today)
	}
	row.HeadacheDays = baseline(diary.Windows(entries, f.Profile, anchor, f.Closed, today))
	row.Weekly = diary.Weekly(entries, f.Profile, today, weeksShown)
	row.facts.SilentDays = -1
	for _, day := range diary.Days(entries, f.Profile, today.Add(-silenceSeen), today) {
		if !day.Recorded {
			continue
		}
		silent := today.Sub(day.Day)
		row.SilentDays, row.facts.SilentDays = &silent, silent
		if silent < 28 {
			row.Recorded28++
		}
	}
	// an attack that ended nobody knows when is over
	err = db.NewQuery(`SELECT EXISTS (SELECT 1 FROM attacks WHERE patient={:p} AND ended_at='' AND end_known='')`).Bind(dbx.Params{"p": patient}).Row(&row.OpenAttack)
	if err != nil {
		return err
	}
	row.LastEntryAt, err = lastEntry(db, patient)
	return err
}

// baseline picks the two windows of the list: B1, and the window of today. A window
// that has just begun says nothing yet; then the one before it stands for now, and nothing older.
func baseline(windows []diary.Window) (out baseAndNow) {
	if len(windows) == 0 {
		return out
	}
	out.Base = headacheDays(windows[0])
	last := len(windows) - 1
	if last == 0 {
		return out
	}
	out.Now = headacheDays(windows[last])
	if before := headacheDays(windows[last-1]); out.Now.Value == nil && before.Value != nil && last > 1 {
		out.Now = before
	}
	return out
}

func headacheDays(w diary.Window) *windowInfo {
	return &windowInfo{Window: w.Name, From: w.From, To: w.To, RecordedDays: w.RecordedDays,
		Estimated: w.MHD28.Estimated, Value: w.MHD28.Value, Reason: w.MHD28.Reason}
}

func lastEntry(db dbx.Builder, patient string) (*time.Time, error) {
	var at types.DateTime
	err := db.NewQuery(`SELECT COALESCE(MAX(at), '') FROM (
SELECT MAX(updated) AS at FROM attacks WHERE patient={:p} UNION ALL SELECT MAX(updated) FROM diary_days WHERE patient={:p}
)`).Bind(dbx.Params{"p": patient}).Row(&at)
	if err != nil || at.IsZero() {
		return nil, err
	}
	t := at.Time()
	return &t, nil
}

package hooks

import (
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/caseload"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/progress"
	"interictal/hooks/safety"
)

type planInfo struct {
	ID            string     `db:"id" json:"id"`
	State         string     `db:"state" json:"state"`
	Start         clinic.Day `json:"startDate"`
	Ends          clinic.Day `json:"ends"` // as planned or extended; empty: not said
	Week          int        `json:"week"`
	PlannedVisits int        `db:"planned_visits" json:"plannedVisits"`
	VisitCount    int        `db:"visit_count" json:"visitCount"`
	WellnessDue   bool       `db:"wellness_due" json:"wellnessDue"`
	Since         string     `db:"paused_since" json:"since"`
	PauseReason   string     `db:"pause_reason" json:"pauseReason"`
	StartDate     string     `db:"start_date" json:"-"`
	EndDate       string     `db:"ends" json:"-"`
}

type baseAndNow struct {
	Base   *windowInfo    `json:"base"`
	Now    *windowInfo    `json:"now"`
	Noise  *diary.Rate    `json:"noise"`  // half the 95 % interval of the difference; null: it cannot be said
	Halved progress.Words `json:"halved"` // likely, probably_not, too_early_to_say; null: no two windows
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

type weekInfo = diary.Week

type alertsInfo struct {
	Open  int          `json:"open"`
	Level safety.Level `json:"level"` // the highest; "" is not safe: it only says that none is open
}

// weeksShown is how far the dots in the list reach back.
const weeksShown = 8

// silenceSeen is how far back a last recorded day is looked for.
const silenceSeen = 366

// caseloadRow reckons one patient's row from her records, and until when it holds.
func (d *doors) caseloadRow(app core.App, patient string, now time.Time) (row caseloadRow, until time.Time, err error) {
	db := app.DB()
	right, err := sharedWithTeam(db, patient)
	if err != nil {
		return row, until, err
	}
	f, err := frameOf(db, patient, clinic.DayOf(now, time.UTC))
	if err != nil {
		return row, until, err
	}
	zone, inClinic := zoneOrUTC(f.Zone), zoneOrUTC(f.ClinicZone)
	today := clinic.DayOf(now, inClinic)
	row = caseloadRow{ID: patient, Name: f.Name, Synthetic: f.Synthetic, Timezone: f.Zone, Consent: right.Sees("diary_days"), Weekly: []weekInfo{}}
	row.facts = caseload.Facts{Name: f.Name, Unknown: !row.Consent}
	if err := careOf(db, &row, patient, now, today); err != nil {
		return row, until, err
	}
	if row.Consent {
		if err := diaryOf(db, &row, patient, f, right, clinic.DayOf(now, zone)); err != nil {
			return row, until, err
		}
	}
	if err := d.homeOf(app, &row, patient, right); err != nil {
		return row, until, err
	}
	row.Rank, row.Ending = caseload.Of(row.facts, today), caseload.Ending(row.facts, today)
	return row, holdsUntil(row, now, zone, inClinic), nil
}

// careOf fills in what the clinic's own records say: plan, next visit, tasks, alerts, flags, messages.
func careOf(db dbx.Builder, row *caseloadRow, patient string, now time.Time, today clinic.Day) error {
	who := dbx.Params{"p": patient, "now": instantText(now)}
	for _, part := range []func(dbx.Builder, *caseloadRow, dbx.Params, clinic.Day) error{planShown, nextVisit, firstTask, alertsOpen, flagsStanding, messagesUnread} {
		if err := part(db, row, who, today); err != nil {
			return err
		}
	}
	return nil
}

func planShown(db dbx.Builder, row *caseloadRow, who dbx.Params, today clinic.Day) error {
	var plans []planInfo
	err := db.NewQuery(`SELECT id, state, start_date, MAX(planned_visits, extended_visits) planned_visits, visit_count, wellness_due, paused_since, pause_reason,
MAX(planned_end, extended_until) AS ends FROM plans
WHERE patient={:p} AND state<>'voided' ORDER BY state IN ('active', 'paused', 'extended') DESC, start_date DESC, id LIMIT 1`).Bind(who).All(&plans)
	if err != nil || len(plans) == 0 {
		return err
	}
	p := plans[0]
	p.Start, p.Ends = dayOrNone(p.StartDate), dayOrNone(p.EndDate)
	p.Week = caseload.Week(p.Start, today)
	row.Plan = &p
	f := &row.facts
	f.State, f.Start, f.Ends, f.WellnessDue, f.VisitsLeft = p.State, p.Start, p.Ends, p.WellnessDue, p.PlannedVisits-p.VisitCount
	f.PausedSince, f.PauseReason = dayOrNone(p.Since), p.PauseReason
	return nil
}

func nextVisit(db dbx.Builder, row *caseloadRow, who dbx.Params, _ clinic.Day) error {
	var next []struct {
		ID     string         `db:"id"`
		Status string         `db:"status"`
		At     types.DateTime `db:"scheduled_at"`
	}
	err := db.NewQuery(`SELECT id, status, scheduled_at FROM visits WHERE patient={:p} AND (status='checked_in' OR status='scheduled' AND scheduled_at>={:now})
ORDER BY status='scheduled', scheduled_at, id LIMIT 2`).Bind(who).All(&next)
	for _, v := range next {
		if row.Visit == "" {
			row.Visit = v.ID
		}
		if t := v.At.Time(); v.Status == "scheduled" && row.NextVisit == nil {
			row.NextVisit, row.facts.NextVisit = &t, t
		}
	}
	return err
}

func firstTask(db dbx.Builder, row *caseloadRow, who dbx.Params, _ clinic.Day) error {
	var tasks []struct {
		Code string `db:"code"`
		Due  string `db:"due"`
	}
	err := db.NewQuery(`SELECT code, due FROM tasks WHERE patient={:p} AND state='open' AND due<>'' ORDER BY due, code LIMIT 1`).Bind(who).All(&tasks)
	if err == nil && len(tasks) == 1 {
		row.facts.TaskCode, row.facts.TaskDue = tasks[0].Code, dayOrNone(tasks[0].Due)
	}
	return err
}

func alertsOpen(db dbx.Builder, row *caseloadRow, who dbx.Params, _ clinic.Day) error {
	var levels []safety.Level
	err := db.NewQuery(`SELECT level FROM safety_alerts WHERE patient={:p} AND closed_at=''`).Bind(who).Column(&levels)
	row.Alerts = alertsInfo{Open: len(levels), Level: safety.Highest(levels...)}
	row.facts.Alert = row.Alerts.Level
	return err
}

// flagsStanding: those that stand, of families that she shares.
func flagsStanding(db dbx.Builder, row *caseloadRow, who dbx.Params, _ clinic.Day) error {
	err := db.NewQuery(`SELECT DISTINCT code FROM flags WHERE patient={:p} AND state IN ('', 'standing') AND cleared_at=''
AND (family='' OR EXISTS (SELECT 1 FROM consents c WHERE c.patient={:p} AND c.family=flags.family AND c.state='given')) ORDER BY code`).Bind(who).Column(&row.facts.Flags)
	return err
}

func messagesUnread(db dbx.Builder, row *caseloadRow, who dbx.Params, _ clinic.Day) error {
	var shared bool
	var unread int
	err := db.NewQuery(`SELECT EXISTS (SELECT 1 FROM consents WHERE patient={:p} AND family='messages' AND state='given'),
(SELECT COUNT(*) FROM care_messages WHERE patient={:p} AND author_role IN ('patient', 'neurologist') AND read_by_therapist='')`).Bind(who).Row(&shared, &unread)
	if shared {
		row.Unread = &unread
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
	windows := diary.Windows(entries, f.Profile, anchor, f.Closed, today)
	row.HeadacheDays = baseline(windows)
	changes := progress.Of(progress.Days(entries, f.Profile, windows, today), windows).HeadacheDays.Row
	row.compare(changes)
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

// compare takes the change of the window that is shown: worse beyond noise is a whole interval above none.
func (row *caseloadRow) compare(changes []progress.Change) {
	i := slices.IndexFunc(changes, func(c progress.Change) bool {
		return row.HeadacheDays.Now != nil && c.Window == row.HeadacheDays.Now.Window
	})
	if i < 0 {
		return
	}
	c := changes[i]
	row.HeadacheDays.Halved = c.Halved.Words
	if c.Difference.Low != nil && c.Difference.High != nil {
		half := (*c.Difference.High - *c.Difference.Low) / 2
		row.HeadacheDays.Noise = &half
		row.facts.Worse = *c.Difference.Low > 0
	}
}

// homeOf fills in the home exercises of four weeks that have passed, without the excused ones.
func (d *doors) homeOf(app core.App, row *caseloadRow, patient string, right access.Right) error {
	if !right.Sees("exercise_logs") {
		return nil
	}
	g, err := d.regimenOf(app, patient, 0, right)
	if err != nil {
		return err
	}
	to := g.person.Today.Add(-1)
	row.facts.Home = g.kept(to.Add(1-adherenceDays), to).Adjusted()
	home := share(row.facts.Home)
	row.Home = &home
	profile, err := rulesOf(app.DB(), patient)
	row.facts.Expect = profile.Adherence
	return err
}

// rulesOf a patient's clinic.
func rulesOf(db dbx.Builder, patient string) (careplan.Profile, error) {
	var at struct {
		Regulation string `db:"regulation_profile"`
		Rules      string `db:"rules"`
	}
	err := db.NewQuery("SELECT k.regulation_profile, COALESCE(k.rules, '') AS rules FROM patients p JOIN clinics k ON k.id=p.clinic WHERE p.id={:p}").Bind(dbx.Params{"p": patient}).One(&at)
	if err != nil {
		return careplan.Profile{}, err
	}
	return profileOf(at.Regulation, at.Rules)
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

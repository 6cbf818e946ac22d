package hooks

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/safety"
)

// Red flags and what they stop. The room safety judges; these doors read answers and entries, raise alerts in the
// transaction that stores them, once for each occasion, and let a clinician alone close one.

// safetyKept are the tables whose rows are never deleted: what was said about danger stays.
var safetyKept = []string{"safety_alerts", "safety_checks", "safety_screens", "manipulation_screens", "adverse_events", "health_facts"}

// bindSafety holds checks, entries, treatments and sessions to spec §7.
func (d *doors) bindSafety(app core.App) {
	on := func(id string, fn func(*core.RecordEvent) error) *hook.Handler[*core.RecordEvent] {
		return &hook.Handler[*core.RecordEvent]{Id: id, Func: fn, Priority: -40}
	}
	both := func(id string, fn func(*core.RecordEvent) error, tables ...string) {
		app.OnRecordCreate(tables...).Bind(on(id, fn))
		app.OnRecordUpdate(tables...).Bind(on(id, fn))
	}
	both("alert", d.keepAlert, "safety_alerts")
	both("check", d.judgeCheck, "safety_checks")
	both("attackFlags", d.judgeAttack, "attacks")
	both("attackLasts", d.judgeEvidence, "attack_readings", "medication_doses")
	both("screened", d.judgeScreen, "safety_screens")
	both("adverse", d.judgeAdverse, "adverse_events")
	both("distress", d.judgeDistress, "instrument_responses")
	both("deviceLabel", d.confirmLabel, "devices")
	both("coldScreen", keepColdScreen, "cold_screens")
	both("session", d.judgeSession, "neuromod_sessions", "modality_sessions", "relaxation_sessions")
	both("gatedItem", d.gateItem, "plan_items", "exercises")
	app.OnRecordCreate("manipulation_screens").Bind(on("reasoning", d.keepReasoning))
	app.OnRecordUpdate("manipulation_screens").Bind(on("reasoning", safetyStays))
	app.OnRecordDelete(safetyKept...).Bind(on("stays", safetyStays))
	d.everyHour("safety", 35, d.lookForFlags)
}

func safetyStays(*core.RecordEvent) error {
	return refuse(http.StatusUnprocessableEntity, hard("E_KEPT", "This is about safety and stays in the record. A correction is another entry."))
}

// flagged is the occasion that findings are about.
type flagged struct {
	patient  string
	source   string
	about    string // id of the entry: an alert is raised once for each code and entry
	happened time.Time
}

// raise stores an alert for each finding that this occasion has not raised before, however often its entry comes.
func (d *doors) raise(tx core.App, f flagged, findings []safety.Finding) error {
	now := d.clock.now()
	w := writer{doors: d, tx: tx, by: actor{ID: careplan.System.ID}}
	for _, finding := range safety.Aged(findings, int(now.Sub(f.happened).Hours()/24)) {
		key := finding.Code + ":" + f.about
		alert, err := w.row("safety_alerts", dbx.HashExp{"patient": f.patient, "key": key})
		if err != nil {
			return err
		}
		if !alert.IsNew() {
			continue
		}
		err = w.save(alert, map[string]any{"patient": f.patient, "level": string(finding.Level), "row": finding.Row, "code": finding.Code, "source": f.source,
			"about": f.about, "key": key, "raised_at": instantText(now), "happened_at": instantText(f.happened)})
		if err != nil {
			return err
		}
	}
	return nil
}

// own is a finding that is no row of the table.
func own(code string, level safety.Level) []safety.Finding {
	return []safety.Finding{{Row: "-", Code: code, Level: level}}
}

// known is what the clinic has recorded that red flags go by, as it is on a day.
func (d *doors) known(app core.App, patient string, at time.Time) (safety.Answers, error) {
	known := safety.Answers{}
	day := clinic.DayOf(at, time.UTC)
	if age, ok, err := ageOf(app, patient, day); err != nil {
		return nil, err
	} else if ok {
		known["age"] = float64(age)
	}
	facts, err := healthFactsOf(app, patient)
	if facts == nil || err != nil {
		return known, err
	}
	for _, name := range []string{"known_long_aura", "cancer", "immune", "anticoagulant"} {
		if said := saidOf(facts, name); said.Known() {
			known[name] = said == clinic.Yes
		}
	}
	pregnancy(known, dayOrNone(facts.GetString("due_on")), dayOrNone(facts.GetString("gave_birth_on")), day)
	return known, nil
}

// pregnancy in weeks, of the 40 that end on the day it is due, and the weeks since a birth.
func pregnancy(known safety.Answers, due, born, day clinic.Day) {
	if born.Valid() && born <= day {
		known["weeks_since_birth"] = float64(day.Sub(born)) / 7
	}
	over := born.Valid() && born <= day && due.Sub(born) < 140 // this birth ended this pregnancy
	if left := due.Sub(day); due.Valid() && !over && left <= 280 && left > -21 {
		known["pregnant"], known["pregnancy_weeks"] = true, float64(280-left)/7
	}
}

func healthFactsOf(app core.App, patient string) (*core.Record, error) {
	found, err := app.FindAllRecords("health_facts", dbx.HashExp{"patient": patient})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

func saidOf(r *core.Record, field string) clinic.YesNo {
	if said, ok := valuesOf(r)(field).(bool); ok {
		return clinic.Said(said)
	}
	return clinic.Unknown
}

// ageOf is the patient's age in whole years; ok is false without a date of birth.
func ageOf(app core.App, patient string, day clinic.Day) (years int, ok bool, err error) {
	var born string
	if err := app.DB().Select("birth_date").From("patients").Where(dbx.HashExp{"id": patient}).Row(&born); err != nil {
		return 0, false, err
	}
	birth := dayOrNone(born)
	if !birth.Valid() || birth > day {
		return 0, false, nil
	}
	from, to := birth.Start(time.UTC), day.Start(time.UTC)
	years = to.Year() - from.Year()
	if from.AddDate(years, 0, 0).After(to) {
		years--
	}
	return years, true, nil
}

// --- alerts

// SafetyTask asks the team to see to an alert.
const SafetyTask = "SAFETY_ALERT"

// keepAlert: an alert is raised by a rule or a clinician, changes by being closed, and each stands on the worklist until then.
func (d *doors) keepAlert(e *core.RecordEvent) error {
	r := e.Record
	if !r.IsNew() {
		return d.changeAlert(e)
	}
	if !decided(r) {
		if anySet(r, "key", "closed_at", "disposition", "assessed_on", "closed_by") {
			return refuse(http.StatusUnprocessableEntity, alertKept)
		}
		r.Set("source", "clinic")
	}
	if r.GetDateTime("happened_at").IsZero() {
		r.Set("happened_at", r.GetString("raised_at"))
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return d.askTheTeam(tx, r)
	})
}

var alertKept = hard("E_KEPT", "An alert stays as it was raised. A clinician closes it at /api/alerts/{id}/close.")

// askTheTeam puts an alert on the worklist: the same day, but for one that has days.
func (d *doors) askTheTeam(tx core.App, alert *core.Record) error {
	due, err := d.clinicToday(tx, alert.GetString("patient"))
	if err != nil {
		return err
	}
	if safety.Level(alert.GetString("level")) == safety.Soon {
		due = due.Add(3)
	}
	return d.openTask(tx, alert.GetString("patient"), SafetyTask, due, map[string]any{"alert": alert.Id, "level": alert.GetString("level"), "code": alert.GetString("code")})
}

func (d *doors) openTask(tx core.App, patient, code string, due clinic.Day, about map[string]any) error {
	w := writer{doors: d, tx: tx}
	task, err := w.row("tasks", nil)
	if err != nil {
		return err
	}
	return w.save(task, map[string]any{"patient": patient, "code": code, "state": string(careplan.TaskOpen), "due": due.String(), "raised_at": instantText(d.clock.now()), "params": about})
}

// clinicToday is the day of the patient's clinic.
func (d *doors) clinicToday(app core.App, patient string) (clinic.Day, error) {
	var zone string
	err := app.DB().NewQuery("SELECT k.timezone FROM patients p JOIN clinics k ON k.id=p.clinic WHERE p.id={:p}").Bind(dbx.Params{"p": patient}).Row(&zone)
	return d.todayOf(zone), err
}

// changeAlert: a note may be added while it is open; everything else that changes is its closing.
func (d *doors) changeAlert(e *core.RecordEvent) error {
	r, was := e.Record, e.Record.Original()
	if was.GetString("closed_at") != "" {
		return refuse(http.StatusUnprocessableEntity, alertKept)
	}
	for _, field := range []string{"level", "row", "code", "source", "about", "key", "raised_at", "happened_at", "closed_by"} {
		if r.GetString(field) != was.GetString(field) {
			return refuse(http.StatusUnprocessableEntity, withField(alertKept, field))
		}
	}
	if !anySet(r, "closed_at", "disposition", "assessed_on") {
		return e.Next()
	}
	by, err := actorAs(e.App, actorOf(r), r.GetString("patient"))
	if err != nil {
		return err
	}
	if by.Role != access.Therapist {
		return refuse(http.StatusForbidden, hard("E_ROLE", "A clinician closes an alert."))
	}
	return inTx(e, func(tx core.App) error {
		if err := d.mayClose(tx, r); err != nil {
			return err
		}
		r.Set("closed_at", instantText(d.clock.now()))
		r.Set("closed_by", by.ID)
		if err := e.Next(); err != nil {
			return err
		}
		_, err := tx.DB().NewQuery("UPDATE tasks SET state='done', closed_at={:now} WHERE patient={:p} AND code={:code} AND state='open' AND json_extract(params, '$.alert')={:alert}").
			Bind(dbx.Params{"now": instantText(d.clock.now()), "p": r.GetString("patient"), "code": SafetyTask, "alert": r.Id}).Execute()
		return err
	})
}

// mayClose: somebody says what came of it and when it was assessed, on a day that is not before it happened.
func (d *doors) mayClose(tx core.App, alert *core.Record) error {
	stored, err := tx.FindRecordById("safety_alerts", alert.Id) // as it is now: somebody may have been first
	if err != nil {
		return err
	}
	if stored.GetString("closed_at") != "" {
		return refuse(http.StatusUnprocessableEntity, alertKept)
	}
	today, err := d.clinicToday(tx, alert.GetString("patient"))
	if err != nil {
		return err
	}
	var broken []clinic.Broken
	if !slices.Contains(safety.Dispositions, alert.GetString("disposition")) {
		broken = append(broken, withField(hard("E_VALUE", "Say what came of it."), "disposition"))
	}
	happened := clinic.DayOf(stored.GetDateTime("happened_at").Time(), time.UTC).Add(-1) // one day of grace for zones
	if on := dayOrNone(alert.GetString("assessed_on")); !on.Valid() || on > today || on < happened {
		broken = append(broken, withField(hard("E_VALUE", "Say on which day it was assessed: from the day it happened to today, by the clinic's clock."), "assessed_on"))
	}
	if len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return nil
}

// openLevels are those of all alerts that are open.
func openLevels(app core.App, patient string) (levels []safety.Level, err error) {
	err = app.DB().Select("level").From("safety_alerts").Where(dbx.HashExp{"patient": patient, "closed_at": ""}).Column(&levels)
	return levels, err
}

// trimmed is a text without the blanks around it.
func trimmed(s string) string { return strings.TrimSpace(s) }

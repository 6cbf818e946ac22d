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
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
)

func (d *doors) bindMedicine(app core.App) {
	app.OnRecordValidate("medication_doses").Bind(&hook.Handler[*core.RecordEvent]{Id: "doseOfStopped", Func: doseOfStopped})
	app.OnRecordValidate("medications").Bind(&hook.Handler[*core.RecordEvent]{Id: "stoppedBeforeDose", Func: stoppedBeforeDose})
	d.bindMedicationFlags(app)
}

// doseOfStopped: a dose lies within the time in which the list says the medicine was taken (docs/decisions/011). What else is
// said about a dose that stands may still be said.
func doseOfStopped(e *core.RecordEvent) error {
	r := e.Record
	if !changedAny(r, "taken_at", "tz", "medication") || r.GetDateTime("taken_at").IsZero() {
		return e.Next()
	}
	var stopped string
	err := e.App.DB().Select("stopped_on").From("medications").Where(dbx.HashExp{"id": r.GetString("medication")}).Row(&stopped)
	if errors.Is(err, sql.ErrNoRows) || err == nil && stopped == "" {
		return e.Next() // that there is no such medicine, the relation says
	}
	if err != nil {
		return err
	}
	zone, err := zoneOfPatient(e.App.DB(), r.GetString("patient"))
	if err != nil {
		return err
	}
	if broken := medication.DrugStopped(dayIn(r.GetDateTime("taken_at").Time(), r.GetString("tz"), zone), dayOrNone(stopped)); broken != nil {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return e.Next()
}

// stoppedBeforeDose: the same rule from the other side, so that the order of arrival changes nothing.
func stoppedBeforeDose(e *core.RecordEvent) error {
	r := e.Record
	stopped := dayOrNone(r.GetString("stopped_on"))
	if r.IsNew() || stopped == 0 || !changedAny(r, "stopped_on") {
		return e.Next()
	}
	zone, err := zoneOfPatient(e.App.DB(), r.GetString("patient"))
	if err != nil {
		return err
	}
	var later []struct {
		Taken types.DateTime `db:"taken_at"`
		TZ    string         `db:"tz"`
	}
	err = e.App.DB().Select("taken_at", "tz").From("medication_doses").Where(dbx.HashExp{"medication": r.Id}).
		AndWhere(dbx.NewExp("taken_at>={:at}", dbx.Params{"at": instantText(stopped.Start(time.UTC))})).OrderBy("taken_at DESC").All(&later)
	if err != nil {
		return err
	}
	for _, dose := range later {
		if broken := medication.DrugStopped(dayIn(dose.Taken.Time(), dose.TZ, zone), stopped); broken != nil {
			return refuse(http.StatusUnprocessableEntity, broken...)
		}
	}
	return e.Next()
}

// changedAny: the record is new, or one of the fields is not what it was.
func changedAny(r *core.Record, fields ...string) bool {
	if r.IsNew() {
		return true
	}
	was := r.Original() // a copy of the whole record: once
	return slices.ContainsFunc(fields, func(f string) bool { return r.GetString(f) != was.GetString(f) })
}

func zoneOfPatient(db dbx.Builder, patient string) (zone string, err error) {
	err = db.Select("timezone").From("patients").Where(dbx.HashExp{"id": patient}).Row(&zone)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil // that there is no such patient, the relation says
	}
	return zone, err
}

// dayIn is the calendar day of an instant: in the zone of its entry, else in the patient's.
func dayIn(t time.Time, entry, patients string) clinic.Day {
	for _, name := range []string{entry, patients} {
		if zone := zoneOrNil(name); zone != nil {
			return clinic.DayOf(t, zone)
		}
	}
	return clinic.DayOf(t, time.UTC)
}

// intakeRow is a dose with its medicine.
type intakeRow struct {
	ID         string           `db:"id"`
	Medicine   string           `db:"medication"`
	Attack     string           `db:"attack"`
	Taken      types.DateTime   `db:"taken_at"`
	TZ         string           `db:"tz"`
	Class      diary.Class      `db:"drug_class"`
	Indication diary.Indication `db:"indication"`
	Before     types.JSONRaw    `db:"pain_before"`
	TwoHours   types.JSONRaw    `db:"pain_2h"`
	Worked     types.JSONRaw    `db:"worked"`
	Redosed    types.JSONRaw    `db:"redosed_24h"`
}

func (r intakeRow) intake() medication.Intake {
	return medication.Intake{ID: r.ID, Medicine: r.Medicine, Before: nrs(r.Before), TwoHours: nrs(r.TwoHours), Redosed: yesNo(r.Redosed),
		Dose: diary.Dose{Attack: r.Attack, Taken: r.Taken.Time(), Zone: zoneOrNil(r.TZ), Class: r.Class, Indication: r.Indication, Worked: yesNo(r.Worked)}}
}

// medicationAnswer is what is known about a patient's medicines. Every number carries the days or the n it rests on.
type medicationAnswer struct {
	Patient    string                     `json:"patient"`
	Zone       string                     `json:"zone"`
	AsOf       clinic.Day                 `json:"asOf"`
	Advice     string                     `json:"advice"` // T-MED: stands on every view of medicines
	NotShared  []access.Family            `json:"notShared"`
	Limits     []medication.Limit         `json:"limits"`
	Month      medication.Month           `json:"month"`
	Blocks     []medication.Block         `json:"blocks"`
	Findings   []medication.Finding       `json:"findings"`
	Doses      []medication.Taken         `json:"doses"` // of the month, in and out of attacks
	Preventive []medication.PreventiveUse `json:"preventive"`
	AcuteDays  []acuteWindow              `json:"acuteDays28"`
	Effect     []medication.Effect        `json:"effect"`
	Medicines  []medication.Medicine      `json:"medicines"`
	Effects    []sideEffect               `json:"sideEffects"`
	Timeline   []timelineEvent            `json:"timeline"`
}

// acuteWindow is a 28-day window's acute-medication days.
type acuteWindow struct {
	Window       string     `json:"window"`
	From         clinic.Day `json:"from"`
	To           clinic.Day `json:"to"`
	RecordedDays int        `json:"recordedDays"`
	diary.Medicine
}

type sideEffect struct {
	ID             string       `json:"id"`
	Medicine       string       `json:"medicine"`
	Effect         string       `json:"effect"`
	Severity       clinic.NRS   `json:"severity"`
	StoppedBecause clinic.YesNo `json:"stoppedBecause"`
	NotedOn        clinic.Day   `json:"notedOn"`
}

// timelineEvent: medicines begun and stopped, and for who may see them the plan and its visits, on one axis (S-27).
type timelineEvent struct {
	medication.Event
	Count int `json:"count"` // visits of the day
}

// medication answers GET /api/patients/{id}/medication. All of it is worked out at each reading, so a late entry needs nothing
// recomputed.
func (d *doors) medication(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRightTo(e, e.App.DB(), patient, "medications", "medication")
	if err != nil {
		return err
	}
	var out medicationAnswer
	err = snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) (err error) {
		out, err = d.medicationOf(db, patient, right)
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

// medicationOf works with the diary where the patient shares it. A neurologist does not read the diary, but what a count of
// medicine rests on, the recorded days and the headache days, is part of it.
func (d *doors) medicationOf(db dbx.Builder, patient string, right access.Right) (medicationAnswer, error) {
	f, err := frameOf(db, patient, d.todayOf("UTC"))
	if err != nil {
		return medicationAnswer{}, err
	}
	today := d.todayOf(f.Zone)
	out := medicationAnswer{Patient: patient, Zone: f.Zone, AsOf: today, Advice: medication.Advice, NotShared: []access.Family{}, Limits: medication.Limits}
	e := diary.Entries{Zone: zoneOrNil(f.Zone), Adult: f.Adult}
	if right.Shares(access.Diary) {
		if e, err = entriesOf(db, patient, f, access.Right{}); err != nil {
			return out, err
		}
	} else {
		out.NotShared = append(out.NotShared, access.Diary)
	}
	all, err := intakesOf(db, patient, 0)
	if err != nil {
		return out, err
	}
	e.Doses = medication.Doses(all)
	out.count(e, all, f, medication.Timeframe{Anchor: f.Anchor, Closed: f.Closed, Today: today, Now: d.clock.now()})
	return out, listMedicines(db, &out, patient, f, right)
}

// count fills in the numbers.
func (a *medicationAnswer) count(e diary.Entries, all []medication.Intake, f frame, t medication.Timeframe) {
	look := medication.LookOn(e, t.Today)
	a.Month, a.Blocks, a.Findings = look.Month, look.Blocks, look.Findings
	a.Doses = medication.Placed(e, all, look.Month.From, look.Month.To)
	a.Preventive = medication.Preventive(a.Doses)
	anchor := f.Anchor
	if anchor == 0 {
		anchor = diary.FirstRecorded(e, t.Today)
	}
	a.AcuteDays = []acuteWindow{}
	for _, w := range diary.Windows(e, f.Profile, anchor, f.Closed, t.Today) {
		a.AcuteDays = append(a.AcuteDays, acuteWindow{w.Name, w.From, w.To, w.RecordedDays, w.AcuteDays28})
	}
	a.Effect = medication.Effects(e, all, f.Profile.Merge, t)
}

// listMedicines fills in what is listed, not counted.
func listMedicines(db dbx.Builder, a *medicationAnswer, patient string, f frame, right access.Right) (err error) {
	if a.Medicines, err = medicinesOf(db, patient); err != nil {
		return err
	}
	if a.Effects, err = sideEffectsOf(db, patient); err != nil {
		return err
	}
	a.Timeline, err = timelineOf(db, patient, a.Medicines, f, right)
	return err
}

func medicinesOf(db dbx.Builder, patient string) ([]medication.Medicine, error) {
	var rows []struct {
		ID         string           `db:"id"`
		Name       string           `db:"name"`
		Strength   string           `db:"strength"`
		Class      diary.Class      `db:"drug_class"`
		Indication diary.Indication `db:"indication"`
		Started    string           `db:"started_on"`
		Stopped    string           `db:"stopped_on"`
		Prescriber string           `db:"prescriber"`
	}
	err := db.Select("id", "name", "strength", "drug_class", "indication", "started_on", "stopped_on", "prescriber").From("medications").
		Where(dbx.HashExp{"patient": patient}).OrderBy("name", "id").All(&rows)
	out := make([]medication.Medicine, 0, len(rows))
	for _, r := range rows {
		out = append(out, medication.Medicine{ID: r.ID, Name: r.Name, Strength: r.Strength, Class: r.Class, Indication: r.Indication,
			Started: dayOrNone(r.Started), Stopped: dayOrNone(r.Stopped), Prescriber: r.Prescriber})
	}
	return out, err
}

func sideEffectsOf(db dbx.Builder, patient string) ([]sideEffect, error) {
	var rows []struct {
		ID       string        `db:"id"`
		Medicine string        `db:"medication"`
		Effect   string        `db:"effect"`
		Severity types.JSONRaw `db:"severity"`
		Stopped  types.JSONRaw `db:"stopped_because"`
		NotedOn  string        `db:"noted_on"`
	}
	err := db.Select("id", "medication", "effect", "severity", "stopped_because", "noted_on").From("medication_effects").
		Where(dbx.HashExp{"patient": patient}).OrderBy("noted_on", "id").All(&rows)
	out := make([]sideEffect, 0, len(rows))
	for _, r := range rows {
		out = append(out, sideEffect{r.ID, r.Medicine, r.Effect, nrs(r.Severity), yesNo(r.Stopped), dayOrNone(r.NotedOn)})
	}
	return out, err
}

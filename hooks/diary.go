package hooks

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
)

// frame is what a patient's numbers are counted in: zone, definitions, and the
// day from which windows count.
type frame struct {
	Name       string
	Clinic     string
	Zone       string // the patient's: days of the diary
	ClinicZone string // the clinic's: dates of the plan
	Profile    diary.Profile
	Anchor     clinic.Day // the plan's start, else the baseline date; the first recorded day is found later
	Closed     *clinic.Day
	planned    bool // the anchor is a plan's start
	Synthetic  bool
	Adult      clinic.YesNo
}

// frameOf reads one patient's frame.
func frameOf(db dbx.Builder, patient string, today clinic.Day) (f frame, err error) {
	var row struct {
		Name      string `db:"name"`
		Clinic    string `db:"clinic"`
		Zone      string `db:"timezone"`
		Baseline  string `db:"baseline_date"`
		Born      string `db:"birth_date"`
		Synthetic bool   `db:"synthetic"`
		ClinicTZ  string `db:"clinic_zone"`
		Days      string `db:"day_profile"`
		Merge     string `db:"merge_profile"`
		Start     string `db:"start_date"`
		Closed    string `db:"closed_on"`
	}
	err = db.NewQuery(`SELECT p.name, p.clinic, p.timezone, p.baseline_date, p.birth_date, p.synthetic, c.timezone AS clinic_zone, c.day_profile, c.merge_profile,
  COALESCE(l.start_date, '') AS start_date, COALESCE(l.closed_on, '') AS closed_on
FROM patients p JOIN clinics c ON c.id=p.clinic
LEFT JOIN plans l ON l.id=(SELECT id FROM plans WHERE patient=p.id AND start_date<>'' AND state NOT IN ('draft', 'voided') ORDER BY start_date DESC LIMIT 1)
WHERE p.id={:p}`).Bind(dbx.Params{"p": patient}).One(&row)
	if err != nil {
		return f, err
	}
	f = frame{Name: row.Name, Clinic: row.Clinic, Zone: row.Zone, ClinicZone: row.ClinicTZ, Synthetic: row.Synthetic, Adult: adult(row.Born, today)}
	if f.Profile, err = diary.NewProfile(row.Days, row.Merge); err != nil {
		return f, err
	}
	f.Anchor = dayOrNone(row.Start)
	f.planned = f.Anchor != 0
	if f.Anchor == 0 {
		f.Anchor = dayOrNone(row.Baseline)
	}
	if d := dayOrNone(row.Closed); d != 0 {
		f.Closed = &d
	}
	return f, nil
}

// adult: 18 years on the day; unknown without a date of birth.
func adult(born string, today clinic.Day) clinic.YesNo {
	d := dayOrNone(born)
	if d == 0 {
		return clinic.Unknown
	}
	birth := d.Start(time.UTC)
	return clinic.Said(clinic.DayOf(birth.AddDate(18, 0, 0), time.UTC) <= today)
}

func dayOrNone(s string) clinic.Day {
	d, err := clinic.ParseDay(s)
	if err != nil {
		return 0
	}
	return d
}

// entriesOf reads one patient's diary. Work grows with that diary and nothing else.
// A reader to whom the patient does not show her medicines gets numbers without the doses.
func entriesOf(db dbx.Builder, patient string, f frame, right access.Right) (diary.Entries, error) {
	return entriesSince(db, patient, f, right, 0)
}

// entriesSince reads what can say anything about the days from one on; no day reads all.
func entriesSince(db dbx.Builder, patient string, f frame, right access.Right, from clinic.Day) (diary.Entries, error) {
	e := diary.Entries{Zone: zoneOrNil(f.Zone), Adult: f.Adult}
	var err error
	if e.CheckIns, err = checkInsOf(db, patient, from); err != nil {
		return e, err
	}
	if e.Attacks, err = attacksOf(db, patient, from); err != nil {
		return e, err
	}
	if right.Sees("medication_doses") {
		e.Doses, err = dosesOf(db, patient, from)
	}
	return e, err
}

// sinceDay narrows a reading to the rows of a day and later; instants to those that may be of it, in whatever zone.
func sinceDay(from clinic.Day) dbx.Params {
	if from == 0 {
		return dbx.Params{"day": "", "instant": ""}
	}
	return dbx.Params{"day": from.String(), "instant": instantText(from.Start(time.UTC).AddDate(0, 0, -2))}
}

// among narrows a column to the attacks since a day.
func among(column, patient string, from clinic.Day) dbx.Expression {
	if from == 0 {
		return nil
	}
	return dbx.NewExp(column+" IN ("+lately+")", dbx.Params{"p": patient, "instant": sinceDay(from)["instant"]})
}

func checkInsOf(db dbx.Builder, patient string, from clinic.Day) ([]diary.CheckIn, error) {
	var rows []struct {
		Day      string        `db:"day"`
		TZ       string        `db:"tz"`
		Headache types.JSONRaw `db:"headache"`
		Worst    types.JSONRaw `db:"worst_pain_nrs"`
		Acute    types.JSONRaw `db:"acute_medicine"`
		Neck     types.JSONRaw `db:"neck_pain_nrs"`
	}
	err := db.Select("day", "tz", "headache", "worst_pain_nrs", "acute_medicine", "neck_pain_nrs").
		From("diary_days").Where(dbx.HashExp{"patient": patient}).AndWhere(dbx.NewExp("day>={:day}", sinceDay(from))).All(&rows)
	out := make([]diary.CheckIn, 0, len(rows))
	for _, r := range rows {
		if day := dayOrNone(r.Day); day != 0 {
			out = append(out, diary.CheckIn{Day: day, Zone: zoneOrNil(r.TZ), Headache: yesNo(r.Headache),
				Worst: nrs(r.Worst), Acute: yesNo(r.Acute), Neck: nrs(r.Neck)})
		}
	}
	return out, err
}

// lately are the attacks that began, ended or had a reading since an instant.
const lately = `SELECT id FROM attacks WHERE patient={:p} AND (started_at>={:instant} OR ended_at>={:instant})
UNION SELECT attack FROM attack_readings WHERE patient={:p} AND at>={:instant}`

// attacksOf reads attacks whole: all of them, or those of a day and later.
func attacksOf(db dbx.Builder, patient string, from clinic.Day) ([]diary.Attack, error) {
	readings, err := readingsOf(db, patient, from)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID          string         `db:"id"`
		Start       types.DateTime `db:"started_at"`
		End         types.DateTime `db:"ended_at"`
		TZ          string         `db:"tz"`
		Peak        types.JSONRaw  `db:"peak_nrs"`
		Unilateral  types.JSONRaw  `db:"unilateral"`
		Pulsating   types.JSONRaw  `db:"pulsating"`
		Activity    types.JSONRaw  `db:"worse_with_activity"`
		Nausea      types.JSONRaw  `db:"nausea"`
		Vomiting    types.JSONRaw  `db:"vomiting"`
		Photophobia types.JSONRaw  `db:"photophobia"`
		Phonophobia types.JSONRaw  `db:"phonophobia"`
		Aura        types.JSONRaw  `db:"aura"`
		AuraMinutes types.JSONRaw  `db:"aura_minutes"`
		PainAbsent  types.JSONRaw  `db:"pain_absent"`
		Joined      types.JSONRaw  `db:"joined"`
	}
	err = db.Select("id", "started_at", "ended_at", "tz", "peak_nrs", "unilateral", "pulsating", "worse_with_activity", "nausea",
		"vomiting", "photophobia", "phonophobia", "aura", "aura_minutes", "pain_absent", "joined").
		From("attacks").Where(dbx.HashExp{"patient": patient}).AndWhere(among("id", patient, from)).All(&rows)
	out := make([]diary.Attack, 0, len(rows))
	for _, r := range rows {
		out = append(out, diary.Attack{
			ID: r.ID, Start: r.Start.Time(), End: r.End.Time(), Zone: zoneOrNil(r.TZ), Peak: nrs(r.Peak), Readings: readings[r.ID],
			Unilateral: yesNo(r.Unilateral), Pulsating: yesNo(r.Pulsating), Activity: yesNo(r.Activity),
			Nausea: yesNo(r.Nausea), Vomiting: yesNo(r.Vomiting), Photophobia: yesNo(r.Photophobia), Phonophobia: yesNo(r.Phonophobia),
			Aura: yesNo(r.Aura), AuraLasted: minutesOf(r.AuraMinutes), PainAbsent: yesNo(r.PainAbsent), Joined: yesNo(r.Joined),
		})
	}
	return out, err
}

func readingsOf(db dbx.Builder, patient string, from clinic.Day) (map[string][]diary.Reading, error) {
	var rows []struct {
		Attack string         `db:"attack"`
		At     types.DateTime `db:"at"`
		NRS    types.JSONRaw  `db:"nrs"`
	}
	err := db.Select("attack", "at", "nrs").From("attack_readings").Where(dbx.HashExp{"patient": patient}).AndWhere(among("attack", patient, from)).All(&rows)
	out := map[string][]diary.Reading{}
	for _, r := range rows {
		out[r.Attack] = append(out[r.Attack], diary.Reading{At: r.At.Time(), Score: nrs(r.NRS)})
	}
	return out, err
}

func dosesOf(db dbx.Builder, patient string, from clinic.Day) ([]diary.Dose, error) {
	intakes, err := intakesOf(db, patient, from)
	return medication.Doses(intakes), err
}

// The stored answers as the rooms know them; what cannot be read is unknown, never zero.

func yesNo(raw types.JSONRaw) (a clinic.YesNo) {
	if v, ok := answer(raw).(bool); ok {
		return clinic.Said(v)
	}
	return clinic.Unknown
}

func nrs(raw types.JSONRaw) clinic.NRS {
	var score clinic.NRS
	if err := score.UnmarshalJSON(raw); err != nil {
		return clinic.NRS{}
	}
	return score
}

func minutesOf(raw types.JSONRaw) time.Duration {
	if v, ok := answer(raw).(float64); ok {
		return time.Duration(v * float64(time.Minute))
	}
	return 0
}

// zoneOrNil is nil where nobody said: the rooms then take the patient's own zone.
func zoneOrNil(name string) *time.Location {
	zone, err := clinic.LoadZone(name)
	if err != nil {
		return nil
	}
	return zone
}

// todayOf is the patient's calendar day now.
func (d *doors) todayOf(zone string) clinic.Day {
	if loc := zoneOrNil(zone); loc != nil {
		return clinic.DayOf(d.clock.now(), loc)
	}
	return clinic.DayOf(d.clock.now(), time.UTC)
}

// patientRight answers a route about one patient: the right, or "not found" for a stranger,
// with a line in the audit.
func (d *doors) patientRight(e *core.RequestEvent, db dbx.Builder, patient, what string) (access.Right, error) {
	return d.patientRightTo(e, db, patient, "diary_days", what)
}

// patientRightTo asks for the right to see one collection.
func (d *doors) patientRightTo(e *core.RequestEvent, db dbx.Builder, patient, collection, what string) (access.Right, error) {
	right, err := rightOf(db, e.Auth, patient)
	if err != nil || right.Own() {
		return right, err
	}
	seen := event{Actor: e.Auth.Id, Capacity: foremost(right.Roles), Action: "read", Patient: patient, Collection: what, Outcome: "ok"}
	if !right.Sees(collection) {
		reason, err := d.throughGlass(e, db, right, patient)
		if err != nil {
			return right, err
		}
		if right.Glass = reason != ""; right.Glass {
			seen.Capacity, seen.Reason = "break_glass", reason
		}
	}
	if !right.Sees(collection) {
		err := d.audit(e.App, event{Actor: e.Auth.Id, Capacity: foremost(right.Roles), Action: "refuse", Patient: knownPatient(e.App, patient), Collection: what, Outcome: "E_NOT_FOUND"})
		if err != nil {
			return right, err
		}
		return right, noRight()
	}
	return right, d.audit(e.App, seen)
}

// knownPatient keeps what a stranger typed into the address out of the audit.
func knownPatient(app core.App, id string) string {
	var found string
	if err := app.DB().Select("id").From("patients").Where(dbx.HashExp{"id": id}).Row(&found); err != nil {
		return ""
	}
	return found
}

package hooks

import (
	"context"
	"errors"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/medication"
	"interictal/hooks/safety"
)

// The team's flags about medicine. They follow from the entries, in the transaction that stores an entry, and from the day, by
// the hourly look: docs/decisions/011. They rest on what the patient shares with the team, her medicines and her diary;
// without either there is none. What she sees herself is worked out at each reading.

// medicationRests are the collections that a finding rests on.
var medicationRests = []string{"diary_days", "attacks", "attack_readings", "medications", "medication_doses", "consents"}

func (d *doors) bindMedicationFlags(app core.App) {
	look := &hook.Handler[*core.RecordEvent]{Id: "medicationFlags", Func: d.followMedication, Priority: -40}
	app.OnRecordCreateExecute(medicationRests...).Bind(look)
	app.OnRecordUpdateExecute(append(medicationRests, "patients")...).Bind(look) // a patient may move to another zone
	app.OnRecordDeleteExecute(medicationRests...).Bind(look)
	d.everyHour("medication", 10, d.lookAtMedication)
}

// followMedication: an entry that comes, changes or goes may raise or withdraw a flag.
func (d *doors) followMedication(e *core.RecordEvent) error {
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		policy, _ := access.Of(e.Record.Collection().Name)
		patient := patientOf(e.Record, policy)
		return d.atEnd(tx, "medication/"+patient, func() error { return d.renewMedicationFlags(tx, patient) })
	})
}

// renewMedicationFlags stores what has changed.
func (d *doors) renewMedicationFlags(tx core.App, patient string) error {
	changes, err := d.medicationChanges(tx.DB(), patient)
	if err != nil {
		return err
	}
	w := writer{doors: d, tx: tx}
	for _, f := range changes {
		if err := w.medicationFlag(patient, f); err != nil {
			return err
		}
		if f.State == medication.Standing && f.Code.Safety() {
			answers := safety.Answers{"med_over": f.Code == medication.Over, "moh_pattern": f.Code == medication.Pattern}
			if err := d.raise(tx, flagged{patient, "diary", f.Key(), d.clock.now()}, safety.Judge(answers).Findings); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w writer) medicationFlag(patient string, f medication.Flag) error {
	r, err := w.row("flags", dbx.HashExp{"patient": patient, "plan": "", "key": f.Key()})
	if err != nil {
		return err
	}
	if r.IsNew() {
		return w.save(r, map[string]any{"patient": patient, "key": f.Key(), "code": string(f.Code), "family": string(access.Medication), "raised_on": f.RaisedOn.String(),
			"state": string(medication.Standing), "params": map[string]any{"class": f.Class, "days": f.Finding.Days, "limit": f.Finding.Limit, "recordedDays": f.Finding.RecordedDays}})
	}
	values := map[string]any{"state": string(f.State)}
	if r.GetDateTime("cleared_at").IsZero() { // what a person has cleared keeps the time and the word
		values["cleared_at"] = instantText(w.clock.now())
	}
	return w.save(r, values)
}

// medicationChanges sets what the entries say today against the flags that are stored. Few people come near a limit: eight
// doses in a month, or a flag that stands, or there is nothing to look at.
func (d *doors) medicationChanges(db dbx.Builder, patient string) ([]medication.Flag, error) {
	var doses, open int
	err := db.NewQuery(`SELECT (SELECT COUNT(*) FROM medication_doses WHERE patient={:p} AND taken_at>={:since}),
(SELECT COUNT(*) FROM flags WHERE patient={:p} AND family={:f} AND state<>{:gone})`).Bind(dbx.Params{"p": patient, "f": string(access.Medication),
		"since": instantText(d.clock.now().Add(-32 * 24 * time.Hour)), "gone": string(medication.Withdrawn)}).Row(&doses, &open)
	if err != nil || doses < medication.FewestDoses && open == 0 {
		return nil, err
	}
	findings, f, err := d.sharedFindings(db, patient)
	if err != nil {
		return nil, err
	}
	stored, err := medicationFlagsOf(db, patient)
	return medication.Renew(stored, findings, d.todayOf(f.ClinicZone)), err
}

// sharedFindings are those that rest on what the team may see.
func (d *doors) sharedFindings(db dbx.Builder, patient string) ([]medication.Finding, frame, error) {
	f, err := frameOf(db, patient, d.todayOf("UTC"))
	if err != nil {
		return nil, f, err
	}
	var shared int
	err = db.NewQuery("SELECT COUNT(*) FROM consents WHERE patient={:p} AND state='given' AND family IN ('medication', 'diary')").Bind(dbx.Params{"p": patient}).Row(&shared)
	if err != nil || shared < 2 {
		return nil, f, err
	}
	look, err := d.medicationLook(db, patient, f)
	return look.Findings, f, err
}

// medicationLook is the last 90 days in the patient's zone: what safety and the report ask too.
func (d *doors) medicationLook(db dbx.Builder, patient string, f frame) (medication.Look, error) {
	today := d.todayOf(f.Zone)
	entries, err := entriesSince(db, patient, f, access.Right{Roles: []access.Role{access.Patient}}, today.Add(1-medication.Back))
	return medication.LookOn(entries, today), err
}

// medicationFlagsOf reads the occasions so far.
func medicationFlagsOf(db dbx.Builder, patient string) (flags []medication.Flag, err error) {
	var rows []struct {
		Key      string `db:"key"`
		State    string `db:"state"`
		RaisedOn string `db:"raised_on"`
	}
	err = db.NewQuery("SELECT key, state, raised_on FROM flags WHERE patient={:p} AND family={:f} AND plan=''").
		Bind(dbx.Params{"p": patient, "f": string(access.Medication)}).All(&rows)
	for _, r := range rows {
		if f, ok := medication.FlagNamed(r.Key); ok {
			f.State, f.RaisedOn = medication.State(r.State), dayOrNone(r.RaisedOn)
			flags = append(flags, f)
		}
	}
	return flags, err
}

// lookAtMedication reads without the writer, and writes only where something has changed.
func (d *doors) lookAtMedication(ctx context.Context, app core.App) error {
	var patients []string
	err := app.DB().NewQuery(`SELECT id FROM patients p WHERE {:few} <= (SELECT COUNT(*) FROM medication_doses d WHERE d.patient=p.id AND d.taken_at>={:since})
UNION SELECT patient FROM flags WHERE family={:f} AND state<>{:gone}`).Bind(dbx.Params{"few": medication.FewestDoses, "f": string(access.Medication),
		"since": instantText(d.clock.now().Add(-32 * 24 * time.Hour)), "gone": string(medication.Withdrawn)}).Column(&patients)
	for _, patient := range patients {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		changes, failed := d.medicationChanges(app.DB(), patient)
		if failed == nil && len(changes) > 0 {
			failed = app.RunInTransaction(func(tx core.App) error { return d.renewMedicationFlags(tx, patient) })
		}
		err = errors.Join(err, failed)
	}
	return err
}

// intakesOf reads doses with what came of them.
func intakesOf(db dbx.Builder, patient string, from clinic.Day) ([]medication.Intake, error) {
	var rows []intakeRow
	params := sinceDay(from)
	params["p"] = patient
	// LEFT JOIN: every logged dose counts, whatever became of its medicine (spec §3.9)
	err := db.NewQuery(`SELECT d.id, d.medication, d.attack, d.taken_at, d.tz, d.pain_before, d.pain_2h, d.worked, d.redosed_24h,
COALESCE(m.drug_class, '') AS drug_class, COALESCE(m.indication, '') AS indication
FROM medication_doses d LEFT JOIN medications m ON m.id=d.medication WHERE d.patient={:p} AND d.taken_at>={:instant}`).Bind(params).All(&rows)
	out := make([]medication.Intake, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.intake())
	}
	return out, err
}

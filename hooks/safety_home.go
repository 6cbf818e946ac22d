package hooks

import (
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/safety"
)

// The gates at home: a device and its label, cold, current. A session that was held is stored, and asked about.

// confirmLabel: a clinician confirms a device's data against its label, for the answers as they are; other answers ask anew.
func (d *doors) confirmLabel(e *core.RecordEvent) error {
	r, was := e.Record, e.Record.Original()
	if _, unread := namedAnswers(r.GetString("screening"), deviceQuestions()); len(unread) > 0 {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "There is no such question, or this is no answer to it."), "screening"))
	}
	label := changedAny(r, "label_version") && r.GetString("label_version") != ""
	if !label && r.GetString("label_version") != "" && changedAny(r, "make", "model", "nerve_target", "screening") {
		r.Set("label_version", "")
	}
	if label {
		by, err := actorAs(e.App, actorOf(r), r.GetString("patient"))
		if err != nil {
			return err
		}
		if by.Role != access.Therapist && actorOf(r).ID != careplan.System.ID {
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_ROLE", "A clinician confirms a device against its label."), "label_version"))
		}
		today, err := d.clinicToday(e.App, r.GetString("patient"))
		if err != nil {
			return err
		}
		r.Set("label_confirmed_by", by.ID)
		r.Set("label_confirmed_on", today.String())
		return e.Next()
	}
	for _, field := range []string{"label_confirmed_by", "label_confirmed_on"} { // nobody else's to say
		r.Set(field, was.GetString(field))
		if r.GetString("label_version") == "" {
			r.Set(field, "")
		}
	}
	return e.Next()
}

func deviceQuestions() (all []string) {
	for _, t := range safety.Labels.Targets {
		all = append(all, t.Questions()...)
	}
	return all
}

// judgeSession: a guided session is not started before its gate is passed; one that was held is stored, and asked about.
func (d *doors) judgeSession(e *core.RecordEvent) error {
	r := e.Record
	broken, err := d.gateSession(e.App, r)
	if err != nil {
		return err
	}
	screened := !slices.ContainsFunc(broken, func(b clinic.Broken) bool { return b.Code == "E_DEVICE_SCREEN" })
	if r.Collection().Name == "neuromod_sessions" {
		r.Set("screened", screened)
	}
	if r.GetString("state") == "next" {
		open, err := d.stopsAtHome(e.App, r)
		if err != nil {
			return err
		}
		if broken = append(open, broken...); len(broken) > 0 && changedAny(r, "state", "device", "site", "type", "with_compression") {
			return refuse(http.StatusUnprocessableEntity, broken...)
		}
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil || len(broken) == 0 {
			return err
		}
		return d.askAboutSession(tx, r, broken)
	})
}

func (d *doors) gateSession(app core.App, r *core.Record) ([]clinic.Broken, error) {
	patient := r.GetString("patient")
	switch r.Collection().Name {
	case "neuromod_sessions":
		device, err := app.FindRecordById("devices", r.GetString("device"))
		if err != nil {
			return nil, ignoreNoRows(err) // no such device: the relation itself says so
		}
		asked, err := d.deviceOf(app, device)
		if err != nil {
			return nil, err
		}
		return append(safety.GateDevice(asked), safety.GateSite(true, false, r.GetString("site"))...), nil
	case "modality_sessions":
		kind := r.GetString("type")
		pressed := kind == "compression" || saidOf(r, "with_compression") == clinic.Yes
		broken := safety.GateSite(kind == "electrical", pressed, r.GetString("site"))
		if kind != "cold" {
			return broken, nil
		}
		cautions, err := coldCautions(app, patient)
		return append(broken, safety.GateCold(cautions)...), err
	}
	return nil, nil
}

// deviceOf a patient, as its screening and its label stand.
func (d *doors) deviceOf(app core.App, row *core.Record) (safety.Device, error) {
	device := safety.Device{Target: row.GetString("nerve_target"), Label: row.GetString("label_version")}
	device.Screening, _ = namedAnswers(row.GetString("screening"), deviceQuestions())
	age, ok, err := ageOf(app, row.GetString("patient"), clinic.DayOf(d.clock.now(), time.UTC))
	if ok && err == nil {
		device.Age = &age
	}
	return device, err
}

// stopsAtHome: with an emergency open nothing is guided, with an urgent alert no current (§7.2).
func (d *doors) stopsAtHome(app core.App, r *core.Record) ([]clinic.Broken, error) {
	levels, err := openLevels(app, r.GetString("patient"))
	effect := safety.EffectOf(levels...)
	current := r.Collection().Name == "neuromod_sessions" || r.GetString("type") == "electrical"
	if effect.Exercise || effect.Hands && current {
		return []clinic.Broken{hard("E_REDFLAG_OPEN", "Something needs checking first. Call your clinic, or your emergency number if it is urgent.")}, err
	}
	return nil, err
}

// askAboutSession: one task for the same question, however many sessions there were.
func (d *doors) askAboutSession(tx core.App, r *core.Record, broken []clinic.Broken) error {
	about := r.GetString("device")
	if about == "" {
		about = r.Collection().Name
	}
	var open int
	err := tx.DB().NewQuery("SELECT COUNT(*) FROM tasks WHERE patient={:p} AND code={:code} AND state='open' AND json_extract(params, '$.about')={:about}").
		Bind(dbx.Params{"p": r.GetString("patient"), "code": SessionTask, "about": about}).Row(&open)
	if err != nil || open > 0 {
		return err
	}
	today, err := d.clinicToday(tx, r.GetString("patient"))
	if err != nil {
		return err
	}
	var codes []string
	for _, b := range broken {
		codes = append(codes, b.Code)
	}
	return d.openTask(tx, r.GetString("patient"), SessionTask, today, map[string]any{"about": about, "session": r.Id, "codes": codes})
}

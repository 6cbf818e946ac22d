package hooks

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/safety"
)

// The gates of §7.3 and §7.4: manipulation, current, cold, devices. They stop the act; one already done is stored and asked about.

// screenHolds is how long a screen of contraindications serves a plan or a home program. [D]
const screenHolds = 14 * 24 * time.Hour

// Tasks that a record of something done leaves behind.
const (
	SymptomTask = "SYMPTOM_CHECK_24H" // after a manipulation
	SessionTask = "SESSION_UNSCREENED"
)

// keepReasoning: who screens is on the screen, and `other` says what it is.
func (d *doors) keepReasoning(e *core.RecordEvent) error {
	r := e.Record
	by, err := actorAs(e.App, actorOf(r), r.GetString("patient"))
	if err != nil {
		return err
	}
	if by.Role != access.Therapist && actorOf(r).ID != careplan.System.ID {
		return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "A physical therapist screens for a manipulation."))
	}
	r.Set("screened_by", by.ID)
	if _, unread := namedAnswers(r.GetString("answers"), slices.Concat(safety.Contraindications, safety.Precautions)); len(unread) > 0 {
		b := withField(hard("E_VALUE", "There is no such question, or this is no answer to it."), "answers")
		b.Params["unread"] = unread
		return refuse(http.StatusUnprocessableEntity, b)
	}
	length := careplan.Default().ReasonLength
	if careplan.Chip(r.GetString("reason")) == careplan.OtherChip && utf8.RuneCountInString(trimmed(r.GetString("reason_text"))) < length {
		b := hard("E_REASON_SHORT", "With \"other\", please say it in a whole sentence.")
		b.Params = map[string]any{"length": length}
		return refuse(http.StatusUnprocessableEntity, b)
	}
	return e.Next()
}

// namedAnswers reads yes and no by name; what is no answer to one of the questions is unread.
func namedAnswers(raw string, questions []string) (answers map[string]clinic.YesNo, unread []string) {
	answers = map[string]clinic.YesNo{}
	var sent map[string]any
	if raw == "" || raw == "null" {
		return answers, nil
	}
	if err := json.Unmarshal([]byte(raw), &sent); err != nil {
		return answers, []string{"*"}
	}
	for name, value := range sent {
		said, yesNo := value.(bool)
		switch {
		case value == nil && slices.Contains(questions, name):
		case yesNo && slices.Contains(questions, name):
			answers[name] = clinic.Said(said)
		default:
			unread = append(unread, name)
		}
	}
	slices.Sort(unread)
	return answers, unread
}

// reasoning is the newest screen of a visit; for a plan the newest that still holds. nil: there is none.
func (d *doors) reasoning(app core.App, patient, visit string) (*safety.Reasoning, error) {
	where := dbx.HashExp{"patient": patient}
	if visit != "" {
		where["visit"] = visit
	}
	var found []*core.Record
	table, err := app.FindCachedCollectionByNameOrId("manipulation_screens")
	if err != nil {
		return nil, err
	}
	if err := app.RecordQuery(table).AndWhere(where).OrderBy("screened_at DESC", "rowid DESC").Limit(1).All(&found); err != nil || len(found) == 0 {
		return nil, err
	}
	r := found[0]
	if visit == "" && d.clock.now().Sub(r.GetDateTime("screened_at").Time()) > screenHolds {
		return nil, nil
	}
	out := &safety.Reasoning{Reasoned: r.GetString("reason") != "", Examined: saidOf(r, "examined"), Systolic: numberOf(r, "systolic"), Diastolic: numberOf(r, "diastolic"),
		Consent: saidOf(r, "consent"), Rationale: trimmed(r.GetString("rationale"))}
	out.Answers, _ = namedAnswers(r.GetString("answers"), slices.Concat(safety.Contraindications, safety.Precautions))
	return out, d.knownAgainst(app, patient, out)
}

// knownAgainst adds what the clinic knows: age, an aura, cancer, a pregnancy. A yes of the record outweighs a no of the screen.
func (d *doors) knownAgainst(app core.App, patient string, r *safety.Reasoning) error {
	now := d.clock.now()
	if age, ok, err := ageOf(app, patient, clinic.DayOf(now, time.UTC)); err != nil {
		return err
	} else if ok {
		r.Age = &age
	}
	known, err := d.known(app, patient, now)
	if err != nil {
		return err
	}
	aura, err := app.CountRecords("headache_diagnoses", dbx.HashExp{"patient": patient, "type": "migraine_with_aura", "ended_on": ""})
	if err != nil {
		return err
	}
	for question, yes := range map[string]bool{"migraine_aura": aura > 0, "cancer_history": known["cancer"] == true, "pregnancy": known["pregnant"] == true} {
		if yes {
			r.Answers[question] = clinic.Yes
		}
	}
	return nil
}

// gateTreatment is what stands before an act in a visit: a manipulation, current on the neck, cold.
func (d *doors) gateTreatment(app core.App, r *core.Record) ([]clinic.Broken, error) {
	patient, category := r.GetString("patient"), careplan.Category(r.GetString("category"))
	act := safety.Act{Technique: r.GetString("technique"), Region: r.GetString("region"), EndRotation: r.GetBool("end_range_rotation")}
	if act.Gated() {
		reasoning, err := d.reasoning(app, patient, r.GetString("visit"))
		return safety.Gate(reasoning), err
	}
	return d.gateModality(app, patient, category, act.Region)
}

func (d *doors) gateModality(app core.App, patient string, category careplan.Category, site string) ([]clinic.Broken, error) {
	switch category {
	case careplan.ModalityElectrical:
		return safety.GateSite(true, false, site), nil
	case careplan.ModalityCold:
		cautions, err := coldCautions(app, patient)
		return safety.GateCold(cautions), err
	}
	return nil, nil
}

func coldCautions(app core.App, patient string) (map[string]clinic.YesNo, error) {
	out := map[string]clinic.YesNo{}
	facts, err := healthFactsOf(app, patient)
	if facts == nil || err != nil {
		return out, err
	}
	for _, q := range safety.Labels.Cold.Cautions {
		out[q] = saidOf(facts, q)
	}
	return out, nil
}

// treated: what a manipulation leaves to be done, whether it passed its gate or not.
func (d *doors) treated(tx core.App, r *core.Record, gate []clinic.Broken) error {
	if r.GetString("status") != "given" {
		return nil
	}
	patient := r.GetString("patient")
	if slices.ContainsFunc(gate, func(b clinic.Broken) bool { return b.Code == safety.Contra }) {
		if err := d.raise(tx, flagged{patient, "treatment", r.Id, d.clock.now()}, own(safety.Contra, safety.Worklist)); err != nil {
			return err
		}
	}
	act := safety.Act{Technique: r.GetString("technique"), Region: r.GetString("region"), EndRotation: r.GetBool("end_range_rotation")}
	if !act.Gated() {
		return nil
	}
	if err := d.usedReason(tx, r); err != nil {
		return err
	}
	today, err := d.clinicToday(tx, patient)
	if err != nil {
		return err
	}
	return d.openTask(tx, patient, SymptomTask, today.Add(1), map[string]any{"intervention": r.Id, "visit": r.GetString("visit")})
}

// usedReason: an override that was used is in the audit.
func (d *doors) usedReason(tx core.App, r *core.Record) error {
	screens, err := tx.FindRecordsByFilter("manipulation_screens", "patient={:p} && visit={:v}", "-screened_at", 1, 0, dbx.Params{"p": r.GetString("patient"), "v": r.GetString("visit")})
	if err != nil || len(screens) == 0 || screens[0].GetString("reason") == "" {
		return err
	}
	s := screens[0]
	return d.audit(tx, event{Actor: s.GetString("screened_by"), Capacity: string(access.Therapist), Action: "override", Patient: r.GetString("patient"),
		Collection: "manipulation_screens", Record: s.Id, Outcome: safety.Precaution, Reason: s.GetString("reason")})
}

// gateItem: an item of a plan, or of the home program, is an act that is about to be.
func (d *doors) gateItem(e *core.RecordEvent) error {
	r := e.Record
	fields := []string{"technique", "region", "end_range_rotation", "category", "code"}
	if decided(r) || !changedAny(r, fields...) {
		return e.Next()
	}
	act := safety.Act{Technique: r.GetString("technique"), Region: r.GetString("region"), EndRotation: r.GetBool("end_range_rotation"), Code: r.GetString("code")}
	var broken []clinic.Broken
	var err error
	if act.Gated() {
		var reasoning *safety.Reasoning
		reasoning, err = d.reasoning(e.App, r.GetString("patient"), "")
		broken = safety.GatePlan(reasoning)
	} else {
		broken, err = d.gateModality(e.App, r.GetString("patient"), careplan.Category(r.GetString("category")), act.Region)
	}
	if err != nil {
		return err
	}
	if len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return e.Next()
}

// --- at home

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
		asked := safety.Device{Target: device.GetString("nerve_target"), Label: device.GetString("label_version")}
		asked.Screening, _ = namedAnswers(device.GetString("screening"), deviceQuestions())
		if age, ok, err := ageOf(app, patient, clinic.DayOf(d.clock.now(), time.UTC)); err != nil {
			return nil, err
		} else if ok {
			asked.Age = &age
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

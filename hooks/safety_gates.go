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

// coldCautions is what a clinician has noted, and what she has said herself: a yes of either holds.
func coldCautions(app core.App, patient string) (map[string]clinic.YesNo, error) {
	facts, err := healthFactsOf(app, patient)
	if err != nil {
		return nil, err
	}
	screens, err := app.FindRecordsByFilter("cold_screens", "patient={:p}", "-asked_at", 1, 0, dbx.Params{"p": patient})
	if err != nil {
		return nil, err
	}
	var said map[string]clinic.YesNo
	if len(screens) > 0 {
		said, _ = namedAnswers(screens[0].GetString("answers"), safety.Labels.Cold.Cautions)
	}
	noted := map[string]clinic.YesNo{}
	for _, q := range safety.Labels.Cold.Cautions {
		if facts != nil {
			noted[q] = saidOf(facts, q)
		}
	}
	return safety.KnownOfCold(noted, said), nil
}

// keepColdScreen: answers to the questions of the table, and to no others.
func keepColdScreen(e *core.RecordEvent) error {
	if _, unread := namedAnswers(e.Record.GetString("answers"), safety.Labels.Cold.Cautions); len(unread) > 0 {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "There is no such question, or this is no answer to it."), "answers"))
	}
	return e.Next()
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
	broken, err := d.gateExercise(e.App, r)
	if err != nil {
		return err
	}
	if len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return e.Next()
}

// gateExercise is what stands before an item of a plan or of a home program.
func (d *doors) gateExercise(app core.App, r *core.Record) ([]clinic.Broken, error) {
	act := safety.Act{Technique: r.GetString("technique"), Region: r.GetString("region"), EndRotation: r.GetBool("end_range_rotation"), Code: r.GetString("code")}
	if act.Gated() {
		reasoning, err := d.reasoning(app, r.GetString("patient"), "")
		return safety.GatePlan(reasoning), err
	}
	return d.gateModality(app, r.GetString("patient"), careplan.Category(r.GetString("category")), act.Region)
}

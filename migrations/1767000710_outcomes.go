package migrations

import (
	"slices"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/journal"
	"interictal/hooks/outcomes"
)

func init() { m.Register(outcomesUp, outcomesDown) }

// outcomesUp: what patients answer, the clinic's own licensed words for it, and what the examination of neck and jaw
// still lacked (spec §3.7).
func outcomesUp(app core.App) error {
	patients, err := app.FindCollectionByNameOrId("patients")
	if err != nil {
		return err
	}
	clinics, err := app.FindCollectionByNameOrId("clinics")
	if err != nil {
		return err
	}
	measures, err := app.FindCollectionByNameOrId("physical_measures")
	if err != nil {
		return err
	}
	growMeasures(measures)
	responses := responsesCollection(patients)
	if err := save(app, measures, responses, textsCollection(clinics), comorbiditiesCollection(patients)); err != nil {
		return err
	}
	if err := reinstall(app, journal.RightsTriggers()); err != nil {
		return err
	}
	return installJournal(app, responses)
}

func outcomesDown(app core.App) error {
	return drop(app, "comorbidities", "instrument_texts", "instrument_responses")
}

// responsesCollection holds answers, never scores: what follows from answers is reckoned when it is read, so that it is right after
// every late edit (docs/decisions/010-a-score-is-reckoned-when-read.md). Which items and which numbers there are, the room outcomes says.
func responsesCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("instrument_responses",
		to("patient", patients, "Who answered."),
		required(text("instrument", 32, "Which questionnaire: midas, hit6, msq, ndi, psfs, phq4, …")),
		text("version", 16, "Which version of it. Empty = the one in use."),
		requiredOneOf("occasion", "When in the course of a plan it is asked: start, review (visit 6), end, follow-up, or another time.", words(outcomes.Occasions...)...),
		&core.JSONField{Name: "answers", MaxSize: 4000, Help: "A number or null by item: {\"q1\": 3, \"q2\": null}. null = asked and not said."},
		&core.JSONField{Name: "words", MaxSize: 8000, Help: "The patient's own words by item (PSFS): {\"a1\": \"carry my girl\"}."},
		&core.JSONField{Name: "totals", MaxSize: 1000, Help: "Instead of answers: the scores of a paper form, by scale: {\"total\": 54}."},
		text("note", 2000, "What the patient wants to add, in her words."),
		instant("answered_at", "When it was finished. Empty = a draft, to be resumed; a draft has no score."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_instrument_responses_patient", false, "patient, instrument, answered_at", "")
	return c
}

// textsCollection holds what a clinic may show by its own licence. It belongs to the clinic: no patient's data, in no sync, in no
// export.
func textsCollection(clinics *core.Collection) *core.Collection {
	c := collection("instrument_texts",
		to("clinic", clinics, "Which clinic holds the right."),
		required(text("instrument", 32, "Words of which questionnaire.")),
		text("version", 16, "Of which version. Empty = the one in use."),
		text("language", 16, "In which language, e.g. en, es-US."),
		required(text("licence", 500, "By which right the clinic may show it. Shown below the questions.")),
		text("asks", 2000, "What is said before the questions."),
		&core.JSONField{Name: "items", MaxSize: 40000, Help: "The question by item: {\"q1\": \"…\"}."},
		&core.JSONField{Name: "choices", MaxSize: 40000, Help: "The words of the answers by item and number, or by number for all: {\"q1\": {\"0\": \"…\"}}."},
	)
	c.ListRule = types.Pointer(colleagueOf("clinic.") + " || " + patientOf("clinic."))
	c.ViewRule = c.ListRule
	c.CreateRule = types.Pointer(adminOf("clinic."))
	c.UpdateRule = types.Pointer("(" + adminOf("clinic.") + ")" + frozen("clinic", "instrument"))
	c.DeleteRule = c.CreateRule
	c.AddIndex("idx_instrument_texts_clinic", true, "clinic, instrument, version, language", "")
	return c
}

// comorbiditiesCollection: what else she lives with, and whether it was there at the start and at the end (S-37).
func comorbiditiesCollection(patients *core.Collection) *core.Collection {
	there := []string{"present", "absent", "not_assessed"}
	c := ruled(collection("comorbidities",
		to("patient", patients, "Whose."),
		requiredOneOf("condition", "As a clinician has found it; the app never diagnoses.", "insomnia", "anxiety", "depression", "tmd", "obesity", "other"),
		text("name", 200, "Its name, for another condition."),
		oneOf("at_start", "At the start of the plan.", there...),
		oneOf("at_end", "At its end.", there...),
		day("noted_on", "When it was noted."),
	))
	byPatient(c)
	return c
}

// growMeasures: readings, device, conditions and finding of the tests of §3.7, and three more kinds.
func growMeasures(c *core.Collection) {
	if kind, ok := c.Fields.GetByName("type").(*core.SelectField); ok {
		kind.Values = append(slices.Clone(kind.Values), "tmj_sounds", "posture", "neck_nrs")
	}
	if unit, ok := c.Fields.GetByName("unit").(*core.SelectField); ok {
		unit.Values = append(slices.Clone(unit.Values), "kgf_cm2")
	}
	c.Fields.Add(
		list("readings", "Three readings of one pain threshold, in the unit; their mean is the value."),
		maybe("holds", "Craniocervical flexion: correct holds of ten seconds at the highest step, 0 to 10."),
		text("device", 100, "With which device: its readings are compared with its own."),
		oneOf("finding", "What the jaw joint sounds like.", outcomes.Sounds...),
		oneOf("occasion", "When in the course of a plan. Empty: before the plan was signed it is of the start.", words(outcomes.Occasions...)...),
		text("note", 2000, "In words. Posture is described, never scored."),
	)
}

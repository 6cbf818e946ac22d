package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/journal"
	"interictal/hooks/safety"
)

func init() { m.Register(safetyUp, nil) }

// safetyUp: red flags and their alerts, the gates before manual and electrical treatment, and what a patient does at home with
// cold, devices and relaxation. There is no way back: alerts would be lost.
func safetyUp(app core.App) error {
	found := map[string]*core.Collection{}
	for _, name := range []string{"clinics", "patients", "attacks", "visits", "plan_items", "visit_interventions", "safety_screens", "safety_alerts", "headache_diagnoses"} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		found[name] = c
	}
	patients, attacks, visits, items := found["patients"], found["attacks"], found["visits"], found["plan_items"]
	growAttacks(attacks)
	growAlerts(found["safety_alerts"])
	items.Fields.Add(endRotation())
	growInterventions(found["visit_interventions"])
	growScreens(found["safety_screens"], visits)
	found["clinics"].Fields.Add(text("crisis_number", 32, "Whom to call for somebody to talk to, e.g. 988. Empty = by the jurisdiction."))
	for _, c := range []*core.Collection{attacks, items} {
		if err := regrow(app, c); err != nil {
			return err
		}
	}
	if err := save(app, found["visit_interventions"], found["safety_screens"], found["safety_alerts"], found["clinics"]); err != nil {
		return err
	}
	devices := devicesCollection(patients)
	if err := save(app, devices); err != nil {
		return err
	}
	synced := []*core.Collection{found["safety_alerts"], healthFactsCollection(patients), checksCollection(patients, attacks), devices,
		neuromodCollection(patients, devices, attacks), modalityCollection(patients, attacks), relaxationCollection(patients, attacks),
		adverseCollection(patients, visits, items, devices)}
	if err := save(app, append(synced, manipulationCollection(patients, visits))...); err != nil {
		return err
	}
	if err := reinstall(app, journal.RightsTriggers()); err != nil {
		return err
	}
	if err := installJournal(app, synced...); err != nil {
		return err
	}
	// alerts from before were not told to phones
	_, err := app.DB().NewQuery("UPDATE safety_alerts SET updated=updated").Execute()
	return err
}

// growAttacks: what an entry may say that is a red flag. Everything else is asked in a check.
func growAttacks(c *core.Collection) {
	c.Fields.Add(
		maybe("sudden", "Did it hit its worst within 5 minutes? (§7.1 row 4)"),
		maybe("peak_minutes", "Minutes from the first pain to the worst."),
		maybe("worst_ever", "The worst headache ever?"),
		maybe("aura_usual", "Was the aura like the usual ones? Asked when it is longer than 60 minutes (§7.1 row 3)."),
		maybe("first_motor_aura", "An aura that makes weak, for the first time?"),
		instant("still_going_at", "When the person said, after 72 hours, that it was still going on (M-72H)."),
	)
}

func growAlerts(c *core.Collection) {
	c.Fields.Add(
		text("row", 16, "Row of §7.1, or where it comes from."),
		oneOf("source", "What raised it.", "check", "attack", "diary", "screen", "questionnaire", "treatment", "adverse_event", "clinic"),
		text("about", 36, "Id of the entry it is about. The alert itself says nothing of what else is in it."),
		text("key", 128, "The occasion: an alert is raised once for each. The server writes it."),
		instant("happened_at", "When what it is about happened."),
		oneOf("disposition", "What came of it: a clinician says so, with the date.", safety.Dispositions...),
		day("assessed_on", "Date of the assessment."),
		text("closed_by", 36, "Who closed it: user id. The server writes it."),
	)
	c.AddIndex("idx_safety_alerts_key", true, "patient, key", "key <> ''")
	c.CreateRule = types.Pointer("(" + access.WriteRule("safety_alerts") + `) && closed_at = "" && disposition = "" && key = "" && closed_by = ""`)
}

// saidAnswers is one text, for clients whose columns hold no objects.
func saidAnswers() *core.TextField {
	return text("answers", 20000, "What was said, as one JSON text: true, false or a number by question of hooks/safety/redflags.json. Not said is not in it.")
}

func endRotation() *core.BoolField {
	return flag("end_range_rotation", "A mobilization into end-range rotation: of C0–C2 it passes the gate of a manipulation (§7.3).")
}

// growInterventions: with an emergency open nothing is done in a visit but to refer (§7.2).
func growInterventions(c *core.Collection) {
	if category, ok := c.Fields.GetByName("category").(*core.SelectField); ok {
		category.Values = append(category.Values, string(careplan.Referred))
	}
	c.Fields.Add(endRotation())
}

func growScreens(c, visits *core.Collection) {
	c.Fields.Add(
		mayRefer("visit", visits, "In which visit."),
		oneOf("form", "All questions, or those of every visit.", "full", "short"),
		saidAnswers(),
		text("rules", 64, "Version of the table it was judged by. The server writes it."),
	)
}

// healthFactsCollection is one row a patient: what a clinician has recorded that red flags and gates go by.
func healthFactsCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("health_facts",
		to("patient", patients, "Of whom."),
		maybe("known_long_aura", "Her auras are usually longer than 60 minutes: then the usual one is no emergency (§7.1 row 3)."),
		maybe("cancer", "Cancer, now or in the past."),
		maybe("immune", "HIV, or medicine that holds the immune system down."),
		maybe("anticoagulant", "Takes blood thinners."),
		maybe("cold_urticaria", "Hives from cold: no cold (§7.4)."),
		maybe("raynaud", "Raynaud: no cold."),
		maybe("cryoglobulinaemia", "Cryoglobulinaemia: no cold."),
		maybe("numb_skin", "Skin that does not feel: no cold."),
		day("due_on", "Pregnant: the day on which the birth is expected."),
		day("gave_birth_on", "The day of the last birth."),
	))
	c.AddIndex("idx_health_facts_patient", true, "patient", "")
	return c
}

// checksCollection: the patient's own check. The phone has shown its answer already; the server judges the same answers again.
func checksCollection(patients, attacks *core.Collection) *core.Collection {
	c := ruled(collection("safety_checks",
		to("patient", patients, "Who was asked."),
		mayRefer("attack", attacks, "In which attack."),
		requiredInstant("asked_at", "When."),
		saidAnswers(),
		text("rules", 64, "Version of the table on the phone."),
		oneOf("shown", "The level that the phone showed.", append(words(careplan.Levels...), "none")...),
		oneOf("occasion", "What it was asked for.", "own", "attack", "exercise", "intake", "visit"),
	))
	c.Fields.Add(written()...)
	c.AddIndex("idx_safety_checks_patient", false, "patient, asked_at", "")
	return c
}

func devicesCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("devices",
		to("patient", patients, "Who has it."),
		required(text("make", 100, "Who makes it.")),
		text("model", 100, "Which model."),
		requiredOneOf("nerve_target", "Where it works.", "supraorbital", "upper_arm", "occipital", "vagus", "other"),
		oneOf("supply", "By prescription, or over the counter.", "rx", "otc"),
		text("screening", 4000, "What was asked before its first use, as one JSON text: true or false by question of hooks/safety/devices.json."),
		text("label_version", 100, "Version of the label that a clinician has confirmed its data against. Empties when the answers change."),
		day("label_confirmed_on", "When. The server writes it."),
		text("label_confirmed_by", 36, "Who: user id. The server writes it."),
		day("started_on", "Since when."),
		day("stopped_on", "Until when."),
		text("note", 2000, "The patient's own words."),
	)))
	c.Fields.Add(written()...)
	byPatient(c)
	return c
}

// step: a rule may stop what is about to happen, never the record of what did.
func step() *core.SelectField {
	return oneOf("state", "About to start, guided by the app; or done. Empty = done.", "next", "done")
}

func neuromodCollection(patients, devices, attacks *core.Collection) *core.Collection {
	c := erasable(ruled(collection("neuromod_sessions",
		to("patient", patients, "Who."),
		to("device", devices, "With which device."),
		mayRefer("attack", attacks, "In which attack."),
		step(),
		requiredOneOf("mode", "In an attack, or to have fewer (S-49).", "acute", "preventive"),
		requiredInstant("started_at", "When."),
		text("site", 64, "Where it was put."),
		maybe("intensity", "As the device says it."),
		maybe("minutes", "How long."),
		maybe("pain_before", "0 to 10."),
		maybe("pain_2h", "0 to 10, two hours later."),
		oneOf("side_effect", "What it did besides.", "none", "tingling", "sleepy", "skin", "pain", "other"),
		flag("screened", "The device was ready by its screen. The server writes it."),
		text("note", 2000, "The patient's own words."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_neuromod_sessions_patient", false, "patient, started_at", "")
	c.AddIndex("idx_neuromod_sessions_device", false, "device", "")
	return c
}

func modalityCollection(patients, attacks *core.Collection) *core.Collection {
	c := erasable(ruled(collection("modality_sessions",
		to("patient", patients, "Who."),
		mayRefer("attack", attacks, "In which attack."),
		step(),
		requiredOneOf("type", "What was used (S-48).", "cold", "compression", "heat", "electrical", "other"),
		oneOf("site", "Where.", append(safety.HeadSites, "neck", "back_of_neck", "front_of_neck", "shoulders", "jaw", "other")...),
		maybe("with_compression", "Pressed on? Only on the head (§7.4)."),
		requiredInstant("started_at", "When."),
		maybe("minutes", "How long. Cold: 10 to 30, over a cloth."),
		maybe("pain_before", "0 to 10."),
		maybe("pain_30min", "0 to 10, half an hour later."),
		maybe("pain_2h", "0 to 10, two hours later."),
		oneOf("skin_reaction", "What the skin did.", "none", "red", "numb", "blister", "other"),
		text("note", 2000, "The patient's own words."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_modality_sessions_patient", false, "patient, started_at", "")
	return c
}

func relaxationCollection(patients, attacks *core.Collection) *core.Collection {
	c := erasable(ruled(collection("relaxation_sessions",
		to("patient", patients, "Who."),
		mayRefer("attack", attacks, "In which attack."),
		step(),
		requiredOneOf("technique", "Which (S-50).", "deep_breathing", "pmr", "guided_motor_imagery", "other"),
		requiredInstant("started_at", "When."),
		maybe("minutes", "How long."),
		maybe("stress_before", "0 to 10."),
		maybe("stress_after", "0 to 10."),
		maybe("tension_before", "Of the muscles, 0 to 10."),
		maybe("tension_after", "0 to 10."),
		text("note", 2000, "The patient's own words."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_relaxation_sessions_patient", false, "patient, started_at", "")
	return c
}

func adverseCollection(patients, visits, items, devices *core.Collection) *core.Collection {
	c := ruled(collection("adverse_events",
		to("patient", patients, "To whom."),
		requiredOneOf("type", "What happened (§7.5).", "soreness", "headache", "dizziness", "nausea", "skin", "fainting", "neurological", "fall", "other"),
		maybe("severity", "0 to 10."),
		oneOf("related", "Had it to do with the treatment, by the word of who writes?", "no", "possible", "yes"),
		flag("serious", "Hospital, lasting harm, danger to life: the team looks the same day."),
		requiredInstant("happened_at", "When."),
		mayRefer("visit", visits, "After which visit."),
		mayRefer("item", items, "After which item of the plan."),
		mayRefer("device", devices, "After which device."),
		text("note", 2000, "In words."),
	))
	c.Fields.Add(written()...)
	c.AddIndex("idx_adverse_events_patient", false, "patient, happened_at", "")
	return c
}

// manipulationCollection: the reasoning before a manipulation. A correction is another screen.
func manipulationCollection(patients, visits *core.Collection) *core.Collection {
	c := ruled(collection("manipulation_screens",
		to("patient", patients, "Of whom."),
		mayRefer("visit", visits, "In which visit. Empty = for an item of a plan or a home exercise."),
		requiredInstant("screened_at", "When."),
		text("screened_by", 36, "Who: user id. The server writes it."),
		text("answers", 4000, "Contraindications and precautions of §7.3, as one JSON text: true or false by name (hooks/safety/manipulation.go). Not said is not in it."),
		maybe("examined", "Vascular, neurological and cranial-nerve examination done, nothing against it?"),
		maybe("systolic", "Upper blood pressure, mmHg."),
		maybe("diastolic", "Lower blood pressure, mmHg."),
		maybe("consent", "Did she agree to this technique?"),
		text("rationale", 2000, "Why a technique without thrust is not enough."),
		oneOf("reason", "Why go on in spite of a precaution: the override of E_MANIP_PRECAUTION.", words(careplan.Chips...)...),
		text("reason_text", 4000, "In words; 20 characters or more with `other`."),
	))
	c.UpdateRule = nil
	c.AddIndex("idx_manipulation_screens_visit", false, "patient, visit, screened_at", "")
	return c
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/careplan"
)

// The evaluation: what a plan needs before anybody signs it (§2.1 T1, S-30).

func sides() []string { return []string{"left", "right", "both"} }

func diagnosesCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("headache_diagnoses",
		to("patient", patients, "Whose."),
		requiredOneOf("type", "As a clinician has written it; the app never diagnoses (S-33, S-67).", "migraine_without_aura", "migraine_with_aura", "chronic_migraine",
			"probable_migraine", "tension_type", "medication_overuse", "cervicogenic", "tmd_headache", "other"),
		text("code", 16, "ICHD-3, e.g. 1.3."),
		text("made_by", 200, "Who made it."),
		day("noted_on", "Since when."),
		day("ended_on", "Until when; empty = it stands."),
	))
	c.AddIndex("idx_headache_diagnoses_patient", false, "patient", "")
	return c
}

func impairmentsCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("impairments",
		to("patient", patients, "Whose."),
		to("plan", plans, "Found for which plan."),
		requiredOneOf("region_group", "The plan says something about each of the four (S-30).", words(careplan.Groups...)...),
		oneOf("region", "Where exactly.", "C0_C1", "C1_C2", "C2_C3", "C3_C4", "suboccipitals", "SCM", "scalenes", "splenius_capitis", "semispinalis",
			"levator_scapulae", "upper_trapezius", "middle_trapezius", "lower_trapezius", "rhomboids", "deep_neck_flexors", "thoracic_T1_T6", "TMJ", "masseter",
			"temporalis", "medial_pterygoid", "lateral_pterygoid", "frontalis", "occipitalis", "corrugator", "orbicularis_oculi"),
		requiredOneOf("finding", "Also one tap says something: not indicated, seen by video, or put off to the next visit.", "impaired", "normal", "not_indicated", "video", "next_visit"),
		oneOf("side", "Which side.", sides()...),
		maybe("severity", "0 to 3."),
		text("note", 2000, "In words."),
		required(day("found_on", "When.")),
	))
	byPatient(c)
	c.AddIndex("idx_impairments_plan", false, "plan", "")
	return c
}

// physicalMeasuresCollection holds the six tests that tell necks with migraine from others (Luedtke), and the measures of §3.7.
func physicalMeasuresCollection(patients, plans, visits *core.Collection) *core.Collection {
	c := ruled(collection("physical_measures",
		to("patient", patients, "Whose."),
		mayRefer("plan", plans, "For which plan."),
		mayRefer("visit", visits, "In which visit."),
		requiredOneOf("type", "Which test. The first six are the exam form.", "trigger_points", "flexion_rotation", "thoracic_screen", "manual_joint_upper_cervical",
			"craniocervical_flexion", "reproduction_resolution", "cervical_rom", "ppt", "tenderness", "mouth_opening"),
		oneOf("side", "Which side.", sides()...),
		text("site", 64, "Where, or in which direction."),
		maybe("positive", "Yes/no: what the test says."),
		maybe("value", "In the unit."),
		oneOf("unit", "Unit of the value.", "deg", "kPa", "mmHg", "mm", "score", "count"),
		maybe("headache_free", "Yes/no: without a headache when it was taken."),
		maybe("hours_since_attack", "Hours since the last attack ended."),
		text("rater", 36, "Who took it: user id."),
		required(day("measured_on", "When.")),
	))
	c.AddIndex("idx_physical_measures_patient", false, "patient, type, measured_on", "")
	return c
}

func problemsCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("problems",
		to("patient", patients, "Whose."),
		to("plan", plans, "Of which plan."),
		requiredOneOf("domain", "Migraine is more than one thing (S-14).", "neurological", "musculoskeletal", "lifestyle", "psychosocial"),
		required(text("name", 500, "What it is.")),
		flag("positive", "It is there; a plan addresses it or says why not (S-20)."),
		text("deferred_because", 1000, "Why the plan leaves it for later."),
	))
	byPatient(c)
	c.AddIndex("idx_problems_plan", false, "plan", "")
	return erasable(c)
}

func goalsCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("goals",
		to("patient", patients, "Whose."),
		to("plan", plans, "Of which plan."),
		requiredOneOf("domain", "The first four are what migraine care is for (§2.6).", words(careplan.Domains...)...),
		required(text("metric", 64, "MHD28, NRS, HIT6, MIDAS, MSQ_RR, NDI, PSFS, …")),
		maybe("baseline", "Value before."),
		day("baseline_on", "When that was."),
		text("source", 200, "Where the baseline comes from."),
		maybe("target", "Value to reach."),
		requiredOneOf("direction", "Which way is better.", "lower", "higher"),
		day("due", "By when."),
		oneOf("horizon", "Short: function, mobility, pain. Long: keep it (S-37).", "short", "long"),
		text("patient_words", 1000, "What she wants, in her words (S-28)."),
		maybe("value", "The last measure. The outcome is computed from it, never typed."),
		flag("not_assessed", "Said, not forgotten."),
		list("judged", "A therapist's word against the computed outcome, with the reason. The server writes it."),
	))
	byPatient(c)
	c.AddIndex("idx_goals_plan", false, "plan", "")
	return c
}

func planItemsCollection(patients, plans, goals, problems *core.Collection) *core.Collection {
	c := ruled(collection("plan_items",
		to("patient", patients, "Whose."),
		to("plan", plans, "Of which plan."),
		requiredOneOf("category", "What kind of care (S-25).", words(careplan.Categories...)...),
		required(text("name", 200, "What it is.")),
		text("dose", 500, "How much, how often."),
		oneOf("modality", "Of a generalized exercise.", "aerobic", "strength"),
		text("region", 64, "Where it works."),
		oneOf("aim", "Of a condition-specific exercise (S-45).", "strength", "endurance", "mobility", "tension", "motor_control"),
		oneOf("technique", "Of manual therapy (S-46) or relaxation (S-50).", append(techniques(), "deep_breathing", "pmr", "guided_motor_imagery")...),
		oneOf("technique_goal", "What the technique is for.", techniqueGoals()...),
		several(oneOf("mechanism", "What it works on (S-24).", mechanisms()...)),
		oneOf("horizon", "Short or long term (S-37).", "short", "long"),
		many("goals", goals, "Which goals it serves; at least one (S-64)."),
		many("problems", problems, "Which problems it addresses; at least one (S-13)."),
		flag("from_template", "Taken from a template: a person confirms it for this patient (S-36)."),
		text("confirmed_by", 36, "Who confirmed it: user id."),
		instant("confirmed_at", "When."),
		day("stopped_on", "No longer part of the plan from this day."),
	))
	byPatient(c)
	c.AddIndex("idx_plan_items_plan", false, "plan", "")
	return c
}

func techniques() []string {
	return []string{"massage", "mobilization", "manipulation", "muscle_energy", "stretching", "myofascial_release", "trigger_point_release",
		"suboccipital_release", "neural_mobilization", "other"}
}

func techniqueGoals() []string { return []string{"tension", "joint_mobility", "pain"} }

func mechanisms() []string {
	return []string{"peripheral_sensitization", "central_sensitization", "mobility", "strength", "endurance", "tension", "arousal", "lifestyle"}
}

// planMeasuresCollection: the numbers that goals and closing are computed from.
func planMeasuresCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("plan_measures",
		to("patient", patients, "Whose."),
		to("plan", plans, "For which plan."),
		requiredOneOf("domain", "Which of the goals' domains.", words(careplan.Domains...)...),
		required(text("metric", 64, "MHD28, NRS, HIT6, NDI, NECK_NRS, …")),
		&core.NumberField{Name: "value", Help: "The score or count."},
		required(day("measured_on", "When.")),
		flag("closing", "Taken at review or end; else it is a baseline."),
	))
	byPatient(c)
	c.UpdateRule = nil // a correction is another measure
	c.AddIndex("idx_plan_measures_plan", false, "plan, measured_on", "")
	return c
}

func readinessCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("readiness_answers",
		to("patient", patients, "Whose."),
		to("plan", plans, "Of which plan."),
		requiredOneOf("statement", "One of the eight (§2.8).", words(careplan.Statements...)...),
		requiredOneOf("answer", "Said together. A no needs an action.", "yes", "partly", "no"),
		text("action", 1000, "What is done about a no."),
	))
	byPatient(c)
	c.AddIndex("idx_readiness_answers_plan", false, "plan", "")
	return c
}

func screensCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("safety_screens",
		to("patient", patients, "Who was asked."),
		requiredOneOf("kind", "Red flags, or contraindications to manual and electrical treatment.", "red_flag", "contraindications"),
		requiredInstant("screened_at", "When."),
		requiredOneOf("result", "What was found; a finding raises an alert.", "clear", "finding"),
		text("note", 2000, "In words."),
	))
	c.AddIndex("idx_safety_screens_patient", false, "patient, kind, screened_at", "")
	return c
}

func alertsCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("safety_alerts",
		to("patient", patients, "About whom."),
		requiredOneOf("level", "How soon somebody must look (§7.1).", words(careplan.Levels...)...),
		required(text("code", 64, "Which red flag, or why.")),
		requiredInstant("raised_at", "When."),
		instant("closed_at", "When a clinician closed it; empty = it is open."),
		text("note", 2000, "What came of it."),
	))
	c.AddIndex("idx_safety_alerts_open", false, "patient, closed_at", "")
	return c
}

func careTeamCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("care_team_members",
		to("patient", patients, "Whose team. A name here gives no access (S-07)."),
		requiredOneOf("kind", "What they are.", "neurologist", "pcp", "dentist", "psychologist", "other"),
		required(text("name", 200, "Who.")),
		text("practice", 200, "Where; also a virtual practice (S-68)."),
		flag("prescribes", "They prescribe her headache medicine."),
		day("until", "No longer on the team from this day."),
	))
	c.AddIndex("idx_care_team_members_patient", false, "patient", "")
	return c
}

func referralsCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("referrals",
		to("patient", patients, "Who was referred."),
		required(text("episode", 64, "For which episode of care.")),
		required(text("referrer", 200, "By whom.")),
		requiredOneOf("reason", "Why (S-15).", "neck_pain_with_migraine", "migraine", "tension_type_headache", "tmd", "other"),
		required(day("dated_on", "Its date.")),
	))
	c.AddIndex("idx_referrals_patient", false, "patient, episode", "")
	return c
}

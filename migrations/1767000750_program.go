package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/careplan"
	"interictal/hooks/program"
)

func init() { m.Register(programUp, nil) }

// programUp: the library, prescriptions with their versions, what was done, proposals, and texts to learn from. There is no
// way back: which dose was in force when would be lost.
func programUp(app core.App) error {
	found := map[string]*core.Collection{}
	for _, name := range []string{"patients", "clinics", "exercises", "exercise_logs", "plan_items", "plans"} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		found[name] = c
	}
	patients, clinics, exercises := found["patients"], found["clinics"], found["exercises"]
	library, texts, templates := libraryCollection(clinics), educationCollection(clinics), templatesCollection(clinics)
	if err := save(app, library, texts, templates); err != nil {
		return err
	}
	growExercises(exercises, library, found["plan_items"])
	growExerciseLogs(found["exercise_logs"])
	plans := found["plans"]
	plans.Fields.Add(list("pauses", "Each pause that has begun, [{start, resume, reason}]: a phone excuses these days and halves doses after an illness. The server writes it."))
	plans.CreateRule, plans.UpdateRule = types.Pointer(*plans.CreateRule+frozen("pauses")), types.Pointer(*plans.UpdateRule+frozen("pauses"))
	for _, c := range []*core.Collection{exercises, found["exercise_logs"], plans} {
		if err := regrow(app, c); err != nil {
			return err
		}
	}
	versions, assignments := versionsCollection(patients, exercises), assignmentsCollection(patients, texts)
	if err := save(app, versions, assignments, proposalsCollection(patients, exercises)); err != nil {
		return err
	}
	if err := installJournal(app, versions, assignments); err != nil {
		return err
	}
	if err := firstVersions(app); err != nil {
		return err
	}
	return SeedLibrary(app)
}

// house rules of what belongs to no patient: everybody signed in reads what every clinic begins with, and a clinic's own is
// its staff's and its patients'. Therapists and the clinic's admin write the clinic's own.
func ofHouse(c *core.Collection, clinics *core.Collection) *core.Collection {
	c.Fields.Add(
		mayRefer("clinic", clinics, "Whose own. Empty = what every clinic begins with; it changes with a new version of the program only."),
		flag("retired", "No longer offered. Rows are retired, never deleted."),
	)
	at := "clinic.practitioners_via_clinic."
	writes := `clinic != "" && @request.auth.id != "" && ` + at + `user ?= @request.auth.id && ` + at + `active ?= true && (` + at + `role ?= "therapist" || ` + at + `role ?= "clinic_admin")`
	reads := `@request.auth.id != "" && (clinic = "" || ` + colleagueOf("clinic.") + " || " + patientOf("clinic.") + ")"
	c.ListRule, c.ViewRule = types.Pointer(reads), types.Pointer(reads)
	c.CreateRule, c.UpdateRule = types.Pointer(writes), types.Pointer(writes)
	c.AddIndex("idx_"+c.Name+"_code", true, "clinic, code", "")
	return c
}

func libraryCollection(clinics *core.Collection) *core.Collection {
	return ofHouse(collection("library_items",
		required(text("code", 64, "E.g. C01. A clinic's copy keeps the code.")),
		count("version", 1, 1e6, "One more with every new wording."),
		&core.TextField{Name: "name", Required: true, Max: 200, Presentable: true, Help: "As the patient reads it."},
		requiredOneOf("category", "What kind of care (S-43).", words(careplan.Categories...)...),
		oneOf("modality", "Of a generalized exercise (S-44).", "aerobic", "strength"),
		text("region", 64, "Where it works."),
		oneOf("aim", "What it trains (S-45).", aims()...),
		oneOf("technique", "Of manual therapy (S-46) or relaxation (S-50).", append(techniques(), "deep_breathing", "pmr", "guided_motor_imagery")...),
		oneOf("technique_goal", "What the technique is for.", techniqueGoals()...),
		several(oneOf("mechanism", "What it works on (S-24).", mechanisms()...)),
		requiredOneOf("place", "Done at home, by a therapist in the clinic, or with a device.", "home", "clinic", "device"),
		text("dose_text", 500, "The usual dose in words."),
		list("dose", "The usual dose in numbers: sets, reps, holdSeconds, minutes, load, perDay, perWeek."),
		maybe("effort", "How hard it is meant to be, 0 to 10."),
		text("progression", 500, "How it goes on, in words."),
		list("ladder", "Which variables may move, in order, and how far. null = the usual one, [] = none."),
		text("stop", 1000, "When to stop."),
		text("caution", 1000, "Who should take care, or leave it out."),
		flag("attack_ok", "May be done in an attack."),
		flag("screen", "Contraindications are screened before it is prescribed (§7.3, §7.4)."),
		oneOf("grade", "A several trials in migraine; B one trial or a guideline; C neck or other headache; D expert. On headache outcome, and modest at best.", "A", "B", "C", "D"),
		text("source", 500, "What the grade rests on."),
		day("reviewed_on", "When it was last held against its source."),
		text("instructions", 4000, "What to do, in plain words."),
		flag("drawn", "There is a line drawing of it: /exercises/<code>.svg."),
		text("import_ref", 120, "Where an imported item comes from. Makes an import repeatable."),
	), clinics)
}

func aims() []string {
	return []string{"strength", "endurance", "mobility", "tension", "motor_control", "aerobic", "relaxation"}
}

func educationCollection(clinics *core.Collection) *core.Collection {
	return ofHouse(collection("education_items",
		required(text("code", 64, "E.g. E02.")),
		count("version", 1, 1e6, "One more with every new wording."),
		requiredOneOf("topic", "What it is about (S-39).", program.Topics...),
		&core.TextField{Name: "title", Required: true, Max: 200, Presentable: true, Help: "As the patient reads it."},
		required(text("body", 20000, "The text, in plain words.")),
		required(text("author", 300, "Who wrote it (S-01).")),
		required(text("source", 500, "What it rests on.")),
		required(day("published_on", "When it came out.")),
		required(day("reviewed_on", "When it was last held against its source.")),
	), clinics)
}

func templatesCollection(clinics *core.Collection) *core.Collection {
	return ofHouse(collection("program_templates",
		required(text("code", 64, "E.g. T01.")),
		count("version", 1, 1e6, "One more with every change."),
		&core.TextField{Name: "name", Required: true, Max: 200, Presentable: true, Help: "As therapists read it."},
		text("about", 1000, "For whom."),
		list("items", "Codes of library items, each with its horizon: [{\"code\":\"C01\",\"horizon\":\"short\"}]."),
	), clinics)
}

func growExercises(c, library, planItems *core.Collection) {
	c.Fields.Add(
		mayRefer("library_item", library, "The library item it was taken from. What the body leaves out is filled in from it."),
		count("library_version", 0, 1e6, "That item's version. The server writes it."),
		mayRefer("plan_item", planItems, "The item of the plan of care that it belongs to."),
		oneOf("category", "What kind of care (S-25).", words(careplan.Categories...)...),
		oneOf("modality", "Of a generalized exercise (S-44).", "aerobic", "strength"),
		oneOf("technique", "Of a relaxation (S-50).", "deep_breathing", "pmr", "guided_motor_imagery", "other"),
		oneOf("horizon", "Short: function, mobility, pain. Long: keep it (S-37).", "short", "long"),
		several(oneOf("weekdays", "On which days. None = any day, as often as per_week says.", weekdays()...)),
		maybe("per_day", "Sessions on such a day. null = one."),
		maybe("load", "Load in kilograms."),
		maybe("effort_target", "How hard it is meant to be, 0 to 10."),
		list("ladder", "Which variables may move, in order, and how far: [{\"by\":\"hold\",\"to\":10}]. null = the usual ones, [] = none."),
		text("stop", 1000, "When to stop."),
		text("caution", 1000, "What to take care of."),
		text("source", 500, "Where the text comes from, and its review date."),
		flag("drawn", "There is a line drawing of it: /exercises/<code>.svg."),
		flag("auto_progress", "Steps apply themselves, with the reason noted. Otherwise somebody of the team accepts each."),
		text("from_template", 64, "Code of the template it was taken from: a person confirms it for this patient (S-36)."),
		text("confirmed_by", 36, "Who confirmed it: user id. The server writes it."),
		instant("confirmed_at", "When. Empty = not prescribed yet: it is not shown to the patient."),
		count("version", 0, 1e6, "One more with every change of the dose. The server writes it; exercise_versions has them all."),
	)
}

func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

func growExerciseLogs(c *core.Collection) {
	c.Fields.Add(
		count("version", 0, 1e6, "The version of the exercise that the phone showed."),
		maybe("holds_done", "Seconds held."),
		maybe("load_done", "Kilograms."),
		maybe("pain_during", "Worst pain in it, NRS 0 to 10."),
		oneOf("skipped", "Why it was not done. Empty = it was done.", "attack", "illness", "pain", "tired", "time", "forgot", "unsure_how", "no_equipment", "other"),
		flag("adapted", "Done at the adapted, half dose."),
	)
}

// versionsCollection: which dose was in force on a day. Only the rules write it, and only add to it; it is no append-only table,
// because what is erased has to reach the phones.
func versionsCollection(patients, exercises *core.Collection) *core.Collection {
	c := ruled(collection("exercise_versions",
		to("patient", patients, "Whose."),
		to("exercise", exercises, "Of which exercise."),
		count("version", 1, 1e6, "One more with every change."),
		required(day("from", "It holds from this day until the next version's.")),
		requiredOneOf("cause", "How it came about.", words(program.Prescribed, program.ByHand, program.ByStepUp, program.ByStepBack)...),
		list("dose", "sets, reps, holdSeconds, minutes, load, perDay, perWeek; what is not in it is no part of the dose."),
		several(oneOf("weekdays", "On which days. None = any.", weekdays()...)),
		flag("confirmed", "Prescribed; false: a template's item that nobody has confirmed."),
		day("started_on", "First day, when it is not the version's own."),
		day("stopped_on", "Last day; empty: it goes on."),
		list("reasons", "Codes of why it changed."),
		text("changed_by", 36, "Who: user id, or `system`."),
		requiredInstant("at", "When."),
	))
	byPatient(c)
	c.AddIndex("idx_exercise_versions_exercise", false, "exercise, version", "")
	return c
}

func proposalsCollection(patients, exercises *core.Collection) *core.Collection {
	c := ruled(collection("progression_proposals",
		to("patient", patients, "Whose."),
		to("exercise", exercises, "For which exercise."),
		required(text("key", 64, "The occasion: one row for each.")),
		requiredOneOf("kind", "Up or back by one step; hold; or a flag: somebody looks at it (§8.1).", words(program.Up, program.Stay, program.Back, program.Look)...),
		requiredOneOf("state", "Open until a person decides. A hold is noted. Applied by itself where auto_progress says so. Withdrawn when the facts no longer say so.",
			"open", "noted", "accepted", "held", "edited", "applied", "withdrawn"),
		count("version", 1, 1e6, "The exercise's version that was judged."),
		day("week_from", "First day of the week it rests on."),
		day("week_to", "Last day of it."),
		list("reasons", "Codes of why."),
		oneOf("variable", "The one variable that moves.", words(program.Variables...)...),
		maybe("from_value", "Its amount now."),
		maybe("to_value", "Its amount after the step."),
		list("basis", "The numbers it rests on: kept, after, failed."),
		requiredInstant("made_at", "When it was made or last renewed."),
		text("decided_by", 36, "Who decided: user id."),
		instant("decided_at", "When."),
		text("note", 1000, "What the person said."),
	))
	byPatient(c)
	c.AddIndex("idx_progression_proposals_once", true, "exercise, key", "")
	return c
}

func assignmentsCollection(patients, texts *core.Collection) *core.Collection {
	c := ruled(collection("education_assignments",
		to("patient", patients, "Who is to read it."),
		to("item", texts, "Which text."),
		count("item_version", 0, 1e6, "Its version. The server copies what was assigned, so that it reads the same offline and later."),
		text("topic", 64, "Copied."),
		text("title", 200, "Copied."),
		text("body", 20000, "Copied."),
		text("author", 300, "Copied (S-01)."),
		text("source", 500, "Copied."),
		day("published_on", "Copied."),
		day("reviewed_on", "Copied."),
		text("assigned_by", 36, "Who gave it: user id. The server writes it."),
		instant("assigned_at", "When. The server writes it."),
		instant("opened_at", "When the patient first opened it."),
		day("taught_back_on", "The patient said it back in her own words, to the therapist."),
		text("taught_back_note", 1000, "What was said."),
	))
	byPatient(c)
	return c
}

// firstVersions: what was prescribed before there were versions was prescribed by hand.
func firstVersions(app core.App) error {
	for _, statement := range []string{
		`UPDATE exercises SET version=1, confirmed_at=created`,
		`INSERT INTO exercise_versions (id, patient, exercise, version, "from", cause, dose, weekdays, confirmed, started_on, stopped_on, changed_by, at, created, updated)
SELECT lower(hex(randomblob(8))), patient, id, 1, CASE WHEN started_on<>'' THEN started_on ELSE substr(created, 1, 10) END, 'prescribed',
  json_object('sets', sets, 'reps', reps, 'holdSeconds', hold_seconds, 'minutes', minutes, 'perWeek', per_week), '[]', TRUE, started_on, stopped_on, 'system', created, created, created
FROM exercises`,
	} {
		if _, err := app.DB().NewQuery(statement).Execute(); err != nil {
			return err
		}
	}
	return nil
}

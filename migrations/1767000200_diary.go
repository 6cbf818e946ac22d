package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() { m.Register(diaryUp, diaryDown) }

// diaryUp: what a patient logs. Days, attacks with readings and phases, medicines and
// doses, triggers and exposures, exercises and their logs.
func diaryUp(app core.App) error {
	patients, err := app.FindCollectionByNameOrId("patients")
	if err != nil {
		return err
	}
	attacks, medications := attacksCollection(patients), medicationsCollection(patients)
	triggers, exercises := triggersCollection(patients), exercisesCollection(patients)
	owners := []*core.Collection{diaryDaysCollection(patients), attacks, medications, triggers, exercises}
	if err := save(app, owners...); err != nil {
		return err
	}
	satellites := []*core.Collection{
		readingsCollection(patients, attacks), phasesCollection(patients, attacks),
		dosesCollection(patients, medications, attacks),
		exposuresCollection(patients, triggers), exerciseLogsCollection(patients, exercises),
	}
	if err := save(app, satellites...); err != nil {
		return err
	}
	return installJournal(app, append(owners, satellites...)...)
}

func diaryDown(app core.App) error {
	return drop(app, "exercise_logs", "trigger_exposures", "medication_doses", "attack_phases", "attack_readings",
		"exercises", "triggers", "medications", "attacks", "diary_days")
}

func diaryDaysCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("diary_days",
		to("patient", patients, "Whose day. The row's id is the patient's id and yyyymmdd, so two phones make the same row."),
		required(day("day", "The day, where the person was.")),
		text("tz", 64, "IANA zone of that day, when not the patient's own."),
		maybe("headache", "Any headache that day? false confirms a day without: missing is not zero."),
		maybe("worst_pain_nrs", "Worst pain of the day, NRS 0 to 10."),
		maybe("acute_medicine", "Any acute headache medicine taken?"),
		maybe("neck_pain_nrs", "Neck pain of the day, NRS 0 to 10 (S-16)."),
		maybe("sleep_hours", "Hours slept the night before."),
		maybe("sleep_quality", "Quality of that sleep, 0 to 10."),
		text("bedtime", 5, "Time of going to bed, hh:mm."),
		text("waketime", 5, "Time of waking, hh:mm."),
		maybe("meals_skipped", "Meals left out."),
		maybe("water_glasses", "Glasses of water."),
		maybe("caffeine_servings", "Cups of coffee, tea, cola."),
		maybe("alcohol_units", "Units of alcohol."),
		maybe("stress", "Stress, 0 to 10."),
		maybe("exercise_minutes", "Minutes of exercise outside the program."),
		text("exercise_type", 100, "What kind."),
		maybe("wellbeing", "Well-being, 0 to 10, asked once a week (S-41)."),
		text("note", 2000, "The patient's own words."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_diary_days_day", true, "patient, day", "")
	return c
}

func attacksCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("attacks",
		to("patient", patients, "Whose attack."),
		requiredInstant("started_at", "Onset of pain, or of aura when there was no pain."),
		maybe("started_offset", "Minutes east of UTC at onset."),
		instant("ended_at", "End. Empty = still going on; an attack may stay open for days."),
		maybe("ended_offset", "Minutes east of UTC at the end."),
		oneOf("end_known", "How sure the end is.", "exact", "guess", "slept", "unknown"),
		text("tz", 64, "IANA zone where it began: its days are counted there."),
		maybe("peak_nrs", "Worst pain, NRS 0 to 10. Readings may say more."),
		maybe("unilateral", "One-sided (ICHD-3 1.1 C)."),
		maybe("pulsating", "Throbbing (ICHD-3 1.1 C)."),
		maybe("worse_with_activity", "Worse with, or avoiding, routine activity (ICHD-3 1.1 C)."),
		maybe("nausea", "ICHD-3 1.1 D."),
		maybe("vomiting", "ICHD-3 1.1 D."),
		maybe("photophobia", "Light hurts (ICHD-3 1.1 D, with sound)."),
		maybe("phonophobia", "Sound hurts (ICHD-3 1.1 D, with light)."),
		maybe("neck_pain", "Neck pain with it."),
		maybe("aura", "Aura before or with it (ICHD-3 1.2)."),
		maybe("aura_minutes", "How long the aura lasted."),
		maybe("pain_absent", "true = aura without headache."),
		text("note", 5000, "The patient's own words."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_attacks_started", false, "patient, started_at", "")
	return c
}

func readingsCollection(patients, attacks *core.Collection) *core.Collection {
	c := erasable(ruled(collection("attack_readings",
		to("patient", patients, "Whose attack."),
		partOf("attack", attacks, "The attack."),
		requiredInstant("at", "When it hurt this much."),
		maybe("at_offset", "Minutes east of UTC."),
		maybe("nrs", "Pain, NRS 0 to 10."),
		oneOf("source", "How the reading came.", "phone", "import", "clinic"),
	)))
	c.AddIndex("idx_attack_readings_attack", false, "attack, at", "")
	c.AddIndex("idx_attack_readings_patient", false, "patient, at", "")
	return c
}

func phasesCollection(patients, attacks *core.Collection) *core.Collection {
	c := erasable(ruled(collection("attack_phases",
		to("patient", patients, "Whose attack."),
		partOf("attack", attacks, "The attack."),
		requiredOneOf("phase", "Phase of the attack.", "prodrome", "aura", "headache", "fading", "hangover"),
		requiredInstant("from", "When it began."),
		instant("until", "When it ended. Empty = not said, or still in it."),
	)))
	c.AddIndex("idx_attack_phases_attack", false, "attack", "")
	c.AddIndex("idx_attack_phases_patient", false, "patient", "")
	return c
}

// drugClasses follow the limits of spec §3.6.
var drugClasses = []string{
	"triptan", "ergotamine", "opioid", "combination_analgesic", "simple_analgesic",
	"gepant", "ditan", "antiemetic", "neuromodulation", "cold", "preventive", "unclassified",
}

func medicationsCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("medications",
		to("patient", patients, "Who takes it."),
		&core.TextField{Name: "name", Required: true, Max: 200, Presentable: true, Help: "Name as on the box."},
		text("strength", 64, "E.g. 50 mg."),
		requiredOneOf("drug_class", "Class that its days are counted in (spec §3.6).", drugClasses...),
		requiredOneOf("indication", "For attacks, for prevention, or both.", "acute", "preventive", "both"),
		day("started_on", "First day."),
		day("stopped_on", "Last day."),
		text("prescriber", 200, "Who prescribed it."),
		text("note", 2000, "The patient's own words."),
	)))
	c.AddIndex("idx_medications_patient", false, "patient", "")
	return c
}

func dosesCollection(patients, medications, attacks *core.Collection) *core.Collection {
	c := erasable(ruled(collection("medication_doses",
		to("patient", patients, "Who took it."),
		to("medication", medications, "What was taken."),
		mayRefer("attack", attacks, "During which attack. Empty = outside one."),
		requiredInstant("taken_at", "When."),
		maybe("taken_offset", "Minutes east of UTC."),
		text("tz", 64, "IANA zone where it was taken: its day is counted there."),
		text("amount", 64, "How much, e.g. 1 tablet."),
		maybe("pain_before", "Pain just before, NRS 0 to 10."),
		maybe("pain_2h", "Pain two hours later, NRS 0 to 10."),
		maybe("worked", "Did it work, by the patient's word?"),
		maybe("redosed_24h", "Taken again within 24 hours?"),
		maybe("back_to_function_2h", "Back to what one was doing within two hours?"),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_medication_doses_taken", false, "patient, taken_at", "")
	c.AddIndex("idx_medication_doses_attack", false, "attack", "attack <> ''")
	c.AddIndex("idx_medication_doses_medication", false, "medication", "")
	return c
}

func triggersCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("triggers",
		to("patient", patients, "Who tracks it."),
		&core.TextField{Name: "name", Required: true, Max: 120, Presentable: true, Help: "A factor the patient watches. Watched is not shown to cause anything."},
		text("code", 64, "Code in the catalogue. Empty = the patient's own."),
		requiredOneOf("kind", "Asked as yes or no, or as a number.", "yes_no", "number"),
		text("unit", 32, "Unit of the number."),
		count("lag", 0, 1, "Days from exposure to the day it may matter for, fixed before any result (spec §4.3)."),
		flag("prodrome_possible", "May be an early sign of an attack already under way (spec §4.6)."),
		day("track_until", "Last day it is asked. Renewable."),
		text("note", 2000, "The patient's own words."),
	)))
	c.AddIndex("idx_triggers_patient", false, "patient", "")
	return c
}

func exposuresCollection(patients, triggers *core.Collection) *core.Collection {
	c := erasable(ruled(collection("trigger_exposures",
		to("patient", patients, "Whose day."),
		partOf("trigger", triggers, "What was met. The row's id is the trigger's id and yyyymmdd."),
		required(day("day", "On which day.")),
		maybe("exposed", "Met it that day?"),
		maybe("value", "How much, for a factor that is a number."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_trigger_exposures_day", true, "trigger, day", "")
	c.AddIndex("idx_trigger_exposures_patient", false, "patient, day", "")
	return c
}

func exercisesCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("exercises",
		to("patient", patients, "Whose home program it is in."),
		&core.TextField{Name: "name", Required: true, Max: 200, Presentable: true, Help: "As the patient reads it."},
		text("code", 32, "Code in the library, e.g. C01."),
		text("instructions", 4000, "What to do, in plain words."),
		oneOf("aim", "What it trains.", "strength", "endurance", "mobility", "tension", "motor_control", "aerobic", "relaxation"),
		text("region", 64, "Body region code."),
		maybe("sets", "Sets."),
		maybe("reps", "Repetitions in a set."),
		maybe("hold_seconds", "Seconds each is held."),
		maybe("minutes", "Minutes, where time is the dose."),
		maybe("per_week", "Sessions a week."),
		flag("attack_ok", "May be shown during an attack."),
		day("started_on", "First day."),
		day("stopped_on", "Last day."),
	))
	c.AddIndex("idx_exercises_patient", false, "patient", "")
	return c
}

func exerciseLogsCollection(patients, exercises *core.Collection) *core.Collection {
	c := erasable(ruled(collection("exercise_logs",
		to("patient", patients, "Who did it."),
		to("exercise", exercises, "What was done."),
		requiredInstant("done_at", "When."),
		maybe("done_offset", "Minutes east of UTC."),
		text("tz", 64, "IANA zone where it was done."),
		maybe("sets_done", "Sets done."),
		maybe("reps_done", "Repetitions done in a set."),
		maybe("minutes_done", "Minutes done."),
		oneOf("effort", "How hard it was.", "easy", "ok", "hard"),
		maybe("pain_before", "Pain before, NRS 0 to 10."),
		maybe("pain_after", "Pain after, NRS 0 to 10."),
		maybe("symptom_24h", "Worse within 24 hours, by how many NRS points?"),
		text("note", 2000, "The patient's own words."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_exercise_logs_done", false, "patient, done_at", "")
	c.AddIndex("idx_exercise_logs_exercise", false, "exercise", "")
	return c
}

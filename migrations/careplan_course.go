package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
)

// The course of a plan: what happens in visits, changes in life, papers, and what comes after.

func changeReportsCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("change_reports",
		to("patient", patients, "Whose life changed."),
		requiredOneOf("reason", "What changed (§2.5).", words(careplan.ChangeReasons...)...),
		required(day("happened_on", "Since when.")),
		instant("reported_at", "When the server heard of it first. The server writes it."),
		text("note", 2000, "In words."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_change_reports_patient", false, "patient, happened_on", "")
	return c
}

func certificationsCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("certifications",
		to("patient", patients, "Whose."),
		to("plan", plans, "Of which plan."),
		requiredOneOf("path", "A signature, a spoken word that a signature follows, or an order plus proof that the plan was sent (§2.9 R3, R4).", "signature", "verbal", "order_exception"),
		day("from_day", "First day of a recertification; empty = the initial one."),
		day("signed_on", "Signed."),
		day("verbal_on", "Said."),
		day("ordered_on", "Date of the order or referral."),
		day("sent_on", "The plan went to the referrer."),
		text("proof", 500, "Where the proof of sending is."),
	))
	byPatient(c)
	c.AddIndex("idx_certifications_plan", false, "plan", "")
	return c
}

func progressReportsCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("progress_reports",
		to("patient", patients, "About whom."),
		to("plan", plans, "About which plan; its episode counts (§2.9 R6)."),
		required(day("written_on", "When. A report covers its own day.")),
		required(text("report", 8000, "Written by a therapist, not by an assistant.")),
	))
	byPatient(c)
	c.AddIndex("idx_progress_reports_plan", false, "plan", "")
	return c
}

// visitNotesCollection: the patient reads signed notes only. A signed note is locked; what comes later is an addendum.
func visitNotesCollection(patients, visits *core.Collection) *core.Collection {
	c := ruled(collection("visit_notes",
		to("patient", patients, "About whom."),
		to("visit", visits, "Of which visit."),
		text("response", 4000, "How she responded."),
		text("measures", 4000, "What was measured."),
		text("home_changes", 4000, "What changed in the home program."),
		text("note", 8000, "Anything else."),
		flag("addendum", "Added after the visit's note was signed."),
		text("signed_by", 36, "Who signed: user id. The server writes it."),
		instant("signed_at", "When; empty = a draft. The server writes it."),
	))
	own, staff := access.RuleFor("visit_notes", access.Patient), access.RuleFor("visit_notes", access.Therapist, access.Assistant)
	c.ListRule = types.Pointer(own + ` && signed_at != "" || ` + staff)
	c.ViewRule = c.ListRule
	byPatient(c)
	c.AddIndex("idx_visit_notes_visit", false, "visit", "")
	return c
}

func interventionsCollection(patients, visits, items *core.Collection) *core.Collection {
	c := ruled(collection("visit_interventions",
		to("patient", patients, "Whom."),
		to("visit", visits, "In which visit."),
		mayRefer("item", items, "Which item of the plan."),
		requiredOneOf("category", "What kind of care (S-25).", words(careplan.Categories...)...),
		requiredOneOf("status", "About to be given, or given. A rule may stop what is about to happen, never the record of what did.", "next", "given"),
		text("region", 64, "Where."),
		oneOf("technique", "Of manual therapy.", techniques()...),
		oneOf("technique_goal", "What it was for: a manual technique says so (S-46).", techniqueGoals()...),
		several(oneOf("mechanism", "What it works on (S-24).", mechanisms()...)),
		maybe("minutes", "How long."),
		maybe("pain_before", "0 to 10."),
		maybe("pain_after", "0 to 10."),
		maybe("tension_before", "0 to 10."),
		maybe("tension_after", "0 to 10."),
	))
	byPatient(c)
	c.AddIndex("idx_visit_interventions_visit", false, "visit", "")
	return c
}

func wellnessProgramsCollection(patients, plans, goals *core.Collection) *core.Collection {
	c := ruled(collection("wellness_programs",
		to("patient", patients, "Whose."),
		to("plan", plans, "After which plan."),
		required(day("started_on", "First day.")),
		day("ended_on", "Last day; empty = it runs."),
		several(oneOf("focus", "What it keeps up (S-56).", "exercise_progression", "lifestyle")),
		many("goals", goals, "Goals carried over: those not met yet."),
		day("review_on", "When it is looked at next."),
		text("what_helped", 4000, "Hand-over: what helped."),
		text("program", 4000, "Hand-over: the program from here on."),
		text("warning_signs", 4000, "Hand-over: warning signs."),
		text("whom_to_call", 1000, "Hand-over: whom to call."),
	))
	c.CreateRule = nil // it starts by …/transitions
	c.UpdateRule = types.Pointer("(" + access.WriteRule("wellness_programs") + ")" + frozen("plan", "started_on", "ended_on"))
	byPatient(c)
	c.AddIndex("idx_wellness_programs_running", true, "plan", "ended_on = ''")
	return c
}

func wellnessSessionsCollection(patients, programs *core.Collection) *core.Collection {
	c := ruled(collection("wellness_sessions",
		to("patient", patients, "Who."),
		to("program", programs, "Of which program. A session is never a visit of the plan."),
		requiredOneOf("mode", "Where.", "in_person", "video", "phone"),
		requiredInstant("started_at", "When it began."),
		text("note", 4000, "In words."),
	))
	byPatient(c)
	c.AddIndex("idx_wellness_sessions_program", false, "program, started_at", "")
	return c
}

func followUpsCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("followups",
		to("patient", patients, "Who."),
		to("plan", plans, "After which plan."),
		count("months", 1, 60, "So many months after closure: 3, 6, 12 (S-27)."),
		required(day("held_on", "When it took place.")),
		text("note", 4000, "In words."),
	))
	byPatient(c)
	c.AddIndex("idx_followups_once", true, "plan, months", "")
	return c
}

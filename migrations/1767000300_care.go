package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/journal"
)

func init() { m.Register(careUp, careDown) }

// careUp: the clinic's own record. Plans and their events, visits, tasks, flags, audit.
func careUp(app core.App) error {
	patients, err := app.FindCollectionByNameOrId("patients")
	if err != nil {
		return err
	}
	clinics, err := app.FindCollectionByNameOrId("clinics")
	if err != nil {
		return err
	}
	practitioners, err := app.FindCollectionByNameOrId("practitioners")
	if err != nil {
		return err
	}
	plans := plansCollection(patients, clinics)
	if err := app.Save(plans); err != nil {
		return err
	}
	visits := visitsCollection(patients, plans, practitioners)
	err = save(app, visits, planEventsCollection(), tasksCollection(patients, plans), flagsCollection(patients, plans), auditCollection())
	if err != nil {
		return err
	}
	for _, table := range []string{"plan_events", "audit_events"} {
		if err := installTriggers(app, journal.AppendOnly(table)); err != nil {
			return err
		}
	}
	return installJournal(app, plans, visits)
}

func careDown(app core.App) error {
	return drop(app, "audit_events", "flags", "tasks", "plan_events", "visits", "plans")
}

func plansCollection(patients, clinics *core.Collection) *core.Collection {
	c := ruled(collection("plans",
		to("patient", patients, "Whose plan of care."),
		to("clinic", clinics, "The clinic whose zone and rules count."),
		required(text("episode", 64, "The episode of care. At most one open plan in each.")),
		requiredOneOf("state", "Where the plan stands (spec §2.1). Changes only through …/transitions.",
			"draft", "active", "paused", "extended", "completed", "discharged", "transitioned", "voided"),
		count("version", 0, 1e6, "One more with every event. A transition names the version it saw."),
		day("start_date", "Local date of the first counted visit, in the clinic's zone."),
		day("planned_end", "Planned last day: week 4 to 6."),
		day("extended_until", "Last day after an extension of time."),
		day("paused_since", "First day of the running pause."),
		oneOf("pause_reason", "Why the clock stands (spec §2.5).", "stress_increase", "work_change", "home_change", "new_health_issue",
			"illness", "clinical_need", "slow_response", "scheduling", "holiday", "bereavement", "pregnancy", "other"),
		count("planned_visits", 0, 30, "Visits agreed; six by default (S-54)."),
		count("visit_count", 0, 1000, "Distinct local dates with a counted visit."),
		flag("wellness_due", "Ten visits are done: the wellness decision is due (S-56)."),
		day("closed_on", "When it was completed, discharged or handed on."),
	))
	// A plan is born a draft; its state moves by the rules of the plan of care, never by a PATCH.
	write := access.WriteRule("plans")
	c.CreateRule = types.Pointer("(" + write + `) && state = "draft" && clinic = patient.clinic && start_date = "" && closed_on = "" && visit_count = 0 && wellness_due = false`)
	c.UpdateRule = types.Pointer("(" + write + ")" + frozen("state", "version", "clinic", "episode", "start_date", "extended_until", "paused_since", "pause_reason", "visit_count", "wellness_due", "closed_on"))
	c.AddIndex("idx_plans_one_open", true, "patient, episode", "state IN ('active', 'paused', 'extended')")
	c.AddIndex("idx_plans_patient", false, "patient, state", "")
	return c
}

// frozen: fields that a PATCH may name only as they are.
func frozen(fields ...string) string {
	rule := ""
	for _, f := range fields {
		rule += " && @request.body." + f + ":changed = false"
	}
	return rule
}

func visitsCollection(patients, plans, practitioners *core.Collection) *core.Collection {
	c := ruled(collection("visits",
		to("patient", patients, "Whose visit."),
		mayRefer("plan", plans, "The plan it belongs to. Empty before there is one."),
		mayRefer("practitioner", practitioners, "Who treats."),
		requiredOneOf("kind", "What it is for.", "evaluation", "treatment", "review", "closing"),
		requiredOneOf("mode", "Where it takes place; any mode counts (S-68).", "in_person", "video", "phone"),
		requiredOneOf("status", "Where the visit stands (spec §2.4). Only completed and completed_partial count.",
			"scheduled", "checked_in", "completed", "completed_partial", "cancelled_patient", "cancelled_clinic", "late_cancelled", "no_show", "entered_in_error"),
		instant("scheduled_at", "When it is planned."),
		instant("started_at", "When it began. Its date in the clinic's zone is the one that counts."),
		instant("ended_at", "When it ended."),
	))
	c.AddIndex("idx_visits_patient", false, "patient, scheduled_at", "")
	c.AddIndex("idx_visits_plan", false, "plan, status", "plan <> ''")
	return c
}

// plan_events and audit_events outlive what they tell of, so ids in them are plain text.
func planEventsCollection() *core.Collection {
	c := ruled(collection("plan_events",
		required(text("plan", 36, "The plan.")),
		required(text("patient", 36, "The patient.")),
		required(text("kind", 64, "What happened: transition, extension, pause, override, correction.")),
		text("from_state", 32, "State before."),
		text("to_state", 32, "State after."),
		text("reason", 64, "Reason chip."),
		text("note", 4000, "In words."),
		count("version", 0, 1e6, "The plan's version after the event."),
		required(text("actor", 36, "Who: user id, or `system`.")),
		requiredInstant("at", "When."),
		&core.JSONField{Name: "detail", MaxSize: 20000, Help: "What else the event set."},
	))
	c.AddIndex("idx_plan_events_plan", false, "plan, version", "")
	c.AddIndex("idx_plan_events_patient", false, "patient, at", "")
	return c
}

func tasksCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("tasks",
		to("patient", patients, "About whom."),
		mayRefer("plan", plans, "About which plan."),
		required(text("code", 64, "What is to be done, e.g. REVIEW_6, NEEDS_REASON.")),
		day("due", "By when, in the clinic's zone."),
		requiredOneOf("state", "Open tasks stay on the worklist.", "open", "done", "withdrawn"),
		requiredInstant("raised_at", "When it was raised."),
		instant("closed_at", "When it was done or withdrawn."),
		&core.JSONField{Name: "params", MaxSize: 20000, Help: "What the task is about."},
	))
	c.AddIndex("idx_tasks_open", false, "patient, state, due", "")
	return c
}

func flagsCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("flags",
		to("patient", patients, "About whom."),
		mayRefer("plan", plans, "About which plan."),
		required(text("code", 64, "E.g. F_PAST_WEEK6, F_WELLNESS_DECISION.")),
		required(day("raised_on", "Raised on this date in the clinic's zone.")),
		instant("cleared_at", "Empty = standing."),
		&core.JSONField{Name: "params", MaxSize: 20000, Help: "The numbers behind it."},
	))
	c.AddIndex("idx_flags_standing", false, "patient, cleared_at", "")
	return c
}

func auditCollection() *core.Collection {
	c := ruled(collection("audit_events",
		&core.NumberField{Name: "seq", OnlyInt: true, Required: true, Help: "Place in the chain, from 1."},
		requiredInstant("at", "When."),
		required(text("actor", 36, "Who: user id, superuser id, or `system`.")),
		text("capacity", 32, "In which role."),
		required(text("action", 32, "read, create, change, delete, export, refuse, override, erase, invite, accept, import.")),
		text("clinic", 36, "At which clinic."),
		text("patient", 36, "About whom."),
		text("collection", 64, "Which records, or which route."),
		text("record", 64, "Which one."),
		text("outcome", 64, "ok, or the code of the refusal."),
		text("reason", 500, "The reason given, for an override."),
		required(text("prev", 64, "Hash of the event before.")),
		required(text("hash", 64, "SHA-256 over prev and this event: a changed or missing row breaks the chain.")),
	))
	c.AddIndex("idx_audit_seq", true, "seq", "")
	c.AddIndex("idx_audit_patient", false, "patient, at", "")
	c.AddIndex("idx_audit_actor", false, "actor, at", "")
	return c
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/journal"
)

func init() { m.Register(careplanUp, nil) }

// careplanUp: all that a plan of care rests on. There is no way back: a plan's history would be lost.
func careplanUp(app core.App) error {
	found := map[string]*core.Collection{}
	for _, name := range []string{"patients", "plans", "visits", "plan_events", "tasks", "flags"} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		found[name] = c
	}
	patients, plans, visits := found["patients"], found["plans"], found["visits"]
	growPlans(plans)
	growVisits(visits)
	growWorklist(found["plan_events"], found["tasks"], found["flags"])
	for _, c := range []*core.Collection{patients, plans, visits} {
		if err := regrow(app, c); err != nil {
			return err
		}
	}
	if err := save(app, found["plan_events"], found["tasks"], found["flags"]); err != nil {
		return err
	}
	problems, goals := problemsCollection(patients, plans), goalsCollection(patients, plans)
	if err := save(app, problems, goals); err != nil {
		return err
	}
	items := planItemsCollection(patients, plans, goals, problems)
	if err := save(app, items); err != nil {
		return err
	}
	program, reports := wellnessProgramsCollection(patients, plans, goals), changeReportsCollection(patients)
	err := save(app, diagnosesCollection(patients), impairmentsCollection(patients, plans), physicalMeasuresCollection(patients, plans, visits),
		planMeasuresCollection(patients, plans), readinessCollection(patients, plans), screensCollection(patients), alertsCollection(patients),
		careTeamCollection(patients), referralsCollection(patients), certificationsCollection(patients, plans), progressReportsCollection(patients, plans),
		visitNotesCollection(patients, visits), interventionsCollection(patients, visits, items), reports, program)
	if err != nil {
		return err
	}
	if err := save(app, wellnessSessionsCollection(patients, program), followUpsCollection(patients, plans)); err != nil {
		return err
	}
	if err := reinstall(app, journal.RightsTriggers()); err != nil {
		return err
	}
	return installJournal(app, goals, items, reports)
}

// regrow saves a synced collection whose columns have changed, and its triggers as they are now.
func regrow(app core.App, c *core.Collection) error {
	triggers := journal.Triggers(journal.Of(c.Name, c.Fields))
	if err := dropTriggers(app, triggers); err != nil {
		return err
	}
	if err := app.Save(c); err != nil {
		return err
	}
	return installTriggers(app, triggers)
}

// byPatient: every list is narrowed to one patient first.
func byPatient(c *core.Collection) { c.AddIndex("idx_"+c.Name+"_patient", false, "patient", "") }

// words are a room's own list as the values of a field.
func words[T ~string](list ...T) []string {
	out := make([]string, len(list))
	for i, word := range list {
		out[i] = string(word)
	}
	return out
}

// several may be chosen at once.
func several(f *core.SelectField) *core.SelectField {
	f.MaxSelect = len(f.Values)
	return f
}

// many are relations that may be several, or none.
func many(name string, target *core.Collection, help string) *core.RelationField {
	f := mayRefer(name, target, help)
	f.MaxSelect = 50
	return f
}

func list(name, help string) *core.JSONField {
	return &core.JSONField{Name: name, MaxSize: 20000, Help: help}
}

func growPlans(c *core.Collection) {
	if planned, ok := c.Fields.GetByName("planned_visits").(*core.NumberField); ok {
		planned.Max = types.Pointer(1000.0) // the rule that says 30 has a code
	}
	c.Fields.Add(
		text("zone", 64, "The clinic's IANA zone when the plan was signed; its dates are counted in it for good (I11)."),
		day("signed_on", "When the therapist signed it."),
		text("impact_statement", 2000, "What migraine takes from her life, in the patient's words; printed on the plan (S-05)."),
		day("consent_on", "When the patient agreed to the treatment. Without it no plan is signed."),
		day("wellness_consent_on", "When she agreed to the wellness program."),
		several(oneOf("pt_rationale", "Why physical therapy (S-06).", words(careplan.Rationales...)...)),
		text("care_type", 500, "What kind of treatment (42 CFR 410.61)."),
		text("care_amount", 500, "How much of it in a visit."),
		text("care_frequency", 500, "How often."),
		text("care_duration", 500, "For how long."),
		count("extended_visits", 0, 30, "Visits agreed by an extension; 0 = none."),
		count("per_week", 0, 21, "Visits a week; 0 = not said."),
		day("adapted_until", "Exercise doses are halved until this day (§2.5)."),
		list("acknowledged", "Warnings that were read, each with the plan's version then."),
	)
	write := access.WriteRule("plans")
	c.CreateRule = types.Pointer("(" + write + `) && state = "draft" && clinic = patient.clinic && start_date = "" && signed_on = "" && closed_on = "" && visit_count = 0 && wellness_due = false`)
	c.UpdateRule = types.Pointer("(" + write + ")" + frozen("state", "version", "clinic", "episode", "zone", "signed_on", "start_date", "extended_until", "extended_visits",
		"paused_since", "pause_reason", "adapted_until", "acknowledged", "visit_count", "wellness_due", "closed_on"))
}

func growVisits(c *core.Collection) {
	c.Fields.Add(
		flag("attack_day", "Absent or cancelled on a day with an attack: excused (§2.7)."),
		day("recorded_on", "When it was stored as completed."),
		list("needs_reason", "Codes of the rules that its record broke, answered or not (§2). The server writes it."),
	)
	c.UpdateRule = types.Pointer("(" + access.WriteRule("visits") + ")" + frozen("recorded_on", "needs_reason"))
	c.CreateRule = types.Pointer("(" + access.WriteRule("visits") + `) && recorded_on = ""`)
}

func growWorklist(events, tasks, flags *core.Collection) {
	events.Fields.Add(
		day("holds_from", "The local date from which it holds."),
		text("role", 32, "As what the actor acted."),
	)
	events.AddIndex("idx_plan_events_version", true, "plan, version", "")
	tasks.Fields.Add(
		text("key", 128, "The occasion: a task is raised once for each."),
		text("visit", 36, "About which visit."),
	)
	tasks.AddIndex("idx_tasks_key", true, "plan, key", "plan <> '' AND key <> ''")
	flags.Fields.Add(
		text("key", 128, "The occasion: a flag is raised once for each."),
		text("cleared_because", 500, "What the person said who cleared it."),
		oneOf("state", "Withdrawn by the rule, or cleared by a person.", "standing", "withdrawn", "cleared"),
	)
	flags.AddIndex("idx_flags_key", true, "plan, key", "plan <> '' AND key <> ''")
}

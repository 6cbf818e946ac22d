package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"

	"interictal/hooks/journal"
	"interictal/hooks/triggers"
)

func init() { m.Register(triggersUp, nil) }

// triggersUp: what an analysis of triggers needs and leaves behind. There is no way back: results that were talked about
// would be lost.
func triggersUp(app core.App) error {
	found := map[string]*core.Collection{}
	for _, name := range []string{"patients", "triggers", "plan_items"} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		found[name] = c
	}
	growTriggers(found["triggers"])
	periods, analyses := menstrualDaysCollection(found["patients"]), analysesCollection(found["patients"])
	if err := save(app, periods, analyses, plannedTestsCollection(found["patients"])); err != nil {
		return err
	}
	found["plan_items"].Fields.Add(
		mayRefer("analysis", analyses, "The trigger analysis that this item answers. It has been talked about before (S-40)."),
		text("factor", 36, "Which of its factors: the row of triggers, or a code (S-23)."),
	)
	for _, name := range []string{"triggers", "plan_items"} {
		if err := regrow(app, found[name]); err != nil {
			return err
		}
	}
	if err := reinstall(app, journal.RightsTriggers()); err != nil { // they name the tables of each family
		return err
	}
	return installJournal(app, periods)
}

func growTriggers(c *core.Collection) {
	c.Fields.Add(
		oneOf("cut_rule", "When a number counts as met, fixed before any result (spec §4.3). Of a factor in the catalogue: the catalogue's.", words(triggers.CutRules...)...),
		maybe("cut_at", "The cut, for the rules that need one."),
		flag("food", "Something one eats or drinks."),
		maybe("avoided", "Does the patient leave it out? Three foods left out are a flag for the therapist (spec §4.6)."),
	)
}

// menstrualDaysCollection has a consent of its own: no other collection holds what it says.
func menstrualDaysCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("menstrual_days",
		to("patient", patients, "Whose day. The row's id is the patient's id and yyyymmdd, so two phones make the same row."),
		required(day("day", "Which day.")),
		maybe("started", "Did a period begin on this day?"),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_menstrual_days_day", true, "patient, day", "")
	return c
}

// analysesCollection: results are never changed. What was said about them is added once. Staff read them through the route,
// which shows a run only to those who may see all that it rests on.
func analysesCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("trigger_analyses",
		to("patient", patients, "About whom."),
		requiredInstant("ran_at", "When it ran."),
		required(text("ran_by", 36, "Who asked for it: user id, or `system` for the run of every 28 days.")),
		required(text("rule", 32, "Version of the rules.")),
		required(text("data_hash", 64, "Fingerprint of the data: the same data are not analysed twice.")),
		list("families", "Families of consent that it rests on. Only who may see all of them sees it."),
		list("factors", "What was looked at: factor, code, lag, rule for numbers, label."),
		&core.JSONField{Name: "result", MaxSize: 1 << 20, Help: "The whole answer, as GET /api/patients/{id}/triggers shows it."},
		instant("discussed_at", "When patient and therapist talked about it. Before that nothing of it becomes an item of a plan (S-40)."),
		text("discussed_by", 36, "Who wrote that down: user id."),
		text("patient_view", 4000, "What the patient makes of it, in her words."),
	))
	c.AddIndex("idx_trigger_analyses_patient", false, "patient, ran_at", "")
	return c
}

func plannedTestsCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("planned_tests",
		to("patient", patients, "Who does it."),
		required(text("factor", 36, "The row of triggers that is tested.")),
		required(text("name", 120, "Its name then.")),
		requiredOneOf("unit", "What a pair is made of.", words(triggers.OneDay, triggers.OneWeek)...),
		count("pairs", triggers.LeastPairs, triggers.MostPairs, "How many pairs."),
		required(day("start", "First day of the first pair.")),
		required(text("seed", 20, "The number from which the order was drawn, before the start.")),
		&core.JSONField{Name: "with_first", MaxSize: 2000, Help: "The order: does a pair begin with the factor?"},
		requiredInstant("drawn_at", "When the order was drawn."),
		required(text("drawn_by", 36, "Who asked for it: user id.")),
		day("stopped_on", "Stopped before its end on this day; empty = not."),
	))
	// drawn at /api/patients/{id}/planned-tests, never written
	c.AddIndex("idx_planned_tests_patient", false, "patient, start", "")
	return c
}

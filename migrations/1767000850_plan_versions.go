package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/journal"
)

func init() { m.Register(planVersionsUp, nil) }

// planVersionsUp: what was signed, word for word, and the order of a home program. There is no way back: signed texts would be lost.
func planVersionsUp(app core.App) error {
	found := map[string]*core.Collection{}
	for _, name := range []string{"patients", "plans", "exercises", "exercise_versions"} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		found[name] = c
	}
	found["exercises"].Fields.Add(maybe("position", "Its place in the program, from 1. null = after those that have one, by name."))
	found["exercise_versions"].Fields.Add(text("changed_name", 200, "Who changed it, as the clinic calls them: what the phone shows. The server writes it."))
	for _, name := range []string{"exercises", "exercise_versions"} {
		if err := regrow(app, found[name]); err != nil {
			return err
		}
	}
	if err := app.Save(planVersionsCollection(found["patients"], found["plans"])); err != nil {
		return err
	}
	return installTriggers(app, journal.AppendOnly("plan_versions"))
}

// planVersionsCollection: one row each time that what a signed plan says has changed. Only the rules write it.
func planVersionsCollection(patients, plans *core.Collection) *core.Collection {
	sheet := list("sheet", "What the plan said, line by line: section, of, name, field, value.")
	sheet.MaxSize = 500000
	c := collection("plan_versions",
		required(text("patient", 36, "Whose.")),
		required(text("plan", 36, "Of which plan.")),
		count("number", 1, 1e6, "One more with every change of what the plan says."),
		count("plan_version", 0, 1e6, "The plan's version when it was stored."),
		required(text("hash", 64, "SHA-256 of the sheet.")),
		sheet,
		requiredOneOf("cause", "Signed; changed by an edit; or by a step of the plan.", "signed", "edited", "extended", "paused", "stepped"),
		text("by", 36, "Who: user id, or `system`."),
		requiredInstant("at", "When."),
	)
	see := access.SeeRule(c.Name)
	c.ListRule, c.ViewRule = types.Pointer(see), types.Pointer(see)
	c.AddIndex("idx_plan_versions_plan", true, "plan, number", "")
	c.AddIndex("idx_plan_versions_patient", false, "patient, at", "")
	return c
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"

	"interictal/hooks/journal"
)

func init() { m.Register(attackPlansUp, nil) }

// attackPlansUp: what a patient does when an attack begins, agreed beforehand (S-12, E07), and where in the head it hurts.
// There is no way back: what was said about places would be lost.
func attackPlansUp(app core.App) error {
	patients, err := app.FindCollectionByNameOrId("patients")
	if err != nil {
		return err
	}
	attacks, err := app.FindCollectionByNameOrId("attacks")
	if err != nil {
		return err
	}
	attacks.Fields.Add(placesField())
	if err := regrow(app, attacks); err != nil {
		return err
	}
	plans := attackPlansCollection(patients)
	if err := app.Save(plans); err != nil {
		return err
	}
	if err := reinstall(app, journal.RightsTriggers()); err != nil {
		return err
	}
	return installJournal(app, plans)
}

// placesField is one text, for clients that have no lists.
func placesField() *core.TextField {
	f := text("places", 200, "Where it hurts: words from `forehead temple eye jaw crown back neck shoulder`, each with `_left` or `_right`, apart by one space; empty = not said.")
	f.Pattern = `^(?:(?:forehead|temple|eye|jaw|crown|back|neck|shoulder)_(?:left|right)(?: |$))*$`
	return f
}

// attackPlansCollection: the newest `agreed_on` is the one in force; older ones stay to be read.
func attackPlansCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("attack_plans",
		to("patient", patients, "Whose attacks."),
		required(text("steps", 4000, "What to do when an attack begins, one step a line, in plain words.")),
		text("agreed_with", 200, "Who prescribes and has agreed to it. Empty = nobody yet."),
		day("agreed_on", "When. Empty = not agreed yet."),
		text("note", 2000, "When to call, and whom."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_attack_plans_patient", false, "patient, agreed_on", "")
	return c
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"

	"interictal/hooks/journal"
)

func init() { m.Register(asksUp, nil) }

// asksUp: planned tests reach the phone, which says each day what was drawn for it, and say whether the patient agreed to them. There is
// no way back: her word would be lost.
func asksUp(app core.App) error {
	tests, err := app.FindCollectionByNameOrId("planned_tests")
	if err != nil {
		return err
	}
	tests.Fields.Add(instant("agreed_at", "When the patient agreed to do it. Without that it is a proposal: it does not begin and has no result."))
	if err := app.Save(tests); err != nil {
		return err
	}
	if err := reinstall(app, journal.RightsTriggers()); err != nil { // they name the tables of each family
		return err
	}
	if err := installJournal(app, tests); err != nil {
		return err
	}
	// what was drawn before began without a question; the change also tells the phones of it
	_, err = app.DB().NewQuery("UPDATE planned_tests SET agreed_at=drawn_at").Execute()
	return err
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/journal"
)

// installJournal puts the change log's triggers on collections. They must be there in
// the migration that creates the table: a row written before its trigger would
// never reach a phone.
func installJournal(app core.App, collections ...*core.Collection) error {
	for _, c := range collections {
		policy, _ := access.Of(c.Name)
		if !policy.Synced {
			continue
		}
		if err := installTriggers(app, journal.Triggers(journal.Of(c.Name, c.Fields))); err != nil {
			return err
		}
	}
	return nil
}

func installTriggers(app core.App, triggers map[string]string) error {
	for _, name := range journal.Names(triggers) {
		if _, err := app.DB().NewQuery(triggers[name]).Execute(); err != nil {
			return err
		}
	}
	return nil
}

func dropTriggers(app core.App, triggers map[string]string) error {
	for _, name := range journal.Names(triggers) {
		if _, err := app.DB().NewQuery("DROP TRIGGER IF EXISTS " + name).Execute(); err != nil {
			return err
		}
	}
	return nil
}

// reinstall puts triggers as they are now in the place of what stood under their names.
func reinstall(app core.App, triggers map[string]string) error {
	if err := dropTriggers(app, triggers); err != nil {
		return err
	}
	return installTriggers(app, triggers)
}

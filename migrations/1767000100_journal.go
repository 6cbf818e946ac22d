package migrations

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/journal"
)

func init() { m.Register(journalUp, journalDown) }

// journalUp makes the change log's tables, and starts it on the collections of people.
func journalUp(app core.App) error {
	for _, statement := range journal.Tables {
		if _, err := app.DB().NewQuery(statement).Execute(); err != nil {
			return err
		}
	}
	// Commands write before the first start of the server; their rows need an epoch too.
	_, err := app.DB().Insert("sync_epoch", dbx.Params{
		"epoch": security.RandomString(15), "start_seq": 0, "at": types.NowDateTime().String(),
	}).Execute()
	if err != nil {
		return err
	}
	for _, name := range []string{"patients", "consents"} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		if err := installJournal(app, c); err != nil {
			return err
		}
	}
	return installTriggers(app, journal.RightsTriggers())
}

func journalDown(app core.App) error {
	var names []string
	err := app.DB().NewQuery("SELECT name FROM sqlite_master WHERE type='trigger' AND name LIKE 'sync\\_%' ESCAPE '\\'").Column(&names)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := app.DB().NewQuery("DROP TRIGGER " + name).Execute(); err != nil {
			return err
		}
	}
	for _, table := range []string{"sync_meta", "sync_conflicts", "sync_push", "sync_history", "sync_epoch", "sync_log"} {
		if _, err := app.DB().DropTable(table).Execute(); err != nil {
			return err
		}
	}
	return nil
}

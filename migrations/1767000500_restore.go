package migrations

import (
	"database/sql"
	"errors"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"

	"interictal/hooks/access"
	"interictal/hooks/journal"
)

func init() { m.Register(restoreUp, nil) }

// restoreUp: a restored backup is recognised, and what is erased for good stays so. There is no way back: an
// older server would not know what phones have returned.
func restoreUp(app core.App) error {
	for _, statement := range journal.Restores {
		if _, err := app.DB().NewQuery(statement).Execute(); err != nil {
			return err
		}
	}
	for _, policy := range access.Synced() {
		c, err := app.FindCollectionByNameOrId(policy.Collection)
		if errors.Is(err, sql.ErrNoRows) {
			continue // it comes with a later migration, and its triggers with it
		}
		if err != nil {
			return err
		}
		if err := reinstall(app, journal.Triggers(journal.Of(c.Name, c.Fields))); err != nil {
			return err
		}
	}
	return nil
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() { m.Register(refusedUp, refusedDown) }

const refusedIndex = "idx_audit_events_refused"

// refusedUp: the desk counts the refusals of a week. They are few, and the audit is long.
func refusedUp(app core.App) error {
	audit, err := app.FindCollectionByNameOrId("audit_events")
	if err != nil {
		return err
	}
	audit.AddIndex(refusedIndex, false, "at", "outcome <> 'ok'")
	return app.Save(audit)
}

func refusedDown(app core.App) error {
	audit, err := app.FindCollectionByNameOrId("audit_events")
	if err != nil {
		return err
	}
	audit.RemoveIndex(refusedIndex)
	return app.Save(audit)
}

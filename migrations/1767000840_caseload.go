package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"

	"interictal/hooks/caseload"
)

func init() { m.Register(caseloadUp, caseloadDown) }

// caseloadUp: the list's rows are kept while they are right (docs/decisions/019). A plain table, like the journal's: nobody
// reads it but GET /api/caseload, and it can be thrown away at any time.
func caseloadUp(app core.App) error {
	for _, statement := range []string{caseload.Table, "INSERT INTO caseload_rows(patient) SELECT id FROM patients"} {
		if _, err := app.DB().NewQuery(statement).Execute(); err != nil {
			return err
		}
	}
	return installTriggers(app, caseload.Triggers())
}

func caseloadDown(app core.App) error {
	if err := dropTriggers(app, caseload.Triggers()); err != nil {
		return err
	}
	_, err := app.DB().DropTable("caseload_rows").Execute()
	return err
}

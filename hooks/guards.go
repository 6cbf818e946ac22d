package hooks

import (
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

// appendOnly are the tables whose rows are never changed or removed. Triggers hold that for rows;
// these doors hold it for the tables, also against a superuser.
var appendOnly = []string{"plan_events", "plan_versions", "audit_events"}

var noConsole = hard("E_SQL_CONSOLE", "The SQL console is closed: it walks past every clinical rule. Use the command line beside a backup.")

// bindGuards closes the ways around the rules, and keeps what people filter by out of the logs.
func (d *doors) bindGuards(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "guards", Func: func(e *core.ServeEvent) error {
		e.Router.BindFunc(func(e *core.RequestEvent) error {
			if e.Request.URL.Path == "/api/sql" {
				return refuse(http.StatusForbidden, noConsole)
			}
			return e.Next()
		})
		return e.Next()
	}})
	app.OnCollectionUpdateRequest().Bind(&hook.Handler[*core.CollectionRequestEvent]{Id: "tables", Func: keepTable})
	app.OnCollectionDeleteRequest().Bind(&hook.Handler[*core.CollectionRequestEvent]{Id: "tables", Func: keepTable})
	app.OnCollectionsImportRequest().Bind(&hook.Handler[*core.CollectionsImportRequestEvent]{Id: "appendOnly", Func: keepFromImport})
	app.OnModelCreate(core.LogsTableName).Bind(&hook.Handler[*core.ModelEvent]{Id: "logURL", Func: withoutQuery})
}

// keepTable: an append-only table keeps its form, and no table that the rules
// name is renamed or removed. Fields of a clinic's own may be added to the others.
func keepTable(e *core.CollectionRequestEvent) error {
	stored, err := e.App.FindCollectionByNameOrId(e.Collection.Id)
	if err != nil {
		return err
	}
	gone := e.Request.Method == http.MethodDelete || stored.Name != e.Collection.Name || !sameRules(stored, e.Collection)
	if slices.Contains(appendOnly, stored.Name) || gone && restsOn(stored.Name) {
		return refuse(http.StatusForbidden, tableFixed(stored.Name))
	}
	return e.Next()
}

// restsOn: the rules name this table.
func restsOn(name string) bool {
	_, ours := access.Of(name)
	return ours || slices.Contains(append([]string{"clinics", "users", "practitioners", "invitations", "calendar_feeds", "erasures", "kept_records", "break_glass", "access_codes", "rule_changes", "consent_texts"}, houseRows...), name)
}

func sameRules(a, b *core.Collection) bool {
	same := func(x, y *string) bool { return x == nil && y == nil || x != nil && y != nil && *x == *y }
	return same(a.ListRule, b.ListRule) && same(a.ViewRule, b.ViewRule) && same(a.CreateRule, b.CreateRule) &&
		same(a.UpdateRule, b.UpdateRule) && same(a.DeleteRule, b.DeleteRule)
}

func tableFixed(name string) clinic.Broken {
	return hard("E_TABLE_FIXED", "The clinical rules rest on the table "+name+": it changes with a migration only.")
}

// keepFromImport: an import of collections may drop or remake any of them.
func keepFromImport(e *core.CollectionsImportRequestEvent) error {
	if e.DeleteMissing {
		return refuse(http.StatusForbidden, tableFixed(access.Table[0].Collection))
	}
	for _, data := range e.CollectionsData {
		for _, key := range []string{"id", "name"} {
			value, _ := data[key].(string)
			stored, err := e.App.FindCachedCollectionByNameOrId(value)
			if err != nil {
				continue // a new one
			}
			if restsOn(stored.Name) {
				return refuse(http.StatusForbidden, tableFixed(stored.Name))
			}
		}
	}
	return e.Next()
}

// withoutQuery: PocketBase logs whole addresses, and a filter may hold a patient or a word from a note; a calendar's address is a secret.
func withoutQuery(e *core.ModelEvent) error {
	if line, ok := e.Model.(*core.Log); ok {
		if line.Data["type"] == "request" { // the message is the address once more
			line.Message, _, _ = strings.Cut(withoutSecret(line.Message), "?")
		}
		for _, key := range []string{"url", "referer"} {
			if address, ok := line.Data[key].(string); ok {
				line.Data[key], _, _ = strings.Cut(withoutSecret(address), "?")
			}
		}
	}
	return e.Next()
}

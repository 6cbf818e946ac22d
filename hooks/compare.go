package hooks

import (
	"net/http"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// PocketBase's own PATCH reads a record, then writes it, with nothing in between to notice that
// somebody else did the same. Three things keep it honest on synced collections: only changed fields are
// written (entries.go); a client that sends the `rev` it saw is refused when the record has
// moved on; and `field+` is refused, because it counts on a value that may be old.

// PocketBase keeps keys with its own prefix out of every answer.
const seenRevKey = "@pbInternalSeenRev"

func (d *doors) bindCompare(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "modifiers", Func: func(e *core.ServeEvent) error {
		e.Router.BindFunc(refuseModifiers)
		return e.Next()
	}})
	app.OnBatchRequest().Bind(&hook.Handler[*core.BatchRequestEvent]{Id: "modifiers", Func: func(e *core.BatchRequestEvent) error {
		for _, part := range e.Batch {
			if hasModifier(part.Body) {
				return refuse(http.StatusBadRequest, noModifiers)
			}
		}
		return e.Next()
	}})
	app.OnRecordUpdateRequest().Bind(&hook.Handler[*core.RecordRequestEvent]{Id: "seenRev", Func: noteSeenRev})
	app.OnRecordUpdateExecute().Bind(&hook.Handler[*core.RecordEvent]{Id: "compareAndSet", Func: compareAndSet})
}

var noModifiers = hard("E_MODIFIER", "Send whole values: field+ and field- count on a value that may be old.")

func refuseModifiers(e *core.RequestEvent) error {
	name := e.Request.PathValue("collection")
	if name == "" || e.Request.Method != http.MethodPatch && e.Request.Method != http.MethodPost {
		return e.Next()
	}
	collection, err := e.App.FindCachedCollectionByNameOrId(name)
	if err != nil {
		return e.Next()
	}
	if _, synced := policyOf(collection.Name); !synced {
		return e.Next()
	}
	info, err := e.RequestInfo()
	if err != nil {
		return e.Next() // PocketBase says what is wrong with the body
	}
	if hasModifier(info.Body) {
		return refuse(http.StatusBadRequest, noModifiers)
	}
	return e.Next()
}

func hasModifier(body map[string]any) bool {
	for key := range body {
		if strings.HasPrefix(key, "+") || strings.HasSuffix(key, "+") || strings.HasSuffix(key, "-") {
			return true
		}
	}
	return false
}

// noteSeenRev puts the version that the client names on the record.
func noteSeenRev(e *core.RecordRequestEvent) error {
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	if rev, ok := info.Body["rev"].(string); ok && rev != "" {
		e.Record.SetRaw(seenRevKey, rev)
	}
	return e.Next()
}

// compareAndSet compares inside the write transaction, where nobody can come between.
func compareAndSet(e *core.RecordEvent) error {
	seen, asked := e.Record.GetRaw(seenRevKey).(string)
	if _, synced := policyOf(e.Record.Collection().Name); !asked || !synced {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		found, err := revs(tx.DB(), e.Record.Collection().Name, []any{e.Record.Id})
		if err != nil {
			return err
		}
		if now := found[e.Record.Id]; now != seen {
			b := hard("E_STALE", "Somebody has changed this since you read it. Read it again.")
			b.Params = map[string]any{"rev": now}
			return refuse(http.StatusConflict, b)
		}
		return e.Next()
	})
}

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
	app.OnBatchRequest().Bind(&hook.Handler[*core.BatchRequestEvent]{Id: "modifiers", Func: func(e *core.BatchRequestEvent) error {
		for _, part := range e.Batch {
			if hasModifier(part.Body) {
				return refuse(http.StatusUnprocessableEntity, noModifiers)
			}
		}
		return e.Next()
	}})
	app.OnRecordUpdateRequest().Bind(&hook.Handler[*core.RecordRequestEvent]{Id: "seenRev", Func: noteSeenRev})
	app.OnRecordUpdateExecute().Bind(&hook.Handler[*core.RecordEvent]{Id: "compareAndSet", Func: compareAndSet})
}

var noModifiers = hard("E_MODIFIER", "Send whole values: field+ and field- count on a value that may be old.")

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
	switch rev := info.Body["rev"].(type) {
	case nil:
	case string:
		if rev != "" {
			e.Record.SetRaw(seenRevKey, rev)
		}
	default:
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_TYPE", "rev is the text that the server showed."), "rev"))
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

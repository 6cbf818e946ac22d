package hooks

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

const revKey = "@rev"

// bindRevs shows the journal's version of a record in every REST answer. A
// list asks once for all its rows.
func (d *doors) bindRevs(app core.App) {
	app.OnRecordsListRequest().Bind(&hook.Handler[*core.RecordsListRequestEvent]{Id: "revs", Func: func(e *core.RecordsListRequestEvent) error {
		if _, synced := policyOf(e.Collection.Name); synced && len(e.Records) > 0 {
			if err := putRevs(e.App, e.Records); err != nil {
				return err
			}
		}
		return e.Next()
	}})
	app.OnRecordEnrich().Bind(&hook.Handler[*core.RecordEnrichEvent]{Id: "rev", Func: func(e *core.RecordEnrichEvent) error {
		if _, synced := policyOf(e.Record.Collection().Name); !synced {
			return e.Next()
		}
		rev, known := e.Record.GetRaw(revKey).(string)
		if !known {
			found, err := revs(e.App.DB(), e.Record.Collection().Name, []any{e.Record.Id})
			if err != nil {
				return err
			}
			rev = found[e.Record.Id]
		}
		e.Record.WithCustomData(true)
		e.Record.Set("rev", rev)
		return e.Next()
	}})
}

func putRevs(app core.App, records []*core.Record) error {
	ids := make([]any, len(records))
	for i, r := range records {
		ids[i] = r.Id
	}
	found, err := revs(app.DB(), records[0].Collection().Name, ids)
	if err != nil {
		return err
	}
	for _, r := range records {
		r.SetRaw(revKey, found[r.Id])
	}
	return nil
}

package hooks

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// PocketBase keeps keys with its own prefix out of every answer.
const revKey = "@pbInternalRev"

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
	app.OnRecordEnrich().Bind(&hook.Handler[*core.RecordEnrichEvent]{Id: "rev", Func: showRev})
}

// showRev adds the version to one record. PocketBase shows custom data all or not at all, and
// an expand leaves the ids it looked up in there, of rows the caller may not see: the rest stays hidden.
func showRev(e *core.RecordEnrichEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	r := e.Record
	if _, synced := policyOf(r.Collection().Name); !synced {
		return nil
	}
	rev, known := r.GetRaw(revKey).(string)
	if !known {
		found, err := revs(e.App.DB(), r.Collection().Name, []any{r.Id})
		if err != nil {
			return err
		}
		rev = found[r.Id]
	}
	for key := range r.CustomData() {
		r.Hide(key)
	}
	r.Set("rev", rev)
	r.Unhide("rev")
	r.WithCustomData(true)
	return nil
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

package hooks

import (
	"context"

	"github.com/pocketbase/dbx"
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
			if err := putRevs(e.Request.Context(), e.App, e.Records); err != nil {
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
	if _, known := r.GetRaw(revKey).(string); !known {
		if err := putRevs(context.Background(), e.App, []*core.Record{r}); err != nil {
			return err
		}
	}
	rev := r.GetRaw(revKey)
	for key := range r.CustomData() {
		r.Hide(key)
	}
	r.Set("rev", rev)
	r.Unhide("rev")
	r.WithCustomData(true)
	return nil
}

// putRevs reads records of one collection once more, each with its version, in one snapshot: a version newer than the fields
// beside it would let a compare-and-set pass over a change that its caller has never seen.
func putRevs(ctx context.Context, app core.App, records []*core.Record) error {
	if app.IsTransactional() { // nobody else writes meanwhile
		return readAnew(app.DB(), records)
	}
	return snapshot(ctx, app, func(db *dbx.Tx) error { return readAnew(db, records) })
}

func readAnew(db dbx.Builder, records []*core.Record) error {
	collection := records[0].Collection()
	ids := make([]any, len(records))
	for i, r := range records {
		ids[i] = r.Id
	}
	found, err := revs(db, collection.Name, ids)
	if err != nil {
		return err
	}
	var rows []dbx.NullStringMap
	if err := db.Select("*").From(collection.Name).Where(dbx.In("id", ids...)).All(&rows); err != nil {
		return err
	}
	now := make(map[string]dbx.NullStringMap, len(rows))
	for _, row := range rows {
		now[row["id"].String] = row
	}
	for _, r := range records {
		r.SetRaw(revKey, found[r.Id])
		for name, column := range now[r.Id] { // none: deleted meanwhile
			f := collection.Fields.GetByName(name)
			if f == nil {
				continue
			}
			value, err := f.PrepareValue(r, stored(column))
			if err != nil {
				return err
			}
			r.SetRaw(name, value)
		}
	}
	return nil
}

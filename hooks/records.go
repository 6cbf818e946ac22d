package hooks

import (
	"database/sql"
	"errors"

	"github.com/pocketbase/pocketbase/core"
)

// Records: found, or not there, or new.

// orNil is what was found; nil when there is none.
func orNil(r *core.Record, err error) (*core.Record, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

// findOrNil finds a record by its id in a collection or what it is called.
func findOrNil(app core.App, collection any, id string) (*core.Record, error) {
	return orNil(app.FindRecordById(collection, id))
}

// newRow is a row that is not saved yet.
func newRow(app core.App, collection, id string, values map[string]any) (*core.Record, error) {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	r := core.NewRecord(c)
	r.Id = id
	r.Load(values)
	return r, nil
}

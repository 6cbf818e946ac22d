package hooks

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
)

// conflict is one line of sync_conflicts: values that somebody wrote and that did not become the document's.
type conflict struct {
	ID         int64  `db:"id" json:"id"`
	At         string `db:"at" json:"at"`
	Collection string `db:"col" json:"collection"`
	Doc        string `db:"doc" json:"doc"`
	Patient    string `db:"scope" json:"patient"`
	User       string `db:"user" json:"user"` // who wrote them
	Kind       string `db:"kind" json:"kind"` // conflict, delete_lost, resurrected, handed_over, rejected, purged
	Detail     any    `json:"detail"`         // by field: base, lost, kept; handed_over: the whole entry; rejected: entry, and why it was refused
	Text       string `db:"detail" json:"-"`
}

const conflictColumns = "id, at, col, doc, scope, user, kind, detail"

// conflicts answers GET /api/sync/conflicts: what waits for somebody's word, for the own diary or,
// with ?patient=ID, for a patient of the caller's.
func (d *doors) conflicts(e *core.RequestEvent) error {
	patient := e.Request.URL.Query().Get("patient")
	if patient == "" {
		patient = e.Auth.GetString("patient")
	}
	out := []conflict{}
	err := snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) error {
		right, err := rightOf(db, e.Auth, patient)
		if err != nil {
			return err
		}
		if !right.Any() {
			return noRight()
		}
		var rows []conflict
		err = db.NewQuery("SELECT " + conflictColumns + " FROM sync_conflicts WHERE scope={:p} AND resolved_at='' AND kind<>{:quiet} ORDER BY id").
			Bind(dbx.Params{"p": patient, "quiet": devicesync.KindQuiet}).All(&rows)
		for _, c := range rows {
			if right.Sees(c.Collection) {
				out = append(out, c.read())
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if patient != e.Auth.GetString("patient") {
		err := d.audit(e.App, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, patient), Action: "read", Patient: patient, Collection: "conflicts", Outcome: "ok"})
		if err != nil {
			return err
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"conflicts": out})
}

func (c conflict) read() conflict {
	if err := json.Unmarshal([]byte(c.Text), &c.Detail); err != nil {
		c.Detail = nil
	}
	return c
}

// resolveConflict answers POST /api/sync/conflicts/{id}/resolve {"take": "kept" | "lost"}. Taking the lost
// values is a change like any other: through the record's hooks, by the caller's own right.
func (d *doors) resolveConflict(e *core.RequestEvent) error {
	var body struct {
		Take string `json:"take"`
	}
	if err := e.BindBody(&body); err != nil || body.Take != "kept" && body.Take != "lost" {
		return refuse(http.StatusBadRequest, hard("E_TAKE", `Send {"take": "kept"} or {"take": "lost"}.`))
	}
	var doc map[string]any
	err := e.App.RunInTransaction(func(tx core.App) error {
		c, err := openConflict(tx, e)
		if err != nil {
			return err
		}
		if body.Take == "lost" {
			if err := takeLost(tx, c, e.Auth); err != nil {
				return err
			}
		}
		_, err = tx.DB().NewQuery("UPDATE sync_conflicts SET resolved_by={:u}, resolved_at={:t} WHERE id={:i}").
			Bind(dbx.Params{"u": e.Auth.Id, "t": instantText(d.clock.now()), "i": c.ID}).Execute()
		if err != nil {
			return err
		}
		doc, err = documentNow(tx, c)
		return err
	})
	if fields := (validation.Errors{}); errors.As(err, &fields) {
		return refuse(http.StatusUnprocessableEntity, fieldRule(fields))
	}
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"doc": doc})
}

// openConflict finds a line that still waits and that the caller may decide.
func openConflict(tx core.App, e *core.RequestEvent) (c conflict, err error) {
	err = tx.DB().NewQuery("SELECT " + conflictColumns + " FROM sync_conflicts WHERE id={:i} AND resolved_at=''").
		Bind(dbx.Params{"i": e.Request.PathValue("id")}).One(&c)
	if err != nil {
		return c, noneIs(err, noRight())
	}
	right, err := rightOf(tx.DB(), e.Auth, c.Patient)
	if err != nil {
		return c, err
	}
	if !right.Writes(c.Collection) {
		return c, noRight()
	}
	return c.read(), nil
}

// takeLost makes the losing values the document's.
func takeLost(tx core.App, c conflict, user *core.Record) error {
	if c.Kind == devicesync.KindResurrected {
		return refuse(http.StatusConflict, hard("E_TAKE", "Nothing was lost here: the row came back."))
	}
	collection, err := tx.FindCachedCollectionByNameOrId(c.Collection)
	if err != nil {
		return err
	}
	record, err := findOrNil(tx, collection, c.Doc)
	if err != nil {
		return err
	}
	values, remove := c.lost()
	if record == nil && remove {
		return nil
	}
	if c.overtaken(record) {
		return refuse(http.StatusConflict, hard("E_STALE", "Somebody has changed this since. Decide again with what stands now."))
	}
	if values, err = c.fitting(collection, values); err != nil {
		return err
	}
	if record == nil {
		record = core.NewRecord(collection)
		record.Id = c.Doc
		if policy, _ := access.Of(c.Collection); policy.Scope == "patient" {
			record.Set("patient", c.Patient)
		}
	}
	setActor(record, as(user, "route"))
	if remove {
		return tx.Delete(record)
	}
	for field, value := range values {
		record.Set(field, value)
	}
	return tx.Save(record)
}

// lost reads what was lost: fields of the document, or its deletion.
func (c conflict) lost() (values map[string]any, remove bool) {
	detail, _ := c.Detail.(map[string]any)
	switch c.Kind {
	case devicesync.KindDeleteLost:
		return nil, true
	case devicesync.KindHandedOver:
		deleted, _ := detail["_deleted"].(bool)
		return detail, deleted
	case devicesync.KindRejected:
		entry, _ := detail["entry"].(map[string]any)
		deleted, _ := entry["_deleted"].(bool)
		return entry, deleted
	}
	values = map[string]any{}
	for field, one := range detail {
		if of, ok := one.(map[string]any); ok {
			values[field] = of["lost"]
		}
	}
	return values, false
}

// overtaken: a field that was kept has another value now.
func (c conflict) overtaken(record *core.Record) bool {
	detail, _ := c.Detail.(map[string]any)
	if record == nil || c.Kind == devicesync.KindHandedOver || c.Kind == devicesync.KindRejected {
		return false
	}
	state := stateOf(record)
	for field, one := range detail {
		if of, ok := one.(map[string]any); ok && !reflect.DeepEqual(of["kept"], state[field]) {
			return true
		}
	}
	return false
}

// fitting puts the values through the record, like any entry that comes from a phone.
func (c conflict) fitting(collection *core.Collection, values map[string]any) (map[string]any, error) {
	state, broken := normalise(core.NewRecord(collection), values)
	if len(broken) > 0 {
		return nil, refuse(http.StatusUnprocessableEntity, broken...)
	}
	return state, nil
}

func documentNow(tx core.App, c conflict) (map[string]any, error) {
	collection, err := tx.FindCachedCollectionByNameOrId(c.Collection)
	if err != nil {
		return nil, err
	}
	line, err := lineOf(tx.DB(), c.Collection, c.Doc)
	if err != nil {
		return nil, err
	}
	record, err := findOrNil(tx, collection, c.Doc)
	if err != nil || record == nil {
		return tombstone(collection, c.Doc, c.Patient, line.rev()), err
	}
	return document(record, line.rev()), nil
}

package hooks

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/list"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/entry"
)

// bindEntries holds every entry to its form (room entry), however it comes: REST, sync,
// import, admin pages, Go code.
func (d *doors) bindEntries(app core.App) {
	collections := entry.Collections()
	app.OnRecordCreate(collections...).Bind(&hook.Handler[*core.RecordEvent]{
		Id: "dayID", Func: giveDayID, Priority: -100, // before PocketBase makes up an id
	})
	app.OnRecordValidate(collections...).Bind(&hook.Handler[*core.RecordEvent]{Id: "entryForm", Func: d.checkEntry})
	// PocketBase writes every column of a changed record; two people changing
	// different fields would lose one of them.
	app.OnRecordUpdate().Bind(&hook.Handler[*core.RecordEvent]{Id: "onlyChanged", Priority: -1000, Func: func(e *core.RecordEvent) error {
		e.Record.IgnoreUnchangedFields(true)
		return e.Next()
	}})
}

// giveDayID names a day's row for a client that left it to the server.
func giveDayID(e *core.RecordEvent) error {
	if owner := entry.Owner(e.Record.Collection().Name); owner != "" && e.Record.Id == "" {
		if id := entry.DayID(e.Record.GetString(owner), e.Record.GetString("day")); id != "" {
			e.Record.Id = id
		}
	}
	return e.Next()
}

func (d *doors) checkEntry(e *core.RecordEvent) error {
	r := e.Record
	broken := entry.Check(r.Collection().Name, r.Id, valuesOf(r), d.clock.now())
	belongs, err := checkOwner(e.App, r)
	if err != nil {
		return err
	}
	if broken = append(broken, belongs...); len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return e.Next()
}

// valuesOf reads a record as the room entry wants it.
func valuesOf(r *core.Record) entry.Values {
	return func(field string) any {
		switch v := r.Get(field).(type) {
		case types.DateTime:
			return v.Time()
		case types.JSONRaw:
			return answer(v)
		default:
			return v
		}
	}
}

// answer decodes an answer that may be unknown. Nearly all are not given, yes, no or a number, which need no
// parser. What is no JSON stays as it is, for the room to refuse.
func answer(raw types.JSONRaw) any {
	switch string(raw) {
	case "", "null":
		return nil
	case "true":
		return true
	case "false":
		return false
	}
	if n, err := strconv.ParseFloat(string(raw), 64); err == nil && json.Valid(raw) {
		return n
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		return string(raw)
	}
	return out
}

// checkOwner keeps every row with its patient: the patient of a row never
// changes, and what it refers to belongs to the same patient.
func checkOwner(app core.App, r *core.Record) ([]clinic.Broken, error) {
	policy, ok := access.Of(r.Collection().Name)
	if r.Collection().Name == "patients" && !r.IsNew() && r.Original().GetString("clinic") != r.GetString("clinic") {
		return []clinic.Broken{hard("E_SCOPE_FIXED", "A patient stays with the clinic.")}, nil
	}
	if !ok || policy.Scope != "patient" {
		return nil, nil
	}
	patient := r.GetString("patient")
	if !r.IsNew() {
		if was := r.Original().GetString("patient"); was != "" && was != patient {
			return []clinic.Broken{hard("E_SCOPE_FIXED", "A row stays with its patient.")}, nil
		}
	}
	var broken []clinic.Broken
	for _, f := range r.Collection().Fields {
		relation, isRelation := f.(*core.RelationField)
		if !isRelation {
			continue
		}
		ids := r.GetStringSlice(f.GetName())
		if len(ids) == 0 {
			continue
		}
		stranger, err := ofAnotherPatient(app, relation, ids, patient)
		if err != nil {
			return nil, err
		}
		if stranger {
			b := hard("E_SCOPE", "It refers to something that is not this patient's.")
			b.Params = map[string]any{"field": f.GetName()}
			broken = append(broken, b)
		}
	}
	return broken, nil
}

func ofAnotherPatient(app core.App, relation *core.RelationField, ids []string, patient string) (bool, error) {
	target, err := app.FindCachedCollectionByNameOrId(relation.CollectionId)
	if err != nil {
		return false, err
	}
	if policy, ok := access.Of(target.Name); !ok || policy.Scope != "patient" {
		return false, nil
	}
	var n int
	err = app.DB().Select("COUNT(*)").From(target.Name).
		Where(dbx.In("id", list.ToInterfaceSlice(ids)...)).AndWhere(dbx.Not(dbx.HashExp{"patient": patient})).Row(&n)
	return n > 0, err
}

// instantText is how PocketBase stores an instant.
func instantText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(types.DefaultDateLayout)
}

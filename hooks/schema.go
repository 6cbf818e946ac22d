package hooks

import (
	"net/http"
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
	"interictal/hooks/entry"
)

// collectionSchema is what a client needs to know of one synced collection.
type collectionSchema struct {
	Collection string        `json:"collection"`
	Family     access.Family `json:"family"`  // consent family; "" needs none
	Writers    []access.Role `json:"writers"` // who may change rows through the exchange
	Profile    bool          `json:"profile"` // part of the patient profile of ten collections
	// Policies are the fields that do not follow "the first commit stands, the loser is kept".
	Policies   map[string]devicesync.Policy `json:"policies"`
	JSONSchema map[string]any               `json:"jsonSchema"`
}

// schema answers GET /api/sync/schema. It reads the collections as they are, so a field of a clinic's own is in it.
func (d *doors) schema(e *core.RequestEvent) error {
	out := []collectionSchema{}
	for _, policy := range access.Synced() {
		c, err := e.App.FindCachedCollectionByNameOrId(policy.Collection)
		if err != nil {
			return err
		}
		writers := []access.Role{}
		if slices.Contains(policy.Write, access.Patient) {
			writers = policy.Write
		}
		out = append(out, collectionSchema{
			Collection: c.Name, Family: policy.Family, Writers: writers, Profile: slices.Contains(devicesync.PatientProfile, c.Name),
			Policies: policies(c), JSONSchema: devicesync.DocumentSchema(c.Name, fieldsOf(c)),
		})
	}
	return e.JSON(http.StatusOK, map[string]any{"schema": devicesync.Schema, "collections": out})
}

func policies(c *core.Collection) map[string]devicesync.Policy {
	out := map[string]devicesync.Policy{}
	for name, f := range fieldPolicies(c) {
		out[name] = f.Policy
	}
	return out
}

func fieldsOf(c *core.Collection) []devicesync.Field {
	var out []devicesync.Field
	for _, f := range c.Fields {
		if _, auto := f.(*core.AutodateField); auto || f.GetHidden() || f.GetName() == "id" {
			continue
		}
		out = append(out, fieldOf(c.Name, f))
	}
	return out
}

func fieldOf(collection string, f core.Field) devicesync.Field {
	out := devicesync.Field{Name: f.GetName(), Kind: "text"}
	switch f := f.(type) {
	case *core.TextField:
		out.Max = f.Max
	case *core.DateField:
		out.Kind = "instant"
	case *core.BoolField:
		out.Kind = "flag"
	case *core.NumberField:
		out.Kind = "number"
	case *core.SelectField:
		// a tombstone is empty in every field, so also a required choice may be served empty
		out.Kind, out.Values = "choice", f.Values
	case *core.JSONField:
		out.Kind, out.Answer = "answer", entry.JSONSchema(collection, f.Name)
	}
	if several(f) {
		out.Kind = "list"
	}
	return out
}

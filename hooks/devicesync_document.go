package hooks

import (
	"slices"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/list"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/clinic"
	"interictal/hooks/devicesync"
)

// document is a record as the exchange shows it: its visible fields, its version, alive.
func document(r *core.Record, rev string) map[string]any {
	fields := r.Collection().Fields
	doc := make(map[string]any, len(fields)+2)
	doc["rev"], doc["_deleted"] = rev, false
	for _, f := range fields {
		if !f.GetHidden() {
			doc[f.GetName()] = wireValue(valueOf(r, f))
		}
	}
	return doc
}

// tombstone is a whole document with empty values: it fits the client's schema
// and overwrites what the device had.
func tombstone(c *core.Collection, id, patient, rev string) map[string]any {
	doc := document(core.NewRecord(c), rev)
	doc["id"], doc["_deleted"] = id, true
	if f := c.Fields.GetByName("patient"); f != nil {
		doc["patient"] = patient
	}
	return doc
}

// valueOf is Get for a field in hand: by name PocketBase asks every field of the collection for every value.
func valueOf(r *core.Record, f core.Field) any {
	if own, ok := f.(core.GetterFinder); ok {
		if get := own.FindGetter(f.GetName()); get != nil {
			return get(r)
		}
	}
	return r.GetRaw(f.GetName())
}

// setValue is Set for a field in hand.
func setValue(r *core.Record, f core.Field, value any) {
	if own, ok := f.(core.SetterFinder); ok {
		if set := own.FindSetter(f.GetName()); set != nil {
			set(r, value)
			return
		}
	}
	value, _ = f.PrepareValue(r, value)
	r.SetRaw(f.GetName(), value)
}

// wireValue is a stored value as plain JSON.
func wireValue(v any) any {
	switch x := v.(type) {
	case types.DateTime:
		return x.String()
	case types.JSONRaw:
		return answer(x)
	case int:
		return float64(x)
	case []string:
		return list.ToInterfaceSlice(x)
	default:
		return x
	}
}

// fixed are the keys of a document that no merge touches: the server's own, and what
// never changes once the row is there.
var fixed = []string{"id", "patient", "created", "updated", "rev", "_deleted", "collectionId", "collectionName", "expand"}

// fieldPolicies are the fields of a collection that do not follow "the first commit stands".
func fieldPolicies(c *core.Collection) devicesync.Fields {
	out := devicesync.Fields{}
	for _, f := range c.Fields {
		if policy := devicesync.PolicyOf(c.Name, f.GetName()); policy != devicesync.First {
			text, _ := f.(*core.TextField)
			out[f.GetName()] = devicesync.FieldPolicy{Policy: policy}
			if text != nil {
				out[f.GetName()] = devicesync.FieldPolicy{Policy: policy, Max: text.Max}
			}
		}
	}
	return out
}

// normalise puts a sent document through a record, so that only what would be
// stored is compared. Unknown fields and wrong types are the entry's fault.
func normalise(scratch *core.Record, sent map[string]any) (devicesync.State, []clinic.Broken) {
	if sent == nil {
		return nil, nil
	}
	c, out := scratch.Collection(), make(devicesync.State, len(sent))
	var broken []clinic.Broken
	for name, value := range sent {
		if slices.Contains(fixed, name) {
			continue
		}
		field := c.Fields.GetByName(name)
		if field == nil || field.GetHidden() {
			broken = append(broken, withField(hard("E_FIELD", "There is no such field: "+name+"."), name))
			continue
		}
		if !fits(field, value) {
			broken = append(broken, withField(hard("E_TYPE", "Wrong type for "+name+"."), name))
			continue
		}
		setValue(scratch, field, value)
		out[name] = wireValue(valueOf(scratch, field))
	}
	return out, broken
}

// fits: PocketBase casts what it is given ("abc" becomes 0, 5 a date in 1970);
// a phone that sends the wrong type has a fault that must be seen.
func fits(f core.Field, value any) bool {
	if value == nil {
		return true
	}
	if several(f) {
		return words(value)
	}
	switch f.(type) {
	case *core.JSONField: // the room entry judges answers; text would be read as JSON: "7" as 7
		_, text := value.(string)
		return !text
	case *core.NumberField:
		_, ok := value.(float64)
		return ok
	case *core.BoolField:
		_, ok := value.(bool)
		return ok
	case *core.DateField:
		s, ok := value.(string)
		if !ok || s == "" {
			return ok
		}
		t, err := types.ParseDateTime(s)
		return err == nil && !t.IsZero()
	default:
		_, ok := value.(string)
		return ok
	}
}

// emptyState is the collection's document before anybody said anything.
func emptyState(c *core.Collection) devicesync.State { return stateOf(core.NewRecord(c)) }

// stateOf is what the merge compares.
func stateOf(r *core.Record) devicesync.State {
	state := devicesync.State{}
	for _, f := range r.Collection().Fields {
		if name := f.GetName(); !f.GetHidden() && !slices.Contains(fixed, name) {
			state[name] = wireValue(valueOf(r, f))
		}
	}
	return state
}

// several: the field holds a list of words.
func several(f core.Field) bool {
	many, ok := f.(core.MultiValuer)
	return ok && many.IsMultiple()
}

func words(value any) bool {
	all, ok := value.([]any)
	return ok && !slices.ContainsFunc(all, func(one any) bool { _, word := one.(string); return !word })
}

func withField(b clinic.Broken, field string) clinic.Broken {
	b.Params = map[string]any{"field": field}
	return b
}

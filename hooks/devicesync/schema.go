package devicesync

// Field is a stored field as other people's clients need to know it.
type Field struct {
	Name   string
	Kind   string // text, instant, flag, number, choice, answer, list
	Values []string
	Max    int            // longest text
	Answer map[string]any // for answers: the JSON schema of what may be said
}

// Property is one field in JSON Schema, as the server serves it: nothing is missing, a tombstone
// is empty in every field, and an answer that was not given is null.
func (f Field) Property() map[string]any {
	switch f.Kind {
	case "flag":
		return map[string]any{"type": "boolean"}
	case "number":
		return map[string]any{"type": "number"}
	case "answer":
		return f.Answer
	case "choice":
		return map[string]any{"type": "string", "enum": append([]string{""}, f.Values...)}
	case "list":
		item := map[string]any{"type": "string"}
		if len(f.Values) > 0 {
			item["enum"] = f.Values
		}
		return map[string]any{"type": "array", "items": item}
	}
	out := map[string]any{"type": "string"}
	if f.Max > 0 {
		out["maxLength"] = f.Max
	}
	return out
}

// DocumentSchema is the JSON Schema of a served document, with the fields that only the server writes.
func DocumentSchema(collection string, fields []Field) map[string]any {
	properties := map[string]any{
		"id":       map[string]any{"type": "string", "minLength": 15, "maxLength": 36, "pattern": "^[a-z0-9]+$"},
		"rev":      map[string]any{"type": "string"},
		"_deleted": map[string]any{"type": "boolean"},
		"created":  map[string]any{"type": "string"},
		"updated":  map[string]any{"type": "string"},
	}
	required := []string{"id", "rev", "_deleted"}
	for _, f := range fields {
		properties[f.Name] = f.Property()
		required = append(required, f.Name)
	}
	return map[string]any{"title": collection, "type": "object", "properties": properties, "required": required}
}

// PatientProfile are the ten collections that cover diary and program, for clients that can
// hold no more: RxDB's free edition opens 13 at once.
var PatientProfile = []string{
	"patients", "diary_days", "attacks", "attack_readings", "medications", "medication_doses",
	"triggers", "trigger_exposures", "exercises", "exercise_logs",
}

package hooks_test

import (
	"fmt"
	"slices"
	"testing"

	"interictal/hooks/hookstest"
)

// Every document the exchange serves fits the published schema, alive or as a tombstone. A client
// drops what does not fit, and never sees it again.
func TestServedDocumentsFitTheirSchema(t *testing.T) {
	h := hookstest.New(t)
	everything(t, h, "anna")
	anna := h.Phone("anna")
	anna.Put("attacks", "attackofanna001", map[string]any{"patient": hookstest.ID("anna"), "started_at": "2026-01-20T14:00:00.000Z", "peak_nrs": 7, "nausea": true, "aura_minutes": 12.5})
	anna.Put("attacks", "attackofanna002", map[string]any{"patient": hookstest.ID("anna"), "started_at": "2026-01-21T14:00:00.000Z"})
	anna.Sync()
	anna.Put("attacks", "attackofanna002", map[string]any{"_deleted": true})
	anna.Sync()
	schemas := map[string]map[string]any{}
	profile := 0
	for _, item := range h.Do("anna", "GET", "/api/sync/schema", nil).Body["collections"].([]any) {
		c := item.(map[string]any)
		schemas[c["collection"].(string)] = c["jsonSchema"].(map[string]any)
		if c["profile"] == true {
			profile++
		}
	}
	if profile != 10 {
		t.Errorf("the patient profile has %d collections", profile)
	}
	body := h.Phone("anna").Request(500)
	served := map[string]int{}
	for _, item := range h.Do("anna", "POST", "/api/sync/exchange", body).Body["changes"].([]any) {
		change := item.(map[string]any)
		for _, fault := range faults(schemas[change["collection"].(string)], change["doc"].(map[string]any)) {
			t.Errorf("%s: %s", change["collection"], fault)
		}
		served[change["collection"].(string)]++
	}
	for name := range schemas {
		if served[name] == 0 {
			t.Errorf("nothing of %s was served", name)
		}
	}
}

// faults checks the few words of JSON Schema that the published one uses.
func faults(schema, doc map[string]any) (out []string) {
	properties := schema["properties"].(map[string]any)
	for _, name := range schema["required"].([]any) {
		if _, there := doc[name.(string)]; !there {
			out = append(out, name.(string)+" is missing")
		}
	}
	for name, value := range doc {
		property, known := properties[name].(map[string]any)
		if !known {
			out = append(out, name+" is not in the schema")
			continue
		}
		if !fitsType(property["type"], value) {
			out = append(out, fmt.Sprintf("%s is %v, not a %v", name, value, property["type"]))
		}
		if values, limited := property["enum"].([]any); limited && !slices.Contains(values, value) {
			out = append(out, fmt.Sprintf("%s is %v, not one of %v", name, value, values))
		}
		list, _ := value.([]any)
		for _, one := range list {
			if items, _ := property["items"].(map[string]any); !fitsItem(items, one) {
				out = append(out, fmt.Sprintf("%s holds %v, not one of %v", name, one, items))
			}
		}
	}
	return out
}

func fitsItem(items map[string]any, value any) bool {
	values, limited := items["enum"].([]any)
	return fitsType(items["type"], value) && (!limited || slices.Contains(values, value))
}

func fitsType(types, value any) bool {
	if list, several := types.([]any); several {
		return slices.ContainsFunc(list, func(one any) bool { return fitsType(one, value) })
	}
	n, isNumber := value.(float64)
	switch types {
	case nil:
		return true
	case "object":
		_, ok := value.(map[string]any)
		return ok
	case "array":
		_, ok := value.([]any)
		return ok
	case "null":
		return value == nil
	case "integer":
		return isNumber && n == float64(int(n))
	case "number":
		return isNumber
	case "boolean":
		_, ok := value.(bool)
		return ok
	}
	_, ok := value.(string)
	return ok
}

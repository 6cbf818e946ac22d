package hooks_test

import (
	"encoding/json"
	"os"
	"testing"

	"interictal/hooks/hookstest"
)

const phoneSchema = "testdata/schema.json"

// B-22: testdata/schema.json is what the server publishes today. src/lib/types.test.ts holds the phone's table types to the same file, so
// neither side can change alone. After a migration: WRITE=1 go test -run ThePhonesTypes ./hooks
func TestThePhonesTypesStandOnThePublishedSchema(t *testing.T) {
	h := hookstest.New(t)
	documents := map[string]any{}
	for _, item := range h.Do("anna", "GET", "/api/sync/schema", nil).Body["collections"].([]any) {
		c := item.(map[string]any)
		documents[c["collection"].(string)] = map[string]any{"document": c["jsonSchema"], "readOnly": len(c["writers"].([]any)) == 0}
	}
	published, err := json.MarshalIndent(documents, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("WRITE") != "" {
		if err := os.WriteFile(phoneSchema, append(published, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	known, err := os.ReadFile(phoneSchema)
	if err != nil {
		t.Fatal(err)
	}
	if string(known) != string(published)+"\n" {
		t.Errorf("B-22 %s is not what the server publishes: write it anew, then mend src/lib/types.ts", phoneSchema)
	}
	t.Logf("B-22 the schema of %d collections is the published one", len(documents))
}

package devicesync

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestChangeSetsForWatermelon(t *testing.T) {
	row := func(id string, more map[string]any) map[string]any {
		out := map[string]any{"id": id, "_deleted": false}
		maps.Copy(out, more)
		return out
	}
	gone := map[string]any{"_deleted": true}
	changes := []Change{
		{"days", row("a", map[string]any{"pain": nil, "neck": false, "note": ""})},
		{"days", row("b", nil)},
		{"days", row("c", gone)},
		{"days", row("d", gone)}, // lost with a right, and given back
		{"days", row("d", map[string]any{"pain": 0.0})},
		{"unknown", row("e", nil)},
		{"days", row("b", gone)},
		{"attacks", row("f", map[string]any{"own": []any{"a list"}, "other": map[string]any{}})},
	}
	for _, c := range []struct {
		name         string
		holdsNothing bool
		deleted      string
	}{{"a device that has rows", false, "b c"}, {"a new device", true, ""}} {
		sets := ChangeSets([]string{"attacks", "days", "doses"}, changes, c.holdsNothing)
		if got := strings.Join(slices.Sorted(slices.Values(sets["days"].Deleted)), " "); got != c.deleted {
			t.Errorf("%s: deleted are %q", c.name, got)
		}
		body, err := json.Marshal(sets["doses"])
		if err != nil || string(body) != `{"created":[],"updated":[],"deleted":[]}` {
			t.Errorf("%s: an empty set is %s", c.name, body)
		}
		var ids []string
		for _, raw := range sets["days"].Updated {
			ids = append(ids, raw["id"].(string))
			if _, has := raw["_deleted"]; has {
				t.Errorf("%s: a raw with _deleted", c.name)
			}
		}
		if slices.Sort(ids); strings.Join(ids, " ") != "a d" {
			t.Errorf("%s: updated are %v", c.name, ids)
		}
		for _, raw := range sets["days"].Updated {
			if pain, has := raw["pain"]; raw["id"] == "a" && (!has || pain != nil || raw["neck"] != false) {
				t.Errorf("%s: what was not said is not zero, what was is not lost: %v", c.name, raw)
			}
		}
		if f := sets["attacks"].Updated[0]; len(f) != 1 {
			t.Errorf("%s: only scalars have a column: %v", c.name, f)
		}
		if len(sets) != 3 {
			t.Errorf("%s: %d tables", c.name, len(sets))
		}
	}
}

func TestEntriesFromWatermelon(t *testing.T) {
	body := `{
		"readings": {"created": [{"id": "r", "_status": "created", "_changed": "", "$loki": 3, "rev": "", "nrs": null}], "updated": [], "deleted": []},
		"attacks": {"created": [], "updated": [
			{"id": "u", "patient": "p", "_status": "updated", "_changed": "note", "rev": "e:5", "note": "new", "peak": 7, "aura": null},
			{"id": "v", "rev": "e:6", "note": "without bookkeeping"}], "deleted": ["x", {"id": "y", "rev": "e:7", "patient": "p", "_changed": "note", "note": "mine", "peak": 3}]},
		"notes": {"created": [{"id": "n", "_status": "created", "_changed": "text", "rev": "e:9", "text": "b", "more": "c"}], "deleted": ["z"]}}`
	var tables map[string]Pushed
	if err := json.Unmarshal([]byte(body), &tables); err != nil {
		t.Fatal(err)
	}
	if !tables["attacks"].Deleted[0].Bare() || tables["attacks"].Deleted[1].Bare() {
		t.Error("the library's bare ids are told from whole rows")
	}
	var got []string
	for _, e := range Entries(tables, []string{"attacks", "readings"}, 9) {
		line, _ := json.Marshal(map[string]any{"n": e.N, "c": e.Collection, "state": e.State, "base": e.Base, "rev": e.Rev(), "deleted": e.Deleted()})
		got = append(got, string(line))
	}
	want := []string{ // owners first; deletions last, the other way round; a table nobody knows is not dropped
		`{"base":{"aura":null,"id":"u","patient":"p","peak":7,"rev":"e:5"},"c":"attacks","deleted":false,"n":9,"rev":"e:5","state":{"id":"u","note":"new","patient":"p","rev":"e:5"}}`,
		`{"base":{"rev":"e:6"},"c":"attacks","deleted":false,"n":9,"rev":"e:6","state":{"id":"v","note":"without bookkeeping","rev":"e:6"}}`,
		`{"base":null,"c":"readings","deleted":false,"n":9,"rev":"","state":{"id":"r","nrs":null}}`,
		`{"base":{"id":"n","more":"c","rev":"e:9"},"c":"notes","deleted":false,"n":9,"rev":"e:9","state":{"id":"n","more":"c","rev":"e:9","text":"b"}}`,
		`{"base":null,"c":"notes","deleted":true,"n":9,"rev":"","state":{"_deleted":true,"id":"z"}}`,
		`{"base":null,"c":"attacks","deleted":true,"n":9,"rev":"","state":{"_deleted":true,"id":"x"}}`,
		`{"base":{"id":"y","patient":"p","peak":3,"rev":"e:7"},"c":"attacks","deleted":true,"n":9,"rev":"e:7","state":{"_deleted":true,"id":"y","patient":"p","rev":"e:7"}}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("entries are\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if again := Entries(tables, nil, 9); len(again) != len(want) {
		t.Errorf("without an order %d entries", len(again))
	}
}

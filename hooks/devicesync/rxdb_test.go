package devicesync

import "testing"

// RxDB answers every document it is given with another push: what it has already must never come back.
func TestWhatAnRxdbClientHasToAdopt(t *testing.T) {
	doc := func(more map[string]any) map[string]any {
		d := map[string]any{"id": "a", "rev": "e:5", "_deleted": false, "note": "x", "pain": 3.0, "tags": []string{"a"}, "updated": "now"}
		for k, v := range more {
			d[k] = v
		}
		return d
	}
	for _, c := range []struct {
		name      string
		verdict   Verdict
		base, new map[string]any
		adopt     bool
	}{
		{"applied comes with the next pull", Applied, nil, map[string]any{"note": "x"}, false},
		{"merged holds others' words", Merged, nil, doc(nil), true},
		{"a conflict is one", Conflict, nil, doc(nil), true},
		{"what is refused is replaced", Refused, nil, doc(nil), true},
		{"what is handed over is replaced", HandedOver, nil, doc(nil), true},
		{"the same document", Unchanged, doc(nil), doc(nil), false},
		{"the same in other types", Unchanged, doc(nil), doc(map[string]any{"tags": []any{"a"}}), false},
		{"the server's own times do not count", Unchanged, doc(nil), doc(map[string]any{"updated": "then"}), false},
		{"an older version of it", Unchanged, doc(nil), doc(map[string]any{"rev": "e:4"}), true},
		{"other words, overtaken", Unchanged, doc(nil), doc(map[string]any{"note": "y"}), true},
		{"deleted there", Unchanged, doc(nil), doc(map[string]any{"_deleted": true}), true},
		{"its first push, told again", Unchanged, nil, map[string]any{"id": "a", "note": "x"}, true},
		{"the second, from a client without versions", Unchanged, map[string]any{"id": "a"}, map[string]any{"id": "a", "note": "x"}, false},
		{"fields that it does not know", Unchanged, doc(nil), map[string]any{"rev": "e:5", "note": "x"}, false},
	} {
		e := RxdbRow{Assumed: c.base, New: c.new}.Entry(1, "attacks")
		if got := (Result{Verdict: c.verdict, Doc: doc(nil)}).Adopt(e); got != c.adopt {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

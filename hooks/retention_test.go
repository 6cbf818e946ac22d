package hooks_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"interictal/hooks"
	"interictal/hooks/hookstest"
)

// goneAfter runs the nightly job on some days and gives what went on the last of them, by table.
func goneAfter(t *testing.T, h *hookstest.House, days ...int) map[string]int64 {
	t.Helper()
	var out map[string]int64
	for _, day := range days {
		would := retained(t, h, day, true)
		out = retained(t, h, day, false)
		for what, rows := range out { // raising the floor may make more of them old than a dry run sees on the day of the mark
			if would[what] != rows {
				t.Errorf("day %d: %d %s went, a dry run said %d", day, rows, what, would[what])
			}
		}
	}
	maps.DeleteFunc(out, func(_ string, rows int64) bool { return rows == 0 })
	return out
}

func retained(t *testing.T, h *hookstest.House, day int, dry bool) map[string]int64 {
	t.Helper()
	gone, err := hooks.Retain(h.App, time.Now().UTC().AddDate(0, 0, day), dry)
	check(t, err)
	out := map[string]int64{}
	for _, g := range gone {
		out[strings.Fields(g.What)[0]] = g.Rows
	}
	return out
}

func TestWhatIsOldIsLetGo(t *testing.T) {
	h := hookstest.New(t)
	row := stored(t, h, "phone-one", newAttack(oneAttack), nil)
	row = stored(t, h, "phone-one", row, map[string]any{"peak_nrs": 5.0})
	gone := stored(t, h, "phone-one", newAttack("attackofanna002"), map[string]any{"note": "so long"})
	cursor := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": "phone-one", "schema": 1}).Body["cursor"]
	stored(t, h, "phone-one", gone, map[string]any{"_deleted": true})

	if got := goneAfter(t, h, 0, 1, 399); len(got) != 1 || got["records"] == 0 {
		t.Errorf("before its time: %v", got)
	}
	row = stored(t, h, "phone-one", row, map[string]any{"peak_nrs": 6.0}) // its last version is new again
	got := goneAfter(t, h, 402)
	if got["superseded"] != 2 || got["tombstones"] == 0 {
		t.Errorf("let go: %v", got)
	}
	if got := goneAfter(t, h, 403); len(got) != 0 {
		t.Errorf("twice: %v", got)
	}

	a := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": "phone-one", "schema": 1, "cursor": cursor})
	if a.Status != 409 || !a.Has("E_SYNC_RESET") {
		t.Errorf("news from before the floor: %d %s", a.Status, a.Text)
	}
	verdicts := startingOver(t, h, "phone-one", gone, row)
	doc := expectVerdicts(t, verdicts, "conflict", "unchanged")[0]["doc"].(map[string]any)
	if doc["_deleted"] != true {
		t.Errorf("a row deleted long ago came back: %v", doc)
	}
	c := theConflict(t, h, "anna")
	if c["kind"] != "purged" || c["detail"].(map[string]any)["note"].(map[string]any)["lost"] != "so long" {
		t.Errorf("kept: %v", c)
	}
	a = h.Do("anna", "POST", "/api/sync/conflicts/"+fmt.Sprint(c["id"])+"/resolve", map[string]any{"take": "lost"})
	if a.Status != 200 || a.Body["doc"].(map[string]any)["note"] != "so long" {
		t.Errorf("brought back by her word: %d %s", a.Status, a.Text)
	}
	if got := goneAfter(t, h, 404); got["settled"] != 1 {
		t.Errorf("settled conflicts: %v", got)
	}
}

// What a stranger sent waits for nobody's word, so it is not kept for ever.
func TestAStrangersWordsAreLetGo(t *testing.T) {
	h := hookstest.New(t)
	_, a, _ := rxdbPush(t, h, "bo", "attacks", 1, []any{rxdbRow(nil, rxdbAttack(oneAttack, "of somebody else"))})
	if a.Status != 200 || conflictsKept(t, h) != 1 {
		t.Fatalf("%d %s, %d kept", a.Status, a.Text, conflictsKept(t, h))
	}
	if goneAfter(t, h, 0, 399); conflictsKept(t, h) != 1 {
		t.Error("let go before its time")
	}
	if goneAfter(t, h, 402); conflictsKept(t, h) != 0 {
		t.Error("kept for ever")
	}
}

func conflictsKept(t *testing.T, h *hookstest.House) (n int) {
	t.Helper()
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM sync_conflicts").Row(&n))
	return n
}

// The version a phone stands on may be let go. Without a base the server then knows nothing of what the phone knew:
// what stands is not overwritten.
func TestAVersionThatWasLetGo(t *testing.T) {
	h := hookstest.New(t)
	old := stored(t, h, "phone-one", newAttack(oneAttack), map[string]any{"peak_nrs": 5.0})
	stored(t, h, "phone-one", old, map[string]any{"peak_nrs": 6.0, "aura": true})
	goneAfter(t, h, 0, 402)
	old = maps.Clone(old)
	old["nausea"] = true
	a := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": "phone-two-of-anna",
		"push": []any{map[string]any{"n": 1, "collection": "attacks", "base": nil, "state": old}}})
	doc := expectVerdicts(t, a, "conflict")[0]["doc"].(map[string]any)
	if doc["peak_nrs"] != 6.0 || doc["aura"] != true || doc["nausea"] != true {
		t.Errorf("the row is %v", doc)
	}
	if lost := theConflict(t, h, "anna")["detail"].(map[string]any)["peak_nrs"].(map[string]any)["lost"]; lost != 5.0 {
		t.Errorf("kept: %v", lost)
	}
}

// A clock that jumps does not take a promise back: below the floor tombstones are gone.
func TestTheFloorNeverSinks(t *testing.T) {
	h := hookstest.New(t)
	stored(t, h, "phone-one", newAttack(oneAttack), nil)
	goneAfter(t, h, 0, 402)
	floor := metaOf(t, h, "tombstone_floor")
	goneAfter(t, h, -500, 1)
	if now := metaOf(t, h, "tombstone_floor"); now != floor || floor == "" {
		t.Errorf("the floor was %q and is %q", floor, now)
	}
}

func metaOf(t *testing.T, h *hookstest.House, key string) (value string) {
	t.Helper()
	check(t, h.App.DB().NewQuery("SELECT value FROM sync_meta WHERE key='"+key+"'").Row(&value))
	return value
}

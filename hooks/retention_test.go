package hooks_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"interictal/hooks"
	"interictal/hooks/hookstest"
	"interictal/hooks/journal"
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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

// night lets go of what is old, as every night.
func night(t *testing.T, h *hookstest.House, at time.Time) {
	t.Helper()
	_, err := hooks.Retain(h.App, at, false)
	check(t, err)
}

// What served its purpose goes, and what somebody still waits for stays.
func TestWhatServedItsPurposeIsLetGo(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, link := linkForSam(t, h)
	today := time.Now().UTC().Format(time.RFC3339)
	enters(h, token, tap("startofsam00001", "start", today), tap("painofsam000001", "pain", today, "nrs", 8))
	ok(t, h.Do("admin", "POST", northDesk+"/codes", map[string]any{"kind": "staff", "role": "therapist", "name": "Nia"}), 200)
	feed := ok(t, h.Do("thera", "POST", "/api/calendar-feeds", nil), 200).Body["id"].(string)
	ok(t, h.Do("thera", "POST", "/api/calendar-feeds", nil), 200)
	ok(t, h.Do("thera", "POST", "/api/calendar-feeds/"+feed+"/revoke", nil), 204)
	day := time.Now().UTC().Format("2006-01-02 15:04:05.000Z")
	for device, more := range map[string]string{"lost-phone": "'" + day + "', ''", "told-phone": "'" + day + "', '" + day + "'", "old-phone": "'', ''"} {
		runSQL(t, h.App, "INSERT INTO sync_devices(user, device, staff, first_at, last_at, erase_at, told_at) VALUES('"+annas+"', '"+device+"', 0, '"+day+"', '"+day+"', "+more+")")
	}
	if got := goneAfter(t, h, 0, 398); got["used"]+got["addresses"]+got["entries"] != 0 {
		t.Errorf("before its time: %v", got)
	}
	got := goneAfter(t, h, 500)
	if got["used"] != 1 || got["addresses"] != 1 || got["entries"] != 2 || got["devices"] != 2 {
		t.Errorf("let go: %v", got)
	}
	if n, err := h.App.CountRecords("caregiver_links"); err != nil || n != 1 {
		t.Errorf("who had a link is forgotten: %s %d %v", link, n, err)
	}
	if readings, err := h.App.CountRecords("attack_readings"); err != nil || readings != 1 {
		t.Errorf("what a caregiver entered went with it: %d %v", readings, err)
	}
	var waits string
	check(t, h.App.DB().NewQuery("SELECT group_concat(device) FROM sync_devices WHERE user='"+annas+"'").Row(&waits))
	if waits != "lost-phone" {
		t.Errorf("devices that are known: %s", waits)
	}
}

// Of every table somebody has decided how long it is kept (docs/decisions/028), and what is let go is what the night lets go of.
func TestEveryTableHasItsTime(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	body, err := os.ReadFile("../docs/decisions/028-how-long-what-is-kept.md")
	check(t, err)
	decided, goes := map[string]bool{}, []string{}
	for line := range strings.Lines(string(body)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[1], "`") {
			continue
		}
		for name := range strings.FieldsSeq(strings.NewReplacer("`", "", ",", "").Replace(cells[1])) {
			decided[name] = true
			if strings.Contains(cells[2], "let go") {
				goes = append(goes, name)
			}
		}
	}
	var tables []string
	check(t, h.App.DB().NewQuery(`SELECT name FROM sqlite_master WHERE type='table' AND substr(name, 1, 7)<>'sqlite_' AND substr(name, 1, 1)<>'_' ORDER BY name`).Column(&tables))
	for _, name := range tables {
		if !decided[name] {
			t.Errorf("nobody has decided how long %s is kept", name)
		}
		delete(decided, name)
	}
	if len(decided) > 0 {
		t.Errorf("there is no table %v", slices.Sorted(maps.Keys(decided)))
	}
	var lets []string
	for _, kept := range journal.Retention {
		lets = append(lets, kept.Table)
	}
	slices.Sort(lets)
	slices.Sort(goes)
	if !slices.Equal(slices.Compact(lets), goes) {
		t.Errorf("decided to let go %v, and the night lets go of %v", goes, lets)
	}
}

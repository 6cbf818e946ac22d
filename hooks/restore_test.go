package hooks_test

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"

	"interictal/hooks/hookstest"
)

// startingOver makes one exchange of a device that starts over: everything from null, with these rows, none of them changed since.
func startingOver(t *testing.T, h *hookstest.House, device string, rows ...map[string]any) hookstest.Answer {
	t.Helper()
	push := []any{}
	for i, row := range rows {
		push = append(push, map[string]any{"n": 1000 + i, "collection": "attacks", "base": row, "state": row})
	}
	a := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": device, "schema": 1, "push": push})
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	return a
}

// stored writes a row through one device and gives it back as that device has it then.
func stored(t *testing.T, h *hookstest.House, device string, row map[string]any, fields map[string]any) map[string]any {
	t.Helper()
	next := maps.Clone(row)
	maps.Copy(next, fields)
	base := any(row)
	if row["rev"] == nil {
		base = nil
	}
	numbers++
	a := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": device, "schema": 1,
		"push": []any{map[string]any{"n": numbers, "collection": "attacks", "base": base, "state": next}}})
	return expectVerdicts(t, a, "applied")[0]["doc"].(map[string]any)
}

var numbers = 0

func newAttack(id string) map[string]any {
	return map[string]any{"id": id, "patient": annas, "started_at": "2026-01-20 14:00:00.000Z"}
}

func TestPhonesBringBackWhatARestoreLost(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	old := stored(t, h, "phone-one", newAttack(oneAttack), map[string]any{"note": "before"})
	backup := h.Backup()
	changed := stored(t, h, "phone-one", old, map[string]any{"note": "after", "peak_nrs": 7.0})
	made := stored(t, h, "phone-one", newAttack("attackofanna002"), map[string]any{"peak_nrs": 5.0})

	lost := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": "phone-one", "schema": 1})
	h = h.Restored(backup)
	for _, place := range []string{"cursor", "ack"} {
		a := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": "phone-one", "schema": 1, place: lost.Body[place]})
		if a.Status != 409 || !a.Has("E_SYNC_RESET") {
			t.Errorf("%s: %d %s", place, a.Status, a.Text)
		}
	}
	expectVerdicts(t, startingOver(t, h, "phone-one", changed, made), "applied", "applied")
	before := h.Do("anna", "GET", "/api/sync/digest?collection=attacks", nil).Text
	for _, device := range []string{"phone-one", "phone-two"} {
		expectVerdicts(t, startingOver(t, h, device, changed, made), "unchanged", "unchanged")
	}
	if now := h.Do("anna", "GET", "/api/sync/digest?collection=attacks", nil).Text; now != before {
		t.Errorf("an equal row is news: %s, before %s", now, before)
	}
	for id, want := range map[string]string{oneAttack: "after", "attackofanna002": ""} {
		r, err := h.App.FindRecordById("attacks", id)
		check(t, err)
		if r.GetString("note") != want {
			t.Errorf("%s has the note %q", id, r.GetString("note"))
		}
	}
	if n := countConflicts(t, h); n != 0 {
		t.Errorf("%d conflicts over what nobody else had touched", n)
	}
}

// The clinic wrote on in the restored database before the phone came back.
func TestWhatWasWrittenAfterTheRestoreStands(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	old := stored(t, h, "phone-one", newAttack(oneAttack), map[string]any{"nausea": true})
	backup := h.Backup()
	ahead := stored(t, h, "phone-one", old, map[string]any{"peak_nrs": 7.0, "aura": true})
	h = h.Restored(backup)
	record, err := h.App.FindRecordById("attacks", oneAttack)
	check(t, err)
	record.Set("peak_nrs", 3)
	record.Set("neck_pain", true)
	check(t, h.App.Save(record))

	a := startingOver(t, h, "phone-one", ahead)
	doc := expectVerdicts(t, a, "conflict")[0]["doc"].(map[string]any)
	if doc["peak_nrs"] != 3.0 || doc["aura"] != true || doc["neck_pain"] != true || doc["nausea"] != true {
		t.Errorf("the row is %v", doc)
	}
	lost := theConflict(t, h, "anna")["detail"].(map[string]any)["peak_nrs"].(map[string]any)
	if lost["lost"] != 7.0 || lost["kept"] != 3.0 {
		t.Errorf("kept: %v", lost)
	}
}

// Two phones hold two lost versions of a row. Whichever comes first, the later word stands and nobody is asked.
func TestTheLaterOfTwoLostVersionsStands(t *testing.T) {
	t.Parallel()
	for _, order := range []string{"older first", "newer first"} {
		t.Run(order, func(t *testing.T) {
			h := hookstest.New(t)
			old := stored(t, h, "phone-one", newAttack(oneAttack), nil)
			backup := h.Backup()
			h = h.Reopen() // so that the lost epoch is one the backup has never heard of
			older := stored(t, h, "phone-one", old, map[string]any{"peak_nrs": 5.0})
			newer := stored(t, h, "phone-two", older, map[string]any{"peak_nrs": 8.0, "aura": true})
			h = h.Restored(backup)
			if order == "older first" {
				expectVerdicts(t, startingOver(t, h, "phone-one", older), "applied")
				expectVerdicts(t, startingOver(t, h, "phone-two", newer), "applied")
			} else {
				expectVerdicts(t, startingOver(t, h, "phone-two", newer), "applied")
				startingOver(t, h, "phone-one", older)
			}
			r, err := h.App.FindRecordById("attacks", oneAttack)
			check(t, err)
			if r.GetString("peak_nrs") != "8" || r.GetString("aura") != "true" {
				t.Errorf("the row has %s and %s", r.GetString("peak_nrs"), r.GetString("aura"))
			}
			if n := countConflicts(t, h); order == "older first" && n != 0 {
				t.Errorf("%d conflicts", n)
			}
		})
	}
}

// Two phones hold the same lost version. One has changed it since, the other sends what it has: the change is not overwritten
// by the version it was made on, with a base or, where a client has lost that, without.
func TestALostVersionIsNotAnEdit(t *testing.T) {
	t.Parallel()
	for _, order := range [][2]string{{"edit", "copy"}, {"copy", "edit"}, {"edit without base", "copy"}, {"edit without base", "copy without base"}, {"copy without base", "edit without base"}} {
		t.Run(order[0]+" then "+order[1], func(t *testing.T) {
			h := hookstest.New(t)
			old := stored(t, h, "phone-one", newAttack(oneAttack), map[string]any{"peak_nrs": 1.0})
			backup := h.Backup()
			h = h.Reopen()
			lost := stored(t, h, "phone-one", old, map[string]any{"peak_nrs": 5.0})
			h = h.Restored(backup)
			for i, what := range order {
				state, base := maps.Clone(lost), any(lost)
				if strings.HasPrefix(what, "edit") {
					state["peak_nrs"] = 8.0
				}
				if strings.HasSuffix(what, "without base") {
					base = nil
				}
				a := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": fmt.Sprint("phone-number-", i),
					"push": []any{map[string]any{"n": 1, "collection": "attacks", "base": base, "state": state}}})
				if v := verdictsOf(a)[0]["verdict"]; v == "refused" {
					t.Fatal(a.Text)
				}
			}
			r, err := h.App.FindRecordById("attacks", oneAttack)
			check(t, err)
			var kept string
			check(t, h.App.DB().NewQuery("SELECT COALESCE(group_concat(detail), '') FROM sync_conflicts").Row(&kept))
			if pain := r.GetString("peak_nrs"); pain != "8" && !strings.Contains(kept, `"lost":8`) {
				t.Errorf("the edit is lost: the row has %s, kept is %s", pain, kept)
			} else if pain != "8" && !strings.HasSuffix(order[1], "edit without base") {
				t.Errorf("the copy won: the row has %s", pain)
			}
		})
	}
}

// A delete on a phone that has not seen another's edit on top of the same lost version.
func TestADeleteOfALostVersion(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	backup := h.Backup()
	h = h.Reopen()
	lost := stored(t, h, "phone-one", newAttack(oneAttack), map[string]any{"peak_nrs": 5.0})
	h = h.Restored(backup)
	send := func(device string, state map[string]any) map[string]any {
		next := maps.Clone(lost)
		maps.Copy(next, state)
		a := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": device,
			"push": []any{map[string]any{"n": 1, "collection": "attacks", "base": lost, "state": next}}})
		return verdictsOf(a)[0]
	}
	if v := send("phone-one", map[string]any{"peak_nrs": 8.0}); v["verdict"] != "applied" {
		t.Errorf("%v", v)
	}
	if v := send("phone-two", map[string]any{"_deleted": true}); v["verdict"] != "conflict" {
		t.Errorf("a word that she had not seen is deleted: %v", v)
	}
	if v := send("phone-three", nil); v["verdict"] != "unchanged" {
		t.Errorf("an untouched copy is news: %v", v)
	}
}

func countConflicts(t *testing.T, h *hookstest.House) (n int) {
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM sync_conflicts WHERE kind<>'quiet'").Row(&n))
	return n
}

func TestTheWitness(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	restored := func(h *hookstest.House) (yes bool) {
		check(t, h.App.DB().NewQuery("SELECT restored FROM sync_epoch ORDER BY ord DESC LIMIT 1").Row(&yes))
		return yes
	}
	if restored(h) {
		t.Error("the first start is no restore")
	}
	backup := h.Backup()
	if again := h.Reopen(); restored(again) {
		t.Error("a second start is no restore")
	} else if third := again.Restored(backup); !restored(third) {
		t.Error("a backup that does not know the last start was restored")
	} else if restored(third.Reopen()) {
		t.Error("the start after it is none")
	}

	dir := h.Backup()
	path := dir + ".epochs"
	check(t, os.WriteFile(path, []byte("{"), 0o600))
	if err := hookstest.Start(dir); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a witness that cannot be read stops the start: %v", err)
	}
	check(t, os.Remove(path))
	check(t, hookstest.Start(dir))
	app, err := hookstest.Open(dir)
	check(t, err)
	defer app.ClearBootstrap()
	if !restored(&hookstest.House{App: app}) {
		t.Error("a database that has served before, without a witness, came from elsewhere")
	}
}

// A device says that it let go of a patient: it stands in the audit once, and only when it is so.
func TestAnErasureIsConfirmed(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	erased := func(who string, patients ...string) int {
		a := h.Do(who, "POST", "/api/sync/exchange", map[string]any{"device": "device-of-" + who, "schema": 1, "as": "staff", "erased": patients})
		if a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Text)
		}
		var n int
		check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM audit_events WHERE action='erase'").Row(&n))
		return n
	}
	if n := erased("thera", annas); n != 0 {
		t.Errorf("%d: she still cares for her", n)
	}
	if n := erased("sid", annas, "nobody000000000"); n != 0 {
		t.Errorf("%d: a stranger has nothing to erase", n)
	}
	_, err := h.App.DB().NewQuery("UPDATE care_links SET until='2026-02-01 10:00:00.000Z' WHERE member={:m} AND patient={:p} AND until=''").
		Bind(dbx.Params{"m": hookstest.ID("thera"), "p": annas}).Execute()
	check(t, err)
	for range 2 {
		if n := erased("thera", annas); n != 1 {
			t.Errorf("%d lines", n)
		}
	}
	for device, want := range map[string]int{"": 400, "melon-of-thera": 200} {
		a := watermelonSend(t, h, "thera", "GET", "/api/sync/watermelon?as=staff", map[string]string{"X-Device-Id": device, "X-Sync-Erased": annas + ",nobody000000000"}, nil)
		if a.Status != want {
			t.Errorf("%q: %d %s", device, a.Status, a.Text)
		}
	}
	var by []string
	check(t, h.App.DB().NewQuery("SELECT record FROM audit_events WHERE action='erase' ORDER BY seq").Column(&by))
	if fmt.Sprint(by) != "[device-of-thera melon-of-thera]" {
		t.Errorf("the audit names %v", by)
	}
	long := make([]string, 1001)
	for i := range long {
		long[i] = fmt.Sprint("patient", i)
	}
	if a := h.Do("thera", "POST", "/api/sync/exchange", map[string]any{"device": "device-of-thera", "erased": long}); !a.Has("E_LIMIT") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
}

// A former member's device that starts over sends all it has; only what it had not sent yet is for the new team.
func TestOnlyUnsentWorkIsHandedOver(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	row := stored(t, h, "phone-one", newAttack(oneAttack), nil)
	other := stored(t, h, "phone-one", newAttack("attackofanna002"), nil)
	_, err := h.App.DB().NewQuery("UPDATE care_links SET until='2026-02-01 10:00:00.000Z' WHERE member={:m} AND until=''").Bind(dbx.Params{"m": hookstest.ID("thera")}).Execute()
	check(t, err)
	other = maps.Clone(other)
	other["note"] = "she called"
	a := h.Do("thera", "POST", "/api/sync/exchange", map[string]any{"device": "device-of-thera", "as": "staff", "push": []any{
		map[string]any{"n": 1, "collection": "attacks", "base": nil, "state": row},
		map[string]any{"n": 2, "collection": "attacks", "base": nil, "state": other}}})
	expectVerdicts(t, a, "handedOver", "handedOver")
	if r := a.Body["revoked"].([]any); len(r) == 0 || r[0].(map[string]any)["handedOver"] != 1.0 {
		t.Errorf("she is told %v", a.Body["revoked"])
	}
	c := theConflict(t, h, "anna")
	if c["kind"] != "handed_over" || c["doc"] != "attackofanna002" {
		t.Errorf("the new team reads %v", c)
	}
}

// What was erased for good does not come back, by any way.
func TestAnErasedRecordStaysErased(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	row := stored(t, h, "phone-one", newAttack(oneAttack), map[string]any{"note": "nobody shall know"})
	record, err := h.App.FindRecordById("attacks", oneAttack)
	check(t, err)
	check(t, h.App.Delete(record))
	_, err = h.App.DB().NewQuery("UPDATE sync_log SET op='E' WHERE doc='" + oneAttack + "' AND audience=''").Execute()
	check(t, err)
	row = maps.Clone(row)
	row["note"] = "and more"
	doc := expectVerdicts(t, startingOver(t, h, "phone-two", row), "unchanged")[0]["doc"].(map[string]any)
	if doc["_deleted"] != true || doc["note"] != "" || countConflicts(t, h) != 0 {
		t.Errorf("the phone gets %v, %d conflicts", doc, countConflicts(t, h))
	}
	a := h.Do("anna", "POST", "/api/collections/attacks/records", newAttack(oneAttack))
	if a.Status != 422 || !a.Has("E_ERASED") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
}

// A device that deletes what the server itself told it is deleted says nothing new.
func TestATombstoneSentBack(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	row := stored(t, h, "phone-one", newAttack(oneAttack), nil)
	dead := stored(t, h, "phone-one", row, map[string]any{"_deleted": true})
	stored(t, h, "phone-two", newAttack(oneAttack), map[string]any{"note": "again"})
	doc := expectVerdicts(t, startingOver(t, h, "phone-three", dead), "unchanged")[0]["doc"].(map[string]any)
	if doc["note"] != "again" || countConflicts(t, h) != 0 {
		t.Errorf("%v", doc)
	}
}

// A device is emptied when the right ends, and starts the same row anew when it has the right again, before it has
// heard of its own old words: they are not taken for seen.
func TestOwnWordsThatWereErasedHereAreNotSeen(t *testing.T) {
	t.Parallel()
	send := func(h *hookstest.House, n int, pain float64) hookstest.Answer {
		row := newAttack(oneAttack)
		row["peak_nrs"] = pain
		last := h.Do("thera", "POST", "/api/sync/exchange", map[string]any{"device": "device-of-thera", "as": "staff"})
		return h.Do("thera", "POST", "/api/sync/exchange", map[string]any{"device": "device-of-thera", "as": "staff", "ack": last.Body["ack"],
			"push": []any{map[string]any{"n": n, "collection": "attacks", "base": nil, "state": row}}})
	}
	for name, emptied := range map[string]func(h *hookstest.House) *hookstest.House{
		"she left and came back": func(h *hookstest.House) *hookstest.House {
			_, err := h.App.DB().NewQuery("UPDATE care_links SET until='2026-02-01 10:00:00.000Z' WHERE member={:m} AND until=''").Bind(dbx.Params{"m": hookstest.ID("thera")}).Execute()
			check(t, err)
			save(t, h.App, "care_links", "", map[string]any{"patient": annas, "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-02-02 10:00:00.000Z"})
			return h
		},
		"a restore lost that she had left": func(h *hookstest.House) *hookstest.House {
			backup := h.Backup()
			save(t, h.App, "attacks", "attackofanna009", map[string]any{"patient": annas, "started_at": "2026-01-21 10:00:00.000Z"})
			return h.Restored(backup)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := hookstest.New(t)
			expectVerdicts(t, send(h, 1, 4), "applied")
			h = emptied(h)
			doc := expectVerdicts(t, send(h, 2, 8), "conflict")[0]["doc"].(map[string]any)
			if doc["peak_nrs"] != 4.0 {
				t.Errorf("the row says %v", doc["peak_nrs"])
			}
			if lost := theConflict(t, h, "anna")["detail"].(map[string]any)["peak_nrs"].(map[string]any)["lost"]; lost != 8.0 {
				t.Errorf("kept: %v", lost)
			}
		})
	}
}

// A lost version cannot come back, because what it belongs to is gone. Its words stay with the phone, which is told why.
func TestALostVersionWhoseOwnerIsGone(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	push := func(entries ...any) hookstest.Answer {
		return h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": "phone-one", "schema": 1, "push": entries})
	}
	reading := map[string]any{"id": "readingofanna01", "patient": annas, "attack": oneAttack, "at": "2026-01-20 11:00:00.000Z", "nrs": 4.0}
	expectVerdicts(t, push(map[string]any{"n": 1, "collection": "attacks", "base": nil, "state": newAttack(oneAttack)},
		map[string]any{"n": 2, "collection": "attack_readings", "base": nil, "state": reading}), "applied", "applied")
	backup := h.Backup()
	first := push(map[string]any{"n": 3, "collection": "attack_readings", "base": nil, "state": reading})
	known := expectVerdicts(t, first, "unchanged")[0]["doc"].(map[string]any)
	worse := maps.Clone(known)
	worse["nrs"] = 9.0
	ahead := expectVerdicts(t, push(map[string]any{"n": 4, "collection": "attack_readings", "base": known, "state": worse}), "applied")[0]["doc"].(map[string]any)

	h = h.Restored(backup)
	if a := h.Do("thera", "DELETE", "/api/collections/attacks/records/"+oneAttack, nil); a.Status != 204 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	expectVerdicts(t, push(map[string]any{"n": 5, "collection": "attack_readings", "base": ahead, "state": ahead}), "refused")
}

package hooks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/hookstest"
)

var annas = hookstest.ID("anna")

const oneAttack = "attackofanna001"

// attack is what a phone says of one.
func attackOf(who string, more map[string]any) map[string]any {
	out := map[string]any{"patient": hookstest.ID(who), "started_at": "2026-01-20T14:00:00.000Z", "started_offset": -300,
		"tz": "America/New_York", "peak_nrs": 7, "source": "phone"}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// verdictsOf lists the verdicts of an answer in order.
func verdictsOf(a hookstest.Answer) (out []map[string]any) {
	for _, v := range a.Body["verdicts"].([]any) {
		out = append(out, v.(map[string]any))
	}
	return out
}

// expectVerdicts compares them as words.
func expectVerdicts(t *testing.T, a hookstest.Answer, want ...string) []map[string]any {
	t.Helper()
	got := verdictsOf(a)
	var words []string
	for _, v := range got {
		words = append(words, v["verdict"].(string))
	}
	if !slices.Equal(words, want) {
		t.Fatalf("verdicts are %v, not %v: %s", words, want, a.Text)
	}
	return got
}

// conflicts lists sync_conflicts as `kind collection/doc detail`.
func conflicts(t *testing.T, h *hookstest.House) (out []string) {
	t.Helper()
	var rows []struct{ Kind, Col, Doc, Detail string }
	check(t, h.App.DB().Select("kind", "col", "doc", "detail").From("sync_conflicts").OrderBy("id").All(&rows))
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %s/%s %s", r.Kind, r.Col, r.Doc, r.Detail))
	}
	return out
}

func newest(t *testing.T, h *hookstest.House) (n int64) {
	t.Helper()
	check(t, h.App.DB().NewQuery("SELECT seq FROM sqlite_sequence WHERE name='sync_log'").Row(&n))
	return n
}

func TestExchangeAnAttackReachesTheTherapist(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	anna, thera := h.Phone("anna"), h.Phone("thera")
	thera.As = "staff"
	anna.Put("attacks", oneAttack, attackOf("anna", nil))
	anna.Sync()
	thera.Sync()
	if row := thera.Row("attacks", oneAttack); row == nil || row["peak_nrs"] != 7.0 {
		t.Fatalf("the therapist has %v", row)
	}
	if anna.Waiting() != 0 {
		t.Fatalf("still waiting: %v %v", anna.Waiting(), anna.Refused("attacks", oneAttack))
	}
	var n int
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM audit_events WHERE action='read' AND collection='sync' AND actor='"+hookstest.ID("thera")+"'").Row(&n))
	if n != 1 {
		t.Errorf("%d lines in the audit tell that the therapist read the diary", n)
	}
}

// Two phones without signal, different questions about the same day.
func TestExchangeKeepsTheAnswersOfTwoPhones(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone, tablet := h.Phone("anna"), h.Phone("anna")
	day := annas + "20260105"
	phone.Put("diary_days", day, map[string]any{"patient": annas, "day": "2026-01-05", "headache": true, "entered_at": "2026-01-05T20:00:00.000Z"})
	tablet.Put("diary_days", day, map[string]any{"patient": annas, "day": "2026-01-05", "neck_pain_nrs": 0, "entered_at": "2026-01-05T21:00:00.000Z"})
	phone.Sync()
	answer := tablet.Send(500)
	expectVerdicts(t, answer, "merged")
	tablet.Take(answer)
	phone.Sync()
	for _, p := range []*hookstest.Phone{phone, tablet} {
		if row := p.Row("diary_days", day); row["headache"] != true || row["neck_pain_nrs"] != 0.0 || row["stress"] != nil {
			t.Errorf("%s has %v", p.Device, row)
		}
	}
	// the other time of entry is no quarrel, and not gone either
	if kept := conflicts(t, h); len(kept) != 1 || !strings.HasPrefix(kept[0], "quiet ") || !strings.Contains(kept[0], "21:00:00") {
		t.Errorf("kept: %v", kept)
	}
}

func TestExchangeOfOneFieldChangedTwice(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone, tablet := h.Phone("anna"), h.Phone("anna")
	phone.Put("attacks", oneAttack, attackOf("anna", nil))
	phone.Sync()
	tablet.Sync()
	phone.Put("attacks", oneAttack, map[string]any{"peak_nrs": 9, "note": "left side"})
	tablet.Put("attacks", oneAttack, map[string]any{"peak_nrs": 4, "nausea": true})
	phone.Sync()
	verdict := expectVerdicts(t, tablet.Send(500), "conflict")[0]
	if fmt.Sprint(verdict["fields"]) != "[peak_nrs]" {
		t.Errorf("fields are %v", verdict["fields"])
	}
	doc := verdict["doc"].(map[string]any)
	if doc["peak_nrs"] != 9.0 || doc["nausea"] != true || doc["note"] != "left side" {
		t.Errorf("the row is %v", doc)
	}
	seq := newest(t, h)
	answer := tablet.Send(500) // the answer got lost
	expectVerdicts(t, answer, "unchanged")
	tablet.Put("attacks", oneAttack, map[string]any{"vomiting": false}) // and goes on, under a new number
	answer = tablet.Send(500)
	expectVerdicts(t, answer, "merged")
	tablet.Take(answer)
	phone.Sync()
	if newest(t, h) != seq+1 {
		t.Errorf("%d new numbers for one change", newest(t, h)-seq)
	}
	for _, p := range []*hookstest.Phone{phone, tablet} {
		if row := p.Row("attacks", oneAttack); row["peak_nrs"] != 9.0 || row["nausea"] != true || row["vomiting"] != false {
			t.Errorf("%s has %v", p.Device, row)
		}
	}
	if kept := conflicts(t, h); len(kept) != 1 || kept[0] != `conflict attacks/`+oneAttack+` {"peak_nrs":{"base":7,"lost":4,"kept":9}}` {
		t.Errorf("kept: %v", kept)
	}
}

// The answer got lost, and another phone was here before the repeat.
func TestExchangeRepeatedChangesNothing(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone, tablet := h.Phone("anna"), h.Phone("anna")
	phone.Put("attacks", oneAttack, attackOf("anna", nil))
	expectVerdicts(t, phone.Send(500), "applied")
	for range 3 {
		before := h.Dump()
		expectVerdicts(t, phone.Send(500), "unchanged")
		if h.Dump() != before {
			t.Fatal("a repeat changed something")
		}
	}
	tablet.Sync()
	tablet.Put("attacks", oneAttack, map[string]any{"peak_nrs": 9})
	tablet.Sync()
	before := h.Dump()
	verdict := expectVerdicts(t, phone.Send(500), "unchanged")[0]
	if h.Dump() != before || verdict["doc"].(map[string]any)["peak_nrs"] != 9.0 {
		t.Errorf("the older state came back: %v", verdict["doc"])
	}
	// more words on top of it, while the phone still knows nothing of any answer
	phone.Put("attacks", oneAttack, map[string]any{"note": "left side"})
	answer := phone.Send(500)
	expectVerdicts(t, answer, "merged")
	phone.Take(answer)
	if row := phone.Row("attacks", oneAttack); row["peak_nrs"] != 9.0 || row["note"] != "left side" {
		t.Errorf("the phone has %v", row)
	}
	if kept := conflicts(t, h); len(kept) != 0 {
		t.Errorf("a quarrel about nothing: %v", kept)
	}
}

// A request that was under way for a long time, behind a newer one.
func TestExchangeIgnoresAnOvertakenEntry(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	anna := h.Phone("anna")
	anna.Put("attacks", oneAttack, attackOf("anna", nil))
	late := anna.Request(500)
	anna.Put("attacks", oneAttack, map[string]any{"peak_nrs": 3})
	anna.Sync()
	before := h.Dump()
	expectVerdicts(t, h.Do("anna", "POST", "/api/sync/exchange", late), "unchanged")
	if h.Dump() != before {
		t.Error("the overtaken entry changed something")
	}

	// a change and back again: the last request says the same as the first, and the one between comes last
	words := attackOf("anna", map[string]any{"id": "attackofanna002"})
	other := attackOf("anna", map[string]any{"id": "attackofanna002", "peak_nrs": 1})
	push := func(n int, state map[string]any) hookstest.Answer {
		return h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": "tablet-of-anna", "limit": 1,
			"push": []any{map[string]any{"n": n, "collection": "attacks", "base": nil, "state": state}}})
	}
	expectVerdicts(t, push(1, words), "applied")
	before = h.Dump()
	expectVerdicts(t, push(3, words), "unchanged")
	expectVerdicts(t, push(2, other), "unchanged")
	if h.Dump() != before {
		t.Error("the entry between changed something")
	}
}

// A day entered, removed elsewhere, and entered again in the same words, is a new day.
func TestExchangeOfARowMadeAgain(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone, tablet := h.Phone("anna"), h.Phone("anna")
	day, words := annas+"20260105", map[string]any{"patient": annas, "day": "2026-01-05", "headache": true}
	phone.Put("diary_days", day, words)
	phone.Sync()
	tablet.Sync()
	tablet.Delete("diary_days", day)
	tablet.Sync()
	phone.Sync()
	if row := phone.Row("diary_days", day); row != nil {
		t.Fatalf("the phone still has %v", row)
	}
	phone.Put("diary_days", day, words)
	expectVerdicts(t, phone.Send(500), "applied")
	tablet.Sync()
	if row := tablet.Row("diary_days", day); row["headache"] != true {
		t.Errorf("the tablet has %v", row)
	}
}

func TestExchangeOfADelete(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone, tablet := h.Phone("anna"), h.Phone("anna")
	phone.Put("attacks", oneAttack, attackOf("anna", map[string]any{"note": "a secret"}))
	phone.Sync()
	tablet.Sync()
	phone.Delete("attacks", oneAttack)
	phone.Sync()
	answer := tablet.Send(500)
	var doc map[string]any
	for _, c := range answer.Body["changes"].([]any) {
		if c := c.(map[string]any); c["collection"] == "attacks" {
			doc = c["doc"].(map[string]any)
		}
	}
	if doc["_deleted"] != true || doc["id"] != oneAttack || doc["patient"] != annas || doc["rev"] == "" {
		t.Errorf("the tombstone is %v", doc)
	}
	for field, value := range doc {
		if value != nil && value != "" && value != 0.0 && value != false && !slices.Contains([]string{"id", "patient", "rev", "_deleted"}, field) {
			t.Errorf("the tombstone holds %s: %v", field, value)
		}
	}
	tablet.Take(answer)
	if row := tablet.Row("attacks", oneAttack); row != nil {
		t.Errorf("the tablet has %v", row)
	}
	before := h.Dump()
	expectVerdicts(t, tablet.Send(500))
	phone.Sync()
	if h.Dump() != before {
		t.Error("a delete goes on making news")
	}
}

func TestExchangeOfADeleteAndAnEdit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		first, second func(*hookstest.Phone)
		verdict, kind string
	}{
		{"the delete comes second", edit, remove, "conflict", "delete_lost"},
		{"the edit comes second", remove, edit, "applied", "resurrected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := hookstest.New(t)
			phone, tablet := h.Phone("anna"), h.Phone("anna")
			phone.Put("attacks", oneAttack, attackOf("anna", nil))
			phone.Sync()
			tablet.Sync()
			c.first(phone)
			c.second(tablet)
			phone.Sync()
			answer := tablet.Send(500)
			expectVerdicts(t, answer, c.verdict)
			tablet.Take(answer)
			phone.Sync()
			for _, p := range []*hookstest.Phone{phone, tablet} {
				if row := p.Row("attacks", oneAttack); row["peak_nrs"] != 10.0 || row["started_offset"] != -300.0 {
					t.Errorf("%s has %v", p.Device, row)
				}
			}
			if kept := conflicts(t, h); len(kept) != 1 || !strings.HasPrefix(kept[0], c.kind) {
				t.Errorf("kept: %v", kept)
			}
		})
	}
}

func edit(p *hookstest.Phone)   { p.Put("attacks", oneAttack, map[string]any{"peak_nrs": 10}) }
func remove(p *hookstest.Phone) { p.Delete("attacks", oneAttack) }

// Every limit shows the same rows in the same order, and only the last page is short.
func TestExchangeInPages(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	anna := h.Phone("anna")
	for i := range 8 {
		anna.Put("attacks", fmt.Sprintf("attackofanna1%02d", i), attackOf("anna", nil))
	}
	anna.Sync()
	anna.Delete("attacks", "attackofanna103")
	anna.Put("attacks", "attackofanna104", map[string]any{"peak_nrs": 1})
	anna.Sync()
	pages := func(who, as string, limit int) (all []string) {
		t.Helper()
		p := h.Phone(who)
		p.As = as
		for more := true; more; {
			answer := p.Send(limit)
			changes := answer.Body["changes"].([]any)
			for _, c := range changes {
				c := c.(map[string]any)
				doc := c["doc"].(map[string]any)
				all = append(all, fmt.Sprint(c["collection"], doc["id"], doc["rev"], doc["_deleted"]))
			}
			if more = p.Take(answer); more && len(changes) != limit {
				t.Fatalf("limit %d: a page of %d with more to come", limit, len(changes))
			}
		}
		return all
	}
	for who, as := range map[string]string{"anna": "", "thera": "staff"} {
		want := pages(who, as, 1000)
		if len(want) < 15 {
			t.Fatalf("%s sees %d rows", who, len(want))
		}
		for limit := 1; limit <= len(want)+1; limit++ {
			if got := pages(who, as, limit); !slices.Equal(got, want) {
				t.Errorf("%s, limit %d: %v, not %v", who, limit, got, want)
			}
		}
	}
}

// A position that this database never handed out: nothing is applied, and the phone starts over. All
// its rows come again without a base, each with the rev it started from.
func TestExchangeAfterAReset(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone, tablet := h.Phone("anna"), h.Phone("anna")
	phone.Put("attacks", oneAttack, attackOf("anna", nil))
	phone.Put("attacks", "attackofanna002", attackOf("anna", nil))
	phone.Sync()
	tablet.Sync()
	tablet.Put("attacks", oneAttack, map[string]any{"peak_nrs": 9})
	tablet.Sync()
	phone.Put("attacks", oneAttack, map[string]any{"note": "left side"})

	var epoch string
	check(t, h.App.DB().NewQuery("SELECT epoch FROM sync_epoch ORDER BY ord DESC LIMIT 1").Row(&epoch))
	request := phone.Request(500)
	before := h.Dump()
	for _, field := range []string{"cursor", "ack"} {
		for _, position := range []map[string]any{{"epoch": "ofanotherserver", "seq": 1}, {"epoch": epoch, "seq": newest(t, h) + 1}} {
			good := request[field]
			request[field] = position
			a := h.Do("anna", "POST", "/api/sync/exchange", request)
			reset, _ := a.Body["data"].(map[string]any)["E_SYNC_RESET"].(map[string]any)
			if a.Status != 409 || reset == nil || reset["params"].(map[string]any)["epoch"] != epoch {
				t.Errorf("%s %v: %d %s", field, position, a.Status, a.Text)
			}
			request[field] = good
		}
	}
	if h.Dump() != before {
		t.Error("something was applied")
	}
	request["cursor"], request["ack"] = nil, nil
	var push []map[string]any
	for i, row := range phone.Rows("attacks") {
		push = append(push, map[string]any{"n": 100 + i, "collection": "attacks", "base": nil, "state": row})
	}
	request["push"] = push
	a := h.Do("anna", "POST", "/api/sync/exchange", request)
	doc := expectVerdicts(t, a, "merged", "unchanged")[0]["doc"].(map[string]any)
	if doc["peak_nrs"] != 9.0 || doc["note"] != "left side" {
		t.Errorf("the row is %v", doc)
	}
	if kept := conflicts(t, h); len(kept) != 0 {
		t.Errorf("the rev names the ancestor, so there is no quarrel: %v", kept)
	}
}

func TestExchangeAsAWhole(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	body := func(change func(map[string]any)) map[string]any {
		out := map[string]any{"device": "phone-of-anna", "schema": 1, "cursor": nil, "ack": nil, "limit": 500, "push": []any{}}
		change(out)
		return out
	}
	attack := map[string]any{"n": 1, "collection": "attacks", "base": nil, "state": attackOf("anna", map[string]any{"id": oneAttack})}
	user, err := h.App.FindRecordById("users", annas)
	check(t, err)
	expired, err := user.NewStaticAuthToken(time.Nanosecond)
	check(t, err)
	root := h.Token("root")
	before := h.Dump()
	for _, c := range []struct {
		name, token string
		body        any
		status      int
		code        string
	}{
		{"no token", "", body(func(map[string]any) {}), 401, "E_SIGNED_OUT"},
		{"an expired token", expired, body(func(map[string]any) {}), 401, "E_SIGNED_OUT"},
		{"a token of nobody", "abc", body(func(map[string]any) {}), 401, "E_SIGNED_OUT"},
		{"a superuser keeps no diary", root, body(func(map[string]any) {}), 401, "E_SIGNED_OUT"},
		{"not JSON", h.Token("anna"), "attack", 400, "E_JSON"},
		{"half of it", h.Token("anna"), `{"device":"phone-of-anna","push":[`, 400, "E_JSON"},
		{"a list", h.Token("anna"), "[]", 400, "E_JSON"},
		{"no list of entries", h.Token("anna"), body(func(b map[string]any) { b["push"] = "attack" }), 400, "E_JSON"},
		{"nothing", h.Token("anna"), "", 400, "E_DEVICE"},
		{"no device", h.Token("anna"), body(func(b map[string]any) { delete(b, "device") }), 400, "E_DEVICE"},
		{"a page too large", h.Token("anna"), body(func(b map[string]any) { b["limit"] = 1001 }), 400, "E_LIMIT"},
		{"as the queen", h.Token("anna"), body(func(b map[string]any) { b["as"] = "queen" }), 400, "E_CAPACITY"},
		{"an app that is newer", h.Token("anna"), body(func(b map[string]any) { b["schema"] = 2 }), 426, "E_SCHEMA"},
		{"too many entries", h.Token("anna"), body(func(b map[string]any) { b["push"] = slices.Repeat([]any{attack}, 1001) }), 413, "E_TOO_LARGE"},
		{"too many bytes", h.Token("anna"), body(func(b map[string]any) { b["push"] = []any{attack}; b["more"] = strings.Repeat("x", 8<<20) }), 413, "E_TOO_LARGE"},
	} {
		a := h.DoWith(c.token, "POST", "/api/sync/exchange", c.body)
		if a.Status != c.status || !a.Has(c.code) || a.Body["message"] == "" {
			t.Errorf("%s: %d %.300s", c.name, a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("something was applied")
	}
	unknown := map[string]any{"n": 1, "collection": "migraines", "state": map[string]any{"id": oneAttack}}
	a := h.Do("anna", "POST", "/api/sync/exchange", body(func(b map[string]any) { b["push"] = append(slices.Repeat([]any{unknown}, 999), attack) }))
	if words := verdictsOf(a); a.Status != 200 || len(words) != 1000 || words[998]["verdict"] != "refused" || words[999]["verdict"] != "applied" {
		t.Errorf("a thousand entries: %d %.300s", a.Status, a.Text)
	}
}

// One bad entry stays on the phone with the reason, changes nothing, and stops no other.
func TestExchangeRefusesOneEntryAlone(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	save(t, h.App, "attacks", hookstest.ID("cleosattack"), map[string]any{"patient": hookstest.ID("cleo"), "started_at": "2026-01-10 11:00:00.000Z"})
	save(t, h.App, "attacks", hookstest.ID("annasattack"), map[string]any{"patient": annas, "started_at": "2026-01-10 11:00:00.000Z"})
	plan := save(t, h.App, "plans", "", map[string]any{"patient": annas, "clinic": hookstest.ID("north"), "episode": "1", "state": "draft"})
	gone := save(t, h.App, "attacks", hookstest.ID("gone"), map[string]any{"patient": annas, "started_at": "2026-01-10 11:00:00.000Z"})
	check(t, h.App.Delete(gone))
	consent, err := h.App.FindFirstRecordByFilter("consents", "patient={:p} && family='diary'", dbx.Params{"p": annas})
	check(t, err)
	h.App.OnRecordCreate("triggers").BindFunc(func(e *core.RecordEvent) error { return errors.New("a fault of ours") })

	attack := func(more map[string]any) map[string]any {
		out := attackOf("anna", map[string]any{"id": "badattackofanna"})
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	n := 0
	entry := func(collection string, state any) map[string]any {
		n++
		return map[string]any{"n": n, "collection": collection, "base": nil, "state": state}
	}
	push := func(entries ...any) hookstest.Answer {
		t.Helper()
		return h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": "phone-of-anna", "schema": 1, "limit": 1, "push": entries})
	}
	before := h.Dump()
	var mixed []any
	var words []string
	for i, c := range []struct {
		name, collection string
		state            any
		code             string
	}{
		{"a bad value", "attacks", attack(map[string]any{"peak_nrs": 11}), "E_VALUE"},
		{"two bad values", "attacks", attack(map[string]any{"peak_nrs": 11, "nausea": 3}), "E_VALUE"},
		{"no such collection", "migraines", attack(nil), "E_COLLECTION"},
		{"a collection that is not synced", "users", attack(nil), "E_COLLECTION"},
		{"no collection", "", attack(nil), "E_COLLECTION"},
		{"no such field", "attacks", attack(map[string]any{"colour": "red"}), "E_FIELD"},
		{"a number for text", "attacks", attack(map[string]any{"note": 5}), "E_TYPE"},
		{"a number for an instant", "attacks", attack(map[string]any{"started_at": 5}), "E_TYPE"},
		{"a word for an instant", "attacks", attack(map[string]any{"started_at": "yesterday"}), "E_TYPE"},
		{"text for a score", "attacks", attack(map[string]any{"peak_nrs": "7"}), "E_TYPE"},
		{"a list for a score", "attacks", attack(map[string]any{"peak_nrs": []int{7}}), "E_VALUE"},
		{"a missing required field", "attacks", map[string]any{"id": "badattackofanna", "patient": annas}, "E_VALUE"},
		{"a short id", "attacks", attack(map[string]any{"id": "short"}), "E_ID"},
		{"an id with a quote", "attacks", attack(map[string]any{"id": "badattackofann'"}), "E_ID"},
		{"an id that is a number", "attacks", attack(map[string]any{"id": 123456789012345}), "E_ID"},
		{"no state", "attacks", nil, "E_JSON"},
		{"a state that is a word", "attacks", "attack", "E_JSON"},
		{"a day's row under another id", "diary_days", map[string]any{"id": annas + "20260106", "patient": annas, "day": "2026-01-05"}, "E_ID"},
		{"somebody else's diary", "attacks", attack(map[string]any{"patient": hookstest.ID("cleo")}), "E_FORBIDDEN"},
		{"somebody else's row", "attacks", attack(map[string]any{"id": hookstest.ID("cleosattack")}), "E_FORBIDDEN"},
		{"nobody's diary", "attacks", attack(map[string]any{"patient": "nobodyatall0000"}), "E_FORBIDDEN"},
		{"an own row for somebody else", "attacks", attack(map[string]any{"id": hookstest.ID("annasattack"), "patient": hookstest.ID("cleo")}), "E_SCOPE_FIXED"},
		{"an own deleted row for somebody else", "attacks", attack(map[string]any{"id": gone.Id, "patient": hookstest.ID("cleo")}), "E_SCOPE_FIXED"},
		{"a plan", "plans", map[string]any{"id": plan.Id, "patient": annas, "state": "active"}, "E_READ_ONLY"},
		{"a new plan", "plans", map[string]any{"id": "planofannasown1", "patient": annas, "clinic": hookstest.ID("north"), "episode": "9", "state": "active"}, "E_READ_ONLY"},
		{"the patient's own card", "patients", map[string]any{"id": annas, "name": "Hannah"}, "E_READ_ONLY"},
		{"an exercise", "exercises", map[string]any{"id": "exerciseofanna1", "patient": annas, "name": "Yoga"}, "E_READ_ONLY"},
		{"a consent deleted", "consents", map[string]any{"id": consent.Id, "patient": annas, "_deleted": true}, "E_READ_ONLY"},
		{"the year 9999", "attacks", attack(map[string]any{"started_at": "9999-01-01T10:00:00.000Z"}), "E_TIME_FUTURE"},
		{"it ends before it starts", "attacks", attack(map[string]any{"ended_at": "2026-01-20T13:59:00.000Z"}), "E_END_BEFORE_START"},
		{"a reading of a missing attack", "attack_readings", map[string]any{"id": "readingofanna01", "patient": annas, "attack": "nosuchattack000", "at": "2026-01-20T14:30:00.000Z", "nrs": 5}, "E_VALUE"},
		{"a reading of somebody's attack", "attack_readings", map[string]any{"id": "readingofanna01", "patient": annas, "attack": hookstest.ID("cleosattack"), "at": "2026-01-20T14:30:00.000Z", "nrs": 5}, "E_SCOPE"},
		{"a fault of ours", "triggers", map[string]any{"id": "triggerofanna01", "patient": annas, "name": "Wine", "kind": "yes_no"}, "E_NOT_STORED"},
	} {
		verdict := expectVerdicts(t, push(entry(c.collection, c.state)), "refused")[0]
		data, _ := verdict["data"].(map[string]any)
		told, _ := data[c.code].(map[string]any)
		if told == nil || told["code"] != c.code || told["severity"] != "HARD" || told["message"] == "" || verdict["message"] == "" {
			t.Errorf("%s: %v", c.name, verdict)
		}
		if h.Dump() != before {
			t.Fatalf("%s changed something", c.name)
		}
		mixed = append(mixed, entry(c.collection, c.state), entry("attacks", attack(map[string]any{"id": fmt.Sprintf("goodattack%05d", i)})))
		words = append(words, "refused", "applied")
	}
	expectVerdicts(t, push(mixed...), words...)
	good, err := h.App.CountRecords("attacks", dbx.NewExp("id LIKE 'goodattack%'"))
	check(t, err)
	if int(good) != len(words)/2 {
		t.Errorf("%d of %d good entries are there", good, len(words)/2)
	}
	for code, bad := range map[string]any{"E_JSON": "attack", "E_NUMBER": map[string]any{"n": -5, "collection": "attacks", "state": attack(nil)}} {
		if data := expectVerdicts(t, push(bad), "refused")[0]["data"].(map[string]any); data[code] == nil {
			t.Errorf("%v: %v", bad, data)
		}
	}
	verdict := expectVerdicts(t, push(entry("plans", map[string]any{"id": plan.Id, "patient": annas, "state": "active"})), "refused")[0]
	if verdict["doc"].(map[string]any)["state"] != "draft" {
		t.Errorf("a refusal shows what the server has: %v", verdict)
	}
}

// A row that others refer to goes after them; until then its delete stays on the phone.
func TestExchangeOfADeleteInUse(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	anna := h.Phone("anna")
	anna.Put("medications", "medicineofanna1", map[string]any{"patient": annas, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"})
	anna.Put("medication_doses", "doseofanna00001", map[string]any{"patient": annas, "medication": "medicineofanna1", "taken_at": "2026-01-10T11:00:00.000Z"})
	anna.Sync()
	anna.Delete("medications", "medicineofanna1")
	anna.Put("attacks", oneAttack, attackOf("anna", nil))
	answer := anna.Send(500)
	data := expectVerdicts(t, answer, "applied", "refused")[1]["data"].(map[string]any) // removals go last
	if data["E_IN_USE"] == nil {
		t.Errorf("refused for %v", data)
	}
	anna.Take(answer)
	anna.Delete("medication_doses", "doseofanna00001")
	anna.Delete("medications", "medicineofanna1")
	expectVerdicts(t, anna.Send(500), "applied", "applied")
}

// The numbers of a phone may jump; the verdicts come in their order, a parent before its child.
func TestExchangeInTheOrderOfNumbers(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	push := []map[string]any{
		{"n": 9_007_199_254_740_000, "collection": "attack_readings", "state": map[string]any{"id": "readingofanna01", "patient": annas, "attack": oneAttack, "at": "2026-01-20T14:30:00.000Z", "nrs": 5}},
		{"n": 5, "collection": "attacks", "state": attackOf("anna", map[string]any{"id": oneAttack})},
	}
	a := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": "phone-of-anna", "push": push})
	got := expectVerdicts(t, a, "applied", "applied")
	if got[0]["n"] != 5.0 || got[1]["n"] != 9_007_199_254_740_000.0 {
		t.Errorf("verdicts are %v", got)
	}
	body, _ := json.Marshal(a.Body["changes"])
	if !strings.Contains(string(body), "readingofanna01") {
		t.Errorf("own writes come back: %s", body)
	}
}

// Somebody adds to an attack while its patient deletes it offline. What was never seen is not deleted.
func TestADeleteSparesWhatWasNeverSeen(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	attack := stored(t, h, "phone-one", newAttack(oneAttack), nil)
	push := func(device string, cursor any, n int, collection string, base any, state map[string]any) hookstest.Answer {
		return h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": device, "cursor": cursor,
			"push": []any{map[string]any{"n": n, "collection": collection, "base": base, "state": state}}})
	}
	cursor := push("phone-one", nil, 0, "attacks", nil, nil).Body["cursor"]
	reading := map[string]any{"id": "readingofanna01", "patient": annas, "attack": oneAttack, "at": "2026-01-20 15:00:00.000Z", "nrs": 6}
	expectVerdicts(t, push("phone-two", nil, 1, "attack_readings", nil, reading), "applied")

	gone := map[string]any{"id": oneAttack, "patient": annas, "_deleted": true}
	expectVerdicts(t, push("phone-one", cursor, 5000, "attacks", attack, gone), "conflict")
	c := theConflict(t, h, "anna")
	if c["kind"] != "delete_lost" {
		t.Errorf("kept %v", c)
	}
	if _, err := h.App.FindRecordById("attack_readings", "readingofanna01"); err != nil {
		t.Error("the reading went")
	}
	cursor = push("phone-one", nil, 0, "attacks", nil, nil).Body["cursor"] // it hears of the reading, and means it
	expectVerdicts(t, push("phone-one", cursor, 5001, "attacks", attack, gone), "applied")
	if _, err := h.App.FindRecordById("attack_readings", "readingofanna01"); err == nil {
		t.Error("the reading stayed")
	}
}

// What a device made itself it has seen.
func TestADeleteTakesItsOwnAlong(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	anna := h.Phone("anna")
	anna.Put("attacks", oneAttack, attackOf("anna", nil))
	anna.Put("attack_readings", "readingofanna01", map[string]any{"patient": annas, "attack": oneAttack, "at": "2026-01-20T15:00:00.000Z", "nrs": 6})
	anna.Send(500) // the answer gets lost
	a := h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": anna.Device,
		"push": []any{map[string]any{"n": 5000, "collection": "attacks", "base": nil, "state": map[string]any{"id": oneAttack, "patient": annas, "_deleted": true}}}})
	expectVerdicts(t, a, "applied")
}

// What a verdict shows is what the next pull brings, of every collection that a patient writes.
func TestAVerdictShowsTheRowAsItIsStored(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "anna")
	request := map[string]any{"device": "phone-of-anna-1", "schema": 1}
	push := []any{}
	for _, c := range h.Do("anna", "POST", "/api/sync/exchange", request).Body["changes"].([]any) {
		change := c.(map[string]any)
		doc := change["doc"].(map[string]any)
		state := maps.Clone(doc)
		for field, value := range map[string]any{"note": " words, \t and ünïcode ", "started_at": "2026-01-05T09:00:00Z", "peak_nrs": 7, "version": "2026-02", "nrs": 3, "amount": "½", "exposed": true, "until": "2026-01-20T20:00:00.5Z"} {
			if _, has := doc[field]; has {
				state[field] = value
			}
		}
		push = append(push, map[string]any{"n": len(push) + 1, "collection": change["collection"], "base": doc, "state": state})
	}
	request["push"] = push
	answer := h.Do("anna", "POST", "/api/sync/exchange", request)
	stored := map[any]any{}
	for _, c := range answer.Body["changes"].([]any) {
		doc := c.(map[string]any)["doc"].(map[string]any)
		stored[doc["rev"]] = doc
	}
	applied := 0
	for _, v := range verdictsOf(answer) {
		if v["verdict"] != "applied" {
			continue
		}
		applied++
		if doc := v["doc"].(map[string]any); !reflect.DeepEqual(any(doc), stored[doc["rev"]]) {
			t.Errorf("the verdict shows %v,\nthe pull %v", doc, stored[doc["rev"]])
		}
	}
	if applied < 8 {
		t.Errorf("only %d were applied: %s", applied, answer.Text)
	}
}

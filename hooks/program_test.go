package hooks_test

import (
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"interictal/hooks"
	"interictal/hooks/clinic"
	"interictal/hooks/hookstest"
	"interictal/hooks/program"
	"interictal/migrations"
)

// looksHome is the hourly look at home programs.
func (p *practice) looksHome() {
	p.t.Helper()
	for _, job := range p.h.App.Cron().Jobs() {
		if job.Id() == "program" {
			job.Run()
		}
	}
}

func starter(code string) string { return strings.ToLower(code) + strings.Repeat("0", 15-len(code)) }

// prescribes an item of the library, as it is or with changes.
func (p *practice) prescribes(code string, changes map[string]any) string {
	p.t.Helper()
	fields := map[string]any{"library_item": starter(code)}
	for k, v := range changes {
		fields[k] = v
	}
	return p.add("exercises", fields)
}

// logs of anna's: a session at nine in the morning.
func (p *practice) logs(exercise, day string, said map[string]any) string {
	p.t.Helper()
	if day > p.day {
		p.on(day)
	}
	fields := map[string]any{"patient": annas, "exercise": exercise, "done_at": day + " 14:00:00.000Z", "effort": "ok", "pain_before": 2, "pain_after": 2, "symptom_24h": 0}
	for k, v := range said {
		fields[k] = v
	}
	return p.do("anna", "/api/collections/exercise_logs/records", fields, 200)["id"].(string)
}

func (p *practice) program(who, query string) map[string]any {
	p.t.Helper()
	a := p.h.Do(who, "GET", "/api/patients/"+annas+"/program"+query, nil)
	if a.Status != 200 {
		p.t.Fatalf("%s: %d %s", who, a.Status, a.Text)
	}
	return a.Body
}

// open is the one proposal that waits.
func (p *practice) open() map[string]any {
	p.t.Helper()
	for _, one := range p.program("thera", "")["proposals"].([]any) {
		if one.(map[string]any)["state"] == "open" {
			return one.(map[string]any)
		}
	}
	p.t.Fatalf("no proposal is open on %s: %v", p.day, p.program("thera", "")["proposals"])
	return nil
}

func (p *practice) exercise(id, field string) string {
	p.t.Helper()
	r, err := p.h.App.FindRecordById("exercises", id)
	check(p.t, err)
	return r.GetString(field)
}

func week(first string, days ...int) (out []string) {
	for _, n := range days {
		out = append(out, clinic.MustDay(first).Add(n).String())
	}
	return out
}

// From the library to the next step: prescribed, done for a week, proposed with reasons, accepted by a person, and the dose that
// was in force on each day stays known.
func TestAProgramGoesUpByOneStep(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	nods := p.prescribes("C04", map[string]any{"per_week": 4, "reps": 10})
	if p.exercise(nods, "confirmed_by") != hookstest.ID("thera") || p.exercise(nods, "hold_seconds") != "6" || p.exercise(nods, "instructions") == "" || p.exercise(nods, "version") != "1" {
		t.Fatalf("prescribed: %+v", p.program("anna", "")["items"])
	}
	for _, day := range week("2026-01-05", 0, 2, 4) {
		p.on(day)
		p.logs(nods, day, nil)
	}
	p.on("2026-01-11")
	p.looksHome()
	if all := p.program("thera", "")["proposals"].([]any); len(all) != 0 {
		t.Errorf("before the week is over: %v", all)
	}
	p.on("2026-01-12")
	p.looksHome()
	p.looksHome() // once more makes nothing new
	if all := p.program("thera", "")["proposals"].([]any); len(all) != 1 {
		t.Fatalf("after a good week: %v", all)
	}
	up := p.open()
	if got := fmt.Sprint(up["kind"], up["reasons"], up["step"]); got != "up[KEPT_WELL] map[by:hold from:6 to:7]" {
		t.Errorf("proposed %s", got) // 10 reps are as far as this item's ladder goes
	}
	if len(p.program("anna", "")["proposals"].([]any)) != 0 {
		t.Error("a patient is shown what nobody has decided")
	}
	before := p.h.Dump()
	if a := p.h.Do("anna", "POST", "/api/proposals/"+up["id"].(string)+"/accept", nil); a.Status != 404 || p.h.Dump() != before {
		t.Errorf("the patient decides: %d", a.Status)
	}
	done := p.do("assi", "/api/proposals/"+up["id"].(string)+"/accept", map[string]any{"note": "went well"}, 200)
	if done["state"] != "accepted" || p.exercise(nods, "hold_seconds") != "7" || p.exercise(nods, "version") != "2" {
		t.Errorf("accepted: %v, %s", done, p.exercise(nods, "hold_seconds"))
	}
	for day, want := range map[string]string{"2026-01-11": "1 prescribed 6", "2026-01-12": "2 step_up 7", "2026-01-20": "2 step_up 7"} {
		item := p.program("anna", "?day="+day)["items"].([]any)[0].(map[string]any)
		if got := fmt.Sprint(item["version"], " ", item["cause"], " ", item["dose"].(map[string]any)["holdSeconds"]); got != want {
			t.Errorf("on %s it is %s, not %s", day, got, want)
		}
	}
	versions, err := p.h.App.FindAllRecords("exercise_versions", dbx.HashExp{"exercise": nods, "version": 2})
	check(t, err)
	if len(versions) != 1 || versions[0].GetString("reasons") != `["KEPT_WELL"]` || versions[0].GetString("changed_by") != hookstest.ID("assi") {
		t.Errorf("the version says %v", versions)
	}
}

// A template only prefills. What nobody has confirmed for her is no prescription (S-36).
func TestATemplateWaitsForAPerson(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	made := p.do("thera", "/api/patients/"+annas+"/program/templates", map[string]any{"template": starter("T01")}, 200)["exercises"].([]any)
	if len(made) != 4 || len(p.program("anna", "")["items"].([]any)) != 0 || len(p.program("anna", "")["unconfirmed"].([]any)) != 0 {
		t.Fatalf("made %v, she sees %v", made, p.program("anna", "")["items"])
	}
	if waiting := p.program("thera", "")["unconfirmed"].([]any); len(waiting) != 4 {
		t.Errorf("the therapist sees %v", waiting)
	}
	if again := p.do("thera", "/api/patients/"+annas+"/program/templates", map[string]any{"template": starter("T01")}, 200)["exercises"]; fmt.Sprint(again) != fmt.Sprint(made) {
		t.Errorf("tapped twice, it makes %v beside %v", again, made)
	}
	p.on("2026-01-07")
	a := p.h.Do("thera", "PATCH", "/api/collections/exercises/records/"+made[0].(string), map[string]any{"confirmed_at": "2020-01-01 10:00:00.000Z", "confirmed_by": "somebody", "reps": 8})
	if a.Status != 200 || a.Body["confirmed_by"] != hookstest.ID("thera") || !strings.HasPrefix(a.Body["confirmed_at"].(string), "2026-01-07 15:00:0") {
		t.Fatalf("confirmed: %s", a.Text)
	}
	items := p.program("anna", "")["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["horizon"] != "short" {
		t.Errorf("she sees %v", items)
	}
	if yesterday := p.program("anna", "?day=2026-01-06")["items"].([]any); len(yesterday) != 0 {
		t.Errorf("before it was confirmed it was not prescribed: %v", yesterday)
	}
	a = p.h.Do("thera", "PATCH", "/api/collections/exercises/records/"+made[0].(string), map[string]any{"confirmed_at": ""})
	if a.Status != 200 || a.Body["confirmed_at"] == "" {
		t.Errorf("what was confirmed stays so: %s", a.Text)
	}
}

// An attack day swaps the list and excuses; adherence says both numbers and what they rest on; what is not shared is not used.
func TestAnAttackDayIsExcused(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	row := p.prescribes("C04", map[string]any{"per_week": 5})
	p.prescribes("R01", nil)
	for _, day := range week("2026-01-05", 0, 2, 4) {
		p.logs(row, day, map[string]any{"minutes_done": 5})
	}
	p.on("2026-01-11")
	for _, day := range []string{"2026-01-06", "2026-01-10"} {
		p.do("anna", "/api/collections/attacks/records", map[string]any{"patient": annas, "started_at": day + " 15:00:00.000Z", "ended_at": day + " 22:00:00.000Z"}, 200)
	}
	today := p.program("anna", "?day=2026-01-06")
	if today["mark"] != "attack" || names(today["items"]) != "Slow belly breathing" || names(today["swapped"]) != "Isometric turn and side press" {
		t.Errorf("on an attack day: %v %v %v", today["mark"], names(today["items"]), names(today["swapped"]))
	}
	p.on("2026-01-12")
	a := p.program("thera", "")["adherence"].(map[string]any)
	// five of the row, seven of the breathing; two excused days for each
	if got := fmt.Sprint(a["raw"], a["adjusted"], a["excused"]); got != "map[done:3 of:12 value:0.25] map[done:3 of:8 value:0.375] 4" {
		t.Errorf("adherence %s", got)
	}
	p.on("2026-01-11")
	w := p.program("thera", "")["week"].(map[string]any)["all"].(map[string]any)
	if fmt.Sprint(w["sessions"], w["minutes"], w["timed"]) != "3 15 3" || fmt.Sprint(p.program("thera", "")["dataDays30"]) != "3" {
		t.Errorf("the week %v", w)
	}
	p.on("2026-01-12")
	p.looksHome()
	if kind := p.program("thera", "")["proposals"].([]any)[0].(map[string]any)["reasons"]; len(kind.([]any)) == 0 {
		t.Errorf("the look said %v", kind)
	}
	p.withdraws("diary")
	if got := p.program("thera", "")["notShared"]; fmt.Sprint(got) != "[diary]" {
		t.Errorf("not shared: %v", got)
	}
	if a := p.program("thera", "")["adherence"].(map[string]any); fmt.Sprint(a["excused"]) != "0" {
		t.Errorf("a diary that is not shared excuses nothing to the reader: %v", a)
	}
	if a := p.program("anna", "")["adherence"].(map[string]any); fmt.Sprint(a["excused"]) != "4" {
		t.Errorf("she herself sees %v", a)
	}
	p.withdraws("exercise")
	hidden := p.program("thera", "")
	if hidden["adherence"] != nil || hidden["week"] != nil || hidden["dataDays30"] != nil || len(hidden["proposals"].([]any)) != 0 || len(hidden["items"].([]any)) != 2 {
		t.Errorf("without consent to the exercises: %v", hidden)
	}
	p.looksHome()
	waiting, err := p.h.App.FindAllRecords("progression_proposals", dbx.HashExp{"state": "open"})
	check(t, err)
	if len(waiting) != 0 {
		t.Errorf("a proposal still rests on what is not shared: %v", waiting)
	}
}

func names(list any) string {
	var out []string
	for _, one := range list.([]any) {
		out = append(out, one.(map[string]any)["name"].(string))
	}
	return strings.Join(out, ", ")
}

func (p *practice) withdraws(family string) {
	p.t.Helper()
	consent, err := p.h.App.FindFirstRecordByFilter("consents", "patient={:p} && family={:f}", dbx.Params{"p": annas, "f": family})
	check(p.t, err)
	a := p.h.Do("anna", "PATCH", "/api/collections/consents/records/"+consent.Id, map[string]any{"state": "withdrawn", "decided_at": p.day + " 14:00:00.000Z"})
	if a.Status != 200 {
		p.t.Fatal(a.Text)
	}
}

// Illness: the pause halves and freezes, excuses its days, and the first three sessions after it are half.
func TestIllnessHalvesAndFreezes(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	walk := p.prescribes("G01", nil)
	p.on("2026-01-07")
	p.moves("thera", map[string]any{"to": "paused", "reason": "illness", "on": "2026-01-07", "adaptationNote": "Rest until the fever is gone.", "items": []string{p.item}}, 200)
	item := func() map[string]any { return p.program("anna", "")["items"].([]any)[0].(map[string]any) }
	if i := item(); i["halved"] != true || i["due"] != false || i["dose"].(map[string]any)["minutes"] != 10.0 || fmt.Sprint(i["reasons"]) != "[PAUSED]" {
		t.Errorf("in the pause: %v", i)
	}
	p.on("2026-01-14")
	p.add("safety_screens", map[string]any{"kind": "red_flag", "screened_at": "2026-01-14 14:00:00.000Z", "result": "clear"})
	p.moves("thera", map[string]any{"to": "active"}, 200)
	for i, day := range week("2026-01-14", 0, 1, 2) {
		p.on(day)
		if it := item(); it["halved"] != true || fmt.Sprint(it["reasons"]) != "[RETURNING]" {
			t.Errorf("session %d after the illness: %v", i+1, it)
		}
		p.logs(walk, day, map[string]any{"adapted": true})
	}
	p.on("2026-01-17")
	if i := item(); i["halved"] != false || i["dose"].(map[string]any)["minutes"] != 20.0 {
		t.Errorf("the fourth: %v", i)
	}
	if a := p.program("anna", "")["adherence"].(map[string]any); fmt.Sprint(a["excused"]) != "3" {
		t.Errorf("the pause excuses %v", a)
	}
	p.do("thera", "/api/plans/"+p.plan+"/changes", map[string]any{"reason": "stress_increase", "note": "A hard month at work.", "adaptUntil": "2026-01-30", "expectedVersion": 3}, 200)
	p.on("2026-01-19")
	p.looksHome()
	if all := p.program("thera", "")["proposals"].([]any); len(all) != 0 || fmt.Sprint(item()["reasons"]) != "[ADAPTED]" {
		t.Errorf("while adapted: %v, %v", all, item())
	}
}

// An open red flag comes first: an urgent one stops every step, an emergency shows nothing.
func TestRedFlagsComeFirst(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	nods := p.prescribes("C04", map[string]any{"per_week": 3})
	for _, day := range week("2026-01-05", 0, 2, 4) {
		p.logs(nods, day, nil)
	}
	p.on("2026-01-12")
	p.looksHome()
	up := p.open()
	alert := save(t, p.h.App, "safety_alerts", "", map[string]any{"patient": annas, "level": "urgent", "code": "SNNOOP", "raised_at": "2026-01-12 14:00:00.000Z"})
	before := p.h.Dump()
	a := p.h.Do("thera", "POST", "/api/proposals/"+up["id"].(string)+"/accept", nil)
	if a.Status != 422 || !a.Has("E_REDFLAG_OPEN") || p.h.Dump() != before {
		t.Errorf("with an urgent alert: %d %s", a.Status, a.Text)
	}
	p.looksHome()
	if all := p.program("thera", "")["proposals"].([]any); all[0].(map[string]any)["state"] != "withdrawn" {
		t.Errorf("the proposal stands: %v", all)
	}
	runSQL(t, p.h.App, "UPDATE safety_alerts SET level='emergency' WHERE id='"+alert.Id+"'")
	if today := p.program("anna", ""); len(today["items"].([]any)) != 0 || fmt.Sprint(today["swapped"].([]any)[0].(map[string]any)["reasons"]) != "[RED_FLAG_OPEN]" {
		t.Errorf("with an emergency: %v", today)
	}
	runSQL(t, p.h.App, "UPDATE safety_alerts SET closed_at='2026-01-12 16:00:00.000Z' WHERE id='"+alert.Id+"'")
	p.looksHome()
	if again := p.open(); again["id"] != up["id"] {
		t.Errorf("the same occasion has another row: %v", again)
	}
}

// A step that applies itself says so; a late log that spoils its week proposes it back.
func TestAutoProgressNotesItsReason(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	nods := p.prescribes("G01", map[string]any{"auto_progress": true})
	for _, day := range week("2026-01-05", 0, 2, 4) {
		p.logs(nods, day, nil)
	}
	p.on("2026-01-12")
	p.looksHome()
	if p.exercise(nods, "minutes") != "22" {
		t.Fatalf("22 minutes, not %s", p.exercise(nods, "minutes"))
	}
	first := p.program("thera", "")["proposals"].([]any)[0].(map[string]any)
	if first["state"] != "applied" || fmt.Sprint(first["reasons"]) != "[KEPT_WELL]" {
		t.Errorf("noted: %v", first)
	}
	p.logs(nods, "2026-01-10", map[string]any{"pain_after": 9}) // written down late
	p.looksHome()
	if p.exercise(nods, "minutes") != "20" || p.exercise(nods, "version") != "3" {
		t.Errorf("back to 20 minutes, not %s", p.exercise(nods, "minutes"))
	}
	versions, err := p.h.App.FindAllRecords("exercise_versions", dbx.HashExp{"exercise": nods, "version": 3})
	check(t, err)
	if len(versions) != 1 || versions[0].GetString("cause") != "step_back" || versions[0].GetString("reasons") != `["BASIS_CHANGED"]` || versions[0].GetString("changed_by") != "system" {
		t.Errorf("the version says %v", versions)
	}
}

// Three failed weeks: a flag that somebody looks at it. Holding it takes the flag down.
func TestThreeFailedWeeksRaiseAFlag(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	nods := p.prescribes("C04", map[string]any{"reps": 10, "per_week": 4})
	p.on("2026-01-12")
	p.looksHome()
	if first := p.program("thera", "")["proposals"].([]any)[0].(map[string]any); first["kind"] != "hold" || first["state"] != "noted" {
		t.Errorf("the first: %v", first)
	}
	p.on("2026-01-19")
	p.looksHome()
	back := p.open()
	if back["kind"] != "back" || fmt.Sprint(back["step"]) != "map[by:reps from:10 to:8]" {
		t.Errorf("the second: %v", back)
	}
	p.do("thera", "/api/proposals/"+back["id"].(string)+"/hold", map[string]any{"note": "She was away."}, 200)
	p.on("2026-01-26")
	p.looksHome()
	look := p.open()
	flags := func() int {
		all, err := p.h.App.FindAllRecords("flags", dbx.HashExp{"patient": annas, "code": "F_PROGRAM_STUCK", "state": "standing"})
		check(t, err)
		return len(all)
	}
	if look["kind"] != "flag" || look["step"] != nil || flags() != 1 {
		t.Errorf("the third: %v, %d flags", look, flags())
	}
	before := p.h.Dump()
	a := p.h.Do("thera", "POST", "/api/proposals/"+look["id"].(string)+"/accept", nil)
	if a.Status != 422 || !a.Has("E_NO_STEP") || p.h.Dump() != before {
		t.Errorf("a flag has no step: %d %s", a.Status, a.Text)
	}
	a = p.h.Do("thera", "POST", "/api/proposals/"+look["id"].(string)+"/edit", map[string]any{"by": "frequency", "to": 3})
	if a.Status != 200 || p.exercise(nods, "per_week") != "3" || flags() != 0 {
		t.Errorf("edited: %d %s, %d flags", a.Status, a.Text, flags())
	}
}

// What is refused changes nothing.
func TestTheProgramsRulesHoldForEverybody(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	nods := p.prescribes("C04", map[string]any{"reps": 7, "per_week": 3})
	for _, day := range week("2026-01-05", 0, 2, 4) {
		p.logs(nods, day, nil)
	}
	own := p.do("thera", "/api/collections/library_items/records", map[string]any{"clinic": hookstest.ID("north"), "code": "N1", "name": "Our own", "category": "exercise_generalized", "place": "home"}, 200)["id"].(string)
	given := p.add("education_assignments", map[string]any{"item": starter("E02")})
	p.on("2026-01-12")
	p.looksHome()
	up := p.open()["id"].(string)
	first, err := p.h.App.FindFirstRecordByData("exercise_versions", "exercise", nods)
	check(t, err)
	rest := func(collection string) string { return "/api/collections/" + collection + "/records" }
	for _, c := range []struct {
		what, who, method, path string
		body                    map[string]any
		status                  int
		code                    string
	}{
		{"the strap without a screen", "thera", "POST", rest("exercises"), map[string]any{"patient": annas, "library_item": starter("C05")}, 422, "E_ITEM_SCREEN"},
		{"manipulation as homework", "thera", "POST", rest("exercises"), map[string]any{"patient": annas, "library_item": starter("M06")}, 422, "E_ITEM_PLACE"},
		{"a device without a screen", "thera", "POST", rest("exercises"), map[string]any{"patient": annas, "library_item": starter("O04")}, 422, "E_ITEM_SCREEN"},
		{"another clinic's item", "sid", "POST", rest("exercises"), map[string]any{"patient": hookstest.ID("cleo"), "library_item": own}, 422, "E_ITEM_LIBRARY"},
		{"another origin", "thera", "PATCH", rest("exercises") + "/" + nods, map[string]any{"library_item": starter("C01")}, 422, "E_SCOPE_FIXED"},
		{"a starter item of one's own", "root", "POST", rest("library_items"), map[string]any{"code": "X1", "name": "X", "category": "manual", "place": "clinic"}, 422, "E_STARTER"},
		{"another word in the starter library", "root", "PATCH", rest("library_items") + "/" + starter("C01"), map[string]any{"dose_text": "More"}, 422, "E_STARTER"},
		{"a starter item deleted", "root", "DELETE", rest("library_items") + "/" + starter("C01"), nil, 422, "E_KEPT"},
		{"a clinic's item given to all", "root", "PATCH", rest("library_items") + "/" + own, map[string]any{"clinic": ""}, 422, "E_STARTER"},
		{"a version by hand", "root", "POST", rest("exercise_versions"), map[string]any{"patient": annas, "exercise": nods, "version": 9, "from": "2026-01-05", "cause": "edited", "at": "2026-01-05 10:00:00.000Z"}, 422, "E_KEPT"},
		{"a version changed", "root", "PATCH", rest("exercise_versions") + "/" + first.Id, map[string]any{"from": "2026-01-01"}, 422, "E_KEPT"},
		{"a version removed", "root", "DELETE", rest("exercise_versions") + "/" + first.Id, nil, 422, "E_KEPT"},
		{"a proposal removed", "root", "DELETE", rest("progression_proposals") + "/" + up, nil, 422, "E_KEPT"},
		{"a proposal by hand", "root", "POST", rest("progression_proposals"), map[string]any{"patient": annas, "exercise": nods, "key": "x", "kind": "up", "state": "open", "version": 1, "made_at": "2026-01-05 10:00:00.000Z"}, 422, "E_KEPT"},
		{"two texts at once", "anna", "POST", rest("education_assignments"), map[string]any{"patient": annas, "item": starter("E03")}, 422, "E_ROLE"},
		{"her own teach-back", "anna", "PATCH", rest("education_assignments") + "/" + given, map[string]any{"taught_back_on": "2026-01-12"}, 422, "E_ROLE"},
		{"no such text", "thera", "POST", rest("education_assignments"), map[string]any{"patient": annas, "item": starter("E99")}, 422, "E_ITEM_LIBRARY"},
		{"twice as much at once", "thera", "POST", "/api/proposals/" + up + "/edit", map[string]any{"to": 14}, 422, "E_STEP_CAP"},
		{"an edit to nothing", "thera", "POST", "/api/proposals/" + up + "/edit", nil, 422, "E_STEP_CAP"},
		{"an unknown variable", "thera", "POST", "/api/proposals/" + up + "/edit", map[string]any{"by": "speed", "to": 8}, 422, "E_VALUE"},
		{"a note without end", "thera", "POST", "/api/proposals/" + up + "/hold", map[string]any{"note": strings.Repeat("x", 1001)}, 422, "E_VALUE"},
		{"a body that is none", "thera", "POST", "/api/proposals/" + up + "/hold", map[string]any{"to": "much"}, 400, "E_JSON"},
		{"a template of nobody", "thera", "POST", "/api/patients/" + annas + "/program/templates", map[string]any{"template": "none"}, 422, "E_ITEM_LIBRARY"},
		{"a day that is none", "thera", "GET", "/api/patients/" + annas + "/program?day=2026-02-30", nil, 400, "E_DAY"},
		{"a ladder of no variable", "thera", "PATCH", rest("exercises") + "/" + nods, map[string]any{"ladder": []any{map[string]any{"by": "speed"}}}, 422, "E_VALUE"},
		{"a ladder that is none", "thera", "POST", rest("exercises"), map[string]any{"patient": annas, "name": "Row", "ladder": "up"}, 422, "E_TYPE"},
		{"a library dose that is none", "thera", "PATCH", rest("library_items") + "/" + own, map[string]any{"dose": []any{1}}, 422, "E_VALUE"},
		{"eight days a week", "thera", "PATCH", rest("exercises") + "/" + nods, map[string]any{"per_week": 8}, 422, "E_VALUE"},
	} {
		before := p.h.Dump()
		var body any
		if c.body != nil {
			body = c.body
		}
		a := p.h.Do(c.who, c.method, c.path, body)
		if a.Status != c.status || !a.Has(c.code) {
			t.Errorf("%s: %d, not %d %s: %s", c.what, a.Status, c.status, c.code, a.Text)
		}
		if p.h.Dump() != before {
			t.Errorf("%s: something was stored", c.what)
		}
	}
	p.do("thera", "/api/proposals/"+up+"/accept", nil, 200)
	before := p.h.Dump()
	if a := p.h.Do("thera", "POST", "/api/proposals/"+up+"/hold", nil); a.Status != 409 || !a.Has("E_STALE") || p.h.Dump() != before {
		t.Errorf("decided twice: %d %s", a.Status, a.Text)
	}
	p.add("safety_screens", map[string]any{"kind": "contraindications", "screened_at": "2026-01-12 14:00:00.000Z", "result": "clear"})
	p.prescribes("C05", nil)
}

// Texts: copied when they are given, opened once, said back to the therapist.
func TestATextIsGivenOpenedAndSaidBack(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	given := p.add("education_assignments", map[string]any{"item": starter("E02"), "title": "Another"})
	phone := p.h.Phone("anna")
	phone.Sync()
	rows := phone.Rows("education_assignments")
	if len(rows) != 1 || rows[0]["title"] != "Sleep at regular times" || rows[0]["source"] == "" || rows[0]["reviewed_on"] != "2026-11-23" || !strings.Contains(rows[0]["body"].(string), "Say it back") {
		t.Fatalf("on her phone: %v", rows)
	}
	phone.Put("education_assignments", given, map[string]any{"opened_at": "2026-01-05T14:30:00.000Z"})
	phone.Sync()
	r, err := p.h.App.FindRecordById("education_assignments", given)
	check(t, err)
	if r.GetString("opened_at") != "2026-01-05 14:30:00.000Z" || r.GetString("assigned_by") != hookstest.ID("thera") {
		t.Errorf("opened %s", r.GetString("opened_at"))
	}
	p.on("2026-01-08")
	a := p.h.Do("thera", "PATCH", "/api/collections/education_assignments/records/"+given, map[string]any{"taught_back_on": "2026-01-08", "opened_at": "2026-01-08 10:00:00.000Z", "body": "Other words"})
	if a.Status != 200 || a.Body["opened_at"] != "2026-01-05 14:30:00.000Z" || a.Body["body"] == "Other words" || a.Body["taught_back_on"] != "2026-01-08" {
		t.Errorf("said back: %s", a.Text)
	}
}

// Home sessions that are missed raise the plan's flag, when nothing excuses them (§2.7).
func TestMissedHomeSessionsRaiseTheFlag(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	nods := p.prescribes("C04", nil)
	standing := func() bool {
		p.looks()
		all, err := p.h.App.FindAllRecords("flags", dbx.HashExp{"plan": p.plan, "code": "F_ADHERENCE", "state": "standing"})
		check(t, err)
		return len(all) > 0
	}
	for _, day := range week("2026-01-05", 0, 1, 2, 3, 4) {
		p.on(day)
		p.logs(nods, day, nil)
	}
	p.on("2026-01-12")
	if standing() {
		t.Error("5 of 7 is no reason for a flag")
	}
	p.on("2026-01-19")
	if !standing() {
		t.Error("5 of 14 raises none")
	}
	p.withdraws("exercise")
	if standing() {
		t.Error("it stands on what she does not share any more")
	}
}

// Logs come late, twice and out of order, looks fall between them: in the end the proposals are those of one look at everything.
func TestLateLogsEndAtTheSameProposals(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 4))
	p := newPractice(t, "2026-01-05")
	var items []string
	for _, code := range []string{"C04", "C10", "G01"} {
		items = append(items, p.prescribes(code, map[string]any{"per_week": 4, "reps": 10}))
	}
	p.on("2026-01-26")
	phone := p.h.Phone("anna")
	for i := range 120 {
		day := clinic.MustDay("2026-01-05").Add(r.IntN(21)).String()
		id := fmt.Sprintf("randomlog%06d", r.IntN(90))
		switch r.IntN(8) {
		case 0:
			phone.Put("exercise_logs", id, map[string]any{"_deleted": true})
		case 1:
			phone.Put("attacks", fmt.Sprintf("randomattack%03d", i), map[string]any{"patient": annas, "started_at": day + "T15:00:00.000Z", "ended_at": day + "T20:00:00.000Z"})
		default:
			phone.Put("exercise_logs", id, map[string]any{"patient": annas, "exercise": items[r.IntN(3)], "done_at": day + "T14:00:00.000Z", "effort": []string{"", "easy", "ok", "ok", "hard"}[r.IntN(5)],
				"pain_before": 2, "pain_after": 2 + r.IntN(4), "symptom_24h": r.IntN(4)})
		}
		if r.IntN(12) == 0 {
			phone.Sync()
			p.looksHome()
		}
	}
	phone.Sync()
	p.looksHome()
	live := func() string {
		rows, err := p.h.App.FindRecordsByFilter("progression_proposals", "state='open' || state='noted'", "exercise,key", 0, 0)
		check(t, err)
		var out []string
		for _, row := range rows {
			if row.GetString("week_to") == "2026-01-25" || row.GetString("state") == "open" {
				out = append(out, fmt.Sprint(row.GetString("exercise"), row.GetString("key"), row.GetString("kind"), row.GetString("state"), row.GetString("reasons"), row.GetString("to_value"), row.GetString("basis")))
			}
		}
		return strings.Join(out, "\n")
	}
	grown := live()
	runSQL(t, p.h.App, "DELETE FROM progression_proposals")
	p.looksHome()
	if anew := live(); grown != anew || grown == "" {
		t.Errorf("seed %d: as it grew\n%s\nanew\n%s", seed, grown, anew)
	}
}

// The starter library comes once; a clinic's copy survives its next version.
func TestTheStarterLibraryIsSeededOnce(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	copied := h.Do("thera", "POST", "/api/collections/library_items/records", map[string]any{"clinic": hookstest.ID("north"), "code": "C01", "name": "Our chin nod", "category": "exercise_condition_specific", "place": "home"})
	if copied.Status != 200 {
		t.Fatal(copied.Text)
	}
	before := h.Dump()
	check(t, migrations.SeedLibrary(h.App))
	if h.Dump() != before {
		t.Error("a second seeding changed something")
	}
	runSQL(t, h.App, "UPDATE library_items SET version=0, name='Old words' WHERE id='"+starter("C01")+"'")
	check(t, migrations.SeedLibrary(h.App))
	if h.Dump() == strings.ReplaceAll(before, "Chin nod", "Old words") {
		t.Error("a newer version was not put in")
	}
	all, err := h.App.FindAllRecords("library_items", dbx.HashExp{"code": "C01"})
	check(t, err)
	got := []string{}
	for _, r := range all {
		got = append(got, r.GetString("name"))
	}
	slices.Sort(got)
	if fmt.Sprint(got) != "[Chin nod Our chin nod]" {
		t.Errorf("C01 is %v", got)
	}
	for who, sees := range map[string]int{"thera": 49, "anna": 49, "sid": 48, "cleo": 48} {
		a := h.Do(who, "GET", "/api/collections/library_items/records?perPage=500", nil)
		if len(a.Items()) != sees {
			t.Errorf("%s sees %d items, not %d: %.200s", who, len(a.Items()), sees, a.Text)
		}
	}
	if a := h.Do("", "GET", "/api/collections/library_items/records", nil); len(a.Items()) != 0 {
		t.Error("a stranger reads the library")
	}
	for _, who := range []string{"anna", "desk", "sid"} {
		a := h.Do(who, "PATCH", "/api/collections/library_items/records/"+copied.Body["id"].(string), map[string]any{"name": "Mine"})
		if a.Status != 404 {
			t.Errorf("%s changes the clinic's own: %d", who, a.Status)
		}
	}
}

// What is drawn has its drawing, with words for who cannot see it, and nothing in it that runs or calls elsewhere.
func TestEveryExerciseIsDrawn(t *testing.T) {
	t.Parallel()
	drawn := 0
	for _, e := range program.Library() {
		body, err := os.ReadFile("../pb_public/public/exercises/" + e.Code + ".svg")
		if e.Drawn() != (err == nil) {
			t.Errorf("%s: drawn %v, %v", e.Code, e.Drawn(), err)
		}
		if err != nil {
			continue
		}
		drawn++
		svg := string(body)
		for _, part := range []string{`<title id="t">`, `<desc id="d">`, `role="img"`, `viewBox="0 0 240 180"`} {
			if !strings.Contains(svg, part) {
				t.Errorf("%s lacks %s", e.Code, part)
			}
		}
		for _, part := range []string{"<script", "<style", "href", "url(", "onload"} {
			if strings.Contains(svg, part) {
				t.Errorf("%s has %s", e.Code, part)
			}
		}
		if err := xml.Unmarshal(body, new(struct{ XMLName xml.Name })); err != nil {
			t.Errorf("%s: %v", e.Code, err)
		}
	}
	if drawn != 29 {
		t.Errorf("%d drawings", drawn)
	}
}

const freeExercises = `[
 {"id":"Side_Neck_Stretch","name":"Side Neck Stretch","category":"stretching","primaryMuscles":["neck"],"secondaryMuscles":[],"instructions":["Sit.","Tilt your head."],"images":["x/0.jpg"]},
 {"id":"Neck-SMR","name":"Neck-SMR","category":"strength","primaryMuscles":["neck"],"secondaryMuscles":["traps"],"instructions":["Use a roller."]},
 {"id":"Rower","name":"Rower","category":"cardio","primaryMuscles":["quadriceps"],"secondaryMuscles":[],"instructions":["Row."]}]`

// A public list becomes the clinic's own items: a dry run changes nothing, a second run finds all there, what the clinic changed stays.
func TestImportExercises(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	list, err := program.ReadFreeExercises([]byte(freeExercises))
	check(t, err)
	run := hooks.ExerciseImport{App: h.App, Clinic: hookstest.ID("north"), Muscle: "neck"}
	before := h.Dump()
	dry, err := run.All(list)
	check(t, err)
	if fmt.Sprintf("%+v", dry) != "{New:2 Same:0 Changed:0 Kept:0 Other:1 Refused:[]}" || h.Dump() != before {
		t.Errorf("a dry run: %+v", dry)
	}
	run.Apply = true
	if done, err := run.All(list); err != nil || done.New != 2 {
		t.Fatalf("%+v, %v", done, err)
	}
	r, err := h.App.FindFirstRecordByData("library_items", "import_ref", "free-exercise-db:Side_Neck_Stretch")
	check(t, err)
	if r.GetString("aim") != "mobility" || r.GetString("instructions") != "Sit. Tilt your head." || r.GetString("region") != "neck" || r.GetBool("drawn") || r.GetString("grade") != "" || r.GetString("reviewed_on") != "" {
		t.Errorf("stored %v", r)
	}
	if again, err := run.All(list); err != nil || again.Same != 2 || again.New != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	time.Sleep(5 * time.Millisecond) // so that the change has another time than the row
	a := h.Do("thera", "PATCH", "/api/collections/library_items/records/"+r.Id, map[string]any{"instructions": "Gently.", "reviewed_on": "2026-01-05", "grade": "D"})
	if a.Status != 200 {
		t.Fatal(a.Text)
	}
	if kept, err := run.All(list); err != nil || kept.Kept != 1 || kept.Same != 1 {
		t.Errorf("after a change here: %+v, %v", kept, err)
	}
	if mine := h.Do("thera", "POST", "/api/collections/exercises/records", map[string]any{"patient": annas, "library_item": r.Id, "per_week": 3}); mine.Status != 200 || mine.Body["instructions"] != "Gently." {
		t.Errorf("prescribed: %s", mine.Text)
	}
	for _, bad := range []string{"{}", `[{"id":"a"}]`, `[{"id":"a","name":"A"},{"id":"a","name":"B"}]`} {
		if _, err := program.ReadFreeExercises([]byte(bad)); err == nil {
			t.Errorf("%s passed as a list", bad)
		}
	}
}

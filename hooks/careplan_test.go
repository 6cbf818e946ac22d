package hooks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"

	"interictal/hooks/hookstest"
)

// practice plays a plan of care through HTTP, on a clock that the test sets. Days are of January 2026 and on; the clinic is
// in New York.
type practice struct {
	t    *testing.T
	h    *hookstest.House
	day  string
	plan string
	goal string
	item string

	evaluation string // the first visit
}

func newPractice(t *testing.T, day string) *practice {
	t.Helper()
	p := &practice{t: t, h: hookstest.NewDev(t, "127.0.0.1:0")}
	p.on(day)
	return p
}

// on sets the clock to ten in the morning of a day.
func (p *practice) on(day string) {
	p.t.Helper()
	p.day = day
	p.do("root", "/api/dev/clock", map[string]any{"now": day + "T15:00:00Z"}, 200)
}

func (p *practice) do(who, path string, body any, status int) map[string]any {
	p.t.Helper()
	a := p.h.Do(who, "POST", path, body)
	if a.Status != status {
		p.t.Fatalf("%s POST %s on %s: %d %s", who, path, p.day, a.Status, a.Text)
	}
	return a.Body
}

// add makes a record over REST as the therapist.
func (p *practice) add(collection string, fields map[string]any) string {
	p.t.Helper()
	fields["patient"] = annas
	body := p.do("thera", "/api/collections/"+collection+"/records", fields, 200)
	return body["id"].(string)
}

// ofPlan is add for what belongs to the plan.
func (p *practice) ofPlan(collection string, fields map[string]any) string {
	p.t.Helper()
	fields["plan"] = p.plan
	return p.add(collection, fields)
}

// evaluates: the first visit, and everything that a plan needs before it is signed.
func (p *practice) evaluates() {
	p.t.Helper()
	visit := p.add("visits", map[string]any{"kind": "evaluation", "mode": "in_person", "status": "checked_in"})
	p.visit(visit, "completed", 200)
	p.evaluation = visit
	p.plan = p.add("plans", map[string]any{"clinic": hookstest.ID("north"), "episode": "1", "state": "draft", "pt_rationale": []string{"side_effects"}, "planned_visits": 6,
		"care_type": "exercise, manual", "care_amount": "45 min", "care_frequency": "weekly", "care_duration": "6 weeks", "consent_on": p.day})
	p.add("headache_diagnoses", map[string]any{"type": "migraine_without_aura", "code": "1.1"})
	p.add("safety_screens", map[string]any{"kind": "red_flag", "screened_at": p.day + " 14:00:00.000Z", "result": "clear"})
	p.add("care_team_members", map[string]any{"kind": "neurologist", "name": "Dr Lee", "prescribes": true})
	for _, group := range []string{"upper_cervical", "neck_upper_back", "tmj", "head_face"} {
		p.ofPlan("impairments", map[string]any{"region_group": group, "finding": "normal", "found_on": p.day})
	}
	problem := p.ofPlan("problems", map[string]any{"domain": "musculoskeletal", "name": "Stiff upper neck", "positive": true})
	p.goal = p.ofPlan("goals", map[string]any{"domain": "frequency", "metric": "MHD28", "baseline": 10, "baseline_on": p.day, "target": 5, "direction": "lower", "due": "2026-02-15", "patient_words": "Play with my girl"})
	p.item = p.ofPlan("plan_items", map[string]any{"category": "exercise_condition_specific", "name": "Chin nods", "goals": []string{p.goal}, "problems": []string{problem}})
	p.ofPlan("plan_items", map[string]any{"category": "manual", "name": "Mobilization", "goals": []string{p.goal}, "problems": []string{problem}})
	for _, metric := range []string{"NDI", "NECK_NRS"} {
		p.ofPlan("plan_measures", map[string]any{"domain": "neck_function", "metric": metric, "value": 12, "measured_on": p.day})
	}
}

// moves the plan, at the version that it has now.
func (p *practice) moves(who string, body map[string]any, status int) map[string]any {
	p.t.Helper()
	r, err := p.h.App.FindRecordById("plans", p.plan)
	check(p.t, err)
	body["expectedVersion"] = r.GetInt("version")
	return p.do(who, "/api/plans/"+p.plan+"/transitions", body, status)
}

func (p *practice) signs() map[string]any {
	p.t.Helper()
	return p.moves("thera", map[string]any{"to": "active"}, 200)
}

func (p *practice) visit(id, to string, status int, overrides ...map[string]any) map[string]any {
	p.t.Helper()
	return p.do("thera", "/api/visits/"+id+"/transitions", map[string]any{"to": to, "overrides": overrides}, status)
}

// sees the patient on a day: scheduled, checked in, completed.
func (p *practice) sees(day string, overrides ...map[string]any) map[string]any {
	p.t.Helper()
	p.on(day)
	id := p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": day + " 15:00:00.000Z"})
	p.visit(id, "checked_in", 200, overrides...)
	return p.visit(id, "completed", 200)
}

func codes(list any) (out []string) {
	for _, one := range list.([]any) {
		out = append(out, one.(map[string]any)["code"].(string))
	}
	return out
}

// A whole plan: evaluated, signed, six visits, the review, four more after an extension, completed and handed to the wellness
// program, whose sessions are never visits of the plan.
func TestAWholePlan(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	signed := p.signs()
	plan := signed["plan"].(map[string]any)
	if plan["state"] != "active" || plan["start"] != "2026-01-05" || plan["version"] != 1.0 {
		t.Fatalf("signed: %v", plan)
	}
	if got := fmt.Sprint(codes(signed["flags"])); got != "[F_TELL_PRESCRIBER]" {
		t.Errorf("signing sets in motion %v", got)
	}
	for _, day := range []string{"2026-01-08", "2026-01-12", "2026-01-15", "2026-01-19"} {
		p.sees(day)
	}
	sixth := p.sees("2026-01-22")
	if got := codes(sixth["tasks"]); !slices.Contains(got, "REVIEW_6") || sixth["plan"].(map[string]any)["visitCount"] != 6.0 {
		t.Fatalf("visit 6 sets in motion %v", got)
	}
	p.on("2026-01-26")
	seventh := p.add("visits", map[string]any{"kind": "treatment", "mode": "video", "status": "scheduled", "scheduled_at": "2026-01-26 15:00:00.000Z"})
	refused := p.visit(seventh, "checked_in", 422)["data"].(map[string]any)
	if refused["E_REVIEW6_DUE"] == nil || refused["E_OVER_PLANNED"] == nil {
		t.Fatalf("visit 7 without the review: %v", refused)
	}
	p.do("thera", "/api/plans/"+p.plan+"/reviews", map[string]any{"decision": "continue_to_n", "continueTo": 10}, 200)
	p.moves("thera", map[string]any{"to": "extended", "kind": "both", "maxVisits": 10, "reason": "slow_response", "adaptationNote": "slower, with more endurance", "items": []string{p.item}}, 200)
	p.visit(seventh, "checked_in", 200)
	p.visit(seventh, "completed", 200)
	p.sees("2026-01-29")
	p.sees("2026-02-02")
	tenth := p.sees("2026-02-05")
	if got := codes(tenth["flags"]); !slices.Contains(got, "F_WELLNESS_DECISION") || tenth["plan"].(map[string]any)["wellnessDue"] != true {
		t.Errorf("visit 10 sets in motion %v", got)
	}
	p.ofPlan("plan_measures", map[string]any{"domain": "frequency", "metric": "MHD28", "value": 4, "measured_on": "2026-02-05", "closing": true})
	for _, statement := range []string{"early_signs", "own_program", "step_down_up", "relief", "triggers", "drug_day_limit", "red_flags", "whom_to_call"} {
		p.ofPlan("readiness_answers", map[string]any{"statement": statement, "answer": "yes"})
	}
	a := p.h.Do("thera", "PATCH", "/api/collections/plans/records/"+p.plan, map[string]any{"wellness_consent_on": "2026-02-05"})
	if a.Status != 200 {
		t.Fatalf("consent to wellness: %d %s", a.Status, a.Text)
	}
	done := p.moves("thera", map[string]any{"to": "transitioned"}, 200)
	if done["plan"].(map[string]any)["state"] != "transitioned" {
		t.Errorf("handed over: %v", done["plan"])
	}
	program, err := p.h.App.FindFirstRecordByData("wellness_programs", "plan", p.plan)
	check(t, err)
	p.add("wellness_sessions", map[string]any{"program": program.Id, "mode": "video", "started_at": "2026-02-05 16:00:00.000Z"})
	p.handsOver(program.Id)
	r, err := p.h.App.FindRecordById("plans", p.plan)
	check(t, err)
	if r.GetInt("visit_count") != 10 {
		t.Errorf("a wellness session made %d visits", r.GetInt("visit_count"))
	}
	goal, err := p.h.App.FindRecordById("goals", p.goal)
	check(t, err)
	if goal.GetString("value") != "4" {
		t.Errorf("the goal stands at %s", goal.GetString("value"))
	}
}

// handsOver: the page at the end, the review of the program four weeks on, and what nobody takes back.
func (p *practice) handsOver(program string) {
	p.t.Helper()
	a := p.h.Do("thera", "PATCH", "/api/collections/wellness_programs/records/"+program, map[string]any{"what_helped": "Chin nods", "whom_to_call": "Dr Lee"})
	if a.Status != 200 {
		p.t.Fatalf("words of the hand-over: %d %s", a.Status, a.Text)
	}
	for _, who := range []string{"anna", "thera"} {
		page := p.h.Do(who, "GET", "/api/plans/"+p.plan+"/handover", nil)
		over, _ := page.Body["handover"].(map[string]any)
		if page.Status != 200 || page.Body["whatHelped"] != "Chin nods" || over["visits"] != 10.0 || over["closedOn"] != "2026-02-05" {
			p.t.Fatalf("the page for %s: %d %s", who, page.Status, page.Text)
		}
		if goals := over["goals"].([]any); len(goals) != 1 || goals[0].(map[string]any)["outcome"] != "met" {
			p.t.Errorf("goals of the page: %v", goals)
		}
		if got := fmt.Sprint(over["followUps"]); got != "[map[due:2026-05-05 held: months:3] map[due:2026-08-05 held: months:6] map[due:2027-02-05 held: months:12]]" {
			p.t.Errorf("follow-ups of the page: %s", got)
		}
	}
	for _, who := range []string{"bo", "desk", "neuro", "tess"} {
		if a := p.h.Do(who, "GET", "/api/plans/"+p.plan+"/handover", nil); a.Status != 404 && who != "tess" {
			p.t.Errorf("the page for %s: %d", who, a.Status)
		}
	}
	review := func(state, due string) {
		p.t.Helper()
		n, err := p.h.App.CountRecords("tasks", dbx.HashExp{"code": "WELLNESS_REVIEW", "state": state, "due": due})
		if check(p.t, err); n != 1 {
			p.t.Errorf("%d reviews %s on %s", n, state, due)
		}
	}
	review("open", "2026-03-05")
	if a := p.h.Do("thera", "PATCH", "/api/collections/wellness_programs/records/"+program, map[string]any{"review_on": "2026-02-19"}); a.Status != 200 {
		p.t.Fatalf("another review day: %d %s", a.Status, a.Text)
	}
	review("withdrawn", "2026-03-05")
	review("open", "2026-02-19")
	p.on("2026-02-19")
	p.add("wellness_sessions", map[string]any{"program": program, "mode": "video", "started_at": "2026-02-19 14:00:00.000Z"})
	review("done", "2026-02-19")
	if a := p.h.Do("thera", "PATCH", "/api/collections/plans/records/"+p.plan, map[string]any{"consent_on": ""}); a.Status != 422 || !a.Has("E_KEPT") {
		p.t.Errorf("the consent that care rested on is emptied: %d %s", a.Status, a.Text)
	}
}

// A plan that ends early: three visits, an attack day that is excused, illness with a pause, and the patient's choice.
func TestAPlanThatEndsEarly(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	p.sees("2026-01-08")
	p.on("2026-01-12")
	missed := p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": "2026-01-12 15:00:00.000Z"})
	p.do("desk", "/api/visits/"+missed+"/transitions", map[string]any{"to": "no_show", "attackDay": true}, 200)
	reported := p.do("anna", "/api/collections/change_reports/records", map[string]any{"patient": annas, "reason": "illness", "happened_on": "2026-01-12", "note": "flu", "source": "phone"}, 200)
	asked := func(state string) int {
		tasks, err := p.h.App.FindRecordsByFilter("tasks", `code="CHANGE_REPORTED" && state="`+state+`"`, "", 0, 0)
		check(t, err)
		return len(tasks)
	}
	if reported["reason"] != "illness" || asked("open") != 1 {
		t.Errorf("what she reports asks the team %d times", asked("open"))
	}
	drafts := p.do("thera", "/api/plans/"+p.plan+"/changes", map[string]any{"reason": "illness", "note": "flu", "adaptUntil": "2026-01-20"}, 200)
	if len(drafts["drafts"].([]any)) != 2 || drafts["plan"].(map[string]any)["adaptedUntil"] != "2026-01-20" {
		t.Errorf("a reported change: %v", drafts)
	}
	if asked("done") != 1 {
		t.Error("the team has answered, and is still asked")
	}
	paused := p.moves("thera", map[string]any{"to": "paused", "reason": "illness", "adaptationNote": "rest, then half the dose", "items": []string{p.item}}, 200)
	if r, err := p.h.App.FindRecordById("plans", p.plan); err != nil || r.GetString("paused_since") != "2026-01-12" || paused["plan"].(map[string]any)["state"] != "paused" {
		t.Errorf("paused: %v", paused["plan"])
	}
	p.on("2026-01-19")
	visit := p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": "2026-01-19 15:00:00.000Z"})
	if data := p.visit(visit, "checked_in", 422)["data"].(map[string]any); data["E_PAUSED"] == nil {
		t.Errorf("check-in while paused: %v", data)
	}
	if data := p.moves("thera", map[string]any{"to": "active"}, 422)["data"].(map[string]any); data["E_NO_REDFLAG_SCREEN"] == nil {
		t.Errorf("back without a screen: %v", data)
	}
	p.add("safety_screens", map[string]any{"kind": "red_flag", "screened_at": "2026-01-19 14:00:00.000Z", "result": "clear"})
	back := p.moves("thera", map[string]any{"to": "active"}, 200)
	if w := back["window"].(map[string]any); w["pauseDays"] != 7.0 || w["latest"] != "2026-02-22" {
		t.Errorf("the window after the pause: %v", w)
	}
	p.visit(visit, "checked_in", 200)
	p.visit(visit, "completed", 200)
	p.on("2026-01-21")
	p.moves("thera", map[string]any{"to": "discharged", "reason": "patient_choice"}, 200)
	late := p.ofPlan("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": "2026-01-23 15:00:00.000Z"})
	if data := p.visit(late, "checked_in", 422)["data"].(map[string]any); data["E_PLAN_CLOSED"] == nil {
		t.Errorf("a visit of a closed plan: %v", data)
	}
}

// The record of what happened is stored, also where a check-in would have been refused; it waits for its reason.
func TestALateRecordWaitsForItsReason(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	for _, day := range []string{"2026-01-08", "2026-01-12", "2026-01-15", "2026-01-19", "2026-01-22"} {
		p.sees(day)
	}
	p.on("2026-01-27")
	late := p.do("thera", "/api/collections/visits/records", map[string]any{"patient": annas, "kind": "treatment", "mode": "in_person", "status": "completed", "started_at": "2026-01-26 15:00:00.000Z"}, 200)
	if got := fmt.Sprint(late["needs_reason"]); got != "[E_REVIEW6_DUE E_OVER_PLANNED]" {
		t.Fatalf("needs a reason for %s", got)
	}
	task, err := p.h.App.FindFirstRecordByFilter("tasks", `code="NEEDS_REASON" && state="open"`)
	check(t, err)
	if task.GetString("due") != "2026-02-03" || task.GetString("visit") != late["id"] {
		t.Errorf("the task: %v", task.FieldsData())
	}
	answer := func(status int, given ...map[string]any) map[string]any {
		return p.do("thera", fmt.Sprint("/api/visits/", late["id"], "/reasons"), map[string]any{"overrides": given}, status)
	}
	if data := answer(422, map[string]any{"code": "E_OVER_PLANNED", "reason": "other", "text": "ok"})["data"].(map[string]any); data["E_REASON_SHORT"] == nil {
		t.Errorf("a short reason: %v", data)
	}
	done := answer(200, map[string]any{"code": "E_OVER_PLANNED", "reason": "clinical_need"}, map[string]any{"code": "E_REVIEW6_DUE", "reason": "review_booked"})
	if got := fmt.Sprint(done["tasks"]); !strings.Contains(got, "state:done") {
		t.Errorf("the task after it: %s", got)
	}
}

// Around the doors: a plan's state, its version, a visit's number and its papers follow from the history for everybody.
func TestNobodyWalksAroundThePlan(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	before := p.h.Dump()
	plan := "/api/collections/plans/records/" + p.plan
	for _, c := range []struct {
		who, method, path string
		body              any
	}{
		{"thera", "PATCH", plan, map[string]any{"state": "completed"}},
		{"root", "PATCH", plan, map[string]any{"state": "completed"}},
		{"root", "PATCH", plan, map[string]any{"version": 9}},
		{"root", "PATCH", plan, map[string]any{"visit_count": 3}},
		{"thera", "PATCH", plan, map[string]any{"planned_visits": 9}},
		{"root", "DELETE", plan, nil},
		{"thera", "POST", "/api/collections/plans/records", map[string]any{"patient": annas, "clinic": hookstest.ID("north"), "episode": "2", "state": "active"}},
		{"root", "POST", "/api/collections/plans/records", map[string]any{"patient": annas, "clinic": hookstest.ID("north"), "episode": "2", "state": "active"}},
		{"thera", "PATCH", "/api/collections/plan_items/records/" + p.item, map[string]any{"goals": []string{}}},
		{"assi", "POST", "/api/plans/" + p.plan + "/transitions", map[string]any{"to": "discharged", "reason": "moved", "expectedVersion": 1}},
		{"anna", "POST", "/api/plans/" + p.plan + "/transitions", map[string]any{"to": "discharged", "reason": "moved", "expectedVersion": 1}},
		{"desk", "POST", "/api/plans/" + p.plan + "/transitions", map[string]any{"to": "discharged", "reason": "moved", "expectedVersion": 1}},
		{"sid", "POST", "/api/plans/" + p.plan + "/transitions", map[string]any{"to": "discharged", "reason": "moved", "expectedVersion": 1}},
		{"thera", "POST", "/api/plans/" + p.plan + "/transitions", map[string]any{"to": "discharged", "reason": "moved", "expectedVersion": 0}},
	} {
		if a := p.h.Do(c.who, c.method, c.path, c.body); a.Status < 400 {
			t.Errorf("%s %s %s: %d %s", c.who, c.method, c.path, a.Status, a.Text)
		}
	}
	if now := p.h.Dump(); now != before {
		t.Error("a refused step has changed something")
	}
	noted, err := p.h.App.FindRecordsByFilter("audit_events", `action="refuse" && actor={:a} && outcome="E_SIGNED_LIMITS"`, "", 0, 0, dbx.Params{"a": hookstest.ID("thera")})
	if err != nil || len(noted) != 1 {
		t.Errorf("a refused PATCH left %d lines in the audit, %v", len(noted), err)
	}
}

// A note is signed and locked; the patient reads it then; what comes later is an addendum.
func TestASignedNoteIsLocked(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	p.on("2026-01-08")
	visit := p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "checked_in"})
	note := p.add("visit_notes", map[string]any{"visit": visit, "response": "less tension"})
	given := p.add("visit_interventions", map[string]any{"visit": visit, "category": "manual", "status": "given", "technique": "mobilization", "technique_goal": "pain", "pain_before": 5, "pain_after": 3})
	path := "/api/collections/visit_notes/records/" + note
	if a := p.h.Do("thera", "POST", "/api/notes/"+note+"/sign", nil); a.Status != 422 || !a.Has("E_TRANSITION") {
		t.Errorf("signed before the visit was done: %d %s", a.Status, a.Text)
	}
	p.visit(visit, "completed", 200)
	for who, want := range map[string]int{"anna": 404, "thera": 200} {
		if a := p.h.Do(who, "GET", path, nil); a.Status != want {
			t.Errorf("%s reads a draft: %d", who, a.Status)
		}
	}
	for _, c := range []struct {
		who  string
		code string
	}{{"assi", "E_ROLE"}, {"thera", ""}, {"thera", "E_SIGNED"}} {
		if a := p.h.Do(c.who, "POST", "/api/notes/"+note+"/sign", nil); c.code == "" && a.Status != 200 || c.code != "" && !a.Has(c.code) {
			t.Errorf("%s signs: %d %s", c.who, a.Status, a.Text)
		}
	}
	if a := p.h.Do("anna", "GET", path, nil); a.Status != 200 || a.Body["response"] != "less tension" {
		t.Errorf("the patient reads what is signed: %d %s", a.Status, a.Text)
	}
	for _, who := range []string{"thera", "root"} {
		for what, at := range map[string]string{"note": path, "pain_after": "/api/collections/visit_interventions/records/" + given} {
			if a := p.h.Do(who, "PATCH", at, map[string]any{what: "9"}); a.Status < 400 {
				t.Errorf("%s changes %s after the signature: %d", who, what, a.Status)
			}
		}
		if a := p.h.Do(who, "DELETE", path, nil); a.Status < 400 {
			t.Errorf("%s deletes a note: %d", who, a.Status)
		}
	}
	second := p.do("assi", "/api/collections/visit_notes/records", map[string]any{"patient": annas, "visit": visit, "note": "she called in the evening"}, 200)
	if second["addendum"] != true {
		t.Errorf("a later note is %v", second)
	}
	if a := p.h.Do("thera", "PATCH", "/api/collections/visit_notes/records/"+second["id"].(string), map[string]any{"signed_at": "2026-01-08 16:00:00.000Z"}); !a.Has("E_SIGNED") {
		t.Errorf("signed by a PATCH: %d %s", a.Status, a.Text)
	}
}

// A clinic sets its own numbers, and only numbers that can be read.
func TestAClinicsOwnRules(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	clinic := "/api/collections/clinics/records/" + hookstest.ID("north")
	if a := p.h.Do("root", "PATCH", clinic, map[string]any{"rules": map[string]any{"plannedVisits": "many"}}); a.Status != 422 || !a.Has("E_VALUE") {
		t.Errorf("rules that say nothing: %d %s", a.Status, a.Text)
	}
	if a := p.h.Do("root", "PATCH", clinic, map[string]any{"rules": map[string]any{"reviewAt": 0}}); a.Status != 422 || !a.Has("E_VALUE") {
		t.Errorf("a review after no visit: %d %s", a.Status, a.Text)
	}
	if a := p.h.Do("root", "PATCH", clinic, map[string]any{"rules": map[string]any{"evaluationCounts": false}, "regulation_profile": "us_medicare"}); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	p.evaluates()
	if signed := p.signs()["plan"].(map[string]any); signed["visitCount"] != 0.0 || signed["start"] != "" {
		t.Errorf("the evaluation counts although the clinic says that it does not: %v", signed)
	}
	if seen := p.sees("2026-01-08")["plan"].(map[string]any); seen["visitCount"] != 1.0 || seen["start"] != "2026-01-08" {
		t.Errorf("after the first treatment: %v", seen)
	}
	p.on("2026-01-27") // plan day 20
	for _, job := range p.h.App.Cron().Jobs() {
		if job.Id() == "careplan" {
			job.Run()
		}
	}
	if flags, err := p.h.App.FindRecordsByFilter("flags", `code="F_CERT_DUE" && state="standing"`, "", 0, 0); err != nil || len(flags) != 1 {
		t.Errorf("on day 20 the certification is due: %d flags, %v", len(flags), err)
	}
	due := func() bool {
		n, err := p.h.App.CountRecords("flags", dbx.HashExp{"code": "F_CERT_DUE", "state": "standing"})
		check(t, err)
		return n == 1
	}
	order := p.ofPlan("certifications", map[string]any{"path": "order_exception", "ordered_on": "2026-01-02", "sent_on": "2026-01-12"})
	if !due() {
		t.Error("an order is enough without proof that the plan was sent")
	}
	if a := p.h.Do("thera", "PATCH", "/api/collections/certifications/records/"+order, map[string]any{"proof": "fax log 12 January, page 3"}); a.Status != 200 || due() {
		t.Errorf("an order and the proof stand for the signature: %d %s", a.Status, a.Text)
	}
	papers := p.h.Do("thera", "POST", "/api/plans/"+p.plan+"/check", map[string]any{"to": "completed"}).Body["papers"]
	if got := fmt.Sprint(papers); got != "map[certifiedThrough:2026-04-04 certifyBy:2026-02-04 reportAfter:10 sinceReport:2]" {
		t.Errorf("papers %s", got)
	}
}

// Two people void a signed plan, never one alone.
func TestTwoPeopleVoidASignedPlan(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	void := map[string]any{"to": "voided", "reason": "entered_in_error"}
	if data := p.moves("thera", void, 422)["data"].(map[string]any); data["E_ROLE"] == nil {
		t.Errorf("alone: %v", data)
	}
	p.do("thera", "/api/plans/"+p.plan+"/void", nil, 204)
	p.do("admin", "/api/plans/"+p.plan+"/void/withdraw", nil, 204)
	p.do("thera", "/api/plans/"+p.plan+"/void/withdraw", nil, 404)
	if data := p.moves("admin", void, 422)["data"].(map[string]any); data["E_ROLE"] == nil {
		t.Errorf("the word was taken back: %v", data)
	}
	p.do("assi", "/api/plans/"+p.plan+"/void/withdraw", nil, 422)
	if asked := p.toBeVoided(); len(asked) != 0 {
		t.Errorf("the word was taken back, and the admin is asked: %v", asked)
	}
	p.do("thera", "/api/plans/"+p.plan+"/void", nil, 204)
	if asked := p.toBeVoided(); len(asked) != 1 || asked[0].(map[string]any)["plan"] != p.plan || asked[0].(map[string]any)["patient"] != annas || asked[0].(map[string]any)["by"] == "" {
		t.Errorf("the admin is asked: %+v", asked)
	}
	if data := p.moves("thera", void, 422)["data"].(map[string]any); data["E_ROLE"] == nil {
		t.Errorf("the same person twice: %v", data)
	}
	if answer := p.moves("admin", void, 200); answer["plan"].(map[string]any)["state"] != "" {
		t.Errorf("who voids a plan does not read it by that: %v", answer)
	}
	if r, err := p.h.App.FindRecordById("plans", p.plan); err != nil || r.GetString("state") != "voided" {
		t.Errorf("together: %v %v", r, err)
	}
	if asked := p.toBeVoided(); len(asked) != 0 {
		t.Errorf("it is voided, and the admin is asked: %v", asked)
	}
	event, err := p.h.App.FindFirstRecordByFilter("plan_events", `plan={:p} && to_state="voided"`, map[string]any{"p": p.plan})
	check(t, err)
	if !strings.Contains(event.GetString("detail"), hookstest.ID("thera")) || event.GetString("actor") != hookstest.ID("admin") {
		t.Errorf("the event names %s and %s", event.GetString("actor"), event.GetString("detail"))
	}
}

// In a small clinic who runs it treats too: two people are two people, and one is one.
func TestWhoTreatsAndRunsTheClinicVoidsWithAnother(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	save(t, p.h.App, "practitioners", "", map[string]any{"user": hookstest.ID("admin"), "clinic": hookstest.ID("north"), "role": "therapist", "name": "Admin, PT", "active": true})
	save(t, p.h.App, "care_links", "", map[string]any{"patient": annas, "member": hookstest.ID("admin"), "role": "therapist", "from": "2026-01-01 10:00:00.000Z"})
	void := map[string]any{"to": "voided", "reason": "entered_in_error"}
	p.do("admin", "/api/plans/"+p.plan+"/void", nil, 204)
	if data := p.moves("admin", void, 422)["data"].(map[string]any); data["E_ROLE"] == nil {
		t.Errorf("the same person in both roles: %v", data)
	}
	p.do("admin", "/api/plans/"+p.plan+"/void/withdraw", nil, 204)
	p.do("thera", "/api/plans/"+p.plan+"/void", nil, 204)
	p.moves("admin", void, 200)
}

// toBeVoided is what the clinic's admin is asked about.
func (p *practice) toBeVoided() []any {
	return p.h.Do("admin", "GET", "/api/clinics/"+hookstest.ID("north")+"/patients", nil).Body["voiding"].([]any)
}

// A plan from before there were events stands as its row says, and goes on from there.
func TestAPlanFromBeforeThereWereEvents(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-26")
	p.plan = hookstest.ID("oldplan")
	runSQL(t, p.h.App, "INSERT INTO plans(id, patient, clinic, episode, state, version, start_date, planned_visits, visit_count, paused_since, pause_reason) VALUES('"+p.plan+"', '"+annas+"', '"+hookstest.ID("north")+"', '1', 'paused', 4, '2026-01-05', 6, 1, '2026-01-19', 'illness')")
	runSQL(t, p.h.App, "INSERT INTO visits(id, patient, plan, kind, mode, status, started_at) VALUES('"+hookstest.ID("oldvisit")+"', '"+annas+"', '"+p.plan+"', 'evaluation', 'in_person', 'completed', '2026-01-05 15:00:00.000Z')")
	p.add("safety_screens", map[string]any{"kind": "red_flag", "screened_at": "2026-01-26 14:00:00.000Z", "result": "clear"})
	back := p.moves("thera", map[string]any{"to": "active"}, 200)
	if plan := back["plan"].(map[string]any); plan["state"] != "active" || plan["version"] != 5.0 || plan["start"] != "2026-01-05" {
		t.Errorf("it goes on as %v", plan)
	}
	if seen := p.sees("2026-01-28")["plan"].(map[string]any); seen["visitCount"] != 2.0 {
		t.Errorf("the next visit: %v", seen)
	}
}

// What a screen has found is an alert, and no pass.
func TestAFindingIsAnAlert(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.on("2026-01-20") // the clear screen is 15 days old
	screen := p.add("safety_screens", map[string]any{"kind": "red_flag", "screened_at": "2026-01-20 14:00:00.000Z", "result": "finding"})
	data := p.moves("thera", map[string]any{"to": "active"}, 422)["data"].(map[string]any)
	if data["E_NO_REDFLAG_SCREEN"] == nil || data["E_REDFLAG_OPEN"] == nil {
		t.Errorf("signed on a finding: %v", data)
	}
	alerts, err := p.h.App.FindRecordsByFilter("safety_alerts", `closed_at=""`, "", 0, 0)
	if err != nil || len(alerts) != 1 || alerts[0].GetString("level") != "urgent" {
		t.Errorf("%d alerts, %v", len(alerts), err)
	}
	p.do("thera", "/api/collections/visit_interventions/records", map[string]any{"patient": annas, "visit": p.evaluation, "category": "manual", "technique": "mobilization", "technique_goal": "pain", "status": "next"}, 422)
	if a := p.h.Do("thera", "PATCH", "/api/collections/safety_screens/records/"+screen, map[string]any{"note": "numb hand"}); a.Status != 200 {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if alerts, err := p.h.App.FindRecordsByFilter("safety_alerts", `closed_at=""`, "", 0, 0); err != nil || len(alerts) != 1 {
		t.Errorf("a note made %d alerts, %v", len(alerts), err)
	}
}

// What she reports waits for the team, asks for a new screen, and cannot be taken back.
func TestNewsAboutHealthWaitsForTheTeam(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	p.on("2026-01-08")
	report := p.do("anna", "/api/collections/change_reports/records", map[string]any{"patient": annas, "reason": "pregnancy", "happened_on": "2026-01-07", "source": "phone"}, 200)
	p.do("anna", "/api/plans/"+p.plan+"/changes", map[string]any{"reason": "pregnancy"}, 200)
	if n, err := p.h.App.CountRecords("tasks", dbx.HashExp{"code": "CHANGE_REPORTED", "state": "open"}); err != nil || n != 1 {
		t.Errorf("%d open tasks, %v", n, err)
	}
	if a := p.h.Do("anna", "DELETE", fmt.Sprint("/api/collections/change_reports/records/", report["id"]), nil); !a.Has("E_KEPT") {
		t.Errorf("taken back: %d %s", a.Status, a.Text)
	}
	visit := p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "checked_in"})
	manual := map[string]any{"patient": annas, "visit": visit, "category": "manual", "technique": "massage", "technique_goal": "tension", "status": "next"}
	if data := p.do("thera", "/api/collections/visit_interventions/records", manual, 422)["data"].(map[string]any); data["E_RESCREEN_DUE"] == nil {
		t.Errorf("manual treatment: %v", data)
	}
	p.on("2026-01-09")
	p.add("safety_screens", map[string]any{"kind": "contraindications", "screened_at": "2026-01-09 14:00:00.000Z", "result": "clear"})
	p.do("thera", "/api/collections/visit_interventions/records", manual, 200)
}

// A draft that was voided gives its evaluation back; a late record finds the plan it belongs to.
func TestVisitsFindTheirPlan(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	first := p.plan
	p.moves("thera", map[string]any{"to": "voided", "reason": "wrong_episode"}, 200)
	p.plan = p.add("plans", map[string]any{"clinic": hookstest.ID("north"), "episode": "2", "state": "draft"})
	if v, err := p.h.App.FindRecordById("visits", p.evaluation); err != nil || v.GetString("plan") != p.plan || first == p.plan {
		t.Errorf("the evaluation belongs to %v, %v", v, err)
	}
	a := p.h.Do("sid", "POST", "/api/collections/visits/records", map[string]any{"patient": hookstest.ID("cleo"), "plan": p.plan, "kind": "treatment", "mode": "video", "status": "checked_in"})
	if a.Status < 400 || strings.Contains(a.Text, "E_NO_PLAN") {
		t.Errorf("a stranger's plan answers: %d %s", a.Status, a.Text)
	}

	q := newPractice(t, "2026-01-05")
	q.evaluates()
	q.signs()
	q.sees("2026-01-12")
	q.on("2026-01-20")
	q.moves("thera", map[string]any{"to": "discharged", "reason": "patient_choice"}, 200)
	q.on("2026-01-21")
	evening := q.do("thera", "/api/collections/visits/records", map[string]any{"patient": annas, "kind": "treatment", "mode": "video", "status": "cancelled_clinic", "scheduled_at": "2026-01-21 01:00:00.000Z"}, 200)
	if evening["plan"] != q.plan {
		t.Errorf("the evening of the last day, in New York, belongs to %v", evening["plan"])
	}
	late := q.do("thera", "/api/collections/visits/records", map[string]any{"patient": annas, "kind": "treatment", "mode": "in_person", "status": "completed", "started_at": "2026-01-15 15:00:00.000Z"}, 200)
	if r, err := q.h.App.FindRecordById("plans", q.plan); err != nil || late["plan"] != q.plan || r.GetInt("visit_count") != 3 {
		t.Errorf("a late record of a closed plan: %v, %v", late, err)
	}
}

// The desk schedules and learns nothing of her health; a flag is cleared by a therapist with a word.
func TestTheDeskAndTheFlags(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	p.on("2026-02-17")
	late := p.do("thera", "/api/collections/visits/records", map[string]any{"patient": annas, "kind": "treatment", "mode": "in_person", "status": "completed", "started_at": "2026-02-16 15:00:00.000Z"}, 200)
	path := fmt.Sprint("/api/collections/visits/records/", late["id"])
	for who, sees := range map[string]bool{"thera": true, "anna": true, "desk": false} {
		if a := p.h.Do(who, "GET", path, nil); a.Status != 200 || strings.Contains(a.Text, "E_PAST_WINDOW") != sees {
			t.Errorf("%s reads %d %s", who, a.Status, a.Text)
		}
	}
	next := p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": "2026-02-18 15:00:00.000Z"})
	answer := p.do("desk", "/api/visits/"+next+"/transitions", map[string]any{"to": "no_show"}, 200)
	if len(answer["flags"].([]any))+len(answer["tasks"].([]any)) > 0 || answer["plan"].(map[string]any)["state"] != "" {
		t.Errorf("the desk is told %v", answer)
	}
	flag, err := p.h.App.FindFirstRecordByFilter("flags", `code="F_TELL_PRESCRIBER"`)
	check(t, err)
	p.do("thera", "/api/flags/"+flag.Id+"/clear", map[string]any{"reason": " "}, 422)
	p.do("thera", "/api/flags/"+flag.Id+"/clear", map[string]any{"reason": "told Dr Lee"}, 204)
	p.add("care_team_members", map[string]any{"kind": "pcp", "name": "Dr Moe"}) // a fact: everything is looked at again
	if flag, err = p.h.App.FindRecordById("flags", flag.Id); err != nil || flag.GetString("state") != "cleared" || flag.GetString("cleared_because") != "told Dr Lee" {
		t.Errorf("cleared, and it is %v, %v", flag.FieldsData(), err)
	}
}

package hooks_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"interictal/hooks/hookstest"
)

// Every rule that can refuse a step of a plan of care, met through HTTP by those who may take the step and by those who may
// not. Whoever is refused has changed nothing: the whole database reads as before, but for the audit.

// refusal is one rule and the step that meets it.
type refusal struct {
	codes string // every rule that refuses it, and no other
	says  string
	from  string // where the plan stands: draft, signed, six, ten, ready, completed
	day   string // "": the day on which it came there
	given func(p *practice)
	asks  func(p *practice) []call // the same step through one door or several
	by    string                   // who may take it at all; everybody else is refused as who they are
}

// call is one request.
type call struct {
	method, path string
	body         map[string]any
}

const (
	therapists = "thera tess"
	treating   = "thera tess assi"
	schedulers = "thera tess assi desk"
	everybody  = "thera tess assi desk admin neuro anna bo sid"
)

var refusals = []refusal{
	// signing
	{codes: "E_NO_EVALUATION", says: "the evaluation turns out to be entered in error", from: "draft", asks: signing, by: therapists,
		given: func(p *practice) { p.visit(p.found("visits", "kind='evaluation'"), "entered_in_error", 200) }},
	{codes: "E_NO_REDFLAG_SCREEN", says: "the screen is 15 days old", from: "draft", day: "2026-01-20", asks: signing, by: therapists},
	{codes: "E_REDFLAG_OPEN", says: "an urgent alert is open", from: "draft", given: alert("urgent"), asks: signing, by: therapists},
	{codes: "E_PLAN_CONTENT", says: "the goal has no baseline", from: "draft", asks: signing, by: therapists,
		given: func(p *practice) { p.edit("goals", p.goal, map[string]any{"baseline": nil}) }},
	{codes: "E_REGION_GROUP_MISSING", says: "nothing is said about the jaw", from: "draft", asks: signing, by: therapists,
		given: func(p *practice) {
			p.edit("impairments", p.found("impairments", "region_group='tmj'"), map[string]any{"region_group": "head_face"})
		}},
	{codes: "E_ITEM_NO_GOAL", says: "an exercise serves no goal", from: "draft", asks: signing, by: therapists,
		given: func(p *practice) { p.edit("plan_items", p.item, map[string]any{"goals": []string{}}) }},
	{codes: "E_NO_CONSENT", says: "the patient has not agreed", from: "draft", asks: signing, by: therapists,
		given: func(p *practice) { p.edit("plans", p.plan, map[string]any{"consent_on": ""}) }},
	{codes: "E_PLAN_OVERLAP", says: "a plan of the same episode is under way", from: "signed", day: "2026-01-12", given: anotherDraft, asks: signing, by: therapists},

	// terms
	{codes: "E_WINDOW_RANGE", says: "the plan would end before it starts", from: "draft", asks: editing("planned_end", "2026-01-04"), by: therapists},
	{codes: "E_WINDOW_RANGE", says: "the plan would last longer than 26 weeks", from: "draft", asks: editing("planned_end", "2026-07-07"), by: therapists},
	{codes: "E_VISITS_RANGE", says: "no visit is planned", from: "draft", asks: editing("planned_visits", 0), by: therapists},
	{codes: "E_VISITS_RANGE", says: "31 visits are planned", from: "draft", asks: editing("planned_visits", 31), by: therapists},
	{codes: "E_VISITS_RANGE", says: "an extension to what is agreed already", from: "signed", by: therapists,
		asks: extending(map[string]any{"kind": "visits", "maxVisits": 6})},
	{codes: "E_VISITS_RANGE", says: "the review would go on to visit 11", from: "six", asks: reviewing(map[string]any{"decision": "continue_to_n", "continueTo": 11}), by: therapists},
	{codes: "E_SIGNED_LIMITS", says: "more visits by an edit of the signed plan", from: "signed", asks: editing("planned_visits", 9), by: therapists},
	{codes: "E_ITEM_NO_GOAL", says: "an item of a signed plan loses its goal", from: "signed", by: therapists, asks: func(p *practice) []call {
		return []call{{"PATCH", "/api/collections/plan_items/records/" + p.item, map[string]any{"goals": []string{}}}}
	}},

	// moving the plan
	{codes: "E_TRANSITION", says: "a completed plan starts again", from: "completed", asks: moving(map[string]any{"to": "active"}), by: therapists},
	{codes: "E_TRANSITION", says: "a draft is completed", from: "draft", asks: moving(map[string]any{"to": "completed"}), by: therapists},
	{codes: "E_ROLE", says: "one person alone voids a signed plan", from: "signed", asks: moving(map[string]any{"to": "voided", "reason": "entered_in_error"}), by: therapists},
	{codes: "E_VALUE", says: "a reason that is not on the list", from: "signed", asks: moving(map[string]any{"to": "discharged", "reason": "just_because"}), by: therapists},
	{codes: "E_REASON_SHORT", says: "discharged for another reason, in one word", from: "signed", by: therapists,
		asks: moving(map[string]any{"to": "discharged", "reason": "other", "note": "moved"})},
	{codes: "E_PAUSE_DATE", says: "a pause from before the plan began", from: "signed", asks: pausing("2026-01-02"), by: therapists},
	{codes: "E_PAUSE_DATE", says: "a pause 61 days ahead", from: "signed", asks: pausing("2026-03-07"), by: therapists},
	{codes: "E_ADAPTATION", says: "a pause that adapts nothing", from: "signed", day: "2026-01-06", asks: moving(map[string]any{"to": "paused", "reason": "illness"}), by: therapists},
	{codes: "E_EXTENSION_LENGTH", says: "29 days more in one step", from: "signed", asks: extending(map[string]any{"kind": "time", "until": "2026-03-16"}), by: therapists},
	{codes: "E_REVIEW6_DUE", says: "an extension before the review of visit 6", from: "six", asks: extending(map[string]any{"kind": "visits", "maxVisits": 8}), by: therapists},
	{codes: "E_NO_REDFLAG_SCREEN", says: "back from a pause without a new screen", from: "signed", day: "2026-01-19", given: pausedWeekAgo, asks: moving(map[string]any{"to": "active"}), by: therapists},
	{codes: "E_REDFLAG_OPEN", says: "back from a pause with an emergency", from: "signed", day: "2026-01-19", asks: moving(map[string]any{"to": "active"}), by: therapists,
		given: func(p *practice) { pausedWeekAgo(p); p.screens("red_flag"); alert("emergency")(p) }},
	{codes: "E_GOAL_OUTCOME", says: "completed, and nobody has looked at the goal", from: "ten", given: ready, asks: moving(map[string]any{"to": "completed"}), by: therapists},
	{codes: "E_READINESS", says: "completed without the readiness checklist", from: "ten", given: measured, asks: moving(map[string]any{"to": "completed"}), by: therapists},
	{codes: "E_NO_CONSENT", says: "wellness that the patient has not agreed to", from: "ready", asks: moving(map[string]any{"to": "transitioned"}), by: therapists},
	{codes: "E_REDFLAG_OPEN", says: "wellness after a red-flag referral that nobody has answered", from: "signed", given: referredAway, by: therapists, asks: func(p *practice) []call {
		return []call{{"POST", p.path("wellness"), map[string]any{}}}
	}},
	{codes: "E_PLAN_CLOSED", says: "a review of a closed plan", from: "completed", asks: reviewing(map[string]any{"decision": "complete"}), by: therapists},
	{codes: "E_PLAN_CLOSED", says: "a new dose in a closed plan", from: "completed", by: therapists, asks: func(p *practice) []call {
		return []call{{"PATCH", "/api/collections/plan_items/records/" + p.item, map[string]any{"dose": "twice a day"}}}
	}},

	// checking in
	{codes: "E_NO_PLAN", says: "treatment before the plan is signed", from: "draft", asks: checkIn, by: schedulers},
	{codes: "E_PLAN_CLOSED", says: "a visit two days after the plan was completed", from: "completed", day: "2026-02-12", asks: checkIn, by: schedulers},
	{codes: "E_PAUSED", says: "a visit in the pause", from: "signed", day: "2026-01-19", given: pausedWeekAgo, asks: checkIn, by: schedulers},
	{codes: "E_OVER_PLANNED", says: "visit 7 of 6, the review done", from: "six", day: "2026-01-26", given: reviewed, asks: checkIn, by: schedulers},
	{codes: "E_REVIEW6_DUE E_OVER_PLANNED", says: "visit 7 of 6, the review open", from: "six", day: "2026-01-26", asks: checkIn, by: schedulers},
	{codes: "E_VISIT_LIMIT", says: "visit 11 without a medical extension", from: "ten", day: "2026-02-09", asks: checkIn, by: schedulers},
	{codes: "E_PAST_WINDOW", says: "the day after week 6", from: "signed", day: "2026-02-16", asks: checkIn, by: schedulers},
	{codes: "E_CERT_EXPIRED", says: "the day after the certification ended", from: "draft", day: "2026-02-02", given: certifiedToFebruary, asks: checkIn, by: schedulers},
	{codes: "E_PROGRESS_OVERDUE", says: "treatment date 11 without a progress report", from: "ten", day: "2026-02-09", asks: checkIn, by: schedulers,
		given: func(p *practice) { law("us_medicare")(p); p.ask200(extending(medically)(p)) }},
	{codes: "E_VISIT_LIMIT E_PROGRESS_OVERDUE", says: "the same without an extension", from: "ten", day: "2026-02-09", given: law("us_medicare"), asks: checkIn, by: schedulers},
	{codes: "E_DIRECT_ACCESS", says: "day 32 without a referral", from: "signed", day: "2026-02-05", given: law("direct_access"), asks: checkIn, by: schedulers},
	{codes: "E_TRANSITION", says: "a visit that took place is planned again", from: "signed", by: schedulers, asks: func(p *practice) []call {
		return stepping(p.found("visits", "kind='evaluation'"), "scheduled")
	}},

	// treating
	{codes: "E_RESCREEN_DUE", says: "hands on her neck after news about her health", from: "signed", asks: laysHandsOn, by: treating,
		given: func(p *practice) {
			p.add("change_reports", map[string]any{"reason": "new_health_issue", "happened_on": p.day})
		}},
	{codes: "E_REDFLAG_OPEN", says: "hands on her neck with an urgent alert", from: "signed", given: alert("urgent"), asks: laysHandsOn, by: treating},
	{codes: "E_NO_PLAN", says: "a wellness session after the program has ended", from: "ready", given: wellnessEnded, by: treating, asks: func(p *practice) []call {
		return []call{{"POST", "/api/collections/wellness_sessions/records", map[string]any{"patient": annas, "program": p.found("wellness_programs", "1=1"), "mode": "video", "started_at": p.instant()}}}
	}},
}

// What is given.

func alert(level string) func(*practice) {
	return func(p *practice) {
		p.add("safety_alerts", map[string]any{"level": level, "code": "THUNDERCLAP", "raised_at": p.instant()})
	}
}

func law(name string) func(*practice) {
	return func(p *practice) {
		a := p.h.Do("root", "PATCH", "/api/collections/clinics/records/"+hookstest.ID("north"), map[string]any{"regulation_profile": name})
		if a.Status != 200 {
			p.t.Fatalf("the law of %s: %d %s", name, a.Status, a.Text)
		}
	}
}

// anotherDraft of the same episode, evaluated and ready to be signed.
func anotherDraft(p *practice) {
	p.evaluates()
	again := p.ofPlan("visits", map[string]any{"kind": "evaluation", "mode": "in_person", "status": "checked_in"})
	p.visit(again, "completed", 200)
}

func pausedWeekAgo(p *practice) {
	back := p.day
	p.at("2026-01-12")
	p.ask200(pausing("2026-01-12")(p))
	p.at(back)
}

func reviewed(p *practice) {
	p.ask200(reviewing(map[string]any{"decision": "continue_to_n", "continueTo": 10})(p))
}

var medically = map[string]any{"kind": "visits", "maxVisits": 12, "reason": "clinical_need"}

func certifiedToFebruary(p *practice) {
	back := p.day
	p.at("2026-01-05")
	p.edit("plans", p.plan, map[string]any{"planned_end": "2026-02-01"})
	law("us_medicare")(p)
	p.signs()
	p.at(back)
}

func ready(p *practice) {
	for _, statement := range []string{"early_signs", "own_program", "step_down_up", "relief", "triggers", "drug_day_limit", "red_flags", "whom_to_call"} {
		p.ofPlan("readiness_answers", map[string]any{"statement": statement, "answer": "yes"})
	}
}

func measured(p *practice) {
	p.ofPlan("plan_measures", map[string]any{"domain": "frequency", "metric": "MHD28", "value": 4, "measured_on": p.day, "closing": true})
}

func agreesToWellness(p *practice) {
	p.edit("plans", p.plan, map[string]any{"wellness_consent_on": p.day})
}

func referredAway(p *practice) {
	agreesToWellness(p)
	alert("urgent")(p)
	p.moves("thera", map[string]any{"to": "discharged", "reason": "red_flag_referral"}, 200)
}

func wellnessEnded(p *practice) {
	agreesToWellness(p)
	p.moves("thera", map[string]any{"to": "transitioned"}, 200)
	p.do("thera", p.path("wellness/end"), nil, 200)
}

// What is asked.

func moving(body map[string]any) func(*practice) []call {
	return func(p *practice) []call {
		sent := maps.Clone(body)
		r, err := p.h.App.FindRecordById("plans", p.plan)
		check(p.t, err)
		sent["expectedVersion"] = r.GetInt("version")
		return []call{{"POST", p.path("transitions"), sent}}
	}
}

func signing(p *practice) []call { return moving(map[string]any{"to": "active"})(p) }

// extending and pausing say what is adapted, and why unless the body has another reason.
func extending(body map[string]any) func(*practice) []call { return adapting("extended", body) }

func pausing(on string) func(*practice) []call { return adapting("paused", map[string]any{"on": on}) }

func adapting(to string, body map[string]any) func(*practice) []call {
	return func(p *practice) []call {
		sent := map[string]any{"to": to, "reason": "work_change", "adaptationNote": "shorter sessions", "items": []string{p.item}}
		maps.Copy(sent, body)
		return moving(sent)(p)
	}
}

func reviewing(body map[string]any) func(*practice) []call {
	return func(p *practice) []call { return []call{{"POST", p.path("reviews"), body}} }
}

func editing(field string, value any) func(*practice) []call {
	return func(p *practice) []call {
		return []call{{"PATCH", "/api/collections/plans/records/" + p.plan, map[string]any{field: value}}}
	}
}

// checkIn of a visit that is planned for now.
func checkIn(p *practice) []call {
	visit := p.ofPlan("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": p.instant()})
	return stepping(visit, "checked_in")
}

// stepping moves a visit at its route, and with a PATCH of its record.
func stepping(visit, to string) []call {
	return []call{
		{"POST", "/api/visits/" + visit + "/transitions", map[string]any{"to": to}},
		{"PATCH", "/api/collections/visits/records/" + visit, map[string]any{"status": to}},
	}
}

func laysHandsOn(p *practice) []call {
	visit := p.ofPlan("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "checked_in"})
	return []call{{"POST", "/api/collections/visit_interventions/records", map[string]any{"patient": annas, "visit": visit, "status": "next",
		"category": "manual", "technique": "mobilization", "technique_goal": "joint_mobility"}}}
}

// Helpers of the practice, for a copy of it whose clock is set from inside.

func (p *practice) at(day string) {
	p.t.Helper()
	p.day = day
	at, err := time.Parse(time.RFC3339, day+"T15:00:00Z")
	check(p.t, err)
	p.h.Clock.Set(at)
}

func (p *practice) instant() string { return p.day + " 15:00:00.000Z" }

func (p *practice) path(step string) string { return "/api/plans/" + p.plan + "/" + step }

// found is the id of the first record that meets a condition.
func (p *practice) found(table, where string) (id string) {
	p.t.Helper()
	check(p.t, p.h.App.DB().NewQuery("SELECT id FROM "+table+" WHERE "+where+" ORDER BY rowid").Row(&id))
	return id
}

func (p *practice) edit(collection, id string, fields map[string]any) {
	p.t.Helper()
	p.ask200([]call{{"PATCH", "/api/collections/" + collection + "/records/" + id, fields}})
}

func (p *practice) screens(kind string) {
	p.add("safety_screens", map[string]any{"kind": kind, "screened_at": p.instant(), "result": "clear"})
}

// ask200 takes a step that is given.
func (p *practice) ask200(asks []call) hookstest.Answer {
	p.t.Helper()
	a := p.h.Do("thera", asks[0].method, asks[0].path, asks[0].body)
	if a.Status != 200 {
		p.t.Fatalf("%s %s on %s: %d %s", asks[0].method, asks[0].path, p.day, a.Status, a.Text)
	}
	return a
}

// stage is a moment in the life of a plan, kept as a copy of the data folder.
type stage struct {
	practice
	folder string
}

// stages plays one plan from its evaluation to its end, once, and keeps the moments from which the refusals begin.
func stages(t *testing.T) map[string]stage {
	t.Helper()
	p := newPractice(t, "2026-01-05")
	kept := map[string]stage{}
	keep := func(name string) { kept[name] = stage{*p, p.h.Backup()} }
	p.evaluates()
	keep("draft")
	p.signs()
	keep("signed")
	for _, day := range []string{"2026-01-08", "2026-01-12", "2026-01-15", "2026-01-19", "2026-01-22"} {
		p.sees(day)
	}
	keep("six")
	reviewed(p)
	p.ask200(extending(map[string]any{"kind": "both", "maxVisits": 10, "reason": "slow_response"})(p))
	for _, day := range []string{"2026-01-26", "2026-01-29", "2026-02-02", "2026-02-05"} {
		p.sees(day)
	}
	keep("ten")
	p.on("2026-02-10")
	ready(p)
	measured(p)
	keep("ready")
	p.moves("thera", map[string]any{"to": "completed"}, 200)
	keep("completed")
	return kept
}

// copyFor is this moment once more, in a house of its own.
func (s stage) copyFor(t *testing.T) *practice {
	t.Helper()
	house := *s.h
	house.T = t
	p := s.practice
	p.t, p.h = t, house.Restored(s.folder)
	p.at(s.day)
	return &p
}

func TestEveryRefusalOfThePlan(t *testing.T) {
	t.Parallel()
	from := stages(t)
	for _, r := range refusals {
		name := strings.ReplaceAll(r.codes, " ", "+") + "/" + r.says
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := r.comesTo(from[r.from].copyFor(t))
			asks := r.asks(p)
			r.refusesThoseWhoMay(p, asks)
			r.refusesTheOthers(p, asks)
			if severityOf(r.codes) == "OVERRIDE" {
				r.takesTheTherapistsReason(p, asks[0])
			}
		})
		if r.by != schedulers || r.codes == "E_TRANSITION" {
			continue
		}
		t.Run(name+", and it took place", func(t *testing.T) {
			t.Parallel()
			r.storesIt(r.comesTo(from[r.from].copyFor(t)))
		})
	}
}

// storesIt: what a check-in would have been refused for is no word against the record that the visit took place. The assistant
// stores it, and it waits for a reason for each code, which is not hers to give.
func (r refusal) storesIt(p *practice) {
	visit := p.ofPlan("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": p.instant()})
	late := call{"POST", "/api/visits/" + visit + "/transitions", map[string]any{"to": "completed"}}.because("clinical_need", "", strings.Fields(r.codes)...)
	a := p.h.Do("assi", late.method, late.path, late.body)
	if a.Status != 200 {
		p.t.Fatalf("the record is refused: %d %s", a.Status, a.Text)
	}
	if got := fmt.Sprint(a.Body["visit"].(map[string]any)["needsReason"]); got != fmt.Sprint(strings.Fields(r.codes)) {
		p.t.Errorf("it needs a reason for %s", got)
	}
	if got := codes(a.Body["warnings"]); !slices.Contains(got, "W_REASON_NOT_TAKEN") || len(p.overridden()) != 0 {
		p.t.Errorf("the assistant's reason: %v", got)
	}
	task := p.found("tasks", "code='NEEDS_REASON' AND state='open' AND visit='"+visit+"' AND due=date('"+p.day+"', '+7 days')")
	p.do("assi", "/api/visits/"+visit+"/reasons", late.body, 422)
	p.do("thera", "/api/visits/"+visit+"/reasons", late.body, 200)
	if p.found("tasks", "code='NEEDS_REASON' AND state='done'") != task {
		p.t.Error("the task stays open")
	}
}

// comesTo is where the step is taken.
func (r refusal) comesTo(p *practice) *practice {
	if r.day != "" {
		p.at(r.day)
	}
	if r.given != nil {
		r.given(p)
	}
	return p
}

// refusesThoseWhoMay: with these codes and no other, at each door.
func (r refusal) refusesThoseWhoMay(p *practice, asks []call) {
	p.changesNothing(func() {
		for _, who := range strings.Fields(r.by) {
			for _, a := range asks {
				r.refused(p, who, a, r.codes)
			}
		}
	})
	if strings.HasPrefix(asks[0].path, "/api/collections/") {
		return
	}
	for _, code := range strings.Fields(r.codes) {
		if n := p.noted("refuse", "thera", code, ""); n == 0 {
			p.t.Errorf("the audit does not tell of %s", code)
		}
	}
}

// refusesTheOthers: for who they are, whatever else is wrong.
func (r refusal) refusesTheOthers(p *practice, asks []call) {
	p.changesNothing(func() {
		for _, who := range append(strings.Fields(everybody), "root", "") {
			if slices.Contains(strings.Fields(r.by), who) {
				continue
			}
			for _, a := range asks {
				answer := p.h.Do(who, a.method, a.path, a.body)
				why := slices.ContainsFunc([]string{"E_ROLE", "E_NOT_FOUND", "E_FORBIDDEN", "E_SIGNED_OUT"}, answer.Has)
				if who == "root" { // not one of the team; a rule holds a superuser like anybody
					why = why || answer.Has(strings.Fields(r.codes)[0])
				}
				if answer.Status < 400 || answer.Status >= 500 || !why {
					p.t.Errorf("%s %s %s: %d %s", who, a.method, a.path, answer.Status, answer.Text)
				}
			}
		}
	})
}

// takesTheTherapistsReason and nobody else's: one for each code, and with `other` a sentence.
func (r refusal) takesTheTherapistsReason(p *practice, a call) {
	every := strings.Fields(r.codes)
	p.changesNothing(func() {
		r.refused(p, "assi", a.because("clinical_need", "", every...), r.codes+" E_ROLE")
		r.refused(p, "thera", a.because("other", "   ok, a bit short     ", every...), r.codes+" E_REASON_SHORT")
		r.refused(p, "thera", a.because("no_such_chip", "", every...), r.codes+" E_VALUE")
		if len(every) > 1 {
			r.refused(p, "thera", a.because("clinical_need", "", every[0]), strings.Join(every[1:], " "))
		}
	})
	before := p.overridden()
	b := a.because("clinical_need", "", every...)
	if answer := p.h.Do("thera", b.method, b.path, b.body); answer.Status != 200 {
		p.t.Fatalf("with a reason: %d %s", answer.Status, answer.Text)
	}
	if got := p.overridden()[len(before):]; !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(every))) {
		p.t.Errorf("the plan's events tell of reasons for %v", got)
	}
	for _, code := range every {
		if n := p.noted("override", "thera", code, "clinical_need"); n != 1 {
			p.t.Errorf("the audit tells %d times of the reason for %s", n, code)
		}
	}
}

// because is the same request with a reason for each of the codes.
func (a call) because(chip, text string, codes ...string) call {
	a.body = maps.Clone(a.body)
	var given []map[string]any
	for _, code := range codes {
		given = append(given, map[string]any{"code": code, "reason": chip, "text": text})
	}
	a.body["overrides"] = given
	return a
}

// refused with exactly these codes, each with its severity.
func (r refusal) refused(p *practice, who string, a call, codes string) {
	p.t.Helper()
	answer := p.h.Do(who, a.method, a.path, a.body)
	data, _ := answer.Body["data"].(map[string]any)
	want := slices.Sorted(slices.Values(strings.Fields(codes)))
	if got := slices.Sorted(maps.Keys(data)); answer.Status != 422 || !slices.Equal(got, want) {
		p.t.Errorf("%s %s %s: %d, not 422 %v: %s", who, a.method, a.path, answer.Status, want, answer.Text)
		return
	}
	for code, said := range data {
		broken := said.(map[string]any)
		if broken["severity"] != severityOf(code) {
			p.t.Errorf("%s is %v, not %s", code, broken["severity"], severityOf(code))
		}
		if params, _ := broken["params"].(map[string]any); severityOf(code) == "OVERRIDE" && params["giveReasonAt"] != "transitions" {
			p.t.Errorf("%s does not say where a reason is given", code)
		}
	}
}

// overridables are the rules of §2 that take a therapist's reason.
var overridables = []string{"E_PAUSED", "E_REVIEW6_DUE", "E_OVER_PLANNED", "E_PAST_WINDOW", "E_VISIT_LIMIT", "E_CERT_EXPIRED", "E_PROGRESS_OVERDUE", "E_READINESS"}

// severityOf one code or, as they never come mixed in the table, of several.
func severityOf(codes string) string {
	if slices.Contains(overridables, strings.Fields(codes)[0]) {
		return "OVERRIDE"
	}
	return "HARD"
}

func (p *practice) changesNothing(do func()) {
	p.t.Helper()
	before := p.h.Dump()
	do()
	if after := p.h.Dump(); after != before {
		p.t.Errorf("a refused step has changed something: %s", difference(before, after))
	}
}

// difference is the rows that only one of two dumps has.
func difference(before, after string) string {
	var out []string
	for sign, pair := range map[string][2]string{"- ": {before, after}, "+ ": {after, before}} {
		for _, line := range strings.Split(pair[0], "\n") {
			if !strings.Contains(pair[1], line) {
				out = append(out, sign+line)
			}
		}
	}
	return strings.Join(out, "\n")
}

// noted counts lines of the audit; "" is any reason.
func (p *practice) noted(action, who, outcome, reason string) (n int) {
	p.t.Helper()
	where := fmt.Sprintf("action='%s' AND actor='%s' AND outcome='%s' AND patient='%s'", action, hookstest.ID(who), outcome, annas)
	if reason != "" {
		where += fmt.Sprintf(" AND reason='%s'", reason)
	}
	check(p.t, p.h.App.DB().NewQuery("SELECT COUNT(*) FROM audit_events WHERE "+where).Row(&n))
	return n
}

// overridden are the codes for which the plan's events give a reason, in their order.
func (p *practice) overridden() (codes []string) {
	p.t.Helper()
	check(p.t, p.h.App.DB().NewQuery("SELECT json_extract(detail, '$.reason.code') FROM plan_events WHERE kind='override' AND plan='"+p.plan+"' ORDER BY version").Column(&codes))
	return codes
}

// No rule of the room is forgotten here, and none is made up.
func TestTheRefusalsAreComplete(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("careplan/codes.go")
	check(t, err)
	met := map[string]bool{}
	for _, r := range refusals {
		for _, code := range strings.Fields(r.codes) {
			met[code] = true
		}
	}
	known := map[string]bool{}
	for _, found := range regexp.MustCompile(`Code = "(E_[A-Z0-9_]+)"`).FindAllStringSubmatch(string(source), -1) {
		known[found[1]] = true
		if !met[found[1]] {
			t.Errorf("no test meets %s through HTTP", found[1])
		}
	}
	for code := range met {
		if !known[code] {
			t.Errorf("the room has no rule %s", code)
		}
	}
}

func signedPractice(t *testing.T) *practice {
	t.Helper()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	return p
}

// The history of a plan is written by the rules alone. A superuser who could add an event would move the plan.
func TestNobodyWritesThePlansHistory(t *testing.T) {
	t.Parallel()
	p := signedPractice(t)
	event := "/api/collections/plan_events/records"
	forged := map[string]any{"plan": p.plan, "patient": annas, "kind": "transition", "from_state": "active", "to_state": "completed", "version": 2, "actor": hookstest.ID("thera"), "at": p.instant()}
	p.changesNothing(func() {
		for _, who := range append(strings.Fields(everybody), "root", "") {
			for _, c := range []call{{"POST", event, forged}, {"PATCH", event + "/" + p.found("plan_events", "1=1"), map[string]any{"note": "x"}}, {"DELETE", event + "/" + p.found("plan_events", "1=1"), nil}} {
				if a := p.h.Do(who, c.method, c.path, c.body); a.Status < 400 {
					t.Errorf("%s %s: %d %s", who, c.method, a.Status, a.Text)
				}
			}
		}
	})
}

// The dry run of a void answers as the void would: it takes the second person from the plan, never from the body.
func TestTheDryRunOfAVoid(t *testing.T) {
	t.Parallel()
	p := signedPractice(t)
	dry := func() any {
		return p.do("thera", p.path("check"), map[string]any{"to": "voided", "reason": "entered_in_error", "second": map[string]any{"id": hookstest.ID("admin"), "role": "clinic_admin"}}, 200)["outcome"]
	}
	if got := dry(); got != "refused" {
		t.Errorf("alone: %v", got)
	}
	p.do("admin", p.path("void"), nil, 204)
	if got := dry(); got != "accepted" {
		t.Errorf("after the admin has said so: %v", got)
	}
	p.moves("thera", map[string]any{"to": "voided", "reason": "entered_in_error"}, 200)
}

// A patient may agree to the wellness program once her plan is over (T9, and after a discharge).
func TestWellnessIsAgreedToAfterwards(t *testing.T) {
	t.Parallel()
	for end, asks := range map[string]func(p *practice){
		"completed":  func(p *practice) { p.moves("thera", map[string]any{"to": "transitioned"}, 200) },
		"discharged": func(p *practice) { p.do("thera", p.path("wellness"), map[string]any{}, 200) },
	} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			p := signedPractice(t)
			ready(p)
			measured(p)
			p.moves("thera", map[string]any{"to": end, "reason": "goals_met_early"}, 200)
			agreesToWellness(p)
			asks(p)
		})
	}
}

// News about her health keeps hands off her neck until contraindications are screened again, at whichever door it came.
func TestNewsAboutHealth(t *testing.T) {
	t.Parallel()
	for door, tells := range map[string]func(p *practice){
		"the route": func(p *practice) { p.do("anna", p.path("changes"), map[string]any{"reason": "new_health_issue"}, 200) },
		"a row": func(p *practice) {
			p.add("change_reports", map[string]any{"reason": "new_health_issue", "happened_on": p.day})
		},
	} {
		t.Run(door, func(t *testing.T) {
			t.Parallel()
			p := signedPractice(t)
			hands := laysHandsOn(p)[0]
			tells(p)
			if a := p.h.Do("thera", hands.method, hands.path, hands.body); !a.Has("E_RESCREEN_DUE") {
				t.Errorf("after the news: %d %s", a.Status, a.Text)
			}
			p.at("2026-01-06")
			p.screens("contraindications")
			if a := p.h.Do("thera", hands.method, hands.path, hands.body); a.Status != 200 {
				t.Errorf("after the screen: %d %s", a.Status, a.Text)
			}
		})
	}
}

// A slip of the pen in an old treatment is corrected; what has happened since does not judge it.
func TestAnOldTreatmentIsCorrected(t *testing.T) {
	t.Parallel()
	p := signedPractice(t)
	hands := laysHandsOn(p)[0]
	hands.body["status"] = "given"
	given := p.do("thera", hands.path, hands.body, 200)["id"].(string)
	p.at("2026-01-12")
	alert("urgent")(p)
	p.edit("visit_interventions", given, map[string]any{"pain_after": 2})
	if n := p.count("safety_alerts", "1=1"); n != 1 {
		t.Errorf("one alert became %d", n)
	}
	if n := p.count("visits", "needs_reason LIKE '%E_%'"); n != 0 {
		t.Errorf("%d visits need a reason now", n)
	}
}

package hooks_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/hookstest"
	"interictal/hooks/outcomes"
)

// outcomesOf reads the route as somebody.
func outcomesOf(t testing.TB, h *hookstest.House, who, patient string) map[string]any {
	t.Helper()
	a := h.Do(who, "GET", "/api/patients/"+hookstest.ID(patient)+"/outcomes", nil)
	if a.Status != 200 {
		t.Fatalf("%s: %d %s", who, a.Status, a.Text)
	}
	return a.Body
}

// dig walks through an answer: keys and places in lists.
func dig(t testing.TB, v any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch s := step.(type) {
		case string:
			v = v.(map[string]any)[s]
		case int:
			list := v.([]any)
			if s >= len(list) {
				t.Fatalf("%v: only %d in %v", path, len(list), v)
			}
			v = list[s]
		}
	}
	return v
}

// seriesOf is the row of one questionnaire; nil: there is none.
func seriesOf(t testing.TB, body map[string]any, instrument string) map[string]any {
	t.Helper()
	for _, one := range body["instruments"].([]any) {
		if one := one.(map[string]any); one["id"] == instrument {
			return one
		}
	}
	return nil
}

// dueIn is what the calendar says of one questionnaire on one occasion.
func dueIn(t testing.TB, body map[string]any, instrument, occasion string) map[string]any {
	t.Helper()
	for _, one := range body["due"].([]any) {
		if one := one.(map[string]any); one["instrument"] == instrument && one["occasion"] == occasion {
			return one
		}
	}
	t.Fatalf("%s at %s is not in the calendar: %v", instrument, occasion, body["due"])
	return nil
}

// Offline she answers half, comes back to it, and finishes; the therapist sees the score. When she stops sharing, it is gone.
func TestAQuestionnaireOfflineInTwoSittings(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	anna, staff := p.h.Phone("anna"), staffPhone(p.h, "thera")
	anna.Sync()
	const id = "midasofanna0001"
	draft := map[string]any{"patient": annas, "instrument": "midas", "occasion": "start", "answers": map[string]any{"q1": 5, "q2": 3, "q3": nil},
		"entered_at": "2026-01-05T15:00:00.000Z", "entered_offset": -300, "source": "phone"}
	anna.Put("instrument_responses", id, draft)
	anna.Sync()
	body := outcomesOf(t, p.h, "thera", "anna")
	point := dig(t, seriesOf(t, body, "midas"), "points", 0).(map[string]any)
	if point["status"] != "draft" || dig(t, point, "scores", 0, "value") != nil || dig(t, point, "scores", 0, "reason") != "DRAFT" {
		t.Errorf("half a questionnaire: %v", point)
	}
	if due := dueIn(t, body, "midas", "start"); due["state"] != "due" || due["draft"] != id {
		t.Errorf("it waits to be resumed: %v", due)
	}
	anna.Put("instrument_responses", id, map[string]any{"answers": map[string]any{"q1": 5, "q2": 3, "q3": 4, "q4": 2, "q5": 7}, "answered_at": "2026-01-05T20:00:00.000Z"})
	anna.Sync()
	if anna.Waiting() > 0 {
		t.Fatalf("refused: %v", anna.RefusedEntries())
	}
	staff.Sync()
	if row := staff.Row("instrument_responses", id); row == nil || dig(t, row, "answers", "q5") != 7.0 {
		t.Errorf("the therapist's tablet holds %v", row)
	}
	body = outcomesOf(t, p.h, "thera", "anna")
	score := dig(t, seriesOf(t, body, "midas"), "points", 0, "scores", 0).(map[string]any)
	if score["value"] != 21.0 || score["band"] != "IVa" {
		t.Errorf("scored %v", score)
	}
	if due := dueIn(t, body, "midas", "start"); due["state"] != "done" || due["response"] != id {
		t.Errorf("it is done: %v", due)
	}
	if got := dig(t, body, "impact", "work", 0, "value"); got != 5.0 {
		t.Errorf("work: %v", got)
	}
	if got := dig(t, body, "impact", "selfCare", 0).(map[string]any); got["value"] != nil || got["reason"] != "NOT_ASKED" {
		t.Errorf("self-care was not asked: %v", got)
	}
	consentTo(t, p.h, "anna", "questionnaires", "withdrawn")
	body = outcomesOf(t, p.h, "thera", "anna")
	if len(body["instruments"].([]any)) != 0 || body["impact"] != nil || len(body["due"].([]any)) != 0 || fmt.Sprint(body["notShared"]) != "[questionnaires]" {
		t.Errorf("not shared: %v", body)
	}
	staff.Sync()
	if row := staff.Row("instrument_responses", id); row != nil {
		t.Errorf("the tablet still holds %v", row)
	}
	if seriesOf(t, outcomesOf(t, p.h, "anna", "anna"), "midas") == nil {
		t.Error("her own answers stay hers")
	}
}

// She goes on with it on the tablet before the phone has found a network: every answer stays.
func TestAQuestionnaireOnTwoDevices(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone, tablet := h.Phone("anna"), h.Phone("anna")
	const id = "midasofanna0001"
	phone.Put("instrument_responses", id, map[string]any{"patient": annas, "instrument": "midas", "occasion": "start", "answers": map[string]any{"q1": 5}})
	phone.Sync()
	tablet.Sync()
	phone.Put("instrument_responses", id, map[string]any{"answers": map[string]any{"q1": 5, "q2": 3}})
	tablet.Put("instrument_responses", id, map[string]any{"answers": map[string]any{"q1": 5, "q3": 4}})
	phone.Sync()
	tablet.Sync()
	phone.Sync()
	for name, device := range map[string]*hookstest.Phone{"phone": phone, "tablet": tablet} {
		if got := fmt.Sprint(device.Row("instrument_responses", id)["answers"]); got != "map[q1:5 q2:3 q3:4]" {
			t.Errorf("the %s holds %s", name, got)
		}
	}
	if conflicts := dig(t, h.Do("anna", "GET", "/api/sync/conflicts", nil).Body, "conflicts"); len(conflicts.([]any)) != 0 {
		t.Errorf("nobody is asked: %v", conflicts)
	}
}

func consentTo(t testing.TB, h *hookstest.House, who, family, state string) {
	t.Helper()
	r, err := h.App.FindFirstRecordByFilter("consents", "patient={:p} && family={:f}", map[string]any{"p": hookstest.ID(who), "f": family})
	check(t, err)
	a := h.Do(who, "PATCH", "/api/collections/consents/records/"+r.Id, map[string]any{"state": state})
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
}

func TestReadsByStaffAreNoted(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	outcomesOf(t, h, "anna", "anna")
	outcomesOf(t, h, "thera", "anna")
	if a := h.Do("sid", "GET", "/api/patients/"+annas+"/outcomes", nil); a.Status != 404 || !a.Has("E_NOT_FOUND") {
		t.Errorf("a stranger gets %d %s", a.Status, a.Text)
	}
	rows, err := h.App.FindRecordsByFilter("audit_events", `collection="outcomes"`, "seq", 0, 0)
	check(t, err)
	var noted []string
	for _, r := range rows {
		noted = append(noted, r.GetString("actor")+" "+r.GetString("action"))
	}
	if want := []string{hookstest.ID("thera") + " read", hookstest.ID("sid") + " refuse"}; fmt.Sprint(noted) != fmt.Sprint(want) {
		t.Errorf("noted: %v", noted)
	}
}

// What cannot be is refused with its code, and changes nothing, over REST and from a phone.
func TestAnswersThatCannotBe(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	numbers := func(pairs ...any) map[string]any {
		out := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i].(string)] = pairs[i+1]
		}
		return out
	}
	done := "2026-01-05 15:00:00.000Z"
	before := h.Dump()
	for _, c := range []struct {
		name string
		row  map[string]any
		code string
	}{
		{"no such questionnaire", map[string]any{"instrument": "phq9"}, "E_INSTRUMENT"},
		{"no such version", map[string]any{"instrument": "msq", "version": "1.0"}, "E_INSTRUMENT"},
		{"no such item", map[string]any{"instrument": "midas", "answers": numbers("q9", 1)}, "E_ANSWER_ITEM"},
		{"a quarter of 93 days", map[string]any{"instrument": "midas", "answers": numbers("q1", 93)}, "E_ANSWER_RANGE"},
		{"half a day", map[string]any{"instrument": "midas", "answers": numbers("q1", 1.5)}, "E_ANSWER_RANGE"},
		{"a HIT-6 answer there is not", map[string]any{"instrument": "hit6", "answers": numbers("q1", 7)}, "E_ANSWER_RANGE"},
		{"a word for a number", map[string]any{"instrument": "midas", "answers": numbers("q1", "3")}, "E_ANSWER_RANGE"},
		{"a list of answers", map[string]any{"instrument": "midas", "answers": []int{1, 2}}, "E_ANSWER_ITEM"},
		{"a total outside", map[string]any{"instrument": "hit6", "totals": numbers("total", 79)}, "E_ANSWER_RANGE"},
		{"a total of no scale", map[string]any{"instrument": "msq", "totals": numbers("total", 79)}, "E_ANSWER_ITEM"},
		{"a total of what is answered here", map[string]any{"instrument": "phq4", "totals": numbers("total", 9)}, "E_ANSWER_ITEM"},
		{"answers and a total", map[string]any{"instrument": "ndi", "answers": numbers("q1", 2), "totals": numbers("total", 20)}, "E_ANSWER_TWICE"},
		{"two activities, finished", map[string]any{"instrument": "psfs", "answers": numbers("a1", 3, "a2", 5), "answered_at": done}, "E_ANSWER_FEW"},
		{"words for what has none", map[string]any{"instrument": "midas", "words": map[string]string{"q1": "work"}}, "E_ANSWER_ITEM"},
		{"words that are a number", map[string]any{"instrument": "psfs", "words": map[string]any{"a1": 3}}, "E_ANSWER_ITEM"},
		{"answered next year", map[string]any{"instrument": "midas", "answers": numbers("q1", 1), "answered_at": "2199-01-05 15:00:00.000Z"}, "E_TIME_FUTURE"},
		{"no occasion there is", map[string]any{"instrument": "midas", "occasion": "birthday"}, "E_VALUE"},
	} {
		row := map[string]any{"patient": annas, "occasion": "start"}
		for k, v := range c.row {
			row[k] = v
		}
		if a := h.Do("anna", "POST", "/api/collections/instrument_responses/records", row); !a.Has(c.code) && c.code != "E_VALUE" || a.Status < 400 {
			t.Errorf("%s over REST: %d %s", c.name, a.Status, a.Text)
		}
		phone := h.Phone("anna")
		phone.Put("instrument_responses", "responseofanna1", row)
		phone.Sync()
		if refused := phone.Refused("instrument_responses", "responseofanna1"); refused[c.code] == nil {
			t.Errorf("%s from a phone: %v", c.name, refused)
		}
	}
	if h.Dump() != before {
		t.Error("something was stored")
	}
	draft := map[string]any{"patient": annas, "occasion": "start", "instrument": "psfs", "answers": numbers("a1", 3, "a2", 5), "words": map[string]string{"a1": "read", "a2": "drive"}}
	if a := h.Do("anna", "POST", "/api/collections/instrument_responses/records", draft); a.Status != 200 {
		t.Errorf("two activities are a draft: %d %s", a.Status, a.Text)
	}
	half := map[string]any{"patient": annas, "occasion": "start", "instrument": "midas", "answers": numbers("q1", 3), "answered_at": done}
	a := h.Do("anna", "POST", "/api/collections/instrument_responses/records", half)
	if a.Status != 200 {
		t.Fatalf("half filled and handed in: %d %s", a.Status, a.Text)
	}
	point := dig(t, seriesOf(t, outcomesOf(t, h, "anna", "anna"), "midas"), "points", 0).(map[string]any)
	if point["status"] != "incomplete" || dig(t, point, "scores", 0, "value") != nil || fmt.Sprint(point["missing"]) != "[q2 q3 q4 q5]" {
		t.Errorf("stored, never scored: %v", point)
	}
	if a := h.Do("anna", "PATCH", fmt.Sprint("/api/collections/instrument_responses/records/", a.Body["id"]), map[string]any{"instrument": "hit6", "answers": nil}); !a.Has("E_INSTRUMENT") {
		t.Errorf("a MIDAS becomes a HIT-6: %d %s", a.Status, a.Text)
	}
}

// An answered NDI and the neck pain of the visit are the plan's baseline; nobody types them again. The closing NDI moves the
// goal, a correction moves it too, and taking it back leaves it open.
func TestAnswersFeedThePlan(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	runSQL(t, p.h.App, "DELETE FROM plan_measures")
	warned := func() bool {
		t.Helper()
		answer := p.do("thera", "/api/plans/"+p.plan+"/check", map[string]any{"to": "active"}, 200)
		text, err := json.Marshal(answer)
		check(t, err)
		return strings.Contains(string(text), "W_NECK_BASELINE")
	}
	if !warned() {
		t.Fatal("no baseline of the neck, and no warning")
	}
	p.add("instrument_responses", map[string]any{"instrument": "ndi", "occasion": "start", "totals": map[string]any{"total": 22}, "answered_at": "2026-01-05 14:30:00.000Z", "source": "clinic"})
	if !warned() {
		t.Error("the neck's pain is still missing")
	}
	neck := p.add("physical_measures", map[string]any{"type": "neck_nrs", "value": 5, "unit": "score", "measured_on": p.day})
	if warned() {
		t.Error("NDI and neck pain are there")
	}
	row, err := p.h.App.FindRecordById("physical_measures", neck)
	check(t, err)
	if row.GetString("rater") != hookstest.ID("thera") {
		t.Errorf("the rater is %q", row.GetString("rater"))
	}
	goal := p.ofPlan("goals", map[string]any{"domain": "neck_function", "metric": "NDI", "baseline": 22, "baseline_on": p.day, "target": 12, "direction": "lower", "due": "2026-02-15", "patient_words": "Turn my head in the car"})
	p.signs()
	stands := func() string {
		t.Helper()
		r, err := p.h.App.FindRecordById("goals", goal)
		check(t, err)
		return r.GetString("value")
	}
	p.on("2026-02-05")
	closing := p.add("instrument_responses", map[string]any{"instrument": "ndi", "occasion": "end", "totals": map[string]any{"total": 13}, "answered_at": "2026-02-05 14:30:00.000Z", "source": "clinic"})
	if stands() != "13" {
		t.Errorf("the goal stands at %q", stands())
	}
	change := dig(t, seriesOf(t, outcomesOf(t, p.h, "thera", "anna"), "ndi"), "points", 1, "changes", 0).(map[string]any)
	if change["by"] != -9.0 || change["reads"] != "within measurement noise" || change["source"] == "" {
		t.Errorf("22 to 13: %v", change)
	}
	path := "/api/collections/instrument_responses/records/" + closing
	if a := p.h.Do("anna", "PATCH", path, map[string]any{"totals": map[string]any{"total": 12}}); a.Status != 200 || stands() != "12" {
		t.Errorf("corrected: %d %s, the goal stands at %q", a.Status, a.Text, stands())
	}
	if got := dig(t, seriesOf(t, outcomesOf(t, p.h, "thera", "anna"), "ndi"), "points", 1, "changes", 0, "verdict"); got != "worth_noting" {
		t.Errorf("22 to 12 is %v", got)
	}
	consentTo(t, p.h, "anna", "questionnaires", "withdrawn")
	p.h.Do("anna", "PATCH", path, map[string]any{"totals": map[string]any{"total": 40}})
	if stands() != "12" {
		t.Errorf("what she does not share moves nothing: %q", stands())
	}
	neckGoal := p.ofPlan("goals", map[string]any{"domain": "neck_function", "metric": "NECK_NRS", "baseline": 5, "baseline_on": p.day, "target": 2, "direction": "lower", "due": "2026-02-15"})
	p.add("physical_measures", map[string]any{"type": "neck_nrs", "value": 2, "unit": "score", "measured_on": p.day, "occasion": "end"})
	if r, err := p.h.App.FindRecordById("goals", neckGoal); err != nil || r.GetString("value") != "2" || stands() != "12" {
		t.Errorf("the neck's pain is the clinic's own to measure: %v, and NDI stands at %q", r, stands())
	}
	consentTo(t, p.h, "anna", "questionnaires", "given")
	if a := p.h.Do("anna", "DELETE", path, nil); a.Status != 204 || stands() != "null" {
		t.Errorf("taken back: %d %s, the goal stands at %q", a.Status, a.Text, stands())
	}
}

// A plan that is completed waits for its closing measures; the answers that come later take the task away.
func TestClosingAnswersEndTheTask(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.add("instrument_responses", map[string]any{"instrument": "hit6", "occasion": "start", "totals": map[string]any{"total": 64}, "answered_at": "2026-01-05 14:30:00.000Z"})
	p.signs()
	p.on("2026-02-05")
	p.ofPlan("plan_measures", map[string]any{"domain": "frequency", "metric": "MHD28", "value": 4, "measured_on": p.day, "closing": true})
	p.ofPlan("plan_measures", map[string]any{"domain": "neck_function", "metric": "NDI", "value": 4, "measured_on": p.day, "closing": true})
	for _, statement := range []string{"early_signs", "own_program", "step_down_up", "relief", "triggers", "drug_day_limit", "red_flags", "whom_to_call"} {
		p.ofPlan("readiness_answers", map[string]any{"statement": statement, "answer": "yes"})
	}
	done := p.moves("thera", map[string]any{"to": "completed"}, 200)
	if got := codes(done["flags"]); !slices.Contains(got, "F_CLOSING_MEASURES") {
		t.Fatalf("closing measures are asked for: %v", got)
	}
	if due := dueIn(t, outcomesOf(t, p.h, "anna", "anna"), "hit6", "end"); due["state"] != "due" || due["until"] != "2026-02-19" {
		t.Errorf("she sees it too: %v", due)
	}
	p.on("2026-02-12")
	phone := p.h.Phone("anna")
	phone.Sync()
	phone.Put("instrument_responses", "hit6ofanna00001", map[string]any{"patient": annas, "instrument": "hit6", "occasion": "end", "totals": map[string]any{"total": 58}, "answered_at": "2026-02-12T14:30:00.000Z"})
	phone.Sync()
	tasks, err := p.h.App.FindRecordsByFilter("tasks", `code="CLOSING_MEASURES"`, "", 0, 0)
	check(t, err)
	if len(tasks) != 1 || tasks[0].GetString("state") != "done" {
		t.Errorf("the task: %v", tasks)
	}
	if due := dueIn(t, outcomesOf(t, p.h, "anna", "anna"), "hit6", "end"); due["state"] != "done" {
		t.Errorf("answered: %v", due)
	}
}

// A clinic asks what it wants to ask; a calendar that names nothing is refused.
func TestAClinicHasItsOwnCalendar(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	path := "/api/collections/clinics/records/" + hookstest.ID("north")
	rules := func(text string) map[string]any { return map[string]any{"rules": json.RawMessage(text)} }
	for _, wrong := range []string{`{"questionnaires":{"ask":{"start":["phq9"]}}}`, `{"questionnaires":{"ask":{"birthday":["ndi"]}}}`, `{"questionnaires":{"startIn":-1}}`} {
		if a := p.h.Do("admin", "PATCH", path, rules(wrong)); !a.Has("E_VALUE") {
			t.Errorf("%s: %d %s", wrong, a.Status, a.Text)
		}
	}
	if a := p.h.Do("admin", "PATCH", path, rules(`{"questionnaires":{"ask":{"start":["ndi"]},"startIn":21},"followUpMonths":[6]}`)); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	var asked []string
	for _, one := range outcomesOf(t, p.h, "anna", "anna")["due"].([]any) {
		due := one.(map[string]any)
		if due["occasion"] == "start" {
			asked = append(asked, fmt.Sprint(due["instrument"], " ", due["until"]))
		}
		if due["occasion"] == "followup" && due["months"] != 6.0 {
			t.Errorf("a follow-up nobody asked for: %v", due)
		}
	}
	if fmt.Sprint(asked) != "[ndi 2026-01-26]" {
		t.Errorf("at the start: %v", asked)
	}
}

// The examination: each test with its row, its noise and its conditions.
func TestTheExaminationIsReadWithItsNoise(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	before := p.h.Dump()
	for _, c := range []struct {
		fields map[string]any
		code   string
	}{
		{map[string]any{"type": "flexion_rotation", "value": 40, "unit": "deg"}, "E_MEASURE_SIDE"},
		{map[string]any{"type": "cervical_rom", "value": 40, "unit": "deg", "site": "up"}, "E_MEASURE_SITE"},
		{map[string]any{"type": "cervical_rom", "value": 240, "unit": "deg", "site": "flexion"}, "E_MEASURE_RANGE"},
		{map[string]any{"type": "mouth_opening", "value": 40, "unit": "deg"}, "E_MEASURE_UNIT"},
		{map[string]any{"type": "ppt", "side": "left", "site": "masseter", "unit": "kPa", "readings": []int{1, 2, 3, 4}}, "E_MEASURE_READINGS"},
		{map[string]any{"type": "ppt", "side": "left", "site": "masseter", "unit": "kPa", "readings": map[string]any{"first": 210}}, "E_MEASURE_READINGS"},
		{map[string]any{"type": "craniocervical_flexion", "value": 24, "unit": "mmHg", "holds": 11}, "E_MEASURE_RANGE"},
	} {
		c.fields["patient"], c.fields["measured_on"] = annas, p.day
		if a := p.h.Do("thera", "POST", "/api/collections/physical_measures/records", c.fields); !a.Has(c.code) {
			t.Errorf("%v: %d %s", c.fields, a.Status, a.Text)
		}
	}
	if p.h.Dump() != before {
		t.Error("something was stored")
	}
	measure := func(day string, fields map[string]any) {
		t.Helper()
		p.on(day)
		fields["measured_on"] = day
		p.add("physical_measures", fields)
	}
	for _, x := range []struct {
		day      string
		left     int
		readings []int
	}{{"2026-01-05", 28, []int{210, 220, 230}}, {"2026-02-05", 33, []int{240, 250, 260}}} {
		measure(x.day, map[string]any{"type": "flexion_rotation", "side": "left", "unit": "deg", "value": x.left, "headache_free": true, "hours_since_attack": 40})
		measure(x.day, map[string]any{"type": "flexion_rotation", "side": "right", "unit": "deg", "value": 43, "headache_free": true})
		measure(x.day, map[string]any{"type": "ppt", "side": "left", "site": "upper_trapezius", "unit": "kPa", "readings": x.readings, "device": "algometer", "headache_free": true})
	}
	measure("2026-02-05", map[string]any{"type": "craniocervical_flexion", "unit": "mmHg", "value": 24, "holds": 6})
	measure("2026-02-05", map[string]any{"type": "tmj_sounds", "side": "left", "finding": "click"})
	measure("2026-02-05", map[string]any{"type": "posture", "note": "head held forward"})
	examination := outcomesOf(t, p.h, "thera", "anna")["examination"].(map[string]any)
	if got := examination["flexionRotation"].(map[string]any); got["positive"] != false || got["difference"] != 10.0 || got["shown"] != true {
		t.Errorf("flexion-rotation now: %v", got)
	}
	if got := dig(t, examination, "craniocervicalFlexion", "index"); got != 24.0 {
		t.Errorf("craniocervical flexion: %v", got)
	}
	for _, one := range examination["tests"].([]any) {
		test := one.(map[string]any)
		switch test["type"] {
		case "ppt":
			change := dig(t, test, "points", 1, "change").(map[string]any)
			if dig(t, test, "points", 0, "value") != 220.0 || change["by"] != 30.0 || change["reads"] != "within measurement noise" || dig(t, change, "next", "size") != 47.0 {
				t.Errorf("220 to 250 kPa: %v", test)
			}
		case "tmj_sounds":
			if dig(t, test, "points", 0, "finding") != "click" || dig(t, test, "points", 0, "value") != nil {
				t.Errorf("a jaw that clicks: %v", test)
			}
		}
	}
}

// A clinic's own licensed words are for its own patients and staff, and written by its admin.
func TestAClinicsOwnWordsStayInTheClinic(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	path := "/api/collections/instrument_texts/records"
	words := map[string]any{"clinic": hookstest.ID("north"), "instrument": "hit6", "version": "1", "language": "en", "licence": "Licence 4711 of the holder", "items": map[string]string{"q1": "First question"}}
	if a := h.Do("thera", "POST", path, words); a.Status == 200 {
		t.Error("a therapist is no admin")
	}
	made := h.Do("admin", "POST", path, words)
	if made.Status != 200 {
		t.Fatalf("%d %s", made.Status, made.Text)
	}
	for who, status := range map[string]int{"anna": 200, "thera": 200, "desk": 200, "cleo": 404, "sid": 404, "": 404} {
		if a := h.Do(who, "GET", fmt.Sprint(path, "/", made.Body["id"]), nil); a.Status != status {
			t.Errorf("%q gets %d", who, a.Status)
		}
	}
	for _, c := range []struct{ field, value, code string }{{"instrument", "phq9", "E_INSTRUMENT"}, {"items", `{"q7":"?"}`, "E_ANSWER_ITEM"}} {
		wrong := map[string]any{"clinic": hookstest.ID("north"), "instrument": "hit6", "language": c.field, "licence": "x", "items": map[string]string{}}
		wrong[c.field] = json.RawMessage(c.value)
		if c.field == "instrument" {
			wrong[c.field] = c.value
		}
		if a := h.Do("admin", "POST", path, wrong); !a.Has(c.code) {
			t.Errorf("%s: %d %s", c.field, a.Status, a.Text)
		}
	}
}

// The safety door asks this of a saved record.
func TestAResponseIsScoredFromItsRecord(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	for _, c := range []struct {
		each int
		want bool
	}{{2, false}, {3, true}} {
		a := h.Do("anna", "POST", "/api/collections/instrument_responses/records", map[string]any{"patient": annas, "instrument": "phq4", "occasion": "other", "answered_at": "2026-01-05 15:00:00.000Z",
			"answers": map[string]any{"q1": c.each, "q2": c.each, "q3": c.each, "q4": c.each}})
		r, err := h.App.FindRecordById("instrument_responses", a.Body["id"].(string))
		check(t, err)
		if got := outcomes.Distress(hooks.ScoreOf(r)); got != c.want {
			t.Errorf("four times %d: %v", c.each, got)
		}
	}
	broken := core.NewRecord(collectionOf(t, h, "instrument_responses"))
	broken.Load(map[string]any{"instrument": "phq4", "answers": []int{1}})
	if got := hooks.ScoreOf(broken); got.Status != outcomes.Invalid {
		t.Errorf("%+v", got)
	}
}

func collectionOf(t testing.TB, h *hookstest.House, name string) *core.Collection {
	t.Helper()
	c, err := h.App.FindCollectionByNameOrId(name)
	check(t, err)
	return c
}

// The neck's numbers stand beside the headache's windows, with the caption; without the diary's consent there are none.
func TestTheNeckStandsBesideTheHeadache(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	planFor(t, h, "anna", "active", 30)
	diaryOf(t, h, "anna", 58, 31, 2)
	diaryOf(t, h, "anna", 30, 1, 4)
	headache := outcomesOf(t, h, "thera", "anna")["headache"].(map[string]any)
	if headache["caption"] != "Moves together is not proof." || dig(t, headache, "windows", 0, "window") != "B1" || dig(t, headache, "windows", 1, "mhd28", "value") != 7.0 {
		t.Errorf("%v", headache)
	}
	consentTo(t, h, "anna", "diary", "withdrawn")
	if body := outcomesOf(t, h, "thera", "anna"); body["headache"] != nil || fmt.Sprint(body["notShared"]) != "[diary]" {
		t.Errorf("not shared: %v", body)
	}
}

// One patient's answer does not wait for the others: 200 patients are stored.
func BenchmarkOutcomesOfOneOf200(b *testing.B) {
	h := hookstest.New(b)
	responses, measures := collectionOf(b, h, "instrument_responses"), collectionOf(b, h, "physical_measures")
	check(b, h.App.RunInTransaction(func(tx core.App) error {
		patients := collectionOf(b, h, "patients")
		for i := range 200 {
			patient := annas
			if i > 0 {
				r := core.NewRecord(patients)
				r.Load(map[string]any{"clinic": hookstest.ID("north"), "name": fmt.Sprint("Patient ", i), "timezone": "America/New_York", "synthetic": true})
				if err := tx.Save(r); err != nil {
					return err
				}
				patient = r.Id
			}
			for n, occasion := range []string{"start", "review", "end", "followup"} {
				for instrument, total := range map[string]int{"midas": 30, "hit6": 60, "ndi": 20, "isi": 18} {
					r := core.NewRecord(responses)
					r.Load(map[string]any{"patient": patient, "instrument": instrument, "occasion": occasion, "totals": map[string]any{"total": total - n}, "answered_at": fmt.Sprintf("2026-0%d-05 15:00:00.000Z", n+1)})
					if err := tx.Save(r); err != nil {
						return fmt.Errorf("%s: %w", instrument, err)
					}
				}
				r := core.NewRecord(measures)
				r.Load(map[string]any{"patient": patient, "type": "ppt", "side": "left", "site": "upper_trapezius", "unit": "kPa", "readings": []int{210, 220, 230 + n}, "measured_on": fmt.Sprintf("2026-0%d-05", n+1)})
				if err := tx.Save(r); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	token := h.Token("anna")
	for b.Loop() {
		if a := h.DoWith(token, "GET", "/api/patients/"+annas+"/outcomes", nil); a.Status != 200 {
			b.Fatal(a.Text)
		}
	}
}

// outcomesAnswer is the route's answer on a plan that was closed: what docs/api.md shows.
func outcomesAnswer(t *testing.T) hookstest.Answer {
	t.Helper()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	for _, c := range []struct {
		day, occasion string
		ndi, degrees  int
	}{{"2026-01-05", "start", 22, 28}, {"2026-02-05", "end", 13, 33}} {
		p.on(c.day)
		p.add("instrument_responses", map[string]any{"instrument": "ndi", "occasion": c.occasion, "totals": map[string]any{"total": c.ndi}, "answered_at": c.day + " 14:30:00.000Z", "source": "clinic"})
		p.add("instrument_responses", map[string]any{"instrument": "psfs", "occasion": c.occasion, "answers": map[string]any{"a1": 3, "a2": 5, "a3": 4}, "words": map[string]string{"a1": "carry my girl"}, "answered_at": c.day + " 14:30:00.000Z"})
		p.add("physical_measures", map[string]any{"type": "flexion_rotation", "side": "left", "unit": "deg", "value": c.degrees, "headache_free": true, "hours_since_attack": 40, "measured_on": c.day})
	}
	p.add("physical_measures", map[string]any{"type": "craniocervical_flexion", "unit": "mmHg", "value": 24, "holds": 6, "measured_on": p.day})
	diaryDays := map[string]any{"patient": annas, "day": "2026-01-05", "headache": true, "neck_pain_nrs": 4}
	p.do("anna", "/api/collections/diary_days/records", diaryDays, 200)
	visit := p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "checked_in"})
	p.add("visit_interventions", map[string]any{"visit": visit, "category": "manual", "technique": "mobilization", "technique_goal": "joint_mobility", "region": "C1_C2", "status": "given", "pain_before": 5, "pain_after": 3})
	p.visit(visit, "completed", 200)
	p.moves("thera", map[string]any{"to": "discharged", "reason": "moved"}, 200)
	return p.h.Do("thera", "GET", "/api/patients/"+annas+"/outcomes", nil)
}

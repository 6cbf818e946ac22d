package hooks_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"interictal/hooks/careplan"
	"interictal/hooks/hookstest"
)

// What a patient fills in on her own phone: the same questionnaire on two of them, the checklist of readiness, a text in her own words.

// Both phones begin the same questionnaire without a network. It is one row, because its id follows from patient, plan and occasion.
func TestAQuestionnaireBegunOnTwoDevicesIsOne(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone, tablet := h.Phone("anna"), h.Phone("anna")
	phone.Sync()
	tablet.Sync()
	const id = "bothdevicesmakethisid0001"
	begin := func(device *hookstest.Phone, answers map[string]any, at string) {
		device.Put("instrument_responses", id, map[string]any{"patient": annas, "instrument": "midas", "version": "1", "occasion": "start", "answers": answers, "answered_at": at,
			"entered_at": "2026-01-05T09:00:00.000Z", "source": "phone"})
	}
	begin(phone, map[string]any{"q1": 5, "q2": 3}, "2026-01-05T09:10:00.000Z")
	begin(tablet, map[string]any{"q3": 4, "q2": 3}, "2026-01-05T09:30:00.000Z")
	phone.Sync()
	tablet.Sync()
	phone.Sync()
	for name, device := range map[string]*hookstest.Phone{"phone": phone, "tablet": tablet} {
		rows := device.Rows("instrument_responses")
		if len(rows) != 1 || fmt.Sprint(rows[0]["answers"]) != "map[q1:5 q2:3 q3:4]" || rows[0]["answered_at"] != "2026-01-05 09:10:00.000Z" {
			t.Errorf("the %s holds %v", name, rows)
		}
	}
	if conflicts := dig(t, h.Do("anna", "GET", "/api/sync/conflicts", nil).Body, "conflicts"); len(conflicts.([]any)) != 0 {
		t.Errorf("nobody is asked: %v", conflicts)
	}
}

// What the phone needs to know by itself what is due: the clinic's calendar, and the day of the sixth visit.
func TestThePhoneKnowsWhatIsAskedWhen(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	path := "/api/collections/clinics/records/" + hookstest.ID("north")
	a := p.h.Do("admin", "PATCH", path, map[string]any{"rules": json.RawMessage(`{"questionnaires":{"ask":{"review":["ndi","groc"]},"reviewIn":3}}`)})
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	calendar := dig(t, p.h.Do("anna", "GET", "/api/me", nil).Body, "patient", "questionnaires").(map[string]any)
	if fmt.Sprint(dig(t, calendar, "ask", "review")) != "[ndi groc]" || calendar["reviewIn"] != 3.0 || calendar["endIn"] != 14.0 {
		t.Errorf("the calendar: %v", calendar)
	}
	phone := p.h.Phone("anna")
	for _, day := range []string{"2026-01-07", "2026-01-09", "2026-01-12", "2026-01-14"} {
		p.sees(day)
	}
	phone.Sync()
	if row := phone.Row("plans", p.plan); row["review_on"] != "" {
		t.Errorf("five visits: %v", row["review_on"])
	}
	p.sees("2026-01-16")
	phone.Sync()
	if row := phone.Row("plans", p.plan); row["review_on"] != "2026-01-16" {
		t.Errorf("six visits: %v", row["review_on"])
	}
	if due := dueIn(t, outcomesOf(t, p.h, "anna", "anna"), "groc", "review"); due["from"] != "2026-01-16" || due["until"] != "2026-01-19" {
		t.Errorf("the server says %v", due)
	}
	before := p.h.Dump()
	if a := p.h.Do("thera", "PATCH", "/api/collections/plans/records/"+p.plan, map[string]any{"review_on": "2026-01-01"}); a.Status < 400 {
		t.Errorf("nobody types it: %d %s", a.Status, a.Text)
	}
	if p.h.Dump() != before {
		t.Error("and yet something changed")
	}
}

// She answers the eight on her phone, without a network; a no waits for what her therapist writes beside it.
func TestReadinessIsFilledInByThePatient(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	phone := p.h.Phone("anna")
	phone.Sync()
	id := func(i int) string { return fmt.Sprint("readinessofanna0", i) }
	for i, s := range careplan.Statements {
		answer := "yes"
		if s == careplan.KnowsTriggers {
			answer = "no"
		}
		phone.Put("readiness_answers", id(i), map[string]any{"patient": annas, "plan": p.plan, "statement": string(s), "answer": answer, "action": ""})
	}
	phone.Sync()
	if phone.Waiting() > 0 {
		t.Fatalf("refused: %v", phone.RefusedEntries())
	}
	r := p.h.Do("thera", "GET", "/api/collections/readiness_answers/records?filter=(patient='"+annas+"')", nil)
	if items := r.Body["items"].([]any); len(items) != 8 {
		t.Fatalf("the therapist reads %d of 8: %s", len(items), r.Text)
	}
	before := p.h.Dump()
	path := "/api/collections/readiness_answers/records/" + id(4)
	for _, c := range []struct {
		who    string
		body   map[string]any
		status int
		code   string
	}{
		{"anna", map[string]any{"action": "Nothing"}, 422, "E_ROLE"},
		{"anna", map[string]any{"answer": "perhaps"}, 400, ""},
		{"neuro", map[string]any{"answer": "yes"}, 404, ""},
		{"sid", map[string]any{"answer": "yes"}, 404, ""},
	} {
		if a := p.h.Do(c.who, "PATCH", path, c.body); a.Status != c.status || c.code != "" && !a.Has(c.code) {
			t.Errorf("%s %v: %d %s", c.who, c.body, a.Status, a.Text)
		}
	}
	if p.h.Dump() != before {
		t.Error("what was refused changed something")
	}
	if a := p.h.Do("thera", "PATCH", path, map[string]any{"action": "We go through the diary together."}); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	phone.Sync()
	if row := phone.Row("readiness_answers", id(4)); row["action"] != "We go through the diary together." || row["answer"] != "no" {
		t.Errorf("on her phone: %v", row)
	}
	phone.Put("readiness_answers", id(4), map[string]any{"answer": "partly"})
	phone.Sync()
	if row := phone.Row("readiness_answers", id(4)); row["answer"] != "partly" || phone.Waiting() > 0 {
		t.Errorf("she changes her mind: %v %v", row, phone.RefusedEntries())
	}
}

// What a text says in her own words is hers to write, offline too; that it was said back stays the therapist's to note.
func TestATextIsSaidBackInWriting(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	given := p.add("education_assignments", map[string]any{"item": starter("E02")})
	phone := p.h.Phone("anna")
	phone.Sync()
	phone.Put("education_assignments", given, map[string]any{"opened_at": "2026-01-05T14:30:00.000Z", "said_back": "Same bedtime, weekends too.", "said_back_at": "2026-01-05T14:40:00.000Z"})
	phone.Sync()
	if phone.Waiting() > 0 {
		t.Fatalf("refused: %v", phone.RefusedEntries())
	}
	path := "/api/collections/education_assignments/records/" + given
	if a := p.h.Do("thera", "GET", path, nil); a.Body["said_back"] != "Same bedtime, weekends too." || a.Body["taught_back_on"] != "" {
		t.Errorf("the therapist reads %s", a.Text)
	}
	before := p.h.Dump()
	if a := p.h.Do("thera", "PATCH", path, map[string]any{"said_back": "She knows."}); a.Status != 422 || !a.Has("E_ROLE") {
		t.Errorf("words for her: %d %s", a.Status, a.Text)
	}
	if p.h.Dump() != before {
		t.Error("what was refused changed something")
	}
	if a := p.h.Do("thera", "PATCH", path, map[string]any{"taught_back_on": "2026-01-05"}); a.Status != 200 {
		t.Errorf("noted: %d %s", a.Status, a.Text)
	}
}

// After the plan the diary, the exercises and the texts stay hers, and she is asked again after 3, 6 and 12 months.
func TestAfterThePlanSheKeepsHerTools(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	text := p.add("education_assignments", map[string]any{"item": starter("E02")})
	exercise := p.add("exercises", map[string]any{"name": "Chin nods", "sets": 2, "reps": 10})
	p.sees("2026-01-07")
	p.on("2026-01-09")
	p.moves("thera", map[string]any{"to": "discharged", "reason": "moved"}, 200)
	phone := p.h.Phone("anna")
	p.on("2026-04-05")
	phone.Sync()
	if row := phone.Row("plans", p.plan); row["state"] != "discharged" || row["closed_on"] != "2026-01-09" {
		t.Fatalf("the plan: %v", row)
	}
	if phone.Row("education_assignments", text) == nil || phone.Row("exercises", exercise) == nil {
		t.Error("a text or an exercise is gone with the plan")
	}
	phone.Put("diary_days", annas+"20260404", map[string]any{"patient": annas, "day": "2026-04-04", "headache": false})
	phone.Put("education_assignments", text, map[string]any{"opened_at": "2026-04-05T10:00:00.000Z"})
	phone.Put("instrument_responses", "midasafterwards", map[string]any{"patient": annas, "instrument": "midas", "version": "1", "occasion": "followup",
		"answers": map[string]any{"q1": 1, "q2": 1, "q3": 1, "q4": 1, "q5": 1}, "answered_at": "2026-04-05T10:00:00.000Z"})
	phone.Sync()
	if phone.Waiting() > 0 {
		t.Errorf("refused: %v", phone.RefusedEntries())
	}
	asked := map[float64]string{}
	for _, one := range outcomesOf(t, p.h, "anna", "anna")["due"].([]any) {
		if due := one.(map[string]any); due["instrument"] == "midas" && due["occasion"] == "followup" {
			asked[due["months"].(float64)] = due["state"].(string)
		}
	}
	if fmt.Sprint(asked) != "map[3:done 6:not_yet 12:not_yet]" {
		t.Errorf("asked again: %v", asked)
	}
}

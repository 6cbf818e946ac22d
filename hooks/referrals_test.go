package hooks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"interictal/hooks/hookstest"
)

const referrals = "/api/collections/referrals/records"

func clockAt(t *testing.T, h *hookstest.House, at string) {
	t.Helper()
	now, err := time.Parse(time.RFC3339, at)
	check(t, err)
	h.Clock.Set(now)
}

// on tells whether a moment of the answer begins like this.
func on(a hookstest.Answer, field, at string) bool {
	text, _ := a.Body[field].(string)
	return strings.HasPrefix(text, at)
}

func refers(h *hookstest.House, who, toward, question string) hookstest.Answer {
	h.T.Helper()
	return h.Do(who, "POST", referrals, map[string]any{"patient": annas, "toward": toward, "reason": "neck_pain_with_migraine", "question": question})
}

// A therapist refers, the neurologist reads and answers, the therapist reads that: each says so for himself, and everything waits where it is to be seen.
func TestAReferralIsReadAndAnswered(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	clockAt(t, h, "2026-01-06T10:00:00Z")
	sent := ok(t, h.Do("thera", "POST", referrals, map[string]any{"patient": annas, "toward": "neurologist", "reason": "migraine", "question": "Is a preventive an option?",
		"referrer": "Dr Nobody", "sender": annas, "answer": "accepted", "answered_at": "2026-01-01 10:00:00.000Z"}), 200)
	if sent.Body["referrer"] != "Thera" || sent.Body["sender"] != hookstest.ID("thera") || sent.Body["answer"] != "" || sent.Body["answered_at"] != "" || sent.Body["dated_on"] != "2026-01-06" {
		t.Fatalf("who sent it is not the sender's to say: %s", sent.Text)
	}
	path := referrals + "/" + sent.Body["id"].(string)
	waiting := func() any {
		return h.Do("neuro", "GET", "/api/neurology", nil).Body["patients"].([]any)[0].(map[string]any)["referrals"]
	}
	if waiting() != 1.0 {
		t.Errorf("it waits for the neurologist: %v", waiting())
	}
	clockAt(t, h, "2026-01-07T10:00:00Z")
	if a := ok(t, h.Do("neuro", "PATCH", path, map[string]any{"read_at": "2026-01-07 09:00:00.000Z"}), 200); !on(a, "read_at", "2026-01-07 10:00") {
		t.Errorf("when it was read is the server's to say: %s", a.Text)
	}
	clockAt(t, h, "2026-01-08T10:00:00Z")
	a := ok(t, h.Do("neuro", "PATCH", path, map[string]any{"read_at": "2026-01-08 10:00:00.000Z", "answer": "advice", "answer_text": "Yes: I would begin low."}), 200)
	if !on(a, "read_at", "2026-01-07 10:00") || a.Body["answered_name"] != "Neuro" || !on(a, "answered_at", "2026-01-08 10:00") {
		t.Errorf("read is read, and an answer has a name: %s", a.Text)
	}
	if got := fmt.Sprint(waiting(), tasksOf(t, h, "REFERRAL_ANSWER")); got != "0 [open]" {
		t.Errorf("answered: %s", got)
	}
	ok(t, h.Do("assi", "PATCH", path, map[string]any{"answer_read_at": "2026-01-08 10:00:00.000Z"}), 200)
	if got := tasksOf(t, h, "REFERRAL_ANSWER"); fmt.Sprint(got) != "[done]" {
		t.Errorf("the answer was read: %v", got)
	}
	if a := h.Do("anna", "GET", path, nil); a.Status != 200 || a.Body["answer_text"] != "Yes: I would begin low." {
		t.Errorf("the patient reads both: %s", a.Text)
	}
}

// A neurologist sends her to therapy: it is a task until it is answered, and counts as the referral of the episode that begins with it.
func TestANeurologistRefersToTherapy(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	sent := ok(t, refers(h, "neuro", "", "Please treat the neck; the drugs made her tired."), 200)
	path := referrals + "/" + sent.Body["id"].(string)
	if sent.Body["toward"] != "therapist" || sent.Body["referrer"] != "Neuro" || fmt.Sprint(tasksOf(t, h, "REFERRAL")) != "[open]" {
		t.Fatalf("%s", sent.Text)
	}
	ok(t, h.Do("thera", "PATCH", path, map[string]any{"read_at": "2026-01-08 10:00:00.000Z"}), 200)
	if fmt.Sprint(tasksOf(t, h, "REFERRAL")) != "[open]" {
		t.Error("read is not answered")
	}
	ok(t, h.Do("thera", "PATCH", path, map[string]any{"answer": "accepted"}), 200)
	if fmt.Sprint(tasksOf(t, h, "REFERRAL")) != "[done]" {
		t.Error("answered, and still on the list")
	}
	row := func() map[string]any {
		return h.Do("neuro", "GET", "/api/neurology", nil).Body["patients"].([]any)[0].(map[string]any)
	}
	if row()["referrals"] != 1.0 {
		t.Errorf("the answer waits for him: %v", row())
	}
	ok(t, h.Do("neuro", "PATCH", path, map[string]any{"answer_read_at": "2026-01-08 10:00:00.000Z"}), 200)
	if row()["referrals"] != 0.0 {
		t.Errorf("he has read it: %v", row())
	}
	plan := ok(t, h.Do("thera", "POST", "/api/collections/plans/records", map[string]any{"patient": annas, "clinic": hookstest.ID("north"), "episode": "7", "state": "draft", "planned_visits": 6}), 200)
	if a := h.Do("thera", "GET", path, nil); a.Body["episode"] != "7" {
		t.Errorf("the plan %v begins the episode: %s", plan.Body["id"], a.Text)
	}
	if a := h.Do("thera", "GET", "/api/patients/"+annas+"/overview", nil); !strings.Contains(a.Text, `"referrer":"Neuro"`) {
		t.Errorf("who sent her stands on her page: %s", a.Text)
	}
}

// What the clinic sends out is none by which it may treat, and a patient's page does not say it sent her here.
func TestAReferralOutIsNoReferralIn(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	ok(t, refers(h, "thera", "neurologist", "Would you look at the aura?"), 200)
	if a := h.Do("thera", "GET", "/api/patients/"+annas+"/overview", nil); strings.Contains(a.Text, `"referrer":"Thera"`) {
		t.Errorf("%s", a.Text)
	}
}

// The prescriber was told why, by a referral too (S-06).
func TestAReferralTellsThePrescriber(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	ok(t, refers(p.h, "thera", "neurologist", "The tablets made her tired: may we change them?"), 200)
	flag, err := p.h.App.FindFirstRecordByFilter("flags", `code="F_TELL_PRESCRIBER"`)
	check(t, err)
	if got := flag.GetString("state"); got != "cleared" {
		t.Errorf("the flag is %s", got)
	}
}

func TestAReferralStaysAsItWasSent(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	out := referrals + "/" + ok(t, refers(h, "thera", "neurologist", "Is a preventive an option?"), 200).Body["id"].(string)
	in := referrals + "/" + ok(t, refers(h, "neuro", "", "Please treat the neck."), 200).Body["id"].(string)
	done := referrals + "/" + ok(t, refers(h, "thera", "neurologist", "May she fly?"), 200).Body["id"].(string)
	ok(t, h.Do("neuro", "PATCH", done, map[string]any{"answer": "accepted"}), 200)
	paper := referrals + "/" + ok(t, h.Do("thera", "POST", referrals, map[string]any{"patient": annas, "episode": "1", "referrer": "Dr P.", "reason": "migraine", "dated_on": "2026-01-02"}), 200).Body["id"].(string)
	ok(t, h.Do("assi", "PATCH", paper, map[string]any{"referrer": "Dr Pa."}), 200)
	before := h.Dump()
	at := "2026-01-08 10:00:00.000Z"
	for _, c := range []struct {
		name, who, method, path string
		body                    map[string]any
		status                  int
		code                    string
	}{
		{"another question", "thera", "PATCH", out, map[string]any{"question": "Or surgery?"}, 422, "E_REFERRAL"},
		{"another sender", "neuro", "PATCH", out, map[string]any{"sender": annas}, 422, "E_REFERRAL"},
		{"read for the neurologist", "thera", "PATCH", out, map[string]any{"read_at": at}, 422, "E_REFERRAL"},
		{"answered by who asked", "thera", "PATCH", out, map[string]any{"answer": "accepted"}, 422, "E_REFERRAL"},
		{"an assistant answers", "assi", "PATCH", in, map[string]any{"answer": "accepted"}, 422, "E_REFERRAL"},
		{"no reason for a no", "neuro", "PATCH", out, map[string]any{"answer": "declined"}, 422, "E_VALUE"},
		{"words alone", "neuro", "PATCH", out, map[string]any{"answer_text": "Well."}, 422, "E_VALUE"},
		{"an answer that nobody gave was read", "thera", "PATCH", out, map[string]any{"answer_read_at": at}, 422, "E_REFERRAL"},
		{"a second answer", "neuro", "PATCH", done, map[string]any{"answer": "declined", "answer_text": "No."}, 422, "E_REFERRAL"},
		{"paper is no mail", "thera", "PATCH", paper, map[string]any{"answer": "accepted"}, 422, "E_REFERRAL"},
		{"paper is the clinic's", "neuro", "PATCH", paper, map[string]any{"referrer": "Dr N."}, 422, "E_REFERRAL"},
		{"nothing asked", "neuro", "POST", referrals, map[string]any{"patient": annas, "reason": "migraine", "question": " "}, 422, "E_VALUE"},
		{"an assistant refers", "assi", "POST", referrals, map[string]any{"patient": annas, "toward": "neurologist", "reason": "migraine", "question": "?"}, 422, "E_ROLE"},
		{"in a neurologist's name", "thera", "POST", referrals, map[string]any{"patient": annas, "toward": "therapist", "reason": "migraine", "question": "?"}, 422, "E_ROLE"},
		{"the patient refers", "anna", "POST", referrals, map[string]any{"patient": annas, "toward": "neurologist", "reason": "migraine", "question": "?"}, 400, ""},
		{"the desk reads", "desk", "GET", out, nil, 404, ""},
		{"a stranger", "sid", "GET", out, nil, 404, ""},
		{"taken back", "thera", "DELETE", out, nil, 403, ""},
	} {
		if a := h.Do(c.who, c.method, c.path, c.body); a.Status != c.status || c.code != "" && !a.Has(c.code) {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("what was refused has changed something")
	}
	runSQL(t, h.App, "UPDATE care_links SET until='2026-01-04 10:00:00.000Z' WHERE role='neurologist'")
	if a := refers(h, "thera", "neurologist", "Anybody there?"); a.Status != 422 || !a.Has("E_NOBODY_THERE") {
		t.Errorf("nobody would read it: %d %s", a.Status, a.Text)
	}
	if a := h.Do("neuro", "GET", out, nil); a.Status != 404 {
		t.Errorf("after the link's end: %d", a.Status)
	}
}

// A lost answer makes the app send again, and a thumb taps twice: one question waits once.
func TestAReferralSentAgainIsOne(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	ok(t, refers(h, "thera", "neurologist", "Is a preventive an option?"), 200)
	before := h.Dump()
	if a := refers(h, "thera", "neurologist", "Is a preventive an option?"); a.Status != 409 || !strings.Contains(a.Text, "E_REFERRAL_TWICE") {
		t.Errorf("sent again: %d %s", a.Status, a.Text)
	}
	if h.Dump() != before {
		t.Error("what was refused has changed something")
	}
	ok(t, refers(h, "thera", "neurologist", "And another thing?"), 200)
}

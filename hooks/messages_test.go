package hooks_test

import (
	"fmt"
	"testing"

	"interictal/hooks/hookstest"
)

const messages = "/api/collections/care_messages/records"

var annasMessages = messages + "?filter=(patient=%22anna00000000000%22)"

// A patient writes without a network; therapist and neurologist read, answer, and everybody marks for himself.
func TestThePeopleAroundAPatientTalk(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	anna := h.Phone("anna")
	anna.Put("care_messages", "messageofanna01", map[string]any{"patient": annas, "body": "The new tablets make me tired.", "author": hookstest.ID("neuro"), "author_role": "neurologist",
		"read_by_therapist": "2026-01-05 10:00:00.000Z", "entered_at": "2026-01-05 09:00:00.000Z", "source": "phone"})
	anna.Sync()
	a := h.Do("neuro", "GET", messages+"/messageofanna01", nil)
	if a.Status != 200 || a.Body["author"] != hookstest.ID("anna") || a.Body["author_role"] != "patient" || a.Body["read_by_therapist"] != "" {
		t.Fatalf("who wrote it is not the writer's to say: %d %s", a.Status, a.Text)
	}
	if a := h.Do("neuro", "PATCH", messages+"/messageofanna01", map[string]any{"read_by_neurologist": "2026-01-05 12:00:00.000Z"}); a.Status != 200 {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := h.Do("neuro", "PATCH", messages+"/messageofanna01", map[string]any{"read_by_neurologist": "2026-01-06 12:00:00.000Z"}); a.Status != 200 || a.Body["read_by_neurologist"] != "2026-01-05 12:00:00.000Z" {
		t.Errorf("read is read, the first time: %d %s", a.Status, a.Text)
	}
	if a := h.Do("neuro", "POST", messages, map[string]any{"patient": annas, "body": "Please keep taking them until we talk."}); a.Status != 200 || a.Body["author_role"] != "neurologist" {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := h.Do("neuro", "GET", annasMessages, nil); dig(t, a.Body, "items", 0, "author_name") == "" {
		t.Errorf("who wrote has a name: %s", a.Text)
	}
	anna.Sync()
	if got := has(anna, "anna")["care_messages"]; got != 2 {
		t.Errorf("anna's phone holds %d messages", got)
	}
	for _, row := range anna.Rows("care_messages") {
		if row["id"] == "messageofanna01" && row["read_by_neurologist"] != "2026-01-05 12:00:00.000Z" {
			t.Errorf("her phone does not know that it was read: %v", row)
		}
	}
}

// What was sent stays; nobody reads for somebody else; a stranger reads nothing.
func TestAMessageStaysAsItWasSent(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	sent := h.Do("thera", "POST", messages, map[string]any{"patient": annas, "body": "How was the week?"})
	path := messages + "/" + sent.Body["id"].(string)
	before := h.Dump()
	for _, c := range []struct {
		name, who, method, path string
		body                    map[string]any
		status                  int
		code                    string
	}{
		{"another word", "thera", "PATCH", path, map[string]any{"body": "How was the month?"}, 422, "E_MESSAGE"},
		{"another name", "thera", "PATCH", path, map[string]any{"author_name": "Dr Nobody"}, 422, "E_MESSAGE"},
		{"another author", "anna", "PATCH", path, map[string]any{"author": annas}, 422, "E_MESSAGE"},
		{"read for the therapist", "anna", "PATCH", path, map[string]any{"read_by_therapist": "2026-01-05 10:00:00.000Z"}, 422, "E_MESSAGE"},
		{"read for the patient", "neuro", "PATCH", path, map[string]any{"read_by_patient": "2026-01-05 10:00:00.000Z"}, 422, "E_MESSAGE"},
		{"nothing in it", "anna", "POST", messages, map[string]any{"patient": annas, "body": " \n"}, 422, "E_VALUE"},
		{"to somebody else's", "anna", "POST", messages, map[string]any{"patient": hookstest.ID("bo"), "body": "x"}, 400, ""},
		{"taken back", "thera", "DELETE", path, nil, 403, ""},
		{"a stranger", "sid", "GET", path, nil, 404, ""},
		{"the desk", "desk", "GET", path, nil, 404, ""},
	} {
		if a := h.Do(c.who, c.method, c.path, c.body); a.Status != c.status || c.code != "" && !a.Has(c.code) {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("what was refused has changed something")
	}
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE patient='"+annas+"' AND family='messages'")
	for who, want := range map[string]int{"thera": 0, "neuro": 0, "anna": 1} {
		if got := h.Do(who, "GET", annasMessages, nil).Items(); len(got) != want {
			t.Errorf("not shared, and %s reads %v", who, got)
		}
	}
}

// A word of the therapist to a team with a neurologist answers the flag that asks to tell the prescriber.
func TestAMessageTellsThePrescriber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		who    string
		linked bool
		want   string
	}{{"thera", true, "cleared"}, {"thera", false, "standing"}, {"anna", true, "standing"}, {"assi", true, "standing"}} {
		p := newPractice(t, "2026-01-05")
		p.evaluates()
		p.signs()
		if !c.linked {
			runSQL(t, p.h.App, "UPDATE care_links SET until='2026-01-04 10:00:00.000Z' WHERE role='neurologist'")
		}
		p.do(c.who, messages, map[string]any{"patient": annas, "body": "She comes to us as the tablets made her tired."}, 200)
		flag, err := p.h.App.FindFirstRecordByFilter("flags", `code="F_TELL_PRESCRIBER"`)
		check(t, err)
		if got := flag.GetString("state"); got != c.want {
			t.Errorf("%s writes, %s: the flag is %s", c.who, fmt.Sprint(c.linked), got)
		}
	}
}

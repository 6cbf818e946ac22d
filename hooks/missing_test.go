package hooks_test

import (
	"fmt"
	"testing"

	"interictal/hooks/hookstest"
)

// away takes a table away while something is asked, so that every read of it fails.
func away(t *testing.T, h *hookstest.House, table string, ask func() hookstest.Answer) hookstest.Answer {
	t.Helper()
	runSQL(t, h.App, "ALTER TABLE "+table+" RENAME TO away_for_a_moment")
	a := ask()
	runSQL(t, h.App, "ALTER TABLE away_for_a_moment RENAME TO "+table)
	return a
}

// What the database could not answer is no "there is none": a client that hears of none lets go of what it holds.
func TestABrokenDatabaseIsNoAbsence(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, _ := beside(t, h)
	if got, a := enters(h, token, tap("startofsam00001", "start", "2026-01-20T14:00:00Z")); fmt.Sprint(got) != "[applied]" {
		t.Fatalf("%s", a.Text)
	}
	feed := ok(t, h.Do("thera", "POST", "/api/calendar-feeds", nil), 200).Body["id"].(string)
	code := ok(t, h.Do("admin", "POST", northDesk+"/codes", map[string]any{"kind": "staff", "role": "therapist", "name": "Nia"}), 200).Body["code"]
	ticket := ok(t, h.Do("anna", "POST", "/api/sync/rxdb/ticket", nil), 200).Body["ticket"].(string)
	h.Token("admin")
	h.Token("thera")
	h.Token("anna")
	note := tap("noteofsam000001", "note", "2026-01-20T14:12:00Z", "text", "Sleeps.")
	redeem := map[string]any{"code": code, "email": "nia@clinic.test", "password": "long enough"}
	exercise := map[string]any{"patient": annas, "library_item": hookstest.ID("item"), "name": "x", "category": "exercise_strength"}
	for _, c := range []struct {
		table, of string
		ask       func() hookstest.Answer
	}{
		{"users", "the link's maker", func() hookstest.Answer { return byLink(h, token, "GET", "/api/caregiver", nil) }},
		{"attacks", "what a link shows", func() hookstest.Answer { return byLink(h, token, "GET", "/api/caregiver", nil) }},
		{"attacks", "what a link adds", func() hookstest.Answer {
			return byLink(h, token, "POST", "/api/caregiver/entries", map[string]any{"entries": []any{note}})
		}},
		{"users", "a ticket", func() hookstest.Answer { return h.Do("", "GET", "/api/sync/rxdb/stream?ticket="+ticket, nil) }},
		{"access_codes", "a code", func() hookstest.Answer { return h.Do("", "POST", "/api/codes/redeem", redeem) }},
		{"calendar_feeds", "a feed", func() hookstest.Answer { return h.Do("thera", "POST", "/api/calendar-feeds/"+feed+"/revoke", nil) }},
		{"trigger_analyses", "an analysis", func() hookstest.Answer {
			return h.Do("thera", "POST", "/api/trigger-analyses/"+hookstest.ID("run")+"/discussion", nil)
		}},
		{"planned_tests", "a planned test", func() hookstest.Answer { return h.Do("thera", "GET", "/api/planned-tests/"+hookstest.ID("test"), nil) }},
		{"program_templates", "a template", func() hookstest.Answer {
			return h.Do("thera", "POST", "/api/patients/"+annas+"/program/templates", map[string]any{"template": hookstest.ID("any")})
		}},
		{"library_items", "a library item", func() hookstest.Answer { return h.Do("thera", "POST", "/api/collections/exercises/records", exercise) }},
		{"education_items", "an education item", func() hookstest.Answer {
			return h.Do("thera", "POST", "/api/collections/education_assignments/records", map[string]any{"patient": annas, "item": hookstest.ID("item")})
		}},
		{"erasures", "an erasure", func() hookstest.Answer {
			return h.Do("admin", "POST", northDesk+"/erasures/"+hookstest.ID("any")+"/open", map[string]any{"reason": "A court asks."})
		}},
		{"patients", "whose diary is opened", func() hookstest.Answer {
			return h.Do("admin", "POST", northDesk+"/glass", map[string]any{"patient": annas, "reason": "Nobody else is here."})
		}},
		{"patients", "who is of the clinic", func() hookstest.Answer {
			return h.Do("admin", "GET", northDesk+"/people/"+hookstest.ID("thera")+"/impact", nil)
		}},
	} {
		a := away(t, h, c.table, c.ask)
		if a.Status != 500 || !a.Has("E_SERVER") {
			t.Errorf("%s without %s: %d %s", c.of, c.table, a.Status, a.Text)
		}
	}
	if got, a := enters(h, token, note); fmt.Sprint(got) != "[applied]" {
		t.Errorf("what was sent again: %s", a.Text)
	}
	ok(t, h.Do("", "POST", "/api/codes/redeem", redeem), 200)
}

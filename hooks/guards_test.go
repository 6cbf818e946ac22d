package hooks_test

import (
	"strings"
	"testing"
	"time"

	"interictal/hooks"
	"interictal/hooks/hookstest"
)

func TestASuperuserKeepsTheRulesToo(t *testing.T) {
	h := hookstest.New(t)
	for _, c := range []struct {
		method, path string
		body         any
		code         string
	}{
		{"POST", "/api/sql", map[string]any{"query": "DELETE FROM audit_events"}, "E_SQL_CONSOLE"},
		{"PATCH", "/api/collections/audit_events", map[string]any{"name": "gone"}, "E_TABLE_FIXED"},
		{"DELETE", "/api/collections/plan_events", nil, "E_TABLE_FIXED"},
		{"PATCH", "/api/collections/attacks", map[string]any{"name": "headaches"}, "E_TABLE_FIXED"},
		{"DELETE", "/api/collections/attacks", nil, "E_TABLE_FIXED"},
		{"PATCH", "/api/collections/practitioners", map[string]any{"name": "staff"}, "E_TABLE_FIXED"},
		{"PATCH", "/api/collections/attacks", map[string]any{"listRule": ""}, "E_TABLE_FIXED"},
		{"PUT", "/api/collections/import", map[string]any{"collections": []any{map[string]any{"name": "notes", "type": "base"}}, "deleteMissing": true}, "E_TABLE_FIXED"},
		{"PUT", "/api/collections/import", map[string]any{"collections": []any{map[string]any{"name": "audit_events", "type": "base"}}}, "E_TABLE_FIXED"},
	} {
		before := h.Dump()
		if a := h.Do("root", c.method, c.path, c.body); a.Status != 403 || !a.Has(c.code) {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.Status, a.Text)
		}
		h.Do("anna", c.method, c.path, c.body)
		if without(h.Dump()) != without(before) {
			t.Errorf("%s %s changed something", c.method, c.path)
		}
	}
}

// without leaves out the superuser that the first request makes.
func without(dump string) string {
	var kept []string
	for line := range strings.SplitSeq(dump, "\n") {
		if !strings.HasPrefix(line, "_superusers") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// A filter may hold a patient or a word from a note; the log keeps the path.
func TestTheLogHoldsNoFilter(t *testing.T) {
	h := hookstest.New(t)
	h.App.Settings().Logs.MaxDays = 1
	h.Do("anna", "GET", "/api/collections/attacks/records?filter=(note~%22secretword%22)", nil)
	h.Do("anna", "GET", "/api/collections/nothing/records?filter=(note~%22secretword%22)", nil)
	for range 100 { // the log is written behind the request
		var lines []string
		check(t, h.App.AuxDB().NewQuery("SELECT data FROM _logs").Column(&lines))
		all := strings.Join(lines, "\n")
		if strings.Contains(all, "secretword") {
			t.Fatalf("the log holds a filter: %s", all)
		}
		if strings.Contains(all, "/api/collections/nothing/records") {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("nothing was logged in ten seconds")
}

// The doctor finds what somebody with the file in hand has changed.
func TestTheDoctorFindsWhatIsBroken(t *testing.T) {
	h := hookstest.New(t)
	h.Do("thera", "GET", "/api/patients/"+hookstest.ID("anna")+"/progress", nil)
	h.Do("sid", "GET", "/api/patients/"+hookstest.ID("anna")+"/progress", nil)
	if out, _ := runCommand(h.App, "doctor"); !strings.Contains(out, "chain holds") || !strings.Contains(out, "triggers are whole") {
		t.Fatalf("a healthy house: %s", out)
	}
	for _, statement := range []string{"DROP TRIGGER guard_audit_events_update", "UPDATE audit_events SET outcome='ok' WHERE seq=2"} {
		_, err := h.App.DB().NewQuery(statement).Execute()
		check(t, err)
	}
	if out, err := runCommand(h.App, "doctor"); err == nil || !strings.Contains(out, "guard_audit_events_update") || !strings.Contains(out, "audit is broken at event 2") {
		t.Errorf("a trigger is gone: %v %s", err, out)
	}
	if broken, err := hooks.VerifyAudit(h.App); err != nil || broken != 2 {
		t.Errorf("the changed line is the second, not %d %v", broken, err)
	}
}

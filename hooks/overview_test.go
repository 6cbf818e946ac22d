package hooks_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"interictal/hooks/hookstest"
)

const adasPage = "/api/patients/ada000000000000/"

func needsOf(t *testing.T, h *hookstest.House) (kinds []string) {
	t.Helper()
	a := h.Do("amira", "GET", adasPage+"overview", nil)
	if a.Status != 200 {
		t.Fatal(a.Text)
	}
	for _, n := range a.Body["needs"].([]any) {
		kinds = append(kinds, n.(map[string]any)["kind"].(string)+" "+n.(map[string]any)["code"].(string))
	}
	return kinds
}

// The head of a patient's page: the plan on a line of days, and all that waits for somebody, what cannot wait first.
func TestOverviewSaysWhatWaits(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	clinicOfThree(t, h)
	a := h.Do("amira", "GET", adasPage+"overview", nil)
	plan := a.Body["plan"].(map[string]any)
	if plan["state"] != "active" || len(plan["visits"].([]any)) < 6 || plan["window"].(map[string]any)["week"].(float64) < 4 {
		t.Errorf("%v", plan)
	}
	if who := a.Body["patient"].(map[string]any); who["age"].(float64) < 30 || fmt.Sprint(who["diagnoses"]) != "[migraine_without_aura]" {
		t.Errorf("%v", who)
	}
	runSQL(t, h.App, "INSERT INTO safety_alerts(id, patient, code, level, raised_at) VALUES('alertofada00001', 'ada000000000000', 'THUNDERCLAP', 'emergency', '2026-01-05 10:00:00.000Z')")
	runSQL(t, h.App, "INSERT INTO care_messages(id, patient, body, author_role, read_by_therapist) VALUES('messageofada001', 'ada000000000000', 'May I run?', 'patient', '')")
	needs := needsOf(t, h)
	if needs[0] != "alert THUNDERCLAP" || !strings.Contains(strings.Join(needs, ", "), "task REVIEW_6") || !strings.Contains(strings.Join(needs, ", "), "messages") {
		t.Errorf("%v", needs)
	}
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE patient='ada000000000000'")
	if needs := strings.Join(needsOf(t, h), ", "); strings.Contains(needs, "messages") || strings.Contains(needs, "MED_") || !strings.Contains(needs, "THUNDERCLAP") {
		t.Errorf("what she does not share is not there, an alert always is: %s", needs)
	}
}

// One axis: a day that nobody recorded is a gap, and what is not shared is not there.
func TestTimelineHasGapsAsGaps(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	clinicOfThree(t, h)
	runSQL(t, h.App, "INSERT INTO modality_sessions(id, patient, type, started_at) VALUES('coldofada000001', 'ada000000000000', 'cold', '"+time.Now().Add(-50*time.Hour).UTC().Format("2006-01-02 15:04:05.000Z")+"')")
	a := h.Do("amira", "GET", adasPage+"timeline", nil)
	gaps, known := 0, 0
	for _, d := range a.Body["days"].([]any) {
		day := d.(map[string]any)
		if day["recorded"] == false {
			gaps++
		} else {
			known++
		}
	}
	if gaps == 0 || known < 40 || len(a.Body["attacks"].([]any)) < 5 || len(a.Body["visits"].([]any)) < 6 || len(a.Body["phases"].([]any)) != 1 || len(a.Body["medicines"].([]any)) != 1 || len(a.Body["devices"].([]any)) != 1 {
		t.Errorf("%d gaps, %d recorded: %s", gaps, known, a.Text[:400])
	}
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE patient='ada000000000000'")
	a = h.Do("amira", "GET", adasPage+"timeline", nil)
	if len(a.Body["days"].([]any))+len(a.Body["attacks"].([]any))+len(a.Body["medicines"].([]any))+len(a.Body["devices"].([]any)) != 0 || len(a.Body["notShared"].([]any)) != 3 || len(a.Body["visits"].([]any)) < 6 {
		t.Errorf("%s", a.Text)
	}
	if a := h.Do("amira", "GET", adasPage+"timeline?from=2026-13-01", nil); a.Status != 400 || !a.Has("E_DAY") {
		t.Error(a.Text)
	}
}

// Who changed what: the step of a plan, what staff did, and an entry's value before and after, with who sent it.
func TestHistorySaysWhoChangedWhat(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone := h.Phone("anna")
	attack := map[string]any{"patient": annas, "started_at": "2026-01-20T10:00:00.000Z", "peak_nrs": 4}
	phone.Put("attacks", oneAttack, attack)
	phone.Sync()
	attack["peak_nrs"] = 7
	phone.Put("attacks", oneAttack, attack)
	phone.Sync()
	if a := h.Do("thera", "POST", "/api/collections/care_messages/records", map[string]any{"patient": annas, "body": "How was it?"}); a.Status != 200 {
		t.Fatal(a.Text)
	}
	a := h.Do("thera", "GET", "/api/patients/"+annas+"/history", nil)
	changes := a.Body["changes"].([]any)
	if len(changes) != 1 {
		t.Fatal(a.Text)
	}
	change := changes[0].(map[string]any)
	field := change["fields"].([]any)[0].(map[string]any)
	if change["collection"] != "attacks" || field["field"] != "peak_nrs" || field["before"] != 4.0 || field["after"] != 7.0 || change["who"] != "Anna" || change["at"] == "" {
		t.Errorf("%v", change)
	}
	line := a.Body["lines"].([]any)[0].(map[string]any)
	if line["who"] != "Thera" || line["action"] != "create" || line["collection"] != "care_messages" {
		t.Errorf("%v", line)
	}
	runSQL(t, h.App, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<260) INSERT INTO attacks(id, patient, started_at) SELECT printf('attack%09d', i), '"+annas+"', '2025-01-20 10:00:00.000Z' FROM n")
	runSQL(t, h.App, "UPDATE attacks SET note='changed' WHERE id>='attack000000021' AND id<='attack000000260'")
	runSQL(t, h.App, "UPDATE attacks SET source='import' WHERE id>='attack000000081' AND id<='attack000000260'") // how it was made is no change
	runSQL(t, h.App, "UPDATE attacks SET peak_nrs=3 WHERE id='"+oneAttack+"'")
	var newest []string
	for _, c := range h.Do("thera", "GET", "/api/patients/"+annas+"/history", nil).Body["changes"].([]any) {
		newest = append(newest, c.(map[string]any)["record"].(string))
	}
	if len(newest) != 100 || newest[0] != oneAttack || newest[1] != "attack000000260" || newest[99] != "attack000000162" {
		t.Errorf("%d changes: %v", len(newest), newest)
	}
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE patient='"+annas+"'")
	if a := h.Do("thera", "GET", "/api/patients/"+annas+"/history", nil); strings.Contains(a.Text, "peak_nrs") {
		t.Errorf("what she does not share has no history here: %s", a.Text)
	}
}

// The alerts of all whom somebody treats, and of nobody else.
func TestAlertsAcrossTheCaseload(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	for i, who := range []string{"anna", "bo", "cleo"} { // bo's link has ended, cleo is at another clinic
		for level, hour := range map[string]int{"soon": 1, "urgent": 2} {
			runSQL(t, h.App, fmt.Sprintf("INSERT INTO safety_alerts(id, patient, code, level, raised_at) VALUES('alert%d%d00000000', '%s', 'X', '%s', '2026-01-05 0%d:00:00.000Z')", i, hour, hookstest.ID(who), level, hour))
		}
	}
	a := h.Do("thera", "GET", "/api/alerts", nil)
	list := a.Body["alerts"].([]any)
	if len(list) != 2 || list[0].(map[string]any)["level"] != "urgent" || list[0].(map[string]any)["patient"] != annas || list[1].(map[string]any)["level"] != "soon" {
		t.Error(a.Text)
	}
	for _, who := range []string{"anna", "neuro", "desk", "admin"} {
		if a := h.Do(who, "GET", "/api/alerts", nil); len(a.Body["alerts"].([]any)) != 0 {
			t.Errorf("%s: %s", who, a.Text)
		}
	}
}

package hooks_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/clinic"
	"interictal/hooks/entry"
	"interictal/hooks/hookstest"
)

// diaryOf writes check-ins for days before today: headache on every nth day, 0 for none.
func diaryOf(t *testing.T, h *hookstest.House, who string, from, to, nth int) {
	t.Helper()
	zone, err := clinic.LoadZone("America/New_York")
	check(t, err)
	today := clinic.DayOf(time.Now(), zone)
	collection, err := h.App.FindCollectionByNameOrId("diary_days")
	check(t, err)
	for i := from; i >= to; i-- {
		day := today.Add(-i).String()
		r := core.NewRecord(collection)
		r.Id = entry.DayID(hookstest.ID(who), day)
		r.Load(map[string]any{"patient": hookstest.ID(who), "day": day, "headache": nth > 0 && i%nth == 0, "neck_pain_nrs": 2})
		check(t, h.App.Save(r))
	}
}

func planFor(t *testing.T, h *hookstest.House, who, state string, startedAgo int) {
	t.Helper()
	zone, err := clinic.LoadZone("America/New_York")
	check(t, err)
	start := clinic.DayOf(time.Now(), zone).Add(-startedAgo)
	runSQL(t, h.App, fmt.Sprintf(`INSERT INTO plans(id, patient, clinic, episode, state, start_date, planned_visits, visit_count)
VALUES('plan%s', '%s', '%s', '1', '%s', '%s', 6, 3)`, who, hookstest.ID(who), hookstest.ID("north"), state, start))
}

func TestProgressCountsFromThePlansStart(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	planFor(t, h, "anna", "active", 30)
	diaryOf(t, h, "anna", 58, 31, 2) // 14 of 28 days before
	diaryOf(t, h, "anna", 30, 3, 4)  // 7 of 28 since
	a := h.Do("anna", "GET", "/api/patients/"+hookstest.ID("anna")+"/progress", nil)
	windows := a.Body["windows"].([]any)
	if a.Status != 200 || len(windows) != 3 || a.Body["profile"] != "leiden2023" || a.Body["zone"] != "America/New_York" {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	for i, want := range []struct {
		name  string
		value any
		days  float64
	}{{"B1", 14.0, 28}, {"T1", 7.0, 28}, {"T2", nil, 0}} {
		w := windows[i].(map[string]any)
		mhd := w["mhd28"].(map[string]any)
		if w["window"] != want.name || mhd["value"] != want.value || w["recordedDays"] != want.days {
			t.Errorf("%s: %v from %v days", w["window"], mhd, w["recordedDays"])
		}
	}
	if reason := windows[2].(map[string]any)["mhd28"].(map[string]any)["reason"]; reason != "NOT_ENOUGH_DAYS" {
		t.Errorf("a value that is missing has its reason: %v", reason)
	}
	row := a.Body["responder"].(map[string]any)["mhd28"].(map[string]any)
	if row["changePercent"] != -50.0 || row["atLeast50"] != true || row["atLeast75"] != false {
		t.Errorf("14 to 7 days: %v", row)
	}
}

// Without a plan windows count from the baseline date, without one from the first recorded day, and an
// empty diary has no windows at all.
func TestProgressWithoutAPlan(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	path := "/api/patients/" + hookstest.ID("anna") + "/progress"
	if a := h.Do("anna", "GET", path, nil); a.Status != 200 || len(a.Body["windows"].([]any)) != 0 || a.Body["anchor"] != "" {
		t.Errorf("an empty diary: %d %s", a.Status, a.Text)
	}
	diaryOf(t, h, "anna", 20, 5, 3)
	first := h.Do("anna", "GET", path, nil)
	if w := first.Body["windows"].([]any)[1].(map[string]any); w["window"] != "T1" || w["from"] != first.Body["anchor"] || w["recordedDays"] != 16.0 {
		t.Errorf("from the first recorded day: %s", first.Text)
	}
	r, err := h.App.FindRecordById("patients", hookstest.ID("anna"))
	check(t, err)
	r.Set("baseline_date", "2026-01-05")
	check(t, h.App.Save(r))
	if a := h.Do("anna", "GET", path, nil); a.Body["anchor"] != "2026-01-05" {
		t.Errorf("from the baseline date: %v", a.Body["anchor"])
	}
}

// A late entry counts at once: nothing is stored that could grow stale.
func TestProgressOfALateEntry(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	planFor(t, h, "anna", "active", 28)
	diaryOf(t, h, "anna", 28, 1, 0)
	path := "/api/patients/" + hookstest.ID("anna") + "/progress"
	value := func() any {
		w := h.Do("anna", "GET", path, nil).Body["windows"].([]any)[1].(map[string]any)
		return w["mhd28"].(map[string]any)["value"]
	}
	if value() != 0.0 {
		t.Fatalf("28 confirmed days without headache are 0, not %v", value())
	}
	anna := h.Phone("anna")
	zone, _ := clinic.LoadZone("America/New_York")
	day := clinic.DayOf(time.Now(), zone).Add(-20)
	anna.Put("attacks", "attackofanna001", map[string]any{"patient": hookstest.ID("anna"), "tz": "America/New_York", "peak_nrs": 6,
		"started_at": day.Start(zone).Add(9 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z"), "ended_at": day.Start(zone).Add(14 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")})
	anna.Sync()
	if value() != 1.0 {
		t.Errorf("an attack found three weeks later makes a headache day: %v", value())
	}
}

func TestCaseloadRanksAndSaysWhatNumbersRestOn(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	planFor(t, h, "anna", "active", 44)
	diaryOf(t, h, "anna", 72, 0, 2)
	a := h.Do("thera", "GET", "/api/caseload", nil)
	rows := a.Body["patients"].([]any)
	if len(rows) != 1 {
		t.Fatalf("assigned are anna, not bo any more: %s", a.Text)
	}
	row := rows[0].(map[string]any)
	days := row["headacheDays"].(map[string]any)
	if rank := row["rank"].(map[string]any); rank["reason"] != "Active in week 7 of 4–6" || row["recorded28"] != 28.0 || row["silentDays"] != 0.0 {
		t.Errorf("%v", row)
	}
	if base, now := days["base"].(map[string]any), days["now"].(map[string]any); base["value"] != 14.0 || now["recordedDays"] == 0.0 || now["window"] != "T2" {
		t.Errorf("%v", days)
	}
	if a := h.Do("neuro", "GET", "/api/caseload", nil); len(a.Body["patients"].([]any)) != 0 {
		t.Errorf("a neurologist reads the report, not the list: %s", a.Text)
	}
	if a := h.Do("desk", "GET", "/api/caseload", nil); len(a.Body["patients"].([]any)) != 0 {
		t.Errorf("the front desk has no caseload: %s", a.Text)
	}
}

func TestMeTellsBothWorlds(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	tess := h.Do("tess", "GET", "/api/me", nil)
	if tess.Body["patient"].(map[string]any)["id"] != hookstest.ID("tess") || len(tess.Body["practitioner"].([]any)) != 1 {
		t.Errorf("%s", tess.Text)
	}
	thera := h.Do("thera", "GET", "/api/me", nil)
	if thera.Body["patient"] != nil {
		t.Errorf("thera keeps no diary: %s", thera.Text)
	}
	anna := h.Do("anna", "GET", "/api/me", nil)
	at := anna.Body["patient"].(map[string]any)["clinic"].(map[string]any)
	if at["emergencyNumber"] != "911" || len(anna.Body["practitioner"].([]any)) != 0 {
		t.Errorf("%s", anna.Text)
	}
}

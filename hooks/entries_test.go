package hooks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"interictal/hooks/access"
	"interictal/hooks/entry"
	"interictal/hooks/hookstest"
)

// What no entry can be, through the stock REST route. The exchange has the same cases in
// exchange_test.go, because the rule hangs on the record event.
func TestBadEntriesGetTheirCodeAndChangeNothing(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	p := hookstest.ID("anna")
	day := entry.DayID(p, "2026-01-05")
	check := func(code, collection string, body map[string]any) {
		t.Helper()
		if _, named := body["patient"]; !named {
			body["patient"] = p
		}
		before := h.Dump()
		a := h.Do("anna", "POST", "/api/collections/"+collection+"/records", body)
		if a.Status != 422 || !a.Has(code) || a.Body["message"] == "" {
			t.Errorf("%s %v: wanted %s, got %d %s", collection, body, code, a.Status, a.Text)
		}
		if h.Dump() != before {
			t.Errorf("%s %v changed something", collection, body)
		}
	}
	attack := func(fields map[string]any) map[string]any {
		out := map[string]any{"started_at": "2026-01-20 10:00:00.000Z"}
		for k, v := range fields {
			out[k] = v
		}
		return out
	}
	check("E_TIME_FUTURE", "attacks", attack(map[string]any{"started_at": "9999-01-01 10:00:00.000Z"}))
	check("E_TIME_RANGE", "attacks", attack(map[string]any{"started_at": "0999-01-01 10:00:00.000Z"}))
	check("E_END_BEFORE_START", "attacks", attack(map[string]any{"ended_at": "2026-01-20 09:59:59.000Z"}))
	check("E_VALUE", "attacks", attack(map[string]any{"peak_nrs": 11}))
	check("E_VALUE", "attacks", attack(map[string]any{"peak_nrs": -1}))
	check("E_VALUE", "attacks", attack(map[string]any{"peak_nrs": 6.5}))
	check("E_TYPE", "attacks", attack(map[string]any{"peak_nrs": "very bad"}))
	check("E_VALUE", "attacks", attack(map[string]any{"peak_nrs": []int{7}}))
	check("E_VALUE", "attacks", attack(map[string]any{"nausea": 1}))
	check("E_TYPE", "attacks", attack(map[string]any{"nausea": "yes"}))
	check("E_VALUE", "attacks", attack(map[string]any{"started_offset": 900}))
	check("E_ZONE", "attacks", attack(map[string]any{"tz": "America/Springfield"}))
	check("E_ZONE", "attacks", attack(map[string]any{"tz": "Local"}))
	check("E_DAY", "diary_days", map[string]any{"id": day, "day": "2026-02-30"})
	check("E_TIME_FUTURE", "diary_days", map[string]any{"id": p + "21990101", "day": "2199-01-01"})
	check("E_ID", "diary_days", map[string]any{"id": p + "20260106", "day": "2026-01-05"})
	check("E_VALUE", "diary_days", map[string]any{"id": day, "day": "2026-01-05", "neck_pain_nrs": 12, "headache": 3})
	check("E_TYPE", "attacks", attack(map[string]any{"ended_at": "rubbish"}))
	check("E_TYPE", "attacks", attack(map[string]any{"note": 5}))
	check("E_FIELD", "attacks", attack(map[string]any{"pain": 7}))
	check("E_SCOPE", "medication_doses", map[string]any{"medication": medicineOf(t, h, "bo"), "taken_at": "2026-01-20 10:00:00.000Z"})
}

// Without a form in the room entry nobody looks whose rows a row refers to.
func TestEveryWrittenCollectionHasAForm(t *testing.T) {
	t.Parallel()
	for _, p := range access.Table {
		if len(p.Write) > 0 && !slices.Contains(entry.Collections(), p.Collection) {
			t.Errorf("people write %s, and the room entry does not know it", p.Collection)
		}
	}
}

// Of several that a row refers to each one is looked at.
func TestAListRefersToOnePatientsRows(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	draft := func(who string) string {
		return save(t, h.App, "plans", "", map[string]any{"patient": hookstest.ID(who), "clinic": hookstest.ID("north"), "episode": "1", "state": "draft", "planned_visits": 6}).Id
	}
	hers, his := draft("anna"), draft("bo")
	goal := func(who, plan string) string {
		return save(t, h.App, "goals", "", map[string]any{"patient": hookstest.ID(who), "plan": plan, "domain": "sleep", "metric": "PSQI", "direction": "lower"}).Id
	}
	problem := save(t, h.App, "problems", "", map[string]any{"patient": annas, "plan": hers, "domain": "lifestyle", "name": "Short nights"}).Id
	item := map[string]any{"patient": annas, "plan": hers, "category": "education", "name": "Sleep", "problems": []string{problem}, "mechanism": []string{"lifestyle"}}
	post := func(goals any) hookstest.Answer {
		item["goals"] = goals
		return h.Do("thera", "POST", "/api/collections/plan_items/records", item)
	}
	mine, strange := goal("anna", hers), goal("bo", his)
	if a := post([]string{mine, strange}); a.Status != 422 || !a.Has("E_SCOPE") {
		t.Errorf("somebody else's goal: %d %s", a.Status, a.Text)
	}
	for _, wrong := range []any{mine, 5, []any{5}} {
		if a := post(wrong); a.Status != 422 || !a.Has("E_TYPE") {
			t.Errorf("goals %v: %d %s", wrong, a.Status, a.Text)
		}
	}
	if a := post([]string{mine}); a.Status != 200 || fmt.Sprint(a.Body["goals"], a.Body["mechanism"]) != fmt.Sprint([]string{mine}, []string{"lifestyle"}) {
		t.Errorf("her own: %d %s", a.Status, a.Text)
	}
}

func medicineOf(t *testing.T, h *hookstest.House, who string) string {
	a := h.Do(who, "POST", "/api/collections/medications/records", map[string]any{"patient": hookstest.ID(who), "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"})
	if a.Status != 200 {
		t.Fatal(a.Text)
	}
	return a.Body["id"].(string)
}

// Several faults at once are all told, with the fields they are in.
func TestAllFaultsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	a := h.Do("anna", "POST", "/api/collections/attacks/records", map[string]any{"patient": hookstest.ID("anna"),
		"started_at": "2026-01-20 10:00:00.000Z", "ended_at": "2026-01-20 09:00:00.000Z", "peak_nrs": 11, "nausea": 3, "tz": "Nowhere"})
	for _, code := range []string{"E_VALUE", "E_END_BEFORE_START", "E_ZONE"} {
		if !a.Has(code) {
			t.Errorf("%s is missing: %s", code, a.Text)
		}
	}
	if !strings.Contains(a.Text, "peak_nrs") || !strings.Contains(a.Text, "nausea") {
		t.Errorf("both fields are named: %s", a.Text)
	}
}

// What must be representable from the start.
func TestADiaryHoldsWhatLifeBrings(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	p := hookstest.ID("anna")
	make := func(collection string, body map[string]any) map[string]any {
		t.Helper()
		body["patient"] = p
		a := h.Do("anna", "POST", "/api/collections/"+collection+"/records", body)
		if a.Status != 200 {
			t.Fatalf("%s: %d %s", collection, a.Status, a.Text)
		}
		return a.Body
	}
	make("attacks", map[string]any{"started_at": "2026-01-20 08:00:00.000Z", "ended_at": "2026-01-20 11:00:00.000Z", "started_offset": -300, "ended_offset": 60})
	second := make("attacks", map[string]any{"started_at": "2026-01-20 20:00:00.000Z"}) // two a day, and open for days
	if second["ended_at"] != "" || second["peak_nrs"] != nil || second["nausea"] != nil {
		t.Errorf("what was not said is not known: %v", second)
	}
	if second["rev"] == "" || second["rev"] == nil {
		t.Errorf("REST shows the version: %v", second["rev"])
	}
	triptan := make("medications", map[string]any{"name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"})
	dose := make("medication_doses", map[string]any{"medication": triptan["id"], "taken_at": "2026-01-22 10:00:00.000Z", "pain_before": 0})
	if dose["attack"] != "" || dose["pain_before"] != 0.0 || dose["pain_2h"] != nil {
		t.Errorf("a dose outside an attack, with zero said and two hours not said: %v", dose)
	}
	free := make("diary_days", map[string]any{"day": "2026-01-21", "headache": false})
	if free["headache"] != false || free["id"] != entry.DayID(p, "2026-01-21") {
		t.Errorf("a confirmed headache-free day: %v", free)
	}
}

// Two people change different fields of one record: neither is lost.
func TestPatchesOfDifferentFieldsLoseNeither(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	path := "/api/collections/attacks/records"
	id := h.Do("anna", "POST", path, map[string]any{"patient": hookstest.ID("anna"), "started_at": "2026-01-20 10:00:00.000Z"}).Body["id"].(string)
	for round := range 20 {
		done := make(chan bool)
		go func() {
			h.Do("anna", "PATCH", path+"/"+id, map[string]any{"note": fmt.Sprint("note ", round)})
			done <- true
		}()
		h.Do("thera", "PATCH", path+"/"+id, map[string]any{"peak_nrs": round % 11})
		<-done
		r, err := h.App.FindRecordById("attacks", id)
		if err != nil {
			t.Fatal(err)
		}
		if r.GetString("note") != fmt.Sprint("note ", round) || r.GetString("peak_nrs") != fmt.Sprint(round%11) {
			t.Fatalf("round %d: note %q, peak %q", round, r.GetString("note"), r.GetString("peak_nrs"))
		}
	}
}

// Every refusal of the stock routes has a code and a sentence.
func TestRefusalsOfTheStockRoutesHaveACode(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	stale := h.ExpiredToken("anna")
	for _, c := range []struct {
		name, token, method, path string
		body                      any
		status                    int
		code                      string
	}{
		{"a foreign patient", h.Token("anna"), "POST", "attacks/records", map[string]any{"patient": hookstest.ID("cleo"), "started_at": "2026-01-20 10:00:00.000Z"}, 400, "E_FORBIDDEN"},
		{"an unknown collection", h.Token("anna"), "GET", "headaches/records", nil, 404, "E_COLLECTION"},
		{"a record there is not", h.Token("anna"), "GET", "attacks/records/nosuchattack000", nil, 404, "E_NOT_FOUND"},
		{"a foreign record", h.Token("anna"), "PATCH", "patients/records/" + hookstest.ID("cleo"), map[string]any{"phone": "1"}, 404, "E_NOT_FOUND"},
		{"a plan by a patient", h.Token("anna"), "DELETE", "plans/records/x", nil, 403, "E_FORBIDDEN"},
		{"an expired token on a list", stale, "GET", "attacks/records", nil, 401, "E_SIGNED_OUT"},
		{"an expired token on a view", stale, "GET", "attacks/records/x", nil, 401, "E_SIGNED_OUT"},
		{"an expired token on a create", stale, "POST", "attacks/records", map[string]any{}, 401, "E_SIGNED_OUT"},
		{"a visit in the year 9999", h.Token("thera"), "POST", "visits/records", map[string]any{"patient": hookstest.ID("anna"), "kind": "treatment", "mode": "video", "status": "scheduled", "scheduled_at": "9999-01-01 10:00:00.000Z"}, 422, "E_TIME_FUTURE"},
		{"a rev that is no text", h.Token("anna"), "PATCH", "consents/records/x", map[string]any{"rev": 5}, 404, "E_NOT_FOUND"},
	} {
		before := h.Dump()
		a := h.DoWith(c.token, c.method, "/api/collections/"+c.path, c.body)
		if a.Status != c.status || !a.Has(c.code) || a.Body["message"] == "" {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Text)
		}
		if h.Dump() != before {
			t.Errorf("%s changed something", c.name)
		}
	}
}

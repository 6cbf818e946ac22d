package hooks_test

import (
	"testing"

	"interictal/hooks/hookstest"
)

// A clinic's own text is shown to whoever has a code, and consents name it; it stays as it is, and another clinic's is another's.
func TestAConsentNamesTheTextItWasGivenTo(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	texts, north := "/api/collections/consent_texts/records", hookstest.ID("north")
	first := ok(t, h.Do("admin", "POST", texts, map[string]any{"clinic": north, "version": "2027-01", "body": "We use what you share to treat you.", "written_by": "nobody"}), 200)
	if first.Body["written_by"] != hookstest.ID("admin") {
		t.Errorf("who wrote it is not the writer's to say: %s", first.Text)
	}
	second := ok(t, h.Do("admin", "POST", texts, map[string]any{"clinic": north, "version": "2027-02", "body": "We use what you share to treat you, and for nothing else."}), 200)
	h.Token("root") // makes the superuser
	before := h.Dump()
	path := texts + "/" + first.Body["id"].(string)
	for _, c := range []struct {
		name, who, method, path string
		body                    map[string]any
		status                  int
		code                    string
	}{
		{"another word", "admin", "PATCH", path, map[string]any{"body": "We sell it."}, 422, "E_CONSENT_TEXT"},
		{"another word, by a superuser", "root", "PATCH", path, map[string]any{"body": "We sell it."}, 422, "E_CONSENT_TEXT"},
		{"another name", "admin", "PATCH", path, map[string]any{"version": "2026-12"}, 422, "E_CONSENT_TEXT"},
		{"taken away", "root", "DELETE", path, nil, 422, "E_KEPT"},
		{"the app's own name", "admin", "POST", texts, map[string]any{"clinic": north, "version": "2026-01", "body": "x"}, 422, "E_VALUE"},
		{"the same name twice", "admin", "POST", texts, map[string]any{"clinic": north, "version": "2027-01", "body": "x"}, 400, ""},
		{"another clinic's", "admin", "POST", texts, map[string]any{"clinic": hookstest.ID("south"), "version": "2027-01", "body": "x"}, 400, ""},
		{"by a therapist", "thera", "POST", texts, map[string]any{"clinic": north, "version": "2027-03", "body": "x"}, 400, ""},
		{"by a patient", "anna", "PATCH", path, map[string]any{"retired": true}, 404, ""},
		{"read by a stranger", "", "GET", path, nil, 404, ""},
		{"read by another clinic's patient", "cleo", "GET", path, nil, 404, ""},
	} {
		if a := h.Do(c.who, c.method, c.path, c.body); a.Status != c.status || c.code != "" && !a.Has(c.code) {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("what was refused has changed something")
	}
	ok(t, h.Do("anna", "GET", path, nil), 200)
	shown := func(code any) string {
		return ok(t, h.Do("", "POST", "/api/invitations/text", map[string]any{"code": code}), 200).Body["version"].(string)
	}
	save(t, h.App, "patients", "noraofnorth0001", map[string]any{"clinic": north, "name": "Nora", "timezone": "Europe/Berlin", "birth_date": "1990-01-01", "active": true})
	save(t, h.App, "care_links", "", map[string]any{"patient": "noraofnorth0001", "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-01 10:00:00.000Z"})
	code := ok(t, h.Do("thera", "POST", "/api/invitations", map[string]any{"patient": "noraofnorth0001"}), 200).Body["code"]
	if got := shown(code); got != "2027-02" {
		t.Errorf("the newest is shown, not %s", got)
	}
	ok(t, h.Do("admin", "PATCH", texts+"/"+second.Body["id"].(string), map[string]any{"retired": true}), 200)
	if got := shown(code); got != "2027-01" {
		t.Errorf("what is retired is not shown, but %s", got)
	}
	ok(t, h.Do("", "POST", "/api/invitations/accept", map[string]any{"code": code, "email": "nora@home.test", "password": "a long password", "consents": []string{"diary"}}), 200)
	given, err := h.App.FindFirstRecordByFilter("consents", `patient="noraofnorth0001" && family="diary"`)
	check(t, err)
	if given.GetString("version") != "2027-01" {
		t.Errorf("she agreed to %s", given.GetString("version"))
	}
	if a := h.Do("", "POST", "/api/invitations/text", map[string]any{"code": code}); a.Status != 410 {
		t.Errorf("a code that was used: %d", a.Status)
	}
	if a := h.Do("admin", "GET", "/api/clinics/"+north+"/consents", nil); a.Body["current"] != "2027-01" {
		t.Errorf("%s", a.Text)
	}
}

// A text that is not read yet: the desk sees how many patients have said yes to another one, until each has read it or has turned all off.
func TestHowManyAreUnderAnEarlierText(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	texts, north := "/api/collections/consent_texts/records", hookstest.ID("north")
	earlier := func(what string, want float64) {
		t.Helper()
		if a := ok(t, h.Do("admin", "GET", "/api/clinics/"+north+"/consents", nil), 200); a.Body["earlier"] != want {
			t.Errorf("%s: %v, not %v", what, a.Body["earlier"], want)
		}
	}
	var all float64
	check(t, h.App.DB().NewQuery("SELECT COUNT(DISTINCT c.patient) FROM consents c JOIN patients p ON p.id=c.patient WHERE p.clinic='"+north+"' AND state='given'").Row(&all))
	earlier("the app's words alone", 0)
	first := ok(t, h.Do("admin", "POST", texts, map[string]any{"clinic": north, "version": "2027-01", "body": "We use what you share to treat you."}), 200).Body["id"].(string)
	earlier("nobody has read the new text", all)
	hers := ok(t, h.Do("anna", "GET", "/api/collections/consents/records?sort=-state", nil), 200).Items()
	for _, r := range hers {
		ok(t, h.Do("anna", "PATCH", "/api/collections/consents/records/"+r.(map[string]any)["id"].(string), map[string]any{"version": "2027-01", "decided_at": "2026-01-02 09:00:00.000Z"}), 200)
	}
	earlier("one has read it", all-1)
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE patient='"+hookstest.ID("bo")+"'")
	earlier("one has turned all off", all-2)
	ok(t, h.Do("admin", "PATCH", texts+"/"+first, map[string]any{"retired": true}), 200)
	earlier("retired, it asks nobody", 0)
	ok(t, h.Do("admin", "POST", texts, map[string]any{"clinic": north, "version": "2027-02", "body": "We use what you share to treat you, and for nothing else."}), 200)
	earlier("another asks all who share", all-1)
}

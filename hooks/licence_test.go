package hooks_test

import (
	"testing"

	"interictal/hooks/hookstest"
)

// A therapist says what her own licence is, and nothing else about herself; nobody else's; and not once she has left.
func TestATherapistsOwnLicence(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	of := func(who string) string { return "/api/collections/practitioners/records/" + hookstest.ID(who) }
	for _, who := range []string{"thera", "admin"} {
		ok(t, h.Do(who, "PATCH", of("thera"), map[string]any{"license_no": "PT-" + who, "license_state": "PA", "specialties": "headache", "practising_since": "2015-04-01"}), 200)
	}
	ok(t, h.Do("neuro", "PATCH", of("neuro"), map[string]any{"license_no": "MD-1"}), 200)
	before := h.Dump()
	for _, c := range []struct {
		name, who, whose string
		body             map[string]any
	}{
		{"another name", "thera", "thera", map[string]any{"name": "Dr Thera"}},
		{"another role", "thera", "thera", map[string]any{"role": "clinic_admin"}},
		{"another clinic", "thera", "thera", map[string]any{"clinic": hookstest.ID("south")}},
		{"another person", "thera", "thera", map[string]any{"user": hookstest.ID("assi")}},
		{"a colleague's", "thera", "assi", map[string]any{"license_no": "X"}},
		{"a patient", "anna", "thera", map[string]any{"license_no": "X"}},
		{"a stranger", "", "thera", map[string]any{"license_no": "X"}},
	} {
		if a := h.Do(c.who, "PATCH", of(c.whose), c.body); a.Status != 404 {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("what was refused has changed something")
	}
	runSQL(t, h.App, "UPDATE practitioners SET active=FALSE WHERE id='"+hookstest.ID("thera")+"'")
	if a := h.Do("thera", "PATCH", of("thera"), map[string]any{"license_no": "PT-late"}); a.Status != 404 {
		t.Errorf("after leaving: %d", a.Status)
	}
}

package hooks_test

import (
	"testing"

	"interictal/hooks/hookstest"
)

// With mail a therapist's password alone opens nothing, a patient's does; without mail both do.
func TestStaffNeedASecondFactorWhereThereIsMail(t *testing.T) {
	h := hookstest.New(t)
	signs := func(who string) hookstest.Answer {
		return h.Do("", "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": hookstest.Email(who), "password": hookstest.Password()})
	}
	for _, who := range []string{"thera", "anna"} {
		ok(t, signs(who), 200)
	}
	settings := h.App.Settings()
	settings.SMTP.Enabled, settings.SMTP.Host, settings.SMTP.Port = true, "mail.clinic.test", 587
	check(t, h.App.Save(settings))
	if a := signs("thera"); a.Status != 401 || a.Body["mfaId"] == nil {
		t.Errorf("a therapist with a password: %d %s", a.Status, a.Text)
	}
	ok(t, signs("anna"), 200)
	code := ok(t, h.Do("admin", "POST", northDesk+"/codes", map[string]any{"kind": "recovery", "user": hookstest.ID("thera")}), 200).Body["code"]
	ok(t, h.Do("", "POST", "/api/codes/redeem", map[string]any{"code": code, "password": hookstest.Password()}), 200) // handed over in person
	settings = h.App.Settings()
	settings.SMTP.Enabled = false
	check(t, h.App.Save(settings))
	ok(t, signs("thera"), 200)
}

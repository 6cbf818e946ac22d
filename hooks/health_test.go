package hooks_test

import (
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/hookstest"
)

// Superusers see what the doctor says; to everybody else there is nothing there.
func TestSystemHealthIsForSuperusers(t *testing.T) {
	h := hookstest.New(t)
	for _, who := range []string{"", "anna", "thera", "admin", "neuro"} {
		if a := h.Do(who, "GET", "/api/health/system", nil); a.Status != 404 || a.Has("findings") {
			t.Errorf("%q: %d %s", who, a.Status, a.Text)
		}
	}
	superuser := save(t, h.App, core.CollectionNameSuperusers, "", map[string]any{"email": "root@clinic.test", "password": hookstest.Password()})
	token, err := superuser.NewAuthToken()
	check(t, err)
	a := ok(t, h.DoWith(token, "GET", "/api/health/system", nil), 200)
	found := a.Body["findings"].([]any)
	first := found[0].(map[string]any)
	if first["severity"] != "must" || first["fix"] == "" || by(found, "code", "D_BACKUP")["severity"] != "must" || by(found, "code", "D_TRIGGERS")["severity"] != "fine" {
		t.Errorf("the findings: %v", found)
	}
	if a.Body["patients"].(float64) < 2 || a.Body["databaseBytes"].(float64) < 1e5 || a.Body["newest"].(float64) < 1 {
		t.Errorf("the numbers: %s", a.Text)
	}
	if strings.Contains(a.Text, annas) || strings.Contains(a.Text, hookstest.Email("anna")) {
		t.Error("somebody is named")
	}
}

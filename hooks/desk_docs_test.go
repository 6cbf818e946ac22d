package hooks_test

import (
	"strings"
	"testing"

	"interictal/hooks/hookstest"
)

// deskAnswers are those of the clinic's desk, for the examples of docs/api.md.
func deskAnswers(t *testing.T, examples map[string]any) map[string]hookstest.Answer {
	t.Helper()
	h := hookstest.New(t)
	everything(t, h, "anna")
	runSQL(t, h.App, "UPDATE plans SET state='active', start_date='2026-01-05', pt_rationale='[\"side_effects\"]' WHERE patient='"+annas+"'")
	h.Phone("anna").Sync()
	staffPhone(h, "thera").Sync()
	out := map[string]hookstest.Answer{}
	post := func(section, who string, body any) {
		out[section] = h.Do(who, "POST", strings.NewReplacer("{id}", map[bool]string{true: hookstest.ID("north"), false: annas}[strings.Contains(section, "/clinics/")],
			"{user}", hookstest.ID("tess")).Replace(strings.TrimPrefix(section, "POST ")), body)
	}
	ok(t, h.Do("admin", "POST", northDesk+"/glass", map[string]any{"patient": hookstest.ID("bo"), "reason": "He was found unwell."}), 204)
	ok(t, h.Do("admin", "POST", northDesk+"/rules", map[string]any{"effective": "2100-01-01", "regulationProfile": "us_medicare", "rules": map[string]any{"plannedVisits": 8}}), 204)
	post("POST /api/clinics/{id}/codes", "admin", examples["POST /api/clinics/{id}/codes request"])
	for _, list := range []string{"people", "patients", "devices", "consents", "audit", "upkeep", "rules", "glass", "people/{user}/impact"} {
		out["GET /api/clinics/{id}/"+list] = h.Do("admin", "GET", northDesk+"/"+strings.ReplaceAll(list, "{user}", hookstest.ID("thera")), nil)
	}
	redeem := examples["POST /api/codes/redeem request"].(map[string]any)
	redeem["code"] = out["POST /api/clinics/{id}/codes"].Body["code"]
	post("POST /api/codes/redeem", "", redeem)
	out["GET /api/neurology"] = h.Do("neuro", "GET", "/api/neurology", nil)
	post("POST /api/clinics/{id}/people/{user}/move", "admin", map[string]any{"to": hookstest.ID("thera")})
	post("POST /api/clinics/{id}/people/{user}/leave", "admin", map[string]any{"to": hookstest.ID("thera")})
	post("POST /api/patients/{id}/erase", "anna", map[string]any{})
	post("POST /api/patients/{id}/erase", "anna", map[string]any{"apply": true, "rows": out["POST /api/patients/{id}/erase"].Body["rows"]})
	out["GET /api/clinics/{id}/erasures"] = h.Do("admin", "GET", northDesk+"/erasures", nil)
	erased := out["GET /api/clinics/{id}/erasures"].Body["erasures"].([]any)[0].(map[string]any)["id"].(string)
	out["POST /api/clinics/{id}/erasures/{erasure}/open"] = h.Do("admin", "POST", northDesk+"/erasures/"+erased+"/open", map[string]any{"reason": "A court asks for it."})
	return out
}

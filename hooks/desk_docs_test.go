package hooks_test

import (
	"maps"
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

// deskMatrix are the desk's rows of the route matrix.
var deskMatrix = map[string]struct {
	body   func(patient string) any
	status string
}{
	//              own other therap ended fore assist neuro desk d/for admin a/for stranger
	"POST /api/patients/{id}/erase":                  {nil, "200 404 404 404 404 404 404 404 404 422 404 401"}, // a dry run; an admin says why
	"POST /api/patients/{id}/export":                 {nil, "200 404 404 404 404 404 404 404 404 422 404 401"},
	"GET /api/clinics/{id}/erasures":                 {nil, deskOnly + "200 404 401"},
	"POST /api/clinics/{id}/erasures/{erasure}/open": {reasonBody, deskOnly + "404 404 401"}, // of nobody
	"GET /api/clinics/{id}/people":                   {nil, deskOnly + "200 404 401"},
	"GET /api/clinics/{id}/patients":                 {nil, deskOnly + "200 404 401"},
	"GET /api/clinics/{id}/devices":                  {nil, deskOnly + "200 404 401"},
	"POST /api/clinics/{id}/devices/erase":           {nil, deskOnly + "404 404 401"}, // of nobody
	"GET /api/clinics/{id}/consents":                 {nil, deskOnly + "200 404 401"},
	"GET /api/clinics/{id}/audit":                    {nil, deskOnly + "200 404 401"},
	"GET /api/clinics/{id}/upkeep":                   {nil, deskOnly + "200 404 401"},
	"GET /api/clinics/{id}/rules":                    {nil, deskOnly + "200 404 401"},
	"POST /api/clinics/{id}/rules":                   {nil, deskOnly + "422 404 401"}, // from no day on
	"POST /api/clinics/{id}/rules/{change}/withdraw": {nil, deskOnly + "404 404 401"},
	"GET /api/clinics/{id}/people/{user}/impact":     {nil, deskOnly + "404 404 401"}, // nobody of that name
	"POST /api/clinics/{id}/people/{user}/move":      {nil, deskOnly + "404 404 401"},
	"POST /api/clinics/{id}/people/{user}/leave":     {nil, deskOnly + "404 404 401"},
	"POST /api/clinics/{id}/people/{user}/signout":   {nil, deskOnly + "404 404 401"},
	"POST /api/clinics/{id}/codes":                   {nil, deskOnly + "422 404 401"},                                 // of no kind
	"POST /api/codes/redeem":                         {acceptBody, "404 404 404 404 404 404 404 404 404 404 429 429"}, // ten a minute from one place
	"GET /api/clinics/{id}/glass":                    {nil, deskOnly + "200 404 401"},
	"POST /api/clinics/{id}/glass":                   {nil, deskOnly + "422 404 401"}, // without a reason
	"POST /api/clinics/{id}/glass/{glass}/close":     {nil, deskOnly + "404 404 401"},
	"GET /api/neurology":                             {nil, "200 200 200 200 200 200 200 200 200 200 200 401"},
}

func init() { maps.Copy(routeMatrix, deskMatrix) }

// deskOnly: to everybody before the clinic's own admin there is no such clinic.
const deskOnly = "404 404 404 404 404 404 404 404 404 "

func reasonBody(string) any { return map[string]any{"reason": "A court asks for it."} }

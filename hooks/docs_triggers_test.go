package hooks_test

import (
	"testing"

	"interictal/hooks/hookstest"
)

// triggerAnswers are those of the triggers, of a diary of 18 weeks.
func triggerAnswers(t *testing.T, examples map[string]any) map[string]hookstest.Answer {
	t.Helper()
	k := newKeeper(t, 130)
	k.weeks(126, k.trigger(map[string]any{"name": "Old cheese", "code": "cheese_aged", "kind": "yes_no"}))
	own := "/api/patients/" + annas + "/triggers"
	ran := k.h.Do("anna", "POST", own, nil)
	id := analysisOf(ran.Body)["id"].(string)
	out := map[string]hookstest.Answer{
		"POST /api/patients/{id}/triggers": ran,
		"GET /api/patients/{id}/triggers":  k.h.Do("thera", "GET", own, nil),
		"GET /api/triggers/catalogue":      k.h.Do("anna", "GET", "/api/triggers/catalogue", nil),
	}
	section := "POST /api/trigger-analyses/{id}/discussion"
	out[section] = k.h.Do("thera", "POST", "/api/trigger-analyses/"+id+"/discussion", examples[section+" request"])
	section = "POST /api/patients/{id}/planned-tests"
	wish := examples[section+" request"].(map[string]any)
	wish["factor"], wish["start"] = factorsFound(ran.Body)["Old cheese"]["factor"], october.Add(131).String()
	out[section] = k.h.Do("anna", "POST", "/api/patients/"+annas+"/planned-tests", wish)
	test := out[section].Body["id"].(string)
	out["GET /api/planned-tests/{id}"] = k.h.Do("anna", "GET", "/api/planned-tests/"+test, nil)
	out["POST /api/planned-tests/{id}/agree"] = k.h.Do("anna", "POST", "/api/planned-tests/"+test+"/agree", nil)
	out["POST /api/planned-tests/{id}/stop"] = k.h.Do("anna", "POST", "/api/planned-tests/"+test+"/stop", nil)
	return out
}

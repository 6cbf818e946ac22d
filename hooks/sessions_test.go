package hooks_test

import "testing"

// What she has answered before cold holds on the server too: a yes stops the next guided session, and never the record of one.
func TestHerOwnAnswersBeforeCold(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-10")
	cold := func(state string) map[string]any {
		return map[string]any{"patient": annas, "type": "cold", "state": state, "site": "forehead", "started_at": p.instant()}
	}
	screen := map[string]any{"patient": annas, "asked_at": p.instant(), "answers": `{"cold_urticaria":false,"raynaud":null}`}
	made := p.do("anna", at("cold_screens"), screen, 200)["id"].(string)
	p.do("anna", at("modality_sessions"), cold("next"), 200) // not sure: the phone has asked her to wait, nothing was found
	for _, answers := range []string{`{"weather":true}`, `{"raynaud":"no"}`, `[]`} {
		p.unchanged("answers "+answers, "anna", "PATCH", at("cold_screens")+"/"+made, map[string]any{"answers": answers}, 422, "E_VALUE")
	}
	p.edit("cold_screens", made, map[string]any{"answers": `{"cold_urticaria":false,"raynaud":true}`})
	p.unchanged("cold with Raynaud's", "anna", "POST", at("modality_sessions"), cold("next"), 422, "E_COLD_SCREEN")
	p.do("anna", at("modality_sessions"), cold("done"), 200)
	if n := p.count("tasks", "code='SESSION_UNSCREENED' AND state='open'"); n != 1 {
		t.Errorf("%d tasks for cold that should not have been", n)
	}
	later := p.instant()
	p.do("anna", at("cold_screens"), map[string]any{"patient": annas, "asked_at": later, "answers": `{"raynaud":false}`}, 200)
	p.add("health_facts", map[string]any{"raynaud": true})
	p.unchanged("the clinic knows better", "anna", "POST", at("modality_sessions"), cold("next"), 422, "E_COLD_SCREEN")
}

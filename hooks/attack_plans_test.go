package hooks_test

import (
	"testing"

	"interictal/hooks/hookstest"
)

func TestAnAttackPlanIsAgreedTo(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	rows := "/api/collections/attack_plans/records"
	wish := p.do("anna", rows, map[string]any{"patient": annas, "steps": "Lie down in the dark."}, 200)["id"].(string)
	refused := func(says, who, method, path string, body map[string]any, code string) {
		t.Helper()
		p.changesNothing(func() {
			if a := p.h.Do(who, method, path, body); a.Status != 422 || !a.Has(code) {
				t.Errorf("%s: %d %s", says, a.Status, a.Text)
			}
		})
	}
	at := rows + "/" + wish
	refused("the patient says that it is agreed", "anna", "PATCH", at, map[string]any{"agreed_with": "Dr Lee", "agreed_on": "2026-01-05"}, "E_ROLE")
	refused("and says so of a new one", "anna", "POST", rows, map[string]any{"patient": annas, "steps": "Two tablets.", "agreed_with": "Dr Lee", "agreed_on": "2026-01-05"}, "E_ROLE")
	refused("somebody agreed, nobody knows when", "thera", "PATCH", at, map[string]any{"agreed_with": "Dr Lee"}, "E_VALUE")
	refused("agreed one day, by nobody", "thera", "PATCH", at, map[string]any{"agreed_on": "2026-01-05"}, "E_VALUE")
	refused("agreed next year", "thera", "PATCH", at, map[string]any{"agreed_with": "Dr Lee", "agreed_on": "2027-01-05"}, "E_TIME_FUTURE")
	p.edit("attack_plans", wish, map[string]any{"steps": "Take one tablet early.\nLie down in the dark."})
	p.edit("attack_plans", wish, map[string]any{"agreed_with": "Dr Lee", "agreed_on": "2026-01-05"})
	refused("other words under the same agreement", "thera", "PATCH", at, map[string]any{"steps": "Take two tablets."}, "E_KEPT")
	refused("the same from her phone", "anna", "PATCH", at, map[string]any{"steps": "Take two tablets."}, "E_KEPT")
	p.do("anna", rows, map[string]any{"patient": annas, "steps": "Take two tablets."}, 200) // a wish of its own
	p.edit("attack_plans", wish, map[string]any{"agreed_with": "", "agreed_on": ""})        // taken back
}

// A card that a restore has lost comes back from her phone as it was agreed; nothing else that a phone says is an agreement.
func TestAnAgreedPlanComesBackFromThePhone(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	const wish, own = "planofanna00001", "planofanna00002"
	exchange := func(push ...any) hookstest.Answer {
		return ok(t, h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": "phone-one", "schema": 1, "push": push}), 200)
	}
	backup := h.Backup()
	made := expectVerdicts(t, exchange(map[string]any{"n": 1, "collection": "attack_plans", "state": map[string]any{"id": wish, "patient": annas, "steps": "Lie down."}}), "applied")[0]["doc"].(map[string]any)
	ok(t, h.Do("thera", "PATCH", "/api/collections/attack_plans/records/"+wish, map[string]any{"agreed_with": "Dr Lee", "agreed_on": "2026-01-04"}), 200)
	var agreed map[string]any
	for _, change := range exchange().Body["changes"].([]any) {
		if row := change.(map[string]any)["doc"]; row != nil && row.(map[string]any)["id"] == wish {
			agreed = row.(map[string]any)
		}
	}
	if agreed["agreed_with"] != "Dr Lee" || agreed["rev"] == made["rev"] {
		t.Fatalf("the phone has %v", agreed)
	}
	forged := map[string]any{"n": 2, "collection": "attack_plans", "state": map[string]any{"id": own, "patient": annas, "steps": "Two tablets.", "agreed_with": "Dr Lee", "agreed_on": "2026-01-04"}}
	if v := expectVerdicts(t, exchange(forged), "refused")[0]; v["data"].(map[string]any)["E_ROLE"] == nil {
		t.Errorf("her own word for an agreement: %v", v)
	}
	h = h.Restored(backup)
	expectVerdicts(t, exchange(map[string]any{"n": 3, "collection": "attack_plans", "base": agreed, "state": agreed}), "applied")
	back, err := h.App.FindRecordById("attack_plans", wish)
	check(t, err)
	if back.GetString("agreed_with") != "Dr Lee" || back.GetString("agreed_on") != "2026-01-04" {
		t.Errorf("the card came back as %v", back.PublicExport())
	}
}

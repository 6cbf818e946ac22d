package hooks_test

import (
	"testing"
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

package hooks_test

import (
	"sync"
	"testing"

	"interictal/hooks/hookstest"
)

func storedAttack(t *testing.T, h *hookstest.House, who string) (path, rev string) {
	t.Helper()
	a := h.Do(who, "POST", "/api/collections/attacks/records", map[string]any{"patient": hookstest.ID(who), "started_at": "2026-01-20 10:00:00.000Z"})
	if a.Status != 200 {
		t.Fatal(a.Text)
	}
	return "/api/collections/attacks/records/" + a.Body["id"].(string), a.Body["rev"].(string)
}

func TestAStaleChangeIsRefused(t *testing.T) {
	h := hookstest.New(t)
	path, rev := storedAttack(t, h, "anna")
	first := h.Do("anna", "PATCH", path, map[string]any{"note": "first", "rev": rev})
	if first.Status != 200 || first.Body["rev"] == rev {
		t.Fatalf("%d %s", first.Status, first.Text)
	}
	second := h.Do("thera", "PATCH", path, map[string]any{"note": "second", "rev": rev})
	if second.Status != 409 || !second.Has("E_STALE") {
		t.Errorf("%d %s", second.Status, second.Text)
	}
	data := second.Body["data"].(map[string]any)["E_STALE"].(map[string]any)
	if data["params"].(map[string]any)["rev"] != first.Body["rev"] {
		t.Errorf("the refusal names the version there is: %v", data)
	}
	if a := h.Do("thera", "PATCH", path, map[string]any{"note": "second", "rev": first.Body["rev"]}); a.Status != 200 {
		t.Errorf("with the right version: %d %s", a.Status, a.Text)
	}
	same := h.Do("anna", "GET", path, nil).Body["rev"]
	if a := h.Do("anna", "PATCH", path, map[string]any{"note": "second", "rev": same}); a.Status != 200 || a.Body["rev"] != same {
		t.Errorf("an equal change makes no new version: %v then %s", same, a.Text)
	}
}

// Many at once with the same version: exactly one wins, whoever it is.
func TestCompareAndSetUnderARace(t *testing.T) {
	h := hookstest.New(t)
	path, rev := storedAttack(t, h, "anna")
	var group sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 20 {
		group.Go(func() {
			a := h.Do("anna", "PATCH", path, map[string]any{"note": string(rune('a' + i)), "rev": rev})
			mu.Lock()
			defer mu.Unlock()
			if a.Status == 200 {
				won++
			} else if !a.Has("E_STALE") {
				t.Errorf("%d %s", a.Status, a.Text)
			}
		})
	}
	group.Wait()
	if won != 1 {
		t.Errorf("%d changes of one version were accepted", won)
	}
}

func TestModifiersAreRefused(t *testing.T) {
	h := hookstest.New(t)
	path, _ := storedAttack(t, h, "anna")
	for _, key := range []string{"peak_nrs+", "peak_nrs-", "+note"} {
		if a := h.Do("anna", "PATCH", path, map[string]any{key: 1}); a.Status != 422 || !a.Has("E_MODIFIER") {
			t.Errorf("%s: %d %s", key, a.Status, a.Text)
		}
	}
}

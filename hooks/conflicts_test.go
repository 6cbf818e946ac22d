package hooks_test

import (
	"fmt"
	"testing"

	"interictal/hooks/hookstest"
)

// twoAnswers makes anna and thera answer the same question without a network; anna's commit is first.
func twoAnswers(t *testing.T) (*hookstest.House, string) {
	h := hookstest.New(t)
	anna, thera := h.Phone("anna"), h.Phone("thera")
	thera.As = "staff"
	id := "attackofanna001"
	anna.Put("attacks", id, map[string]any{"patient": hookstest.ID("anna"), "started_at": "2026-01-20T14:00:00.000Z"})
	anna.Sync()
	thera.Sync()
	anna.Put("attacks", id, map[string]any{"peak_nrs": 7})
	thera.Put("attacks", id, map[string]any{"peak_nrs": 4})
	anna.Sync()
	thera.Sync()
	return h, id
}

func theConflict(t *testing.T, h *hookstest.House, who string) map[string]any {
	t.Helper()
	path := "/api/sync/conflicts"
	if who != "anna" {
		path += "?patient=" + hookstest.ID("anna")
	}
	a := h.Do(who, "GET", path, nil)
	if a.Status != 200 || len(a.Body["conflicts"].([]any)) != 1 {
		t.Fatalf("%s reads %d %s", who, a.Status, a.Text)
	}
	return a.Body["conflicts"].([]any)[0].(map[string]any)
}

func TestBothSeeTheLosingValueAndOneDecides(t *testing.T) {
	t.Parallel()
	for take, pain := range map[string]float64{"kept": 7, "lost": 4} {
		t.Run(take, func(t *testing.T) {
			h, id := twoAnswers(t)
			for _, who := range []string{"anna", "thera"} {
				c := theConflict(t, h, who)
				field := c["detail"].(map[string]any)["peak_nrs"].(map[string]any)
				if c["kind"] != "conflict" || c["doc"] != id || c["user"] != hookstest.ID("thera") || field["lost"] != 4.0 || field["kept"] != 7.0 {
					t.Errorf("%s reads %v", who, c)
				}
			}
			path := fmt.Sprint("/api/sync/conflicts/", theConflict(t, h, "anna")["id"], "/resolve")
			if a := h.Do("sid", "POST", path, map[string]any{"take": take}); a.Status != 404 {
				t.Errorf("a stranger decides: %d", a.Status)
			}
			if a := h.Do("anna", "POST", path, map[string]any{"take": "both"}); !a.Has("E_TAKE") {
				t.Errorf("%d %s", a.Status, a.Text)
			}
			a := h.Do("anna", "POST", path, map[string]any{"take": take})
			if a.Status != 200 || a.Body["doc"].(map[string]any)["peak_nrs"] != pain {
				t.Errorf("%d %s", a.Status, a.Text)
			}
			if a := h.Do("anna", "POST", path, map[string]any{"take": take}); a.Status != 404 {
				t.Errorf("decided twice: %d", a.Status)
			}
			phone := h.Phone("anna")
			phone.Sync()
			if got := phone.Row("attacks", id)["peak_nrs"]; got != pain {
				t.Errorf("a phone has %v", got)
			}
		})
	}
}

func TestConflictsFollowConsent(t *testing.T) {
	t.Parallel()
	h, _ := twoAnswers(t)
	c, err := h.App.FindFirstRecordByFilter("consents", "patient='"+hookstest.ID("anna")+"' && family='diary'")
	check(t, err)
	id := theConflict(t, h, "thera")["id"]
	c.Set("state", "withdrawn")
	check(t, h.App.Save(c))
	if a := h.Do("thera", "GET", "/api/sync/conflicts?patient="+hookstest.ID("anna"), nil); len(a.Body["conflicts"].([]any)) != 0 {
		t.Errorf("thera reads %s", a.Text)
	}
	if a := h.Do("thera", "POST", fmt.Sprint("/api/sync/conflicts/", id, "/resolve"), map[string]any{"take": "lost"}); a.Status != 404 {
		t.Errorf("thera decides: %d", a.Status)
	}
	if a := h.Do("sid", "GET", "/api/sync/conflicts?patient="+hookstest.ID("anna"), nil); a.Status != 404 {
		t.Errorf("a stranger reads: %d", a.Status)
	}
}

// A decision that breaks a rule changes nothing and stays open.
func TestALostValueObeysTheRules(t *testing.T) {
	t.Parallel()
	h, _ := twoAnswers(t)
	_, err := h.App.DB().NewQuery(`UPDATE sync_conflicts SET detail='{"peak_nrs":{"base":null,"lost":99,"kept":7}}'`).Execute()
	check(t, err)
	before := h.Dump()
	id := theConflict(t, h, "anna")["id"]
	if a := h.Do("anna", "POST", fmt.Sprint("/api/sync/conflicts/", id, "/resolve"), map[string]any{"take": "lost"}); a.Status != 422 || !a.Has("E_VALUE") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if h.Dump() != before || theConflict(t, h, "anna")["id"] != id {
		t.Error("it changed something")
	}
}

func TestDigestProvesThatPhoneAndServerAgree(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	anna := h.Phone("anna")
	for i := range 5 {
		anna.Put("attacks", fmt.Sprintf("attackofanna%03d", i), map[string]any{"patient": hookstest.ID("anna"), "started_at": "2026-01-20T14:00:00.000Z"})
	}
	anna.Sync()
	digest := func(who, query string) map[string]any {
		a := h.Do(who, "GET", "/api/sync/digest?collection=attacks"+query, nil)
		if a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Text)
		}
		return a.Body
	}
	full := digest("anna", "&list=1")
	documents := full["documents"].(map[string]any)
	if full["count"] != 5.0 || len(documents) != 5 || full["sha256"] == digest("bo", "")["sha256"] {
		t.Errorf("%v", full)
	}
	for _, row := range anna.Rows("attacks") {
		if documents[row["id"].(string)] != row["rev"] {
			t.Errorf("%s is %v here and %v there", row["id"], row["rev"], documents[row["id"].(string)])
		}
	}
	if _, listed := digest("anna", "")["documents"]; listed {
		t.Error("a list nobody asked for")
	}
	if digest("thera", "")["sha256"] != full["sha256"] || digest("tess", "&as=staff")["count"] != 5.0 || digest("tess", "")["count"] != 0.0 {
		t.Error("the therapists hold anna's attacks as staff, and tess none of them as a patient")
	}
	anna.Put("attacks", "attackofanna000", map[string]any{"_deleted": true})
	anna.Sync()
	if after := digest("anna", ""); after["count"] != 4.0 || after["sha256"] == full["sha256"] {
		t.Errorf("after a delete: %v", after)
	}
}

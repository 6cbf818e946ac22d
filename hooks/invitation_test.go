package hooks_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"interictal/hooks/hookstest"
)

// newPatient makes a patient at north without an account, in thera's care.
func newPatient(t *testing.T, h *hookstest.House) string {
	a := h.Do("desk", "POST", "/api/collections/patients/records", map[string]any{"clinic": hookstest.ID("north"), "name": "Nora", "timezone": "America/New_York", "active": true})
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	id := a.Body["id"].(string)
	link := h.Do("admin", "POST", "/api/collections/care_links/records", map[string]any{"patient": id, "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-05 10:00:00.000Z"})
	if link.Status != 200 {
		t.Fatalf("%d %s", link.Status, link.Text)
	}
	return id
}

func accept(code, email string) map[string]any {
	return map[string]any{"code": code, "email": email, "password": "a long password", "consents": []string{"diary", "medication"}}
}

func TestAnInvitationOpensADiaryOnce(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	patient := newPatient(t, h)
	invited := h.Do("thera", "POST", "/api/invitations", map[string]any{"patient": patient})
	if invited.Status != 200 {
		t.Fatalf("%d %s", invited.Status, invited.Text)
	}
	code := invited.Body["code"].(string)
	picture := invited.Body["qr"].(map[string]any)
	if !strings.HasPrefix(picture["path"].(string), "M0 0h7v1h-7z") || picture["size"].(float64) < 21 {
		t.Errorf("the picture is %v", picture)
	}
	if invited.Body["url"] != "/app/#join="+code {
		t.Errorf("the address is %v: a code belongs in the fragment", invited.Body["url"])
	}
	typed := strings.ToLower(strings.ReplaceAll(code, "-", " ")) // as people type
	joined := h.Do("", "POST", "/api/invitations/accept", accept(typed, "nora@home.test"))
	if joined.Status != 200 || joined.Body["record"].(map[string]any)["patient"] != patient {
		t.Fatalf("%d %s", joined.Status, joined.Text)
	}
	token := joined.Body["token"].(string)
	written := h.DoWith(token, "POST", "/api/collections/attacks/records", map[string]any{"patient": patient, "started_at": "2026-01-20 10:00:00.000Z"})
	if written.Status != 200 {
		t.Errorf("nora writes: %d %s", written.Status, written.Text)
	}
	if a := h.Do("thera", "GET", "/api/collections/attacks/records/"+written.Body["id"].(string), nil); a.Status != 200 {
		t.Errorf("thera reads what was consented to: %d", a.Status)
	}
	shared := h.DoWith(token, "GET", "/api/collections/consents/records?filter=(state=%22given%22)", nil).Items()
	if len(shared) != 2 {
		t.Errorf("consents given: %v", shared)
	}
	if a := h.Do("", "POST", "/api/invitations/accept", accept(code, "other@home.test")); a.Status != 410 || !a.Has("E_INVITE_USED") {
		t.Errorf("the second use: %d %s", a.Status, a.Text)
	}
	if a := h.Do("thera", "POST", "/api/invitations", map[string]any{"patient": patient}); !a.Has("E_HAS_ACCOUNT") {
		t.Errorf("inviting somebody who is in: %d %s", a.Status, a.Text)
	}
}

func TestAnInvitationTwentyPhonesTryAtOnce(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	code := h.Do("thera", "POST", "/api/invitations", map[string]any{"patient": newPatient(t, h)}).Body["code"].(string)
	var group sync.WaitGroup
	var mu sync.Mutex
	opened := 0
	for i := range 20 {
		group.Go(func() {
			a := h.Do("", "POST", "/api/invitations/accept", accept(code, "nora"+string(rune('a'+i))+"@home.test"))
			mu.Lock()
			defer mu.Unlock()
			if a.Status == 200 {
				opened++
			} else if a.Status != 410 {
				t.Errorf("%d %s", a.Status, a.Text)
			}
		})
	}
	group.Wait()
	if opened != 1 {
		t.Errorf("the code opened %d times", opened)
	}
}

func TestAnInvitationGrowsOld(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	patient := newPatient(t, h)
	code := h.Do("thera", "POST", "/api/invitations", map[string]any{"patient": patient}).Body["code"].(string)
	for shift, want := range map[time.Duration]string{-71 * time.Hour: "", -72 * time.Hour: "E_INVITE_EXPIRED"} {
		expires := time.Now().Add(72*time.Hour + shift + time.Minute)
		if want != "" {
			expires = time.Now().Add(-time.Second)
		}
		if _, err := h.App.DB().NewQuery("UPDATE invitations SET expires_at='" + expires.UTC().Format("2006-01-02 15:04:05.000Z") + "'").Execute(); err != nil {
			t.Fatal(err)
		}
		if want == "" {
			continue
		}
		before := h.Dump()
		if a := h.Do("", "POST", "/api/invitations/accept", accept(code, "nora@home.test")); a.Status != 410 || !a.Has(want) {
			t.Errorf("%d %s", a.Status, a.Text)
		}
		if h.Dump() != before {
			t.Error("a refused code changed something")
		}
	}
}

func TestWhatIsWrongWithAnAcceptance(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	code := h.Do("thera", "POST", "/api/invitations", map[string]any{"patient": newPatient(t, h)}).Body["code"].(string)
	before := h.Dump()
	for code, body := range map[string]any{
		"E_INVITE_UNKNOWN": accept("ZZZZ-ZZZZ-ZZ", "nora@home.test"),
		"E_EMAIL":          accept(code, "not an address"),
		"E_PASSWORD":       map[string]any{"code": code, "email": "nora@home.test", "password": "short"},
		"E_VALUE":          map[string]any{"code": code, "email": "nora@home.test", "password": "a long password", "consents": []string{"everything"}},
		"E_JSON":           "{",
	} {
		if a := h.Do("", "POST", "/api/invitations/accept", body); !a.Has(code) {
			t.Errorf("%s: %d %s", code, a.Status, a.Text)
		}
	}
	if a := h.Do("", "POST", "/api/invitations/accept", accept(code, hookstest.Email("anna"))); !a.Has("E_EMAIL") {
		t.Errorf("somebody's address: %d %s", a.Status, a.Text)
	}
	if h.Dump() != before {
		t.Error("a refused acceptance changed something; the code must stay usable")
	}
}

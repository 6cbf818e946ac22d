package hooks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"interictal/hooks"
	"interictal/hooks/access"
	"interictal/hooks/hookstest"
)

// beside makes a link for Sam to anna's attacks, on the day of her attack.
func beside(t *testing.T, h *hookstest.House) (token, id string) {
	t.Helper()
	h.Clock.Set(theDay)
	return linkForSam(t, h)
}

func linkForSam(t *testing.T, h *hookstest.House) (token, id string) {
	t.Helper()
	a := h.Do("anna", "POST", "/api/patients/"+annas+"/caregivers", map[string]any{"name": "Sam"})
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	return a.Body["token"].(string), a.Body["id"].(string)
}

var theDay = time.Date(2026, 1, 20, 20, 0, 0, 0, time.UTC)

// byLink is a request with a caregiver's token, and with nothing else.
func byLink(h *hookstest.House, token, method, path string, body any) hookstest.Answer {
	h.T.Helper()
	sent, err := json.Marshal(body)
	check(h.T, err)
	request, err := http.NewRequest(method, h.URL+path, bytes.NewReader(sent))
	check(h.T, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Caregiver-Token", token)
	response, err := http.DefaultClient.Do(request)
	check(h.T, err)
	defer response.Body.Close()
	a := hookstest.Answer{Status: response.StatusCode}
	var text bytes.Buffer
	if response.Header.Get("Content-Type") != "text/event-stream" {
		_, err = text.ReadFrom(response.Body)
		check(h.T, err)
	}
	a.Text = text.String()
	_ = json.Unmarshal(text.Bytes(), &a.Body) // not every answer is an object
	return a
}

func tap(id, kind, at string, more ...any) map[string]any {
	e := map[string]any{"id": id, "kind": kind, "at": at, "enteredAt": at, "offset": -300, "zone": "America/New_York", "start": "startofsam00001"}
	for i := 0; i < len(more); i += 2 {
		e[more[i].(string)] = more[i+1]
	}
	return e
}

func enters(h *hookstest.House, token string, entries ...map[string]any) (verdicts []string, a hookstest.Answer) {
	h.T.Helper()
	a = byLink(h, token, "POST", "/api/caregiver/entries", map[string]any{"entries": entries})
	list, _ := a.Body["verdicts"].([]any)
	for _, v := range list {
		verdicts = append(verdicts, v.(map[string]any)["verdict"].(string))
	}
	return verdicts, a
}

func TestACaregiverBeginsAddsToAndEndsAnAttack(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, link := beside(t, h)
	if strings.Contains(h.Dump(), token[15:]) {
		t.Error("the token is stored")
	}
	whole := []map[string]any{
		tap("startofsam00001", "start", "2026-01-20T14:00:00Z"),
		tap("painofsam000001", "pain", "2026-01-20T14:10:00Z", "nrs", 8),
		tap("signofsam000001", "sign", "2026-01-20T14:11:00Z", "sign", "nausea"),
		tap("noteofsam000001", "note", "2026-01-20T14:12:00Z", "text", "Half a tablet at two."),
	}
	got, a := enters(h, token, whole...)
	if fmt.Sprint(got) != "[applied applied applied applied]" {
		t.Fatalf("%v %s", got, a.Text)
	}
	// the answer was lost: all of it comes again, with the end, twice
	end := tap("endofsam0000001", "end", "2026-01-20T17:00:00Z")
	again, _ := enters(h, token, append(slices.Clone(whole), end, end)...)
	if fmt.Sprint(again) != "[repeat repeat repeat repeat applied repeat]" {
		t.Errorf("sent again: %v", again)
	}
	attack, err := h.App.FindRecordById("attacks", "startofsam00001")
	check(t, err)
	for field, want := range map[string]string{"patient": annas, "source": "caregiver", "entered_by": "Sam", "ended_by": "Sam", "end_known": "exact", "note": "Sam: Half a tablet at two.", "nausea": "true"} {
		if got := attack.GetString(field); got != want {
			t.Errorf("%s is %q, not %q", field, got, want)
		}
	}
	if readings := h.Do("anna", "GET", "/api/collections/attack_readings/records?filter=(attack=%22startofsam00001%22)", nil).Items(); len(readings) != 1 || readings[0].(map[string]any)["entered_by"] != "Sam" {
		t.Errorf("anna sees %v", readings)
	}
	var lines []string
	check(t, h.App.DB().NewQuery("SELECT action || ' ' || collection FROM audit_events WHERE actor={:l} AND capacity='caregiver' ORDER BY seq").Bind(dbx.Params{"l": link}).Column(&lines))
	if fmt.Sprint(lines) != "[create attacks create attack_readings change attacks change attacks change attacks]" {
		t.Errorf("the audit tells %v", lines)
	}
	late, a := enters(h, token, tap("painofsam000002", "pain", "2026-01-20T18:00:00Z", "nrs", 2))
	if fmt.Sprint(late) != "[refused]" || !strings.Contains(a.Text, "E_OVER") {
		t.Errorf("after the end: %s", a.Text)
	}
	if broken, err := hooks.VerifyAudit(h.App); err != nil || broken != 0 {
		t.Errorf("the chain breaks at %d %v", broken, err)
	}
}

// The patient has tapped first: there is one attack, and the caregiver adds to it without seeing what she wrote.
func TestACaregiverJoinsAnOpenAttackAndSeesNothingOfHers(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, _ := beside(t, h)
	h.Do("anna", "POST", "/api/collections/attacks/records", map[string]any{"id": "attackofanna001", "patient": annas, "started_at": "2026-01-20 13:00:00.000Z", "note": "private words", "nausea": false})
	if a := byLink(h, token, "GET", "/api/caregiver", nil); a.Status != 200 || a.Body["attack"] != nil {
		t.Fatalf("before it has begun anything the link shows %d %s", a.Status, a.Text)
	}
	got, a := enters(h, token, tap("startofsam00001", "start", "2026-01-20T14:00:00Z"), tap("signofsam000001", "sign", "2026-01-20T14:11:00Z", "sign", "nausea"), tap("noteofsam000001", "note", "2026-01-20T14:12:00Z", "text", "Sleeps."))
	if fmt.Sprint(got) != "[applied applied applied]" {
		t.Fatalf("%s", a.Text)
	}
	var attacks int
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM attacks WHERE patient={:p}").Bind(dbx.Params{"p": annas}).Row(&attacks))
	attack, err := h.App.FindRecordById("attacks", "attackofanna001")
	check(t, err)
	if attacks != 1 || attack.GetString("nausea") != "false" || attack.GetString("note") != "private words\nSam: Sleeps." || attack.GetString("entered_by") != "" {
		t.Errorf("%d attacks; nausea %s, note %q, by %q", attacks, attack.GetString("nausea"), attack.GetString("note"), attack.GetString("entered_by"))
	}
	if view := byLink(h, token, "GET", "/api/caregiver", nil); strings.Contains(view.Text, "private") || strings.Contains(view.Text, annas) || strings.Contains(view.Text, "13:00") {
		t.Errorf("the link shows what she wrote: %s", view.Text)
	}
	h.Do("anna", "DELETE", "/api/collections/attacks/records/attackofanna001", nil)
	if gone, a := enters(h, token, tap("painofsam000001", "pain", "2026-01-20T14:20:00Z", "nrs", 4)); fmt.Sprint(gone) != "[refused]" || !strings.Contains(a.Text, "E_NOT_FOUND") {
		t.Errorf("she took it out: %s", a.Text)
	}
}

// What cannot be is refused by itself, with a code, and leaves nothing behind.
func TestACaregiversBadInputChangesNothing(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, _ := beside(t, h)
	other, _ := beside(t, h)
	enters(h, token, tap("startofsam00001", "start", "2026-01-20T14:00:00Z"))
	before := h.Dump()
	for _, c := range []struct {
		code  string
		entry map[string]any
	}{
		{"E_VALUE", tap("painofsam000001", "pain", "2026-01-20T14:10:00Z", "nrs", 11)},
		{"E_VALUE", tap("painofsam000001", "pain", "2026-01-20T14:10:00Z")},
		{"E_VALUE", tap("doseofsam000001", "dose", "2026-01-20T14:10:00Z")},
		{"E_VALUE", tap("signofsam000001", "sign", "2026-01-20T14:10:00Z", "sign", "worst_ever")},
		{"E_VALUE", tap("painofsam000001", "pain", "2026-01-20T14:10:00Z", "nrs", 3, "start", "attackofanna001")},
		{"E_ID", tap("x", "pain", "2026-01-20T14:10:00Z", "nrs", 3)},
		{"E_TIME_FUTURE", tap("painofsam000001", "pain", "2099-01-20T14:10:00Z", "nrs", 3)},
		{"E_TIME_RANGE", tap("painofsam000001", "pain", "1820-01-20T14:10:00Z", "nrs", 3)},
		{"E_TIME_RANGE", tap("startofsam00009", "start", "2026-01-05T14:00:00Z")},
		{"E_TIME_RANGE", tap("painofsam000001", "pain", "2026-01-05T14:10:00Z", "nrs", 3)},
		{"E_END_BEFORE_START", tap("endofsam0000001", "end", "2026-01-20T13:10:00Z")},
		{"E_VALUE", tap("painofsam000001", "pain", "2026-01-20T14:10:00Z", "nrs", 3, "offset", 9999)},
	} {
		if got, a := enters(h, token, c.entry); fmt.Sprint(got) != "[refused]" || !strings.Contains(a.Text, `"`+c.code+`"`) {
			t.Errorf("%v: want %s, got %s", c.entry, c.code, a.Text)
		}
	}
	if got, a := enters(h, other, tap("painofsam000001", "pain", "2026-01-20T14:10:00Z", "nrs", 3)); fmt.Sprint(got) != "[refused]" {
		t.Errorf("by another link: %s", a.Text)
	}
	for _, body := range []string{"{", `{"entries": 1}`, `{"entries": [{"nrs": "x"}]}`} {
		request, err := http.NewRequest("POST", h.URL+"/api/caregiver/entries", strings.NewReader(body))
		check(t, err)
		request.Header.Set("X-Caregiver-Token", token)
		response, err := http.DefaultClient.Do(request)
		check(t, err)
		response.Body.Close()
		if response.StatusCode != 400 {
			t.Errorf("%s: %d", body, response.StatusCode)
		}
	}
	if h.Dump() != before {
		t.Error("something has changed")
	}
}

// An answer that was lost: asked for again with the same id it is the same link, with a token that was never shown before; once it was used or taken back, it is not given out anew.
func TestALinkAskedForAgainIsOneLink(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	ask := func(who, patient string) hookstest.Answer {
		return h.Do(who, "POST", "/api/patients/"+patient+"/caregivers", map[string]any{"id": "linkforsam00001", "name": "Sam"})
	}
	h.Clock.Set(theDay)
	first, second := ask("anna", annas), ask("anna", annas)
	if first.Status != 200 || second.Status != 200 || first.Body["id"] != second.Body["id"] || first.Body["token"] == second.Body["token"] {
		t.Fatalf("%s\n%s", first.Text, second.Text)
	}
	if a := h.Do("anna", "GET", "/api/collections/caregiver_links/records", nil); a.Body["totalItems"] != 1.0 {
		t.Errorf("links: %s", a.Text)
	}
	if got := byLink(h, first.Body["token"].(string), "GET", "/api/caregiver", nil).Status; got != 404 {
		t.Errorf("the token that went astray opens: %d", got)
	}
	if a := ask("cleo", hookstest.ID("cleo")); a.Status != 409 {
		t.Errorf("somebody else's id: %d %s", a.Status, a.Text)
	}
	enters(h, second.Body["token"].(string), tap("startofsam00001", "start", "2026-01-20T14:00:00Z"))
	before := h.Dump()
	if a := ask("anna", annas); a.Status != 409 || h.Dump() != before {
		t.Errorf("a link in use: %d %s", a.Status, a.Text)
	}
}

// Wrong, expired, taken back, of somebody who keeps this diary no more: one and the same answer, at once.
func TestOneAnswerToEveryShutCaregiverLink(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	expired, expiredID := beside(t, h)
	runSQL(t, h.App, "UPDATE caregiver_links SET expires_at='2026-01-01 10:00:00.000Z' WHERE id='"+expiredID+"'")
	revoked, revokedID := beside(t, h)
	if got, a := enters(h, revoked, tap("startofsam00001", "start", "2026-01-20T14:00:00Z")); fmt.Sprint(got) != "[applied]" {
		t.Fatalf("%s", a.Text)
	}
	for range 2 { // taken back twice is taken back
		if a := h.Do("anna", "POST", "/api/caregivers/"+revokedID+"/revoke", nil); a.Status != 204 {
			t.Fatalf("%d %s", a.Status, a.Text)
		}
	}
	good, goodID := beside(t, h)
	elses, elsesID := beside(t, h)
	runSQL(t, h.App, "UPDATE caregiver_links SET made_by='"+hookstest.ID("bo")+"' WHERE id='"+elsesID+"'")
	before := h.Dump()
	answers := map[string]bool{}
	for name, token := range map[string]string{"expired": expired, "revoked": revoked, "wrong secret": goodID + expired[15:], "another's": elses, "cut": good[:57], "empty": "", "of a report": hookstest.ID("share") + good[15:]} {
		for _, a := range []hookstest.Answer{byLink(h, token, "GET", "/api/caregiver", nil), byLink(h, token, "POST", "/api/caregiver/entries", map[string]any{"entries": []any{tap("startofsam00002", "start", "2026-01-20T14:00:00Z")}})} {
			if a.Status != 404 || !a.Has("E_SHARE") {
				t.Errorf("%s: %d %s", name, a.Status, a.Text)
			}
			answers[a.Text] = true
		}
	}
	if len(answers) != 1 || h.Dump() != before {
		t.Errorf("%d different answers; changed: %v", len(answers), h.Dump() != before)
	}
}

// A caregiver is no user: with the token in every place where a token could stand, nothing else opens.
func TestMatrixOfACaregiver(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, _ := beside(t, h)
	enters(h, token, tap("startofsam00001", "start", "2026-01-20T14:00:00Z"))
	for _, r := range hooks.Routes() {
		path := strings.NewReplacer("{id}", annas, "{collection}", "attacks", "{version}", "1").Replace(r.Path)
		want := []int{401}
		switch {
		case strings.HasPrefix(r.Path, "/api/caregiver") && r.Open:
			continue // its own
		case r.Path == "/api/health/ready", r.Path == "/api/sync/rxdb/stream":
			want = []int{200, 401}
		case r.Open:
			want = []int{400, 404, 429} // these ask for a token in the body, and find none
		}
		if a := byLink(h, token, r.Method, path, nil); !slices.Contains(want, a.Status) {
			t.Errorf("%s %s with a caregiver's token: %d %s", r.Method, path, a.Status, a.Text)
		}
		if a := h.DoWith(token, r.Method, path, nil); !slices.Contains(want, a.Status) {
			t.Errorf("%s %s with it as a sign-in: %d %s", r.Method, path, a.Status, a.Text)
		}
	}
	for _, policy := range access.Table {
		path := "/api/collections/" + policy.Collection + "/records"
		for _, a := range []hookstest.Answer{byLink(h, token, "GET", path, nil), byLink(h, token, "POST", path, map[string]any{"patient": annas}), byLink(h, token, "GET", path+"/startofsam00001", nil), byLink(h, token, "DELETE", path+"/startofsam00001", nil)} {
			if a.Status < 400 {
				t.Errorf("%s with a caregiver's token: %d %s", policy.Collection, a.Status, a.Text)
			}
		}
		if can := slices.Contains(access.CaregiverAdds, policy.Collection); can != (policy.Collection == "attacks" || policy.Collection == "attack_readings" || policy.Collection == "caregiver_entries") {
			t.Errorf("a caregiver adds to %s: %v", policy.Collection, can)
		}
		if slices.Contains(policy.See, access.Caregiver) || slices.Contains(policy.Write, access.Caregiver) {
			t.Errorf("a caregiver holds a right in %s", policy.Collection)
		}
	}
}

func TestALinkHoldsSoManyEntriesADay(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, id := beside(t, h)
	enters(h, token, tap("startofsam00001", "start", "2026-01-20T14:00:00Z"))
	runSQL(t, h.App, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<199) INSERT INTO caregiver_entries(id, patient, link, attack, kind, at, said, created) SELECT printf('full%011d', i), '"+annas+"', '"+id+"', 'startofsam00001', 'pain', '2026-01-20 14:00:00.000Z', '4', (SELECT created FROM caregiver_entries LIMIT 1) FROM n")
	if got, a := enters(h, token, tap("painofsam000001", "pain", "2026-01-20T14:10:00Z", "nrs", 3), tap("startofsam00001", "start", "2026-01-20T14:00:00Z")); fmt.Sprint(got) != "[refused repeat]" || !strings.Contains(a.Text, "E_TOO_MANY") {
		t.Errorf("the 201st entry of a day: %s", a.Text)
	}
}

// The patient's word reaches the count, and nobody but her and those who treat her changes it.
func TestHerWordOnOneOrTwoReachesTheCount(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	for id, span := range map[string][2]string{"attackofanna001": {"2026-01-20 02:00:00.000Z", "2026-01-20 08:00:00.000Z"}, "attackofanna002": {"2026-01-21 14:00:00.000Z", "2026-01-21 17:00:00.000Z"}} {
		h.Do("anna", "POST", "/api/collections/attacks/records", map[string]any{"id": id, "patient": annas, "started_at": span[0], "ended_at": span[1]})
	}
	episodes := func() int {
		return len(h.Do("anna", "GET", "/api/patients/"+annas+"/attacks?from=2026-01-19&to=2026-01-25", nil).Body["episodes"].([]any))
	}
	for _, c := range []struct {
		said any
		want int
	}{{nil, 1}, {false, 2}, {true, 1}, {nil, 1}} {
		if a := h.Do("anna", "PATCH", "/api/collections/attacks/records/attackofanna002", map[string]any{"joined": c.said}); a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Text)
		}
		if got := episodes(); got != c.want {
			t.Errorf("joined %v: %d episodes, not %d", c.said, got, c.want)
		}
	}
	before := h.Dump()
	if a := h.Do("anna", "PATCH", "/api/collections/attacks/records/attackofanna002", map[string]any{"joined": 2}); !a.Has("E_VALUE") || h.Dump() != before {
		t.Errorf("a word that is none: %d %s", a.Status, a.Text)
	}
}

// A phone that gave up on an answer sends again while the first try is still under way.
func TestAnEntrySentManyTimesAtOnceIsDoneOnce(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, _ := beside(t, h)
	entries := []map[string]any{tap("startofsam00001", "start", "2026-01-20T14:00:00Z"), tap("painofsam000001", "pain", "2026-01-20T14:10:00Z", "nrs", 8), tap("noteofsam000001", "note", "2026-01-20T14:12:00Z", "text", "Sleeps.")}
	applied := make(chan int, 8)
	for range cap(applied) {
		go func() {
			verdicts, _ := enters(h, token, entries...)
			n := 0
			for _, v := range verdicts {
				if v == "applied" {
					n++
				}
			}
			applied <- n
		}()
	}
	sum := 0
	for range cap(applied) {
		sum += <-applied
	}
	var attacks, readings int
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM attacks WHERE entered_by='Sam'").Row(&attacks))
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM attack_readings WHERE entered_by='Sam'").Row(&readings))
	attack, err := h.App.FindRecordById("attacks", "startofsam00001")
	check(t, err)
	if sum != 3 || attacks != 1 || readings != 1 || attack.GetString("note") != "Sam: Sleeps." {
		t.Errorf("%d applied, %d attacks, %d readings, note %q", sum, attacks, readings, attack.GetString("note"))
	}
}

package hooks_test

import (
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

const annasReport = "/api/patients/anna00000000000/report"

// shared is a link to anna's page.
func shared(t *testing.T, h *hookstest.House, who string, wish map[string]any) (token, id string) {
	t.Helper()
	a := h.Do(who, "POST", annasReport+"/shares", wish)
	if a.Status != 200 {
		t.Fatalf("%s shares: %d %s", who, a.Status, a.Text)
	}
	return a.Body["token"].(string), a.Body["id"].(string)
}

func pageOpened(h *hookstest.House, token string) hookstest.Answer {
	return h.Do("", "POST", "/api/reports/open", map[string]any{"token": token})
}

// factsOf are the texts of a page by their codes.
func factsOf(page map[string]any) map[string]string {
	out := map[string]string{}
	for _, f := range page["facts"].([]any) {
		f := f.(map[string]any)
		out[f["code"].(string)] = f["text"].(string)
	}
	return out
}

func tasksOf(t *testing.T, h *hookstest.House, code string) (states []string) {
	t.Helper()
	check(t, h.App.DB().NewQuery("SELECT state FROM tasks WHERE code={:c} ORDER BY rowid").Bind(dbx.Params{"c": code}).Column(&states))
	return states
}

func TestAReportIsSharedOpenedAnsweredAndExpires(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	p.sees("2026-01-09")
	h := p.h
	told := func() string {
		r, err := h.App.FindFirstRecordByFilter("flags", `code="F_TELL_PRESCRIBER"`)
		check(t, err)
		return r.GetString("state") + " " + r.GetString("cleared_because")
	}
	if told() != "standing " {
		t.Fatalf("physical therapy was chosen for side effects, and nobody is asked to tell: %s", told())
	}
	a := h.Do("thera", "POST", annasReport+"/shares", map[string]any{"to": "Dr Lee", "question": "Would you see her?", "days": 14})
	token := a.Body["token"].(string)
	if a.Status != 200 || a.Body["url"] != "/report/#"+token || len(token) != 58 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	if strings.Contains(h.Dump(), token[15:]) {
		t.Error("the token is stored")
	}
	if told() != "cleared The page was shared." {
		t.Errorf("shared, and the flag is %s", told())
	}
	first := pageOpened(h, token)
	page, _ := first.Body["page"].(map[string]any)
	if first.Status != 200 || first.Body["to"] != "Dr Lee" || page["patient"].(map[string]any)["name"] != "Anna" {
		t.Fatalf("%d %s", first.Status, first.Text)
	}
	facts := factsOf(page)
	if !strings.HasPrefix(facts["QUESTION"], "Would you see her? Reason given for physical therapy: side effects of medicine.") {
		t.Errorf("the question is %q", facts["QUESTION"])
	}
	if !strings.HasPrefix(facts["TREATMENT"], "Physical therapy since 5 Jan 2026, week 1, visit 2 of 6 planned, plan active. Exercise for head, face and neck, manual therapy.") {
		t.Errorf("the treatment is %q", facts["TREATMENT"])
	}
	if strings.Contains(first.Text, "Play with my girl") {
		t.Error("the patient's own words are on the page, and nobody ticked it")
	}
	answered := h.Do("", "POST", "/api/reports/reply", map[string]any{"token": token, "kind": "see_patient", "text": "Next week.", "signed": "Dr Lee"})
	if answered.Status != 200 || answered.Body["kind"] != "see_patient" {
		t.Fatalf("%d %s", answered.Status, answered.Text)
	}
	if got := tasksOf(t, h, "REPORT_REPLY"); fmt.Sprint(got) != "[open]" {
		t.Errorf("the answer is no task: %v", got)
	}
	reply, err := h.App.FindFirstRecordByFilter("report_replies", `text="Next week."`)
	check(t, err)
	if again := pageOpened(h, token); len(again.Body["replies"].([]any)) != 1 {
		t.Errorf("the answer is not shown where it was given: %s", again.Text)
	}
	for range 2 { // seen twice is seen
		if a := h.Do("thera", "POST", "/api/replies/"+reply.Id+"/seen", nil); a.Status != 204 {
			t.Errorf("%d %s", a.Status, a.Text)
		}
	}
	if got := tasksOf(t, h, "REPORT_REPLY"); fmt.Sprint(got) != "[done]" {
		t.Errorf("seen, and the task is %v", got)
	}
	if items := h.Do("anna", "GET", "/api/collections/report_replies/records", nil).Items(); len(items) != 1 {
		t.Errorf("the patient reads what was answered about her: %v", items)
	}
	share := h.Do("anna", "GET", "/api/collections/report_shares/records", nil).Items()[0].(map[string]any)
	if share["opened_count"] != 2.0 || share["token_hash"] != nil {
		t.Errorf("the patient sees of the link: %v", share)
	}
	var lines []string
	check(t, h.App.DB().NewQuery("SELECT action FROM audit_events WHERE patient={:p} AND capacity='link' ORDER BY seq").Bind(dbx.Params{"p": annas}).Column(&lines))
	if fmt.Sprint(lines) != "[open reply open]" {
		t.Errorf("the audit tells of the link %v", lines)
	}
	p.on("2026-01-24")
	before := h.Dump()
	if a := pageOpened(h, token); a.Status != 404 || !a.Has("E_SHARE") {
		t.Errorf("expired, and it opens: %d %s", a.Status, a.Text)
	}
	if a := h.Do("", "POST", "/api/reports/reply", map[string]any{"token": token, "kind": "agree"}); a.Status != 404 || !a.Has("E_SHARE") {
		t.Errorf("expired, and it answers: %d %s", a.Status, a.Text)
	}
	if h.Dump() != before {
		t.Error("an expired link has changed something")
	}
}

// Wrong, expired, taken back, made by somebody who has no right any more: one and the same answer.
func TestOneAnswerToEveryShutLink(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	expired, expiredID := shared(t, h, "thera", nil)
	runSQL(t, h.App, "UPDATE report_shares SET expires_at='2026-01-01 10:00:00.000Z' WHERE id='"+expiredID+"'")
	revoked, revokedID := shared(t, h, "thera", nil)
	for range 2 {
		if a := h.Do("anna", "POST", "/api/shares/"+revokedID+"/revoke", nil); a.Status != 204 {
			t.Fatalf("the patient takes it back: %d %s", a.Status, a.Text)
		}
	}
	orphan, _ := shared(t, h, "tess", nil)
	runSQL(t, h.App, "UPDATE care_links SET until='2026-02-01 10:00:00.000Z' WHERE member='"+hookstest.ID("tess")+"'")
	live, _ := shared(t, h, "anna", nil)
	other := live[:15] + expired[15:]
	before := h.Dump()
	want := ""
	for name, token := range map[string]string{"expired": expired, "taken back": revoked, "maker without right": orphan, "another's secret": other,
		"cut off": live[:57], "an id": live[:15], "nothing": "", "no id": strings.Repeat("x", 58), "SQL": "' OR 1=1 --", "long": strings.Repeat("a", 10000)} {
		a := pageOpened(h, token)
		if want == "" {
			want = a.Text
		}
		if a.Status != 404 || !a.Has("E_SHARE") || a.Text != want {
			t.Errorf("%s: %d %s", name, a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("a shut link has changed something")
	}
	if a := pageOpened(h, live); a.Status != 200 {
		t.Errorf("the patient's own link: %d %s", a.Status, a.Text)
	}
}

// With a link one reaches one patient's page, and nothing else: not by the header, not in a body, of no patient.
func TestALinkReachesNothingElse(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "anna")
	token, share := shared(t, h, "thera", nil)
	ids := strings.NewReplacer("{id}", annas, "{collection}", "attacks", "{version}", "1")
	for _, r := range hooks.Routes() {
		if r.Path == "/api/reports/open" || r.Path == "/api/reports/reply" {
			continue
		}
		for _, id := range []string{annas, hookstest.ID("bo"), share} {
			path := strings.ReplaceAll(r.Path, "{id}", id)
			a := h.DoWith(token, r.Method, ids.Replace(path), map[string]any{"token": token, "code": token, "patient": id})
			if r.Path == "/api/health/ready" {
				if strings.Contains(a.Text, "Anna") {
					t.Errorf("%s tells of a patient: %s", r.Path, a.Text)
				}
				continue
			}
			if a.Status < 400 {
				t.Errorf("%s %s answers the token with %d: %s", r.Method, path, a.Status, a.Text)
			}
		}
	}
	for _, policy := range access.Table {
		base := "/api/collections/" + policy.Collection + "/records"
		for _, path := range []string{base, base + "?filter=(" + policy.Scope + "=%22" + annas + "%22)", base + "/" + annas, base + "?token=" + token} {
			if a := h.DoWith(token, "GET", path, nil); a.Status < 400 && len(a.Items()) > 0 {
				t.Errorf("%s shows the token %s", path, a.Text)
			}
		}
		if a := h.DoWith(token, "POST", base, map[string]any{"patient": annas, "token": token}); a.Status < 400 {
			t.Errorf("the token writes into %s: %s", policy.Collection, a.Text)
		}
	}
	a := h.Do("", "POST", "/api/reports/open", map[string]any{"token": token, "patient": hookstest.ID("bo"), "id": hookstest.ID("bo")})
	page := a.Body["page"].(map[string]any)
	if page["patient"].(map[string]any)["name"] != "Anna" || strings.Contains(a.Text, "Cleo") {
		t.Errorf("the page is of %v", page["patient"])
	}
}

// Guessing is slow: after thirty tries a minute from one place nothing is even looked at.
func TestGuessingIsSlow(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, _ := shared(t, h, "thera", nil)
	for range 30 {
		if a := pageOpened(h, "x"); a.Status != 404 {
			t.Fatalf("%d %s", a.Status, a.Text)
		}
	}
	if a := pageOpened(h, token); a.Status != http.StatusTooManyRequests {
		t.Errorf("the 31st try: %d %s", a.Status, a.Text)
	}
}

// What the patient does not share is left out and named, for the account and for the link alike.
func TestTheReportIsWithinConsent(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	planFor(t, h, "anna", "active", 28)
	diaryOf(t, h, "anna", 56, 1, 2)
	medicine := medicineOf(t, h, "anna")
	for i := range 10 {
		at := time.Now().AddDate(0, 0, -20+i).UTC().Format("2006-01-02 15:04:05.000Z")
		h.Do("anna", "POST", "/api/collections/medication_doses/records", map[string]any{"patient": annas, "medication": medicine, "taken_at": at})
	}
	token, _ := shared(t, h, "thera", nil)
	pages := func() []map[string]any {
		neuro := h.Do("neuro", "GET", annasReport, nil)
		link := pageOpened(h, token)
		if neuro.Status != 200 || link.Status != 200 {
			t.Fatalf("%d %d %s", neuro.Status, link.Status, link.Text)
		}
		return []map[string]any{neuro.Body, link.Body["page"].(map[string]any)}
	}
	for _, page := range pages() {
		facts := factsOf(page)
		if fmt.Sprint(page["notShared"]) != "[]" || !strings.HasPrefix(facts["MEDICINE_DAYS"], "10 of the last 30 days (") {
			t.Errorf("all is shared: %v %q", page["notShared"], facts["MEDICINE_DAYS"])
		}
		if len(page["table"].([]any)) == 0 || !strings.Contains(facts["HEADACHE_DAYS"], "14 (28 days recorded)") {
			t.Errorf("%q", facts["HEADACHE_DAYS"])
		}
	}
	for _, family := range []string{"medication", "diary"} {
		runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE patient='"+annas+"' AND family='"+family+"'")
		for _, page := range pages() {
			if !slices.Contains(page["notShared"].([]any), any(family)) || strings.Contains(fmt.Sprint(page), "Sumatriptan") {
				t.Errorf("without %s: %v", family, page)
			}
		}
	}
	page := pages()[1]
	facts := factsOf(page)
	if facts["HEADACHE_DAYS"] != "The patient does not share the diary." || facts["MEDICINE_DAYS"] != "The patient does not share her medicines." || len(page["table"].([]any))+len(page["weeks"].([]any)) > 0 {
		t.Errorf("%v", facts)
	}
	runSQL(t, h.App, "UPDATE care_links SET until='2026-02-01 10:00:00.000Z' WHERE member='"+hookstest.ID("neuro")+"'")
	if a := h.Do("neuro", "GET", annasReport, nil); a.Status != 404 {
		t.Errorf("after the end of the link: %d", a.Status)
	}
}

// The page counts nothing itself: its numbers are those of the other routes.
func TestThePageHasTheNumbersOfTheOtherRoutes(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	planFor(t, h, "anna", "active", 28)
	diaryOf(t, h, "anna", 56, 29, 2)
	diaryOf(t, h, "anna", 28, 1, 4)
	page := h.Do("neuro", "GET", annasReport, nil).Body
	progress := h.Do("anna", "GET", "/api/patients/"+annas+"/progress", nil).Body
	windows := progress["windows"].([]any)
	for _, item := range page["table"].([]any) {
		row := item.(map[string]any)
		code := row["code"].(string)
		for i, side := range []string{"before", "now"} {
			of := windows[i].(map[string]any)[code].(map[string]any)
			if got := row[side].(map[string]any); got["value"] != of["value"] || got["days"] != of["days"] || got["reason"] != of["reason"] {
				t.Errorf("%s %s is %v on the page, %v in the progress", code, side, got, of)
			}
		}
	}
	now := progress["numbers"].(map[string]any)["headacheDays"].(map[string]any)["now"].(map[string]any)["difference"]
	if got := page["table"].([]any)[0].(map[string]any)["difference"]; fmt.Sprint(got) != fmt.Sprint(now) {
		t.Errorf("the difference is %v, in the progress %v", got, now)
	}
	medication := h.Do("anna", "GET", "/api/patients/"+annas+"/medication", nil).Body
	month := medication["month"].(map[string]any)
	if want := fmt.Sprintf("%v of the last 30 days (%v recorded).", month["acuteDays"], month["recordedDays"]); !strings.HasPrefix(factsOf(page)["MEDICINE_DAYS"], want) {
		t.Errorf("%q, the medication says %q", factsOf(page)["MEDICINE_DAYS"], want)
	}
}

// A neurologist with an account answers without a link.
func TestANeurologistOfTheTeamAnswers(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	a := h.Do("neuro", "POST", annasReport+"/replies", map[string]any{"kind": "text", "text": "I start a preventive.", "signed": "Somebody else"})
	if a.Status != 200 || a.Body["signed"] != "Neuro" {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	items := h.Do("thera", "GET", "/api/collections/report_replies/records?filter=(patient=%22"+annas+"%22)", nil).Items()
	if len(items) != 1 || items[0].(map[string]any)["author"] != hookstest.ID("neuro") {
		t.Errorf("%v", items)
	}
	if got := tasksOf(t, h, "REPORT_REPLY"); fmt.Sprint(got) != "[open]" {
		t.Errorf("%v", got)
	}
}

// What cannot be is refused with its code, and changes nothing.
func TestReportsRefuseNonsense(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, share := shared(t, h, "thera", nil)
	long := strings.Repeat("ä", 2001)
	before := h.Dump()
	for _, c := range []struct {
		name, who, path string
		body            any
		status          int
		code            string
	}{
		{"no days", "thera", annasReport + "/shares", map[string]any{"days": 0}, 422, "E_VALUE"},
		{"91 days", "thera", annasReport + "/shares", map[string]any{"days": 91}, 422, "E_VALUE"},
		{"a long question", "anna", annasReport + "/shares", map[string]any{"question": long}, 422, "E_VALUE"},
		{"a long name", "anna", annasReport + "/shares", map[string]any{"to": long}, 422, "E_VALUE"},
		{"no JSON", "thera", annasReport + "/shares", "{", 400, "E_JSON"},
		{"days in words", "thera", annasReport + "/shares", map[string]any{"days": "ten"}, 400, "E_JSON"},
		{"an assistant shares", "assi", annasReport + "/shares", nil, 422, "E_ROLE"},
		{"an assistant takes back", "assi", "/api/shares/" + share + "/revoke", nil, 422, "E_ROLE"},
		{"a stranger takes back", "sid", "/api/shares/" + share + "/revoke", nil, 404, "E_NOT_FOUND"},
		{"no such share", "thera", "/api/shares/nothing00000000/revoke", nil, 404, "E_NOT_FOUND"},
		{"no such reply", "thera", "/api/replies/nothing00000000/seen", nil, 404, "E_NOT_FOUND"},
		{"a therapist answers herself", "thera", annasReport + "/replies", map[string]any{"kind": "agree"}, 422, "E_ROLE"},
		{"no token at all", "", "/api/reports/open", nil, 404, "E_SHARE"},
		{"a number for a token", "", "/api/reports/open", map[string]any{"token": 7}, 400, "E_JSON"},
		{"an unknown kind", "", "/api/reports/reply", map[string]any{"token": token, "kind": "stop_drug"}, 422, "E_VALUE"},
		{"no kind", "", "/api/reports/reply", map[string]any{"token": token, "text": "x"}, 422, "E_VALUE"},
		{"words without words", "", "/api/reports/reply", map[string]any{"token": token, "kind": "text", "text": "  "}, 422, "E_VALUE"},
		{"too many words", "", "/api/reports/reply", map[string]any{"token": token, "kind": "agree", "text": long}, 422, "E_VALUE"},
		{"too much", "", "/api/reports/reply", map[string]any{"token": token, "kind": "agree", "text": strings.Repeat("x", 20<<10)}, 413, "E_TOO_LARGE"},
		{"a long signature", "neuro", annasReport + "/replies", map[string]any{"kind": "agree", "signed": long}, 422, "E_VALUE"},
	} {
		if a := h.Do(c.who, "POST", c.path, c.body); a.Status != c.status || !a.Has(c.code) {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("what was refused has changed something")
	}
}

// A link that went astray fills nobody's worklist.
func TestALinkIsAnsweredTwentyTimes(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	token, share := shared(t, h, "thera", nil)
	for i := range 20 {
		save(t, h.App, "report_replies", "", map[string]any{"patient": annas, "share": share, "kind": "agree", "said_at": fmt.Sprintf("2026-01-05 10:00:%02d.000Z", i)})
	}
	before := h.Dump()
	if a := h.Do("", "POST", "/api/reports/reply", map[string]any{"token": token, "kind": "agree"}); a.Status != 422 || !a.Has("E_SHARE_FULL") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if h.Dump() != before {
		t.Error("it was stored")
	}
}

package hooks_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/hookstest"
	"interictal/hooks/visitnote"
)

// treated is a practice with a signed plan and a visit of today, checked in.
func treated(t *testing.T) (p *practice, visit string) {
	t.Helper()
	p = newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	p.on("2026-01-08")
	visit = p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": "2026-01-08 15:00:00.000Z"})
	p.visit(visit, "checked_in", 200)
	return p, visit
}

func (p *practice) notes(who, visit, part string, value any, rev, status int) map[string]any {
	p.t.Helper()
	return p.do(who, "/api/visits/"+visit+"/note", map[string]any{"note": "noteofthispage1", "part": part, "value": value, "rev": rev}, status)
}

func (p *practice) notePage(who, visit string) map[string]any {
	p.t.Helper()
	a := p.h.Do(who, "GET", "/api/visits/"+visit+"/note", nil)
	if a.Status != 200 {
		p.t.Fatalf("the page for %s: %d %s", who, a.Status, a.Text)
	}
	return a.Body
}

func TestADraftIsSavedPartByPart(t *testing.T) {
	t.Parallel()
	p, visit := treated(t)
	first := p.notes("thera", visit, "response", "less tension", 0, 200)
	if first["rev"] != 1.0 || first["by"] == nil {
		t.Errorf("the first word: %v", first)
	}
	if again := p.notes("thera", visit, "response", "less tension", 0, 200); again["rev"] != 1.0 {
		t.Errorf("the same sent twice counts twice: %v", again)
	}
	p.notes("assi", visit, "home_changes", "third set", 0, 200)
	before := p.h.Dump()
	stale := p.notes("assi", visit, "response", "no change", 0, 409)["data"].(map[string]any)["E_STALE"].(map[string]any)["params"].(map[string]any)
	if stale["value"] != "less tension" || stale["rev"] != 1.0 || p.h.Dump() != before {
		t.Errorf("a conflict shows both and stores nothing: %v", stale)
	}
	p.notes("assi", visit, "response", "no change", 1, 200)
	parts := p.notePage("thera", visit)["draft"].(map[string]any)["parts"].(map[string]any)
	if parts["response"].(map[string]any)["value"] != "no change" || parts["home_changes"].(map[string]any)["value"] != "third set" {
		t.Errorf("the draft: %v", parts)
	}
	if n, err := p.h.App.CountRecords("visit_notes"); err != nil || n != 1 {
		t.Errorf("%d notes, %v", n, err)
	}
	note := p.found("visit_notes", "1=1")
	p.do("thera", "/api/notes/"+note+"/sign", nil, 422) // the visit is not over
	p.visit(visit, "completed", 200)
	p.do("thera", "/api/notes/"+note+"/sign", nil, 200)
	if a := p.h.Do("thera", "PATCH", "/api/collections/visit_notes/records/"+note, map[string]any{"response": "better"}); a.Status != 422 || !a.Has("E_SIGNED") {
		t.Errorf("a signed note was changed: %d %s", a.Status, a.Text)
	}
	p.notes("thera", visit, "note", "She called later.", 0, 200)
	page := p.notePage("thera", visit)
	if signed := page["signed"].([]any); len(signed) != 1 || signed[0].(map[string]any)["fields"].(map[string]any)["response"] != "no change" {
		t.Errorf("signed: %v", signed)
	}
	if draft := page["draft"].(map[string]any); draft["id"] == note || draft["id"] == "" {
		t.Errorf("what comes later is no addendum: %v", draft["id"])
	}
}

// A write over REST counts too, and nobody writes the numbers.
func TestNumbersOfPartsFollowEveryWrite(t *testing.T) {
	t.Parallel()
	p, visit := treated(t)
	p.notes("thera", visit, "response", "less tension", 0, 200)
	note := p.found("visit_notes", "1=1")
	a := p.h.Do("assi", "PATCH", "/api/collections/visit_notes/records/"+note, map[string]any{"response": "more tension", "revs": map[string]any{"response": map[string]any{"n": 1}}})
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	p.notes("thera", visit, "response", "as before", 1, 409)
}

func TestWhatIsNoPartOfANote(t *testing.T) {
	t.Parallel()
	p, visit := treated(t)
	other := p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": "2026-01-12 15:00:00.000Z"})
	p.notes("thera", other, "interventions/otherintervention", map[string]any{"category": "relaxation"}, 0, 200)
	before := p.h.Dump()
	for name, c := range map[string]struct {
		part   string
		value  any
		status int
	}{
		"signing":                   {"signed_by", "thera0000000000", 422},
		"another table":             {"plans/abcdefghij12345", map[string]any{"state": "active"}, 422},
		"answers in words":          {"said", map[string]any{"fever": "no"}, 422},
		"an unknown question":       {"said", map[string]any{"age": true}, 422},
		"a number as a response":    {"response", 7, 422},
		"an item that is neither":   {"items", map[string]any{"x": "dropped"}, 422},
		"nobody's choice":           {"response_is", "cured", 400},
		"pain of eleven":            {"interventions/abcdefghij12345", map[string]any{"category": "relaxation", "pain_before": 11}, 422},
		"a manual without a goal":   {"interventions/abcdefghij12345", map[string]any{"category": "manual", "technique": "massage"}, 422},
		"a measure out of range":    {"measures/abcdefghij12345", map[string]any{"type": "neck_nrs", "unit": "score", "value": 12}, 422},
		"another visit's row":       {"interventions/otherintervention", map[string]any{"category": "education"}, 404},
		"the plan of somebody else": {"measures/abcdefghij12345", "x", 422},
	} {
		if a := p.h.Do("thera", "POST", "/api/visits/"+visit+"/note", map[string]any{"note": "noteofthispage1", "part": c.part, "value": c.value}); a.Status != c.status {
			t.Errorf("%s: %d %s", name, a.Status, a.Text)
		}
	}
	if p.h.Dump() != before {
		t.Error("something was stored")
	}
}

// S-31, S-46: a hands-on technique with its goal, tension and pain before and after; measures beside their last value.
func TestWhatIsDoneAndMeasuredInAVisit(t *testing.T) {
	t.Parallel()
	p, visit := treated(t)
	row := "interventions/interventionone"
	p.notes("thera", visit, row, map[string]any{"category": "manual", "technique": "suboccipital_release", "technique_goal": "tension"}, 0, 200)
	p.notes("thera", visit, row, map[string]any{"tension_before": 6}, 1, 200)
	p.notes("thera", visit, row, map[string]any{"tension_after": 3, "pain_before": 5, "pain_after": 3}, 2, 200)
	page := p.notePage("thera", visit)
	done := page["interventions"].([]any)[0].(map[string]any)
	if value := done["value"].(map[string]any); done["rev"] != 3.0 || value["tension_before"] != 6.0 || value["tension_after"] != 3.0 || value["pain_after"] != 3.0 {
		t.Errorf("done: %v", done)
	}
	measure := page["measures"].([]any)[0].(map[string]any)
	if measure["type"] != "neck_nrs" || measure["last"] != nil || measure["value"] != nil {
		t.Errorf("pain in the neck comes first, and was not asked: %v", measure)
	}
	p.notes("thera", visit, "measures/measurement0001", map[string]any{"type": "neck_nrs", "unit": "score", "value": 4}, 0, 200)
	p.visit(visit, "completed", 200)
	p.on("2026-01-12")
	next := p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": "2026-01-12 15:00:00.000Z"})
	measure = p.notePage("thera", next)["measures"].([]any)[0].(map[string]any)
	if measure["last"] != 4.0 || measure["lastOn"] != "2026-01-08" || measure["value"] != nil {
		t.Errorf("the last value stands beside: %v", measure)
	}
	p.notes("thera", visit, "measures/measurement0001", nil, 1, 200)
	if n, _ := p.h.App.CountRecords("physical_measures"); n != 0 {
		t.Errorf("%d measures after it was taken back", n)
	}
	p.notes("thera", visit, row, nil, 3, 200)
	if got := p.notePage("thera", visit)["interventions"].([]any); len(got) != 0 {
		t.Errorf("what was noted by mistake is still told: %v", got)
	}
}

// The short form is a screen with its last answer, and what it finds is an alert at once.
func TestTheShortFormIsAScreen(t *testing.T) {
	t.Parallel()
	p, visit := treated(t)
	p.do("anna", "/api/collections/safety_checks/records", map[string]any{"patient": annas, "asked_at": "2026-01-08 12:40:00.000Z", "answers": said(map[string]any{"fever": false, "sudden": false})}, 200)
	page := p.notePage("thera", visit)
	pre, _ := page["preScreen"].(map[string]any)
	if pre == nil || pre["said"].(map[string]any)["fever"] != false {
		t.Fatalf("what she said this morning: %v", page["preScreen"])
	}
	screens := func() int64 {
		n, err := p.h.App.CountRecords("safety_screens")
		check(t, err)
		return n
	}
	before, answers := screens(), map[string]any{}
	rev := 0
	for _, q := range visitnote.Short {
		if q.After != "" {
			continue
		}
		if screens() != before {
			t.Fatalf("a half form is a screen, before %s", q.ID)
		}
		answers[q.ID] = false
		p.notes("thera", visit, "said", answers, rev, 200)
		rev++
	}
	if screens() != before+1 {
		t.Fatal("a whole form is no screen")
	}
	answers["sudden"] = true
	p.notes("thera", visit, "said", answers, rev, 200)
	r, err := p.h.App.FindFirstRecordByFilter("safety_screens", "visit={:v}", map[string]any{"v": visit})
	check(t, err)
	if r.GetString("result") != "finding" || screens() != before+1 || p.found("safety_alerts", "code='THUNDERCLAP'") == "" {
		t.Errorf("sudden onset: %v", r.PublicExport())
	}
}

// The server says which visit this is and what completing it sets in motion, before it is completed.
func TestWhatAVisitWillSetInMotion(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	p.signs()
	for _, day := range []string{"2026-01-08", "2026-01-12", "2026-01-15", "2026-01-19"} {
		p.sees(day)
	}
	p.on("2026-01-22")
	sixth := p.add("visits", map[string]any{"kind": "treatment", "mode": "video", "status": "scheduled", "scheduled_at": "2026-01-22 15:00:00.000Z"})
	before := p.h.Dump()
	ahead := p.notePage("thera", sixth)["ahead"].(map[string]any)
	if ahead["number"] != 6.0 || ahead["planned"] != 6.0 || !slices.Contains(codes(ahead["tasks"]), "REVIEW_6") || p.h.Dump() != before {
		t.Fatalf("before visit 6: %v", ahead)
	}
	p.visit(sixth, "checked_in", 200)
	p.visit(sixth, "completed", 200)
	p.on("2026-01-26")
	seventh := p.add("visits", map[string]any{"kind": "treatment", "mode": "video", "status": "scheduled", "scheduled_at": "2026-01-26 15:00:00.000Z"})
	page := p.notePage("thera", seventh)
	ahead = page["ahead"].(map[string]any)
	if got := codes(ahead["checkIn"]); ahead["number"] != 7.0 || !slices.Contains(got, "E_REVIEW6_DUE") || !slices.Contains(got, "E_OVER_PLANNED") {
		t.Errorf("before visit 7: %v", ahead)
	}
	if since := page["since"].(map[string]any); since["from"] != "2026-01-22" || since["days"] != 4.0 || since["attacks"] != 0.0 || since["recordedDays"] != 0.0 {
		t.Errorf("since the last visit: %v", since)
	}
	if next := page["next"].(map[string]any); next["scheduled"] != nil || next["proposed"] != "2026-02-02T10:00:00-05:00" {
		t.Errorf("the next one: %v", next)
	}
}

// A note that is read later tells of the days before its visit, and of nothing that came after.
func TestANoteTellsOfItsOwnDays(t *testing.T) {
	t.Parallel()
	p, visit := treated(t)
	exercise := p.prescribes("C04", nil)
	for i, day := range []string{"2026-01-06", "2026-01-07", "2026-01-09"} {
		p.logs(exercise, day, map[string]any{"pain_before": 3, "pain_after": 5 + i%2})
	}
	p.on("2026-01-20")
	for _, at := range []string{"2026-01-06 14:00:00.000Z", "2026-01-08 09:00:00.000Z", "2026-01-15 14:00:00.000Z"} {
		p.do("anna", "/api/collections/attacks/records", map[string]any{"patient": annas, "started_at": at, "ended_at": strings.Replace(at, ":00:00", ":30:00", 1)}, 200)
		p.add("adverse_events", map[string]any{"type": "soreness", "happened_at": at})
		p.do("anna", "/api/collections/change_reports/records", map[string]any{"patient": annas, "reason": "holiday", "happened_on": at[:10]}, 200)
	}
	since := p.notePage("thera", visit)["since"].(map[string]any)
	if since["from"] != "2026-01-05" || since["to"] != "2026-01-08" || since["attacks"] != 1.0 {
		t.Errorf("attacks of %v to %v: %v", since["from"], since["to"], since["attacks"])
	}
	var told []string
	for _, r := range since["reports"].([]any) {
		told = append(told, fmt.Sprint(r.(map[string]any)["kind"], " ", r.(map[string]any)["on"]))
	}
	if want := []string{"change 2026-01-06", "change 2026-01-08", "adverse 2026-01-06", "adverse 2026-01-08"}; !slices.Equal(told, want) {
		t.Errorf("reports: %q", told)
	}
	if pain := since["pain"].([]any); len(pain) != 1 || pain[0].(map[string]any)["on"] != "2026-01-07" || pain[0].(map[string]any)["after"] != 6.0 {
		t.Errorf("two points more are none too many (§8.1), and the day after is not its own: %v", pain)
	}
}

// Two people in one note see each other, until one leaves; the patient hears nothing of a draft.
func TestTwoSitInOneNote(t *testing.T) {
	t.Parallel()
	p, visit := treated(t)
	p.do("assi", "/api/visits/"+visit+"/note/editing", map[string]any{"part": "response"}, 204)
	others := p.notePage("thera", visit)["editing"].([]any)
	if len(others) != 1 || others[0].(map[string]any)["part"] != "response" {
		t.Fatalf("others in the note: %v", others)
	}
	if mine := p.notePage("assi", visit)["editing"].([]any); len(mine) != 0 {
		t.Errorf("she meets herself: %v", mine)
	}
	p.do("root", "/api/dev/clock", map[string]any{"now": "2026-01-08T15:02:00Z"}, 200)
	if late := p.notePage("thera", visit)["editing"].([]any); len(late) != 0 {
		t.Errorf("two minutes later: %v", late)
	}
	p.do("assi", "/api/visits/"+visit+"/note/editing", map[string]any{"part": "note"}, 204)
	p.do("assi", "/api/visits/"+visit+"/note/editing", map[string]any{"part": ""}, 204)
	if gone := p.notePage("thera", visit)["editing"].([]any); len(gone) != 0 {
		t.Errorf("she has left: %v", gone)
	}
}

// The front desk sees names and times of its own clinic, and nothing else.
func TestTheScheduleOfAClinic(t *testing.T) {
	t.Parallel()
	p, _ := treated(t)
	at := "/api/schedule?from=2026-01-05"
	for who, visits := range map[string]int{"thera": 2, "tess": 2, "assi": 2, "desk": 2, "sid": 0, "neuro": 0, "admin": 0, "anna": 0} {
		a := p.h.Do(who, "GET", at, nil)
		if got := a.Body["visits"].([]any); a.Status != 200 || len(got) != visits {
			t.Errorf("%s sees %d visits: %s", who, len(got), a.Text)
		}
		for _, word := range []string{"E_", "plan", "needs", "attack", "state"} {
			if strings.Contains(a.Text, word) {
				t.Errorf("%s reads %q: %s", who, word, a.Text)
			}
		}
	}
	for query, status := range map[string]int{"?from=2026-02-30": 400, "?days=0": 400, "?days=43": 400, "?days=x": 400, "?days=42": 200, "": 200} {
		if a := p.h.Do("thera", "GET", "/api/schedule"+query, nil); a.Status != status {
			t.Errorf("%q: %d", query, a.Status)
		}
	}
	made := p.do("desk", "/api/patients/"+annas+"/visits", map[string]any{"mode": "video", "scheduledAt": "2026-01-09T15:00:00Z"}, 200)
	if made["plan"].(map[string]any)["id"] != "" || made["visit"].(map[string]any)["mode"] != "video" {
		t.Errorf("the desk made %v", made)
	}
	id := made["visit"].(map[string]any)["id"].(string)
	again := p.h.Dump()
	if a := p.h.Do("desk", "POST", "/api/patients/"+annas+"/visits", map[string]any{"mode": "video", "scheduledAt": "2026-01-09T15:00:00Z"}); a.Status != 409 || !a.Has("E_VISIT_TWICE") || p.h.Dump() != again {
		t.Errorf("sent again: %d %s", a.Status, a.Text)
	}
	p.do("desk", "/api/visits/"+id+"/transitions", map[string]any{"to": "scheduled", "scheduledAt": "2026-01-09T17:00:00Z"}, 200)
	p.do("desk", "/api/visits/"+id+"/transitions", map[string]any{"to": "cancelled_patient", "attackDay": true}, 200)
	before := p.h.Dump()
	p.do("desk", "/api/patients/"+annas+"/visits", map[string]any{"mode": "by pigeon", "scheduledAt": "2026-01-09T15:00:00Z"}, 400)
	p.do("desk", "/api/patients/"+hookstest.ID("cleo")+"/visits", map[string]any{"scheduledAt": "2026-01-09T15:00:00Z"}, 404)
	if p.h.Dump() != before {
		t.Error("a refused visit left something behind")
	}
	warned := p.do("thera", "/api/patients/"+annas+"/visits", map[string]any{"scheduledAt": "2026-03-20T15:00:00Z"}, 200)
	if got := codes(warned["warnings"]); !slices.Contains(got, "W_PAST_WINDOW") {
		t.Errorf("a visit after the plan's time warns of %v", got)
	}
}

// A feed says when, and stops with its address, with the role and with the care link.
func TestACalendarFeed(t *testing.T) {
	t.Parallel()
	p, visit := treated(t)
	made := p.do("thera", "/api/calendar-feeds", nil, 200)
	address := made["url"].(string)
	secret := strings.Split(address, "/")[3]
	fetch := func() hookstest.Answer { return p.h.Do("", "GET", address, nil) }
	a := fetch()
	if a.Status != 200 || strings.Count(a.Text, "BEGIN:VEVENT") != 2 || strings.Contains(strings.ToLower(a.Text), "anna") || strings.Contains(a.Text, annas) {
		t.Fatalf("the feed: %d %s", a.Status, a.Text)
	}
	sequence := func(text string) (n int) {
		_, event, _ := strings.Cut(text, "UID:"+visit+"@interictal")
		_, after, _ := strings.Cut(event, "SEQUENCE:")
		_, err := fmt.Sscanf(after, "%d", &n)
		check(t, err)
		return n
	}
	first := sequence(a.Text)
	p.visit(visit, "cancelled_clinic", 200)
	a = fetch()
	_, event, _ := strings.Cut(a.Text, "UID:"+visit+"@interictal")
	event, _, _ = strings.Cut(event, "END:VEVENT")
	if sequence(a.Text) <= first || !strings.Contains(event, "STATUS:CANCELLED") {
		t.Errorf("after it was cancelled: %s", a.Text)
	}
	if strings.Contains(p.h.Dump(), secret) {
		t.Error("the secret is stored")
	}
	if list := p.h.Do("thera", "GET", "/api/calendar-feeds", nil); strings.Contains(list.Text, secret) || strings.Contains(list.Text, "hash") || len(list.Body["feeds"].([]any)) != 1 {
		t.Errorf("the list: %s", list.Text)
	}
	if wrong := p.h.Do("", "GET", strings.Replace(address, secret, secret[:42]+"x", 1), nil); wrong.Status != 404 {
		t.Errorf("a wrong secret: %d", wrong.Status)
	}
	runSQL(t, p.h.App, "UPDATE care_links SET until='2026-01-08 15:00:00.000Z' WHERE until='' AND member='"+hookstest.ID("thera")+"'")
	if a := fetch(); a.Status != 200 || strings.Contains(a.Text, "VEVENT") {
		t.Errorf("after the care link: %s", a.Text)
	}
	p.do("tess", "/api/calendar-feeds/"+made["id"].(string)+"/revoke", nil, 404)
	p.do("thera", "/api/calendar-feeds/"+made["id"].(string)+"/revoke", nil, 204)
	if a := fetch(); a.Status != 404 {
		t.Errorf("after it was taken back: %d", a.Status)
	}
	p.do("desk", "/api/calendar-feeds", nil, 422)
}

// No log line holds the secret, whether the feed opens or not.
func TestNoLogHoldsTheSecretOfAFeed(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	h.App.Settings().Logs.MaxDays = 1
	h.App.Settings().Logs.MinLevel = -8
	h.Do("", "GET", "/api/calendar/SECRETOFNOBODY/visits.ics", nil)
	h.Do("thera", "GET", "/api/schedule?from=2026-01-05", nil)
	lines := []*core.Log{}
	for range 100 {
		check(t, h.App.Logger().Handler().(interface{ WriteAll(context.Context) error }).WriteAll(t.Context()))
		check(t, h.App.LogQuery().All(&lines))
		if len(lines) >= 2 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	all := fmt.Sprint(len(lines))
	for _, line := range lines {
		all += fmt.Sprintln(line.Message, line.Data)
	}
	if !strings.Contains(all, "/api/calendar/…") || strings.Contains(all, "SECRETOFNOBODY") || strings.Contains(all, "2026-01-05") {
		t.Errorf("the log says:\n%s", all)
	}
}

// A progress report is drafted from the data, kept in versions, signed, and then the plan's.
func TestDocumentsOfAPlan(t *testing.T) {
	t.Parallel()
	p, visit := treated(t)
	p.visit(visit, "completed", 200)
	at := "/api/plans/" + p.plan + "/documents/progress"
	hers := "/api/collections/practitioners/records/" + hookstest.ID("thera")
	practice := map[string]any{"license_no": "PT 4711", "license_state": "NY", "specialties": "headache", "practising_since": "2019-05-01"}
	if a := p.h.Do("admin", "PATCH", hers, practice); a.Status != 200 {
		t.Fatalf("the licence: %d %s", a.Status, a.Text)
	}
	draft := p.h.Do("thera", "GET", at, nil)
	if draft.Status != 200 || !strings.Contains(draft.Text, "2 of 6 planned visits have taken place") || !strings.Contains(draft.Text, "Play with my girl") {
		t.Fatalf("the draft: %d %s", draft.Status, draft.Text)
	}
	if by := draft.Body["therapist"]; by != "Tess; Thera, licence PT 4711 NY, headache, practising since 2019" {
		t.Errorf("who treats: %v", by)
	}
	parts := draft.Body["draft"].([]any)
	parts[0].(map[string]any)["lines"] = []string{"As I saw it."}
	first := p.do("thera", at, map[string]any{"version": 0, "parts": parts}, 200)
	before := p.h.Dump()
	p.do("assi", at, map[string]any{"version": 0, "parts": parts}, 409)
	p.do("assi", at, map[string]any{"version": 1, "parts": []any{}}, 422)
	p.do("assi", "/api/documents/"+first["id"].(string)+"/sign", nil, 422)
	if p.h.Dump() != before {
		t.Error("a refusal left something behind")
	}
	if a := p.h.Do("anna", "GET", "/api/collections/care_documents/records", nil); len(a.Items()) != 0 {
		t.Errorf("she reads a draft: %s", a.Text)
	}
	p.do("assi", at, map[string]any{"version": 1, "parts": parts}, 200)
	versions := p.h.Do("thera", "GET", at, nil).Body["versions"].([]any)
	if len(versions) != 2 || versions[0].(map[string]any)["version"] != 2.0 {
		t.Fatalf("versions: %v", versions)
	}
	second := versions[0].(map[string]any)["id"].(string)
	p.do("thera", "/api/documents/"+second+"/sign", nil, 200)
	p.do("thera", "/api/documents/"+second+"/sign", nil, 422)
	if a := p.h.Do("anna", "GET", "/api/collections/care_documents/records", nil); len(a.Items()) != 1 {
		t.Errorf("she does not read what is signed: %s", a.Text)
	}
	report, err := p.h.App.FindFirstRecordByData("progress_reports", "plan", p.plan)
	check(t, err)
	if !strings.Contains(report.GetString("report"), "As I saw it.") {
		t.Errorf("the plan's report: %s", report.GetString("report"))
	}
	if a := p.h.Do("thera", "GET", "/api/plans/"+p.plan+"/documents/diagnosis", nil); a.Status != 404 {
		t.Errorf("a kind that there is not: %d", a.Status)
	}
}

// visitAnswers are those of the note, the schedule, calendars and documents, for docs/api.md.
func visitAnswers(t *testing.T, examples map[string]any) map[string]hookstest.Answer {
	t.Helper()
	p, visit := treated(t)
	out := map[string]hookstest.Answer{}
	note, feeds, papers := "/api/visits/"+visit+"/note", "/api/calendar-feeds", "/api/plans/"+p.plan+"/documents/progress"
	out["POST /api/visits/{id}/note"] = p.h.Do("thera", "POST", note, examples["POST /api/visits/{id}/note request"])
	p.notes("thera", visit, "interventions/interventionone", map[string]any{"category": "manual", "technique": "massage", "technique_goal": "tension"}, 0, 200)
	p.do("anna", "/api/collections/safety_checks/records", map[string]any{"patient": annas, "asked_at": "2026-01-08 12:40:00.000Z", "answers": said(map[string]any{"fever": false})}, 200)
	p.do("assi", note+"/editing", examples["POST /api/visits/{id}/note/editing request"], 204)
	out["GET /api/visits/{id}/note"] = p.h.Do("thera", "GET", note, nil)
	out["GET /api/schedule"] = p.h.Do("thera", "GET", "/api/schedule", nil)
	out["POST /api/calendar-feeds"] = p.h.Do("thera", "POST", feeds, nil)
	out["GET /api/calendar-feeds"] = p.h.Do("thera", "GET", feeds, nil)
	kept := p.h.Do("thera", "POST", papers, examples["POST /api/plans/{id}/documents/{kind} request"])
	out["POST /api/plans/{id}/documents/{kind}"] = kept
	out["GET /api/plans/{id}/documents/{kind}"] = p.h.Do("thera", "GET", papers, nil)
	out["POST /api/documents/{id}/sign"] = p.h.Do("thera", "POST", "/api/documents/"+kept.Body["id"].(string)+"/sign", nil)
	return out
}

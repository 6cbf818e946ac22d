package hooks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"interictal/hooks/hookstest"
)

// Stories about danger: what raises an alert, whom it reaches, what it stops, and who alone may close it.

// open lists the open alerts of anna as `code level`, in the order in which they were raised.
func (p *practice) alerts(where string) (out []string) {
	p.t.Helper()
	check(p.t, p.h.App.DB().NewQuery("SELECT code || ' ' || level FROM safety_alerts WHERE patient='"+annas+"' AND "+where+" ORDER BY code").Column(&out))
	return out
}

func (p *practice) raised(want ...string) {
	p.t.Helper()
	if got := p.alerts("closed_at=''"); !slices.Equal(got, want) {
		p.t.Errorf("open alerts: %v, not %v", got, want)
	}
}

// said is a set of answers as a row carries it.
func said(answers map[string]any) string {
	text, err := json.Marshal(answers)
	if err != nil {
		panic(err) // plain values
	}
	return string(text)
}

// look runs the hourly look.
func (p *practice) look() {
	p.t.Helper()
	for _, job := range p.h.App.Cron().Jobs() {
		if job.Id() == "safety" {
			job.Run()
			return
		}
	}
	p.t.Fatal("nobody looks every hour")
}

// closes the alert with this code.
func (p *practice) closes(code string) {
	p.t.Helper()
	p.do("thera", "/api/alerts/"+p.found("safety_alerts", "code='"+code+"' AND closed_at=''")+"/close", map[string]any{"disposition": "assessed_here", "assessedOn": p.day}, 200)
}

// unchanged: the request is refused with exactly these codes, and the whole database reads as before.
func (p *practice) unchanged(says, who, method, path string, body any, status int, codes ...string) {
	p.t.Helper()
	token := p.h.Token(who)
	before := p.h.Dump()
	a := p.h.DoWith(token, method, path, body)
	data, _ := a.Body["data"].(map[string]any)
	if got := slices.Sorted(maps.Keys(data)); a.Status != status || len(codes) > 0 && !slices.Equal(got, codes) {
		p.t.Errorf("%s, %s: %d %v, not %d %v: %s", says, who, a.Status, got, status, codes, a.Text)
	}
	if after := p.h.Dump(); after != before {
		p.t.Errorf("%s, %s: refused, and something has changed", says, who)
	}
}

const records = "/api/collections/%s/records"

func at(collection string) string { return fmt.Sprintf(records, collection) }

// A check on a phone without a signal: the phone has answered long before. Its row arrives twice, from two devices, and late; the
// team has one alert and one task, and the phone gets the alert to hide the exercises by.
func TestACheckArrivesTwiceAndLate(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-10")
	phone := p.h.Phone("anna")
	phone.Sync()
	phone.Put("safety_checks", "checkofanna0001", map[string]any{"patient": annas, "asked_at": "2026-01-07T08:00:00.000Z", "shown": "emergency",
		"answers": said(map[string]any{"fever": true, "stiff_neck": true, "worse": true, "weather": "bad"}), "entered_at": "2026-01-07T08:00:00.000Z", "source": "phone"})
	body := phone.Request(500)
	for range 2 {
		if a := p.h.Do("anna", "POST", "/api/sync/exchange", body); a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Text)
		}
	}
	other := p.h.Phone("anna")
	other.Put("safety_checks", "checkofanna0001", map[string]any{"patient": annas, "asked_at": "2026-01-07T08:00:00.000Z", "shown": "emergency", "answers": said(map[string]any{"fever": true, "stiff_neck": true, "worse": true})})
	other.Sync()
	p.raised("CHECK_UNREADABLE worklist", "FEVER_NEW_HEADACHE urgent", "FEVER_STIFF_NECK emergency")
	if n := p.count("tasks", "code='SAFETY_ALERT' AND state='open' AND due='2026-01-10'"); n != 3 {
		t.Errorf("%d tasks for today", n)
	}
	phone.Sync()
	if rows := phone.Rows("safety_alerts"); len(rows) != 3 {
		t.Errorf("the phone holds %d alerts", len(rows))
	}
	p.on("2026-02-09")
	phone.Put("safety_checks", "checkofanna0002", map[string]any{"patient": annas, "asked_at": "2026-01-09T08:00:00.000Z", "answers": said(map[string]any{"sudden": true})})
	phone.Sync()
	if got := p.alerts("code='THUNDERCLAP'"); !slices.Equal(got, []string{"THUNDERCLAP worklist"}) {
		t.Errorf("a check of last month is %v", got)
	}
	phone.Put("safety_checks", "checkofanna0003", map[string]any{"patient": annas, "asked_at": "2031-01-01T00:00:00.000Z", "answers": said(map[string]any{"vision_loss": true})})
	phone.Sync()
	if got := p.alerts("code='NEURO_DEFICIT'"); !slices.Equal(got, []string{"NEURO_DEFICIT emergency"}) {
		t.Errorf("from a phone whose clock is wrong: %v %v", got, phone.RefusedEntries())
	}
}

// Two devices send the same check, and two entries of one attack are judged, at the same moment.
func TestTheSameCheckAtTheSameMoment(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-10")
	var acts []func()
	for range 8 {
		phone := p.h.Phone("anna")
		phone.Put("safety_checks", "checkofanna0001", map[string]any{"patient": annas, "asked_at": "2026-01-10T08:00:00.000Z", "answers": said(map[string]any{"sudden": true})})
		body := phone.Request(500)
		token := p.h.Token("anna")
		acts = append(acts, func() { p.h.DoWith(token, "POST", "/api/sync/exchange", body) })
	}
	together(acts...)
	p.raised("THUNDERCLAP emergency")
	if n := p.count("tasks", "code='SAFETY_ALERT'"); n != 1 {
		t.Errorf("%d tasks", n)
	}
}

// Only a clinician closes an alert, and says what came of it; nobody deletes one or opens it again.
func TestOnlyAClinicianClosesAnAlert(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-10")
	p.do("anna", at("safety_checks"), map[string]any{"patient": annas, "asked_at": "2026-01-10 08:00:00.000Z", "answers": said(map[string]any{"sudden": true})}, 200)
	alert := p.found("safety_alerts", "code='THUNDERCLAP'")
	path, row := "/api/alerts/"+alert+"/close", at("safety_alerts")+"/"+alert
	whole := map[string]any{"disposition": "seen_by_physician", "assessedOn": "2026-01-10"}
	patch := map[string]any{"disposition": "seen_by_physician", "assessed_on": "2026-01-10"}
	for who, status := range map[string]int{"anna": 403, "assi": 403, "neuro": 404, "desk": 404, "admin": 404, "bo": 404, "sid": 404} {
		code := map[int]string{403: "E_ROLE", 404: "E_NOT_FOUND"}[status]
		p.unchanged("closing", who, "POST", path, whole, status, code)
	}
	for who, status := range map[string]int{"anna": 404, "assi": 403, "root": 403, "bo": 404} {
		p.unchanged("closing by a PATCH", who, "PATCH", row, patch, status)
	}
	for says, body := range map[string]map[string]any{
		"without what came of it": {"assessedOn": "2026-01-10"},
		"without a date":          {"disposition": "referred"},
		"assessed tomorrow":       {"disposition": "referred", "assessedOn": "2026-01-11"},
		"assessed before it was":  {"disposition": "referred", "assessedOn": "2026-01-08"},
		"in a word of one's own":  {"disposition": "fine", "assessedOn": "2026-01-10"},
	} {
		p.unchanged(says, "thera", "POST", path, body, 422, "E_VALUE")
	}
	for _, who := range []string{"anna", "thera", "root"} {
		p.unchanged("deleting", who, "DELETE", row, nil, map[string]int{"anna": 403, "thera": 403, "root": 422}[who])
		p.unchanged("deleting the check", who, "DELETE", at("safety_checks")+"/"+p.found("safety_checks", "1=1"), nil, map[string]int{"anna": 403, "thera": 403, "root": 422}[who])
	}
	p.unchanged("another level", "thera", "PATCH", row, map[string]any{"level": "soon"}, 422, "E_KEPT")
	if a := p.h.Do("assi", "PATCH", row, map[string]any{"note": "called her, she is on her way"}); a.Status != 200 {
		t.Errorf("a note: %d %s", a.Status, a.Text)
	}
	closed := p.do("thera", path, whole, 200)
	if closed["closedAt"] == "" || closed["disposition"] != "seen_by_physician" || closed["level"] != "emergency" {
		t.Errorf("closed: %v", closed)
	}
	if n := p.count("tasks", "code='SAFETY_ALERT' AND state='done'"); n != 1 {
		t.Error("its task still stands")
	}
	p.unchanged("closing twice", "thera", "POST", path, whole, 422, "E_KEPT")
	p.unchanged("opening again", "thera", "PATCH", row, map[string]any{"closed_at": ""}, 422, "E_KEPT")
	p.unchanged("a note afterwards", "assi", "PATCH", row, map[string]any{"note": "x"}, 422, "E_KEPT")
	p.unchanged("a closed one by hand", "thera", "POST", at("safety_alerts"), map[string]any{"patient": annas, "level": "urgent", "code": "X", "raised_at": p.instant(), "disposition": "referred"}, 400)
	if r, err := p.h.App.FindRecordById("safety_alerts", alert); err != nil || r.GetString("closed_by") != hookstest.ID("thera") {
		t.Errorf("who has closed it is not noted: %v", err)
	}
}

// Who may not see the diary hears of the alert all the same, and of nothing else.
func TestAnAlertReachesTheTeamWhateverIsShared(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-10")
	runSQL(t, p.h.App, "UPDATE consents SET state='withdrawn' WHERE patient='"+annas+"'")
	made := p.do("anna", at("safety_checks"), map[string]any{"patient": annas, "asked_at": "2026-01-10 08:00:00.000Z", "answers": said(map[string]any{"pregnant": true, "new_kind": true})}, 200)
	if a := p.h.Do("thera", "GET", at("safety_checks")+"/"+made["id"].(string), nil); a.Status != 404 {
		t.Errorf("the check is open to her: %d", a.Status)
	}
	a := p.h.Do("thera", "GET", "/api/patients/"+annas+"/safety", nil)
	if a.Status != 200 || a.Body["shown"] != "urgent" || a.Body["minor"] != nil || !strings.Contains(a.Text, "PREGNANCY_HEADACHE") || !strings.Contains(a.Text, `"notShared":["diary"]`) {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	for _, who := range []string{"neuro", "desk", "admin", "bo", "sid"} {
		p.unchanged("reading", who, "GET", "/api/patients/"+annas+"/safety", nil, 404, "E_NOT_FOUND")
	}
}

// A PHQ-4 of 9 or more is looked at the same day, while she shares questionnaires; a corrected answer raises nothing anew.
func TestDistressIsLookedAt(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-10")
	answers := func(id string, third int) {
		t.Helper()
		row := map[string]any{"patient": annas, "instrument": "phq4", "version": "1", "occasion": "start", "answered_at": p.instant(),
			"answers": map[string]any{"q1": 3, "q2": 3, "q3": third, "q4": 1}}
		a := p.h.Do("anna", "PATCH", at("instrument_responses")+"/"+id, row)
		if a.Status == 404 {
			row["id"] = id
			a = p.h.Do("anna", "POST", at("instrument_responses"), row)
		}
		if a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Text)
		}
	}
	answers("phq4ofanna00001", 1)
	p.raised()
	answers("phq4ofanna00001", 2)
	answers("phq4ofanna00001", 3)
	p.raised("PHQ4_HIGH worklist")
	runSQL(t, p.h.App, "UPDATE consents SET state='withdrawn' WHERE family='questionnaires' AND patient='"+annas+"'")
	answers("phq4ofanna00002", 3)
	if n := p.count("safety_alerts", "1=1"); n != 1 {
		t.Errorf("%d alerts, one of them of what she does not share", n)
	}
}

// What entries of the diary raise, each once, also when it is corrected or its alert was closed.
func TestWhatTheDiaryRaises(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-10")
	attack := func(id string, fields map[string]any) {
		t.Helper()
		row := map[string]any{"id": id, "patient": annas, "started_at": "2026-01-09 10:00:00.000Z"}
		maps.Copy(row, fields)
		p.do("anna", at("attacks"), row, 200)
	}
	change := func(collection, id string, fields map[string]any) {
		t.Helper()
		if a := p.h.Do("anna", "PATCH", at(collection)+"/"+id, fields); a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Text)
		}
	}
	attack("attackofanna001", map[string]any{"peak_nrs": 10, "peak_minutes": 6, "aura": true, "aura_minutes": 60})
	p.raised()
	change("attacks", "attackofanna001", map[string]any{"peak_minutes": 5})
	change("attacks", "attackofanna001", map[string]any{"peak_minutes": 50})
	change("attacks", "attackofanna001", map[string]any{"peak_minutes": 5, "note": "like being hit"})
	p.raised("THUNDERCLAP emergency")
	p.do("anna", at("safety_checks"), map[string]any{"patient": annas, "attack": "attackofanna001", "asked_at": p.instant(), "answers": said(map[string]any{"sudden": true})}, 200)
	p.raised("THUNDERCLAP emergency") // the check in that attack tells of the same
	p.closes("THUNDERCLAP")
	change("attacks", "attackofanna001", map[string]any{"peak_minutes": 4})
	p.raised()

	attack("attackofanna002", map[string]any{"aura": true, "aura_minutes": 61, "aura_usual": true})
	p.raised("AURA_LONG emergency")
	p.closes("AURA_LONG")
	p.add("health_facts", map[string]any{"known_long_aura": true})
	attack("attackofanna003", map[string]any{"aura": true, "aura_minutes": 61, "aura_usual": true})
	p.raised("AURA_LONG_KNOWN urgent")
	p.closes("AURA_LONG_KNOWN")

	attack("attackofanna004", map[string]any{"started_at": "2024-01-09 10:00:00.000Z", "ended_at": "2024-01-19 10:00:00.000Z", "source": "import"})
	p.raised()
}

// M-72H: an entry left open asks a question; only evidence is an alert.
func TestAnAttackOfMoreThanThreeDays(t *testing.T) {
	t.Parallel()
	for says, c := range map[string]struct {
		then   func(p *practice)
		raised bool
	}{
		"nobody says anything": {func(p *practice) {}, false},
		"a reading of 3":       {func(p *practice) { p.reading("2026-01-08 11:00:00.000Z", 3) }, true},
		"a reading of 0":       {func(p *practice) { p.reading("2026-01-08 11:00:00.000Z", 0) }, false},
		"a reading at 72 h":    {func(p *practice) { p.reading("2026-01-08 10:00:00.000Z", 3) }, false},
		"a dose at 73 h":       {func(p *practice) { p.dose("2026-01-08 11:00:00.000Z") }, true},
		"yes, still":           {func(p *practice) { p.attack(map[string]any{"still_going_at": "2026-01-08 10:01:00.000Z"}) }, true},
		"over at 71 h":         {func(p *practice) { p.attack(map[string]any{"ended_at": "2026-01-08 09:00:00.000Z"}) }, false},
		"over at 73 h":         {func(p *practice) { p.attack(map[string]any{"ended_at": "2026-01-08 11:00:00.000Z"}) }, true},
		"over, nobody knows":   {func(p *practice) { p.attack(map[string]any{"end_known": "unknown"}) }, false},
		"a dose after a day without headache": {func(p *practice) {
			p.do("anna", at("diary_days"), map[string]any{"patient": annas, "day": "2026-01-07", "headache": false}, 200)
			p.dose("2026-01-08 11:00:00.000Z")
		}, false},
		"a reading, and the onset is moved later": {func(p *practice) {
			p.attack(map[string]any{"started_at": "2026-01-06 10:00:00.000Z"})
			p.reading("2026-01-08 11:00:00.000Z", 3)
		}, false},
		"a reading of yesterday, and the onset is moved earlier": {func(p *practice) {
			p.reading("2026-01-08 09:30:00.000Z", 3)
			p.attack(map[string]any{"started_at": "2026-01-05 09:00:00.000Z"})
		}, true},
		"evidence that came past the doors": {func(p *practice) {
			runSQL(p.t, p.h.App, "INSERT INTO attack_readings(id, patient, attack, at, nrs) VALUES('readingofanna09', '"+annas+"', 'attackofanna001', '2026-01-08 11:00:00.000Z', '4')")
		}, true},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			p := newPractice(t, "2026-01-08")
			p.do("anna", at("attacks"), map[string]any{"id": "attackofanna001", "patient": annas, "started_at": "2026-01-05 10:00:00.000Z"}, 200)
			c.then(p)
			p.look()
			p.look()
			if c.raised {
				p.raised("M_72H urgent")
			} else {
				p.raised()
			}
		})
	}
}

func (p *practice) attack(fields map[string]any) {
	p.t.Helper()
	if a := p.h.Do("anna", "PATCH", at("attacks")+"/attackofanna001", fields); a.Status != 200 {
		p.t.Fatalf("%d %s", a.Status, a.Text)
	}
}

func (p *practice) reading(when string, nrs int) {
	p.t.Helper()
	p.do("anna", at("attack_readings"), map[string]any{"patient": annas, "attack": "attackofanna001", "at": when, "nrs": nrs}, 200)
}

func (p *practice) dose(when string) {
	p.t.Helper()
	m := p.do("anna", at("medications"), map[string]any{"patient": annas, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"}, 200)
	p.do("anna", at("medication_doses"), map[string]any{"patient": annas, "medication": m["id"], "attack": "attackofanna001", "taken_at": when}, 200)
}

// Headache days double from one window to the next: once, when the window has ended, and only with her consent.
func TestHeadacheDaysDouble(t *testing.T) {
	t.Parallel()
	for _, shares := range []bool{true, false} {
		p := newPractice(t, "2026-03-03")
		runSQL(t, p.h.App, "UPDATE patients SET baseline_date='2026-02-03' WHERE id='"+annas+"'")
		if !shares {
			runSQL(t, p.h.App, "UPDATE consents SET state='withdrawn' WHERE family='diary' AND patient='"+annas+"'")
		}
		for i := range 56 { // 4 headache days in four weeks, then 12
			day := time.Date(2026, 1, 6, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format(time.DateOnly)
			headache := i < 4 || i >= 28 && i < 40
			save(t, p.h.App, "diary_days", annas+strings.ReplaceAll(day, "-", ""), map[string]any{"patient": annas, "day": day, "headache": headache})
		}
		p.look()
		p.on("2026-03-04")
		p.look()
		if shares {
			p.raised("MHD_DOUBLED soon")
			if n := p.count("tasks", "code='SAFETY_ALERT' AND due='2026-03-06'"); n != 1 {
				t.Error("the team has three days for it")
			}
		} else {
			p.raised()
		}
	}
}

// A screen in the clinic is graded row by row; what it finds is no clear screen.
func TestAScreenIsGraded(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-10")
	screen := p.do("thera", at("safety_screens"), map[string]any{"patient": annas, "kind": "red_flag", "screened_at": p.instant(), "result": "clear", "form": "short",
		"answers": said(map[string]any{"papilledema": true, "injury_days": 10, "worse": true})}, 200)
	if screen["result"] != "finding" || screen["rules"] == "" {
		t.Errorf("the screen is %v by %v", screen["result"], screen["rules"])
	}
	p.raised("INJURY_90 urgent", "PAPILLEDEMA emergency")
	p.do("thera", at("safety_screens"), map[string]any{"patient": annas, "kind": "red_flag", "screened_at": p.instant(), "result": "finding", "answers": said(map[string]any{"new_kind": true})}, 200)
	p.raised("INJURY_90 urgent", "NEW_TYPE soon", "PAPILLEDEMA emergency")
	p.do("thera", at("safety_screens"), map[string]any{"patient": annas, "kind": "red_flag", "screened_at": p.instant(), "result": "finding"}, 200)
	p.raised("INJURY_90 urgent", "NEW_TYPE soon", "PAPILLEDEMA emergency", "SCREEN_FINDING urgent")
	p.unchanged("answers that are none", "thera", "POST", at("safety_screens"), map[string]any{"patient": annas, "kind": "red_flag", "screened_at": p.instant(), "result": "clear", "answers": `["fever"]`}, 422, "E_VALUE")
	p.unchanged("a check that is none", "anna", "POST", at("safety_checks"), map[string]any{"patient": annas, "asked_at": p.instant(), "answers": `["fever"]`}, 422, "E_VALUE")
}

// Harm after a treatment: serious is looked at the same day; an attack in the 24 hours after counts as minor.
func TestHarmAfterATreatment(t *testing.T) {
	t.Parallel()
	p := signedPractice(t)
	visit := p.ofPlan("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "checked_in"})
	p.visit(visit, "completed", 200)
	for i, when := range []string{"14:00", "23:00"} {
		p.do("anna", at("attacks"), map[string]any{"id": fmt.Sprint("attackofanna00", i), "patient": annas, "started_at": p.day + " " + when + ":00.000Z"}, 200)
	}
	event := p.do("anna", at("adverse_events"), map[string]any{"patient": annas, "type": "fainting", "severity": 8, "happened_at": p.instant(), "visit": visit}, 200)["id"].(string)
	p.raised()
	for range 2 {
		p.edit("adverse_events", event, map[string]any{"serious": true})
	}
	p.raised("ADVERSE_SERIOUS worklist")
	answer := p.h.Do("thera", "GET", "/api/patients/"+annas+"/safety", nil).Body
	minor := answer["minor"].([]any)
	if len(minor) != 1 || minor[0].(map[string]any)["attack"] != "attackofanna001" || minor[0].(map[string]any)["visit"] != visit {
		t.Errorf("minor events: %v", minor)
	}
	if numbers := answer["numbers"].(map[string]any); numbers["emergency"] != "911" {
		t.Errorf("numbers: %v", numbers)
	}
}

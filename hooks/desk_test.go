package hooks_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"interictal/hooks"
	"interictal/hooks/hookstest"
)

var northDesk = "/api/clinics/" + hookstest.ID("north")

func ok(t *testing.T, a hookstest.Answer, status int) hookstest.Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("%d, not %d: %s", a.Status, status, a.Text)
	}
	return a
}

// by finds the row of a list whose field has the value.
func by(rows any, field string, value any) map[string]any {
	for _, row := range rows.([]any) {
		if row.(map[string]any)[field] == value {
			return row.(map[string]any)
		}
	}
	return nil
}

// One action: the patients have somebody else, the links and roles end, phones hand over and are erased, the account is over.
func TestATherapistLeavesTheClinic(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "anna")
	save(t, h.App, "care_links", "", map[string]any{"patient": hookstest.ID("bo"), "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-01 10:00:00.000Z"})
	phone := staffPhone(h, "thera")
	phone.Sync()
	body := phone.Request(500)
	body["waiting"], body["app"] = 3, "1.4.0"
	ok(t, h.Do("thera", "POST", "/api/sync/exchange", body), 200)
	feed := ok(t, h.Do("thera", "POST", "/api/calendar-feeds", nil), 200).Body["url"].(string)
	ok(t, h.Do("", "GET", feed, nil), 200)

	impact := ok(t, h.Do("admin", "GET", northDesk+"/people/"+hookstest.ID("thera")+"/impact", nil), 200).Body
	if len(impact["patients"].([]any)) != 2 || impact["devices"] != 1.0 || impact["devicesWithUnsent"] != 1.0 || impact["waiting"] != 3.0 || impact["withoutAnother"] != 1.0 {
		t.Errorf("the preview: %v", impact)
	}
	before := h.Dump()
	leave := northDesk + "/people/" + hookstest.ID("thera") + "/leave"
	for _, c := range []struct {
		to, code string
	}{{"", "E_TO_WHOM"}, {"thera", "E_TO_WHOM"}, {"sid", "E_LINK_ROLE"}, {"assi", "E_LINK_ROLE"}} {
		to := ""
		if c.to != "" {
			to = hookstest.ID(c.to)
		}
		if a := h.Do("admin", "POST", leave, map[string]any{"to": to}); a.Status != 422 || !a.Has(c.code) {
			t.Errorf("to %q: %d %s", c.to, a.Status, a.Text)
		}
	}
	if a := h.Do("admin", "POST", northDesk+"/people/"+hookstest.ID("admin")+"/leave", nil); a.Status != 422 || !a.Has("E_LAST_ADMIN") {
		t.Errorf("the only admin leaves: %d %s", a.Status, a.Text)
	}
	if h.Dump() != before {
		t.Error("a refusal changed something")
	}

	phone.Put("attacks", "attackbythera01", map[string]any{"patient": annas, "started_at": "2026-01-20T14:00:00.000Z"}) // not sent yet
	if a := ok(t, h.Do("admin", "POST", leave, map[string]any{"to": hookstest.ID("tess"), "reason": "Moves away."}), 200); a.Body["moved"] != 2.0 {
		t.Errorf("moved: %s", a.Text)
	}
	for _, who := range []string{"anna", "bo"} {
		if a := h.Do("tess", "GET", "/api/patients/"+hookstest.ID(who)+"/progress", nil); a.Status != 200 {
			t.Errorf("tess and %s: %d", who, a.Status)
		}
	}
	for _, path := range []string{"/api/me", "/api/caseload", "/api/patients/" + annas + "/progress"} {
		if a := h.Do("thera", "GET", path, nil); a.Status != 401 {
			t.Errorf("thera still gets %s: %d", path, a.Status)
		}
	}
	if a := h.Do("", "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": hookstest.Email("thera"), "password": hookstest.Password()}); a.Status == 200 {
		t.Error("thera signs in again")
	}
	if a := h.Do("", "GET", feed, nil); a.Status != 404 {
		t.Errorf("the calendar still gets her visits: %d", a.Status)
	}
	if items := h.Do("thera", "GET", "/api/collections/attacks/records?filter=(patient=%22"+annas+"%22)", nil).Items(); len(items) > 0 {
		t.Error("thera still reads over the stock route")
	}

	answer := ok(t, h.Do("thera", "POST", "/api/sync/exchange", phone.Request(500)), 200) // the old token hands over
	if v := answer.Body["verdicts"].([]any)[0].(map[string]any)["verdict"]; v != "handedOver" || answer.Body["more"] != true {
		t.Errorf("what was not sent is %v: %s", v, answer.Text)
	}
	if conflicts := h.Do("tess", "GET", "/api/sync/conflicts?patient="+annas, nil).Text; !strings.Contains(conflicts, "attackbythera01") {
		t.Errorf("the new team does not see it: %s", conflicts)
	}
	empty := map[string]any{"device": phone.Request(500)["device"], "schema": 1, "as": "staff", "push": []any{}}
	if a := h.Do("thera", "POST", "/api/sync/exchange", empty); a.Status != http.StatusGone || !a.Has("E_ERASE_DEVICE") {
		t.Errorf("then the phone hears %d %s", a.Status, a.Text)
	}
	token := h.Token("thera")
	check(t, hooks.EndSessions(h.App, time.Now()))
	if a := h.DoWith(token, "POST", "/api/sync/exchange", empty); a.Status != 401 {
		t.Errorf("after that the token opens: %d", a.Status)
	}
	people := h.Do("admin", "GET", northDesk+"/people", nil).Body["people"]
	if thera := by(people, "user", hookstest.ID("thera")); len(thera["roles"].([]any)) != 0 || thera["patients"] != 0.0 || thera["endingAt"] == "" {
		t.Errorf("at the desk: %v", thera)
	}
}

// Some patients move, the others stay.
func TestPatientsMove(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	save(t, h.App, "care_links", "", map[string]any{"patient": hookstest.ID("bo"), "member": hookstest.ID("tess"), "role": "therapist", "from": "2026-01-01 10:00:00.000Z"})
	path := northDesk + "/people/" + hookstest.ID("tess") + "/move"
	if a := ok(t, h.Do("admin", "POST", path, map[string]any{"to": hookstest.ID("thera"), "patients": []string{hookstest.ID("bo")}}), 200); a.Body["moved"] != 1.0 {
		t.Errorf("%s", a.Text)
	}
	patients := h.Do("admin", "GET", northDesk+"/patients", nil).Body["patients"]
	names := func(who string) (out []string) {
		for _, m := range by(patients, "id", hookstest.ID(who))["team"].([]any) {
			out = append(out, m.(map[string]any)["name"].(string))
		}
		slices.Sort(out)
		return out
	}
	if got := fmt.Sprint(names("bo"), names("anna")); got != "[Thera] [Assi Neuro Tess Thera]" {
		t.Errorf("teams: %s", got)
	}
}

// noted: the newest line of the audit that is no reading and no refusal is this one.
func noted(t *testing.T, h *hookstest.House, who, action, collection string) {
	t.Helper()
	var line string
	check(t, h.App.DB().NewQuery("SELECT actor||' '||action||' '||collection||' '||(SELECT count(*) FROM audit_events x WHERE x.record=a.record AND x.action NOT IN ('read', 'refuse')) FROM audit_events a WHERE action NOT IN ('read', 'refuse') ORDER BY seq DESC LIMIT 1").Row(&line))
	if want := hookstest.ID(who) + " " + action + " " + collection + " 2"; line != want { // made, and ended
		t.Errorf("the audit tells %q, not %q", line, want)
	}
}

// Refusals of a week are found without reading the audit.
func TestRefusalsAreFoundByTheirIndex(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	var plan []struct {
		Detail string `db:"detail"`
	}
	check(t, h.App.DB().NewQuery("EXPLAIN QUERY PLAN "+hooks.RefusalsQuery).Bind(dbx.Params{"week": "2026-01-01", "c": "x"}).All(&plan))
	if !strings.Contains(fmt.Sprint(plan), "SEARCH v USING INDEX idx_audit_events_refused (at>?)") {
		t.Errorf("%v", plan)
	}
}

// linked are the live roles of somebody for a patient.
func linked(t *testing.T, h *hookstest.House, who, patient string) (roles []string) {
	t.Helper()
	check(t, h.App.DB().NewQuery("SELECT role FROM care_links WHERE member='"+hookstest.ID(who)+"' AND patient='"+hookstest.ID(patient)+"' AND until=''").Column(&roles))
	return roles
}

// scheduledWith makes a visit of the patient's that names who treats.
func scheduledWith(t *testing.T, h *hookstest.House, id, patient, who, status string) {
	t.Helper()
	runSQL(t, h.App, "INSERT INTO visits(id, patient, plan, kind, mode, status, scheduled_at, practitioner) VALUES('"+id+"', '"+hookstest.ID(patient)+"', '', 'treatment', 'in_person', '"+status+"', '2026-03-05 15:00:00.000Z', '"+hookstest.ID(who)+"')")
}

func treats(t *testing.T, h *hookstest.House, visit string) string {
	t.Helper()
	r, err := h.App.FindRecordById("visits", visit)
	check(t, err)
	return r.GetString("practitioner")
}

// Somebody who looks after the patient already, as something less, becomes what was needed; as something more, she stays it. Her visits
// that are still to come are the other's.
func TestPatientsMoveToSomebodyWhoKnowsThem(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	also := save(t, h.App, "practitioners", "", map[string]any{"user": hookstest.ID("assi"), "clinic": hookstest.ID("north"), "role": "therapist", "name": "Assi, PT", "active": true}).Id
	scheduledWith(t, h, "visitofanna0001", "anna", "thera", "scheduled")
	scheduledWith(t, h, "visitofanna0002", "anna", "thera", "completed")
	scheduledWith(t, h, "visitofanna0003", "anna", "tess", "scheduled")
	move := func(from, to string) {
		t.Helper()
		if a := ok(t, h.Do("admin", "POST", northDesk+"/people/"+hookstest.ID(from)+"/move", map[string]any{"to": hookstest.ID(to)}), 200); a.Body["moved"] != 1.0 {
			t.Errorf("%s to %s: %s", from, to, a.Text)
		}
	}
	move("thera", "assi")
	if got := fmt.Sprint(linked(t, h, "thera", "anna"), linked(t, h, "assi", "anna")); got != "[] [therapist]" {
		t.Errorf("a therapist hands over to the assistant: %s", got)
	}
	if got := []string{treats(t, h, "visitofanna0001"), treats(t, h, "visitofanna0002"), treats(t, h, "visitofanna0003")}; !slices.Equal(got, []string{also, hookstest.ID("thera"), hookstest.ID("tess")}) {
		t.Errorf("visits of %v", got)
	}
	save(t, h.App, "practitioners", "", map[string]any{"user": hookstest.ID("thera"), "clinic": hookstest.ID("north"), "role": "assistant", "name": "Thera, PTA", "active": true})
	save(t, h.App, "care_links", "", map[string]any{"patient": annas, "member": hookstest.ID("thera"), "role": "assistant", "from": "2026-01-20 10:00:00.000Z"})
	move("thera", "tess")
	if got := fmt.Sprint(linked(t, h, "thera", "anna"), linked(t, h, "tess", "anna")); got != "[] [therapist]" {
		t.Errorf("an assistant hands over to the therapist: %s", got)
	}
	if broken, err := hooks.VerifyAudit(h.App); err != nil || broken != 0 {
		t.Errorf("the chain breaks at %d %v", broken, err)
	}
}

// Whoever leaves treats nobody, not in visits of patients that were moved before, and not of those that a list leaves out.
func TestNothingStaysWithWhoeverLeaves(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	save(t, h.App, "care_links", "", map[string]any{"patient": hookstest.ID("bo"), "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-01 10:00:00.000Z"})
	scheduledWith(t, h, "visitofanna0001", "anna", "thera", "scheduled")
	scheduledWith(t, h, "visitoftess0001", "tess", "thera", "scheduled") // never linked
	leave := northDesk + "/people/" + hookstest.ID("thera") + "/leave"
	if a := ok(t, h.Do("admin", "POST", leave, map[string]any{"to": hookstest.ID("tess"), "patients": []string{annas}}), 200); a.Body["moved"] != 2.0 {
		t.Errorf("moved: %s", a.Text)
	}
	if got := linked(t, h, "tess", "bo"); fmt.Sprint(got) != "[therapist]" {
		t.Errorf("a patient whom the list left out has %v", got)
	}
	if a, b := treats(t, h, "visitofanna0001"), treats(t, h, "visitoftess0001"); a != hookstest.ID("tess") || b != "" {
		t.Errorf("visits of %q and %q", a, b)
	}
}

// Staff come by a code, once; a code takes over no account.
func TestStaffComeByACode(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	makes := func(body map[string]any) hookstest.Answer { return h.Do("admin", "POST", northDesk+"/codes", body) }
	for _, bad := range []map[string]any{{"kind": "staff", "role": "boss", "name": "X"}, {"kind": "staff", "role": "therapist", "name": "  "}, {"kind": "else"}} {
		if a := makes(bad); a.Status != 422 || !a.Has("E_VALUE") {
			t.Errorf("%v: %d %s", bad, a.Status, a.Text)
		}
	}
	made := ok(t, makes(map[string]any{"kind": "staff", "role": "therapist", "name": "Nia P., PT"}), 200).Body
	code := made["code"].(string)
	if strings.Contains(h.Dump(), code) {
		t.Error("the code is stored")
	}
	redeem := func(email, password string) hookstest.Answer {
		return h.Do("", "POST", "/api/codes/redeem", map[string]any{"code": code, "email": email, "password": password})
	}
	if a := redeem(hookstest.Email("anna"), "a wrong password"); a.Status != 422 || !a.Has("E_EMAIL") {
		t.Errorf("with somebody's address: %d %s", a.Status, a.Text)
	}
	if a := redeem("nia@clinic.test", "short"); a.Status != 422 || !a.Has("E_PASSWORD") {
		t.Errorf("a short password: %d %s", a.Status, a.Text)
	}
	a := ok(t, redeem("nia@clinic.test", "long enough"), 200)
	me := h.DoWith(a.Body["token"].(string), "GET", "/api/me", nil)
	if role := me.Body["practitioner"].([]any)[0].(map[string]any); role["role"] != "therapist" || role["name"] != "Nia P., PT" {
		t.Errorf("she is %s", me.Text)
	}
	if a := redeem("other@clinic.test", "long enough"); a.Status != 410 || !a.Has("E_INVITE_USED") {
		t.Errorf("twice: %d %s", a.Status, a.Text)
	}
	code = ok(t, makes(map[string]any{"kind": "staff", "role": "front_desk", "name": "Late"}), 200).Body["code"].(string)
	h.Clock.Set(time.Now().Add(73 * time.Hour))
	if a := redeem("late@clinic.test", "long enough"); a.Status != 410 {
		t.Errorf("too late: %d %s", a.Status, a.Text)
	}
}

// A lost password without mail: a code from the desk, for an hour. The patient reads of it.
func TestRecoveryWithoutMail(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	for who, c := range map[string]struct {
		user, code string
		status     int
	}{"admin": {"admin", "E_SELF_ROLE", 422}} {
		if a := h.Do(who, "POST", northDesk+"/codes", map[string]any{"kind": "recovery", "user": hookstest.ID(c.user)}); a.Status != c.status || !a.Has(c.code) {
			t.Errorf("%d %s", a.Status, a.Text)
		}
	}
	if a := h.Do("admin", "POST", northDesk+"/codes", map[string]any{"kind": "recovery", "user": hookstest.ID("sid")}); a.Status != 404 {
		t.Errorf("somebody of another clinic: %d", a.Status)
	}
	save(t, h.App, "practitioners", "", map[string]any{"user": hookstest.ID("assi"), "clinic": hookstest.ID("south"), "role": "assistant", "name": "Assi", "active": true})
	if a := h.Do("admin", "POST", northDesk+"/codes", map[string]any{"kind": "recovery", "user": hookstest.ID("assi")}); a.Status != 422 || !a.Has("E_ELSEWHERE") {
		t.Errorf("somebody who works elsewhere too: %d %s", a.Status, a.Text)
	}
	old := h.Token("anna")
	code := ok(t, h.Do("admin", "POST", northDesk+"/codes", map[string]any{"kind": "recovery", "user": hookstest.ID("anna")}), 200).Body["code"]
	ok(t, h.Do("", "POST", "/api/codes/redeem", map[string]any{"code": code, "password": "a new password"}), 200)
	ok(t, h.Do("", "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": hookstest.Email("anna"), "password": "a new password"}), 200)
	if a := h.DoWith(old, "GET", "/api/me", nil); a.Status != 401 {
		t.Errorf("the old session lives: %d", a.Status)
	}
	actions := map[string]bool{}
	for _, item := range h.Do("anna", "GET", "/api/collections/audit_events/records?perPage=100", nil).Items() {
		actions[item.(map[string]any)["action"].(string)] = true
	}
	if !actions["recovery"] || !actions["recover"] {
		t.Errorf("she reads of %v", slices.Sorted(maps.Keys(actions)))
	}
	late := ok(t, h.Do("admin", "POST", northDesk+"/codes", map[string]any{"kind": "recovery", "user": hookstest.ID("anna")}), 200).Body["code"]
	h.Clock.Set(time.Now().Add(61 * time.Minute))
	if a := h.Do("", "POST", "/api/codes/redeem", map[string]any{"code": late, "password": "a new password"}); a.Status != 410 {
		t.Errorf("after an hour: %d", a.Status)
	}
}

// A diary behind glass: opened with a reason, for hours, to read what the team may read, and the patient sees it.
func TestBreakGlass(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	progress := "/api/patients/" + annas + "/progress"
	if a := h.Do("admin", "GET", progress, nil); a.Status != 404 {
		t.Fatalf("without: %d", a.Status)
	}
	for _, c := range []struct {
		body   map[string]any
		status int
		code   string
	}{{map[string]any{"patient": annas}, 422, "E_REASON"}, {map[string]any{"patient": annas, "reason": "She was found.", "hours": 25}, 422, "E_VALUE"},
		{map[string]any{"patient": hookstest.ID("cleo"), "reason": "She was found."}, 404, "E_NOT_FOUND"}} {
		if a := h.Do("admin", "POST", northDesk+"/glass", c.body); a.Status != c.status || !a.Has(c.code) {
			t.Errorf("%v: %d %s", c.body, a.Status, a.Text)
		}
	}
	ok(t, h.Do("admin", "POST", northDesk+"/glass", map[string]any{"patient": annas, "reason": "She was found unwell, nobody of her team is here.", "hours": 2}), 204)
	for _, path := range []string{progress, "/api/patients/" + annas + "/report", "/api/patients/" + annas + "/safety"} {
		if a := h.Do("admin", "GET", path, nil); a.Status != 200 && !strings.HasSuffix(path, "safety") {
			t.Errorf("%s: %d %s", path, a.Status, a.Text)
		}
	}
	if a := h.Do("admin", "GET", "/api/patients/"+hookstest.ID("bo")+"/progress", nil); a.Status != 404 {
		t.Errorf("somebody else's: %d", a.Status)
	}
	if a := h.Do("admin", "POST", "/api/patients/"+annas+"/report/shares", nil); a.Status != 404 {
		t.Errorf("it changes something: %d", a.Status)
	}
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE family='diary' AND patient='"+annas+"'")
	if a := h.Do("admin", "GET", progress, nil); a.Status != 404 {
		t.Errorf("what she withdrew: %d", a.Status)
	}
	var lines []string
	for _, item := range h.Do("anna", "GET", "/api/collections/audit_events/records?perPage=100&sort=seq&filter=(capacity=%22break_glass%22)", nil).Items() {
		e := item.(map[string]any)
		lines = append(lines, fmt.Sprint(e["action"], " ", e["collection"], " ", e["reason"]))
	}
	want := "[break_glass break_glass She was found unwell, nobody of her team is here. read progress She was found unwell, nobody of her team is here. read report She was found unwell, nobody of her team is here.]"
	if fmt.Sprint(lines) != want {
		t.Errorf("she reads %v", lines)
	}
	h.Clock.Set(time.Now().Add(121 * time.Minute))
	if a := h.Do("admin", "GET", "/api/patients/"+annas+"/report", nil); a.Status != 404 {
		t.Errorf("after its time: %d", a.Status)
	}
	for range 2 { // the answer was lost
		ok(t, h.Do("admin", "POST", northDesk+"/glass", map[string]any{"patient": annas, "reason": "She was found again."}), 204)
	}
	open := h.Do("admin", "GET", northDesk+"/glass", nil).Body["opened"].([]any)
	if len(open) != 2 {
		t.Errorf("asked for again, it is opened twice: %v", open)
	}
	ok(t, h.Do("admin", "POST", northDesk+"/glass/"+open[0].(map[string]any)["id"].(string)+"/close", nil), 204)
	noted(t, h, "admin", "change", "break_glass")
	if a := h.Do("admin", "GET", "/api/patients/"+annas+"/report", nil); a.Status != 404 {
		t.Errorf("after it was closed: %d", a.Status)
	}
}

// Rules wait for their day, can be taken back, and are such that a plan can be read by them.
func TestRulesFromADayOn(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	zone, err := time.LoadLocation("America/New_York")
	check(t, err)
	day := func(n int) string { return time.Now().In(zone).AddDate(0, 0, n).Format(time.DateOnly) }
	send := func(effective, regulation string, rules any) hookstest.Answer {
		return h.Do("admin", "POST", northDesk+"/rules", map[string]any{"effective": effective, "regulationProfile": regulation, "rules": rules})
	}
	inForce := func() (out string) {
		check(t, h.App.DB().NewQuery("SELECT regulation_profile FROM clinics WHERE id='"+hookstest.ID("north")+"'").Row(&out))
		return out
	}
	before := h.Dump()
	for _, a := range []hookstest.Answer{send(day(-1), "none", nil), send("soon", "none", nil), send(day(1), "none", map[string]any{"plannedVisits": -4}), send(day(1), "none", []int{1})} {
		if a.Status != 422 {
			t.Errorf("%d %s", a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("a refusal changed something")
	}
	ok(t, send(day(0), "direct_access", nil), 204)
	if got := inForce(); got != "direct_access" {
		t.Errorf("today's is not in force: %s", got)
	}
	ok(t, send(day(3), "us_medicare", nil), 204)
	ok(t, send(day(5), "none", nil), 204)
	changes := h.Do("admin", "GET", northDesk+"/rules", nil).Body["changes"].([]any)
	withdraw := northDesk + "/rules/" + changes[0].(map[string]any)["id"].(string) + "/withdraw"
	ok(t, h.Do("admin", "POST", withdraw, nil), 204)
	noted(t, h, "admin", "change", "rules")
	ok(t, h.Do("admin", "POST", withdraw, nil), 404)
	for _, c := range []struct {
		day  int
		want string
	}{{2, "direct_access"}, {3, "us_medicare"}, {6, "us_medicare"}} {
		clock := &hooks.Clock{}
		clock.Set(time.Now().AddDate(0, 0, c.day))
		check(t, hooks.ApplyRules(h.App, clock))
		if got := inForce(); got != c.want {
			t.Errorf("on day %d: %s", c.day, got)
		}
	}
}

// The audit is searched by patient, person and time, a page at a time, and never shows another clinic's.
func TestAuditSearch(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	for i := range 60 {
		h.Do("thera", "GET", "/api/collections/attacks/records/"+save(t, h.App, "attacks", "", map[string]any{"patient": annas, "started_at": fmt.Sprintf("2026-01-10 11:%02d:00.000Z", i)}).Id, nil)
	}
	h.Do("sid", "GET", "/api/patients/"+hookstest.ID("cleo")+"/progress", nil)
	h.Do("thera", "GET", "/api/patients/"+annas+"/progress", nil)
	search := func(query string) (seqs []float64, next float64) {
		body := ok(t, h.Do("admin", "GET", northDesk+"/audit?"+query, nil), 200).Body
		for _, e := range body["events"].([]any) {
			seqs = append(seqs, e.(map[string]any)["seq"].(float64))
			if e.(map[string]any)["patient"] == hookstest.ID("cleo") {
				t.Error("another clinic's patient")
			}
		}
		return seqs, body["before"].(float64)
	}
	all := []float64{}
	for next := 0.0; ; {
		page, more := search(fmt.Sprintf("patient=%s&actor=%s&before=%g", annas, hookstest.ID("thera"), next))
		all = append(all, page...)
		if next = more; next == 0 {
			break
		}
	}
	if len(all) != 61 || !slices.IsSortedFunc(all, func(a, b float64) int { return int(b - a) }) {
		t.Errorf("%d lines", len(all))
	}
	today := time.Now().UTC().Format(time.DateOnly)
	if seqs, _ := search("from=" + today + "&to=" + today + "&action=read&patient=" + annas); len(seqs) != 50 {
		t.Errorf("today: %d", len(seqs))
	}
	if seqs, _ := search("to=2020-01-01"); len(seqs) != 0 {
		t.Errorf("long ago: %d", len(seqs))
	}
	if a := h.Do("admin", "GET", northDesk+"/audit?before=the+last", nil); a.Status != 422 || !a.Has("E_VALUE") {
		t.Errorf("no number: %d %s", a.Status, a.Text)
	}
	if a := h.Do("admin", "GET", northDesk+"/audit?from=yesterday", nil); a.Status != 422 || !a.Has("E_DAY") {
		t.Errorf("no day: %d %s", a.Status, a.Text)
	}
}

// A lost phone is erased when it next speaks, after it has handed over what it had not sent.
func TestADeviceIsErased(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone := h.Phone("anna")
	phone.Sync()
	devices := h.Do("admin", "GET", northDesk+"/devices", nil).Body["devices"].([]any)
	name := by(devices, "user", hookstest.ID("anna"))["device"]
	if len(devices) != 1 || h.Do("admin", "POST", northDesk+"/devices/erase", map[string]any{"user": hookstest.ID("cleo"), "device": name}).Status != 404 {
		t.Errorf("devices: %v", devices)
	}
	ok(t, h.Do("admin", "POST", northDesk+"/devices/erase", map[string]any{"user": hookstest.ID("anna"), "device": name}), 204)
	phone.Put("attacks", "attackofanna001", map[string]any{"patient": annas, "started_at": "2026-01-20T14:00:00.000Z"})
	request := phone.Request(500)
	if a := ok(t, h.Do("anna", "POST", "/api/sync/exchange", request), 200); a.Body["verdicts"].([]any)[0].(map[string]any)["verdict"] != "applied" || a.Body["more"] != true {
		t.Errorf("it hands over: %s", a.Text)
	}
	request["push"] = []any{}
	if a := h.Do("anna", "POST", "/api/sync/exchange", request); a.Status != http.StatusGone {
		t.Errorf("then: %d", a.Status)
	}
	request["push"] = phone.Request(500)["push"]
	if a := h.Do("anna", "POST", "/api/sync/exchange", request); a.Status != http.StatusGone {
		t.Errorf("a device that was told speaks on: %d", a.Status)
	}
	if told := by(h.Do("admin", "GET", northDesk+"/devices", nil).Body["devices"], "device", name); told["toldAt"] == "" {
		t.Errorf("at the desk: %v", told)
	}
	h.Phone("anna").Sync() // her next phone
}

// A neurologist sees who was entrusted to him, why physical therapy was chosen where that is news for him, and nothing else.
func TestNeurologistsPatients(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	save(t, h.App, "care_messages", "", map[string]any{"patient": annas, "body": "May we change the preventive?", "author_role": "therapist"})
	runSQL(t, h.App, "INSERT INTO plans(id, patient, clinic, episode, state, planned_visits, start_date, pt_rationale) VALUES('planofanna00001', '"+annas+"', '"+hookstest.ID("north")+"', '1', 'active', 6, '2026-01-05', '[\"side_effects\",\"preference\"]')")
	rows := ok(t, h.Do("neuro", "GET", "/api/neurology", nil), 200).Body["patients"].([]any)
	row := rows[0].(map[string]any)
	if len(rows) != 1 || row["id"] != annas || row["unread"] != 1.0 || fmt.Sprint(row["chosenFor"]) != "[side_effects]" {
		t.Errorf("%v", rows)
	}
	for _, who := range []string{"thera", "admin", "anna", "sid"} {
		if rows := h.Do(who, "GET", "/api/neurology", nil).Body["patients"].([]any); len(rows) != 0 {
			t.Errorf("%s: %v", who, rows)
		}
	}
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE family='messages' AND patient='"+annas+"'")
	if row := h.Do("neuro", "GET", "/api/neurology", nil).Body["patients"].([]any)[0].(map[string]any); row["unread"] != 0.0 || row["messages"] != false {
		t.Errorf("messages that are not shared: %v", row)
	}
	runSQL(t, h.App, "UPDATE care_links SET until='2026-02-01 10:00:00.000Z' WHERE member='"+hookstest.ID("neuro")+"'")
	if rows := h.Do("neuro", "GET", "/api/neurology", nil).Body["patients"].([]any); len(rows) != 0 {
		t.Errorf("after the link's end: %v", rows)
	}
}

package hooks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/access"
	"interictal/hooks/hookstest"
)

// The access matrix: role × route × own / assigned / ended / foreign.
//
// A column is somebody and the patient in question. A cell names what is
// allowed: l list, v view, c create, u update, d delete; - nothing at all.
var columns = []struct{ name, who, patient string }{
	{"own", "anna", "anna"},          // a patient and her own records
	{"other", "anna", "bo"},          // a patient and somebody else's
	{"therapist", "thera", "anna"},   // assigned
	{"ended", "thera", "bo"},         // was assigned once
	{"foreign", "thera", "cleo"},     // a patient of another clinic
	{"assistant", "assi", "anna"},    //
	{"neurologist", "neuro", "anna"}, //
	{"desk", "desk", "anna"},         // front desk, same clinic
	{"desk/foreign", "desk", "cleo"}, //
	{"admin", "admin", "anna"},       // clinic admin, same clinic
	{"admin/foreign", "admin", "cleo"},
	{"stranger", "", "anna"}, // not signed in
}

var matrix = map[string]string{
	//                     own   other therap ended fore assist neuro desk  d/for admin a/for stranger
	"patients":            "lv    -     lv     -     -    lv     lv    lvcu  -     lvcu  -     -",
	"consents":            "lvcu  -     lv     -     -    lv     -     -     -     -     -     -",
	"diary_days":          "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"attacks":             "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"attack_readings":     "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"attack_phases":       "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"medications":         "lvcud -     lvcud  -     -    lvcud  lv    -     -     -     -     -",
	"medication_doses":    "lvcud -     lvcud  -     -    lvcud  lv    -     -     -     -     -",
	"medication_effects":  "lvcud -     lvcud  -     -    lvcud  lv    -     -     -     -     -",
	"triggers":            "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"trigger_exposures":   "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"menstrual_days":      "lvcud -     -      -     -    -      -     -     -     -     -     -", // a consent of its own, which nobody in the cast has given
	"exercises":           "lv    -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"exercise_logs":       "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"plans":               "lv    -     lvcu   -     -    lv     -     -     -     -     -     -",
	"visits":              "lv    -     lvcu   -     -    lvcu   -     lvcu  -     -     -     -",
	"problems":            "lv    -     lvcud  -     -    lv     -     -     -     -     -     -",
	"goals":               "lv    -     lvcu   -     -    lv     -     -     -     -     -     -",
	"plan_items":          "lv    -     lvcu   -     -    lv     -     -     -     -     -     -",
	"care_messages":       "lvcu  -     lvcu   -     -    lvcu   lvcu  -     -     -     -     -",
	"change_reports":      "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"attack_plans":        "lvcud -     lvcud  -     -    lvcud  lv    -     -     -     -     -",
	"headache_diagnoses":  "lv    -     lvcu   -     -    lv     -     -     -     -     -     -",
	"impairments":         "lv    -     lvcu   -     -    lv     -     -     -     -     -     -",
	"physical_measures":   "lv    -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"plan_measures":       "lv    -     lvc    -     -    lvc    -     -     -     -     -     -",
	"readiness_answers":   "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"safety_screens":      "lv    -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"safety_alerts":       "lv    -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"care_team_members":   "lv    -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"referrals":           "lv    -     lvcu   -     -    lvcu   lvc   -     -     -     -     -", // the neurologist: sends his own, and answers what was sent to him
	"certifications":      "lv    -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"progress_reports":    "lv    -     lvcu   -     -    lv     -     -     -     -     -     -",
	"care_documents":      "-     -     lv     -     -    lv     -     -     -     -     -     -", // the patient: signed ones
	"visit_notes":         "-     -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"visit_interventions": "lv    -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"wellness_programs":   "lv    -     lvu    -     -    lv     -     -     -     -     -     -",
	"wellness_sessions":   "lv    -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"followups":           "lv    -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"trigger_analyses":    "lv    -     -      -     -    -      -     -     -     -     -     -", // the team: through the route
	"planned_tests":       "lv    -     lv     -     -    lv     -     -     -     -     -     -",
	"report_shares":       "lv    -     lv     -     -    lv     -     -     -     -     -     -",
	"report_replies":      "lv    -     lv     -     -    lv     lv    -     -     -     -     -",
	"caregiver_links":     "lv    -     -      -     -    -      -     -     -     -     -     -",
	"caregiver_entries":   "lv    -     -      -     -    -      -     -     -     -     -     -",
	"care_links":          "lv    -     -      -     -    -      -     -     -     lvcu  -     -",
	"tasks":               "-     -     lv     -     -    lv     -     -     -     -     -     -",
	"flags":               "-     -     lv     -     -    lv     -     -     -     -     -     -",
	"plan_events":         "lv    -     -      -     -    -      -     -     -     -     -     -",
	"plan_versions":       "lv    -     -      -     -    -      -     -     -     -     -     -",
	"audit_events":        "lv    -     -      -     -    -      -     -     -     -     -     -",

	"instrument_responses":  "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"comorbidities":         "lv    -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"health_facts":          "lv    -     lvcu   -     -    lv     -     -     -     -     -     -",
	"safety_checks":         "lvcu  -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"cold_screens":          "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"reminders":             "lvcud -     -      -     -    -      -     -     -     -     -     -",
	"push_subscriptions":    "lvcd  -     -      -     -    -      -     -     -     -     -     -", // nobody but the server and she
	"devices":               "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"neuromod_sessions":     "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"modality_sessions":     "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"relaxation_sessions":   "lvcud -     lvcud  -     -    lvcud  -     -     -     -     -     -",
	"adverse_events":        "lvcu  -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"manipulation_screens":  "lv   -     lvc    -     -    lv     -     -     -     -     -     -",
	"exercise_versions":     "lv    -     lv     -     -    lv     -     -     -     -     -     -",
	"education_assignments": "lvu   -     lvcu   -     -    lvcu   -     -     -     -     -     -",
	"progression_proposals": "-     -     lv     -     -    lv     -     -     -     -     -     -",
}

// Collections that belong to nobody's diary have tests of their own below.
var notOfAPatient = []string{"clinics", "users", "practitioners", "invitations", "instrument_texts", "library_items", "education_items", "program_templates", "calendar_feeds",
	"erasures", "kept_records", "break_glass", "access_codes", "rule_changes", "consent_texts"}

func TestMatrixKnowsEveryCollection(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	collections, err := h.App.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range collections {
		_, listed := matrix[c.Name]
		if !c.System && !listed && !slices.Contains(notOfAPatient, c.Name) {
			t.Errorf("the access matrix does not know the collection %s", c.Name)
		}
		policy, ok := access.Of(c.Name)
		if listed != ok {
			t.Errorf("%s is in the matrix or in the rights table, not in both", c.Name)
		}
		if ok && c.Name != "care_links" && c.Name != "plans" && c.Name != "visit_notes" && c.Name != "care_documents" {
			if got := *c.ViewRule; got != access.SeeRule(c.Name) || policy.Scope == "" {
				t.Errorf("%s: the rule in the database is not the table's: %s", c.Name, got)
			}
		}
	}
}

// What a therapist has not signed yet is no word to the patient.
func TestAPatientReadsSignedNotes(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	visit := save(t, h.App, "visits", "", map[string]any{"patient": annas, "kind": "treatment", "mode": "in_person", "status": "scheduled"})
	draft := save(t, h.App, "visit_notes", "", map[string]any{"patient": annas, "visit": visit.Id, "response": "Well."})
	signed := save(t, h.App, "visit_notes", "", map[string]any{"patient": annas, "visit": visit.Id, "response": "Better."})
	runSQL(t, h.App, "UPDATE visit_notes SET signed_at='2026-01-10 11:00:00.000Z' WHERE id='"+signed.Id+"'")
	path := "/api/collections/visit_notes/records/"
	for _, c := range []struct {
		who, note string
		status    int
	}{{"anna", draft.Id, 404}, {"anna", signed.Id, 200}, {"bo", signed.Id, 404}, {"thera", draft.Id, 200}, {"thera", signed.Id, 200}} {
		if a := h.Do(c.who, "GET", path+c.note, nil); a.Status != c.status {
			t.Errorf("%s gets %d, not %d: %s", c.who, a.Status, c.status, a.Text)
		}
	}
	if notes := h.Do("anna", "GET", "/api/collections/visit_notes/records", nil).Items(); len(notes) != 1 {
		t.Errorf("her list is %v", notes)
	}
	expanded := h.Do("anna", "GET", "/api/collections/visits/records/"+visit.Id+"?expand=visit_notes_via_visit", nil)
	if expanded.Status != 200 || strings.Contains(expanded.Text, draft.Id) || !strings.Contains(expanded.Text, signed.Id) {
		t.Errorf("an expand shows %s", expanded.Text)
	}
}

func TestMatrix(t *testing.T) {
	for _, policy := range access.Table {
		t.Run(policy.Collection, func(t *testing.T) {
			t.Parallel()
			h := hookstest.New(t)
			cells := strings.Fields(matrix[policy.Collection])
			if len(cells) != len(columns) {
				t.Fatalf("%d cells for %d columns", len(cells), len(columns))
			}
			for i, column := range columns {
				m := attempt{h, policy, column.who, column.patient, i}
				if got := m.allowed(); got != cells[i] {
					t.Errorf("%s may %s, the matrix says %s", column.name, got, cells[i])
				}
			}
		})
	}
}

// attempt tries every stock route of one collection as somebody, on one patient's records.
type attempt struct {
	h       *hookstest.House
	policy  access.Policy
	who     string
	patient string
	column  int
}

func (a attempt) allowed() string {
	out := ""
	for _, try := range []struct {
		letter string
		works  func() bool
	}{{"l", a.list}, {"v", a.view}, {"c", a.create}, {"u", a.update}, {"d", a.delete}} {
		if try.works() {
			out += try.letter
		}
	}
	if out == "" {
		return "-"
	}
	return out
}

func (a attempt) path() string { return "/api/collections/" + a.policy.Collection + "/records" }

func (a attempt) list() bool {
	target := a.target("list")
	filter := fmt.Sprintf("?filter=(%s=%%22%s%%22)&perPage=500", a.policy.Scope, hookstest.ID(a.patient))
	for _, item := range a.h.Do(a.who, "GET", a.path()+filter, nil).Items() {
		if item.(map[string]any)["id"] == target {
			return true
		}
	}
	return false
}

func (a attempt) view() bool {
	return a.h.Do(a.who, "GET", a.path()+"/"+a.target("view"), nil).Status == 200
}

func (a attempt) create() bool {
	body := a.sample("made")
	if a.policy.Collection == "patients" {
		body["clinic"] = map[string]string{"anna": hookstest.ID("north"), "bo": hookstest.ID("north"), "cleo": hookstest.ID("south")}[a.patient]
	}
	return a.h.Do(a.who, "POST", a.path(), body).Status == 200
}

func (a attempt) update() bool {
	target := a.target("update")
	field, value := change(a.policy.Collection, a.column)
	answer := a.h.Do(a.who, "PATCH", a.path()+"/"+target, map[string]any{field: value})
	r, err := a.h.App.FindRecordById(a.policy.Collection, target)
	if err != nil {
		a.h.T.Fatal(err)
	}
	if changed := strings.HasPrefix(r.GetString(field), fmt.Sprint(value)); changed != (answer.Status == 200) {
		a.h.T.Errorf("%s as %q: PATCH answered %d, changed=%v: %s", a.policy.Collection, a.who, answer.Status, changed, answer.Text)
	}
	return answer.Status == 200
}

func (a attempt) delete() bool {
	target := a.target("delete")
	answer := a.h.Do(a.who, "DELETE", a.path()+"/"+target, nil)
	_, err := a.h.App.FindRecordById(a.policy.Collection, target)
	if gone := err != nil; gone != (answer.Status == 204) {
		a.h.T.Errorf("%s as %q: DELETE answered %d, gone=%v", a.policy.Collection, a.who, answer.Status, gone)
	}
	return answer.Status == 204
}

// target is a fresh record of the patient, so that attempts do not touch each other.
func (a attempt) target(why string) string {
	if a.policy.Collection == "patients" {
		return hookstest.ID(a.patient)
	}
	if a.policy.Collection == "consents" { // one row a family: the patient has them all
		r, err := a.h.App.FindFirstRecordByFilter("consents", "patient='"+hookstest.ID(a.patient)+"' && family='messages'")
		if err != nil {
			a.h.T.Fatal(err)
		}
		return r.Id
	}
	return a.save(a.sample(why))
}

func (a attempt) save(values map[string]any) string {
	return save(a.h.T, a.h.App, a.policy.Collection, "", values).Id
}

// change is a field that a caller might want to change, and a new value.
func change(collection string, column int) (string, any) {
	switch collection {
	case "patients":
		return "phone", fmt.Sprint("555 01", column)
	case "consents":
		return "version", fmt.Sprint("v", column)
	case "exercises":
		return "name", "Wall slides"
	case "exercise_versions":
		return "changed_by", "somebody"
	case "education_assignments":
		return "opened_at", fmt.Sprintf("2026-01-%02d 10:00:00.000Z", column+1)
	case "attack_readings":
		return "nrs", 3
	case "attack_phases":
		return "phase", "fading"
	case "medication_doses":
		return "amount", "2 tablets"
	case "health_facts":
		return "cancer", true
	case "cold_screens":
		return "answers", `{"raynaud":true}`
	case "reminders":
		return "diary_at", "21:15"
	case "push_subscriptions":
		return "auth", "changed"
	case "safety_checks":
		return "rules", "changed"
	case "trigger_exposures":
		return "exposed", false
	case "plans":
		return "planned_end", "2026-02-12"
	case "visits", "wellness_sessions":
		return "mode", "video"
	case "problems", "care_team_members":
		return "name", "Changed"
	case "goals":
		return "patient_words", "Play the violin again"
	case "plan_items":
		return "dose", "Daily"
	case "headache_diagnoses":
		return "made_by", "Dr. N."
	case "physical_measures", "visit_interventions":
		return map[string]string{"physical_measures": "site", "visit_interventions": "region"}[collection], "C2_C3"
	case "instrument_responses":
		return "occasion", "end"
	case "comorbidities":
		return "at_end", "absent"
	case "plan_measures":
		return "metric", "HIT6"
	case "readiness_answers":
		return "answer", map[bool]string{true: "partly", false: "no"}[columns[column].name == "therapist"]
	case "care_documents":
		return "written_by", "changed"
	case "referrals":
		return "referrer", "Dr. N."
	case "certifications":
		return "proof", "Fax log"
	case "progress_reports":
		return "report", "Better"
	case "wellness_programs":
		return "program", "Keep walking"
	case "care_messages": // everybody marks for himself what he has read
		return map[string]string{"own": "read_by_patient", "therapist": "read_by_therapist", "assistant": "read_by_therapist", "neurologist": "read_by_neurologist"}[columns[column].name], "2026-02-01 10:00:00.000Z"
	case "report_shares":
		return "revoked_at", "2026-02-01 10:00:00.000Z"
	case "report_replies":
		return "seen_at", "2026-02-01 10:00:00.000Z"
	case "caregiver_links":
		return "revoked_at", "2026-02-01 10:00:00.000Z"
	case "caregiver_entries":
		return "said", "changed"
	case "care_links":
		return "until", "2026-02-01 10:00:00.000Z"
	case "menstrual_days":
		return "started", false
	case "planned_tests":
		return "stopped_on", "2026-03-01"
	case "trigger_analyses":
		return "patient_view", "Perhaps"
	case "tasks":
		return "state", "done"
	case "flags":
		return "cleared_at", "2026-02-01 10:00:00.000Z"
	case "plan_events", "audit_events":
		return "reason", "other"
	case "plan_versions":
		return "cause", "signed"
	}
	return "note", "changed"
}

// of is the same attempt on another collection.
func (a attempt) of(collection string) attempt {
	a.policy, _ = access.Of(collection)
	return a
}

// sample is a well-formed row, with parents of its own where it needs some.
func (a attempt) sample(why string) map[string]any {
	p := hookstest.ID(a.patient)
	day := fmt.Sprintf("2025-%02d-%02d", 1+a.column, 1+map[string]int{"list": 0, "view": 1, "made": 2, "update": 3, "delete": 4}[why])
	row := map[string]any{"patient": p}
	parent := func(collection string) string { return a.of(collection).target(why) }
	add := func(pairs map[string]any) map[string]any {
		for k, v := range pairs {
			row[k] = v
		}
		return row
	}
	switch a.policy.Collection {
	case "patients":
		return map[string]any{"name": "New", "timezone": "America/New_York", "active": true}
	case "consents":
		a.clear("consents", p)
		return add(map[string]any{"family": "menstrual", "state": "given", "decided_at": "2026-01-05 10:00:00.000Z", "source": "patient"})
	case "diary_days":
		return add(map[string]any{"day": day, "headache": false})
	case "attacks":
		return add(map[string]any{"started_at": day + " 10:00:00.000Z"})
	case "attack_readings":
		return add(map[string]any{"attack": parent("attacks"), "at": day + " 10:00:00.000Z", "nrs": 5})
	case "attack_phases":
		return add(map[string]any{"attack": parent("attacks"), "phase": "headache", "from": day + " 10:00:00.000Z"})
	case "medications":
		return add(map[string]any{"name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"})
	case "medication_doses":
		return add(map[string]any{"medication": parent("medications"), "taken_at": day + " 10:00:00.000Z"})
	case "medication_effects":
		return add(map[string]any{"medication": parent("medications"), "effect": "tired", "noted_on": day})
	case "triggers":
		return add(map[string]any{"name": "Red wine", "kind": "yes_no", "lag": 1, "track_until": "2025-12-31"}) // over: at most 20 run
	case "menstrual_days":
		return add(map[string]any{"day": day, "started": true})
	case "trigger_analyses":
		return add(map[string]any{"ran_at": day + " 10:00:00.000Z", "ran_by": "system", "rule": "triggers-1", "data_hash": "x", "families": []string{"diary"}})
	case "planned_tests":
		return add(map[string]any{"factor": "redwine00000000", "name": "Red wine", "unit": "day", "pairs": 8, "start": day, "seed": "1", "drawn_at": day + " 10:00:00.000Z", "drawn_by": "system"})
	case "trigger_exposures":
		return add(map[string]any{"trigger": parent("triggers"), "day": day, "exposed": true})
	case "exercises":
		return map[string]any{"patient": p, "name": "Chin nods"}
	case "exercise_versions":
		return add(map[string]any{"exercise": parent("exercises"), "version": 2, "from": day, "cause": "edited", "confirmed": true, "at": day + " 10:00:00.000Z"})
	case "education_assignments":
		return add(map[string]any{"item": "e02000000000000"})
	case "progression_proposals":
		return add(map[string]any{"exercise": parent("exercises"), "key": "1:week:1", "kind": "hold", "state": "noted", "version": 1, "made_at": day + " 10:00:00.000Z"})
	case "exercise_logs":
		return add(map[string]any{"exercise": parent("exercises"), "done_at": day + " 10:00:00.000Z"})
	case "plans":
		return map[string]any{"patient": p, "clinic": hookstest.ID("north"), "episode": "1", "state": "draft", "planned_visits": 6}
	case "visits":
		return map[string]any{"patient": p, "kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": "2026-02-01 10:00:00.000Z"}
	case "care_links":
		return map[string]any{"patient": p, "member": a.newMember(why), "role": "assistant", "from": "2026-01-05 10:00:00.000Z"}

	case "problems":
		return add(map[string]any{"plan": parent("plans"), "domain": "musculoskeletal", "name": "Stiff neck"})
	case "goals":
		return add(map[string]any{"plan": parent("plans"), "domain": "frequency", "metric": "MHD28", "direction": "lower"})
	case "plan_items":
		plan := parent("plans")
		of := func(collection string) []string {
			values := a.of(collection).sample(why)
			values["plan"] = plan
			return []string{a.of(collection).save(values)}
		}
		return add(map[string]any{"plan": plan, "category": "relaxation", "name": "Breathing", "goals": of("goals"), "problems": of("problems")})
	case "care_messages":
		return add(map[string]any{"body": "How was the week?"})
	case "report_shares":
		return add(map[string]any{"token_hash": strings.Repeat("0", 64), "made_by": hookstest.ID("thera"), "expires_at": "2026-12-01 10:00:00.000Z"})
	case "report_replies":
		return add(map[string]any{"kind": "agree", "said_at": "2026-01-05 10:00:00.000Z"})
	case "caregiver_links":
		return add(map[string]any{"name": "Sam", "token_hash": strings.Repeat("0", 64), "made_by": hookstest.ID("anna"), "expires_at": "2026-12-01 10:00:00.000Z"})
	case "caregiver_entries":
		return add(map[string]any{"link": parent("caregiver_links"), "attack": "attackofanna001", "kind": "start", "at": day + " 10:00:00.000Z"})
	case "change_reports":
		return add(map[string]any{"reason": "work_change", "happened_on": day})
	case "attack_plans":
		return add(map[string]any{"steps": "Lie down in the dark."})
	case "headache_diagnoses":
		return add(map[string]any{"type": "migraine_without_aura"})
	case "impairments":
		return add(map[string]any{"plan": parent("plans"), "region_group": "upper_cervical", "finding": "normal", "found_on": day})
	case "physical_measures":
		return add(map[string]any{"type": "tenderness", "value": 2, "unit": "score", "side": "left", "site": "SCM", "measured_on": day})
	case "instrument_responses":
		return add(map[string]any{"instrument": "hit6", "occasion": "other", "totals": map[string]any{"total": 60}, "answered_at": day + " 10:00:00.000Z"})
	case "comorbidities":
		return add(map[string]any{"condition": "insomnia", "at_start": "present", "noted_on": day})
	case "plan_measures":
		return add(map[string]any{"plan": parent("plans"), "domain": "frequency", "metric": "MHD28", "value": 8, "measured_on": day})
	case "readiness_answers":
		return add(map[string]any{"plan": parent("plans"), "statement": "early_signs", "answer": "yes"})
	case "safety_screens":
		return add(map[string]any{"kind": "red_flag", "screened_at": day + " 10:00:00.000Z", "result": "clear"})
	case "safety_alerts":
		return add(map[string]any{"level": "urgent", "code": "SNOOP_SUDDEN", "raised_at": day + " 10:00:00.000Z"})
	case "health_facts":
		runSQL(a.h.T, a.h.App, "DELETE FROM health_facts") // one row a patient
		return row
	case "cold_screens":
		return add(map[string]any{"asked_at": day + " 10:00:00.000Z", "answers": `{"raynaud":false}`})
	case "reminders":
		runSQL(a.h.T, a.h.App, "DELETE FROM reminders") // one row a patient
		return add(map[string]any{"diary_at": "20:30"})
	case "push_subscriptions":
		return add(subscription("https://push.example.org/" + why + a.patient))
	case "safety_checks":
		return add(map[string]any{"asked_at": day + " 10:00:00.000Z", "answers": said(map[string]any{"fever": false})})
	case "devices":
		return add(map[string]any{"make": "Example", "nerve_target": "supraorbital"})
	case "neuromod_sessions":
		return add(map[string]any{"device": parent("devices"), "mode": "preventive", "started_at": day + " 10:00:00.000Z"})
	case "modality_sessions":
		return add(map[string]any{"type": "cold", "site": "forehead", "started_at": day + " 10:00:00.000Z"})
	case "relaxation_sessions":
		return add(map[string]any{"technique": "pmr", "started_at": day + " 10:00:00.000Z"})
	case "adverse_events":
		return add(map[string]any{"type": "soreness", "severity": 2, "happened_at": day + " 10:00:00.000Z"})
	case "manipulation_screens":
		return add(map[string]any{"screened_at": day + " 10:00:00.000Z", "answers": said(map[string]any{"smoking": false})})
	case "care_team_members":
		return add(map[string]any{"kind": "neurologist", "name": "Dr. N."})
	case "referrals":
		return add(map[string]any{"episode": "1", "referrer": "Dr. P.", "reason": "migraine", "dated_on": day, "question": "Would you see her?"})
	case "certifications":
		return add(map[string]any{"plan": parent("plans"), "path": "signature", "signed_on": day})
	case "progress_reports":
		return add(map[string]any{"plan": parent("plans"), "written_on": day, "report": "As planned."})
	case "care_documents":
		return add(map[string]any{"plan": parent("plans"), "kind": "progress", "version": 1, "parts": []any{}, "written_by": "somebody", "written_at": day + " 10:00:00.000Z"})
	case "visit_notes":
		return add(map[string]any{"visit": parent("visits"), "response": "Well."})
	case "visit_interventions":
		return add(map[string]any{"visit": parent("visits"), "category": "relaxation", "status": "given"})
	case "wellness_programs":
		return add(map[string]any{"plan": parent("plans"), "started_on": day})
	case "wellness_sessions":
		return add(map[string]any{"program": parent("wellness_programs"), "mode": "phone", "started_at": day + " 10:00:00.000Z"})
	case "followups":
		return add(map[string]any{"plan": parent("plans"), "months": 3, "held_on": day})
	case "tasks":
		return map[string]any{"patient": p, "code": "REVIEW_6", "state": "open", "raised_at": "2026-01-05 10:00:00.000Z"}
	case "flags":
		return map[string]any{"patient": p, "code": "F_PAST_WEEK6", "raised_on": "2026-01-05"}
	case "plan_events":
		return map[string]any{"patient": p, "plan": a.who + why, "version": a.column, "kind": "transition", "actor": "system", "at": "2026-01-05 10:00:00.000Z"}
	case "plan_versions":
		return map[string]any{"patient": p, "plan": a.who + why, "number": 1 + a.column, "hash": "x", "cause": "edited", "by": "system", "at": "2026-01-05 10:00:00.000Z"}
	case "audit_events":
		return map[string]any{"patient": p, "seq": 1000000 + 10*a.column + map[string]int{"list": 0, "view": 1, "made": 2, "update": 3, "delete": 4}[why], "at": "2026-01-05 10:00:00.000Z", "actor": "system", "action": "read", "prev": "x", "hash": why}
	}
	a.h.T.Fatalf("no sample for %s", a.policy.Collection)
	return nil
}

func (a attempt) clear(collection, patient string) {
	if _, err := a.h.App.DB().NewQuery("DELETE FROM " + collection + " WHERE patient='" + patient + "' AND family='menstrual'").Execute(); err != nil {
		a.h.T.Fatal(err)
	}
}

// newMember is somebody without a link to the patient yet.
func (a attempt) newMember(why string) string {
	users, err := a.h.App.FindCollectionByNameOrId("users")
	if err != nil {
		a.h.T.Fatal(err)
	}
	name := fmt.Sprintf("m%s%d%s", why, a.column, a.patient)
	r := core.NewRecord(users)
	r.Id = hookstest.ID(name)
	r.SetEmail(hookstest.Email(name))
	r.SetRandomPassword()
	if err := a.h.App.Save(r); err != nil {
		a.h.T.Fatal(err)
	}
	staff, err := a.h.App.FindCollectionByNameOrId("practitioners")
	if err != nil {
		a.h.T.Fatal(err)
	}
	role := core.NewRecord(staff)
	at := map[string]string{"anna": "north", "bo": "north", "cleo": "south"}[a.patient]
	role.Load(map[string]any{"user": r.Id, "clinic": hookstest.ID(at), "role": "assistant", "name": name, "active": true})
	if err := a.h.App.Save(role); err != nil {
		a.h.T.Fatal(err)
	}
	return r.Id
}

// Our own routes: status for each of the same columns.
var routeMatrix = map[string]struct {
	body   func(patient string) any
	status string
}{
	//                                             own other therap ended fore assist neuro desk d/for admin a/for stranger
	"POST /api/sync/exchange":                                     {exchangeBody, "200 200  200   200   200 200    200   200  200   200   200   401"},
	"GET /api/sync/schema":                                        {nil, "         200 200  200   200   200 200    200   200  200   200   200   401"},
	"GET /api/sync/digest":                                        {nil, "         404 404  404   404   404 404    404   404  404   404   404   401"}, // names no collection
	"GET /api/sync/conflicts":                                     {nil, "         200 200  404   404   404 404    404   404  404   404   404   401"}, // names no patient
	"POST /api/sync/conflicts/{id}/resolve":                       {takeBody, "404 404 404 404  404 404   404   404  404   404   404   401"},
	"GET /api/sync/watermelon":                                    {nil, "    200 200 200 200 200 200 200 200 200 200 200 401"},
	"POST /api/sync/watermelon":                                   {nil, "    400 400 400 400 400 400 400 400 400 400 400 401"}, // names no device
	"POST /api/sync/watermelon/salvage":                           {nil, "    400 400 400 400 400 400 400 400 400 400 400 401"},
	"GET /api/sync/rxdb/{collection}/pull":                        {nil, "    200 200 200 200 200 200 200 200 200 200 200 401"},
	"POST /api/sync/rxdb/{collection}/push":                       {rowsBody, "400 400 400 400 400 400 400 400 400 400 400 401"}, // names no push number
	"POST /api/sync/rxdb/ticket":                                  {nil, "    200 200 200 200 200 200 200 200 200 200 200 401"},
	"GET /api/sync/rxdb/stream":                                   {nil, "    200 200 200 200 200 200 200 200 200 200 200 401"},
	"GET /api/sync/rxdb-server/{collection}/{version}/pull":       {nil, "    200 200 200 200 200 200 200 200 200 200 200 401"},
	"POST /api/sync/rxdb-server/{collection}/{version}/push":      {rowsBody, "200 200 200 200 200 200 200 200 200 200 200 401"},
	"GET /api/sync/rxdb-server/{collection}/{version}/pullStream": {nil, "    200 200 200 200 200 200 200 200 200 200 200 401"},
	"GET /api/me":                                {nil, "         200 200  200   200   200 200    200   200  200   200   200   401"},
	"GET /api/caseload":                          {nil, "         200 200  200   200   200 200    200   200  200   200   200   401"},
	"GET /api/alerts":                            {nil, "         200 200  200   200   200 200    200   200  200   200   200   401"},
	"GET /api/patients/{id}/overview":            {nil, "         404 404  200   404   404 200    404   404  404   404   404   401"},
	"GET /api/patients/{id}/history":             {nil, "         404 404  200   404   404 200    404   404  404   404   404   401"},
	"GET /api/patients/{id}/timeline":            {nil, "         200 404  200   404   404 200    404   404  404   404   404   401"},
	"GET /api/patients/{id}/progress":            {nil, "         200 404  200   404   404 200    404   404  404   404   404   401"},
	"GET /api/patients/{id}/outcomes":            {nil, "         200 404  200   404   404 200    404   404  404   404   404   401"},
	"GET /api/clinics/{id}/outcomes":             {nil, "         404 404  404   404   404 404    404   404  404   200   404   401"},
	"GET /api/patients/{id}/attacks":             {nil, "         200 404  200   404   404 200    404   404  404   404   404   401"},
	"GET /api/patients/{id}/medication":          {nil, "         200 404  200   404   404 200    200   404  404   404   404   401"},
	"POST /api/invitations":                      {invitationBody, "404 404  200 404   404 200    404   404  404   404   404   401"},
	"GET /api/patients/{id}/report":              {nil, "200 404 200 404 404 200 200 404 404 404 404 401"},
	"POST /api/patients/{id}/report/shares":      {nil, "200 404 200 404 404 422 404 404 404 404 404 401"},
	"POST /api/patients/{id}/report/replies":     {agreeBody, "422 404 422 404 404 422 200 404 404 404 404 401"},
	"POST /api/shares/{id}/revoke":               {nil, "204 404 204 404 404 422 404 404 404 404 404 401"},
	"POST /api/replies/{id}/seen":                {nil, "422 404 204 404 404 204 422 404 404 404 404 401"},
	"POST /api/reports/open":                     {tokenBody, "404 404 404 404 404 404 404 404 404 404 404 404"}, // a token of nothing
	"POST /api/reports/reply":                    {tokenBody, "404 404 404 404 404 404 404 404 404 404 429 429"}, // ten a minute from one place
	"POST /api/patients/{id}/caregivers":         {samBody, "200 404 404 404 404 404 404 404 404 404 404 401"},
	"POST /api/caregivers/{id}/revoke":           {nil, "204 404 404 404 404 404 404 404 404 404 404 401"},
	"GET /api/caregiver":                         {nil, "404 404 404 404 404 404 404 404 404 404 404 404"}, // no sign-in opens it, only a link
	"POST /api/caregiver/entries":                {nil, "404 404 404 404 404 404 404 404 404 404 404 404"},
	"POST /api/invitations/text":                 {acceptBody, "404 404 404 404 404 404 404 404 404 404 404 404"},
	"POST /api/invitations/accept":               {acceptBody, "  404 404  404   404   404 404    404   404  404   404   404   404"},
	"POST /api/plans/{id}/check":                 {nil, "200 404 200 404 404 200 404 404 404 404 404 401"},
	"POST /api/plans/{id}/transitions":           {nil, "422 404 422 404 404 422 404 404 404 404 404 401"}, // to nowhere
	"POST /api/plans/{id}/void":                  {nil, "422 404 422 404 404 422 404 404 404 422 404 401"}, // a draft
	"POST /api/plans/{id}/void/withdraw":         {nil, "422 404 422 404 404 422 404 404 404 422 404 401"},
	"GET /api/plans/{id}/sheet":                  {nil, "200 404 200 404 404 200 404 404 404 404 404 401"},
	"GET /api/plans/{id}/handover":               {nil, "200 404 200 404 404 200 404 404 404 404 404 401"},
	"POST /api/plans/{id}/pause/withdraw":        {nil, "422 404 422 404 404 422 404 404 404 404 404 401"},
	"POST /api/plans/{id}/reviews":               {nil, "422 404 422 404 404 422 404 404 404 404 404 401"},
	"POST /api/plans/{id}/acknowledgements":      {nil, "422 404 200 404 404 422 404 404 404 404 404 401"},
	"POST /api/plans/{id}/goals":                 {nil, "422 404 422 404 404 422 404 404 404 404 404 401"},
	"POST /api/plans/{id}/changes":               {nil, "422 404 422 404 404 422 404 404 404 404 404 401"},
	"POST /api/plans/{id}/wellness":              {nil, "422 404 422 404 404 422 404 404 404 404 404 401"},
	"POST /api/plans/{id}/wellness/end":          {nil, "422 404 422 404 404 422 404 404 404 404 404 401"},
	"POST /api/visits/{id}/transitions":          {nil, "422 404 422 404 404 422 404 422 404 404 404 401"},
	"POST /api/visits/{id}/reasons":              {nil, "422 404 422 404 404 422 404 404 404 404 404 401"},
	"POST /api/flags/{id}/clear":                 {nil, "404 404 422 404 404 422 404 404 404 404 404 401"}, // for no reason
	"POST /api/notes/{id}/sign":                  {nil, "404 404 422 404 404 422 404 404 404 404 404 401"}, // of a visit that is still to come
	"GET /api/schedule":                          {nil, "200 200 200 200 200 200 200 200 200 200 200 401"}, // each sees her own, or nothing
	"POST /api/patients/{id}/visits":             {nil, "422 404 422 404 404 422 404 422 404 404 404 401"}, // at no time
	"GET /api/visits/{id}/note":                  {nil, "404 404 200 404 404 200 404 404 404 404 404 401"},
	"POST /api/visits/{id}/note":                 {nil, "404 404 422 404 404 422 404 404 404 404 404 401"}, // no part
	"POST /api/visits/{id}/note/editing":         {nil, "404 404 204 404 404 204 404 404 404 404 404 401"},
	"GET /api/calendar-feeds":                    {nil, "200 200 200 200 200 200 200 200 200 200 200 401"},
	"POST /api/calendar-feeds":                   {nil, "422 422 200 200 200 200 422 422 422 422 422 401"}, // of one's own visits
	"POST /api/calendar-feeds/{id}/revoke":       {nil, "404 404 404 404 404 404 404 404 404 404 404 401"}, // somebody else's
	"GET /api/calendar/{token}/visits.ics":       {nil, "404 404 404 404 404 404 404 404 404 404 404 404"}, // a secret of nothing
	"GET /api/plans/{id}/documents/{kind}":       {nil, "404 404 200 404 404 200 404 404 404 404 404 401"},
	"POST /api/plans/{id}/documents/{kind}":      {nil, "404 404 422 404 404 422 404 404 404 404 404 401"}, // without a word
	"POST /api/documents/{id}/sign":              {nil, "404 404 200 404 404 422 404 404 404 404 404 401"},
	"GET /api/health/ready":                      {nil, "         200 200  200   200   200 200    200   200  200   200   200   200"},
	"GET /api/patients/{id}/triggers":            {nil, "         200 404  200   404   404 200    404   404  404   404   404   401"},
	"POST /api/patients/{id}/triggers":           {nil, "         200 404  200   404   404 200    404   404  404   404   404   401"},
	"POST /api/patients/{id}/planned-tests":      {nil, "         422 404  422   404   404 422    404   404  404   404   404   401"}, // of nothing
	"POST /api/trigger-analyses/{id}/discussion": {nil, "    422 404  422   404   404 422    404   404  404   404   404   401"},      // without a word
	"GET /api/triggers/catalogue":                {nil, "         200 200  200   200   200 200    200   200  200   200   200   401"},
	"GET /api/planned-tests/{id}":                {nil, "         200 404  200   404   404 200    404   404  404   404   404   401"},
	"POST /api/planned-tests/{id}/agree":         {nil, "         422 404  422   404   404 422    404   404  404   404   404   401"}, // its first day has come; and it is the patient's to say
	"POST /api/planned-tests/{id}/stop":          {nil, "         200 404  200   404   404 200    404   404  404   404   404   401"},
	"POST /api/alerts/{id}/close":                {nil, "403 404 422 404 404 403 404 404 404 404 404 401"}, // without saying what came of it
	"GET /api/push/key":                          {nil, "200 200 200 200 200 200 200 200 200 200 200 401"},
	"GET /api/patients/{id}/safety":              {nil, "200 404 200 404 404 200 404 404 404 404 404 401"},
	"GET /api/patients/{id}/program/check":       {nil, "200 404 200 404 404 200 404 404 404 404 404 401"},
	"GET /api/patients/{id}/program":             {nil, "200 404 200 404 404 200 404 404 404 404 404 401"},
	"POST /api/patients/{id}/program/templates":  {templateBody, "422 404 200 404 404 200 404 404 404 404 404 401"},
	"POST /api/proposals/{id}/accept":            {nil, "404 404 409 404 404 409 404 404 404 404 404 401"}, // of no week of hers
	"POST /api/proposals/{id}/hold":              {nil, "404 404 409 404 404 409 404 404 404 404 404 401"},
	"POST /api/proposals/{id}/edit":              {nil, "404 404 409 404 404 409 404 404 404 404 404 401"},
}

func exchangeBody(string) any {
	return map[string]any{"device": "matrix-phone", "schema": 1, "push": []any{}}
}
func rowsBody(string) any               { return []any{} }
func samBody(string) any                { return map[string]any{"name": "Sam"} }
func invitationBody(patient string) any { return map[string]any{"patient": hookstest.ID(patient)} }
func agreeBody(string) any              { return map[string]any{"kind": "agree"} }
func tokenBody(string) any              { return map[string]any{"token": "nothing", "kind": "agree"} }
func takeBody(string) any               { return map[string]any{"take": "kept"} }
func templateBody(string) any           { return map[string]any{"template": "t01000000000000"} }
func acceptBody(string) any {
	return map[string]any{"code": "0000-0000-00", "email": "x@y.test", "password": "long enough"}
}

func TestRouteMatrix(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	for _, patient := range []string{"anna", "bo", "cleo"} { // a draft, and a visit that nobody has checked in
		clinic := map[string]string{"anna": "north", "bo": "north", "cleo": "south"}[patient]
		runSQL(t, h.App, "INSERT INTO plans(id, patient, clinic, episode, state, planned_visits) VALUES('"+hookstest.ID("plan"+patient)+"', '"+hookstest.ID(patient)+"', '"+hookstest.ID(clinic)+"', '1', 'draft', 6)")
		runSQL(t, h.App, "INSERT INTO visits(id, patient, plan, kind, mode, status) VALUES('"+hookstest.ID("visit"+patient)+"', '"+hookstest.ID(patient)+"', '"+hookstest.ID("plan"+patient)+"', 'treatment', 'video', 'scheduled')")
		runSQL(t, h.App, "INSERT INTO flags(id, patient, plan, code, raised_on) VALUES('"+hookstest.ID("flag"+patient)+"', '"+hookstest.ID(patient)+"', '"+hookstest.ID("plan"+patient)+"', 'F_PAST_WEEK6', '2026-02-16')")
		runSQL(t, h.App, "INSERT INTO trigger_analyses(id, patient, ran_at, ran_by, rule, data_hash, families, factors, result) VALUES('"+hookstest.ID("runs"+patient)+"', '"+hookstest.ID(patient)+"', '2026-01-05 10:00:00.000Z', 'system', 'triggers-1', 'x', '[\"diary\"]', '[]', '{}')")
		runSQL(t, h.App, "INSERT INTO planned_tests(id, patient, factor, name, unit, pairs, start, seed, with_first, drawn_at, drawn_by) VALUES('"+hookstest.ID("test"+patient)+"', '"+hookstest.ID(patient)+"', 'x', 'Chocolate', 'day', 8, '2026-01-10', '1', '[true,true,false,true,false,true,false,true]', '2026-01-05 10:00:00.000Z', 'system')")
		runSQL(t, h.App, "INSERT INTO safety_alerts(id, patient, level, code, raised_at, happened_at) VALUES('"+hookstest.ID("alert"+patient)+"', '"+hookstest.ID(patient)+"', 'urgent', 'POSITIONAL', '2026-02-16 10:00:00.000Z', '2026-02-16 10:00:00.000Z')")
		runSQL(t, h.App, "INSERT INTO exercises(id, patient, name, version) VALUES('"+hookstest.ID("exercise"+patient)+"', '"+hookstest.ID(patient)+"', 'Row', 1)")
		runSQL(t, h.App, "INSERT INTO progression_proposals(id, patient, exercise, key, kind, state, version) VALUES('"+hookstest.ID("step"+patient)+"', '"+hookstest.ID(patient)+"', '"+hookstest.ID("exercise"+patient)+"', '1:week:1', 'up', 'open', 1)")
		runSQL(t, h.App, "INSERT INTO report_shares(id, patient, token_hash, made_by, expires_at) VALUES('"+hookstest.ID("share"+patient)+"', '"+hookstest.ID(patient)+"', 'x', 'x', '2026-02-16 10:00:00.000Z')")
		runSQL(t, h.App, "INSERT INTO caregiver_links(id, patient, name, token_hash, made_by, expires_at) VALUES('"+hookstest.ID("beside"+patient)+"', '"+hookstest.ID(patient)+"', 'Sam', 'x', 'x', '2026-02-16 10:00:00.000Z')")
		runSQL(t, h.App, "INSERT INTO report_replies(id, patient, kind, said_at) VALUES('"+hookstest.ID("reply"+patient)+"', '"+hookstest.ID(patient)+"', 'agree', '2026-02-16 10:00:00.000Z')")
		runSQL(t, h.App, "INSERT INTO care_documents(id, patient, plan, kind, version, parts, written_by, written_at) VALUES('"+hookstest.ID("paper"+patient)+"', '"+hookstest.ID(patient)+"', '"+hookstest.ID("plan"+patient)+"', 'discharge', 1, '[]', 'x', '2026-02-16 10:00:00.000Z')")
		runSQL(t, h.App, "INSERT INTO visit_notes(id, patient, visit) VALUES('"+hookstest.ID("note"+patient)+"', '"+hookstest.ID(patient)+"', '"+hookstest.ID("visit"+patient)+"')")
	}
	for _, r := range hooks.Routes() {
		name := r.Method + " " + r.Path
		row, ok := routeMatrix[name]
		if !ok {
			t.Errorf("the route matrix does not know %s", name)
			continue
		}
		for i, want := range strings.Fields(row.status) {
			var body any
			if row.body != nil {
				body = row.body(columns[i].patient)
			}
			if r.Path == "/api/invitations" { // only a patient without an account can be invited
				h.SignsOut(columns[i].patient, columns[i].who)
			}
			id := columns[i].patient
			for path, what := range map[string]string{"/api/plans/": "plan", "/api/visits/": "visit", "/api/notes/": "note", "/api/flags/": "flag", "/api/shares/": "share", "/api/caregivers/": "beside", "/api/replies/": "reply", "/api/trigger-analyses/": "runs", "/api/planned-tests/": "test", "/api/alerts/": "alert", "/api/proposals/": "step", "/api/documents/": "paper"} {
				if strings.HasPrefix(r.Path, path) {
					id = what + id
				}
			}
			if strings.HasPrefix(r.Path, "/api/clinics/") {
				id = map[string]string{"anna": "north", "bo": "north", "cleo": "south"}[id]
			}
			answer := h.Do(columns[i].who, r.Method, strings.NewReplacer("{id}", hookstest.ID(id), "{collection}", "attacks", "{version}", "1", "{kind}", "progress", "{token}", "nothing").Replace(r.Path), body)
			if fmt.Sprint(answer.Status) != want {
				t.Errorf("%s as %s: %d, the matrix says %s: %s", name, columns[i].name, answer.Status, want, answer.Text)
			}
		}
	}
	if len(routeMatrix) != len(hooks.Routes()) {
		t.Errorf("the route matrix has %d rows for %d routes", len(routeMatrix), len(hooks.Routes()))
	}
}

// Two worlds: tess treats anna and keeps a diary of her own.
func TestATherapistWithMigraineHasTwoWorlds(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	for _, patient := range []string{"anna", "tess"} {
		h.Do(patient, "POST", "/api/collections/attacks/records", map[string]any{"patient": hookstest.ID(patient), "started_at": "2026-01-20 10:00:00.000Z"})
	}
	mine := h.Do("tess", "GET", "/api/collections/attacks/records", nil).Items()
	if len(mine) != 1 || mine[0].(map[string]any)["patient"] != hookstest.ID("tess") {
		t.Errorf("an unfiltered list is the own diary, not %v", mine)
	}
	theirs := h.Do("tess", "GET", "/api/collections/attacks/records?filter=(patient=%22"+hookstest.ID("anna")+"%22)", nil).Items()
	if len(theirs) != 1 || theirs[0].(map[string]any)["patient"] != hookstest.ID("anna") {
		t.Errorf("a list that names a patient is that patient's, not %v", theirs)
	}
	either := h.Do("tess", "GET", "/api/collections/attacks/records?filter=(patient=%22"+hookstest.ID("anna")+"%22||id!=%22%22)", nil).Items()
	if len(either) != 1 || either[0].(map[string]any)["patient"] != hookstest.ID("tess") {
		t.Errorf("an OR names no patient: the own diary, not %v", either)
	}
	for _, row := range h.Do("tess", "GET", "/api/caseload", nil).Body["patients"].([]any) {
		if row.(map[string]any)["id"] == hookstest.ID("tess") {
			t.Error("her own diary is in her caseload")
		}
	}
	if got := h.Do("anna", "GET", "/api/collections/attacks/records?filter=(patient=%22"+hookstest.ID("tess")+"%22)", nil).Items(); len(got) != 0 {
		t.Errorf("a patient reads her therapist's own diary: %v", got)
	}
}

func TestStaffNameThePatient(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	if a := h.Do("thera", "GET", "/api/collections/attacks/records", nil); a.Status != 400 || !a.Has("E_SCOPE") {
		t.Errorf("a therapist's list without a patient answered %d %s", a.Status, a.Text)
	}
	if a := h.DoWith(h.ExpiredToken("anna"), "GET", "/api/collections/attacks/records", nil); a.Status != 401 || !a.Has("E_SIGNED_OUT") {
		t.Errorf("an expired token must not look like an empty diary: %d %s", a.Status, a.Text)
	}
}

// Nobody gives himself rights.
func TestNobodyChangesTheirOwnRights(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	link := func(patient, member, role string) map[string]any {
		return map[string]any{"patient": hookstest.ID(patient), "member": hookstest.ID(member), "role": role, "from": "2026-01-05 10:00:00.000Z"}
	}
	for _, c := range []struct {
		who, method, path string
		body              map[string]any
	}{
		// a clinic admin opens no diary to an account that does not treat here: not to herself, a patient, the desk, another clinic's therapist
		{"admin", "POST", "care_links/records", link("bo", "admin", "therapist")},
		{"admin", "POST", "care_links/records", link("bo", "anna", "therapist")},
		{"admin", "POST", "care_links/records", link("bo", "desk", "assistant")},
		{"admin", "POST", "care_links/records", link("bo", "sid", "therapist")},
		{"admin", "POST", "care_links/records", link("bo", "assi", "therapist")},
		{"admin", "POST", "practitioners/records", map[string]any{"user": hookstest.ID("admin"), "clinic": hookstest.ID("north"), "role": "therapist", "name": "x", "active": true}},
		{"desk", "PATCH", "patients/records/" + hookstest.ID("anna"), map[string]any{"clinic": hookstest.ID("south")}},
		{"desk", "PATCH", "patients/records/" + hookstest.ID("anna"), map[string]any{"baseline_date": "2026-03-01"}},
		{"thera", "POST", "plans/records", map[string]any{"patient": hookstest.ID("anna"), "clinic": hookstest.ID("south"), "episode": "1", "state": "draft"}},
		{"thera", "POST", "plans/records", map[string]any{"patient": hookstest.ID("anna"), "clinic": hookstest.ID("north"), "episode": "1", "state": "draft", "visit_count": 9}},
		{"anna", "PATCH", "users/records/" + hookstest.ID("anna"), map[string]any{"patient": hookstest.ID("bo")}},
		{"thera", "PATCH", "users/records/" + hookstest.ID("thera"), map[string]any{"patient": hookstest.ID("anna")}},
		{"thera", "POST", "care_links/records", map[string]any{"patient": hookstest.ID("cleo"), "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-05 10:00:00.000Z"}},
		{"admin", "POST", "care_links/records", map[string]any{"patient": hookstest.ID("cleo"), "member": hookstest.ID("admin"), "role": "therapist", "from": "2026-01-05 10:00:00.000Z"}},
		{"admin", "POST", "practitioners/records", map[string]any{"user": hookstest.ID("admin"), "clinic": hookstest.ID("south"), "role": "clinic_admin", "name": "x", "active": true}},
		{"desk", "POST", "practitioners/records", map[string]any{"user": hookstest.ID("desk"), "clinic": hookstest.ID("north"), "role": "clinic_admin", "name": "x", "active": true}},
		{"admin", "PATCH", "practitioners/records/" + hookstest.ID("admin"), map[string]any{"clinic": hookstest.ID("south")}},
		{"admin", "PATCH", "care_links/records/theraanna000000", map[string]any{"role": "neurologist"}},
		{"thera", "PATCH", "plans/records/" + "planofanna00000", map[string]any{"state": "active"}},
		{"anna", "POST", "users/records", map[string]any{"email": "new@clinic.test", "password": "long enough", "passwordConfirm": "long enough"}},
		{"", "POST", "users/records", map[string]any{"email": "new@clinic.test", "password": "long enough", "passwordConfirm": "long enough"}},
		{"thera", "GET", "invitations/records", nil},
		{"thera", "GET", "users/records/" + hookstest.ID("anna"), nil},
	} {
		if a := h.Do(c.who, c.method, "/api/collections/"+c.path, c.body); a.Status < 400 {
			t.Errorf("%s %s as %s answered %d: %s", c.method, c.path, c.who, a.Status, a.Text)
		}
	}
}

func TestEndedLinkEndsEverything(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	if a := h.Do("admin", "PATCH", "/api/collections/care_links/records/theraanna000000", map[string]any{"until": "2026-02-01 10:00:00.000Z"}); a.Status != 200 {
		t.Fatalf("ending a link: %d %s", a.Status, a.Text)
	}
	if a := h.Do("thera", "GET", "/api/patients/"+hookstest.ID("anna")+"/progress", nil); a.Status != 404 {
		t.Errorf("progress after the end: %d", a.Status)
	}
	if a := h.Do("admin", "PATCH", "/api/collections/care_links/records/theraanna000000", map[string]any{"until": ""}); !a.Has("E_LINK_FIXED") {
		t.Errorf("an ended link came back: %d", a.Status)
	}
	future := time.Now().Add(time.Hour).UTC().Format("2006-01-02 15:04:05.000Z")
	planned := map[string]any{"patient": hookstest.ID("anna"), "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-01 10:00:00.000Z", "until": future}
	if a := h.Do("admin", "POST", "/api/collections/care_links/records", planned); !a.Has("E_LINK_FUTURE") {
		t.Errorf("a link that ends in the future: %d %s", a.Status, a.Text)
	}
	self := map[string]any{"patient": hookstest.ID("tess"), "member": hookstest.ID("tess"), "role": "therapist", "from": "2026-01-05 10:00:00.000Z"}
	if a := h.Do("admin", "POST", "/api/collections/care_links/records", self); !a.Has("E_SELF_CARE") {
		t.Errorf("tess in her own care team: %d %s", a.Status, a.Text)
	}
}

func TestLeavingTheClinicEndsItsLinks(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	if a := h.Do("admin", "PATCH", "/api/collections/practitioners/records/"+hookstest.ID("thera"), map[string]any{"active": false}); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	if a := h.Do("thera", "GET", "/api/patients/"+hookstest.ID("anna")+"/progress", nil); a.Status != 404 {
		t.Errorf("progress after leaving: %d", a.Status)
	}
}

// Consent withdrawn is consent withdrawn, whichever door one tries.
func TestWithdrawnConsentHidesTheFamily(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	a := h.Do("anna", "POST", "/api/collections/attacks/records", map[string]any{"id": "attackofanna001", "patient": hookstest.ID("anna"), "started_at": "2026-01-20 10:00:00.000Z"})
	if a.Status != 200 {
		t.Fatal(a.Text)
	}
	diary, err := h.App.FindFirstRecordByFilter("consents", "patient='"+hookstest.ID("anna")+"' && family='diary'")
	if err != nil {
		t.Fatal(err)
	}
	if a := h.Do("anna", "PATCH", "/api/collections/consents/records/"+diary.Id, map[string]any{"state": "withdrawn"}); a.Status != 200 {
		t.Fatal(a.Text)
	}
	named := "?filter=(patient=%22" + hookstest.ID("anna") + "%22)"
	for _, path := range []string{
		"/api/collections/attacks/records/attackofanna001",
		"/api/patients/" + hookstest.ID("anna") + "/progress",
	} {
		if a := h.Do("thera", "GET", path, nil); a.Status != 404 {
			t.Errorf("%s answered %d", path, a.Status)
		}
	}
	if got := h.Do("thera", "GET", "/api/collections/attacks/records"+named, nil).Items(); len(got) != 0 {
		t.Errorf("the list shows %v", got)
	}
	expanded := h.Do("thera", "GET", "/api/collections/visits/records"+named+"&expand=patient.attacks_via_patient", nil)
	if strings.Contains(expanded.Text, "attackofanna001") {
		t.Error("an expand shows what the consent hides")
	}
	if a := h.Do("thera", "GET", "/api/collections/plans/records"+named, nil); a.Status != 200 {
		t.Errorf("care records need no consent: %d", a.Status)
	}
	if a := h.Do("anna", "GET", "/api/collections/attacks/records/attackofanna001", nil); a.Status != 200 {
		t.Errorf("her own diary stays hers: %d", a.Status)
	}
}

func TestWhatStaffReadIsNoted(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	h.Do("anna", "POST", "/api/collections/attacks/records", map[string]any{"patient": hookstest.ID("anna"), "started_at": "2026-01-20 10:00:00.000Z"})
	named := "?filter=(patient=%22" + hookstest.ID("anna") + "%22)"
	h.Do("thera", "GET", "/api/collections/attacks/records"+named, nil)
	h.Do("thera", "GET", "/api/collections/attacks/records"+named, nil) // a second look tells nothing new
	h.Do("thera", "GET", "/api/patients/"+hookstest.ID("anna")+"/progress", nil)
	h.Do("sid", "GET", "/api/patients/"+hookstest.ID("anna")+"/progress", nil)
	h.Do("anna", "GET", "/api/patients/"+hookstest.ID("anna")+"/progress", nil)
	var lines []string
	for _, item := range h.Do("anna", "GET", "/api/collections/audit_events/records?sort=seq", nil).Items() {
		e := item.(map[string]any)
		lines = append(lines, fmt.Sprint(e["actor"].(string)[:3], " ", e["action"], " ", e["collection"], " ", e["outcome"]))
	}
	want := []string{"the read attacks ok", "the read progress ok", "sid refuse progress E_NOT_FOUND"}
	if !slices.Equal(lines, want) {
		t.Errorf("anna reads in her audit %v, not %v", lines, want)
	}
	if broken, err := hooks.VerifyAudit(h.App); err != nil || broken != 0 {
		t.Errorf("the chain breaks at %d %v", broken, err)
	}
}

// An expand must not put two patients, or both worlds of a therapist with migraine, into one answer.
func TestAnExpandStaysWithOnePatient(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	for _, path := range []string{
		"clinics/records?expand=patients_via_clinic.attacks_via_patient",
		"users/records?expand=care_links_via_member.patient.attacks_via_patient",
		"patients/records/" + hookstest.ID("anna") + "?expand=attacks_via_patient",
		"care_links/records?filter=(member=%22" + hookstest.ID("tess") + "%22)&expand=patient.attacks_via_patient",
	} {
		if a := h.Do("tess", "GET", "/api/collections/"+path, nil); a.Status != 400 || !a.Has("E_EXPAND") {
			t.Errorf("%s: %d %s", path, a.Status, a.Text)
		}
	}
	if a := h.Do("tess", "POST", "/api/collections/users/auth-refresh?expand=care_links_via_member.patient", nil); !a.Has("E_EXPAND") {
		t.Errorf("a refresh that expands: %d %s", a.Status, a.Text)
	}
	path, _ := storedAttack(t, h, "anna")
	h.Do("anna", "POST", "/api/collections/attack_readings/records", map[string]any{"patient": hookstest.ID("anna"), "attack": path[len(path)-15:], "at": "2026-01-20 10:00:00.000Z", "nrs": 5})
	a := h.Do("thera", "GET", path+"?expand=attack_readings_via_attack", nil)
	if a.Status != 200 || !strings.Contains(a.Text, "attack_readings") {
		t.Errorf("within one patient an expand works: %d %s", a.Status, a.Text)
	}
	var noted int
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM audit_events WHERE collection='attack_readings' AND action='read'").Row(&noted))
	if noted != 1 {
		t.Errorf("what staff see through an expand is noted: %d lines", noted)
	}
}

// Nothing of the house is open to a stranger, also on the first day, when much is still empty.
func TestAStrangerSeesNothing(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	_, err := h.App.DB().NewQuery("INSERT INTO clinics (id, name, timezone, regulation_profile, day_profile, merge_profile) VALUES ('emptyclinic0000', 'Empty', 'UTC', 'none', 'leiden2023', 'merge_48h')").Execute()
	check(t, err)
	_, err = h.App.DB().NewQuery("UPDATE practitioners SET clinic='emptyclinic0000' WHERE id='" + hookstest.ID("sid") + "'").Execute()
	check(t, err)
	for _, name := range []string{"clinics", "practitioners", "users", "care_links", "audit_events", "patients"} {
		for _, who := range []string{"", "sid"} {
			a := h.Do(who, "GET", "/api/collections/"+name+"/records?filter=(id!=%22%22)", nil)
			for _, item := range a.Items() {
				r := item.(map[string]any)
				if who == "" || name == "patients" || name == "audit_events" {
					t.Errorf("%q lists %s: %v", who, name, r)
				}
			}
		}
	}
	for _, path := range []string{"clinics/records/emptyclinic0000", "practitioners/records/" + hookstest.ID("sid"), "clinics/records/" + hookstest.ID("north")} {
		if a := h.Do("", "GET", "/api/collections/"+path, nil); a.Status < 400 {
			t.Errorf("a stranger reads %s: %s", path, a.Text)
		}
	}
	if a := h.Do("anna", "GET", "/api/collections/clinics/records/"+hookstest.ID("south"), nil); a.Status != 404 {
		t.Errorf("a patient reads another clinic: %d", a.Status)
	}
	if a := h.Do("anna", "GET", "/api/collections/practitioners/records/"+hookstest.ID("thera"), nil); a.Status != 200 {
		t.Errorf("a patient knows who works at her clinic: %d", a.Status)
	}
}

// Medicines not shared are left out of every number, and the answer says so.
func TestNumbersFollowTheConsentToMedicines(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	planFor(t, h, "anna", "active", 28)
	diaryOf(t, h, "anna", 28, 1, 2)
	medicine := medicineOf(t, h, "anna")
	for i := range 14 {
		at := time.Now().AddDate(0, 0, -20+i).UTC().Format("2006-01-02 15:04:05.000Z")
		h.Do("anna", "POST", "/api/collections/medication_doses/records", map[string]any{"patient": hookstest.ID("anna"), "medication": medicine, "taken_at": at})
	}
	triptans := func(who string) (any, []any) {
		a := h.Do(who, "GET", "/api/patients/"+hookstest.ID("anna")+"/progress", nil)
		acute := a.Body["windows"].([]any)[1].(map[string]any)["acuteDays28"].(map[string]any)
		return acute["byClass"].(map[string]any)["triptan"], a.Body["notShared"].([]any)
	}
	if of, hidden := triptans("thera"); of == nil || len(hidden) != 0 {
		t.Fatalf("shared: %v, hidden %v", of, hidden)
	}
	c, err := h.App.FindFirstRecordByFilter("consents", "patient='"+hookstest.ID("anna")+"' && family='medication'")
	check(t, err)
	c.Set("state", "withdrawn")
	check(t, h.App.Save(c))
	if of, hidden := triptans("thera"); of != nil || len(hidden) != 1 || hidden[0] != "medication" {
		t.Errorf("not shared: %v, hidden %v", of, hidden)
	}
	if of, hidden := triptans("anna"); of == nil || len(hidden) != 0 {
		t.Errorf("her own: %v, hidden %v", of, hidden)
	}
}

// What staff change is in the patient's audit, with the change.
func TestWhatStaffChangeIsNoted(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	path, _ := storedAttack(t, h, "anna")
	h.Do("anna", "PATCH", path, map[string]any{"note": "mine"}) // her own changes are nobody's business
	h.Do("thera", "PATCH", path, map[string]any{"note": "by phone"})
	h.Do("thera", "DELETE", path, nil)
	h.Do("admin", "PATCH", "/api/collections/care_links/records/theraanna000000", map[string]any{"until": "2026-02-01 10:00:00.000Z"})
	var lines []string
	for _, item := range h.Do("anna", "GET", "/api/collections/audit_events/records?sort=seq&filter=(action!=%22read%22)", nil).Items() {
		e := item.(map[string]any)
		lines = append(lines, fmt.Sprint(e["actor"].(string)[:5], " ", e["capacity"], " ", e["action"], " ", e["collection"]))
	}
	want := []string{"thera therapist change attacks", "thera therapist delete attacks", "admin clinic_admin change care_links"}
	if !slices.Equal(lines, want) {
		t.Errorf("%v, not %v", lines, want)
	}
}

// A therapist who becomes a patient keeps one account: with its password a code opens her diary.
func TestATherapistBecomesAPatient(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	code := h.Do("thera", "POST", "/api/invitations", map[string]any{"patient": newPatient(t, h)}).Body["code"].(string)
	body := accept(code, hookstest.Email("assi"))
	if a := h.Do("", "POST", "/api/invitations/accept", body); !a.Has("E_EMAIL") {
		t.Fatalf("with another password: %d %s", a.Status, a.Text)
	}
	body["password"] = hookstest.Password()
	a := h.Do("", "POST", "/api/invitations/accept", body)
	if a.Status != 200 || a.Body["record"].(map[string]any)["id"] != hookstest.ID("assi") {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	again := h.Do("thera", "POST", "/api/invitations", map[string]any{"patient": invitable(t, h)}).Body["code"].(string)
	mine := accept(again, hookstest.Email("thera"))
	mine["password"] = hookstest.Password()
	if a := h.Do("", "POST", "/api/invitations/accept", mine); a.Status != 409 || !a.Has("E_SELF_CARE") {
		t.Errorf("a therapist takes a patient's diary for her own: %d %s", a.Status, a.Text)
	}
	if me := h.Do("assi", "GET", "/api/me", nil); me.Body["patient"] == nil || len(me.Body["practitioner"].([]any)) != 1 {
		t.Errorf("both worlds: %s", me.Text)
	}
}

// invitable is anna without an account, still in thera's care.
func invitable(t *testing.T, h *hookstest.House) string {
	t.Helper()
	h.SignsOut("anna", "")
	return hookstest.ID("anna")
}

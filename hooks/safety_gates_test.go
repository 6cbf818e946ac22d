package hooks_test

import (
	"maps"
	"slices"
	"testing"

	"interictal/hooks/hookstest"
	"interictal/hooks/safety"
)

// What is not begun while something is open, or before its screen: by those who may treat, and by those who may not.

// act is an item of care in a visit, about to be given.
func act(visit string, fields map[string]any) map[string]any {
	out := map[string]any{"patient": annas, "visit": visit, "status": "next"}
	maps.Copy(out, fields)
	return out
}

var (
	manipulation = map[string]any{"category": "manual", "technique": "manipulation", "technique_goal": "joint_mobility", "region": "C1_C2"}
	massage      = map[string]any{"category": "manual", "technique": "massage", "technique_goal": "tension"}
	breathing    = map[string]any{"category": "relaxation"}
)

func (p *practice) checkedIn() string {
	p.t.Helper()
	return p.ofPlan("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "checked_in"})
}

func TestWhatOpenAlertsStop(t *testing.T) {
	t.Parallel()
	p := signedPractice(t)
	visit := p.checkedIn()
	alert("urgent")(p)
	for _, who := range []string{"thera", "assi"} {
		p.unchanged("hands with an urgent alert", who, "POST", at("visit_interventions"), act(visit, massage), 422, "E_REDFLAG_OPEN")
	}
	p.do("thera", at("visit_interventions"), act(visit, breathing), 200)
	p.do("anna", at("relaxation_sessions"), map[string]any{"patient": annas, "technique": "pmr", "state": "next", "started_at": p.instant()}, 200)
	p.unchanged("current at home", "anna", "POST", at("modality_sessions"), map[string]any{"patient": annas, "type": "electrical", "state": "next", "site": "shoulders", "started_at": p.instant()}, 422, "E_REDFLAG_OPEN")
	p.closes("THUNDERCLAP")
	p.do("thera", at("visit_interventions"), act(visit, massage), 200)

	alert("emergency")(p)
	for _, kind := range []map[string]any{massage, breathing, {"category": "education"}, {"category": "exercise_generalized"}} {
		p.unchanged("anything with an emergency", "thera", "POST", at("visit_interventions"), act(visit, kind), 422, "E_REDFLAG_OPEN")
	}
	p.do("thera", at("visit_interventions"), act(visit, map[string]any{"category": "referred"}), 200)
	for _, table := range []string{"relaxation_sessions", "modality_sessions"} {
		p.unchanged("guided at home", "anna", "POST", at(table), map[string]any{"patient": annas, "technique": "pmr", "type": "cold", "state": "next", "started_at": p.instant()}, 422)
	}
	p.unchanged("an extension", "thera", "POST", p.path("transitions"), extending(map[string]any{"kind": "visits", "maxVisits": 8})(p)[0].body, 422, "E_REDFLAG_OPEN")
	p.do("anna", at("relaxation_sessions"), map[string]any{"patient": annas, "technique": "pmr", "started_at": p.instant()}, 200) // it was held: it is stored
	given := act(visit, massage)
	given["status"] = "given"
	p.do("thera", at("visit_interventions"), given, 200)
	p.raised("E_REDFLAG_OPEN worklist", "THUNDERCLAP emergency")
	if n := p.count("visits", "id='"+visit+"' AND needs_reason LIKE '%E_REDFLAG_OPEN%'"); n != 1 {
		t.Error("the visit does not wait for a reason")
	}
}

// screen is a whole reasoning before a manipulation that finds nothing.
func (p *practice) reasons(visit string, changes map[string]any) string {
	p.t.Helper()
	answers := map[string]any{}
	for _, q := range slices.Concat(safety.Contraindications, safety.Precautions) {
		answers[q] = false
	}
	row := map[string]any{"visit": visit, "screened_at": p.instant(), "examined": true, "systolic": 120, "diastolic": 80, "consent": true, "rationale": "Mobilization did not hold."}
	for field, value := range changes {
		if _, own := answers[field]; own {
			answers[field] = value
		} else {
			row[field] = value
		}
	}
	row["answers"] = said(answers)
	return p.add("manipulation_screens", row)
}

// The gate of §7.3: the act is refused, what was done is stored with a task, and a contraindication is looked at the same day.
func TestAManipulation(t *testing.T) {
	t.Parallel()
	for says, c := range map[string]struct {
		screen map[string]any // nil: none
		given  func(p *practice)
		codes  []string
	}{
		"without a screen":            {nil, nil, []string{"E_MANIP_SCREEN"}},
		"all asked, nothing found":    {map[string]any{}, nil, nil},
		"instability":                 {map[string]any{"instability": true}, nil, []string{"E_MANIP_CONTRA"}},
		"she does not agree":          {map[string]any{"consent": false}, nil, []string{"E_MANIP_CONTRA"}},
		"osteoporosis":                {map[string]any{"osteoporosis": true}, nil, []string{"E_MANIP_PRECAUTION"}},
		"osteoporosis, with a reason": {map[string]any{"osteoporosis": true, "reason": "clinical_need"}, nil, nil},
		"no blood pressure":           {map[string]any{"systolic": nil}, nil, []string{"E_MANIP_SCREEN"}},
		"not asked for smoking":       {map[string]any{"smoking": nil}, nil, []string{"E_MANIP_SCREEN"}},
		"150 over 80":                 {map[string]any{"systolic": 150}, nil, []string{"E_MANIP_PRECAUTION"}},
		"an aura that only the diagnosis knows": {map[string]any{}, func(p *practice) {
			p.add("headache_diagnoses", map[string]any{"type": "migraine_with_aura"})
		}, []string{"E_MANIP_PRECAUTION"}},
		"17 years old": {map[string]any{}, func(p *practice) {
			runSQL(p.t, p.h.App, "UPDATE patients SET birth_date='2008-06-01' WHERE id='"+annas+"'")
		}, []string{"E_MANIP_CONTRA"}},
		"no date of birth": {map[string]any{}, func(p *practice) {
			runSQL(p.t, p.h.App, "UPDATE patients SET birth_date='' WHERE id='"+annas+"'")
		}, []string{"E_MANIP_SCREEN"}},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			p := signedPractice(t)
			visit := p.checkedIn()
			if c.screen != nil {
				p.reasons(visit, c.screen)
			}
			if c.given != nil {
				c.given(p)
			}
			rotation := map[string]any{"category": "manual", "technique": "mobilization", "technique_goal": "joint_mobility", "region": "C0_C1", "end_range_rotation": true}
			for _, what := range []map[string]any{manipulation, rotation} {
				if c.codes == nil {
					p.do("thera", at("visit_interventions"), act(visit, what), 200)
					continue
				}
				for _, who := range []string{"thera", "assi", "root"} {
					p.unchanged(says, who, "POST", at("visit_interventions"), act(visit, what), 422, c.codes...)
				}
			}
			for _, who := range []string{"anna", "desk", "neuro", "admin", "bo", "sid"} {
				p.unchanged("no business of hers", who, "POST", at("visit_interventions"), act(visit, manipulation), 400)
			}
			p.given(visit, c.codes)
		})
	}
}

// given: it was done all the same.
func (p *practice) given(visit string, codes []string) {
	p.t.Helper()
	done := act(visit, manipulation)
	done["status"] = "given"
	p.do("thera", at("visit_interventions"), done, 200)
	for _, code := range codes {
		if n := p.count("visits", "id='"+visit+"' AND needs_reason LIKE '%"+code+"%'"); n != 1 {
			p.t.Errorf("the visit does not wait for a reason for %s", code)
		}
	}
	if len(codes) == 0 && p.count("visits", "needs_reason LIKE '%E_%'") > 0 {
		p.t.Error("a visit waits for a reason")
	}
	if slices.Contains(codes, "E_MANIP_CONTRA") {
		p.raised("E_MANIP_CONTRA worklist")
	} else {
		p.raised()
	}
	if n := p.count("tasks", "code='SYMPTOM_CHECK_24H' AND state='open'"); n != 1 {
		p.t.Errorf("%d tasks to ask how she is tomorrow", n)
	}
}

// A manipulation is not put into a plan, nor self-rotation into a home program, before contraindications were asked.
func TestAManipulationIsNotPlannedUnasked(t *testing.T) {
	t.Parallel()
	p := signedPractice(t)
	problem := p.found("problems", "1=1")
	planned := map[string]any{"patient": annas, "plan": p.plan, "name": "Thrust", "goals": []string{p.goal}, "problems": []string{problem}}
	maps.Copy(planned, manipulation)
	home := map[string]any{"patient": annas, "name": "Self-rotation with a strap", "code": "C05"}
	both := func(codes ...string) {
		t.Helper()
		if codes == nil {
			p.do("thera", at("exercises"), maps.Clone(home), 200)
			p.do("thera", at("plan_items"), maps.Clone(planned), 200)
			return
		}
		for _, who := range []string{"thera", "root"} {
			p.unchanged("the home program", who, "POST", at("exercises"), home, 422, codes...)
			p.unchanged("the plan", who, "POST", at("plan_items"), planned, 422, codes...)
		}
	}
	both("E_MANIP_SCREEN")
	p.unchanged("an item becomes one", "thera", "PATCH", at("plan_items")+"/"+p.found("plan_items", "category='manual'"), map[string]any{"technique": "manipulation", "technique_goal": "pain"}, 422, "E_MANIP_SCREEN")
	p.reasons("", map[string]any{"bleeding": true, "high_fear": true})
	both("E_MANIP_CONTRA", "E_MANIP_PRECAUTION")
	p.at("2026-01-06")
	p.reasons("", map[string]any{"high_fear": true, "reason": "other", "reason_text": "She asked for it after a long talk about the risks."})
	both()
	p.at("2026-01-21")
	p.unchanged("the screen is 15 days old", "thera", "POST", at("exercises"), home, 422, "E_MANIP_SCREEN")
}

// The reasoning is the therapist's, in words, and stays.
func TestTheReasoningIsTheTherapists(t *testing.T) {
	t.Parallel()
	p := signedPractice(t)
	row := map[string]any{"patient": annas, "screened_at": p.instant(), "answers": said(map[string]any{"smoking": false})}
	for _, who := range []string{"assi", "anna", "desk", "bo"} {
		p.unchanged("screening", who, "POST", at("manipulation_screens"), row, 400)
	}
	with := func(fields map[string]any) map[string]any {
		out := maps.Clone(row)
		maps.Copy(out, fields)
		return out
	}
	p.unchanged("a superuser", "root", "POST", at("manipulation_screens"), row, 422, "E_ROLE")
	p.unchanged("a question there is not", "thera", "POST", at("manipulation_screens"), with(map[string]any{"answers": said(map[string]any{"weather": false})}), 422, "E_VALUE")
	p.unchanged("an answer that is none", "thera", "POST", at("manipulation_screens"), with(map[string]any{"answers": said(map[string]any{"smoking": "no"})}), 422, "E_VALUE")
	p.unchanged("other, in a word", "thera", "POST", at("manipulation_screens"), with(map[string]any{"reason": "other", "reason_text": "ok"}), 422, "E_REASON_SHORT")
	id := p.reasons("", nil)
	if r, err := p.h.App.FindRecordById("manipulation_screens", id); err != nil || r.GetString("screened_by") != hookstest.ID("thera") {
		t.Errorf("who has screened is not noted: %v", err)
	}
	p.unchanged("another answer later", "root", "PATCH", at("manipulation_screens")+"/"+id, map[string]any{"examined": false}, 422, "E_KEPT")
	p.unchanged("taking it back", "root", "DELETE", at("manipulation_screens")+"/"+id, nil, 422, "E_KEPT")
}

// Current over the front of the neck and cold for whom cold harms: neither in a visit nor in a plan; what was done is stored.
func TestCurrentAndCold(t *testing.T) {
	t.Parallel()
	p := signedPractice(t)
	visit, problem := p.checkedIn(), p.found("problems", "1=1")
	p.add("health_facts", map[string]any{"raynaud": true})
	for code, what := range map[string]map[string]any{
		"E_MODALITY_SITE": {"category": "modality_electrical", "region": "anterior_neck"},
		"E_COLD_SCREEN":   {"category": "modality_cold", "region": "back of neck"},
	} {
		planned := map[string]any{"patient": annas, "plan": p.plan, "name": "At home", "goals": []string{p.goal}, "problems": []string{problem}}
		maps.Copy(planned, what)
		for _, who := range []string{"thera", "root"} {
			p.unchanged("in a plan", who, "POST", at("plan_items"), planned, 422, code)
			p.unchanged("in a visit", who, "POST", at("visit_interventions"), act(visit, what), 422, code)
		}
		done := act(visit, what)
		done["status"] = "given"
		p.do("assi", at("visit_interventions"), done, 200)
		if n := p.count("visits", "id='"+visit+"' AND needs_reason LIKE '%"+code+"%'"); n != 1 {
			t.Errorf("the visit does not wait for a reason for %s", code)
		}
	}
	p.do("thera", at("visit_interventions"), act(visit, map[string]any{"category": "modality_electrical", "region": "upper_trapezius"}), 200)
}

// A device is screened and confirmed against its label before the app guides a session; a session that was held is stored.
func TestADeviceIsScreenedFirst(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-10")
	device := p.do("anna", at("devices"), map[string]any{"patient": annas, "make": "Example", "model": "One", "nerve_target": "upper_arm", "label_confirmed_by": "anna", "label_confirmed_on": "2026-01-01"}, 200)["id"].(string)
	row := at("devices") + "/" + device
	session := map[string]any{"patient": annas, "device": device, "mode": "acute", "state": "next", "started_at": p.instant()}
	held := maps.Clone(session)
	held["state"] = "done"
	guided := func(codes ...string) {
		t.Helper()
		for _, who := range []string{"anna", "thera", "assi"} {
			p.unchanged("guided", who, "POST", at("neuromod_sessions"), session, 422, codes...)
		}
		phone := p.h.Phone("anna")
		phone.Put("neuromod_sessions", "sessionofanna01", map[string]any{"patient": annas, "device": device, "mode": "acute", "state": "next", "started_at": "2026-01-10T15:00:00.000Z"})
		phone.Sync()
		if refused := phone.Refused("neuromod_sessions", "sessionofanna01"); refused == nil {
			t.Error("the phone was let through")
		}
	}
	guided("E_DEVICE_SCREEN")
	for range 3 {
		if made := p.do("anna", at("neuromod_sessions"), maps.Clone(held), 200); made["screened"] != false {
			t.Errorf("screened: %v", made["screened"])
		}
	}
	if n := p.count("tasks", "code='SESSION_UNSCREENED' AND state='open'"); n != 1 {
		t.Errorf("%d tasks for three sessions with one device", n)
	}
	p.edit("devices", device, map[string]any{"screening": said(map[string]any{"epilepsy_uncontrolled": false, "implanted_active": false, "heart_failure": false, "pregnancy": false})})
	guided("E_DEVICE_SCREEN")
	p.unchanged("she confirms the label herself", "anna", "PATCH", row, map[string]any{"label_version": "K241756"}, 422, "E_ROLE")
	p.unchanged("the assistant does", "assi", "PATCH", row, map[string]any{"label_version": "K241756"}, 422, "E_ROLE")
	p.unchanged("a question there is not", "anna", "PATCH", row, map[string]any{"screening": said(map[string]any{"weather": true})}, 422, "E_VALUE")
	p.edit("devices", device, map[string]any{"label_version": "K241756"})
	if made := p.do("anna", at("neuromod_sessions"), maps.Clone(session), 200); made["screened"] != true {
		t.Errorf("screened: %v", made["screened"])
	}
	p.unchanged("over the front of the neck", "anna", "POST", at("neuromod_sessions"), func() map[string]any { s := maps.Clone(session); s["site"] = "front of neck"; return s }(), 422, "E_MODALITY_SITE")
	if a := p.h.Do("anna", "PATCH", row, map[string]any{"screening": said(map[string]any{"epilepsy_uncontrolled": false, "implanted_active": false, "heart_failure": false, "pregnancy": true})}); a.Status != 200 || a.Body["label_version"] != "" || a.Body["label_confirmed_by"] != "" {
		t.Errorf("another answer leaves the label confirmed: %d %s", a.Status, a.Text)
	}
	guided("E_DEVICE_SCREEN")
}

// Cold, pressure and relaxation at home.
func TestASessionAtHome(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-10")
	cold := func(state, site string, pressed any) map[string]any {
		return map[string]any{"patient": annas, "type": "cold", "state": state, "site": site, "with_compression": pressed, "minutes": 20, "pain_before": 7, "pain_30min": 5, "pain_2h": 4, "started_at": p.instant()}
	}
	p.do("anna", at("modality_sessions"), cold("next", "forehead", true), 200)
	p.do("anna", at("modality_sessions"), cold("next", "back_of_neck", nil), 200)
	for _, site := range []string{"front_of_neck", "neck", "shoulders", ""} {
		p.unchanged("pressure on "+site, "anna", "POST", at("modality_sessions"), cold("next", site, true), 422, "E_MODALITY_SITE")
	}
	if n := p.count("tasks", "code='SESSION_UNSCREENED'"); n != 0 {
		t.Errorf("%d tasks for nothing", n)
	}
	p.do("anna", at("modality_sessions"), cold("", "neck", true), 200) // it was done: it is stored, and asked about
	if n := p.count("tasks", "code='SESSION_UNSCREENED' AND state='open'"); n != 1 {
		t.Errorf("%d tasks", n)
	}
	p.add("health_facts", map[string]any{"numb_skin": true})
	p.unchanged("cold on skin that does not feel", "anna", "POST", at("modality_sessions"), cold("next", "forehead", nil), 422, "E_COLD_SCREEN")
	for _, technique := range []string{"deep_breathing", "pmr", "guided_motor_imagery", "other"} {
		made := p.do("anna", at("relaxation_sessions"), map[string]any{"patient": annas, "technique": technique, "state": "next", "minutes": 10, "stress_before": 6, "tension_before": 5, "started_at": p.instant()}, 200)
		if a := p.h.Do("anna", "PATCH", at("relaxation_sessions")+"/"+made["id"].(string), map[string]any{"state": "done", "stress_after": 3, "tension_after": 2}); a.Status != 200 {
			t.Errorf("%s: %d %s", technique, a.Status, a.Text)
		}
	}
}

package hooks_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/access"
	"interictal/hooks/hookstest"
)

// everything gives a patient one row in every synced collection.
func everything(t *testing.T, h *hookstest.House, who string) {
	t.Helper()
	for collection, s := range samples(t, h.App, hookstest.ID(who)) {
		if collection == "patients" || collection == "consents" {
			continue
		}
		id := ""
		if day, ok := s.values["day"].(string); ok {
			owner := map[string]string{"diary_days": "patient", "menstrual_days": "patient", "trigger_exposures": "trigger"}[collection]
			id = s.values[owner].(string) + strings.ReplaceAll(day, "-", "")
		}
		save(t, h.App, collection, id, s.values)
	}
}

// staffPhone is a phone that holds the caseload.
func staffPhone(h *hookstest.House, who string) *hookstest.Phone {
	p := h.Phone(who)
	p.As = "staff"
	return p
}

// has counts what a phone holds of a patient, by collection.
func has(p *hookstest.Phone, who string) map[string]int {
	out := map[string]int{}
	for _, policy := range access.Synced() {
		for _, row := range p.Rows(policy.Collection) {
			if row["patient"] == hookstest.ID(who) || row["id"] == hookstest.ID(who) {
				out[policy.Collection]++
			}
		}
	}
	return out
}

func collections(counts map[string]int) string {
	var out []string
	for _, policy := range access.Synced() {
		if counts[policy.Collection] > 0 {
			out = append(out, policy.Collection)
		}
	}
	return strings.Join(out, " ")
}

func allSynced() string {
	var out []string
	for _, policy := range access.Synced() {
		out = append(out, policy.Collection)
	}
	return strings.Join(out, " ")
}

// Who holds whose records: the own diary on the own phone, the assigned patients as staff. The two
// worlds of a therapist with migraine never meet on one phone.
func TestExchangeByCapacity(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	people := []string{"anna", "bo", "cleo", "tess"}
	everything(t, h, "anna")
	everything(t, h, "tess")
	for _, who := range []string{"bo", "cleo"} {
		save(t, h.App, "attacks", hookstest.ID(who+"sattack"), map[string]any{"patient": hookstest.ID(who), "started_at": "2026-01-10 11:00:00.000Z"})
	}
	all := allSynced()
	shared := strings.NewReplacer("menstrual_days ", "", " reminders", "").Replace(all) // a consent of its own, which is not given; and what is hers alone
	for _, c := range []struct {
		who, as string
		holds   map[string]string
	}{
		{"anna", "", map[string]string{"anna": all}},
		{"anna", "patient", map[string]string{"anna": all}},
		{"anna", "staff", nil},
		{"tess", "", map[string]string{"tess": all}},
		{"tess", "patient", map[string]string{"tess": all}},
		{"tess", "staff", map[string]string{"anna": shared}},
		{"thera", "", map[string]string{"anna": shared}}, // keeps no diary
		{"thera", "staff", map[string]string{"anna": shared}},
		{"thera", "patient", nil},
		{"assi", "staff", map[string]string{"anna": shared}},
		{"neuro", "staff", map[string]string{"anna": "patients medications medication_doses medication_effects care_messages attack_plans"}},
		{"desk", "staff", nil},
		{"admin", "staff", nil},
		{"sid", "staff", map[string]string{"cleo": "patients consents attacks"}},
	} {
		p := h.Phone(c.who)
		p.As = c.as
		p.Sync()
		for _, whose := range people {
			if got := collections(has(p, whose)); got != c.holds[whose] {
				t.Errorf("%s as %q holds of %s: %s; want %s", c.who, c.as, whose, got, c.holds[whose])
			}
		}
	}
}

// What staff may write from a phone, and what not.
func TestExchangeOfStaffEntries(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "anna")
	everything(t, h, "tess")
	plan, err := h.App.FindFirstRecordByFilter("plans", "patient={:p}", dbx.Params{"p": annas})
	check(t, err)
	consent, err := h.App.FindFirstRecordByFilter("consents", "patient={:p}", dbx.Params{"p": annas})
	check(t, err)
	for i, c := range []struct {
		who, as, collection string
		state               map[string]any
		verdict, code       string
	}{
		{"thera", "staff", "attacks", attackOf("anna", nil), "applied", ""},
		{"assi", "staff", "attacks", attackOf("anna", nil), "applied", ""},
		{"thera", "patient", "attacks", attackOf("anna", nil), "refused", "E_FORBIDDEN"},
		{"thera", "staff", "attacks", attackOf("cleo", nil), "refused", "E_FORBIDDEN"},
		{"thera", "staff", "attacks", attackOf("tess", nil), "refused", "E_FORBIDDEN"},
		{"tess", "staff", "attacks", attackOf("tess", nil), "refused", "E_FORBIDDEN"}, // her own, but as staff
		{"tess", "", "attacks", attackOf("anna", nil), "refused", "E_FORBIDDEN"},      // her patient's, but as a patient
		{"tess", "", "attacks", attackOf("tess", nil), "applied", ""},
		{"thera", "staff", "plans", map[string]any{"id": plan.Id, "patient": annas, "state": "completed"}, "refused", "E_READ_ONLY"},
		{"thera", "staff", "consents", map[string]any{"id": consent.Id, "patient": annas, "state": "given"}, "refused", "E_READ_ONLY"},
		{"neuro", "staff", "attacks", attackOf("anna", nil), "refused", "E_FORBIDDEN"}, // never had that right
		{"neuro", "staff", "medications", map[string]any{"patient": annas, "name": "X", "drug_class": "triptan", "indication": "acute"}, "refused", "E_READ_ONLY"},
		{"desk", "staff", "attacks", attackOf("anna", nil), "refused", "E_FORBIDDEN"},
		{"admin", "staff", "patients", map[string]any{"id": annas, "name": "Hannah"}, "refused", "E_READ_ONLY"},
		{"thera", "staff", "attacks", map[string]any{"started_at": "2026-01-10T10:00:00.000Z"}, "refused", "E_FORBIDDEN"}, // of nobody
	} {
		name := fmt.Sprintf("%s as %q: %s of %v", c.who, c.as, c.collection, c.state["patient"])
		if c.state["id"] == nil {
			c.state["id"] = fmt.Sprintf("entryofstaff%05d", i)
		}
		before := h.Dump()
		a := h.Do(c.who, "POST", "/api/sync/exchange", map[string]any{"device": "phone-of-staff", "as": c.as, "limit": 1,
			"push": []any{map[string]any{"n": i + 1, "collection": c.collection, "base": nil, "state": c.state}}})
		verdict := verdictsOf(a)[0]
		data, _ := verdict["data"].(map[string]any)
		if verdict["verdict"] != c.verdict || c.code != "" && data[c.code] == nil {
			t.Errorf("%s: %v", name, verdict)
		}
		if c.verdict == "refused" && h.Dump() != before {
			t.Errorf("%s changed something", name)
		}
	}
	var refusals int
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM audit_events WHERE action='refuse' AND outcome='E_FORBIDDEN'").Row(&refusals))
	if refusals != 8 {
		t.Errorf("the audit tells of %d refusals", refusals)
	}
}

// bo is not thera's patient any more: nothing of him comes, and what she had not sent is kept for the new team.
func TestExchangeAfterACareLinkHasEnded(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "bo")
	thera := staffPhone(h, "thera")
	thera.Put("attacks", "attackofboesown", attackOf("bo", map[string]any{"note": "told on the phone"}))
	before := h.Dump()
	for range 2 {
		answer := thera.Send(500)
		if verdict := expectVerdicts(t, answer, "handedOver")[0]; verdict["doc"] != nil {
			t.Errorf("it shows %v", verdict)
		}
		if told := fmt.Sprint(answer.Body["revoked"]); told != fmt.Sprintf("[map[handedOver:1 patient:%s]]", hookstest.ID("bo")) {
			t.Errorf("revoked: %s", told)
		}
	}
	if h.Dump() != before {
		t.Error("something changed")
	}
	if kept := conflicts(t, h); len(kept) != 1 || !strings.HasPrefix(kept[0], "handed_over attacks/attackofboesown ") || !strings.Contains(kept[0], "told on the phone") {
		t.Errorf("kept: %v", kept)
	}
	thera.Sync()
	if got := has(thera, "bo"); len(got) > 0 || thera.Waiting() > 0 {
		t.Errorf("the phone holds %v", got)
	}
}

// The end of a link reaches the phone: tombstones of everything, also of what was deleted before.
func TestExchangeWhenACareLinkEnds(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "anna")
	thera, neuro := staffPhone(h, "thera"), staffPhone(h, "neuro")
	thera.Sync()
	neuro.Sync()
	attack, err := h.App.FindFirstRecordByFilter("attacks", "patient={:p}", dbx.Params{"p": annas})
	check(t, err)
	check(t, h.App.Delete(attack)) // neither has heard of it
	for _, who := range []string{"thera", "neuro"} {
		a := h.Do("root", "PATCH", "/api/collections/care_links/records/"+linkOf(t, h, who, "anna"), map[string]any{"until": "2026-01-20 10:00:00.000Z"})
		if a.Status != 200 {
			t.Fatal(a.Text)
		}
	}
	for _, p := range []*hookstest.Phone{thera, neuro} {
		answer := p.Send(500)
		if told := fmt.Sprint(answer.Body["revoked"]); told != "[map[handedOver:0 patient:"+annas+"]]" {
			t.Errorf("%s: revoked %s", p.Owner, told)
		}
		for _, c := range answer.Body["changes"].([]any) {
			c := c.(map[string]any)
			if doc := c["doc"].(map[string]any); doc["_deleted"] != true {
				t.Errorf("%s is shown %v", p.Owner, doc)
			}
			if p.Owner == "neuro" && !slices.Contains([]string{"patients", "medications", "medication_doses", "medication_effects", "attack_plans", "care_messages"}, c["collection"].(string)) {
				t.Errorf("neuro hears of %s, which was never shown", c["collection"])
			}
		}
		p.Take(answer)
		if got := has(p, "anna"); len(got) > 0 {
			t.Errorf("%s holds %v", p.Owner, got)
		}
	}
}

func linkOf(t *testing.T, h *hookstest.House, who, whose string) string {
	t.Helper()
	link, err := h.App.FindFirstRecordByFilter("care_links", `member={:m} && patient={:p} && until=""`, dbx.Params{"m": hookstest.ID(who), "p": hookstest.ID(whose)})
	check(t, err)
	return link.Id
}

// Consent is by family: withdrawn, that family leaves the phones of the team; given again, it comes back.
func TestExchangeFollowsConsent(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "anna")
	anna, thera, neuro := h.Phone("anna"), staffPhone(h, "thera"), staffPhone(h, "neuro")
	team := []*hookstest.Phone{thera, neuro}
	all := []*hookstest.Phone{anna, thera, neuro}
	syncAll := func() {
		for _, p := range all {
			p.Sync()
		}
	}
	syncAll()
	full := map[*hookstest.Phone]map[string]int{anna: has(anna, "anna"), thera: has(thera, "anna"), neuro: has(neuro, "anna")}
	decide := func(family, state string) {
		t.Helper()
		for _, row := range anna.Rows("consents") {
			if row["family"] == family {
				anna.Put("consents", row["id"].(string), map[string]any{"state": state})
			}
		}
		anna.Sync()
	}
	for _, c := range []struct {
		family string
		leaves []string
	}{
		{"diary", []string{"diary_days", "attacks", "attack_readings", "attack_phases", "triggers", "trigger_exposures", "safety_checks", "planned_tests"}},
		{"medication", []string{"medications", "medication_doses", "medication_effects", "attack_plans"}},
		{"exercise", []string{"cold_screens", "devices", "neuromod_sessions", "modality_sessions", "relaxation_sessions", "exercise_logs"}},
		{"messages", []string{"care_messages"}},
	} {
		decide(c.family, "withdrawn")
		syncAll()
		for _, p := range team {
			for collection, n := range full[p] {
				if slices.Contains(c.leaves, collection) {
					n = 0
				}
				if got := has(p, "anna")[collection]; got != n {
					t.Errorf("without consent to %s, %s holds %d of %s, not %d", c.family, p.Owner, got, collection, n)
				}
			}
		}
		if got := has(anna, "anna"); fmt.Sprint(got) != fmt.Sprint(full[anna]) {
			t.Errorf("anna lost something: %v", got)
		}
		fresh := staffPhone(h, "thera")
		fresh.Sync()
		if got := has(fresh, "anna"); fmt.Sprint(got) != fmt.Sprint(has(thera, "anna")) {
			t.Errorf("a new phone holds %v", got)
		}
		decide(c.family, "given")
		syncAll()
		for _, p := range team {
			if got := has(p, "anna"); fmt.Sprint(got) != fmt.Sprint(full[p]) {
				t.Errorf("given again, %s holds %v", p.Owner, got)
			}
		}
	}
}

// A new member of the team sees what the patient shares, and not even the ids of the rest.
func TestExchangeOfANewMember(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "bo")
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE family='diary' AND patient='"+hookstest.ID("bo")+"'")
	thera := staffPhone(h, "thera")
	thera.Sync()
	save(t, h.App, "care_links", "", map[string]any{"patient": hookstest.ID("bo"), "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-20 10:00:00.000Z"})
	for _, c := range thera.Send(500).Body["changes"].([]any) {
		if c := c.(map[string]any); slices.Contains([]string{"diary_days", "attacks", "triggers"}, c["collection"].(string)) {
			t.Errorf("she hears of %v", c)
		}
	}
	thera.Sync()
	want := "patients consents medications medication_doses medication_effects health_facts safety_alerts cold_screens devices neuromod_sessions modality_sessions relaxation_sessions exercises exercise_versions exercise_logs plans visits goals plan_items care_messages change_reports instrument_responses adverse_events education_assignments attack_plans readiness_answers"
	if got := collections(has(thera, "bo")); got != want {
		t.Errorf("she holds %s", got)
	}
	runSQL(t, h.App, "DELETE FROM consents WHERE family='medication' AND patient='"+hookstest.ID("bo")+"'")
	thera.Sync()
	if got := collections(has(thera, "bo")); strings.Contains(got, "medication") {
		t.Errorf("a consent that is gone is none: she holds %s", got)
	}
}

// Twenty phones write into one diary at once.
func TestExchangeOfTwentyPhonesAtOnce(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phones := make([]*hookstest.Phone, 20)
	for i := range phones {
		phones[i] = h.Phone("anna")
	}
	var group sync.WaitGroup
	for i, p := range phones {
		group.Go(func() {
			for round := range 2 {
				p.Put("attacks", fmt.Sprintf("attack%02dof%02d0000", round, i), attackOf("anna", map[string]any{"note": fmt.Sprint(i, round)}))
				p.Put("diary_days", annas+"20260105", map[string]any{"patient": annas, "day": "2026-01-05", "note": fmt.Sprint("word", i, "-", round)})
				p.Sync()
			}
		})
	}
	group.Wait()
	var rows, numbers int
	check(t, h.App.DB().NewQuery("SELECT COUNT(*), COUNT(DISTINCT seq) FROM sync_log").Row(&rows, &numbers))
	if rows != numbers {
		t.Errorf("%d lines, %d numbers", rows, numbers)
	}
	for _, p := range phones {
		p.Sync()
		if len(p.Rows("attacks")) != 40 || p.Waiting() > 0 {
			t.Errorf("%s has %d attacks", p.Device, len(p.Rows("attacks")))
		}
	}
	words := strings.Join(conflicts(t, h), " ") + fmt.Sprint(phones[0].Row("diary_days", annas+"20260105"))
	var history []string
	check(t, h.App.DB().NewQuery("SELECT data FROM sync_history WHERE col='diary_days'").Column(&history))
	words += strings.Join(history, " ")
	for i := range phones {
		for round := range 2 {
			if word := fmt.Sprint("word", i, "-", round); !strings.Contains(words, word) {
				t.Errorf("%s is lost", word)
			}
		}
	}
}

// patientAt names one of many patients.
func patientAt(i int) string { return fmt.Sprintf("patientof%06d", i) }

// caseload gives thera more patients, each with so many attacks.
func caseload(t testing.TB, h *hookstest.House, patients, attacks int) {
	t.Helper()
	check(t, h.App.RunInTransaction(func(tx core.App) error {
		for i := range patients {
			id := patientAt(i)
			runSQL(t, tx, "INSERT INTO patients(id, clinic, name, timezone) VALUES('"+id+"', '"+hookstest.ID("north")+"', 'P', 'Europe/Berlin')")
			runSQL(t, tx, "INSERT INTO consents(id, patient, family, state) VALUES('c"+id+"', '"+id+"', 'diary', 'given')")
			runSQL(t, tx, "INSERT INTO care_links(id, patient, member, role) VALUES('link"+id[4:]+"', '"+id+"', '"+hookstest.ID("thera")+"', 'therapist')")
			for j := range attacks {
				runSQL(t, tx, fmt.Sprintf("INSERT INTO attacks(id, patient, started_at) VALUES('attack%05d%06d', '%s', '2026-01-01 00:00:00.000Z')", i, j, id))
			}
		}
		return nil
	}))
}

// One exchange of a therapist: the first page, with nothing new, and with one new row.
func BenchmarkExchangeOfACaseload(b *testing.B) {
	for _, patients := range []int{10, 40, 150} {
		h := hookstest.New(b)
		caseload(b, h, patients, 100)
		thera := staffPhone(h, "thera")
		exchange := func(name string) {
			b.Run(fmt.Sprint(patients, " patients, ", name), func(b *testing.B) {
				for b.Loop() {
					thera.Send(500)
				}
			})
		}
		exchange("the first page")
		thera.Sync()
		exchange("nothing new")
		save(b, h.App, "attacks", oneAttack, map[string]any{"patient": annas, "started_at": "2026-01-20 10:00:00.000Z"})
		exchange("one new row")
	}
}

// A page is read by index: its cost grows with what is in it, not with the log.
func TestNewsAreReadByIndex(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "anna")
	for query, want := range map[string][]string{
		hooks.NewsOfAll: {"SEARCH sync_log USING INDEX sync_log_scope (scope=? AND audience=? AND seq>?)",
			"SEARCH sync_log USING INDEX sync_log_audience (audience=? AND seq>?)"},
		hooks.NewsOfOne: {"SEARCH sync_log USING INDEX sync_log_scope_col (col=? AND audience=? AND scope=? AND seq>?)",
			"SEARCH sync_log USING INDEX sync_log_audience_col (audience=? AND col=? AND seq>?)"},
	} {
		var plan []struct{ Detail string }
		check(t, h.App.DB().NewQuery("EXPLAIN QUERY PLAN "+query).Bind(dbx.Params{"since": 0, "limit": 500, "col": "attacks",
			"me": hookstest.ID("thera"), "mine": `[["` + annas + `", " attacks "]]`}).All(&plan))
		var reads []string
		for _, step := range plan {
			if strings.Contains(step.Detail, "SEARCH sync_log") || strings.Contains(step.Detail, "SCAN sync_log") {
				reads = append(reads, step.Detail)
			}
		}
		if !slices.Equal(reads, want) {
			t.Errorf("it reads %q of %v", reads, plan)
		}
	}
}

// A new member's first page tells each row once, though a grant lists again what stood before it.
func TestANewMemberHearsEachRowOnce(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "anna")
	link, err := h.App.FindRecordById("care_links", linkOf(t, h, "thera", "anna"))
	check(t, err)
	link.Set("until", "2026-01-20 10:00:00.000Z")
	check(t, h.App.Save(link))
	save(t, h.App, "care_links", "", map[string]any{"patient": annas, "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-20 10:00:00.000Z"})
	a := h.Do("thera", "POST", "/api/sync/exchange", map[string]any{"device": "device-of-thera", "schema": 1, "as": "staff"})
	told := map[string]int{}
	for _, c := range a.Body["changes"].([]any) {
		change := c.(map[string]any)
		told[change["collection"].(string)+"/"+change["doc"].(map[string]any)["id"].(string)]++
	}
	for row, n := range told {
		if n != 1 {
			t.Errorf("%s is told %d times", row, n)
		}
	}
	if told["patients/"+annas] != 1 || len(told) < 10 {
		t.Errorf("told of %v", told)
	}
}

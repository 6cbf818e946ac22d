package hooks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks"
	"interictal/hooks/access"
	list "interictal/hooks/caseload"
	"interictal/hooks/hookstest"
)

// sample is a row of a synced collection that can stand, and one change to it.
type sample struct {
	values map[string]any
	field  string
	change []any // values the field takes one after the other
}

// samples gives every synced collection a row of one patient, who has rows for them to refer to.
func samples(t testing.TB, app core.App, patient string) map[string]sample {
	t.Helper()
	attack := save(t, app, "attacks", "", map[string]any{"patient": patient, "started_at": "2026-01-10 10:00:00.000Z"})
	medicine := save(t, app, "medications", "", map[string]any{"patient": patient, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"})
	trigger := save(t, app, "triggers", "", map[string]any{"patient": patient, "name": "Red wine", "kind": "yes_no"})
	exercise := save(t, app, "exercises", "", map[string]any{"patient": patient, "name": "Chin nods"})
	plan := save(t, app, "plans", "", map[string]any{"patient": patient, "clinic": hookstest.ID("north"), "episode": "1", "state": "draft"})
	problem := save(t, app, "problems", "", map[string]any{"patient": patient, "plan": plan.Id, "domain": "lifestyle", "name": "Short nights"})
	goal := save(t, app, "goals", "", map[string]any{"patient": patient, "plan": plan.Id, "domain": "frequency", "metric": "MHD28", "direction": "lower"})
	device := save(t, app, "devices", "", map[string]any{"patient": patient, "make": "Example", "nerve_target": "upper_arm"})
	words := []any{"one", "two", "three"}
	return map[string]sample{
		"patients":              {map[string]any{"clinic": hookstest.ID("north"), "name": "Nils", "timezone": "Europe/Berlin", "active": true}, "phone", words},
		"consents":              {map[string]any{"patient": patient, "family": "diary", "state": "withdrawn", "decided_at": "2026-01-01 09:00:00.000Z"}, "version", words},
		"diary_days":            {map[string]any{"patient": patient, "day": "2026-01-05", "headache": false}, "neck_pain_nrs", []any{0, 5, nil}},
		"attacks":               {map[string]any{"patient": patient, "started_at": "2026-01-12 10:00:00.000Z", "nausea": true}, "peak_nrs", []any{3, 7, nil}},
		"attack_readings":       {map[string]any{"patient": patient, "attack": attack.Id, "at": "2026-01-10 11:00:00.000Z"}, "nrs", []any{3, 7, nil}},
		"attack_phases":         {map[string]any{"patient": patient, "attack": attack.Id, "phase": "aura", "from": "2026-01-10 09:00:00.000Z"}, "phase", []any{"prodrome", "headache", "fading"}},
		"medications":           {map[string]any{"patient": patient, "name": "Naproxen", "drug_class": "simple_analgesic", "indication": "acute"}, "strength", words},
		"medication_doses":      {map[string]any{"patient": patient, "medication": medicine.Id, "attack": attack.Id, "taken_at": "2026-01-10 11:00:00.000Z"}, "worked", []any{true, false, nil}},
		"triggers":              {map[string]any{"patient": patient, "name": "Weather", "kind": "yes_no"}, "note", words},
		"trigger_exposures":     {map[string]any{"patient": patient, "trigger": trigger.Id, "day": "2026-01-05"}, "exposed", []any{true, false, nil}},
		"menstrual_days":        {map[string]any{"patient": patient, "day": "2026-01-05"}, "started", []any{true, false, nil}},
		"planned_tests":         {map[string]any{"patient": patient, "factor": trigger.Id, "name": "Red wine", "unit": "day", "pairs": 8, "start": "2026-01-12", "seed": "1", "with_first": types.JSONRaw(`[true,false]`), "drawn_at": "2026-01-10 11:00:00.000Z", "drawn_by": "system"}, "stopped_on", []any{"2026-03-01", "2026-03-02", ""}},
		"exercises":             {map[string]any{"patient": patient, "name": "Row"}, "sets", []any{2, 3, nil}},
		"exercise_logs":         {map[string]any{"patient": patient, "exercise": exercise.Id, "done_at": "2026-01-10 11:00:00.000Z"}, "note", words},
		"plans":                 {map[string]any{"patient": patient, "clinic": hookstest.ID("north"), "episode": "2", "state": "draft"}, "planned_end", []any{"2026-02-06", "2026-02-07", ""}},
		"visits":                {map[string]any{"patient": patient, "plan": plan.Id, "kind": "treatment", "mode": "video", "status": "scheduled"}, "mode", []any{"phone", "in_person", "video"}},
		"goals":                 {map[string]any{"patient": patient, "plan": plan.Id, "domain": "sleep", "metric": "PSQI", "direction": "lower"}, "target", []any{5, 4.5, nil}},
		"exercise_versions":     {map[string]any{"patient": patient, "exercise": exercise.Id, "version": 2, "from": "2026-01-10", "cause": "edited", "at": "2026-01-10 11:00:00.000Z"}, "started_on", []any{"2026-01-11", "2026-01-12", "2026-01-13"}},
		"education_assignments": {map[string]any{"patient": patient, "item": "e02000000000000"}, "taught_back_note", words},
		"plan_items": {map[string]any{"patient": patient, "plan": plan.Id, "category": "education", "name": "Sleep", "goals": types.JSONArray[string]{goal.Id}, "problems": types.JSONArray[string]{problem.Id},
			"mechanism": types.JSONArray[string]{"lifestyle", "arousal"}}, "dose", words},

		"medication_effects": {map[string]any{"patient": patient, "medication": medicine.Id, "effect": "tired", "noted_on": "2026-01-05"}, "severity", []any{3, 7, nil}},

		"care_messages":  {map[string]any{"patient": patient, "body": "How was the week?"}, "read_by_patient", []any{"2026-01-10 11:00:00.000Z", "2026-01-10 12:00:00.000Z", "2026-01-10 13:00:00.000Z"}},
		"change_reports": {map[string]any{"patient": patient, "reason": "work_change", "happened_on": "2026-01-05"}, "note", words},
		"instrument_responses": {map[string]any{"patient": patient, "instrument": "midas", "occasion": "start", "answers": types.JSONRaw(`{"q1":3,"q2":null}`)},
			"note", words},
		"health_facts":        {map[string]any{"patient": patient}, "cancer", []any{false, true, nil}},
		"cold_screens":        {map[string]any{"patient": patient, "asked_at": "2026-01-10 11:00:00.000Z", "answers": `{"raynaud":false}`}, "answers", []any{`{"raynaud":true}`, `{"raynaud":null}`, `{}`}},
		"reminders":           {map[string]any{"patient": patient, "diary_at": "20:30"}, "exercise_at", []any{"08:00", "09:15", ""}},
		"safety_checks":       {map[string]any{"patient": patient, "asked_at": "2026-01-10 11:00:00.000Z", "answers": `{"fever":false}`}, "rules", words},
		"safety_alerts":       {map[string]any{"patient": patient, "level": "soon", "code": "NEW_TYPE", "raised_at": "2026-01-10 11:00:00.000Z", "happened_at": "2026-01-10 11:00:00.000Z"}, "note", words},
		"devices":             {map[string]any{"patient": patient, "make": "Example", "nerve_target": "supraorbital"}, "note", words},
		"neuromod_sessions":   {map[string]any{"patient": patient, "device": device.Id, "mode": "acute", "started_at": "2026-01-10 11:00:00.000Z"}, "pain_2h", []any{3, 7, nil}},
		"modality_sessions":   {map[string]any{"patient": patient, "type": "cold", "site": "forehead", "started_at": "2026-01-10 11:00:00.000Z"}, "pain_30min", []any{3, 7, nil}},
		"relaxation_sessions": {map[string]any{"patient": patient, "technique": "pmr", "started_at": "2026-01-10 11:00:00.000Z"}, "stress_after", []any{3, 7, nil}},
		"adverse_events":      {map[string]any{"patient": patient, "type": "soreness", "happened_at": "2026-01-10 11:00:00.000Z"}, "severity", []any{3, 7, nil}},
		"attack_plans":        {map[string]any{"patient": patient, "steps": "Lie down in the dark."}, "steps", words},
		"readiness_answers":   {map[string]any{"patient": patient, "plan": plan.Id, "statement": "relief", "answer": "no"}, "action", words},
	}
}

func save(t testing.TB, app core.App, collection, id string, values map[string]any) *core.Record {
	t.Helper()
	c, err := app.FindCollectionByNameOrId(collection)
	check(t, err)
	r := core.NewRecord(c)
	r.Load(values)
	if id != "" {
		r.Id = id
	}
	hooks.Decided(r)
	check(t, app.Save(r))
	return r
}

// nora is a patient in nobody's care, who shares nothing.
func nora(t testing.TB, app core.App) string {
	t.Helper()
	return save(t, app, "patients", hookstest.ID("nora"), map[string]any{"clinic": hookstest.ID("north"), "name": "Nora", "timezone": "Europe/Berlin"}).Id
}

func runSQL(t testing.TB, app core.App, statement string) {
	t.Helper()
	_, err := app.DB().NewQuery(statement).Execute()
	check(t, err)
}

// writer is one way to change a table.
type writer struct {
	name   string
	insert func(*core.Record) error
	update func(r *core.Record, field string, value any) error
	delete func(*core.Record) error
}

func writers(app core.App) []writer {
	raw := func(r *core.Record) string { return r.Collection().Name }
	return []writer{{
		name:   "app.Save",
		insert: func(r *core.Record) error { hooks.Decided(r); return app.Save(r) },
		update: func(r *core.Record, field string, value any) error {
			now, err := app.FindRecordById(r.Collection(), r.Id)
			if err == nil {
				hooks.Decided(now)
				now.Set(field, value)
				err = app.Save(now)
			}
			return err
		},
		delete: func(r *core.Record) error {
			if name := r.Collection().Name; slices.Contains([]string{"plans", "visits", "exercise_versions", "safety_alerts", "safety_checks", "adverse_events", "health_facts"}, name) { // kept for good: only SQL removes one
				_, err := app.DB().Delete(name, dbx.HashExp{"id": r.Id}).Execute()
				return err
			}
			return app.Delete(r)
		},
	}, {
		name: "raw SQL",
		insert: func(r *core.Record) error {
			values, err := r.DBExport(app)
			if err == nil {
				_, err = app.DB().Insert(raw(r), values).Execute()
			}
			return err
		},
		update: func(r *core.Record, field string, value any) error {
			r.Set(field, value)
			values, err := r.DBExport(app)
			if err == nil {
				_, err = app.DB().Update(raw(r), dbx.Params{field: values[field], "updated": time.Now().String()}, dbx.HashExp{"id": r.Id}).Execute()
			}
			return err
		},
		delete: func(r *core.Record) error {
			_, err := app.DB().Delete(raw(r), dbx.HashExp{"id": r.Id}).Execute()
			return err
		},
	}}
}

// entries reads the journal of one document: its lines, and its superseded versions as
// `seq value`, with † for a tombstone.
func entries(t testing.TB, app core.App, collection, doc, field string) (lines []string, newest int64, versions []string) {
	t.Helper()
	var log []struct {
		Seq                 int64
		Op, Scope, Audience string
	}
	check(t, app.DB().Select("seq", "op", "scope", "audience").From("sync_log").Where(dbx.HashExp{"col": collection, "doc": doc}).OrderBy("seq").All(&log))
	for _, l := range log {
		lines = append(lines, strings.TrimSpace(l.Op+" "+l.Scope+" "+l.Audience))
		newest = l.Seq
	}
	var history []struct {
		Seq  int64
		Data *string
	}
	check(t, app.DB().Select("seq", "data").From("sync_history").Where(dbx.HashExp{"col": collection, "doc": doc}).OrderBy("seq").All(&history))
	for _, h := range history {
		if h.Data == nil {
			versions = append(versions, fmt.Sprintf("%d †", h.Seq))
			continue
		}
		var data map[string]any
		check(t, json.Unmarshal([]byte(*h.Data), &data))
		versions = append(versions, fmt.Sprintf("%d %v", h.Seq, data[field]))
	}
	return lines, newest, versions
}

// A row's life, in every synced collection, by every way to write.
func TestJournalOfEverySyncedCollection(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	patient := nora(t, h.App)
	rows := samples(t, h.App, patient)
	for _, policy := range access.Synced() {
		s, known := rows[policy.Collection]
		if !known {
			t.Errorf("%s has no sample here", policy.Collection)
			continue
		}
		for i, w := range writers(h.App) {
			t.Run(policy.Collection+" by "+w.name, func(t *testing.T) { lifeOfARow(t, h.App, w, policy.Collection, s, i) })
		}
	}
}

func lifeOfARow(t *testing.T, app core.App, w writer, collection string, s sample, nth int) {
	c, err := app.FindCollectionByNameOrId(collection)
	check(t, err)
	fresh := func() *core.Record {
		r := core.NewRecord(c)
		r.Load(s.values)
		r.Set(s.field, s.change[0])
		r.Id = fmt.Sprintf("liveslongenough%d", nth)
		if day := r.GetString("day"); day != "" {
			r.Id = r.GetString(map[string]string{"diary_days": "patient", "menstrual_days": "patient", "trigger_exposures": "trigger"}[collection]) + strings.ReplaceAll(day, "-", "")
		}
		return r
	}
	r := fresh()
	scope := r.GetString("patient")
	if collection == "patients" {
		scope = r.Id
	}
	_, _, earlier := entries(t, app, collection, r.Id, s.field) // a day's row has one id, whoever makes it
	var seqs []int64
	expect := func(did, op string, versions ...any) {
		t.Helper()
		lines, newest, got := entries(t, app, collection, r.Id, s.field)
		want := slices.Clone(earlier)
		for i, v := range versions {
			want = append(want, fmt.Sprintf("%d %v", seqs[i], v))
		}
		if len(lines) != 1 || lines[0] != op+" "+scope || !slices.Equal(got, want) {
			t.Fatalf("%s: log %v, history %v; want %s %s, %v", did, lines, got, op, scope, want)
		}
		if len(seqs) == 0 || newest > seqs[len(seqs)-1] {
			seqs = append(seqs, newest)
		}
	}
	if len(earlier) > 0 { // deleted by the other writer
		_, newest, _ := entries(t, app, collection, r.Id, s.field)
		earlier = append(earlier, fmt.Sprintf("%d †", newest))
	}
	value := func(i int) any {
		var out any
		body, _ := json.Marshal(s.change[i])
		json.Unmarshal(body, &out)
		return out
	}

	check(t, w.insert(r))
	expect("made", "U")
	check(t, w.update(r, s.field, s.change[1]))
	expect("changed", "U", value(0))
	check(t, w.update(r, s.field, s.change[1]))
	expect("changed to the same", "U", value(0))
	if len(seqs) != 2 {
		t.Fatalf("an equal update made news: %v", seqs)
	}
	check(t, w.update(r, s.field, s.change[2]))
	expect("changed again", "U", value(0), value(1))
	check(t, w.delete(r))
	expect("deleted", "D", value(0), value(1), value(2))
	r = fresh()
	check(t, w.insert(r))
	expect("made again", "U", value(0), value(1), value(2), "†")
	check(t, w.delete(r))
}

func TestJournalOfACascade(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	patient := nora(t, h.App)
	attack := save(t, h.App, "attacks", "", map[string]any{"patient": patient, "started_at": "2026-01-10 10:00:00.000Z"})
	reading := save(t, h.App, "attack_readings", "", map[string]any{"patient": patient, "attack": attack.Id, "at": "2026-01-10 11:00:00.000Z", "nrs": 7})
	phase := save(t, h.App, "attack_phases", "", map[string]any{"patient": patient, "attack": attack.Id, "phase": "aura", "from": "2026-01-10 09:00:00.000Z"})
	medicine := save(t, h.App, "medications", "", map[string]any{"patient": patient, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"})
	dose := save(t, h.App, "medication_doses", "", map[string]any{"patient": patient, "medication": medicine.Id, "attack": attack.Id, "taken_at": "2026-01-10 11:00:00.000Z"})
	check(t, h.App.Delete(attack))
	for _, c := range []struct {
		r         *core.Record
		op, field string
		was       any
	}{{attack, "D", "started_at", "2026-01-10 10:00:00.000Z"}, {reading, "D", "nrs", 7}, {phase, "D", "phase", "aura"}, {dose, "U", "attack", attack.Id}} {
		lines, _, versions := entries(t, h.App, c.r.Collection().Name, c.r.Id, c.field)
		if len(lines) != 1 || lines[0] != c.op+" "+patient || len(versions) != 1 || !strings.HasSuffix(versions[0], fmt.Sprintf(" %v", c.was)) {
			t.Errorf("%s: log %v, history %v", c.r.Collection().Name, lines, versions)
		}
	}
}

func TestJournalForgetsWhatWasRolledBack(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	patient := nora(t, h.App)
	attack := save(t, h.App, "attacks", "", map[string]any{"patient": patient, "started_at": "2026-01-10 10:00:00.000Z"})
	before := h.Dump()
	err := h.App.RunInTransaction(func(tx core.App) error {
		save(t, tx, "attacks", "", map[string]any{"patient": patient, "started_at": "2026-01-11 10:00:00.000Z"})
		now, err := tx.FindRecordById("attacks", attack.Id)
		check(t, err)
		now.Set("peak_nrs", 9)
		check(t, tx.Save(now))
		check(t, tx.Delete(now))
		return fmt.Errorf("no")
	})
	if err == nil || h.Dump() != before {
		t.Error("a rolled back transaction left something")
	}
	_, was, _ := entries(t, h.App, "attacks", attack.Id, "peak_nrs")
	next := save(t, h.App, "attacks", "", map[string]any{"patient": patient, "started_at": "2026-01-12 10:00:00.000Z"})
	if _, is, _ := entries(t, h.App, "attacks", next.Id, "peak_nrs"); is != was+1 {
		t.Errorf("the numbers have a gap: %d, %d", was, is)
	}
}

func TestJournalKeepsARowWithItsPatient(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	patient := nora(t, h.App)
	attack := save(t, h.App, "attacks", hookstest.ID("att"), map[string]any{"patient": patient, "started_at": "2026-01-10 10:00:00.000Z"})
	gone := save(t, h.App, "attacks", hookstest.ID("gone"), map[string]any{"patient": patient, "started_at": "2026-01-10 10:00:00.000Z"})
	check(t, h.App.Delete(gone))
	before := h.Dump()
	copied := "SELECT '%s' AS id, '%s' AS patient, started_at FROM attacks WHERE id='" + attack.Id + "'"
	for name, c := range map[string]struct{ statement, code string }{
		"another id":                {"UPDATE attacks SET id='anotheridforthis' WHERE id='" + attack.Id + "'", "E_SCOPE_FIXED"},
		"another patient":           {"UPDATE attacks SET patient='" + hookstest.ID("bo") + "' WHERE id='" + attack.Id + "'", "E_SCOPE_FIXED"},
		"another id of a patient":   {"UPDATE patients SET id='anotheridforthis' WHERE id='" + patient + "'", "E_SCOPE_FIXED"},
		"replaced":                  {"INSERT OR REPLACE INTO attacks(id, patient, started_at) " + fmt.Sprintf(copied, attack.Id, patient), "E_REPLACE"},
		"replaced for somebody":     {"INSERT OR REPLACE INTO attacks(id, patient, started_at) " + fmt.Sprintf(copied, attack.Id, hookstest.ID("bo")), "E_SCOPE_FIXED"},
		"made again for somebody":   {"INSERT INTO attacks(id, patient, started_at) " + fmt.Sprintf(copied, gone.Id, hookstest.ID("bo")), "E_SCOPE_FIXED"},
		"a consent to other things": {"UPDATE consents SET family='menstrual' WHERE patient='" + hookstest.ID("anna") + "' AND family='diary'", "E_SCOPE_FIXED"},
		"a care link moved":         {"UPDATE care_links SET patient='" + hookstest.ID("bo") + "' WHERE member='" + hookstest.ID("thera") + "' AND until=''", "E_LINK_FIXED"},
		"a care link opened again":  {"UPDATE care_links SET until='' WHERE until<>''", "E_LINK_FIXED"},
	} {
		if _, err := h.App.DB().NewQuery(c.statement).Execute(); err == nil || !strings.Contains(err.Error(), c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if h.Dump() != before {
		t.Error("something changed")
	}
	runSQL(t, h.App, "INSERT INTO attacks(id, patient, started_at) "+fmt.Sprintf(copied, attack.Id, patient)+" ON CONFLICT(id) DO UPDATE SET note='upsert'")
	if lines, _, versions := entries(t, h.App, "attacks", attack.Id, "note"); len(lines) != 1 || len(versions) != 1 {
		t.Errorf("an upsert is an update: %v %v", lines, versions)
	}
}

// plan_events and audit_events only grow, also for a superuser.
func TestJournalOfEventsIsAppendOnly(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	at := "2026-01-10 10:00:00.000Z"
	for collection, values := range map[string]map[string]any{
		"plan_events":  {"plan": "p", "patient": hookstest.ID("anna"), "kind": "transition", "actor": "system", "at": at},
		"audit_events": {"seq": 100, "at": at, "actor": "system", "action": "read", "prev": "start", "hash": "h"},
	} {
		id := save(t, h.App, collection, "", values).Id
		before := h.Do("root", "GET", "/api/collections/"+collection+"/records/"+id, nil).Text
		for _, statement := range []string{"UPDATE " + collection + " SET actor='me'", "DELETE FROM " + collection} {
			if _, err := h.App.DB().NewQuery(statement).Execute(); err == nil || !strings.Contains(err.Error(), "E_APPEND_ONLY") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		for method, body := range map[string]any{"PATCH": map[string]any{"actor": "me"}, "DELETE": nil} {
			if a := h.Do("root", method, "/api/collections/"+collection+"/records/"+id, body); a.Status != 422 || !a.Has("E_KEPT") {
				t.Errorf("%s of %s as superuser: %d %s", method, collection, a.Status, a.Text)
			}
		}
		if after := h.Do("root", "GET", "/api/collections/"+collection+"/records/"+id, nil).Text; after != before {
			t.Errorf("%s changed: %s", collection, after)
		}
	}
}

// Whatever SQL does to the tables, who reads the log from where she was has the tables, and
// every version that was ever there is in the log or in history.
func TestJournalReplayedIsTheTables(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			h := hookstest.New(t)
			s := scribe{TB: t, Rand: rand.New(rand.NewPCG(seed, 7)), app: h.App, rows: samples(t, h.App, nora(t, h.App)),
				copy: map[string]dbx.NullStringMap{}, said: map[string][]string{}}
			for range 40 {
				s.write()
				s.read()
			}
			s.compare()
		})
	}
}

// scribe writes at random and keeps a copy by reading the log.
type scribe struct {
	testing.TB
	*rand.Rand
	app  core.App
	rows map[string]sample
	copy map[string]dbx.NullStringMap // collection/id → row, by replay
	last int64
	said map[string][]string // collection/id → versions in order, by what was written
}

// write is one transaction of a few statements; one in five is rolled back.
func (s *scribe) write() {
	said := maps.Clone(s.said)
	rollback := fmt.Errorf("rolled back")
	err := s.app.RunInTransaction(func(tx core.App) error {
		for range 1 + s.IntN(6) {
			s.statement(tx)
		}
		if s.IntN(5) == 0 {
			return rollback
		}
		return nil
	})
	if err == rollback {
		s.said = said
		return
	}
	check(s, err)
}

func (s *scribe) statement(tx core.App) {
	names := slices.Sorted(maps.Keys(s.rows))
	collection := names[s.IntN(len(names))]
	if collection == "consents" || collection == "plans" || collection == "health_facts" || collection == "reminders" { // one row each: unique by family, episode, patient
		collection = "attacks"
	}
	sample := s.rows[collection]
	id := fmt.Sprintf("madebyascribe00%d", s.IntN(3))
	key := collection + "/" + id
	value := sample.change[s.IntN(len(sample.change))]
	stored, _ := json.Marshal(value)
	text := string(stored)
	if word, ok := value.(string); ok {
		text = word
	}
	params := dbx.Params{"id": id, "v": text}
	now := s.now(key)
	switch kind := s.IntN(4); {
	case now == "" && kind < 3:
		r := map[string]any{"id": id, sample.field: text}
		for field, v := range sample.values {
			if field != sample.field {
				r[field] = v
			}
		}
		if collection == "diary_days" || collection == "menstrual_days" || collection == "trigger_exposures" {
			r["day"] = "2025-05-0" + id[len(id)-1:]
		}
		if _, ok := r["patient"]; !ok && collection != "patients" {
			s.Fatal("no patient")
		}
		_, err := tx.DB().Insert(collection, dbx.Params(r)).Execute()
		check(s, err)
		s.say(key, text)
	case now != "" && kind == 0:
		_, err := tx.DB().NewQuery("DELETE FROM " + collection + " WHERE id={:id}").Bind(params).Execute()
		check(s, err)
		s.say(key, "†")
	case now != "":
		_, err := tx.DB().NewQuery("UPDATE " + collection + " SET [[" + sample.field + "]]={:v}, updated='" + fmt.Sprint(s.IntN(9)) + "' WHERE id={:id}").Bind(params).Execute()
		check(s, err)
		if now != text {
			s.say(key, text)
		}
	}
}

func (s *scribe) say(key, value string) { s.said[key] = append(slices.Clone(s.said[key]), value) }

// now is what was written last; "" for no row.
func (s *scribe) now(key string) string {
	all := s.said[key]
	if len(all) == 0 || all[len(all)-1] == "†" {
		return ""
	}
	return all[len(all)-1]
}

// read takes what the log has since last time, as a phone does.
func (s *scribe) read() {
	var lines []struct {
		Seq          int64
		Col, Doc, Op string
	}
	check(s, s.app.DB().NewQuery("SELECT seq, col, doc, op FROM sync_log WHERE audience='' AND seq>{:s} ORDER BY seq").Bind(dbx.Params{"s": s.last}).All(&lines))
	for _, l := range lines {
		s.last = l.Seq
		delete(s.copy, l.Col+"/"+l.Doc)
		if l.Op == "U" {
			row := dbx.NullStringMap{}
			check(s, s.app.DB().Select("*").From(l.Col).Where(dbx.HashExp{"id": l.Doc}).One(row))
			s.copy[l.Col+"/"+l.Doc] = row
		}
	}
}

func (s *scribe) compare() {
	found := 0
	for _, policy := range access.Synced() {
		var rows []dbx.NullStringMap
		check(s, s.app.DB().Select("*").From(policy.Collection).All(&rows))
		for _, row := range rows {
			found++
			mine := s.copy[policy.Collection+"/"+row["id"].String]
			delete(row, "updated")
			delete(mine, "updated")
			if !maps.Equal(mine, row) {
				s.Errorf("%s: replayed %v, is %v", policy.Collection, mine, row)
			}
		}
	}
	if found != len(s.copy) {
		s.Errorf("the copy has %d rows, the tables %d", len(s.copy), found)
	}
	for key, versions := range s.said {
		collection, id, _ := strings.Cut(key, "/")
		_, _, history := entries(s, s.app, collection, id, s.rows[collection].field)
		for i, version := range versions[:len(versions)-1] {
			if version == "null" {
				version = "<nil>"
			}
			if i >= len(history) || !strings.HasSuffix(history[i], " "+version) && version != "" {
				s.Fatalf("%s: was %q, history has %q", key, versions, history)
			}
		}
		if len(history) != len(versions)-1 {
			s.Errorf("%s: was %q, history has %q", key, versions, history)
		}
	}
}

// startAgain asks for a start of the server on the running database.
func startAgain(t *testing.T, app core.App) error {
	t.Helper()
	router, err := apis.NewRouter(app)
	check(t, err)
	return app.OnServe().Trigger(&core.ServeEvent{App: app, Router: router, Server: &http.Server{}}, func(*core.ServeEvent) error { return nil })
}

func TestJournalStartsOnlyWithAllItsTriggers(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	check(t, startAgain(t, h.App))
	var triggers []struct{ Name, Sql string }
	check(t, h.App.DB().NewQuery("SELECT name, sql FROM sqlite_master WHERE type='trigger' ORDER BY name").All(&triggers))
	if want := 5*len(access.Synced()) + 9 + 6 + len(list.Triggers()); len(triggers) != want {
		t.Errorf("%d triggers, want %d", len(triggers), want)
	}
	for _, name := range []string{"sync_attacks_update", "sync_link_end", "guard_audit_events_delete"} {
		i := slices.IndexFunc(triggers, func(t struct{ Name, Sql string }) bool { return t.Name == name })
		for how, statement := range map[string]string{"missing": "", "altered": strings.Replace(triggers[i].Sql, "BEGIN", "BEGIN SELECT 1;", 1)} {
			runSQL(t, h.App, "DROP TRIGGER "+name)
			if statement != "" {
				runSQL(t, h.App, statement)
			}
			if err := startAgain(t, h.App); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s is %s: %v", name, how, err)
			}
			runSQL(t, h.App, "DROP TRIGGER IF EXISTS "+name)
			runSQL(t, h.App, triggers[i].Sql)
		}
	}
	check(t, startAgain(t, h.App))
}

// A new field, as the admin pages add one: the triggers know it, and nothing slips through meanwhile.
func TestJournalFollowsAChangeOfTheCollection(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	patient := nora(t, h.App)
	attack := save(t, h.App, "attacks", "", map[string]any{"patient": patient, "started_at": "2026-01-10 10:00:00.000Z"})

	attacks, err := h.App.FindCollectionByNameOrId("attacks")
	check(t, err)
	attacks.Fields.Add(&core.TextField{Name: "weather", Max: 100})
	check(t, h.App.Save(attacks))
	for _, weather := range []string{"rain", "sun"} {
		runSQL(t, h.App, "UPDATE attacks SET weather='"+weather+"' WHERE id='"+attack.Id+"'")
	}
	if _, _, versions := entries(t, h.App, "attacks", attack.Id, "weather"); len(versions) != 2 || !strings.HasSuffix(versions[1], " rain") {
		t.Errorf("history is %v", versions)
	}
	check(t, startAgain(t, h.App))
	anna := h.Phone("anna")
	anna.Put("attacks", "attackofanna001", map[string]any{"patient": hookstest.ID("anna"), "started_at": "2026-01-20 14:00:00.000Z", "weather": "fog"})
	anna.Sync()
	if row := anna.Row("attacks", "attackofanna001"); row["weather"] != "fog" {
		t.Errorf("the phone has %v", row)
	}

	attacks.AddIndex("idx_attacks_no_such", false, "no_such_column", "")
	if h.App.Save(attacks) == nil {
		t.Error("an index on a missing column was taken")
	}
	check(t, startAgain(t, h.App)) // the triggers are as they were
	attacks, err = h.App.FindCollectionByNameOrId("attacks")
	check(t, err)
	attacks.Fields.RemoveByName("weather")
	check(t, h.App.Save(attacks))
	check(t, startAgain(t, h.App))
}

// Each start of the server is an epoch; a position of an older one holds up to that one's end.
func TestJournalOfASecondStart(t *testing.T) {
	t.Parallel()
	first := hookstest.New(t)
	anna := first.Phone("anna")
	anna.Sync()
	old := anna.Request(500)["cursor"].(map[string]any)

	second := first.Reopen()
	var epochs []struct {
		Epoch string
		Start int64 `db:"start_seq"`
	}
	check(t, second.App.DB().NewQuery("SELECT epoch, start_seq FROM sync_epoch ORDER BY ord").All(&epochs))
	if len(epochs) != 3 || epochs[1].Epoch != old["epoch"] || float64(epochs[2].Start) != old["seq"] {
		t.Errorf("epochs are %v, the phone stands at %v", epochs, old)
	}
	anna.House = second
	anna.Put("attacks", "attackofanna001", map[string]any{"patient": hookstest.ID("anna"), "started_at": "2026-01-20 14:00:00.000Z"})
	anna.Sync()
	if rev, _ := anna.Row("attacks", "attackofanna001")["rev"].(string); !strings.HasPrefix(rev, epochs[2].Epoch+":") {
		t.Errorf("rev is %s", rev)
	}
	request := anna.Request(500)
	for _, c := range []struct {
		name   string
		cursor map[string]any
		status int
	}{
		{"where it stood", old, 200},
		{"beyond the end of the first start", map[string]any{"epoch": old["epoch"], "seq": old["seq"].(float64) + 1}, 409},
	} {
		request["cursor"] = c.cursor
		if a := second.Do("anna", "POST", "/api/sync/exchange", request); a.Status != c.status {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Text)
		}
	}
}

package hooks_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/clinic"
	"interictal/hooks/entry"
	"interictal/hooks/hookstest"
	"interictal/hooks/triggers"
)

// keeper writes a diary of Anna's, day by day, as her phone would have sent it. Days are counted from the first of
// October 2025; the clock stands wherever the test has put it.
type keeper struct {
	t   testing.TB
	h   *hookstest.House
	app core.App // the house's, or a transaction of it
}

var october = clinic.MustDay("2025-10-01")

func newKeeper(t testing.TB, day int) keeper {
	t.Helper()
	h := hookstest.New(t)
	k := keeper{t, h, h.App}
	k.h.Token("root") // made at its first use: a Dump must not see that
	k.on(day)
	return k
}

func (k keeper) on(day int) { k.h.Clock.Set(october.Add(day).Start(time.UTC).Add(20 * time.Hour)) }

func (k keeper) instant(day int) string {
	return october.Add(day).Start(time.UTC).Add(20 * time.Hour).Format("2006-01-02 15:04:05.000Z")
}

// post is a record over REST.
func (k keeper) post(who, collection string, values map[string]any) hookstest.Answer {
	k.t.Helper()
	if values["patient"] == nil {
		values["patient"] = annas
	}
	return k.h.Do(who, "POST", "/api/collections/"+collection+"/records", values)
}

func (k keeper) trigger(values map[string]any) string {
	k.t.Helper()
	a := k.post("anna", "triggers", values)
	if a.Status != 200 {
		k.t.Fatalf("%v: %d %s", values, a.Status, a.Text)
	}
	return a.Body["id"].(string)
}

// day stores a check-in as it stands in the database, entered the same evening.
func (k keeper) day(day int, headache bool, more ...map[string]any) {
	k.t.Helper()
	values := map[string]any{"patient": annas, "day": october.Add(day).String(), "headache": headache, "entered_at": k.instant(day), "source": "phone"}
	for _, m := range more {
		for key, value := range m {
			values[key] = value
		}
	}
	k.keep("diary_days", entry.DayID(annas, october.Add(day).String()), values)
}

func (k keeper) exposed(trigger string, day int, met any) {
	k.t.Helper()
	field := "exposed"
	if _, number := met.(float64); number {
		field = "value"
	}
	k.keep("trigger_exposures", entry.DayID(trigger, october.Add(day).String()),
		map[string]any{"patient": annas, "trigger": trigger, "day": october.Add(day).String(), field: met, "entered_at": k.instant(day), "source": "phone"})
}

// keep makes or changes a row.
func (k keeper) keep(collection, id string, values map[string]any) {
	k.t.Helper()
	r, err := k.app.FindRecordById(collection, id)
	if err != nil {
		save(k.t, k.app, collection, id, values)
		return
	}
	r.Load(values)
	check(k.t, k.app.Save(r))
}

// atOnce writes in one transaction: a diary of many days reaches the disk once.
func (k keeper) atOnce(write func(k keeper)) {
	k.t.Helper()
	check(k.t, k.h.App.RunInTransaction(func(tx core.App) error {
		k.app = tx
		write(k)
		return nil
	}))
}

// weeks writes so many days: an attack every seventh day, mostly the day after the factor was met.
func (k keeper) weeks(days int, factors ...string) {
	k.t.Helper()
	k.atOnce(func(k keeper) {
		for i := range days {
			k.day(i, i%7 == 3)
			for _, f := range factors {
				k.exposed(f, i, i%7 == 2 || i%14 == 0)
			}
		}
	})
}

func (k keeper) run(who string) map[string]any {
	k.t.Helper()
	a := k.h.Do(who, "POST", "/api/patients/"+annas+"/triggers", nil)
	if a.Status != 200 {
		k.t.Fatalf("%s runs: %d %s", who, a.Status, a.Text)
	}
	return a.Body
}

func (k keeper) last(who string) map[string]any {
	k.t.Helper()
	a := k.h.Do(who, "GET", "/api/patients/"+annas+"/triggers", nil)
	if a.Status != 200 {
		k.t.Fatalf("%s reads: %d %s", who, a.Status, a.Text)
	}
	return a.Body
}

func (k keeper) consents(family, state string) {
	k.t.Helper()
	r, err := k.h.App.FindFirstRecordByFilter("consents", "patient='"+annas+"' && family='"+family+"'")
	check(k.t, err)
	r.Set("state", state)
	check(k.t, k.h.App.Save(r))
}

func analysisOf(answer map[string]any) map[string]any {
	a, _ := answer["analysis"].(map[string]any)
	return a
}

func resultOf(answer map[string]any) map[string]any {
	r, _ := analysisOf(answer)["result"].(map[string]any)
	return r
}

func factorsFound(answer map[string]any) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, f := range resultOf(answer)["factors"].([]any) {
		out[f.(map[string]any)["name"].(string)] = f.(map[string]any)
	}
	return out
}

// refusedWith tries what must not be, and sees that nothing is different after it.
func (k keeper) refusedWith(code string, try func() hookstest.Answer) hookstest.Answer {
	k.t.Helper()
	before := k.h.Dump()
	a := try()
	if a.Status < 400 || !a.Has(code) {
		k.t.Errorf("not refused with %s: %d %s", code, a.Status, a.Text)
	}
	if k.h.Dump() != before {
		k.t.Errorf("what was refused with %s changed something", code)
	}
	return a
}

func TestTriggerAnAnalysisFromADiary(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	cheese := k.trigger(map[string]any{"name": "Old cheese", "code": "cheese_aged", "kind": "yes_no"})
	neck := k.trigger(map[string]any{"name": "Neck", "code": "neck_pain", "kind": "number"})
	k.weeks(126, cheese)
	k.atOnce(func(k keeper) {
		for i := range 126 { // neck pain is an answer of the check-in itself
			k.day(i, i%7 == 3, map[string]any{"neck_pain_nrs": map[bool]int{true: 3, false: 0}[i%7 == 2]})
		}
	})
	if before := k.last("anna"); before["analysis"] != nil || before["changed"] != true {
		t.Errorf("nothing has run: %v", before)
	}
	answer := k.run("anna")
	r := resultOf(answer)
	if r["state"] != "ready" || r["recordedDays"] != 126.0 || r["tested"] != 2.0 || r["rule"] != triggers.Version || answer["changed"] != false {
		t.Errorf("%v", answer)
	}
	f := factorsFound(answer)
	if f["Old cheese"]["label"] != "likely_more_attacks" || f["Neck"]["label"] != "likely_early_warning_sign" || f["Neck"]["factor"] != neck {
		t.Errorf("%v", f)
	}
	if n := f["Old cheese"]["exposed"].(map[string]any); n["of"] != 18.0 || n["days"].(float64) < 18 {
		t.Errorf("the plain count: %v", n)
	}
	if text := fmt.Sprint(f["Neck"]["words"]); !strings.Contains(text, "early-attack plan") || strings.Contains(text, "linked") {
		t.Errorf("%s", text)
	}
	if again := k.run("thera"); analysisOf(again)["id"] != analysisOf(answer)["id"] {
		t.Error("the same data were analysed twice")
	}
	k.on(131)
	if still := k.last("thera"); still["changed"] != false {
		t.Error("a day that passed is no new data")
	}
	k.day(127, true)
	if news := k.last("anna"); news["changed"] != true || analysisOf(news)["id"] != analysisOf(answer)["id"] {
		t.Error("a new day is new data, and the old result stands until somebody asks")
	}
	if next := k.run("anna"); analysisOf(next)["id"] == analysisOf(answer)["id"] {
		t.Error("new data were not analysed")
	}
}

func TestTriggerWithTooFewDaysSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 40)
	f := k.trigger(map[string]any{"name": "Noise", "kind": "yes_no", "lag": 1})
	k.weeks(40, f)
	r := resultOf(k.run("anna"))
	if r["state"] != "insufficient_data" || !strings.Contains(r["words"].(string), "20 more answered days, or about 3 weeks") {
		t.Errorf("%v", r)
	}
}

// Days entered more than a week later count in every rate, and not here; so do exposures.
func TestTriggerAnswersThatCameLateAreLeftOut(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	f := k.trigger(map[string]any{"name": "Noise", "kind": "yes_no", "lag": 1})
	k.weeks(100, f)
	onTime := resultOf(k.run("anna"))
	for i := 50; i < 60; i++ {
		k.keep("diary_days", entry.DayID(annas, october.Add(i).String()), map[string]any{"entered_at": k.instant(i + 8)})
	}
	late := resultOf(k.run("anna"))
	if onTime["recordedDays"] != 100.0 || late["recordedDays"] != 90.0 || late["lateDays"] != 10.0 {
		t.Errorf("%v and %v recorded days, %v late", onTime["recordedDays"], late["recordedDays"], late["lateDays"])
	}
	k.keep("trigger_exposures", entry.DayID(f, october.Add(20).String()), map[string]any{"entered_at": k.instant(28)})
	dropped := factorsFound(k.run("anna"))["Noise"]["dropped"].(map[string]any)
	if dropped["days"] != 1.0 {
		t.Errorf("%v", dropped)
	}
	attack := save(t, k.h.App, "attacks", "", map[string]any{"patient": annas, "started_at": k.instant(30), "ended_at": k.instant(31), "entered_at": k.instant(45), "source": "phone"})
	if r := resultOf(k.run("anna")); r["headacheDays"] != late["headacheDays"] {
		t.Error("an attack told two weeks later counts")
	}
	attack.Set("entered_at", k.instant(31))
	check(t, k.h.App.Save(attack))
	if r := resultOf(k.run("anna")); r["headacheDays"] == late["headacheDays"] {
		t.Error("an attack told the same evening does not count")
	}
}

func TestTriggerRules(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	made := func(values map[string]any) func() hookstest.Answer {
		return func() hookstest.Answer { return k.post("anna", "triggers", values) }
	}
	k.refusedWith("E_TRIGGER_CODE", made(map[string]any{"name": "x", "code": "full_moon", "kind": "yes_no"}))
	k.refusedWith("E_TRIGGER_CODE", made(map[string]any{"name": "x", "code": triggers.Menstrual, "kind": "yes_no"}))
	k.refusedWith("E_TRIGGER_KIND", made(map[string]any{"name": "x", "code": "alcohol", "kind": "yes_no"}))
	k.refusedWith("E_TRIGGER_CUT", made(map[string]any{"name": "x", "kind": "yes_no", "cut_rule": "median"}))
	k.refusedWith("E_TRIGGER_CUT", made(map[string]any{"name": "x", "kind": "number", "cut_rule": "above"}))
	k.refusedWith("E_TRIGGER_CUT", made(map[string]any{"name": "x", "kind": "number", "cut_at": 3}))
	k.refusedWith("E_VALUE", made(map[string]any{"name": "x", "kind": "yes_no", "avoided": 3}))

	row := func(id string) *core.Record {
		r, err := k.h.App.FindRecordById("triggers", id)
		check(t, err)
		return r
	}
	wine := row(k.trigger(map[string]any{"name": "Wine", "code": "alcohol", "kind": "number", "lag": 0}))
	if wine.GetInt("lag") != 1 || wine.GetString("cut_rule") != "at_least" || wine.GetString("cut_at") != "1" || wine.GetString("unit") != "units" || wine.GetString("track_until") != october.Add(130+180).String() {
		t.Errorf("the catalogue decides: %v", wine.FieldsData())
	}
	if sign := row(k.trigger(map[string]any{"name": "Yawning", "code": "yawning", "kind": "yes_no"})); !sign.GetBool("prodrome_possible") {
		t.Error("what may be an early sign is marked so")
	}
	sign := k.trigger(map[string]any{"name": "Craving", "code": "food_craving", "kind": "yes_no"})
	if a := k.h.Do("anna", "PATCH", "/api/collections/triggers/records/"+sign, map[string]any{"prodrome_possible": false, "lag": 0}); a.Status != 200 || a.Body["prodrome_possible"] != true || a.Body["lag"] != 1.0 {
		t.Errorf("an early sign stays one: %d %s", a.Status, a.Text)
	}
	own := row(k.trigger(map[string]any{"name": "Steps", "kind": "number"}))
	if own.GetString("cut_rule") != "median" {
		t.Error("a number of her own is cut at her median")
	}

	met := func(trigger string, values map[string]any) func() hookstest.Answer {
		values["trigger"], values["day"] = trigger, "2026-01-05"
		return func() hookstest.Answer { return k.post("anna", "trigger_exposures", values) }
	}
	k.refusedWith("E_EXPOSURE_KIND", met(wine.Id, map[string]any{"exposed": true}))
	k.refusedWith("E_VALUE", met(wine.Id, map[string]any{"value": 101}))
	k.refusedWith("E_VALUE", met(wine.Id, map[string]any{"value": -1}))
	noise := k.trigger(map[string]any{"name": "Noise", "kind": "yes_no", "lag": 1, "track_until": "2026-01-01"})
	k.refusedWith("E_EXPOSURE_KIND", met(noise, map[string]any{"value": 3}))
	if a := met(noise, map[string]any{"exposed": true})(); a.Status != 200 {
		t.Errorf("an exposure after the last day of tracking is a fact: %d %s", a.Status, a.Text)
	}
}

func TestTriggersAreAtMostTwentyAtOnce(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	phone := k.h.Phone("anna")
	for i := range 400 {
		phone.Put("triggers", fmt.Sprintf("factorofanna%03d", i), map[string]any{"patient": annas, "name": fmt.Sprint("Factor ", i), "kind": "yes_no", "lag": 1})
	}
	phone.Sync()
	var n int
	check(t, k.h.App.DB().NewQuery("SELECT COUNT(*) FROM triggers").Row(&n))
	refused := phone.RefusedEntries()
	if n != 20 || len(refused) != 380 {
		t.Fatalf("%d are stored, %d refused", n, len(refused))
	}
	for _, r := range refused {
		if phone.Refused(r[0], r[1])["E_TRIGGERS_TOO_MANY"] == nil {
			t.Fatalf("%v: %v", r, phone.Refused(r[0], r[1]))
		}
	}
	first := phone.Rows("triggers")[0]["id"].(string)
	phone.Put("triggers", first, map[string]any{"track_until": "2026-01-01"}) // one ends, one may begin
	phone.Sync()
	k.trigger(map[string]any{"name": "One more", "kind": "yes_no", "lag": 1})
	k.refusedWith("E_TRIGGERS_TOO_MANY", func() hookstest.Answer {
		return k.h.Do("anna", "PATCH", "/api/collections/triggers/records/"+first, map[string]any{"track_until": "2027-01-01"})
	})
}

// Nobody tries both lags and keeps the better one.
func TestTriggerLagIsFixedOnceAnAnalysisHasUsedIt(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	f := k.trigger(map[string]any{"name": "Noise", "kind": "yes_no", "lag": 1})
	change := func(values map[string]any) func() hookstest.Answer {
		return func() hookstest.Answer {
			return k.h.Do("anna", "PATCH", "/api/collections/triggers/records/"+f, values)
		}
	}
	if a := change(map[string]any{"lag": 0})(); a.Status != 200 {
		t.Fatalf("before any result: %d %s", a.Status, a.Text)
	}
	k.weeks(70, f)
	k.run("thera")
	k.refusedWith("E_LAG_FIXED", change(map[string]any{"lag": 1}))
	k.refusedWith("E_LAG_FIXED", change(map[string]any{"kind": "number"}))
	if a := change(map[string]any{"name": "Loud noise", "note": "At work.", "avoided": false})(); a.Status != 200 {
		t.Errorf("the rest may change: %d %s", a.Status, a.Text)
	}
}

// Periods have a consent of their own. Without it nothing of them reaches staff: not the days, not the factor, not its
// weight in the family of tests, not a run that rests on it.
func TestTriggerPeriodsStayWithWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	f := k.trigger(map[string]any{"name": "Noise", "kind": "yes_no", "lag": 1})
	k.weeks(126, f)
	for i := 2; i < 126; i += 28 {
		day := october.Add(i).String()
		k.keep("menstrual_days", entry.DayID(annas, day), map[string]any{"patient": annas, "day": day, "started": true, "entered_at": k.instant(i)})
	}
	hers := k.run("anna")
	if f := factorsFound(hers); f["The days around the start of the period"]["code"] != triggers.Menstrual || len(f) != 2 {
		t.Fatalf("%v", f)
	}
	for _, theirs := range []map[string]any{k.last("thera"), k.run("thera"), k.last("assi")} {
		body, err := json.Marshal(theirs)
		check(t, err)
		if text := strings.ReplaceAll(string(body), `"notShared":["menstrual"]`, ""); strings.Contains(strings.ToLower(text), "menstrual") || strings.Contains(text, "period") {
			t.Errorf("staff read %s", text)
		}
	}
	if got := factorsFound(k.run("thera")); len(got) != 1 {
		t.Errorf("%v", got)
	}
	if mine := k.last("anna"); analysisOf(mine)["id"] != analysisOf(hers)["id"] {
		t.Error("the run for staff has taken the place of her own")
	}
	id := analysisOf(hers)["id"].(string)
	if a := k.h.Do("thera", "POST", "/api/trigger-analyses/"+id+"/discussion", map[string]any{"patientView": "x"}); a.Status != 404 {
		t.Errorf("a therapist notes on what she may not see: %d", a.Status)
	}
	plan := k.post("thera", "plans", map[string]any{"clinic": hookstest.ID("north"), "episode": "1", "state": "draft"}).Body["id"]
	k.refusedWith("E_FACTOR", func() hookstest.Answer {
		return k.post("thera", "plan_items", map[string]any{"plan": plan, "category": "education", "name": "Rest", "analysis": id, "factor": triggers.Menstrual})
	})
	if a := k.h.Do("thera", "GET", "/api/collections/trigger_analyses/records/"+id, nil); a.Status != 404 {
		t.Errorf("over REST: %d", a.Status)
	}
	k.consents("menstrual", "given")
	if got := factorsFound(k.last("thera")); len(got) != 2 {
		t.Errorf("shared: %v", got)
	}
	k.consents("menstrual", "withdrawn")
	if got := factorsFound(k.last("thera")); len(got) != 1 {
		t.Errorf("taken back: %v", got)
	}
	k.consents("diary", "withdrawn")
	if a := k.h.Do("thera", "GET", "/api/patients/"+annas+"/triggers", nil); a.Status != 404 {
		t.Errorf("without the diary: %d", a.Status)
	}
}

func TestTriggerPeriodsReachStaffWithTheConsentAndLeaveWithIt(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	hers, theirs := k.h.Phone("anna"), staffPhone(k.h, "thera")
	id := entry.DayID(annas, "2026-01-05")
	hers.Put("menstrual_days", id, map[string]any{"patient": annas, "day": "2026-01-05", "started": true})
	for i, c := range []struct {
		state string
		there bool
	}{{"withdrawn", false}, {"given", true}, {"withdrawn", false}} {
		k.consents("menstrual", c.state)
		hers.Sync()
		theirs.Sync()
		if (theirs.Row("menstrual_days", id) != nil) != c.there || hers.Row("menstrual_days", id) == nil {
			t.Errorf("step %d, %s: hers %v, theirs %v", i, c.state, hers.Row("menstrual_days", id), theirs.Row("menstrual_days", id))
		}
	}
	k.refusedWith("E_ID", func() hookstest.Answer {
		return k.post("anna", "menstrual_days", map[string]any{"id": "periodofanna001", "day": "2026-01-06", "started": true})
	})
}

// A run without the medicines rests on another diary than one with them.
func TestTriggerRunRestsOnSharedFamiliesOnly(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	f := k.trigger(map[string]any{"name": "Noise", "kind": "yes_no", "lag": 1})
	k.weeks(70, f)
	medicine := save(t, k.h.App, "medications", "", map[string]any{"patient": annas, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"})
	save(t, k.h.App, "attacks", "", map[string]any{"patient": annas, "started_at": k.instant(20), "ended_at": october.Add(20).Start(time.UTC).Add(20*time.Hour + 10*time.Minute), "entered_at": k.instant(20), "source": "phone"})
	save(t, k.h.App, "medication_doses", "", map[string]any{"patient": annas, "medication": medicine.Id, "taken_at": k.instant(20), "entered_at": k.instant(20), "source": "phone"})
	all := k.run("thera")
	k.consents("medication", "withdrawn")
	part := k.run("thera")
	if fmt.Sprint(analysisOf(all)["families"]) != "[diary medication]" || fmt.Sprint(analysisOf(part)["families"]) != "[diary]" || fmt.Sprint(part["notShared"]) != "[medication menstrual]" {
		t.Errorf("%v %v %v", analysisOf(all)["families"], analysisOf(part)["families"], part["notShared"])
	}
	if resultOf(all)["headacheDays"] != resultOf(part)["headacheDays"].(float64)+1 {
		t.Errorf("ten minutes and a triptan: %v and %v", resultOf(all)["headacheDays"], resultOf(part)["headacheDays"])
	}
}

func TestTriggerResultBecomesAnItemOnlyAfterATalk(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	f := k.trigger(map[string]any{"name": "Noise", "kind": "yes_no", "lag": 1})
	k.weeks(100, f)
	id := analysisOf(k.run("thera"))["id"].(string)
	made := func(collection string, values map[string]any) string {
		a := k.post("thera", collection, values)
		if a.Status != 200 {
			t.Fatalf("%s: %d %s", collection, a.Status, a.Text)
		}
		return a.Body["id"].(string)
	}
	plan := made("plans", map[string]any{"clinic": hookstest.ID("north"), "episode": "1", "state": "draft"})
	goal := made("goals", map[string]any{"plan": plan, "domain": "frequency", "metric": "MHD28", "direction": "lower"})
	problem := made("problems", map[string]any{"plan": plan, "domain": "lifestyle", "name": "Loud days"})
	item := func(factor, analysis string) func() hookstest.Answer {
		return func() hookstest.Answer {
			return k.post("thera", "plan_items", map[string]any{"plan": plan, "category": "education", "name": "Quiet breaks", "goals": []string{goal}, "problems": []string{problem},
				"factor": factor, "analysis": analysis})
		}
	}
	links := func() string {
		for _, s := range ok(t, k.h.Do("anna", "GET", annasReport, nil), 200).Body["sections"].([]any) {
			if section := s.(map[string]any); section["code"] == "LINKS" {
				return fmt.Sprint(section["lines"])
			}
		}
		return ""
	}
	if got := links(); got != "" {
		t.Errorf("on the report before anybody has talked about it: %s", got)
	}
	talk := func(who, view string) func() hookstest.Answer {
		return func() hookstest.Answer {
			return k.h.Do(who, "POST", "/api/trigger-analyses/"+id+"/discussion", map[string]any{"patientView": view})
		}
	}
	k.refusedWith("E_NOT_DISCUSSED", item(f, id))
	k.refusedWith("E_FACTOR", item("nosuchfactor000", id))
	k.refusedWith("E_FACTOR", item(f, ""))
	k.refusedWith("E_VALUE", talk("thera", "  "))
	k.refusedWith("E_ROLE", talk("anna", "Mine."))
	k.refusedWith("E_KEPT", func() hookstest.Answer {
		return k.h.Do("root", "PATCH", "/api/collections/trigger_analyses/records/"+id, map[string]any{"patient_view": "Forged"})
	})
	k.refusedWith("E_KEPT", func() hookstest.Answer {
		return k.h.Do("root", "DELETE", "/api/collections/trigger_analyses/records/"+id, nil)
	})
	if a := talk("thera", "Noise yes, but only when I slept badly.")(); a.Status != 200 || a.Body["discussedAt"] == nil {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	if got := links(); !strings.Contains(got, "A factor that she named herself: an attack began on ") || !strings.Contains(got, "Likely linked with more attacks.") {
		t.Errorf("on the report after the talk: %q", got)
	}
	runSQL(t, k.h.App, "UPDATE consents SET state='withdrawn' WHERE patient='"+annas+"' AND family='diary'")
	if got := links(); got != "" {
		t.Errorf("on the report without the diary: %s", got)
	}
	runSQL(t, k.h.App, "UPDATE consents SET state='given' WHERE patient='"+annas+"' AND family='diary'")
	k.refusedWith("E_KEPT", talk("thera", "Something else."))
	a := item(f, id)()
	if a.Status != 200 || a.Body["factor"] != f || a.Body["analysis"] != id {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	sheet := ok(t, k.h.Do("thera", "GET", "/api/plans/"+plan+"/sheet", nil), 200).Body["sheet"].([]any)
	if !slices.ContainsFunc(sheet, func(line any) bool {
		l := line.(map[string]any)
		return l["section"] == "items" && l["field"] == "factor" && l["value"] == "Noise"
	}) {
		t.Errorf("the plan does not say what its item answers: %v", sheet)
	}
	if seen := k.last("anna"); analysisOf(seen)["patientView"] != "Noise yes, but only when I slept badly." {
		t.Errorf("%v", analysisOf(seen))
	}
}

func TestTriggerPlannedTest(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 100)
	cheese := k.trigger(map[string]any{"name": "Old cheese", "code": "cheese_aged", "kind": "yes_no"})
	wine := k.trigger(map[string]any{"name": "Wine", "code": "alcohol", "kind": "number"})
	own := k.trigger(map[string]any{"name": "Fasting", "kind": "yes_no", "lag": 1})
	plan := func(values map[string]any) func() hookstest.Answer {
		body := map[string]any{"factor": cheese, "unit": "day", "pairs": 8, "start": october.Add(101).String()}
		for key, value := range values {
			body[key] = value
		}
		return func() hookstest.Answer {
			return k.h.Do("anna", "POST", "/api/patients/"+annas+"/planned-tests", body)
		}
	}
	k.refusedWith("E_TEST_NOT_OFFERED", plan(map[string]any{"factor": wine}))
	k.refusedWith("E_TEST_NOT_OFFERED", plan(map[string]any{"factor": own}))
	k.refusedWith("E_FACTOR", plan(map[string]any{"factor": "nosuchfactor000"}))
	k.refusedWith("E_TEST_PAIRS", plan(map[string]any{"pairs": 7}))
	k.refusedWith("E_TEST_PAIRS", plan(map[string]any{"unit": "month"}))
	k.refusedWith("E_TEST_START", plan(map[string]any{"start": october.Add(100).String()}))
	test := plan(nil)()
	if test.Status != 200 || test.Body["result"].(map[string]any)["state"] != "running" {
		t.Fatalf("%d %s", test.Status, test.Text)
	}
	k.refusedWith("E_TEST_RUNNING", plan(nil))
	var seed uint64
	fmt.Sscan(test.Body["seed"].(string), &seed)
	var order []bool
	for _, with := range test.Body["withFirst"].([]any) {
		order = append(order, with.(bool))
	}
	if !slices.Equal(order, triggers.Draw(seed, 8)) {
		t.Errorf("the order %v is not the seed's", order)
	}
	id := test.Body["id"].(string)
	k.refusedWith("E_KEPT", func() hookstest.Answer {
		return k.h.Do("root", "PATCH", "/api/collections/planned_tests/records/"+id, map[string]any{"seed": "1"})
	})
	read := func() map[string]any {
		return k.h.Do("thera", "GET", "/api/planned-tests/"+id, nil).Body["result"].(map[string]any)
	}
	for i := range 119 {
		k.on(i)
		drawn := triggers.Test{Unit: triggers.OneDay, Start: october.Add(101), WithFirst: order}
		_, yesterday := drawn.On(october.Add(i - 1))
		k.day(i, yesterday && i%2 == 0)
	}
	k.on(117)
	if r := read(); r["state"] != "running" || r["estimate"] != nil {
		t.Errorf("on the last day: %v", r)
	}
	k.on(118)
	if r := read(); r["state"] == "running" || r["pairs"] != 8.0 {
		t.Errorf("the day after: %v", r)
	}
	if a := plan(map[string]any{"start": october.Add(120).String()})(); a.Status != 200 {
		t.Errorf("a second one: %d %s", a.Status, a.Text)
	} else if a := k.h.Do("anna", "POST", "/api/planned-tests/"+a.Body["id"].(string)+"/stop", nil); a.Status != 200 || a.Body["stoppedOn"] != october.Add(118).String() || a.Body["result"] != nil {
		t.Errorf("stopped: %d %s", a.Status, a.Text)
	}
}

func TestTriggerHuntThatCostsMealsIsFlagged(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	flags := func(state string) []string {
		var out []string
		check(t, k.h.App.DB().NewQuery("SELECT code FROM flags WHERE patient='"+annas+"' AND state='"+state+"' ORDER BY code").Column(&out))
		return out
	}
	leave := func(code string, avoided bool) string {
		return k.trigger(map[string]any{"name": code, "code": code, "kind": "yes_no", "avoided": avoided})
	}
	leave("chocolate", true)
	leave("citrus", true)
	leave("nuts", false)
	k.trigger(map[string]any{"name": "Late nights", "kind": "yes_no", "avoided": true}) // no food
	if got := flags("standing"); len(got) != 0 {
		t.Errorf("two foods: %v", got)
	}
	sugar := k.trigger(map[string]any{"name": "Sugar", "kind": "yes_no", "food": true, "avoided": true})
	if got := flags("standing"); !slices.Equal(got, []string{"F_FOODS_AVOIDED"}) {
		t.Errorf("three foods: %v", got)
	}
	if a := k.h.Do("anna", "PATCH", "/api/collections/triggers/records/"+sugar, map[string]any{"avoided": nil}); a.Status != 200 || len(flags("standing")) != 0 || len(flags("withdrawn")) != 1 {
		t.Errorf("taken back: %v", flags("standing"))
	}
	for i := 75; i <= 130; i++ {
		k.day(i, false, map[string]any{"meals_skipped": map[bool]int{true: 1, false: 0}[i > 102]})
	}
	check(t, hooks.RunDue(k.h.App, k.h.Clock))
	if got := flags("standing"); !slices.Equal(got, []string{"F_MEALS_DROPPED"}) {
		t.Errorf("a meal a day less: %v", got)
	}
	k.consents("diary", "withdrawn")
	check(t, hooks.RunDue(k.h.App, k.h.Clock))
	if got := flags("standing"); len(got) != 0 {
		t.Errorf("not shared any more: %v", got)
	}
}

func TestTriggersAreRunEveryFourWeeks(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 0)
	f := k.trigger(map[string]any{"name": "Noise", "kind": "yes_no", "lag": 1, "track_until": october.Add(400).String()})
	k.on(120)
	k.weeks(119, f)
	runs := func() (n int) {
		check(t, k.h.App.DB().NewQuery("SELECT COUNT(*) FROM trigger_analyses").Row(&n))
		return n
	}
	night := func() { check(t, hooks.RunDue(k.h.App, k.h.Clock)) }
	runSQL(t, k.h.App, "UPDATE triggers SET created='"+k.instant(119)+"'")
	if night(); runs() != 0 {
		t.Error("it ran after a day")
	}
	runSQL(t, k.h.App, "UPDATE triggers SET created='"+k.instant(1)+"'")
	if night(); runs() != 1 {
		t.Errorf("%d runs: all is shared, so one is enough", runs())
	}
	k.on(140)
	k.day(130, true)
	if night(); runs() != 1 {
		t.Error("it ran again after 20 days")
	}
	k.on(149)
	if night(); runs() != 2 {
		t.Error("it did not run after 29 days")
	}
	k.on(190)
	if night(); runs() != 2 {
		t.Error("it ran without new data")
	}
}

func TestTriggerOfTheCatalogueIsInTheListOnce(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	first := k.trigger(map[string]any{"name": "Noise", "code": "sound_sensitivity", "kind": "yes_no", "track_until": october.Add(20).String()})
	own := k.trigger(map[string]any{"name": "Loud days", "kind": "yes_no", "lag": 1})
	again := func(who string) func() hookstest.Answer {
		return func() hookstest.Answer {
			return k.post(who, "triggers", map[string]any{"name": "Sound", "code": "sound_sensitivity", "kind": "yes_no"})
		}
	}
	a := k.refusedWith("E_TRIGGER_TWICE", again("anna"))
	if code := a.Body["data"].(map[string]any)["E_TRIGGER_TWICE"].(map[string]any); code["params"].(map[string]any)["row"] != first {
		t.Errorf("it does not say which row: %v", code)
	}
	k.refusedWith("E_TRIGGER_TWICE", again("thera"))
	k.refusedWith("E_TRIGGER_TWICE", func() hookstest.Answer {
		return k.h.Do("anna", "PATCH", "/api/collections/triggers/records/"+own, map[string]any{"code": "sound_sensitivity"})
	})
	k.trigger(map[string]any{"name": "Loud nights", "kind": "yes_no", "lag": 1}) // own words may be many
	if a := k.h.Do("anna", "PATCH", "/api/collections/triggers/records/"+first, map[string]any{"track_until": october.Add(200).String()}); a.Status != 200 {
		t.Errorf("watched again: %d %s", a.Status, a.Text)
	}
	if a := k.h.Do("anna", "DELETE", "/api/collections/triggers/records/"+first, nil); a.Status != 204 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	if a := again("anna")(); a.Status != 200 {
		t.Errorf("taken out and taken in again: %d %s", a.Status, a.Text)
	}
}

// Two phones without signal take up the same factor: on both it is the same row, and one under another id is refused and waits on its phone.
func TestTriggerOfTheCatalogueFromTwoPhones(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	one, two := k.h.Phone("anna"), k.h.Phone("anna")
	same := map[string]any{"patient": annas, "name": "Chocolate", "code": "chocolate", "kind": "yes_no", "track_until": october.Add(300).String()}
	one.Put("triggers", annas+"chocolate", same)
	two.Put("triggers", annas+"chocolate", same)
	two.Put("triggers", "anothertrigger1", same)
	one.Sync()
	two.Sync()
	one.Sync()
	var rows []string
	check(t, k.h.App.DB().NewQuery("SELECT id FROM triggers WHERE code='chocolate'").Column(&rows))
	if !slices.Equal(rows, []string{annas + "chocolate"}) {
		t.Errorf("%v", rows)
	}
	if refused := two.Refused("triggers", "anothertrigger1"); refused["E_TRIGGER_TWICE"] == nil || two.Waiting() != 1 {
		t.Errorf("%d wait on the second phone, refused with %v", two.Waiting(), refused)
	}
}

func TestTriggerTestOfTheClinicNeedsThePatientsYes(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 100)
	cheese := k.trigger(map[string]any{"name": "Old cheese", "code": "cheese_aged", "kind": "yes_no"})
	phone := k.h.Phone("anna")
	phone.Sync()
	draw := func(who string, start int) hookstest.Answer {
		return k.h.Do(who, "POST", "/api/patients/"+annas+"/planned-tests", map[string]any{"factor": cheese, "unit": "day", "pairs": 8, "start": october.Add(start).String()})
	}
	test := func(step, id string) func(string) func() hookstest.Answer {
		return func(who string) func() hookstest.Answer {
			return func() hookstest.Answer { return k.h.Do(who, "POST", "/api/planned-tests/"+id+"/"+step, nil) }
		}
	}
	a := draw("thera", 102)
	if a.Status != 200 || a.Body["agreedAt"] != "" || a.Body["result"] != nil {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	id := a.Body["id"].(string)
	phone.Sync()
	if row := phone.Row("planned_tests", id); row == nil || row["agreed_at"] != "" || len(row["with_first"].([]any)) != 8 {
		t.Errorf("the phone has %v", row)
	}
	k.refusedWith("E_ROLE", test("agree", id)("thera"))
	k.on(102)
	k.refusedWith("E_TEST_BEGUN", test("agree", id)("anna"))
	if a := draw("thera", 104); a.Status != 200 {
		t.Fatalf("a proposal that nobody took up stands in the way: %d %s", a.Status, a.Text)
	} else {
		id = a.Body["id"].(string)
	}
	for range 2 { // once more changes nothing
		if a := test("agree", id)("anna")(); a.Status != 200 || a.Body["agreedAt"] == "" || a.Body["result"].(map[string]any)["state"] != "running" {
			t.Errorf("%d %s", a.Status, a.Text)
		}
	}
	phone.Sync()
	if row := phone.Row("planned_tests", id); row["agreed_at"] == "" {
		t.Error("the phone does not know that she agreed")
	}
	phone.Put("planned_tests", id, map[string]any{"stopped_on": october.Add(103).String()})
	phone.Sync()
	var stopped string
	check(t, k.h.App.DB().NewQuery("SELECT stopped_on FROM planned_tests WHERE id='"+id+"'").Row(&stopped))
	if stopped != "" {
		t.Error("a phone wrote into a test")
	}
}

// Everybody asks at once: one run, and the same answer for all.
func TestTriggerRaceForARun(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	k.weeks(70, k.trigger(map[string]any{"name": "Noise", "kind": "yes_no", "lag": 1}))
	var group sync.WaitGroup
	ids := make([]any, 8)
	for i := range ids {
		group.Go(func() { ids[i] = analysisOf(k.run([]string{"anna", "thera"}[i%2]))["id"] })
	}
	group.Wait()
	if slices.ContainsFunc(ids, func(id any) bool { return id != ids[0] }) {
		t.Errorf("%v", ids)
	}
}

// However entries come (late, twice, out of order, taken back, changed), the analysis is the one of the diary as it is.
func TestTriggerRandomHistoriesEndInTheSameAnalysis(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 2))
	k, plain := newKeeper(t, 120), newKeeper(t, 120)
	phones := []*hookstest.Phone{k.h.Phone("anna"), k.h.Phone("anna")}
	trigger := "triggerofanna01"
	kinds := map[string]any{"patient": annas, "name": "Noise", "kind": "yes_no", "lag": 1}
	phones[0].Put("triggers", trigger, kinds)
	for _, p := range phones {
		phones[0].Sync()
		p.Sync()
	}
	save(t, plain.h.App, "triggers", trigger, kinds)
	put := func(p *hookstest.Phone, collection string, day int) {
		date := october.Add(day).String()
		values := map[string]any{"patient": annas, "day": date, "entered_at": strings.Replace(k.instant(day+random.IntN(11)), " ", "T", 1), "source": "phone"}
		id := entry.DayID(annas, date)
		if collection == "diary_days" {
			values["headache"] = []any{true, false, false, nil}[random.IntN(4)]
		} else {
			values["trigger"], values["exposed"], id = trigger, []any{true, false, nil}[random.IntN(3)], entry.DayID(trigger, date)
		}
		p.Put(collection, id, values)
		if random.IntN(15) == 0 {
			p.Delete(collection, id)
		}
	}
	for step := range 400 {
		p := phones[random.IntN(2)]
		put(p, []string{"diary_days", "trigger_exposures"}[random.IntN(2)], random.IntN(100))
		if random.IntN(8) == 0 {
			p.Sync()
		}
		if step%100 == 50 {
			k.run("anna") // what ran before leaves nothing behind
		}
	}
	for range 2 {
		phones[0].Sync()
		phones[1].Sync()
	}
	for _, collection := range []string{"diary_days", "trigger_exposures"} {
		records, err := k.h.App.FindAllRecords(collection)
		check(t, err)
		for _, i := range random.Perm(len(records)) {
			r := records[i]
			values := map[string]any{}
			for _, field := range []string{"patient", "day", "trigger", "headache", "exposed", "entered_at", "source"} {
				if r.Collection().Fields.GetByName(field) != nil {
					values[field] = r.Get(field)
				}
			}
			save(t, plain.h.App, collection, r.Id, values)
		}
	}
	a, b := k.run("anna"), plain.run("anna")
	x, _ := json.Marshal(resultOf(a))
	y, _ := json.Marshal(resultOf(b))
	if string(x) != string(y) {
		t.Errorf("seed %d:\n%s\n%s", seed, x, y)
	}
	var hashes []string
	check(t, k.h.App.DB().NewQuery("SELECT data_hash FROM trigger_analyses ORDER BY rowid DESC LIMIT 1").Column(&hashes))
	var hash string
	check(t, plain.h.App.DB().NewQuery("SELECT data_hash FROM trigger_analyses").Row(&hash))
	if hashes[0] != hash {
		t.Errorf("seed %d: the same data have two fingerprints", seed)
	}
}

// Weather comes from a file, of a patient who watches it: a dry run first, what was typed in stays, and it is never too late,
// for it was measured and not remembered.
func TestTriggerWeatherFromAFile(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, 130)
	pressure := k.trigger(map[string]any{"name": "Air pressure", "code": "weather_pressure", "kind": "number"})
	k.weeks(126)
	k.exposed(pressure, 5, 999.0)
	text := "patient,date,value\n"
	for i := range 126 {
		text += fmt.Sprintf("%s,%s,%d\n", annas, october.Add(i), map[bool]int{true: 1030, false: 1000}[i%7 == 3])
	}
	file := filepath.Join(t.TempDir(), "weather.csv")
	write := func(text string) { check(t, os.WriteFile(file, []byte(text), 0o600)) }
	write(text)
	before := k.h.Dump()
	if out, err := runCommand(k.h.App, "import", "weather", file); err != nil || !strings.Contains(out, "would be stored: 125 new, 0 changed; 0 already so, 1 kept") {
		t.Errorf("%v\n%s", err, out)
	}
	if k.h.Dump() != before {
		t.Error("a dry run stored something")
	}
	if out, err := runCommand(k.h.App, "import", "weather", file, "--apply"); err != nil || !strings.Contains(out, "were stored: 125 new") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := runCommand(k.h.App, "import", "weather", file, "--apply"); err != nil || !strings.Contains(out, "0 new, 0 changed; 125 already so, 1 kept") {
		t.Errorf("%v\n%s", err, out)
	}
	f := factorsFound(k.run("anna"))["Air pressure"]
	if f["label"] != "likely_more_attacks" || f["lag"] != 0.0 || fmt.Sprint(f["cut"]) != "map[at:1000 rule:median]" {
		t.Errorf("%v", f)
	}
	for name, c := range map[string]struct{ rows, says string }{
		"of nobody":     {hookstest.ID("bo") + ",2026-01-05,1000\n", "does not watch"},
		"out of range":  {annas + ",2026-02-06,1000\n" + annas + ",2026-02-07,2000\n", "800 to 1100"},
		"of next year":  {annas + ",2027-02-06,1000\n", "future"},
		"contradictory": {annas + ",2026-01-05,1000\n" + annas + ",2026-01-05,1001\n", "CONTRADICTION"},
	} {
		write("patient,date,value\n" + c.rows)
		before := k.h.Dump()
		if out, err := runCommand(k.h.App, "import", "weather", file, "--apply"); err == nil || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if k.h.Dump() != before {
			t.Errorf("%s: something was stored", name)
		}
	}
	if out, err := runCommand(k.h.App, "import", "weather", file, "--factor", "chocolate"); err == nil {
		t.Error(out)
	}
}

func BenchmarkTriggerAnalysisOfAYear(b *testing.B) {
	k := newKeeper(b, 400)
	for f := range 20 {
		id := k.trigger(map[string]any{"name": fmt.Sprint("Factor ", f), "kind": "yes_no", "lag": 1})
		runSQL(b, k.h.App, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<364)
INSERT INTO trigger_exposures(id, patient, trigger, day, exposed, entered_at, source)
SELECT '%[1]s'||strftime('%%Y%%m%%d', '2025-10-01', i||' days'), '%[2]s', '%[1]s', date('2025-10-01', i||' days'), CASE WHEN (i*i*%[3]d+i*17)%%7<3 THEN 'true' ELSE 'false' END,
  date('2025-10-01', i||' days')||' 20:00:00.000Z', 'phone' FROM n`, id, annas, f+1))
	}
	runSQL(b, k.h.App, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<364)
INSERT INTO diary_days(id, patient, day, headache, entered_at, source)
SELECT '%[1]s'||strftime('%%Y%%m%%d', '2025-10-01', i||' days'), '%[1]s', date('2025-10-01', i||' days'), CASE WHEN (i*5)%%11<2 THEN 'true' ELSE 'false' END,
  date('2025-10-01', i||' days')||' 20:00:00.000Z', 'phone' FROM n`, annas))
	day, headache := entry.DayID(annas, october.Add(364).String()), true
	for b.Loop() {
		headache = !headache // new data, or nothing would run
		runSQL(b, k.h.App, fmt.Sprintf("UPDATE diary_days SET headache='%v' WHERE id='%s'", headache, day))
		if r := resultOf(k.run("anna")); r["tested"] != 20.0 {
			b.Fatal(r["tested"], r["state"])
		}
	}
}

// What is no number, or none that can be, is refused as it was sent: it is never read as another.
func TestTriggerFormOfHerOwnIsNotRounded(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	h.Token("anna")
	before := h.Dump()
	for name, body := range map[string]map[string]any{
		"a word for a cut":  {"kind": "number", "name": "Coffee", "cut_rule": "above", "cut_at": "many"},
		"half a day of lag": {"kind": "number", "name": "Coffee", "lag": 0.5},
		"a lag of two days": {"kind": "yes_no", "name": "Coffee", "lag": 2},
		"a list for a cut":  {"kind": "number", "name": "Coffee", "cut_rule": "above", "cut_at": []int{3}},
	} {
		body["patient"] = annas
		if a := h.Do("anna", "POST", "/api/collections/triggers/records", body); a.Status != 400 && a.Status != 422 {
			t.Errorf("%s: %d %s", name, a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("what was refused has changed something")
	}
}

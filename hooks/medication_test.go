package hooks_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"interictal/hooks/clinic"
	"interictal/hooks/entry"
	"interictal/hooks/hookstest"
)

// cabinet is anna with her phone and her medicines, on a clock that the test sets. It is ten in the morning in New York.
type cabinet struct {
	t     *testing.T
	h     *hookstest.House
	phone *hookstest.Phone
	today clinic.Day
}

const sumatriptan, ibuprofen = "sumatriptan0000", "ibuprofen000000"

func newCabinet(t *testing.T) *cabinet {
	t.Helper()
	c := &cabinet{t: t, h: hookstest.New(t)}
	c.on(clinic.MustDay("2026-06-30"))
	c.phone = c.h.Phone("anna")
	c.phone.Put("medications", sumatriptan, map[string]any{"patient": annas, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute", "started_on": "2026-01-05"})
	c.phone.Put("medications", ibuprofen, map[string]any{"patient": annas, "name": "Ibuprofen", "drug_class": "simple_analgesic", "indication": "acute"})
	return c
}

func (c *cabinet) on(day clinic.Day) {
	c.today = day
	c.h.Clock.Set(day.Start(time.UTC).Add(14 * time.Hour))
}

// records answers each of the last days: headache on so many of them.
func (c *cabinet) records(days, headache int) {
	for i := range days {
		c.answers(i, i < headache)
	}
}

func (c *cabinet) answers(ago int, headache bool) {
	day := c.today.Add(-ago).String()
	c.phone.Put("diary_days", entry.DayID(annas, day), map[string]any{"patient": annas, "day": day, "headache": headache})
}

// takes a dose some days ago at an hour of the day in New York; the row is called by medicine and day.
func (c *cabinet) takes(medicine string, ago int) string {
	day := c.today.Add(-ago)
	id := fmt.Sprintf("%sx%d", medicine, day)
	c.phone.Put("medication_doses", id, map[string]any{"patient": annas, "medication": medicine, "tz": "America/New_York",
		"taken_at": wire(day.Start(time.UTC).Add(13 * time.Hour))})
	return id
}

func wire(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

func (c *cabinet) takesDays(medicine string, from, to int) {
	for ago := from; ago <= to; ago++ {
		c.takes(medicine, ago)
	}
}

// history is every flag about medicine there ever was: key and state.
func (c *cabinet) history() (out []string) {
	c.t.Helper()
	var rows []struct {
		Key   string `db:"key"`
		State string `db:"state"`
	}
	check(c.t, c.h.App.DB().NewQuery("SELECT key, state FROM flags WHERE patient={:p} AND family='medication' ORDER BY key").Bind(dbx.Params{"p": annas}).All(&rows))
	for _, r := range rows {
		out = append(out, r.Key+" "+r.State)
	}
	return out
}

func (c *cabinet) stands(story string, want ...string) {
	c.t.Helper()
	if got := c.history(); !slices.Equal(got, want) {
		c.t.Errorf("%s: %q, want %q", story, got, want)
	}
}

func (c *cabinet) looks() { runJob(c.t, c.h, "medication") }

func runJob(t *testing.T, h *hookstest.House, name string) {
	t.Helper()
	for _, job := range h.App.Cron().Jobs() {
		if job.Id() == name {
			job.Run()
			return
		}
	}
	t.Errorf("there is no job %s", name)
}

func (c *cabinet) read(who string) hookstest.Answer {
	return c.h.Do(who, "GET", "/api/patients/"+annas+"/medication", nil)
}

func findings(a hookstest.Answer) (out []string) {
	for _, f := range a.Body["findings"].([]any) {
		one := f.(map[string]any)
		out = append(out, fmt.Sprint(one["code"], " ", one["class"], " ", one["days"]))
	}
	return out
}

func TestFlagsRiseAndFallOnceWhateverComesLate(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	c.records(30, 10)
	c.takesDays(sumatriptan, 1, 7)
	c.phone.Sync()
	c.stands("seven days")
	c.takes(sumatriptan, 20) // found in the pocket three weeks later
	c.phone.Sync()
	c.stands("the eighth", "MED_NEAR:triptan:1 standing")
	c.takes(sumatriptan, 21)
	again := c.phone.Send(500) // the answer gets lost
	if again.Status != 200 {
		t.Fatal(again.Text)
	}
	c.phone.Sync()
	c.stands("the ninth, sent twice", "MED_NEAR:triptan:1 standing")
	tenth := c.takes(sumatriptan, 29)
	c.phone.Sync()
	c.stands("the tenth", "MED_NEAR:triptan:1 withdrawn", "MED_OVER:triptan:1 standing")
	var alerts []string
	check(t, c.h.App.DB().NewQuery("SELECT key || ' ' || level FROM safety_alerts").Column(&alerts))
	if got := strings.Join(alerts, ", "); got != "MED_OVER:MED_OVER:triptan:1 soon" {
		t.Errorf("the clinic is told within days, once: %s", got) // spec §7.1 item 15
	}

	dump := c.h.Dump()
	c.looks()
	c.looks()
	if c.h.Dump() != dump {
		t.Error("the hourly look has changed something, and nothing was new")
	}
	c.phone.Delete("medication_doses", tenth)
	c.phone.Put("medication_doses", "thesamedose0001", map[string]any{"patient": annas, "medication": sumatriptan, "tz": "America/New_York", "taken_at": wire(c.today.Add(-28).Start(time.UTC).Add(13 * time.Hour))})
	c.phone.Sync()
	c.stands("taken out and put in again a day later, in one push", "MED_NEAR:triptan:1 withdrawn", "MED_OVER:triptan:1 standing")
	c.phone.Delete("medication_doses", "thesamedose0001")
	c.phone.Sync()
	c.stands("nine again", "MED_NEAR:triptan:1 withdrawn", "MED_NEAR:triptan:2 standing", "MED_OVER:triptan:1 withdrawn")
	c.phone.Put("medications", sumatriptan, map[string]any{"drug_class": "gepant"})
	c.phone.Sync()
	c.stands("it was a gepant all along", "MED_NEAR:triptan:1 withdrawn", "MED_NEAR:triptan:2 withdrawn", "MED_OVER:triptan:1 withdrawn")
	if days := c.read("anna").Body["month"].(map[string]any)["byClass"].([]any); !strings.Contains(fmt.Sprint(days), "class:gepant code: days:9 limit:<nil>") {
		t.Errorf("its days are shown all the same: %v", days)
	}
}

func TestDaysThatPassWithdrawAFlagInThePatientsZone(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	c.records(30, 0)
	c.takesDays(ibuprofen, 18, 29) // twelve of fifteen, the first of them at the edge of the month
	c.phone.Sync()
	c.stands("twelve days", "MED_NEAR:simple_analgesic:1 standing")
	midnight := (c.today + 1).Start(time.UTC).Add(4 * time.Hour) // in New York
	c.h.Clock.Set(midnight.Add(-time.Minute))
	c.looks()
	c.stands("a minute before midnight", "MED_NEAR:simple_analgesic:1 standing")
	c.h.Clock.Set(midnight.Add(time.Minute))
	c.looks()
	c.looks()
	c.stands("a minute after", "MED_NEAR:simple_analgesic:1 withdrawn")
	c.today++
	c.takes(ibuprofen, 0)
	c.phone.Sync()
	c.stands("one more today: a new occasion", "MED_NEAR:simple_analgesic:1 withdrawn", "MED_NEAR:simple_analgesic:2 standing")
}

// Many looks at once, and entries meanwhile: one row for one occasion.
func TestManyLooksAtOnce(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	c.records(30, 0)
	c.takesDays(sumatriptan, 20, 29)
	c.phone.Sync()
	c.stands("ten days", "MED_OVER:triptan:1 standing")
	c.on(c.today + 1) // the first of them leaves the month; today is not recorded yet
	token, body := c.h.Token("anna"), map[string]any{"patient": annas, "medication": ibuprofen, "taken_at": wire(c.today.Start(time.UTC).Add(time.Hour))}
	var group sync.WaitGroup
	for range 8 {
		group.Go(c.looks)
		group.Go(func() { c.h.DoWith(token, "POST", "/api/collections/medication_doses/records", body) })
	}
	group.Wait()
	c.stands("nine of the triptan, and ten with the ibuprofen", "MED_NEAR:triptan:1 standing", "MED_OVER:several:1 standing", "MED_OVER:triptan:1 withdrawn")
}

// With 20 recorded days nothing is said; the 21st, entered late, lets it be said.
func TestNothingIsSaidOfAMonthHardlyRecorded(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	c.records(20, 0)
	c.takesDays(sumatriptan, 1, 12)
	c.phone.Sync()
	c.stands("20 recorded days")
	a := c.read("anna")
	if month := a.Body["month"].(map[string]any); month["reason"] != "NOT_ENOUGH_DAYS" || month["recordedDays"] != 20.0 || month["acuteDays"] != 12.0 || len(findings(a)) != 0 {
		t.Errorf("%v", month)
	}
	c.answers(25, false)
	c.phone.Sync()
	c.stands("21", "MED_OVER:triptan:1 standing")
	c.phone.Delete("diary_days", entry.DayID(annas, c.today.Add(-25).String()))
	c.phone.Sync()
	c.stands("20 again", "MED_OVER:triptan:1 withdrawn")
}

func TestThreeMonthsInARow(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	for block := range 3 {
		for i := range 30 {
			c.answers(30*block+i, i < 15)
		}
		c.takesDays(sumatriptan, 30*block, 30*block+9)
	}
	c.phone.Sync()
	c.stands("15 headache days and ten with a triptan, three times", "MED_OVER:triptan:1 standing", "MOH_PATTERN::1 standing")
	a := c.read("anna")
	if got := findings(a); !slices.Equal(got, []string{"MED_OVER triptan 10", "MOH_PATTERN  15"}) || len(a.Body["blocks"].([]any)) != 3 {
		t.Errorf("%q", got)
	}
	c.answers(60, false) // it was no headache after all, two months ago
	c.phone.Sync()
	c.stands("fourteen in the oldest", "MED_OVER:triptan:1 standing", "MOH_PATTERN::1 withdrawn")
}

// The team sees a flag about medicine only while the patient shares her medicines, and there is none while she does not share
// the diary that it rests on. She herself sees it always.
func TestAFlagAboutMedicineIsTheTeamsOnlyWhileShared(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	c.records(30, 0)
	c.takesDays(sumatriptan, 1, 10)
	c.phone.Sync()
	list := func(who string) int {
		return len(c.h.Do(who, "GET", "/api/collections/flags/records?filter=(patient=%22"+annas+"%22)", nil).Items())
	}
	var id string
	check(t, c.h.App.DB().NewQuery("SELECT id FROM flags WHERE code='MED_OVER'").Row(&id))
	sees := func(story string, flags, route int) {
		t.Helper()
		for _, who := range []string{"thera", "assi"} {
			if list(who) != flags || c.read(who).Status != route {
				t.Errorf("%s: %s lists %d flags and the route answers %d", story, who, list(who), c.read(who).Status)
			}
			if a := c.h.Do(who, "GET", "/api/collections/flags/records/"+id, nil); (a.Status == 200) != (flags > 0) {
				t.Errorf("%s: the flag itself is %d for %s", story, a.Status, who)
			}
			a := c.h.Do(who, "GET", "/api/collections/patients/records/"+annas+"?expand=flags_via_patient", nil)
			if strings.Contains(a.Text, "MED_OVER") && flags == 0 {
				t.Errorf("%s: an expand shows it: %s", story, a.Text)
			}
		}
		if c.read("neuro").Status != route {
			t.Errorf("%s: the neurologist gets %d", story, c.read("neuro").Status)
		}
		for _, who := range []string{"desk", "admin", "sid", "bo"} {
			if list(who) != 0 || c.read(who).Status != 404 {
				t.Errorf("%s: %s lists %d flags, the route answers %d", story, who, list(who), c.read(who).Status)
			}
		}
		if got := findings(c.read("anna")); !slices.Equal(got, []string{"MED_OVER triptan 10"}) {
			t.Errorf("%s: she herself reads %q", story, got)
		}
	}
	sees("shared", 1, 200)
	c.consent("medication", "withdrawn")
	sees("medicines not shared", 0, 404)
	if a := c.h.Do("thera", "POST", "/api/flags/"+id+"/clear", map[string]any{"reason": "talked to Dr Lee"}); a.Status != 404 {
		t.Errorf("a flag that is not shown is cleared: %d %s", a.Status, a.Text)
	}
	c.stands("and none stands", "MED_OVER:triptan:1 withdrawn")
	c.consent("medication", "given")
	sees("shared again: a new occasion", 2, 200)
	c.consent("diary", "withdrawn")
	c.stands("without the diary there is nothing that it rests on", "MED_OVER:triptan:1 withdrawn", "MED_OVER:triptan:2 withdrawn")
	if a := c.read("thera"); len(findings(a)) != 0 || fmt.Sprint(a.Body["notShared"]) != "[diary]" || a.Body["month"].(map[string]any)["acuteDays"] != 10.0 {
		t.Errorf("a therapist without the diary reads %s", a.Text)
	}
}

func (c *cabinet) consent(family, state string) {
	c.t.Helper()
	r, err := c.h.App.FindFirstRecordByFilter("consents", "patient={:p} && family={:f}", dbx.Params{"p": annas, "f": family})
	check(c.t, err)
	r.Set("state", state)
	check(c.t, c.h.App.Save(r))
}

// A therapist who has talked it over clears the flag. It stays cleared while it is so, and is raised again when it comes back.
func TestAClearedFlagStaysCleared(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	c.records(30, 0)
	c.takesDays(sumatriptan, 0, 9)
	c.phone.Sync()
	var id string
	check(t, c.h.App.DB().NewQuery("SELECT id FROM flags WHERE code='MED_OVER'").Row(&id))
	if a := c.h.Do("thera", "POST", "/api/flags/"+id+"/clear", map[string]any{"reason": "talked to Dr Lee"}); a.Status != 204 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	extra := c.takes(sumatriptan, 15)
	c.phone.Sync()
	c.looks()
	c.stands("eleven days, and cleared", "MED_OVER:triptan:1 cleared")
	for _, gone := range []string{extra, fmt.Sprintf("%sx%d", sumatriptan, c.today), fmt.Sprintf("%sx%d", sumatriptan, c.today-1), fmt.Sprintf("%sx%d", sumatriptan, c.today-2)} {
		c.phone.Delete("medication_doses", gone)
	}
	c.phone.Sync()
	c.stands("it has passed", "MED_OVER:triptan:1 withdrawn")
	r, err := c.h.App.FindRecordById("flags", id)
	check(t, err)
	if r.GetString("cleared_because") != "talked to Dr Lee" || r.GetDateTime("cleared_at").IsZero() {
		t.Errorf("what the therapist said is gone: %v", r.PublicExport())
	}
	c.takesDays(sumatriptan, 0, 2)
	c.phone.Sync()
	c.stands("it is back", "MED_OVER:triptan:1 withdrawn", "MED_OVER:triptan:2 standing")
}

// A flag is written by the rules alone.
func TestNobodyWritesAFlagAboutMedicine(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	forged := map[string]any{"patient": annas, "code": "MED_OVER", "key": "MED_OVER:triptan:1", "family": "medication", "raised_on": "2026-06-30", "state": "standing"}
	before := c.h.Dump()
	for _, who := range []string{"anna", "thera", "neuro", "desk", "root"} {
		if a := c.h.Do(who, "POST", "/api/collections/flags/records", forged); a.Status < 400 {
			t.Errorf("%s writes a flag: %d", who, a.Status)
		}
	}
	c.h.Do("root", "GET", "/api/health", nil)
	if got := withoutSuperusers(c.h.Dump()); got != withoutSuperusers(before) {
		t.Error("something was stored")
	}
}

// withoutSuperusers: the first request as root makes the account.
func withoutSuperusers(dump string) string {
	lines := slices.DeleteFunc(strings.Split(dump, "\n"), func(line string) bool { return strings.HasPrefix(line, "_superusers") })
	return strings.Join(lines, "\n")
}

func TestADoseOfAStoppedDrugIsRefusedAndStaysOnThePhone(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	c.phone.Put("medications", sumatriptan, map[string]any{"stopped_on": c.today.Add(-5).String()})
	c.phone.Sync()
	before := c.h.Dump()
	late := c.takes(sumatriptan, 4)
	c.phone.Sync()
	if data := c.phone.Refused("medication_doses", late); data["E_DRUG_STOPPED"] == nil || c.phone.Row("medication_doses", late) == nil {
		t.Errorf("the phone shows %v", data)
	}
	rest := map[string]any{"patient": annas, "medication": sumatriptan, "tz": "America/New_York", "taken_at": wire(c.today.Add(-4).Start(time.UTC).Add(13 * time.Hour))}
	for _, who := range []string{"anna", "thera"} {
		a := c.h.Do(who, "POST", "/api/collections/medication_doses/records", rest)
		if a.Status != 422 || !a.Has("E_DRUG_STOPPED") {
			t.Errorf("%s over REST: %d %s", who, a.Status, a.Text)
		}
	}
	if c.h.Dump() != before {
		t.Error("something of it was stored")
	}
	onTheLastDay := c.takes(sumatriptan, 5) // and a late entry of the time before
	c.takes(sumatriptan, 40)
	c.phone.Sync()
	if c.phone.Refused("medication_doses", onTheLastDay) != nil || len(c.phone.Rows("medication_doses")) != 3 || c.phone.Waiting() != 1 {
		t.Errorf("doses up to the last day are stored: %v", c.phone.Stopped())
	}
	// the way out: the medicine is opened again, and the entry is tried again
	c.phone.Put("medications", sumatriptan, map[string]any{"stopped_on": ""})
	c.takes(sumatriptan, 4)
	c.phone.Sync()
	if c.phone.Waiting() != 0 {
		t.Errorf("still waiting: %v", c.phone.Stopped())
	}
	// the rule from the other side: the list cannot say that it was stopped before its last dose
	c.phone.Put("medications", sumatriptan, map[string]any{"stopped_on": c.today.Add(-5).String()})
	c.phone.Sync()
	if data := c.phone.Refused("medications", sumatriptan); data["E_DRUG_STOPPED"] == nil {
		t.Errorf("stopped before a dose: %v", data)
	}
	c.phone.Put("medications", sumatriptan, map[string]any{"stopped_on": c.today.Add(-4).String()})
	c.phone.Sync()
	// what else is said of a dose may be said later
	c.phone.Put("medication_doses", late, map[string]any{"worked": true, "pain_2h": 0})
	c.phone.Sync()
	if c.phone.Waiting() != 0 {
		t.Errorf("still waiting: %v", c.phone.Stopped())
	}
}

// The last day is counted where the dose was taken: New York's evening is the next day in UTC.
func TestTheLastDayOfADrugIsLocal(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	last := c.today.Add(-3)
	c.phone.Put("medications", sumatriptan, map[string]any{"stopped_on": last.String()})
	c.phone.Sync()
	evening := (last + 1).Start(time.UTC).Add(3*time.Hour + 59*time.Minute)
	for i, story := range []struct {
		at      time.Time
		zone    string
		refused bool
	}{{evening, "America/New_York", false}, {evening, "", false}, {evening, "Europe/Berlin", true}, {evening.Add(time.Minute), "America/New_York", true}} {
		a := c.h.Do("anna", "POST", "/api/collections/medication_doses/records", map[string]any{"id": fmt.Sprintf("eveningdose000%d", i), "patient": annas,
			"medication": sumatriptan, "tz": story.zone, "taken_at": wire(story.at)})
		if a.Has("E_DRUG_STOPPED") != story.refused || (a.Status == 200) == story.refused {
			t.Errorf("%v in %q: %d %s", story.at, story.zone, a.Status, a.Text)
		}
	}
}

func TestWhatADoseAndAMedicineCannotSay(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	c.phone.Sync()
	now := c.today.Start(time.UTC).Add(14 * time.Hour)
	cases := []struct {
		name, collection, code string
		fields                 map[string]any
	}{
		{"a dose without a medicine", "medication_doses", "", map[string]any{"taken_at": wire(now)}},
		{"a dose of no such medicine", "medication_doses", "", map[string]any{"taken_at": wire(now), "medication": "nosuchmedicine0"}},
		{"a dose in two days", "medication_doses", "E_TIME_FUTURE", map[string]any{"medication": sumatriptan, "taken_at": wire(now.Add(48 * time.Hour))}},
		{"pain at two hours, after one", "medication_doses", "E_TOO_EARLY", map[string]any{"medication": sumatriptan, "taken_at": wire(now.Add(-time.Hour)), "pain_2h": 0}},
		{"pain 11", "medication_doses", "E_VALUE", map[string]any{"medication": sumatriptan, "taken_at": wire(now.Add(-3 * time.Hour)), "pain_before": 11}},
		{"stopped before it was begun", "medications", "E_END_BEFORE_START", map[string]any{"name": "X", "drug_class": "opioid", "indication": "acute", "started_on": "2026-02-01", "stopped_on": "2026-01-31"}},
		{"begun tomorrow week", "medications", "E_TIME_FUTURE", map[string]any{"name": "X", "drug_class": "opioid", "indication": "acute", "started_on": "2026-07-08"}},
		{"no such class", "medications", "", map[string]any{"name": "X", "drug_class": "miracle", "indication": "acute"}},
		{"a side effect of nothing", "medication_effects", "", map[string]any{"effect": "tired", "noted_on": "2026-06-01"}},
		{"a side effect without a word", "medication_effects", "", map[string]any{"medication": sumatriptan, "noted_on": "2026-06-01"}},
		{"a side effect of next month", "medication_effects", "E_TIME_FUTURE", map[string]any{"medication": sumatriptan, "effect": "tired", "noted_on": "2026-08-01"}},
		{"how bad: 11", "medication_effects", "E_VALUE", map[string]any{"medication": sumatriptan, "effect": "tired", "noted_on": "2026-06-01", "severity": 11}},
		{"stopped because of it: maybe", "medication_effects", "E_VALUE", map[string]any{"medication": sumatriptan, "effect": "tired", "noted_on": "2026-06-01", "stopped_because": 1}},
	}
	before := c.h.Dump()
	for i, x := range cases {
		x.fields["patient"] = annas
		if a := c.h.Do("anna", "POST", "/api/collections/"+x.collection+"/records", x.fields); a.Status < 400 || x.code != "" && !a.Has(x.code) {
			t.Errorf("%s over REST: %d %s", x.name, a.Status, a.Text)
		}
		p := c.h.Phone("anna")
		id := fmt.Sprintf("wrongentry%05d", i)
		p.Put(x.collection, id, x.fields)
		p.Sync()
		if data := p.Refused(x.collection, id); data == nil || x.code != "" && data[x.code] == nil {
			t.Errorf("%s from a phone: %v", x.name, data)
		}
	}
	if c.h.Dump() != before {
		t.Error("something of them was stored")
	}
	if a := c.h.Do("anna", "POST", "/api/collections/medication_doses/records", map[string]any{"patient": annas, "medication": sumatriptan, "taken_at": wire(now.Add(-95 * time.Minute)), "pain_2h": 0}); a.Status != 200 {
		t.Errorf("at one hour and a half it is nearly two: %d %s", a.Status, a.Text)
	}
}

// One page for patient, therapist and neurologist: use, limits, effect, side effects, time line.
func TestMedicinesOnOnePage(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	start := c.today.Add(-30)
	runSQL(t, c.h.App, fmt.Sprintf(`INSERT INTO plans(id, patient, clinic, episode, state, start_date, planned_visits) VALUES('planofanna00000', '%s', '%s', '1', 'active', '%s', 6)`, annas, hookstest.ID("north"), start))
	runSQL(t, c.h.App, fmt.Sprintf(`INSERT INTO visits(id, patient, plan, kind, mode, status, started_at) VALUES('visitofanna0000', '%s', 'planofanna00000', 'evaluation', 'in_person', 'completed', '%s')`, annas, start.Start(time.UTC).Add(15*time.Hour).Format("2006-01-02 15:04:05.000Z")))
	c.records(60, 0)
	for i, twoHours := range []int{0, 0, 0, 5, 5} { // on the plan, four days apart
		day := c.today.Add(-3 - 4*i)
		attack, onset := fmt.Sprintf("attackofanna%03d", i), day.Start(time.UTC).Add(12*time.Hour)
		c.phone.Put("attacks", attack, map[string]any{"patient": annas, "tz": "America/New_York", "started_at": wire(onset), "ended_at": wire(onset.Add(6 * time.Hour)), "peak_nrs": 7})
		c.phone.Put("medication_doses", fmt.Sprintf("doseinattack%03d", i), map[string]any{"patient": annas, "medication": sumatriptan, "attack": attack, "tz": "America/New_York",
			"taken_at": wire(onset.Add(time.Hour)), "pain_before": 6, "pain_2h": twoHours})
	}
	c.takes(ibuprofen, 1) // outside
	c.phone.Put("medications", "candesartan0000", map[string]any{"patient": annas, "name": "Candesartan", "drug_class": "preventive", "indication": "preventive", "started_on": "2026-05-01", "prescriber": "Dr Lee"})
	c.phone.Put("medications", "topiramate00000", map[string]any{"patient": annas, "name": "Topiramate", "drug_class": "preventive", "indication": "preventive", "started_on": "2026-02-01", "stopped_on": "2026-04-30"})
	c.takes("candesartan0000", 2)
	c.phone.Put("medication_effects", "tiredofanna0000", map[string]any{"patient": annas, "medication": "topiramate00000", "effect": "tired", "severity": 6, "stopped_because": true, "noted_on": "2026-03-15"})
	c.phone.Sync()
	for _, who := range []string{"anna", "thera", "assi", "neuro"} {
		a := c.read(who)
		if a.Status != 200 {
			t.Fatalf("%s: %d %s", who, a.Status, a.Text)
		}
		month := a.Body["month"].(map[string]any)
		if month["acuteDays"] != 6.0 || month["recordedDays"] != 30.0 || a.Body["advice"] != "Do not stop or change medicine because of this app. Ask the person who prescribed it." {
			t.Errorf("%s: %v", who, month)
		}
		in, out := 0, 0
		for _, d := range a.Body["doses"].([]any) {
			switch dose := d.(map[string]any); {
			case dose["acute"] == true && dose["attack"] != "":
				in++
			case dose["acute"] == true:
				out++
			}
		}
		if in != 5 || out != 1 {
			t.Errorf("%s: %d doses in attacks, %d outside", who, in, out)
		}
		if got := fmt.Sprint(a.Body["preventive"]); got != "[map[days:1 doses:1 medicine:candesartan0000]]" {
			t.Errorf("%s: preventive %s", who, got)
		}
		plan := a.Body["effect"].([]any)[1].(map[string]any)
		free, kept := plan["painFree2h"].(map[string]any), plan["sustained24h"].(map[string]any)
		if plan["phase"] != "plan" || free["yes"] != 3.0 || free["n"] != 5.0 || free["percent"] != 60.0 || free["low"] != 23.07 || free["high"] != 88.24 || kept["n"] != 5.0 || kept["yes"] != 3.0 {
			t.Errorf("%s: %v", who, plan)
		}
		if base := a.Body["effect"].([]any)[0].(map[string]any)["painFree2h"].(map[string]any); base["percent"] != nil || base["reason"] != "TOO_FEW_ATTACKS" {
			t.Errorf("%s: baseline %v", who, base)
		}
		effects := a.Body["sideEffects"].([]any)[0].(map[string]any)
		if effects["effect"] != "tired" || effects["severity"] != 6.0 || effects["stoppedBecause"] != true {
			t.Errorf("%s: %v", who, effects)
		}
		var line []string
		for _, e := range a.Body["timeline"].([]any) {
			one := e.(map[string]any)
			line = append(line, fmt.Sprint(one["day"], " ", one["what"], " ", one["name"]))
		}
		want := []string{"2026-01-05 medicine_started Sumatriptan", "2026-02-01 medicine_started Topiramate", "2026-04-30 medicine_stopped Topiramate", "2026-05-01 medicine_started Candesartan"}
		if who != "neuro" { // she does not see the plan
			want = append(want, "2026-05-31 plan_started ", "2026-05-31 visit ")
		}
		if !slices.Equal(line, want) {
			t.Errorf("%s: %q", who, line)
		}
		windows := a.Body["acuteDays28"].([]any)
		if w := windows[len(windows)-1].(map[string]any); w["window"] != "T2" || w["recordedDays"] == nil || w["logged"] == nil {
			t.Errorf("%s: %v", who, w)
		}
	}
	for _, who := range []string{"desk", "admin", "bo", "sid", ""} {
		if a := c.read(who); a.Status != 404 && a.Status != 401 || strings.Contains(a.Text, "triptan") {
			t.Errorf("%q: %d", who, a.Status)
		}
	}
}

package hooks_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/access"
	rules "interictal/hooks/caseload"
	"interictal/hooks/clinic"
	"interictal/hooks/hookstest"
)

// listOf is the answer without the moment at which it was asked for.
func listOf(t testing.TB, h *hookstest.House, as string) []any {
	t.Helper()
	a := h.Do(as, "GET", "/api/caseload", nil)
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	return a.Body["patients"].([]any)
}

func rowOf(t testing.TB, h *hookstest.House, as, patient string) map[string]any {
	t.Helper()
	for _, row := range listOf(t, h, as) {
		if r := row.(map[string]any); r["id"] == hookstest.ID(patient) {
			return r
		}
	}
	t.Fatalf("%s is not in the list of %s", patient, as)
	return nil
}

func clinicOfThree(t testing.TB, h *hookstest.House) {
	t.Helper()
	g := hookstest.NewGenerator(h.App, h.Clock, 7, time.Now())
	g.Clinic("demo", "Demo (synthetic)")
	g.Staff("amira", "Amira N., PT", "amira@demo.interictal.test", access.Therapist)
	g.Patient(hookstest.Persona{ID: "ada", Name: "Ada", Weeks: 4, Before: 0.32, During: 0.2, Keeps: 0.93, State: "active", Visits: 6, Planned: 6}, "amira")
	g.Patient(hookstest.Persona{ID: "ben", Name: "Ben", Weeks: 2, Before: 0.2, During: 0.6, Keeps: 0.9, State: "active", Visits: 3, Planned: 8}, "amira")
	g.Patient(hookstest.Persona{ID: "edi", Name: "Edi", Weeks: 6, Before: 0.35, During: 0.25, Keeps: 0.8, Silent: 9, State: "active", Visits: 5, Planned: 6}, "amira")
	check(t, g.Err())
}

// Whatever is written, in whatever way, on whatever day: the list says what a fresh reckoning says.
func TestCaseloadIsNeverWrongAfterRandomWrites(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	clinicOfThree(t, h)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	patients := []string{hookstest.ID("ada"), hookstest.ID("ben"), hookstest.ID("edi")}
	now := time.Now()
	for i := range 60 {
		what := writeSomething(t, h, random, patients[random.IntN(3)], now)
		if random.IntN(6) == 0 {
			now = now.Add(time.Duration(random.IntN(60)-10) * time.Hour) // a clock may be set back, too
			h.Clock.Set(now)
			what += ", then " + now.Format(time.RFC3339)
		}
		kept, again := listOf(t, h, "amira"), listOf(t, h, "amira")
		runSQL(t, h.App, "UPDATE caseload_rows SET touched=touched+1, body='', until=''")
		fresh := listOf(t, h, "amira")
		if fmt.Sprint(kept) != fmt.Sprint(fresh) || fmt.Sprint(again) != fmt.Sprint(fresh) {
			t.Fatalf("step %d, %s:\nkept  %v\nagain %v\nfresh %v", i, what, kept, again, fresh)
		}
	}
}

// writeSomething changes one row of one table that the list rests on: by a record where a phone would, else straight in SQL.
func writeSomething(t *testing.T, h *hookstest.House, random *rand.Rand, patient string, now time.Time) string {
	t.Helper()
	day := clinic.DayOf(now, time.UTC).Add(-random.IntN(70))
	at := func(days int) string { return now.AddDate(0, 0, days).UTC().Format("2006-01-02 15:04:05.000Z") }
	id := fmt.Sprintf("random%09d", random.IntN(1e9))
	one := func(table, set string) string {
		return "UPDATE " + table + " SET " + set + " WHERE id IN (SELECT id FROM " + table + " WHERE patient='" + patient + "' ORDER BY random() LIMIT 1)"
	}
	gone := func(table string) string {
		return "DELETE FROM " + table + " WHERE id IN (SELECT id FROM " + table + " WHERE patient='" + patient + "' ORDER BY random() LIMIT 1)"
	}
	statements := []string{
		fmt.Sprintf("INSERT OR IGNORE INTO attacks(id, patient, started_at, peak_nrs, end_known) VALUES('%s', '%s', '%s', 6, '')", id, patient, at(-random.IntN(40))),
		one("attacks", "ended_at=''"), one("attacks", "peak_nrs=2"), gone("attacks"), one("attack_readings", "nrs=9"), gone("attack_readings"),
		one("diary_days", "headache='true'"), one("diary_days", "headache='null'"), gone("diary_days"),
		one("medication_doses", "taken_at='"+at(-3)+"'"), gone("medication_doses"), one("medications", "indication='preventive'"),
		one("exercise_logs", "skipped='attack'"), gone("exercise_logs"), one("exercise_versions", "stopped_on='"+day.String()+"'"), one("exercises", "category='relaxation'"),
		one("plans", "visit_count=visit_count+1"), one("plans", "state='paused', paused_since='"+day.String()+"', pause_reason='illness'"), one("plans", "state='active', paused_since=''"),
		one("plans", "start_date='"+day.String()+"'"), one("plans", "wellness_due=NOT wellness_due"),
		one("visits", "status='scheduled', scheduled_at='"+at(random.IntN(5)-2)+"'"), gone("visits"),
		fmt.Sprintf("INSERT INTO tasks(id, patient, code, due, state, raised_at) VALUES('%s', '%s', 'REVIEW_6', '%s', 'open', '%s')", id, patient, day.Add(random.IntN(80)), at(0)),
		one("tasks", "state='done'"), gone("tasks"),
		fmt.Sprintf("INSERT INTO flags(id, patient, code, raised_on, state, key) VALUES('%s', '%s', 'MED_OVER', '%s', 'standing', '%s')", id, patient, day, id), one("flags", "state='cleared'"),
		fmt.Sprintf("INSERT INTO safety_alerts(id, patient, code, level, raised_at) VALUES('%s', '%s', 'X', '%s', '%s')", id, patient, []string{"urgent", "soon"}[random.IntN(2)], at(0)),
		one("safety_alerts", "closed_at='"+at(0)+"'"),
		fmt.Sprintf("INSERT INTO change_reports(id, patient, reason, happened_on) VALUES('%s', '%s', 'illness', '%s')", id, patient, day),
		fmt.Sprintf("INSERT INTO attack_phases(id, patient, attack, phase, \"from\", until) SELECT '%s', '%s', id, 'hangover', '%s', '%s' FROM attacks WHERE patient='%s' LIMIT 1", id, patient, at(-4), at(-3), patient),
		fmt.Sprintf("INSERT INTO care_messages(id, patient, body, author_role, read_by_therapist) VALUES('%s', '%s', 'x', 'patient', '')", id, patient),
		"UPDATE consents SET state=CASE state WHEN 'given' THEN 'withdrawn' ELSE 'given' END WHERE patient='" + patient + "' AND family='" + string(access.Families[random.IntN(len(access.Families))]) + "'",
		"UPDATE patients SET timezone='" + []string{"Europe/Berlin", "America/New_York", "Asia/Kathmandu"}[random.IntN(3)] + "' WHERE id='" + patient + "'",
		"UPDATE clinics SET timezone='" + []string{"Europe/Berlin", "America/New_York"}[random.IntN(2)] + "' WHERE id='" + hookstest.ID("demo") + "'",
	}
	if random.IntN(4) == 0 { // as an entry comes from a phone, through the doors
		record := map[string]any{"patient": patient, "started_at": at(-random.IntN(20)), "peak_nrs": 5}
		save(t, h.App, "attacks", "entry"+id[5:], record)
		return fmt.Sprint("an entry ", record)
	}
	statement := statements[random.IntN(len(statements))]
	runSQL(t, h.App, statement)
	return statement
}

// A row rests on nothing that could change without taking it away.
func TestCaseloadRestsOnNothingElse(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	clinicOfThree(t, h)
	runSQL(t, h.App, "UPDATE caseload_rows SET touched=touched+1, body='', until=''")
	db := h.App.ConcurrentDB().(*dbx.DB)
	read := map[string]bool{}
	tables := regexp.MustCompile("(?:FROM|JOIN) [`{(]*(\\w+)")
	log := db.QueryLogFunc
	db.QueryLogFunc = hooks.LogTables(func(statement string) {
		for _, m := range tables.FindAllStringSubmatch(statement, -1) {
			read[m[1]] = true
		}
	})
	listOf(t, h, "amira")
	db.QueryLogFunc = log
	known := append([]string{"patients", "clinics", "SELECT", "care_links", "caseload_rows", "audit_events", "practitioners", "users"}, rules.RestsOn...)
	for table := range read {
		if !slices.Contains(known, table) && !strings.HasPrefix(table, "sync_") { // the hub follows the journal
			t.Errorf("a row is reckoned from %s, which does not take it away", table)
		}
	}
	if len(read) < 15 {
		t.Errorf("only %v were read", read)
	}
}

// Two things at once: a row is reckoned while its patient writes. The older one is never stored.
func TestCaseloadRowReckonedAtOnceWithNewsIsNotStored(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	clinicOfThree(t, h)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				save(t, h.App, "attacks", fmt.Sprintf("attackatonce%04d", i), map[string]any{"patient": hookstest.ID("ada"), "started_at": time.Now().Add(-time.Hour), "peak_nrs": 5})
			}
		}
	}()
	for range 40 {
		listOf(t, h, "amira")
	}
	close(stop)
	<-done
	kept := listOf(t, h, "amira")
	runSQL(t, h.App, "UPDATE caseload_rows SET touched=touched+1, body='', until=''")
	if fresh := listOf(t, h, "amira"); fmt.Sprint(kept) != fmt.Sprint(fresh) {
		t.Errorf("kept %v\nfresh %v", kept, fresh)
	}
}

// The list as a therapist sees it: everybody at her place, with the reason, and what the numbers rest on.
func TestCaseloadSaysWhy(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	clinicOfThree(t, h)
	edi := rowOf(t, h, "amira", "edi")
	if rank := edi["rank"].(map[string]any); rank["code"] != "SILENT" || !strings.HasPrefix(rank["reason"].(string), "Silent ") || !strings.HasSuffix(rank["reason"].(string), "active in week 7 of 4–6") {
		t.Errorf("%v", rank)
	}
	ada := rowOf(t, h, "amira", "ada")
	if days := ada["headacheDays"].(map[string]any); days["noise"] == nil || days["halved"] == nil {
		t.Errorf("noise is half the interval, and a word says whether it halved: %v", days)
	}
	if home := ada["home"].(map[string]any); home["of"].(float64) < 1 {
		t.Errorf("a home program has its share: %v", home)
	}
	if ada["ending"] != true || edi["ending"] != true || rowOf(t, h, "amira", "ben")["ending"] != false {
		t.Error("Ada has no visit left, Edi is in week 7, Ben has just begun")
	}
	runSQL(t, h.App, "INSERT INTO safety_alerts(id, patient, code, level, raised_at) VALUES('alertofedi00001', '"+hookstest.ID("edi")+"', 'THUNDERCLAP', 'emergency', '2026-01-05 10:00:00.000Z')")
	list := listOf(t, h, "amira")
	first := list[0].(map[string]any)
	if first["id"] != hookstest.ID("edi") || first["rank"].(map[string]any)["code"] != "ALERT" || first["alerts"].(map[string]any)["open"] != 1.0 {
		t.Errorf("an alert that cannot wait comes first: %v", first["rank"])
	}
	runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE patient='"+hookstest.ID("ada")+"'")
	ada = rowOf(t, h, "amira", "ada")
	if ada["consent"] != false || ada["home"] != nil || ada["unread"] != nil || ada["silentDays"] != nil || len(ada["weekly"].([]any)) != 0 {
		t.Errorf("what is not shared is not there: %v", ada)
	}
}

// benchCaseload gives thera's list n of so many patients, each with ten weeks of diary.
func benchCaseload(b *testing.B, h *hookstest.House, from, to int, mine bool) {
	b.Helper()
	check(b, h.App.RunInTransaction(func(tx core.App) error {
		today := clinic.DayOf(time.Now(), time.UTC)
		for i := from; i < to; i++ {
			id := patientAt(i)
			runSQL(b, tx, "INSERT INTO patients(id, clinic, name, timezone) VALUES('"+id+"', '"+hookstest.ID("north")+"', 'Patient "+fmt.Sprint(i)+"', 'Europe/Berlin')")
			for _, f := range access.Families {
				runSQL(b, tx, "INSERT INTO consents(id, patient, family, state) VALUES('"+string(f[:3])+id+"', '"+id+"', '"+string(f)+"', 'given')")
			}
			if mine {
				runSQL(b, tx, "INSERT INTO care_links(id, patient, member, role) VALUES('link"+id[4:]+"', '"+id+"', '"+hookstest.ID("thera")+"', 'therapist')")
			}
			runSQL(b, tx, "INSERT INTO plans(id, patient, clinic, episode, state, planned_visits, start_date) VALUES('plan"+id[4:]+"', '"+id+"', '"+hookstest.ID("north")+"', '1', 'active', 6, '"+today.Add(-30).String()+"')")
			if !mine {
				continue
			}
			for day := today.Add(-70); day <= today; day++ {
				runSQL(b, tx, fmt.Sprintf("INSERT INTO diary_days(id, patient, day, headache, acute_medicine, neck_pain_nrs, worst_pain_nrs) VALUES('%s%s', '%s', '%s', '%v', 'false', 2, 4)",
					id, strings.ReplaceAll(day.String(), "-", ""), id, day, (int(day)+i)%4 == 0))
			}
			for j := range 12 {
				runSQL(b, tx, fmt.Sprintf("INSERT INTO attacks(id, patient, started_at, ended_at, peak_nrs) VALUES('attack%05d%06d', '%s', '%s 08:00:00.000Z', '%s 18:00:00.000Z', 6)", i, j, id, today.Add(-5*j), today.Add(-5*j)))
			}
		}
		return nil
	}))
}

// A therapist's list of 200: rows that are kept, the same with one that was touched, and all reckoned anew; and with
// 5,000 stored. `x-fresh` is the ratio to reckoning all in the same run.
func BenchmarkCaseload(b *testing.B) {
	h := hookstest.New(b)
	benchCaseload(b, h, 0, 200, true)
	token := h.Token("thera")
	plain := http.Client{Transport: &http.Transport{DisableCompression: true}} // what a page saves on the wire is not timed here
	ask := func() {
		request, err := http.NewRequest("GET", h.URL+"/api/caseload", nil)
		check(b, err)
		request.Header.Set("Authorization", token)
		answer, err := plain.Do(request)
		check(b, err)
		n, err := io.Copy(io.Discard, answer.Body)
		check(b, errors.Join(err, answer.Body.Close()))
		if answer.StatusCode != 200 || n < 100_000 {
			b.Fatalf("%d, %d bytes", answer.StatusCode, n)
		}
	}
	run := func(name string, before func()) (each float64) {
		b.Run(name, func(b *testing.B) {
			n := 0
			began := time.Now()
			var waited time.Duration
			for b.Loop() {
				start := time.Now()
				before()
				waited += time.Since(start)
				ask()
				n++
			}
			each = float64(time.Since(began)-waited) / float64(n)
			b.ReportMetric(each/1e6, "ms/request")
		})
		return each
	}
	fresh := run("200 reckoned", func() { runSQL(b, h.App, "UPDATE caseload_rows SET touched=touched+1, body='', until=''") })
	kept := run("200 kept", func() {})
	touched := run("200 kept, one touched", func() { runSQL(b, h.App, "UPDATE diary_days SET neck_pain_nrs=3 WHERE patient='"+patientAt(7)+"'") })
	benchCaseload(b, h, 200, 5000, false)
	many := run("200 kept, 5000 stored", func() {})
	b.Logf("reckoned over kept: %.0f; one touched over kept: %.1f; 5000 stored over 200: %.2f", fresh/kept, touched/kept, many/kept)
}

package hooks_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/hookstest"
)

// attacksOf asks for a range as somebody.
func (c *cabinet) attacks(who, query string) hookstest.Answer {
	return c.h.Do(who, "GET", "/api/patients/"+annas+"/attacks"+query, nil)
}

// suffers writes an attack with C and D, so many hours long, beginning some days ago at eight in New York.
func (c *cabinet) suffers(id string, ago int, hours float64, more map[string]any) {
	onset := c.today.Add(-ago).Start(time.UTC).Add(12 * time.Hour)
	fields := map[string]any{"patient": annas, "tz": "America/New_York", "started_at": wire(onset), "ended_at": wire(onset.Add(time.Duration(hours * float64(time.Hour)))), "end_known": "exact",
		"unilateral": true, "pulsating": true, "peak_nrs": 6, "nausea": true, "entered_at": wire(onset)}
	for k, v := range more {
		fields[k] = v
	}
	c.phone.Put("attacks", id, fields)
}

func entryOf(a hookstest.Answer, id string) map[string]any {
	for _, e := range a.Body["entries"].([]any) {
		if one := e.(map[string]any); one["id"] == id {
			return one
		}
	}
	return nil
}

func TestAttacksAsTheyAreLabelledAndCounted(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	runSQL(t, c.h.App, "UPDATE patients SET birth_date='1991-03-04' WHERE id='"+annas+"'")
	c.suffers("sixhours0000000", 20, 6, nil)
	c.suffers("threehours00000", 16, 3, nil)
	c.suffers("treatedearly000", 12, 3, nil)
	c.phone.Put("medication_doses", "earlydose000000", map[string]any{"patient": annas, "medication": sumatriptan, "attack": "treatedearly000", "tz": "America/New_York",
		"taken_at": wire(c.today.Add(-12).Start(time.UTC).Add(13 * time.Hour))})
	c.suffers("notsaid00000000", 9, 6, map[string]any{"pulsating": nil, "unilateral": nil})
	c.suffers("relapse00000000", 8, 6, map[string]any{"nausea": false, "photophobia": true, "phonophobia": true}) // 18 hours after the end of the one before
	c.suffers("open00000000000", 4, 0, map[string]any{"ended_at": "", "end_known": "", "entered_at": wire(c.today.Start(time.UTC).Add(13 * time.Hour))})
	c.answers(2, false)
	c.suffers("longago00000000", 60, 6, nil)
	c.phone.Sync()
	for _, who := range []string{"anna", "thera", "assi"} {
		a := c.attacks(who, "")
		if a.Status != 200 || a.Body["profile"] != "leiden2023" || a.Body["merge"] != "merge_48h" || a.Body["rules"] != "ichd3-2018/1" || a.Body["from"] != "2026-06-03" || a.Body["to"] != "2026-06-30" {
			t.Fatalf("%s: %d %s", who, a.Status, a.Text)
		}
		for id, want := range map[string]string{
			"sixhours0000000": "migraine_like <nil> <nil>", "threehours00000": "probable_migraine_like [DURATION] <nil>", "treatedearly000": "migraine_like <nil> <nil>",
			"notsaid00000000": "not_classifiable <nil> [unilateral pulsating worse_with_activity]", "relapse00000000": "migraine_like <nil> <nil>", "open00000000000": "not_classifiable <nil> [ended_at]",
		} {
			e := entryOf(a, id)
			label, _ := e["label"].(map[string]any)
			if got := fmt.Sprint(label["kind"], " ", label["fails"], " ", label["missing"]); got != want || label["rules"] != "ichd3-2018/1" {
				t.Errorf("%s reads %s as %s, want %s", who, id, got, want)
			}
		}
		if e := entryOf(a, "open00000000000"); e["open"] != true || e["over72h"] != nil || e["late"].(map[string]any)["days"] != 4.0 || e["late"].(map[string]any)["late"] != true {
			t.Errorf("open for four days: still going? %v", e)
		}
		if e := entryOf(a, "sixhours0000000"); e["open"] != false || e["over72h"] != false || e["late"].(map[string]any)["late"] != false {
			t.Errorf("%v", e)
		}
		if entryOf(a, "longago00000000") != nil {
			t.Error("an attack of sixty days ago is in the last 28")
		}
		var merged []string
		for _, e := range a.Body["episodes"].([]any) {
			one := e.(map[string]any)
			merged = append(merged, fmt.Sprint(one["first"], " ", one["entries"], " ", one["hours"]))
		}
		if want := "2026-06-21 [notsaid00000000 relapse00000000] 30"; !slices.Contains(merged, want) || len(merged) != 5 {
			t.Errorf("%s: %q", who, merged)
		}
		days := a.Body["days"].([]any)
		if len(days) != 28 {
			t.Fatalf("%d days", len(days))
		}
		of := func(day string) map[string]any {
			return days[clinic.MustDay(day).Sub(clinic.MustDay("2026-06-03"))].(map[string]any)
		}
		if d := of("2026-06-10"); d["headache"] != true || d["migraine"] != true || d["attackOnly"] != true {
			t.Errorf("six hours of migraine: %v", d)
		}
		if d := of("2026-06-28"); d["headache"] != false || d["recorded"] != true {
			t.Errorf("a day that was answered: %v", d)
		}
		if d := of("2026-06-29"); d["recorded"] != false || d["headache"] != nil {
			t.Errorf("a day that nobody answered for: %v", d)
		}
	}
}

// Nothing is stored with a label: what comes late, or is corrected, has the right label at the next reading; and another
// profile of the clinic is another reading of the same entries.
func TestALabelFollowsTheEntry(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	c.suffers("attackofanna001", 10, 3, nil)
	c.phone.Sync()
	label := func() any { return entryOf(c.attacks("anna", ""), "attackofanna001")["label"].(map[string]any)["kind"] }
	if label() != "probable_migraine_like" {
		t.Fatalf("three hours: %v", label())
	}
	c.suffers("attackofanna001", 10, 5, nil)
	c.phone.Sync()
	if label() != "migraine_like" {
		t.Errorf("it lasted five: %v", label())
	}
	c.consent("medication", "withdrawn")
	if a := c.attacks("thera", ""); fmt.Sprint(a.Body["notShared"]) != "[medication]" {
		t.Errorf("a reader without the medicines is told so: %v", a.Body["notShared"])
	}
	runSQL(t, c.h.App, "UPDATE clinics SET day_profile='ihs_trial', merge_profile='free_day'")
	if a := c.attacks("anna", ""); a.Body["profile"] != "ihs_trial" || a.Body["merge"] != "free_day" {
		t.Errorf("%v %v", a.Body["profile"], a.Body["merge"])
	}
	c.consent("diary", "withdrawn")
	if a := c.attacks("thera", ""); a.Status != 404 {
		t.Errorf("a therapist without the diary: %d", a.Status)
	}
}

func TestARangeOfAttacks(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	c.suffers("attackofanna001", 10, 48, nil) // 20 to 22 June
	c.phone.Sync()
	for _, x := range []struct {
		query, code string
		days, found int
	}{
		{"?from=2026-06-20&to=2026-06-20", "", 1, 1},
		{"?from=2026-06-22&to=2026-06-22", "", 1, 1},
		{"?from=2026-06-23&to=2026-06-25", "", 3, 0},
		{"?from=2026-06-01&to=2027-01-01", "", 30, 1}, // no day after today
		{"?to=2026-06-21", "", 28, 1},
		{"?from=2025-07-01", "", 365, 1},
		{"?from=2026-06-25&to=2026-06-24", "E_RANGE", 0, 0},
		{"?from=2026-07-15", "E_RANGE", 0, 0},
		{"?from=2020-01-01", "E_RANGE", 0, 0},
		{"?from=2026-02-30", "E_DAY", 0, 0},
		{"?from=yesterday&to=1899-01-01", "E_DAY", 0, 0},
	} {
		a := c.attacks("anna", x.query)
		if x.code != "" {
			if a.Status != 400 || !a.Has(x.code) {
				t.Errorf("%s: %d %s", x.query, a.Status, a.Text)
			}
			continue
		}
		if a.Status != 200 || len(a.Body["days"].([]any)) != x.days || len(a.Body["entries"].([]any)) != x.found || len(a.Body["episodes"].([]any)) != x.found {
			t.Errorf("%s: %d %s", x.query, a.Status, a.Text)
		}
	}
}

// Whatever is typed as a range, the answer is days or a code, never a fault of ours.
func FuzzRangeOfAttacks(f *testing.F) {
	h := hookstest.New(f)
	token := h.Token("anna")
	f.Add("2026-01-01", "2026-02-01")
	f.Add("", "")
	f.Add("2200-12-31", "1900-01-01")
	f.Fuzz(func(t *testing.T, from, to string) {
		h.T = t
		a := h.DoWith(token, "GET", "/api/patients/"+annas+"/attacks?from="+url.QueryEscape(from)+"&to="+url.QueryEscape(to), nil)
		if a.Status != 200 && !(a.Status == 400 && (a.Has("E_DAY") || a.Has("E_RANGE"))) {
			t.Errorf("%q to %q: %d %s", from, to, a.Status, a.Text)
		}
	})
}

// BenchmarkAttacks reads a year of one patient, labels, episodes and days, beside the diaries of 1 and of 500 other patients; and the
// page of medicines of the same patient. ns/op is the whole HTTP request.
func BenchmarkAttacks(b *testing.B) {
	for _, others := range []int{1, 500} {
		h := hookstest.New(b)
		now := time.Now()
		g := hookstest.NewGenerator(h.App, h.Clock, 11, now)
		g.Clinic("demo", "Demo")
		g.Staff("amira", "Amira", "amira@demo.interictal.test", access.Therapist)
		g.Patient(hookstest.Persona{ID: "ada", Name: "Ada", Weeks: 48, Before: 0.35, During: 0.3, Keeps: 0.9, State: "active", Visits: 3, Planned: 6, Account: true}, "amira")
		g.Patient(hookstest.Persona{ID: "bea", Name: "Bea", Weeks: 0, Before: 0.35, Keeps: 0.9, State: "", Account: true}, "amira")
		check(b, g.Err())
		strangers(b, h, hookstest.ID("ada"), others)
		token := h.Token("ada")
		year := "?from=" + clinic.DayOf(now, time.UTC).Add(-364).String()
		for _, page := range []string{"attacks" + year, "medication"} {
			b.Run(fmt.Sprintf("%.10s/others=%d", page, others), func(b *testing.B) {
				for b.Loop() {
					if a := h.DoWith(token, "GET", "/api/patients/"+hookstest.ID("ada")+"/"+page, nil); a.Status != 200 {
						b.Fatal(a.Text)
					}
				}
			})
		}
	}
}

// strangers copies one patient's diary to so many others, in SQL.
func strangers(b *testing.B, h *hookstest.House, from string, n int) {
	b.Helper()
	copies := map[string]string{
		"patients":         "SELECT 'x'||i||substr(id, 1, 8), clinic, name, timezone, TRUE FROM patients, n WHERE id='" + from + "'",
		"diary_days":       "SELECT 'x'||i||id, 'x'||i||substr(patient, 1, 8), day, headache, acute_medicine FROM diary_days, n WHERE patient='" + from + "'",
		"attacks":          "SELECT 'x'||i||id, 'x'||i||substr(patient, 1, 8), started_at, ended_at, peak_nrs FROM attacks, n WHERE patient='" + from + "'",
		"attack_readings":  "SELECT 'x'||i||id, 'x'||i||substr(patient, 1, 8), 'x'||i||attack, at, nrs FROM attack_readings, n WHERE patient='" + from + "'",
		"medications":      "SELECT 'x'||i||id, 'x'||i||substr(patient, 1, 8), name, drug_class, indication FROM medications, n WHERE patient='" + from + "'",
		"medication_doses": "SELECT 'x'||i||id, 'x'||i||substr(patient, 1, 8), 'x'||i||medication, taken_at, pain_2h FROM medication_doses, n WHERE patient='" + from + "'",
	}
	fields := map[string]string{"patients": "id, clinic, name, timezone, active", "diary_days": "id, patient, day, headache, acute_medicine", "attacks": "id, patient, started_at, ended_at, peak_nrs",
		"attack_readings": "id, patient, attack, at, nrs", "medications": "id, patient, name, drug_class, indication", "medication_doses": "id, patient, medication, taken_at, pain_2h"}
	for _, table := range []string{"patients", "diary_days", "attacks", "attack_readings", "medications", "medication_doses"} {
		runSQL(b, h.App, fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i+1 FROM n WHERE i<%d) INSERT INTO %s(%s) %s", 999+n, table, fields[table],
			copies[table]))
	}
}

package hooks_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

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
	runSQL(t, c.h.App, "UPDATE attacks SET created='2026-07-20 10:00:00.000Z'") // received three weeks later: that makes nothing late
	for _, who := range []string{"anna", "thera", "assi"} {
		a := c.attacks(who, "")
		if a.Status != 200 || a.Body["profile"] != "leiden2023" || a.Body["merge"] != "merge_48h" || a.Body["rules"] != "ichd3-2018/1" || a.Body["from"] != "2026-06-03" || a.Body["to"] != "2026-06-30" {
			t.Fatalf("%s: %d %s", who, a.Status, a.Text)
		}
		for id, want := range map[string]string{
			"sixhours0000000": "migraine_like [] []", "threehours00000": "probable_migraine_like [DURATION] []", "treatedearly000": "migraine_like [] []",
			"notsaid00000000": "not_classifiable [] [unilateral pulsating worse_with_activity]", "relapse00000000": "migraine_like [] []", "open00000000000": "not_classifiable [] [ended_at]",
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

// BenchmarkAttacks reads a year of one patient, labels, episodes and days, and the page of medicines, in turn beside the diary of
// 1 and those of 500 other patients. A read is the whole HTTP request; the machine's speed is in both, not in the ratio.
func BenchmarkAttacks(b *testing.B) {
	from := clinic.DayOf(time.Now(), time.UTC).Add(-364).String()
	few, many := houseOf(b, 1), houseOf(b, 500)
	for name, path := range map[string]string{"attacks": "attacks?from=" + from, "medication": "medication"} {
		b.Run(name, func(b *testing.B) {
			spent := map[*hookstest.House][]time.Duration{}
			for b.Loop() {
				for _, h := range []*hookstest.House{few, many} {
					h.T = b
					token, begun := h.Token("anna"), time.Now()
					if a := h.DoWith(token, "GET", "/api/patients/"+annas+"/"+path, nil); a.Status != 200 {
						b.Fatal(a.Text)
					}
					spent[h] = append(spent[h], time.Since(begun))
				}
			}
			slices.Sort(spent[few])
			slices.Sort(spent[many])
			one, all := spent[few][len(spent[few])/2], spent[many][len(spent[many])/2]
			b.ReportMetric(0, "ns/op") // both together: says nothing
			b.ReportMetric(float64(one.Microseconds())/1000, "ms-beside-1")
			b.ReportMetric(float64(all.Microseconds())/1000, "ms-beside-500")
			b.ReportMetric(float64(all)/float64(one), "ratio")
		})
	}
}

func houseOf(b *testing.B, others int) *hookstest.House {
	h := hookstest.New(b)
	aYear(b, h, "anna")
	strangers(b, h, others)
	return h
}

// aYear is 365 check-ins, 122 attacks with a reading each, and 122 doses, written in SQL.
func aYear(b *testing.B, h *hookstest.House, who string) {
	b.Helper()
	days := "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<364), d AS (SELECT i, date('now', '-'||i||' days') day FROM n) INSERT INTO "
	of := "'" + hookstest.ID(who) + "'"
	runSQL(b, h.App, "INSERT INTO medications(id, patient, name, drug_class, indication) VALUES('med"+who+"00000000', "+of+", 'Sumatriptan', 'triptan', 'acute')")
	runSQL(b, h.App, days+"diary_days(id, patient, day, headache, acute_medicine, neck_pain_nrs) SELECT "+of+"||replace(day, '-', ''), "+of+", day, 'true', 'null', '3' FROM d")
	runSQL(b, h.App, days+"attacks(id, patient, started_at, ended_at, peak_nrs, unilateral, pulsating, nausea) SELECT 'att'||i||"+of+", "+of+", day||' 08:00:00.000Z', day||' 14:00:00.000Z', '6', 'true', 'true', 'true' FROM d WHERE i%3=0")
	runSQL(b, h.App, days+"attack_readings(id, patient, attack, at, nrs) SELECT 'rea'||i||"+of+", "+of+", 'att'||i||"+of+", day||' 09:00:00.000Z', '6' FROM d WHERE i%3=0")
	runSQL(b, h.App, days+"medication_doses(id, patient, medication, attack, taken_at, pain_before, pain_2h) SELECT 'dos'||i||"+of+", "+of+", 'med"+who+"00000000', 'att'||i||"+of+", day||' 09:00:00.000Z', '6', '0' FROM d WHERE i%3=0")
}

// strangers copies anna's diary to so many others.
func strangers(b *testing.B, h *hookstest.House, n int) {
	b.Helper()
	for _, table := range []struct{ name, own, rest string }{
		{"diary_days", "", "day, headache, acute_medicine, neck_pain_nrs"},
		{"attacks", "", "started_at, ended_at, peak_nrs, unilateral, pulsating, nausea"},
		{"attack_readings", "attack", "at, nrs"},
		{"medications", "", "name, drug_class, indication"},
		{"medication_doses", "medication", "taken_at, pain_before, pain_2h"},
	} {
		own, copied := "", ""
		if table.own != "" {
			own, copied = table.own+", ", "'x'||i||"+table.own+", "
		}
		runSQL(b, h.App, fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i+1 FROM n WHERE i<%d) INSERT INTO %s(id, patient, %s%s) SELECT 'x'||i||id, 'stranger000'||i, %s%s FROM %s, n WHERE patient='%s'",
			999+n, table.name, own, table.rest, copied, table.rest, table.name, annas))
	}
}

// BenchmarkMedicationFlags is what following the flags costs: a push of 50 doses of long ago by somebody far from any limit, and
// by somebody with a year of doses whom every push makes look; and one dose over REST, which looks by itself.
func BenchmarkMedicationFlags(b *testing.B) {
	for _, story := range []string{"far from a limit", "a full month"} {
		h := hookstest.New(b)
		if story == "a full month" {
			aYear(b, h, "anna")
		}
		p, n := h.Phone("anna"), 0
		p.Put("medications", sumatriptan, map[string]any{"patient": annas, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"})
		p.Sync()
		dose := func() map[string]any {
			n++
			return map[string]any{"id": fmt.Sprintf("benchdose%08d", n), "patient": annas, "medication": sumatriptan, "taken_at": wire(time.Now().AddDate(-2, 0, -n))}
		}
		b.Run("push of 50 doses/"+story, func(b *testing.B) {
			h.T, p.T = b, b
			for b.Loop() {
				for range 50 {
					d := dose()
					p.Put("medication_doses", d["id"].(string), d)
				}
				p.Sync()
			}
		})
		b.Run("one dose/"+story, func(b *testing.B) {
			h.T = b
			token := h.Token("anna")
			for b.Loop() {
				h.DoWith(token, "POST", "/api/collections/medication_doses/records", dose())
			}
		})
	}
}

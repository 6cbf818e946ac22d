package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/medication"
	"interictal/hooks/outcomes"
	"interictal/hooks/progress"
	"interictal/hooks/triggers"
)

var today = clinic.MustDay("2026-02-02")

// diaryFrom counts check-ins: headache on every nth day before the plan and since; days named in the gap are not recorded.
func diaryFrom(start clinic.Day, before, since int, gap func(clinic.Day) bool) *Diary {
	e := diary.Entries{Zone: time.UTC}
	for d := start.Add(-28); d <= today; d++ {
		nth := since
		if d < start {
			nth = before
		}
		if gap == nil || !gap(d) {
			e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: d, Headache: clinic.Said(d.Sub(start.Add(-28))%nth == 0), Acute: clinic.No, Neck: clinic.NRS{}})
		}
	}
	profile, err := diary.NewProfile("leiden2023", "merge_48h")
	if err != nil {
		panic(err)
	}
	windows := diary.Windows(e, profile, start, nil, today)
	return &Diary{Profile: profile, Windows: windows, Numbers: progress.Of(progress.Days(e, profile, windows, today), windows), Weeks: diary.Weekly(e, profile, today, 12)}
}

// triptans taken on so many of the last days, with so many of the 30 recorded.
func triptans(n, recorded int) *Medicines {
	e := diary.Entries{Zone: time.UTC}
	for i := range recorded {
		e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: today.Add(-i), Headache: clinic.No, Acute: clinic.Said(i < n)})
	}
	for i := range n {
		e.Doses = append(e.Doses, diary.Dose{Taken: today.Add(-i).Start(time.UTC).Add(12 * time.Hour), Class: diary.Triptan, Indication: diary.ForAcute})
	}
	return &Medicines{Look: medication.LookOn(e, today), List: []medication.Medicine{
		{Name: "Sumatriptan", Strength: "50 mg", Class: diary.Triptan, Indication: diary.ForAcute},
		{Name: "Topiramate", Class: diary.PreventiveClass, Indication: diary.ForPreventive, Started: clinic.MustDay("2025-12-20"), Stopped: clinic.MustDay("2026-01-20")},
	}}
}

func planned() *Plan {
	p := &Plan{Week: 5, Visits: 4, Given: []careplan.Category{careplan.ExerciseSpecific, careplan.Manual}}
	p.State, p.Start, p.PlannedVisits = careplan.Active, clinic.MustDay("2026-01-05"), 6
	p.Rationale = []careplan.Rationale{careplan.SideEffects, careplan.Adjunct}
	p.Pauses = []careplan.Pause{{Start: clinic.MustDay("2026-01-12"), Resume: clinic.MustDay("2026-01-19"), Reason: careplan.Illness, Begun: true}}
	p.Measures = []careplan.Measure{{Metric: "NDI", Value: 22, On: clinic.MustDay("2026-01-05")}, {Metric: "HIT6", Value: 64, On: clinic.MustDay("2026-01-05")}, {Metric: "NDI", Value: 15, On: clinic.MustDay("2026-02-01"), Closing: true}}
	target, base := 5.0, 9.0
	p.Goals = []careplan.GoalResulted{{Goal: careplan.Goal{Domain: careplan.OfFrequency, Metric: "MHD28", Baseline: &base, Target: &target, PatientWords: "Play with my girl"}}}
	return p
}

func whole() Case {
	start := clinic.MustDay("2026-01-05")
	return Case{Name: "Ada K.", Born: clinic.MustDay("1991-03-04"), Clinic: "North", Therapist: "Thera", AsOf: today,
		Diary: diaryFrom(start, 3, 4, nil), Medicines: triptans(10, 30), Plan: planned(), Diagnoses: []string{"migraine without aura"},
		Findings: []Finding{{Group: careplan.UpperCervical, Kind: "impaired", Region: "C2_C3", Side: "right"}, {Group: careplan.TMJ, Kind: "normal"}},
		Exam:     []Exam{{Name: "flexion-rotation test right", Unit: "deg", First: Taken{28, start}, Last: &Taken{36, today}}},
		Links: []Link{{Factor: "Red wine", After: true, Label: triggers.LikelyMore, With: triggers.Share{Of: 5, Days: 10, Low: .237, High: .763}, Without: triggers.Share{Of: 8, Days: 40, Low: .105, High: .348}},
			{Factor: "Yawning", Label: triggers.LikelyEarlySign}, {Factor: "My sister", Own: true, Label: triggers.LikelyFewer}, {Factor: "d", Label: triggers.LikelyMore}}}
}

func fact(t *testing.T, p Page, code string) Fact {
	t.Helper()
	i := slices.IndexFunc(p.Facts, func(f Fact) bool { return f.Code == code })
	if i < 0 {
		t.Fatalf("no fact %s", code)
	}
	return p.Facts[i]
}

func section(p Page, code string) string {
	for _, s := range p.Sections {
		if s.Code == code {
			return strings.Join(s.Lines, " ")
		}
	}
	return ""
}

// The five come first and in the order of reading, whatever is known.
func TestTheFiveFacts(t *testing.T) {
	for name, c := range map[string]Case{"whole": whole(), "nothing": {AsOf: today}, "no plan": {AsOf: today, Diary: whole().Diary}} {
		var codes []string
		for _, f := range Of(c).Facts {
			codes = append(codes, f.Code)
			if f.Text == "" {
				t.Errorf("%s: nothing is said of %s", name, f.Code)
			}
		}
		if got := fmt.Sprint(codes); got != "[HEADACHE_DAYS MEDICINE_DAYS TREATMENT CHANGED QUESTION]" {
			t.Errorf("%s: %s", name, got)
		}
	}
	p := Of(whole())
	for code, want := range map[string][]string{
		"HEADACHE_DAYS": {"Now: 7 (28 days recorded), 5 Jan 2026 to 1 Feb 2026.", "Before: 10 (28 days recorded)."},
		"MEDICINE_DAYS": {"10 of the last 30 days (30 recorded).", "Triptan 10 (limit 10)"},
		"TREATMENT":     {"since 5 Jan 2026, week 5, visit 4 of 6 planned, plan active.", "Exercise for head, face and neck, manual therapy."},
		"CHANGED":       {"Headache days −3 in 28 (95 % interval", "within the usual ups and downs", "Medicine started: Topiramate 20 Dec 2025.", "Last taken: Topiramate 20 Jan 2026.", "Paused 12 Jan 2026 to 18 Jan 2026 (illness)."},
		"QUESTION":      {"triptan 10 days (limit 10). How do you see it?", "Reason given for physical therapy: side effects of medicine."},
	} {
		for _, part := range want {
			if got := fact(t, p, code).Text; !strings.Contains(got, part) {
				t.Errorf("%s says %q, not %q", code, got, part)
			}
		}
	}
	if got := fact(t, Of(Case{AsOf: today}), "QUESTION").Text; got != "None. For your information." {
		t.Errorf("without a question: %s", got)
	}
	asked := whole()
	asked.Asked = " Would you see her? "
	if got := fact(t, Of(asked), "QUESTION").Text; !strings.HasPrefix(got, "Would you see her? ") {
		t.Errorf("the sender's own words come first: %s", got)
	}
}

// Missing is not zero: a sentence says on how few days nothing can be said.
func TestNotEnoughDays(t *testing.T) {
	start := clinic.MustDay("2026-01-05")
	few := func(keep int) func(clinic.Day) bool {
		return func(d clinic.Day) bool { return d >= start.Add(keep) || d < start.Add(keep-28) && d >= start }
	}
	for _, c := range []struct {
		name string
		of   Case
		code string
		says string
		why  diary.Reason
	}{
		{"13 days since", Case{AsOf: today, Diary: diaryFrom(start, 3, 4, few(13))}, "HEADACHE_DAYS", "Now: not enough days (13 recorded)", diary.NotEnoughDays},
		{"16 days since", Case{AsOf: today, Diary: diaryFrom(start, 3, 4, few(16))}, "HEADACHE_DAYS", "(estimated from 16 days recorded)", ""},
		{"no day at all", Case{AsOf: today, Diary: &Diary{}}, "HEADACHE_DAYS", "nothing is recorded yet", diary.NotEnoughDays},
		{"begun today", Case{AsOf: today, Diary: diaryFrom(today, 3, 4, nil)}, "HEADACHE_DAYS", "day 1 of 28", diary.NotEnoughDays},
		{"20 of 30 days", Case{AsOf: today, Medicines: triptans(10, 20)}, "MEDICINE_DAYS", "Noted on 10 days of the last 30. Not enough days to set beside a limit: 20 recorded, 21 are needed.", diary.NotEnoughDays},
		{"too early", Case{AsOf: today, Diary: diaryFrom(today, 3, 4, nil)}, "CHANGED", "too early to say", diary.NoFullWindow},
		{"diary kept", Case{AsOf: today}, "HEADACHE_DAYS", "does not share the diary", NotShared},
		{"medicines kept", Case{AsOf: today}, "MEDICINE_DAYS", "does not share her medicines", NotShared},
	} {
		f := fact(t, Of(c.of), c.code)
		if !strings.Contains(f.Text, c.says) || f.Reason != c.why {
			t.Errorf("%s: %q because %q", c.name, f.Text, f.Reason)
		}
	}
	if met := fact(t, Of(Case{AsOf: today, Medicines: triptans(10, 20)}), "QUESTION").Text; strings.Contains(met, "limit") {
		t.Errorf("a limit on too few days is no question: %s", met)
	}
}

// What the table says is what the rooms have counted.
func TestTheTable(t *testing.T) {
	c := whole()
	p := Of(c)
	if len(p.Table) != 8 || p.Table[0].Code != "mhd28" {
		t.Fatalf("%v", p.Table)
	}
	row := p.Table[0]
	if *row.Before.Value != 10 || *row.Now.Value != 7 || row.Beyond != clinic.No || *row.Difference.Value != *c.Diary.Numbers.HeadacheDays.Now.Difference.Value {
		t.Errorf("%+v", row)
	}
	if p.Table[3].Beyond != clinic.Unknown {
		t.Error("attacks have no interval here, and no verdict")
	}
	c.Diary = diaryFrom(clinic.MustDay("2026-01-05"), 1, 7, nil) // 28 days, then 4
	if row := Of(c).Table[0]; row.Beyond != clinic.Yes {
		t.Errorf("from 28 to 4 days: %+v", row)
	}
	if !strings.Contains(fact(t, Of(c), "CHANGED").Text, "more than the usual ups and downs") {
		t.Error(fact(t, Of(c), "CHANGED").Text)
	}
	if p.Period != (Period{clinic.MustDay("2025-12-08"), today, 57, 57}) {
		t.Errorf("%+v", p.Period)
	}
	if len(p.Scores) != 2 || p.Scores[0].Metric != "NDI" || p.Scores[0].Last.Value != 15 || p.Scores[1].Last != nil {
		t.Errorf("%+v", p.Scores)
	}
}

func TestTheSections(t *testing.T) {
	p := Of(whole())
	for code, want := range map[string]string{
		"MEDICINE": "Acute: Sumatriptan 50 mg.",
		"FINDINGS": "Upper neck: impaired (C2 C3 right). Examined, nothing found: jaw. Flexion-rotation test right: 28° (5 Jan 2026), then 36° (2 Feb 2026).",
		"DONE":     "Diagnosis as given: migraine without aura.",
		"SAFETY":   "No red flag is open. That rules nothing out.",
		"GOALS":    "Frequency (MHD28): 9, aim 5.",
		"LINKS": "Red wine: an attack began on 5 of 10 (24–76 %) days after it, on 8 of 40 (10–35 %) other days. Likely linked with more attacks." +
			" Yawning: an attack began on 0 of 0 (0–0 %) days with it, on 0 of 0 (0–0 %) other days. Likely an early sign of attacks." +
			" A factor that she named herself: an attack began on 0 of 0 (0–0 %) days with it, on 0 of 0 (0–0 %) other days. Likely linked with fewer attacks.",
	} {
		if got := section(p, code); got != want {
			t.Errorf("%s says %q", code, got)
		}
	}
	c := whole()
	c.Words = true
	if got := section(Of(c), "LINKS"); !strings.Contains(got, "My sister: ") {
		t.Errorf("ticked, and her words are not there: %s", got)
	}
	c = whole()
	c.Safety = Safety{Alerts: []Alert{{careplan.Urgent, "AURA_61", today}}, Recorded: true}
	c.Plan.HomeToo, c.Plan.Home = true, careplan.Share{Done: 20, Of: 25}
	p = Of(c)
	if got := section(p, "SAFETY"); got != "Open red flag (urgent): AURA_61, 2 Feb 2026. No adverse event is recorded." {
		t.Error(got)
	}
	if got := section(p, "DONE"); !strings.HasSuffix(got, "Home sessions: 20 of 25 prescribed (80 %).") {
		t.Error(got)
	}
	c.Plan.HomeToo = false
	if got := section(Of(c), "DONE"); strings.Contains(got, "Home") {
		t.Error("home sessions that are not shared are on the page")
	}
	if bars := fmt.Sprint(p.Bars); bars != "[{plan Plan of care 2026-01-05 } {pause Pause 2026-01-12 2026-01-18} {preventive Topiramate 2025-12-20 2026-01-20}]" {
		t.Error(bars)
	}
}

// A change of the examination is read beside the error of measurement, as room outcomes has it.
func TestTheExamination(t *testing.T) {
	value := func(v float64) *float64 { return &v }
	turn := func(v float64, on string) outcomes.Measure {
		return outcomes.Measure{Type: "flexion_rotation", Side: "right", Unit: "deg", Value: value(v), On: clinic.MustDay(on), HeadacheFree: clinic.Yes}
	}
	before, after := turn(28, "2026-01-05"), turn(36, "2026-02-01")
	got := Examined([]outcomes.Measure{before, {Type: "no such test", Value: value(3)}, turn(30, "2026-01-20"), after})
	if len(got) != 1 || got[0].Name != "flexion-rotation test right" || got[0].First != (Taken{28, before.On}) || *got[0].Last != (Taken{36, after.On}) || got[0].Note != outcomes.Compare(before, after).Reads || got[0].Note == "" {
		t.Errorf("%+v", got)
	}
	if p := Of(whole()); p.Scores[0].Note == "" || p.Scores[1].Note != "" {
		t.Errorf("NDI was taken twice, HIT-6 once: %+v", p.Scores)
	}
}

// The patient's own words are on the page only where the sender ticked it.
func TestHerOwnWords(t *testing.T) {
	c := whole()
	if text := printed(t, Of(c)); strings.Contains(text, "Play with my girl") {
		t.Error("her words are on the page, and nobody ticked it")
	}
	c.Words = true
	if text := printed(t, Of(c)); !strings.Contains(text, "In her words: Play with my girl.") {
		t.Error("her words were ticked, and are not on the page")
	}
}

func printed(t *testing.T, p Page) string {
	t.Helper()
	out, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// No word says that one thing came of another, and T-MED stands where medicines stand.
func TestWhatThePageNeverSays(t *testing.T) {
	c := whole()
	c.NotShared = []access.Family{access.Exercise}
	p := Of(c)
	text := strings.ToLower(strings.ReplaceAll(printed(t, p), medication.Advice, ""))
	for _, word := range []string{"cause", "because", "due to", "led to", "thanks to", "effective", "trigger", "significant", "normal range", "cure", "safe ", "improve", "worked", "respon"} {
		if strings.Contains(text, word) {
			t.Errorf("the page says %q", word)
		}
	}
	for _, code := range []string{"MEDICINE_DAYS", "CHANGED", "QUESTION"} {
		if fact(t, p, code).Advice != medication.Advice {
			t.Errorf("no T-MED beside %s", code)
		}
	}
	for _, s := range p.Sections {
		if s.Code == "MEDICINE" && s.Advice != medication.Advice {
			t.Error("no T-MED beside the medicines")
		}
	}
	if fmt.Sprint(p.NotShared) != "[exercise]" {
		t.Errorf("what is left out is named: %v", p.NotShared)
	}
}

// A token opens its share until it expires or is taken back, and every other answer is no.
func TestAToken(t *testing.T) {
	secret, err := NewSecret(bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	if err != nil || len(secret) != 43 {
		t.Fatalf("%q %v", secret, err)
	}
	if _, err := NewSecret(bytes.NewReader(nil)); err == nil {
		t.Error("without randomness there is no token")
	}
	now := time.Date(2026, 2, 2, 10, 0, 0, 0, time.UTC)
	id := "shareofanna0001"
	if gotID, gotSecret := Split(Token(id, secret)); gotID != id || gotSecret != secret {
		t.Errorf("split into %q and %q", gotID, gotSecret)
	}
	for _, c := range []struct {
		name   string
		share  Share
		secret string
		opens  bool
	}{
		{"in time", Share{Hash(secret), now.Add(time.Second), time.Time{}}, secret, true},
		{"expired now", Share{Hash(secret), now, time.Time{}}, secret, false},
		{"taken back", Share{Hash(secret), now.Add(time.Hour), now.Add(-time.Hour)}, secret, false},
		{"another secret", Share{Hash(secret), now.Add(time.Hour), time.Time{}}, secret + "x", false},
		{"no secret", Share{Hash(secret), now.Add(time.Hour), time.Time{}}, "", false},
		{"the hash itself", Share{Hash(secret), now.Add(time.Hour), time.Time{}}, Hash(secret), false},
		{"no share", Share{Expires: now.Add(time.Hour)}, "", false},
	} {
		if got := c.share.Opens(c.secret, now); got != c.opens {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	for _, short := range []string{"", "abc"} {
		if id, rest := Split(short); id != "" || rest != short {
			t.Errorf("%q splits into %q %q", short, id, rest)
		}
	}
}

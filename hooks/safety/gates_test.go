package safety

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// asked is a whole reasoning that finds nothing, for somebody of 40.
func asked(changes ...func(*Reasoning)) *Reasoning {
	age, systolic, diastolic := 40, 120.0, 80.0
	r := &Reasoning{Answers: map[string]clinic.YesNo{}, Age: &age, Examined: clinic.Yes, Systolic: &systolic, Diastolic: &diastolic, Consent: clinic.Yes, Rationale: "Grade IV mobilization did not hold."}
	for _, q := range slices.Concat(Contraindications, Precautions) {
		r.Answers[q] = clinic.No
	}
	for _, change := range changes {
		change(r)
	}
	return r
}

func said(q string, a clinic.YesNo) func(*Reasoning) {
	return func(r *Reasoning) { r.Answers[q] = a }
}

func aged(years int) func(*Reasoning) { return func(r *Reasoning) { r.Age = &years } }

func codes(broken []clinic.Broken) string {
	var out []string
	for _, b := range broken {
		out = append(out, b.Code)
	}
	return strings.Join(out, " ")
}

func TestTheGateBeforeAManipulation(t *testing.T) {
	type one struct {
		name       string
		reasoning  *Reasoning
		act, plans string
	}
	cases := []one{
		{"nothing was asked", nil, "E_MANIP_SCREEN", "E_MANIP_SCREEN"},
		{"all is asked, nothing is found", asked(), "", ""},
		{"no blood pressure", asked(func(r *Reasoning) { r.Diastolic = nil }), "E_MANIP_SCREEN", ""},
		{"not examined", asked(func(r *Reasoning) { r.Examined = clinic.Unknown }), "E_MANIP_SCREEN", ""},
		{"no rationale", asked(func(r *Reasoning) { r.Rationale = "" }), "E_MANIP_SCREEN", ""},
		{"consent not asked", asked(func(r *Reasoning) { r.Consent = clinic.Unknown }), "E_MANIP_SCREEN", ""},
		{"consent refused", asked(func(r *Reasoning) { r.Consent = clinic.No }), "E_MANIP_CONTRA", "E_MANIP_CONTRA"},
		{"17 years old", asked(aged(17)), "E_MANIP_CONTRA", "E_MANIP_CONTRA"},
		{"18 years old", asked(aged(18)), "", ""},
		{"55 years old", asked(aged(55)), "", ""},
		{"56 years old", asked(aged(56)), "E_MANIP_PRECAUTION", "E_MANIP_PRECAUTION"},
		{"no date of birth", asked(func(r *Reasoning) { r.Age = nil }), "E_MANIP_SCREEN", "E_MANIP_SCREEN"},
		{"139 over 89", asked(pressure(139, 89)), "", ""},
		{"140 over 80", asked(pressure(140, 80)), "E_MANIP_PRECAUTION", "E_MANIP_PRECAUTION"},
		{"aura, with a reason", asked(said("migraine_aura", clinic.Yes), reasoned), "", ""},
		{"a reason does not open what is forbidden", asked(said("bleeding", clinic.Yes), reasoned), "E_MANIP_CONTRA", "E_MANIP_CONTRA"},
		{"a contraindication, a precaution and a gap", asked(said("instability", clinic.Yes), said("smoking", clinic.Yes), said("high_fear", clinic.Unknown)),
			"E_MANIP_CONTRA E_MANIP_SCREEN E_MANIP_PRECAUTION", "E_MANIP_CONTRA E_MANIP_SCREEN E_MANIP_PRECAUTION"},
	}
	for _, q := range Contraindications {
		cases = append(cases, one{q, asked(said(q, clinic.Yes)), "E_MANIP_CONTRA", "E_MANIP_CONTRA"},
			one{q + " not asked", asked(said(q, clinic.Unknown)), "E_MANIP_SCREEN", "E_MANIP_SCREEN"})
	}
	for _, q := range Precautions {
		cases = append(cases, one{q, asked(said(q, clinic.Yes)), "E_MANIP_PRECAUTION", "E_MANIP_PRECAUTION"},
			one{q + " not asked", asked(said(q, clinic.Unknown)), "E_MANIP_SCREEN", "E_MANIP_SCREEN"})
	}
	for _, c := range cases {
		if got := codes(Gate(c.reasoning)); got != c.act {
			t.Errorf("%s: the act meets %q, not %q", c.name, got, c.act)
		}
		if got := codes(GatePlan(c.reasoning)); got != c.plans {
			t.Errorf("%s: the plan meets %q, not %q", c.name, got, c.plans)
		}
	}
	for _, b := range Gate(asked(said("migraine_aura", clinic.Yes))) {
		if b.Severity != clinic.Override || b.Params["giveReasonAt"] == "" {
			t.Errorf("a precaution is %+v", b)
		}
	}
}

func reasoned(r *Reasoning) { r.Reasoned = true }

func pressure(systolic, diastolic float64) func(*Reasoning) {
	return func(r *Reasoning) { r.Systolic, r.Diastolic = &systolic, &diastolic }
}

func TestWhatPassesTheGate(t *testing.T) {
	for _, c := range []struct {
		act  Act
		want bool
	}{
		{Act{Technique: "manipulation", Region: "thoracic_T1_T6"}, true},
		{Act{Technique: "mobilization", Region: "C1_C2"}, false},
		{Act{Technique: "mobilization", Region: "C1_C2", EndRotation: true}, true},
		{Act{Technique: "mobilization", EndRotation: true}, true}, // nobody said where
		{Act{Technique: "mobilization", Region: "C3_C4", EndRotation: true}, false},
		{Act{Technique: "massage"}, false},
		{Act{Code: "C05"}, true},
		{Act{Code: "C06"}, false},
	} {
		if c.act.Gated() != c.want {
			t.Errorf("%+v", c.act)
		}
	}
}

// The table that the phone's twin reads too.
func TestDevices(t *testing.T) {
	var table struct {
		Devices []struct {
			Name, Target   string
			Screening      map[string]clinic.YesNo
			Age            *int
			Label          string
			Found, Missing []string
			Ready          bool
		}
		Sites []struct {
			Site        string
			FrontOfNeck bool
		}
	}
	body, err := os.ReadFile("testdata/devices.json")
	if err == nil {
		err = json.Unmarshal(body, &table)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range table.Devices {
		broken := GateDevice(Device{Target: c.Target, Screening: c.Screening, Age: c.Age, Label: c.Label})
		if (len(broken) == 0) != c.Ready {
			t.Errorf("%s: %v", c.Name, broken)
			continue
		}
		if c.Ready {
			continue
		}
		found, _ := broken[0].Params["found"].([]string)
		missing, _ := broken[0].Params["missing"].([]string)
		if !slices.Equal(found, c.Found) || !slices.Equal(missing, c.Missing) || broken[0].Code != "E_DEVICE_SCREEN" {
			t.Errorf("%s: found %v, missing %v", c.Name, found, missing)
		}
	}
	for _, c := range table.Sites {
		if FrontOfNeck(c.Site) != c.FrontOfNeck {
			t.Errorf("%q: front of the neck is %v", c.Site, !c.FrontOfNeck)
		}
	}
}

func TestColdAndPressure(t *testing.T) {
	for _, q := range Labels.Cold.Cautions {
		if got := codes(GateCold(map[string]clinic.YesNo{q: clinic.Yes})); got != "E_COLD_SCREEN" {
			t.Errorf("%s: %q", q, got)
		}
	}
	if GateCold(map[string]clinic.YesNo{"raynaud": clinic.No}) != nil || GateCold(nil) != nil {
		t.Error("cold is stopped for no reason")
	}
	for site, want := range map[string]string{"head": "", "forehead": "", "neck": "E_MODALITY_SITE", "anterior_neck": "E_MODALITY_SITE", "": "E_MODALITY_SITE"} {
		if got := codes(GateSite(false, true, site)); got != want {
			t.Errorf("pressure on %q: %q", site, got)
		}
	}
	if codes(GateSite(true, false, "anterior_neck")) != "E_MODALITY_SITE" || GateSite(true, false, "upper_trapezius") != nil || GateSite(false, false, "anterior_neck") != nil {
		t.Error("current and sites")
	}
}

func TestMinorEvents(t *testing.T) {
	at := func(h float64) time.Time { return began.Add(time.Duration(h * float64(time.Hour))) }
	got := MinorEvents([]Treatment{{"v1", at(0)}, {"v2", at(20)}}, []Begun{{"before", at(-1)}, {"a", at(3)}, {"b", at(23)}, {"c", at(44)}, {"d", at(44.1)}})
	want := []After{{"v1", "a", 3}, {"v2", "b", 3}, {"v2", "c", 24}}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestNumbersOfAPlace(t *testing.T) {
	for _, c := range []struct {
		place, own string
		want       Numbers
	}{
		{"US-PA", "", Numbers{"911", "988"}}, {"us", "", Numbers{"911", "988"}}, {"DE-BY", "", Numbers{"112", "0800 111 0 111"}},
		{"US-PA", "610 555 0100", Numbers{"610 555 0100", "988"}}, {"", "", Numbers{}}, {"Atlantis", "", Numbers{}}, {"Atlantis", "1", Numbers{"1", ""}},
	} {
		if got := NumbersOf(c.place, c.own, ""); got != c.want {
			t.Errorf("%s: %+v", c.place, got)
		}
	}
	if len(slices.Collect(maps.Keys(byCountry))) < 20 {
		t.Error("the table has shrunk")
	}
}

func TestHeadacheDaysThatDouble(t *testing.T) {
	window := func(value float64, full bool) diary.Window {
		rate := diary.Rate(value)
		w := diary.Window{Full: full, To: clinic.MustDay("2026-03-01")}
		if value >= 0 {
			w.MHD28.Value = &rate
		}
		return w
	}
	for _, c := range []struct {
		name    string
		windows []diary.Window
		want    clinic.YesNo
	}{
		{"4 to 8", []diary.Window{window(4, true), window(8, true)}, clinic.Yes},
		{"4 to 7.9", []diary.Window{window(4, true), window(7.9, true)}, clinic.No},
		{"5 to 9", []diary.Window{window(5, true), window(9, true)}, clinic.No},
		{"none to 8", []diary.Window{window(0, true), window(8, true)}, clinic.Yes},
		{"3 to 6: too few to alarm", []diary.Window{window(3, true), window(6, true)}, clinic.No},
		{"a window that still runs is left out", []diary.Window{window(4, true), window(4, true), window(20, false)}, clinic.No},
		{"no value before", []diary.Window{window(-1, true), window(12, true)}, clinic.Unknown},
		{"no value now", []diary.Window{window(4, true), window(-1, true)}, clinic.Unknown},
		{"one window", []diary.Window{window(12, true)}, clinic.Unknown},
		{"none", nil, clinic.Unknown},
	} {
		if got, _ := Doubled(c.windows); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// The phone reads the same table (lib: app/sessions/rows.ts); the server asks only for what was found.
func TestWhatIsKnownOfCold(t *testing.T) {
	var table struct {
		Cold []struct {
			Name        string
			Noted, Said map[string]clinic.YesNo
			Found       []string
		}
	}
	body, err := os.ReadFile("testdata/cold.json")
	if err == nil {
		err = json.Unmarshal(body, &table)
	}
	if err != nil || len(table.Cold) < 7 {
		t.Fatal(err, len(table.Cold))
	}
	for _, c := range table.Cold {
		var found []string
		if broken := GateCold(KnownOfCold(c.Noted, c.Said)); len(broken) > 0 {
			found = broken[0].Params["found"].([]string)
		}
		if !slices.Equal(found, c.Found) {
			t.Errorf("%s: found %v", c.Name, found)
		}
	}
}

package letters

import (
	"strings"
	"testing"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/report"
)

func day(t *testing.T, s string) clinic.Day {
	t.Helper()
	d, err := clinic.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func aCase(t *testing.T) Case {
	twelve, six := 12.0, 6.5
	return Case{Planned: 6, State: careplan.Active,
		Page: report.Page{Facts: []report.Fact{{Code: "HEADACHE_DAYS", Text: "Now: not enough days (4 recorded)."}, {Code: "MEDICINE_DAYS", Text: "2 of the last 30 days.", Advice: "Ask who prescribed it."}},
			Sections: []report.Section{{Code: "FINDINGS", Lines: []string{"Neck: stiff."}}}},
		Over: careplan.HandOver{Start: day(t, "2026-01-05"), Visits: 6, Consistency: careplan.Consistency{Attendance: careplan.Share{Done: 6, Of: 7}},
			Goals:     []careplan.GoalResulted{{Goal: careplan.Goal{Domain: careplan.OfFrequency, Metric: "MHD28", Baseline: &twelve, Target: &six, PatientWords: "Keep a weekend."}}},
			FollowUps: []careplan.Due{{Months: 3, On: day(t, "2026-05-05")}, {Months: 6, On: day(t, "2026-08-05"), Held: day(t, "2026-08-06")}}},
		Home: []string{"Chin nods, 2 × 10"}, Call: []string{"Dr Lee"}, Helped: "Chin nods"}
}

func TestADraftSaysWhatIsRecordedAndWhatIsMissing(t *testing.T) {
	c := aCase(t)
	for kind, lines := range map[Kind][]string{
		Progress: {"The plan began on 5 Jan 2026; 6 of 6 planned visits have taken place.", "Visits kept: 6 of 7.", "Now: not enough days (4 recorded).", "Ask who prescribed it.", "Neck: stiff.",
			"12 at the start, not measured now, target 6.5: no outcome yet."},
		Discharge: {"Chin nods, 2 × 10", "After 3 months, about 2026-05-05."},
		HandOver:  {"Keep a weekend.", "Chin nods", "Dr Lee", "After 3 months", "sudden severe headache"},
	} {
		text := Text(Of(kind, c))
		for _, line := range lines {
			if !strings.Contains(text, line) {
				t.Errorf("%s does not say %q:\n%s", kind, line, text)
			}
		}
		for _, never := range []string{"6 months", "Home sessions", "significant", "cure", "because of the treatment"} {
			if strings.Contains(text, never) {
				t.Errorf("%s says %q", kind, never)
			}
		}
	}
}

func TestOfNothingNothingIsSaid(t *testing.T) {
	for _, kind := range Kinds {
		for _, p := range Of(kind, Case{}) {
			if p.Lines == nil {
				t.Errorf("%s, %s has no list", kind, p.Key)
			}
		}
	}
	if text := Text(Of(Progress, Case{})); text != "Course: No visit has counted yet." {
		t.Errorf("%q", text)
	}
}

func TestAVersionHasWordsAndAnEnd(t *testing.T) {
	for name, c := range map[string]struct {
		parts []Part
		ok    bool
	}{
		"one":            {[]Part{{"a", "A", []string{"word"}}}, true},
		"empty heading":  {[]Part{{"a", "A", []string{}}}, true},
		"none":           {nil, false},
		"without a name": {[]Part{{"", "A", nil}}, false},
		"without end":    {[]Part{{"a", "A", []string{strings.Repeat("x", MostText)}}}, false},
	} {
		if got := Check(c.parts) == nil; got != c.ok {
			t.Errorf("%s: %v", name, got)
		}
	}
}

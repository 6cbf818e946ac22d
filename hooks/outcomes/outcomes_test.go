package outcomes_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/outcomes"
)

// The vectors of spec §3.8, with more around them. The phone reads the same file (pb_public/src/lib/outcomes).
type vectors struct {
	Score []struct {
		Name, Instrument string
		Answers, Totals  outcomes.Answers
		Words            map[string]string
		Draft            bool
		Want             struct {
			Status         outcomes.Status
			Codes, Missing []string
			Scores         map[string]map[string]any
		}
	}
	Change []struct {
		Name, Instrument, Scale string
		Before, After           *float64
		Want                    struct {
			Verdict           outcomes.Verdict
			Way               outcomes.Way
			AtLeast, LessThan *float64
		}
	}
	FlexionRotation []struct {
		Left, Right *float64
		Want        struct {
			Positive   clinic.YesNo
			Difference *float64
			Shown      bool
		}
	}
	Flexion []struct {
		Step, Holds *float64
		Want        outcomes.Flexion
	}
	Impact []struct {
		Name      string
		Responses []outcomes.Response
		Want      struct {
			Work, Home, Social, SelfCare [][3]any // value, day, reason
			Activities                   []outcomes.Activity
		}
	}
	Holds []struct {
		Span     struct{ After, Start, Closed, Before clinic.Day }
		Occasion outcomes.Occasion
		On       clinic.Day
		Want     bool
	}
	Number []struct {
		Name    string
		Measure outcomes.Measure
		Want    struct {
			Value        *float64
			Unit, Reason string
		}
	}
	Noise []struct {
		Name          string
		Before, After outcomes.Measure
		Want          struct {
			Verdict outcomes.Verdict
			MDC     *float64
			Reason  string
		}
	}
	Measure []struct {
		Name    string
		Measure outcomes.Measure
		Codes   []string
	}
	Due []struct {
		Name     string
		Plan     outcomes.Course
		Today    clinic.Day
		Answered []outcomes.Response
		Want     []outcomes.Due
	}
	Series []struct {
		Name      string
		Responses []outcomes.Response
		Want      []struct {
			ID, Baseline, Reason string
			Verdict              outcomes.Verdict
		}
	}
}

func read(t testing.TB) (v vectors) {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "vectors.json"))
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func codes(broken []clinic.Broken) []string {
	out := []string{}
	for _, b := range broken {
		if !slices.Contains(out, b.Code) {
			out = append(out, b.Code)
		}
	}
	return out
}

func TestScores(t *testing.T) {
	for _, c := range read(t).Score {
		got := outcomes.ScoreOf(outcomes.Response{Instrument: c.Instrument, Answers: c.Answers, Totals: c.Totals, Words: c.Words, Finished: !c.Draft})
		if got.Status != c.Want.Status || !slices.Equal(codes(got.Broken), append([]string{}, c.Want.Codes...)) {
			t.Errorf("%s: %s %v, want %s %v", c.Name, got.Status, codes(got.Broken), c.Want.Status, c.Want.Codes)
		}
		if c.Want.Missing != nil && !slices.Equal(got.Missing, c.Want.Missing) {
			t.Errorf("%s: missing %v, want %v", c.Name, got.Missing, c.Want.Missing)
		}
		for _, s := range got.Scores {
			if (s.Value == nil) != (s.Reason != "") || got.Status != outcomes.Scored && s.Value != nil {
				t.Errorf("%s: a number or its reason, and none of a half-filled form: %+v", c.Name, s)
			}
		}
		for scale, want := range c.Want.Scores {
			s, _ := got.Of(scale)
			told := tell(t, s)
			for field, value := range want {
				if !reflect.DeepEqual(told[field], value) {
					t.Errorf("%s: %s %s is %v, want %v", c.Name, scale, field, told[field], value)
				}
			}
		}
	}
}

func tell(t *testing.T, v any) (out map[string]any) {
	t.Helper()
	body, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestChanges(t *testing.T) {
	for _, c := range read(t).Change {
		in, _ := outcomes.Find(c.Instrument, "")
		scale, ok := in.Scale(c.Scale)
		if !ok {
			t.Fatalf("%s: no scale %s", c.Name, c.Scale)
		}
		got := scale.Compare(c.Before, c.After)
		if got.Verdict != c.Want.Verdict || got.Way != c.Want.Way {
			t.Errorf("%s: %s %s, want %s %s", c.Name, got.Verdict, got.Way, c.Want.Verdict, c.Want.Way)
		}
		if sized := got.Reached != nil || got.Next != nil; sized != (got.Source != "") || got.Reads == "" {
			t.Errorf("%s: a verdict says where it comes from: %+v", c.Name, got)
		}
		for _, size := range []struct {
			want *float64
			got  *outcomes.Worth
		}{{c.Want.AtLeast, got.Reached}, {c.Want.LessThan, got.Next}} {
			if size.want != nil && (size.got == nil || size.got.Size != *size.want) {
				t.Errorf("%s: %+v, want %g", c.Name, size.got, *size.want)
			}
		}
	}
}

func TestFlexionRotation(t *testing.T) {
	for _, c := range read(t).FlexionRotation {
		got := outcomes.ReadFlexionRotation(c.Left, c.Right)
		if got.Positive != c.Want.Positive || got.Shown != c.Want.Shown || !reflect.DeepEqual(got.Difference, c.Want.Difference) {
			t.Errorf("%+v: %+v", c.Want, got)
		}
	}
}

func TestCraniocervicalFlexion(t *testing.T) {
	for _, c := range read(t).Flexion {
		if got := outcomes.ReadFlexion(c.Step, c.Holds); !reflect.DeepEqual(got, c.Want) {
			t.Errorf("%+v, want %+v", tell(t, got), tell(t, c.Want))
		}
	}
}

func TestNumbersOfMeasures(t *testing.T) {
	for _, c := range read(t).Number {
		n, unit, reason := c.Measure.Number()
		if (n == nil) != (c.Want.Value == nil) || n != nil && math.Round(*n*10)/10 != *c.Want.Value || unit != c.Want.Unit || reason != c.Want.Reason {
			t.Errorf("%s: %v %s %s", c.Name, n, unit, reason)
		}
	}
}

func TestNoise(t *testing.T) {
	for _, c := range read(t).Noise {
		got := outcomes.Compare(c.Before, c.After)
		band := got.Reached
		if band == nil {
			band = got.Next
		}
		if got.Verdict != c.Want.Verdict || got.Reason != c.Want.Reason || (band == nil) != (c.Want.MDC == nil) || band != nil && math.Abs(band.Size-*c.Want.MDC) > 1e-9 {
			t.Errorf("%s: %+v", c.Name, got)
		}
		if got.Verdict == outcomes.WithinNoise && got.Reads != "within measurement noise" {
			t.Errorf("%s reads %q", c.Name, got.Reads)
		}
	}
}

func TestMeasuresThatCannotBe(t *testing.T) {
	for _, c := range read(t).Measure {
		if got := codes(c.Measure.Check()); !slices.Equal(got, c.Codes) {
			t.Errorf("%s: %v, want %v", c.Name, got, c.Codes)
		}
	}
}

func TestWhatIsDueWhen(t *testing.T) {
	for _, c := range read(t).Due {
		got := outcomes.WhatIsDue(c.Plan, outcomes.Usual(), c.Answered, c.Today)
		if len(c.Want) == 0 && len(got) > 0 {
			t.Errorf("%s: %v", c.Name, got)
		}
		for _, want := range c.Want {
			if !slices.Contains(got, want) {
				t.Errorf("%s: no %+v in %+v", c.Name, want, got)
			}
		}
	}
}

// The table holds together: items exist, bands rise, sizes rise, what does not ship carries no text.
func TestTheTable(t *testing.T) {
	metrics, ids := map[string]string{}, map[string]bool{}
	for _, in := range outcomes.Instruments {
		if ids[in.ID] || in.Notice == "" || in.Recall == "" || in.About == "" || len(in.Scales) == 0 {
			t.Errorf("%s: doubled, or says too little", in.ID)
		}
		ids[in.ID] = true
		items := map[string]bool{}
		for _, i := range in.Items {
			if items[i.ID] || i.Max <= i.Min || in.Rights != outcomes.Ships && i.Text != "" {
				t.Errorf("%s %s", in.ID, i.ID)
			}
			items[i.ID] = true
		}
		for _, s := range in.Scales {
			if metrics[s.Metric] != "" || s.Source == "" || s.Bands == nil {
				t.Errorf("%s %s: %s", in.ID, s.ID, metrics[s.Metric])
			}
			metrics[s.Metric] = in.ID
			if !slices.IsSortedFunc(s.Bands, func(a, b outcomes.Band) int { return int(a.From - b.From) }) || len(s.Bands) > 0 && s.Bands[0].From > s.Min {
				t.Errorf("%s %s: bands", in.ID, s.ID)
			}
			for _, item := range s.Items {
				if !items[item] {
					t.Errorf("%s %s names %s", in.ID, s.ID, item)
				}
			}
			for _, w := range s.Worth {
				if w.Source == "" || w.Size <= 0 {
					t.Errorf("%s %s: %+v", in.ID, s.ID, w)
				}
			}
		}
	}
	for _, asked := range outcomes.Usual().Ask {
		for _, id := range asked {
			if !ids[id] {
				t.Errorf("the calendar asks %s", id)
			}
		}
	}
	for _, id := range []string{"midas", "hit6", "msq", "promis_pain_interference", "promis_sleep", "promis_global", "ndi", "asc12", "csi", "tmd_short", "tmd_long", "psfs", "groc", "phq4", "isi", "psqi", "mtoq4", "mtoq6"} {
		if !ids[id] {
			t.Errorf("%s is missing", id)
		}
	}
}

func TestASeriesIsComparedWithItsStart(t *testing.T) {
	for _, c := range read(t).Series {
		points := outcomes.Series(c.Responses)
		if len(points) != len(c.Want) {
			t.Fatalf("%s: %d points", c.Name, len(points))
		}
		for i, want := range c.Want {
			got := points[i]
			if got.ID != want.ID || (len(got.Changes) == 0) != (want.Verdict == "") {
				t.Errorf("%s: %+v, want %+v", c.Name, got, want)
				continue
			}
			if len(got.Changes) > 0 && (got.Changes[0].Baseline != want.Baseline || got.Changes[0].Verdict != want.Verdict || got.Changes[0].Reason != want.Reason) {
				t.Errorf("%s: %s is %+v, want %+v", c.Name, got.ID, got.Changes[0], want)
			}
		}
	}
}

func TestActivitiesAreShownInHerWords(t *testing.T) {
	of := func(id, third string, occasion outcomes.Occasion, on string, values ...float64) outcomes.Response {
		return outcomes.Response{ID: id, Instrument: "psfs", Occasion: occasion, On: clinic.MustDay(on), Finished: true,
			Answers: outcomes.Answers{"a1": &values[0], "a2": &values[1], "a3": &values[2]}, Words: map[string]string{"a1": "Carry my girl", "a2": "read", "a3": third}}
	}
	start := of("a", "drive", outcomes.AtStart, "2026-01-05", 3, 5, 4)
	impact := outcomes.ImpactOf([]outcomes.Response{of("b", "ski", outcomes.AtEnd, "2026-02-10", 6, 7, 6), start})
	if len(impact.Activities) != 4 || *impact.Activities[0].First != 3 || *impact.Activities[0].Value != 6 || impact.Activities[2].On != clinic.MustDay("2026-01-05") {
		t.Errorf("%+v", impact.Activities)
	}
}

func TestImpactIsHonestAboutWhatIsMissing(t *testing.T) {
	n := func(x float64) *float64 { return &x }
	on := clinic.MustDay("2026-01-05")
	if got := outcomes.ImpactOf(nil); got.Work[0].Reason != "NOT_ASKED" || got.Work[0].Value != nil || got.SelfCare[0].Reason != "NOT_ASKED" {
		t.Errorf("%+v", got)
	}
	got := outcomes.ImpactOf([]outcomes.Response{
		{Instrument: "midas", On: on, Finished: true, Answers: outcomes.Answers{"q1": n(3), "q2": n(0), "q3": nil, "q5": n(4)}},
		{Instrument: "midas", On: on + 1, Answers: outcomes.Answers{"q1": n(9)}}, // a draft
		{Instrument: "ndi", On: on, Finished: true, Totals: outcomes.Answers{"total": n(20)}},
	})
	if *got.Work[0].Value != 3 || *got.Work[1].Value != 0 || *got.Social[0].Value != 4 || got.Home[0].Reason != "NOT_SAID" || got.SelfCare[0].Reason != "TOTAL_ONLY" {
		t.Errorf("%+v", got)
	}
}

func TestAnswersBelongToTheirPlan(t *testing.T) {
	day := clinic.MustDay
	span := outcomes.Span{After: day("2025-06-01"), Start: day("2026-01-05"), Closed: day("2026-02-10"), Before: day("2026-09-01")}
	for _, c := range []struct {
		occasion outcomes.Occasion
		on       string
		want     bool
	}{
		{outcomes.AtStart, "2026-01-02", true}, {outcomes.AtStart, "2025-06-01", false}, {outcomes.AtStart, "2026-02-11", false},
		{outcomes.AtEnd, "2026-02-20", true}, {outcomes.AtEnd, "2026-01-04", false}, {outcomes.FollowUp, "2026-08-31", true}, {outcomes.FollowUp, "2026-09-01", false},
	} {
		if got := span.Holds(c.occasion, day(c.on)); got != c.want {
			t.Errorf("%s on %s: %v", c.occasion, c.on, got)
		}
	}
	x := 12.0
	made := outcomes.MeasuresIn(span, []outcomes.Response{
		{Instrument: "ndi", Occasion: outcomes.AtStart, On: day("2026-01-05"), Finished: true, Totals: outcomes.Answers{"total": &x}},
		{Instrument: "ndi", Occasion: outcomes.AtEnd, On: day("2026-02-10"), Finished: true, Totals: outcomes.Answers{"total": &x}},
		{Instrument: "ndi", Occasion: outcomes.FollowUp, On: day("2026-05-10"), Finished: true, Totals: outcomes.Answers{"total": &x}},
		{Instrument: "csi", Occasion: outcomes.AtStart, On: day("2026-01-05"), Finished: true, Totals: outcomes.Answers{"total": &x}},
	})
	if len(made) != 2 || made[0].Closing || !made[1].Closing || made[0].Domain != careplan.OfNeckFunction || made[0].Metric != "NDI" {
		t.Errorf("%+v", made)
	}
}

func TestDistressIsNineOrMore(t *testing.T) {
	for _, c := range []struct {
		each float64
		want bool
	}{{2, false}, {3, true}} {
		answers := outcomes.Answers{}
		for _, q := range []string{"q1", "q2", "q3", "q4"} {
			answers[q] = &c.each
		}
		if got := outcomes.Distress(outcomes.ScoreOf(outcomes.Response{Instrument: "phq4", Answers: answers, Finished: true})); got != c.want {
			t.Errorf("four times %g: %v", c.each, got)
		}
	}
}

var update = flag.Bool("update", false, "write the phone's copy of the table")

// The phone scores with the same table: its copy is written by this test with -update, and compared without.
func TestThePhoneHasTheSameTable(t *testing.T) {
	path := filepath.Join("..", "..", "pb_public", "src", "lib", "outcomes", "table.json")
	want := tableText(t)
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the phone's table differs: go test ./hooks/outcomes -update (%v)", err)
	}
}

// tableText is one line an instrument and a test, so that a change of one is a line in a diff.
func tableText(t *testing.T) []byte {
	line := func(v any) string {
		var out bytes.Buffer
		pen := json.NewEncoder(&out)
		pen.SetEscapeHTML(false)
		if err := pen.Encode(v); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out.String())
	}
	var instruments, tests []string
	for _, in := range outcomes.Instruments {
		instruments = append(instruments, line(in))
	}
	for _, test := range outcomes.Tests {
		tests = append(tests, line(test))
	}
	return []byte("{\"instruments\": [\n" + strings.Join(instruments, ",\n") + "\n],\n\"tests\": [\n" + strings.Join(tests, ",\n") + "\n],\n\"calendar\": " + line(outcomes.Usual()) + "}\n")
}

func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{`{"q1":3,"q2":null}`, `{"q1":"3"}`, `[]`, `null`, ``, `{"q1":1e309}`, `{"a1":3,"a2":5,"a3":4}`, `{"q1":{}}`, `{"q1":-0}`} {
		for i := range outcomes.Instruments {
			f.Add([]byte(seed), []byte(`{"total":20}`), uint8(i), true)
		}
	}
	f.Fuzz(func(t *testing.T, raw, totals []byte, which uint8, finished bool) {
		in := outcomes.Instruments[int(which)%len(outcomes.Instruments)]
		answers, broken := outcomes.ParseAnswers(raw)
		entered, wrong := outcomes.ParseAnswers(totals)
		r := outcomes.Response{Instrument: in.ID, Version: in.Version, Answers: answers, Totals: entered, Finished: finished}
		got := outcomes.ScoreOf(r)
		if len(got.Scores) != len(in.Scales) || len(broken) == 0 && answers == nil || len(wrong) == 0 && entered == nil {
			t.Fatal("every scale has a line, every parse an answer")
		}
		for i, s := range got.Scores {
			scale := in.Scales[i]
			if (s.Value == nil) != (s.Reason != "") || s.Value != nil && got.Status != outcomes.Scored {
				t.Fatalf("%+v of %s", s, got.Status)
			}
			if s.Value != nil && !(*s.Value >= scale.Min-1e-9 && *s.Value <= scale.Max+1e-9) {
				t.Fatalf("%s %g lies outside %g to %g", in.ID, *s.Value, scale.Min, scale.Max)
			}
			if c := scale.Compare(s.Value, s.Value); s.Value != nil && !scale.Rated && c.Way != outcomes.Same {
				t.Fatalf("%+v", c)
			}
		}
		if _, err := json.Marshal(got); err != nil {
			t.Fatal(err)
		}
	})
}

func TestImpactInTheCasesThePhoneReadsToo(t *testing.T) {
	told := func(lines []outcomes.Line) [][3]any {
		out := [][3]any{}
		for _, l := range lines {
			var value any
			if l.Value != nil {
				value = *l.Value
			}
			out = append(out, [3]any{value, l.On.String(), l.Reason})
		}
		return out
	}
	for _, c := range read(t).Impact {
		got := outcomes.ImpactOf(c.Responses)
		for part, pair := range map[string][2][][3]any{"work": {told(got.Work), c.Want.Work}, "home": {told(got.Home), c.Want.Home}, "social": {told(got.Social), c.Want.Social}, "self-care": {told(got.SelfCare), c.Want.SelfCare}} {
			if !reflect.DeepEqual(pair[0], pair[1]) {
				t.Errorf("%s, %s: %v, want %v", c.Name, part, pair[0], pair[1])
			}
		}
		if !reflect.DeepEqual(got.Activities, c.Want.Activities) {
			t.Errorf("%s: %+v, want %+v", c.Name, got.Activities, c.Want.Activities)
		}
	}
	for _, c := range read(t).Holds {
		span := outcomes.Span{After: c.Span.After, Start: c.Span.Start, Closed: c.Span.Closed, Before: c.Span.Before}
		if got := span.Holds(c.Occasion, c.On); got != c.Want {
			t.Errorf("%s on %s in %+v: %v", c.Occasion, c.On, c.Span, got)
		}
	}
}

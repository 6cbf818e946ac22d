package triggers

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

const monday = clinic.Day(46027) // 2026-01-05

// diaryOf writes one letter a day: h headache, . none, space not recorded, a known from an attack entry alone.
func diaryOf(letters string) Diary {
	d := Diary{Late: map[clinic.Day]bool{}}
	for i, l := range letters {
		day := diary.Day{Day: monday.Add(i), Recorded: l != ' ', AttackOnly: l == 'a', Headache: clinic.Said(l == 'h' || l == 'a')}
		if l == ' ' {
			day.Headache = clinic.Unknown
		}
		d.Days = append(d.Days, day)
	}
	return d
}

// met writes one letter a day: x met, - not, space not said.
func met(lag int, letters string) Factor {
	f := Factor{ID: "f", Name: "Late supper", Kind: YesNo, Lag: lag, Exposures: map[clinic.Day]Exposure{}}
	for i, l := range letters {
		if l != ' ' {
			f.Exposures[monday.Add(i)] = Exposure{Met: clinic.Said(l == 'x')}
		}
	}
	return f
}

func amounts(rule Cut, values ...float64) Factor {
	f := Factor{ID: "n", Name: "Sleep", Kind: Number, Cut: rule, Exposures: map[clinic.Day]Exposure{}}
	for i, v := range values {
		f.Exposures[monday.Add(i)] = Exposure{Amount: &v}
	}
	return f
}

func TestWhichDaysAreAtRisk(t *testing.T) {
	for name, c := range map[string]struct {
		days    string
		late    int // this day's check-in came too late; −1: none
		want    string
		onsets  int
		dropped int
	}{
		"the day before must be recorded":              {". ..h", -1, "   xx", 1, 0},
		"only the first day of an attack begins one":   {"..hhh..h", -1, " xx   xx", 2, 0},
		"a day known from an attack alone is left out": {"..a..h", -1, " x  xx", 1, 0},
		"so is a day entered too late":                 {".....h", 2, " x  xx", 1, 0},
	} {
		d := diaryOf(c.days)
		if c.late >= 0 {
			d.Late[monday.Add(c.late)] = true
		}
		r := recordOf(d)
		looks, dropped := r.looks(met(0, strings.Repeat("x", len(c.days))))
		got := []byte(strings.Repeat(" ", len(c.want)))
		onsets := 0
		for _, l := range looks {
			got[l.day.Sub(monday)] = 'x'
			if l.onset {
				onsets++
			}
		}
		if string(got) != c.want || onsets != c.onsets || dropped != c.dropped {
			t.Errorf("%s: %q with %d onsets and %d dropped", name, got, onsets, dropped)
		}
	}
}

func TestExposureIsLookedUpTheLagBefore(t *testing.T) {
	days, exposed := "......h", "x--x- x"
	for lag, want := range map[int]string{0: "--x-.x", 1: "x--x-."} { // from the second day on; a dot is dropped
		looks, dropped := recordOf(diaryOf(days)).looks(met(lag, exposed))
		got := []byte("......")
		for _, l := range looks {
			got[l.day.Sub(monday)-1] = map[bool]byte{true: 'x', false: '-'}[l.met]
		}
		if string(got) != want || dropped != 1 {
			t.Errorf("lag %d: %s, %d dropped", lag, got, dropped)
		}
	}
	f := met(1, exposed)
	f.Exposures[monday.Add(3)] = Exposure{Met: clinic.Yes, Late: true}
	if looks, dropped := recordOf(diaryOf(days)).looks(f); len(looks) != 4 || dropped != 2 {
		t.Errorf("an exposure said too late counts: %d looks, %d dropped", len(looks), dropped)
	}
}

func TestBlocksBeforeAndSinceThePlanAreTwoSeries(t *testing.T) {
	d := diaryOf(strings.Repeat(".", 120))
	d.Start = monday.Add(40)
	r := recordOf(d)
	for day, want := range map[int]int{0: -2, 11: -2, 12: -1, 39: -1, 40: 0, 67: 0, 68: 1, 119: 2} {
		if got := r.blockOf(monday.Add(day)); got != want {
			t.Errorf("day %d is in block %d, not %d", day, got, want)
		}
	}
	d.Start = 0
	if r := recordOf(d); r.blockOf(monday.Add(27)) != 0 || r.blockOf(monday.Add(28)) != 1 {
		t.Error("without a plan blocks count from the first recorded day")
	}
}

func TestNumbersAreCutByARuleFixedInAdvance(t *testing.T) {
	d := diaryOf("......")
	for name, c := range map[string]struct {
		rule Cut
		want string
		at   float64
	}{
		"under six hours":          {Cut{Below, 6}, "-x---", 6},
		"strictly over the median": {Cut{Rule: Median}, "--xx-", 7},
		"no rule means the median": {Cut{}, "--xx-", 7},
		"at least nine":            {Cut{AtLeast, 9}, "---x-", 9},
		"above nine":               {Cut{Above, 9}, "-----", 9},
	} {
		looks, _ := recordOf(d).looks(amounts(c.rule, 1, 7, 5, 8, 9, 7))
		used := cut(amounts(c.rule), looks)
		got := ""
		for _, l := range looks {
			got += map[bool]string{true: "x", false: "-"}[l.met]
		}
		if got != c.want || used.At != c.at {
			t.Errorf("%s: %s at %v", name, got, used.At)
		}
	}
}

// weeks repeats a pattern over 84 days.
func weeks(pattern string) string { return strings.Repeat(pattern, 84/len(pattern)) }

func TestWhatIsMissingIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		days, exposed string
		state         State
		lacks         []What
		words         string
	}{
		"a short diary":            {strings.Repeat("..h....", 4), strings.Repeat("x-x-x-x", 4), TooFewDays, []What{RecordedDays}, "32 more answered days, or about 5 weeks"},
		"half of the days":         {strings.Repeat(". ", 70), strings.Repeat("x-", 70), TooFewDays, []What{RecordedShare}, "50 of 100 days are answered, 70 are needed, or about 13 weeks"},
		"few attacks":              {weeks(".....................h......"), weeks("x-"), Ready, []What{OnsetDays}, "5 more attacks, or about 20 weeks"},
		"hardly ever met":          {weeks("..h...."), "x-------------------------------------------------------------------x-----x--------", Ready, []What{ExposedDays}, "2 more days with it"},
		"met every day":            {weeks("..h...."), strings.Repeat("x", 84), Ready, []What{OtherDays, MixedBlocks}, "5 more days without it"},
		"nobody said":              {weeks("..h...."), "", Ready, []What{AtRiskDays, OnsetDays, ExposedDays, OtherDays, MixedBlocks}, "45 more days"},
		"nothing written down yet": {"", "", TooFewDays, []What{RecordedDays}, "60 more answered days"},
	} {
		a := Analyse(diaryOf(c.days), []Factor{met(1, c.exposed)})
		lacks, words := a.Missing, a.Words
		if c.state == Ready {
			lacks, words = a.Factors[0].Missing, strings.Join(a.Factors[0].Words, " ")
		}
		var what []What
		for _, l := range lacks {
			what = append(what, l.What)
		}
		if a.State != c.state || !slices.Equal(what, c.lacks) || !strings.Contains(words, c.words) || a.Factors[0].Label != InsufficientData || a.Factors[0].Estimate != nil || a.Tested != 0 {
			t.Errorf("%s: %s %v %q %s", name, a.State, what, words, a.Factors[0].Label)
		}
	}
}

// The least that is enough, one by one below it.
func TestExactlyEnoughIsEnough(t *testing.T) {
	// 12 weeks of 6 free days and an onset: 72 at risk, of which 12 onsets
	days := weeks("......h")
	a := Analyse(diaryOf(days), []Factor{met(1, weeks("x-----x"))})
	f := a.Factors[0]
	if a.State != Ready || f.Estimate == nil || a.Tested != 1 || *f.Q != f.Estimate.P {
		t.Fatalf("%+v", a)
	}
	if f.Exposed.Days+f.Others.Days != 72 || f.Onsets != 12 || *f.Dropped.Share != 0 {
		t.Errorf("%+v", f)
	}
}

func TestWithHeadacheOnHalfOfAllDaysOnlySeverityIsShown(t *testing.T) {
	d := diaryOf(weeks("hhhh...")) // 16 in 28
	for i := range d.Days {
		if d.Days[i].Headache == clinic.Yes {
			d.Days[i].Peak = clinic.MustNRS(4 + i%2*2) // 4 on even days, 6 on odd
		}
	}
	a := Analyse(d, []Factor{met(0, weeks("x-"))})
	f := a.Factors[0]
	if a.State != TooManyAches || f.Label != DescriptiveOnly || f.Estimate != nil || f.Q != nil {
		t.Fatalf("%+v", a)
	}
	if s := f.Severity; *s.Exposed.Mean != 4 || *s.Others.Mean != 6 || s.Exposed.Days != 24 {
		t.Errorf("%+v", s)
	}
	if few := Analyse(diaryOf(weeks("hhhh...")), []Factor{met(0, "x")}); few.Factors[0].Severity.Exposed.Mean != nil {
		t.Error("a mean of nothing")
	}
	if ok := Analyse(diaryOf(weeks("hhh....")), nil); ok.State != Ready { // 12 in 28
		t.Errorf("12 headache days in 28: %s", ok.State)
	}
}

func TestALabelAsksForBothNumbers(t *testing.T) {
	for name, c := range map[string]struct {
		up, down, q float64
		f           Factor
		want        Label
	}{
		"both":                              {0.90, 0.01, 0.10, Factor{Lag: 1}, LikelyMore},
		"q just too high":                   {0.99, 0.01, 0.1001, Factor{Lag: 1}, PossibleMore},
		"not quite sure":                    {0.8999, 0.01, 0.001, Factor{Lag: 1}, PossibleMore},
		"rather sure is the least":          {0.7999, 0.01, 0.001, Factor{Lag: 1}, NoClearLink},
		"fewer":                             {0.01, 0.95, 0.01, Factor{Lag: 1}, LikelyFewer},
		"fewer on the same day":             {0.01, 0.95, 0.01, Factor{Lag: 0}, NoClearLink},
		"more on the same day":              {0.95, 0.01, 0.01, Factor{Lag: 0}, LikelyMore},
		"an early sign":                     {0.95, 0.01, 0.01, Factor{Lag: 1, Prodrome: true}, LikelyEarlySign},
		"perhaps one":                       {0.85, 0.01, 0.5, Factor{Lag: 1, Prodrome: true}, PossibleEarly},
		"an early sign of fewer is no sign": {0.01, 0.95, 0.01, Factor{Lag: 1, Prodrome: true}, LikelyFewer},
	} {
		if got := label(Estimate{PUp: c.up, PDown: c.down}, c.q, c.f); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// No sentence says more than the numbers can.
func TestNoCausalWords(t *testing.T) {
	labels := []Label{LikelyMore, PossibleMore, LikelyFewer, PossibleFewer, LikelyEarlySign, PossibleEarly, NoClearLink, InsufficientData, DescriptiveOnly}
	for _, l := range labels {
		f := Finding{Label: l, Name: "Late supper", Lag: 1, Exposed: Wilson(6, 22), Others: Wilson(5, 61), Severity: &Severity{}}
		all := strings.ToLower(strings.Join(f.words(), " "))
		for _, never := range []string{"cause", "trigger", "avoid", "because", "risk"} {
			if strings.Contains(all, never) {
				t.Errorf("%s: %q", l, all)
			}
		}
		if l.Linked() && !strings.Contains(all, "on 6 of 22 days after “late supper”, and on 5 of 61 other days") {
			t.Errorf("%s does not begin with the plain count: %q", l, all)
		}
		early := l == LikelyEarlySign || l == PossibleEarly
		if strings.Contains(all, "early-attack plan") != early || strings.Contains(all, strings.ToLower(goodDays)) != (l == LikelyFewer || l == PossibleFewer) {
			t.Errorf("%s: %q", l, all)
		}
	}
}

func TestTheCatalogueIsFixedAndWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Catalogue {
		if seen[e.Code] || e.Name == "" || e.Lag < 0 || e.Lag > 1 {
			t.Errorf("%+v", e)
		}
		seen[e.Code] = true
		if (e.Kind == Number) != (e.Cut != nil) || e.Kind == Number && e.Least >= e.Most {
			t.Errorf("%s: a number has a rule and a range, a yes or no has neither", e.Code)
		}
		if e.Testable && !e.Controllable {
			t.Errorf("%s: what nobody can steer cannot be tested", e.Code)
		}
	}
	for _, code := range []string{"sleep_short", "meals_skipped", "water", "caffeine", "alcohol", "weather_pressure", Menstrual} {
		if e, ok := InCatalogue(code); !ok || e.Testable {
			t.Errorf("%s is offered for a planned test", code)
		}
	}
	for _, code := range strings.Fields("neck_pain neck_stiffness food_craving yawning fatigue mood_change poor_concentration light_sensitivity sound_sensitivity smell_sensitivity thirst urination nausea meals_skipped chocolate") {
		if e, ok := InCatalogue(code); !ok || !e.Prodrome || e.Lag != 1 {
			t.Errorf("%s may be an early sign (§4.6)", code)
		}
	}
	for _, code := range []string{"sleep_short", "sleep_long", "weather_temperature", Menstrual} {
		if e, _ := InCatalogue(code); e.Lag != 0 {
			t.Errorf("%s is over before the day begins", code)
		}
	}
}

// −2 … +3 in the counting of ICHD-3, which has no day 0: five days.
func TestTheMenstrualWindow(t *testing.T) {
	f := MenstrualWindow([]clinic.Day{monday.Add(88), monday.Add(10), monday.Add(38), monday.Add(10)})
	for day, want := range map[int]clinic.YesNo{7: clinic.Unknown, 8: clinic.Yes, 12: clinic.Yes, 13: clinic.No, 35: clinic.No, 36: clinic.Yes, 40: clinic.Yes,
		41: clinic.Unknown, 85: clinic.Unknown, 86: clinic.Yes, 90: clinic.Yes, 91: clinic.Unknown} {
		if got := f.Exposures[monday.Add(day)].Met; got != want {
			t.Errorf("day %d: %s, not %s", day, got, want)
		}
	}
	if f.Lag != 0 || len(MenstrualWindow(nil).Exposures) != 0 {
		t.Error("the window is of the day itself, and of no periods there is none")
	}
}

func TestAPlannedTestIsDrawnBeforeItStarts(t *testing.T) {
	if a, b := Draw(7, 12), Draw(7, 12); !slices.Equal(a, b) || slices.Equal(a, Draw(8, 12)) {
		t.Error("the seed does not make the order")
	}
	first := 0
	for _, with := range Draw(1, 10000) {
		if with {
			first++
		}
	}
	if first < 4800 || first > 5200 {
		t.Errorf("with comes first %d times of 10000", first)
	}
	week := Test{Unit: OneWeek, Start: monday, WithFirst: []bool{true, false}}
	for day, want := range map[int]struct {
		pair int
		with bool
	}{-1: {-1, false}, 0: {0, true}, 6: {0, true}, 7: {0, false}, 14: {1, false}, 21: {1, true}, 27: {1, true}, 28: {-1, false}} {
		if pair, with := week.On(monday.Add(day)); pair != want.pair || with != want.with {
			t.Errorf("day %d: pair %d, %v", day, pair, with)
		}
	}
}

func TestAPlannedTestCountsAsDrawnAndWaitsForItsEnd(t *testing.T) {
	order := Draw(3, 8)
	test := Test{Unit: OneWeek, Start: monday, WithFirst: order}
	letters, done := []byte(strings.Repeat(".", 113)), []byte(strings.Repeat("-", 113))
	for i := range 112 {
		if _, with := test.On(monday.Add(i)); with {
			done[i] = 'x'
			if i%3 == 0 {
				letters[i+1] = 'h'
			}
		}
	}
	done[0], done[1] = 'x', 'x' // once she did otherwise, or not
	f := met(1, string(done))
	running := AnalyseTest(test, diaryOf(string(letters)), f, monday.Add(50))
	if running.State != Running || running.Estimate != nil || running.Pairs != 3 || running.Label != InsufficientData {
		t.Errorf("%+v", running)
	}
	over := AnalyseTest(test, diaryOf(string(letters)), f, monday.Add(113))
	if over.State != Ready || over.Label != LikelyMore || len(over.Blocks) != 8 || over.With.Of == 0 || over.Without.Of != 0 {
		t.Errorf("%+v", over)
	}
	if over.Asked != 112 || over.Kept < 110 {
		t.Errorf("kept %d of %d", over.Kept, over.Asked)
	}
	for i := range 112 { // the other way round: attacks on the days without
		_, with := test.On(monday.Add(i))
		letters[i+1] = map[bool]byte{true: 'h', false: '.'}[!with && i%3 == 0]
	}
	fewer := AnalyseTest(test, diaryOf(string(letters)), f, monday.Add(113))
	if fewer.Label != LikelyFewer || strings.Contains(strings.Join(fewer.Words, " "), goodDays) {
		t.Errorf("the lot knew of no good days: %+v", fewer)
	}
	quiet := AnalyseTest(test, diaryOf(strings.Repeat(".", 113)), f, monday.Add(113))
	if quiet.State != TooFewDays || len(quiet.Missing) == 0 || quiet.Estimate != nil {
		t.Errorf("%+v", quiet)
	}
}

func TestLeavingOutFoodIsNoticed(t *testing.T) {
	skipped := func(before, now float64) map[clinic.Day]float64 {
		m := map[clinic.Day]float64{}
		for i := range 28 {
			m[monday.Add(-i)], m[monday.Add(-28-i)] = now, before
		}
		return m
	}
	for name, c := range map[string]struct {
		foods   int
		skipped map[clinic.Day]float64
		want    []string
	}{
		"nothing":              {0, nil, nil},
		"two foods":            {2, nil, nil},
		"three foods":          {3, nil, []string{"F_FOODS_AVOIDED"}},
		"a meal a week more":   {0, skipped(0, 1.0/7), []string{"F_MEALS_DROPPED"}},
		"as many as before":    {0, skipped(1, 1), nil},
		"fewer":                {0, skipped(1, 0), nil},
		"no answers before it": {0, map[clinic.Day]float64{monday: 3}, nil},
		"both":                 {4, skipped(0, 1), []string{"F_FOODS_AVOIDED", "F_MEALS_DROPPED"}},
	} {
		var got []string
		for _, b := range Avoiding(c.foods, c.skipped, monday) {
			if got = append(got, b.Code); b.Severity != clinic.Flag {
				t.Errorf("%s refuses something", name)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// However a diary is, the answer is well formed: probabilities are, bounds are in order, the order of the factors
// changes nothing, and a factor without enough data takes no part in the family.
func TestRandomDiariesGiveWellFormedAnswers(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	for range 60 {
		d, factors := person(random, 60+random.IntN(200), 1+random.IntN(6), 0, 1)
		a := Analyse(d, factors)
		slices.Reverse(factors)
		turned := Analyse(d, append(factors, met(1, "x")))
		if a.Tested != turned.Tested {
			t.Fatalf("seed %d: %d and %d tested", seed, a.Tested, turned.Tested)
		}
		for i, f := range a.Factors {
			g := turned.Factors[len(a.Factors)-1-i]
			if x, y := encode(t, f), encode(t, g); x != y {
				t.Fatalf("seed %d: the order counts:\n%s\n%s", seed, x, y)
			}
			if e := f.Estimate; e != nil {
				bounded := 0 <= e.P && e.P <= 1 && e.PUp+e.PDown <= 1+1e-12 && e.Low <= e.OR && e.OR <= e.High && e.From <= e.Median && e.Median <= e.To && *f.Q >= e.P-1e-12
				if !bounded || math.IsNaN(e.P+e.PUp+e.PDown+float64(e.OR+e.Low+e.Median)) {
					t.Fatalf("seed %d: %+v", seed, e)
				}
			}
		}
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func BenchmarkAYearOfTwentyFactors(b *testing.B) {
	d, factors := person(rand.New(rand.NewPCG(5, 5)), 365, 20, 2, 3)
	for b.Loop() {
		Analyse(d, factors)
	}
}

func TestTheFingerprintChangesWithTheDataAndOnlyThen(t *testing.T) {
	base := func() (Diary, Factor) { return diaryOf("..h..h  "), met(1, "x-x-x-") }
	d, f := base()
	same := Fingerprint(d, []Factor{f})
	for name, c := range map[string]struct {
		change func(*Diary, *Factor)
		other  bool
	}{
		"nothing":              {func(*Diary, *Factor) {}, false},
		"a day passed":         {func(d *Diary, _ *Factor) { d.Days = append(d.Days, diary.Day{Day: monday.Add(8)}) }, false},
		"an answer came":       {func(d *Diary, _ *Factor) { d.Days[6].Recorded, d.Days[6].Headache = true, clinic.No }, true},
		"a headache was added": {func(d *Diary, _ *Factor) { d.Days[1].Headache = clinic.Yes }, true},
		"a day is too late":    {func(d *Diary, _ *Factor) { d.Late[monday.Add(1)] = true }, true},
		"the plan began":       {func(d *Diary, _ *Factor) { d.Start = monday }, true},
		"an exposure changed":  {func(_ *Diary, f *Factor) { f.Exposures[monday] = Exposure{Met: clinic.No} }, true},
		"another name":         {func(_ *Diary, f *Factor) { f.Name = "Supper" }, true},
	} {
		d, f := base()
		c.change(&d, &f)
		if got := Fingerprint(d, []Factor{f}); (got != same) != c.other {
			t.Errorf("%s: %s", name, got)
		}
	}
}

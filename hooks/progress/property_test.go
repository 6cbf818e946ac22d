package progress_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/progress"
)

// random counts of a window, and a factor.
func random(r *rand.Rand) (before, now progress.Count, f float64) {
	count := func() progress.Count {
		n := 14 + r.IntN(15)
		return progress.Count{Yes: r.IntN(n + 1), Days: n}
	}
	return count(), count(), progress.Rho{Value: diary.Rate(r.Float64()*1.2 - 0.2)}.Shrink()
}

func seeded(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 48))
}

func TestPropertyTheRatioIsTheSameFromBothSides(t *testing.T) {
	r := seeded(t)
	for range 2000 {
		x1, x2, t1, t2 := r.IntN(40), r.IntN(40), 14+float64(r.IntN(300)), 14+float64(r.IntN(300))
		ratio, low, high, p := progress.RateRatio(x1, t1, x2, t2)
		back, backLow, backHigh, backP := progress.RateRatio(x2, t2, x1, t1)
		if x1+x2 > 0 && !same(ratio*back, 1) && !(math.IsInf(ratio, 1) && back == 0 || ratio == 0 && math.IsInf(back, 1)) {
			t.Fatalf("%d/%v %d/%v: %v and %v", x1, t1, x2, t2, ratio, back)
		}
		if !same(1/low, backHigh) || !same(1/high, backLow) || !same(p, backP) {
			t.Fatalf("%d/%v %d/%v: %v–%v p %v, back %v–%v p %v", x1, t1, x2, t2, low, high, p, backLow, backHigh, backP)
		}
		if x1+x2 > 0 && !(low <= ratio && ratio <= high) || p <= 0 || p > 1 {
			t.Fatalf("%d/%v %d/%v: %v (%v–%v) p %v", x1, t1, x2, t2, ratio, low, high, p)
		}
		if outside := low > 1 || high < 1; outside && p > 0.06 { // the interval halves its error, the p adds up what is as unlikely: of three million such counts the worst had 0.057
			t.Fatalf("%d/%v %d/%v: 1 is outside %v–%v and p is %v", x1, t1, x2, t2, low, high, p)
		}
	}
}

func same(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-8*math.Max(math.Abs(a), math.Abs(b))
}

func TestPropertyADifferenceLiesInItsInterval(t *testing.T) {
	r := seeded(t)
	for range 5000 {
		before, now, f := random(r)
		value, low, high := progress.Difference(before, now, f)
		back, backLow, backHigh := progress.Difference(now, before, f)
		if !(-28 <= low+1e-9 && low <= value+1e-9 && value <= high+1e-9 && high <= 28+1e-9) {
			t.Fatalf("%v → %v, f %v: %v (%v to %v)", before, now, f, value, low, high)
		}
		if math.Abs(value+back) > 1e-9 || math.Abs(low+backHigh) > 1e-9 || math.Abs(high+backLow) > 1e-9 {
			t.Fatalf("%v → %v: the way back is another", before, now)
		}
		if _, wider, widest := progress.Difference(before, now, f*0.8); widest-wider < high-low-1e-9 {
			t.Fatalf("%v → %v: days that resemble each other say more", before, now)
		}
	}
}

func TestPropertyAProbabilityOfFallingIsOneAndFallsWithTheDays(t *testing.T) {
	r := seeded(t)
	for range 300 {
		before, now, f := random(r)
		half, quarter, all := progress.Halved(before, now, f, 0.5), progress.Halved(before, now, f, 0.25), progress.Halved(before, now, f, 1)
		if !(0 <= quarter && quarter <= half+1e-11 && half <= all+1e-11 && all <= 1) {
			t.Fatalf("%v → %v, f %v: %v, %v, %v", before, now, f, quarter, half, all)
		}
		if back := progress.Halved(now, before, f, 1); math.Abs(all+back-1) > 1e-9 {
			t.Fatalf("%v → %v: fell %v and rose %v are not everything", before, now, all, back)
		}
		if now.Yes < now.Days {
			worse := progress.Count{Yes: now.Yes + 1, Days: now.Days}
			if p := progress.Halved(before, worse, f, 0.5); p > half+1e-11 {
				t.Fatalf("%v → %v is %v, one day more is %v", before, now, half, p)
			}
		}
		if before.Yes < before.Days {
			worse := progress.Count{Yes: before.Yes + 1, Days: before.Days}
			if p := progress.Halved(worse, now, f, 0.5); p < half-1e-11 {
				t.Fatalf("%v → %v is %v, one day more before is %v", before, now, half, p)
			}
		}
	}
}

// A sum over very many points, by another route, agrees to nine digits.
func TestPropertyTheIntegralIsExact(t *testing.T) {
	r := seeded(t)
	for range 20 {
		before, now, f := random(r)
		f = max(f, 0.4) // where the densities are smooth enough for Simpson
		before.Yes, now.Yes = min(max(before.Yes, 4), before.Days-4), min(max(now.Yes, 4), now.Days-4)
		got, want := progress.Halved(before, now, f, 0.5), simpson(before, now, f)
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%v → %v, f %v: %.12f, Simpson says %.12f", before, now, f, got, want)
		}
	}
}

// simpson integrates over the angle: p = sin². The inner integral runs along with the outer one.
func simpson(before, now progress.Count, f float64) float64 {
	const steps = 40000
	density := func(c progress.Count) func(angle float64) float64 {
		a, b := float64(c.Yes)*f+0.5, float64(c.Days-c.Yes)*f+0.5
		la, _ := math.Lgamma(a)
		lb, _ := math.Lgamma(b)
		lab, _ := math.Lgamma(a + b)
		return func(angle float64) float64 {
			return 2 * math.Exp(lab-la-lb) * math.Pow(math.Sin(angle), 2*a-1) * math.Pow(math.Cos(angle), 2*b-1)
		}
	}
	outer, inner := density(before), density(now)
	reached, from, sum := 0.0, 0.0, 0.0
	h := math.Pi / 2 / steps
	for i := range steps + 1 {
		angle := float64(i) * h
		until := math.Asin(math.Sqrt(0.5) * math.Sin(angle)) // where p is half
		reached += (until - from) / 6 * (inner(from) + 4*inner((from+until)/2) + inner(until))
		from = until
		weight := []float64{2, 4}[i%2]
		if i == 0 || i == steps {
			weight = 1
		}
		sum += weight * h / 3 * outer(angle) * reached
	}
	return sum
}

// madeUp is a diary of check-ins with gaps.
func madeUp(r *rand.Rand) diary.Entries {
	e := diary.Entries{Zone: time.UTC}
	chance := r.Float64()
	for i := range 28 + r.IntN(150) {
		if r.IntN(6) > 0 {
			e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: start.Add(i - 28), Headache: clinic.Said(r.Float64() < chance), Neck: clinic.MustNRS(r.IntN(11)), Acute: clinic.Said(r.IntN(4) == 0)})
		}
	}
	return e
}

// A day without an entry adds no day to any number, and no zero to any mean.
func TestPropertyMissingIsNotZero(t *testing.T) {
	r := seeded(t)
	for range 200 {
		e := madeUp(r)
		today := start.Add(28 + r.IntN(120))
		whole := judged(e, today, nil)
		n := whole.numbers()
		recorded := map[clinic.Day]bool{}
		for _, c := range e.CheckIns {
			recorded[c.Day] = true
		}
		for i, w := range n.HeadacheDays.Row {
			if w.Rate.Days != countIn(recorded, whole.windows[i+1].From, min(whole.windows[i+1].To, today)) {
				t.Fatalf("%s counts days that nobody recorded: %+v", w.Window, w.Rate)
			}
		}
		for _, w := range n.RunChart.Weeks {
			if in := countIn(recorded, w.From, w.From.Add(6)); w.Recorded != in || (w.Value != nil) != (in >= 5) {
				t.Fatalf("week of %s: %+v, recorded are %d", w.From, w, in)
			}
		}
		all := progress.NeckPhases(whole.days, whole.windows)
		if before := all.Before.Days + all.On.Days + all.Between.Days; before > len(e.CheckIns) {
			t.Fatalf("%d neck days from %d check-ins", before, len(e.CheckIns))
		}
		r.Shuffle(len(e.CheckIns), func(i, j int) { e.CheckIns[i], e.CheckIns[j] = e.CheckIns[j], e.CheckIns[i] })
		if again := judged(e, today, nil).numbers(); !reflect.DeepEqual(n, again) {
			t.Fatal("the order of the entries changed the numbers")
		}
	}
}

func countIn(recorded map[clinic.Day]bool, from, to clinic.Day) (n int) {
	for d := from; d <= to; d++ {
		if recorded[d] {
			n++
		}
	}
	return n
}

// Nobody can be told apart: what is hidden is hidden in groups.
func TestPropertyASmallGroupIsNeverShown(t *testing.T) {
	r := seeded(t)
	for range 400 {
		pairs := make([]progress.Pair, r.IntN(60))
		fall := r.Float64()
		for i := range pairs {
			before := r.IntN(29)
			pairs[i] = progress.Pair{Before: progress.Count{Yes: before, Days: 28}, Now: progress.Count{Yes: int(float64(before) * min(1, fall+r.Float64()/2)), Days: 28}}
		}
		o := progress.Together(pairs, r.IntN(10))
		if len(pairs) < 20 {
			if o.Patients != nil || o.Base != nil || o.Paired.Value != nil || len(o.Cells) > 0 || o.LeftOut != nil || o.Reason != progress.NotEnoughPatients {
				t.Fatalf("%d patients: %s", len(pairs), shown(t, o))
			}
			continue
		}
		hidden, rest := 0, len(pairs)
		for _, c := range o.Cells {
			if c.Patients == nil {
				hidden++
				continue
			}
			rest -= *c.Patients
			if *c.Patients < 5 {
				t.Fatalf("a group of %d: %s", *c.Patients, shown(t, o))
			}
		}
		if hidden == 1 || hidden > 0 && rest < 5 {
			t.Fatalf("what is hidden can be worked out: %d groups of %d in all: %s", hidden, rest, shown(t, o))
		}
		if o.LeftOut != nil && *o.LeftOut < 5 {
			t.Fatalf("left out: %d", *o.LeftOut)
		}
	}
}

// Patients who are all alike, who all had none, and whose counts vary less than chance.
func TestClinicsAtTheEdge(t *testing.T) {
	for name, c := range map[string]struct{ before, now int }{"all the same": {10, 5}, "none before": {0, 5}, "none now": {10, 0}, "none at all": {0, 0}} {
		pairs := make([]progress.Pair, 25)
		for i := range pairs {
			pairs[i] = progress.Pair{Before: progress.Count{Yes: c.before, Days: 28}, Now: progress.Count{Yes: c.now, Days: 28}}
		}
		o := progress.Together(pairs, 0)
		if known := c.before > 0 && c.now > 0; (o.Paired.Value != nil) != known || (o.Unpaired.Value != nil) != known || *o.Patients != 25 {
			t.Errorf("%s: %s", name, shown(t, o))
		}
		for _, x := range []*diary.Rate{o.Paired.Low, o.Paired.High, o.Unpaired.Low, o.Unpaired.High} {
			if x != nil && (math.IsNaN(float64(*x)) || math.IsInf(float64(*x), 0)) {
				t.Errorf("%s: %v", name, *x)
			}
		}
	}
}

// Days of different number: the paired model gives the ratio of rates, not of counts.
func TestAClinicCountsRecordedDays(t *testing.T) {
	pairs := make([]progress.Pair, 20)
	for i := range pairs {
		pairs[i] = progress.Pair{Before: progress.Count{Yes: 14, Days: 28}, Now: progress.Count{Yes: 7, Days: 14}}
	}
	near(t, "log RR", progress.Conditional(pairs).LogRatio, 0, 1e-9)
	near(t, "the log RR of two groups", progress.NegativeBinomial(pairs).LogRatio, 0, 1e-9)
}

func FuzzHalved(f *testing.F) {
	f.Add(14, 28, 7, 28, 0.4, 0.5)
	f.Add(0, 28, 0, 28, 0.0, 0.25)
	f.Add(28, 28, 28, 28, 0.9, 1.0)
	f.Add(3, 400, 390, 400, -1.0, 0.5)
	f.Fuzz(func(t *testing.T, x1, n1, x2, n2 int, rho, left float64) {
		whole := func(x, n int) bool { return 0 < n && n <= 5000 && 0 <= x && x <= n }
		if !whole(x1, n1) || !whole(x2, n2) || !(0 < left && left <= 1) || math.IsNaN(rho) {
			return
		}
		before, now := progress.Count{Yes: x1, Days: n1}, progress.Count{Yes: x2, Days: n2}
		p := progress.Halved(before, now, progress.Rho{Value: diary.Rate(rho)}.Shrink(), left)
		if !(0 <= p && p <= 1) {
			t.Fatalf("%v → %v, ρ %v, %v: %v", before, now, rho, left, p)
		}
		ratio, low, high, q := progress.RateRatio(x1, float64(n1), x2, float64(n2))
		if x1+x2 > 0 && !(low <= ratio && ratio <= high) || !(0 < q && q <= 1) {
			t.Fatalf("%v → %v: %v (%v to %v), p %v", before, now, ratio, low, high, q)
		}
	})
}

func BenchmarkNumbersOfAYear(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	e := diary.Entries{Zone: time.UTC}
	for i := range 365 {
		e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: start.Add(i - 28), Headache: clinic.Said(r.IntN(3) == 0)})
	}
	for b.Loop() {
		judged(e, start.Add(336), nil).numbers()
	}
}

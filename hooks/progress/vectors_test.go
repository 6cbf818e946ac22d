package progress_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"testing"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/progress"
)

type compared struct {
	Before, Now [2]int
	Rho         float64
}

func (c compared) counts() (before, now progress.Count, f float64) {
	return progress.Count{Yes: c.Before[0], Days: c.Before[1]}, progress.Count{Yes: c.Now[0], Days: c.Now[1]}, progress.Rho{Value: diary.Rate(c.Rho)}.Shrink()
}

type vectors struct {
	Note      string
	RateRatio []struct {
		X1, X2              int
		T1, T2              float64
		Ratio, Low, High, P float64
	}
	Difference []struct {
		compared
		Shrink, Value, Low, High float64
	}
	Autocorrelation []struct {
		Days  string
		Rho   float64
		Pairs int
	}
	Halved []struct {
		compared
		Left, P float64
	}
	Cohort struct {
		Before, Now            []int
		LogRatio, Ratio, SE    float64
		Phi, UnpairedSE, Theta float64
	}
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// near compares to an absolute tolerance.
func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %.12g, not %.12g", what, got, want)
	}
}

// closeTo compares to a relative tolerance.
func closeTo(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	near(t, what, got, want, within*math.Max(math.Abs(want), 1e-12))
}

func TestRateRatiosAreThoseOfPoissonTest(t *testing.T) {
	for _, c := range readVectors(t).RateRatio {
		ratio, low, high, p := progress.RateRatio(c.X1, c.T1, c.X2, c.T2)
		closeTo(t, "the ratio", ratio, c.Ratio, 1e-8)
		closeTo(t, "its low end", low, c.Low, 1e-8)
		closeTo(t, "its high end", high, c.High, 1e-8)
		near(t, "p", p, c.P, 1e-8)
	}
}

func TestDifferences(t *testing.T) {
	for _, c := range readVectors(t).Difference {
		before, now, f := c.counts()
		value, low, high := progress.Difference(before, now, f)
		near(t, "the factor", f, c.Shrink, 5e-7)
		near(t, "the difference", value, c.Value, 1e-12)
		near(t, "its low end", low, c.Low, 5e-6)
		near(t, "its high end", high, c.High, 5e-6)
	}
}

func TestAutocorrelation(t *testing.T) {
	for _, c := range readVectors(t).Autocorrelation {
		rho := progress.Autocorrelation(days(c.Days))
		near(t, "ρ", float64(rho.Value), c.Rho, 5e-11)
		if rho.Pairs != c.Pairs || rho.Assumed {
			t.Errorf("%+v", rho)
		}
	}
}

// days reads 1 as headache, 0 as none, anything else as not recorded.
func days(text string) (phase []clinic.YesNo) {
	for _, r := range text {
		phase = append(phase, map[rune]clinic.YesNo{'1': clinic.Yes, '0': clinic.No}[r])
	}
	return phase
}

func TestTheProbabilityThatARateWasHalved(t *testing.T) {
	for _, c := range readVectors(t).Halved {
		before, now, f := c.counts()
		near(t, "P", progress.Halved(before, now, f, c.Left), c.P, 6e-11)
	}
}

func pairsOf(before, now []int) (pairs []progress.Pair) {
	for i := range before {
		pairs = append(pairs, progress.Pair{Before: progress.Count{Yes: before[i], Days: 28}, Now: progress.Count{Yes: now[i], Days: 28}})
	}
	return pairs
}

func TestACohort(t *testing.T) {
	c := readVectors(t).Cohort
	pairs := pairsOf(c.Before, c.Now)
	paired, unpaired := progress.Conditional(pairs), progress.NegativeBinomial(pairs)
	near(t, "log RR", paired.LogRatio, c.LogRatio, 5e-8)
	near(t, "RR", math.Exp(paired.LogRatio), c.Ratio, 5e-8)
	near(t, "its SE", paired.SE, c.SE, 5e-8)
	near(t, "φ", paired.Spread, c.Phi, 5e-5)
	near(t, "the log RR of two groups", unpaired.LogRatio, c.LogRatio, 5e-8)
	near(t, "the SE of two groups", unpaired.SE, c.UnpairedSE, 5e-8)
	near(t, "θ", unpaired.Spread, c.Theta, 5e-4)
}

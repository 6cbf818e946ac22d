package chaos

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestTheSameSeedIsTheSameNetwork(t *testing.T) {
	odds := Odds{DropRequest: 0.2, DropAnswer: 0.2, Duplicate: 0.2, Late: 0.2, Reorder: 0.2, Kill: 0.2}
	differ := 0
	for n := range uint64(1000) {
		if !reflect.DeepEqual(Of(7, n, odds, time.Second), Of(7, n, odds, time.Second)) {
			t.Fatalf("request %d has two fates", n)
		}
		if !slices.Equal(Of(7, n, odds, 0).Faults, Of(8, n, odds, 0).Faults) {
			differ++
		}
	}
	if differ < 300 {
		t.Errorf("two seeds differ in %d of 1000 requests only", differ)
	}
}

func TestAFaultIsAsFrequentAsItsOdds(t *testing.T) {
	for _, fault := range Faults {
		for _, share := range []float64{0, 0.05, 0.5, 1} {
			met := 0
			for n := range uint64(10000) {
				fate := Of(3, n, Odds{fault: share}, 0)
				if fate.Has(fault) {
					met++
				}
				if len(fate.Faults) > 1 || len(fate.Faults) == 1 && fate.Faults[0] != fault {
					t.Fatalf("%s at %g: met %v", fault, share, fate.Faults)
				}
			}
			if math.Abs(float64(met)/10000-share) > 0.02 {
				t.Errorf("%s at %g: met %d of 10000", fault, share, met)
			}
		}
	}
}

// Whoever looks for a fault turns the others up and down, and the one stays where it was.
func TestOddsDoNotMoveEachOther(t *testing.T) {
	for n := range uint64(1000) {
		alone := Of(1, n, Odds{Duplicate: 0.3}, 0)
		among := Of(1, n, Odds{Duplicate: 0.3, DropAnswer: 0.5, Kill: 0.5}, 0)
		if alone.Has(Duplicate) != among.Has(Duplicate) {
			t.Fatalf("request %d: %v alone, %v among others", n, alone.Faults, among.Faults)
		}
	}
}

func TestFaultsThatMeet(t *testing.T) {
	for _, c := range []struct {
		odds Odds
		want []Fault
	}{
		{Odds{DropRequest: 1, DropAnswer: 1, Late: 1, Kill: 1}, []Fault{DropRequest}},
		{Odds{Late: 1, Duplicate: 1, Reorder: 1}, []Fault{Late}},
		{Odds{DropAnswer: 1, Duplicate: 1, Reorder: 1, Kill: 1}, []Fault{DropAnswer, Duplicate, Reorder, Kill}},
		{nil, nil},
	} {
		if got := Of(1, 1, c.odds, 0).Faults; !slices.Equal(got, c.want) {
			t.Errorf("%v: met %v, not %v", c.odds, got, c.want)
		}
	}
}

func TestOddsAreShares(t *testing.T) {
	for _, share := range []float64{-0.1, 1.1, math.NaN()} {
		if (Odds{Late: share}).Check() == nil {
			t.Errorf("%g passes for a share", share)
		}
	}
	if err := (Odds{Late: 0.5, Kill: 1}).Check(); err != nil {
		t.Error(err)
	}
}

func TestTimesAreAroundTheirMean(t *testing.T) {
	for n := range uint64(1000) {
		for name, d := range map[string]time.Duration{"a late request": Of(5, n, nil, time.Second).After, "a stream": Cut(5, n, time.Second)} {
			if d < time.Second/2 || d > 3*time.Second/2 {
				t.Fatalf("%s takes %v of a mean of a second", name, d)
			}
		}
		if Cut(5, n, 0) != 0 || Of(5, n, nil, 0).After != 0 {
			t.Fatal("no time is no time")
		}
	}
}

package triggers

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

type vectors struct {
	Cases []struct {
		Name       string
		Blocks     []Block
		T          int
		Estimate   Estimate
		Q          float64
		Label      Label
		IfProdrome Label
	}
	Wilson []Share
	Dose   struct {
		X, Y                   [][]float64
		Beta, SE, LogLik, Null float64
		Failures               struct{ Efron, Breslow float64 }
	}
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	body, err := os.ReadFile("testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The tolerances of §4.5.
func sameProbability(got, want float64) bool { return math.Abs(got-want) <= 1e-8 }

func sameOdds(got, want Odds) bool {
	if math.IsInf(float64(want), 1) || want == 0 {
		return got == want
	}
	return math.Abs(float64(got-want)) <= 1e-6*float64(want)
}

// sameGridPoint: the same step of the grid, and the odds ratio there to the digits that are printed.
func sameGridPoint(got, want Odds) bool {
	step := func(o Odds) float64 { return math.Round(math.Log(float64(o)) * 200) }
	return step(got) == step(want) && math.Abs(float64(got-want)) < 1e-9*max(1, float64(want))
}

func TestInferAgreesWithTheVectors(t *testing.T) {
	v := readVectors(t)
	if len(v.Cases) != 4 {
		t.Fatalf("%d cases", len(v.Cases))
	}
	var ps []float64
	for _, c := range v.Cases {
		if _, seen := distributionOf(c.Blocks); seen != c.T {
			t.Errorf("%s: T is %d, not %d", c.Name, seen, c.T)
		}
		e := Infer(c.Blocks)
		ps = append(ps, e.P)
		w := c.Estimate
		if !sameProbability(e.P, w.P) || !sameProbability(e.PUp, w.PUp) || !sameProbability(e.PDown, w.PDown) {
			t.Errorf("%s: probabilities %.10g %.10g %.10g, not %.10g %.10g %.10g", c.Name, e.P, e.PUp, e.PDown, w.P, w.PUp, w.PDown)
		}
		if !sameOdds(e.OR, w.OR) || !sameOdds(e.Low, w.Low) || !sameOdds(e.High, w.High) {
			t.Errorf("%s: OR %v (%v to %v), not %v (%v to %v)", c.Name, e.OR, e.Low, e.High, w.OR, w.Low, w.High)
		}
		if !sameGridPoint(e.Median, w.Median) || !sameGridPoint(e.From, w.From) || !sameGridPoint(e.To, w.To) {
			t.Errorf("%s: posterior %v (%v to %v), not %v (%v to %v)", c.Name, e.Median, e.From, e.To, w.Median, w.From, w.To)
		}
	}
	for i, q := range BenjaminiHochberg(ps) {
		c := v.Cases[i]
		if !sameProbability(q, c.Q) {
			t.Errorf("%s: q %.10g, not %.10g", c.Name, q, c.Q)
		}
		e := Infer(c.Blocks)
		if got := label(e, q, Factor{Lag: 1}); got != c.Label {
			t.Errorf("%s: %s, not %s", c.Name, got, c.Label)
		}
		if got := label(e, q, Factor{Lag: 1, Prodrome: true}); got != c.IfProdrome {
			t.Errorf("%s as a possible early sign: %s, not %s", c.Name, got, c.IfProdrome)
		}
	}
}

// A p so small that it could round to nothing must still be right: B's is 8e-7, relative error counts.
func TestSmallProbabilitiesKeepTheirDigits(t *testing.T) {
	for _, c := range readVectors(t).Cases {
		if got := Infer(c.Blocks).P; math.Abs(got-c.Estimate.P) > 1e-9*c.Estimate.P {
			t.Errorf("%s: p %.12g, not %.12g", c.Name, got, c.Estimate.P)
		}
	}
}

func TestAtTheBoundaryThereIsNoBound(t *testing.T) {
	for name, c := range map[string]struct {
		block         Block
		or, low, high float64 // −1: between 0 and ∞
	}{
		"no exposed onset":    {Block{N: 20, K: 5, M: 8, A: 0}, 0, 0, -1},
		"only exposed ones":   {Block{N: 20, K: 5, M: 8, A: 5}, math.Inf(1), -1, math.Inf(1)},
		"somewhere between":   {Block{N: 20, K: 5, M: 8, A: 3}, -1, -1, -1},
		"least is above zero": {Block{N: 20, K: 15, M: 10, A: 5}, 0, 0, -1},
	} {
		e := Infer([]Block{c.block})
		for i, pair := range [][2]float64{{float64(e.OR), c.or}, {float64(e.Low), c.low}, {float64(e.High), c.high}} {
			if got, want := pair[0], pair[1]; want >= 0 && got != want || want < 0 && (got <= 0 || math.IsInf(got, 1)) {
				t.Errorf("%s, number %d: %v, not %v", name, i, got, want)
			}
		}
	}
}

// Exposure turned round turns the answer round: the same p, 1/OR, up for down.
func TestTurningExposureRoundTurnsTheAnswerRound(t *testing.T) {
	for _, c := range readVectors(t).Cases {
		var turned []Block
		for _, b := range c.Blocks {
			turned = append(turned, Block{N: b.N, K: b.K, M: b.N - b.M, A: b.K - b.A})
		}
		e, r := Infer(c.Blocks), Infer(turned)
		if math.Abs(e.P-r.P) > 1e-12 || math.Abs(e.PUp-r.PDown) > 1e-12 || c.Name != "B" && math.Abs(float64(e.OR*r.OR)-1) > 1e-9 {
			t.Errorf("%s: %+v and %+v", c.Name, e, r)
		}
	}
}

func TestWilson(t *testing.T) {
	for _, w := range readVectors(t).Wilson {
		if got := Wilson(w.Of, w.Days); !sameProbability(got.Low, w.Low) || !sameProbability(got.High, w.High) {
			t.Errorf("%d of %d: %+v, not %+v", w.Of, w.Days, got, w)
		}
	}
	if got := Wilson(0, 0); got.Low != 0 || got.High != 1 {
		t.Errorf("of no days something is known: %+v", got)
	}
}

func TestBenjaminiHochbergKeepsOrderAndStaysBelowOne(t *testing.T) {
	q := BenjaminiHochberg([]float64{0.9, 0.04, 0.9, 0.03})
	for i, want := range []float64{0.9, 0.08, 0.9, 0.08} {
		if math.Abs(q[i]-want) > 1e-15 {
			t.Errorf("%v", q)
		}
	}
	if len(BenjaminiHochberg(nil)) != 0 {
		t.Error("something of nothing")
	}
}

func TestTheSlopeIsExact(t *testing.T) {
	v := readVectors(t).Dose
	var blocks [][]Amount
	for i, row := range v.X {
		var days []Amount
		for j, x := range row {
			days = append(days, Amount{x, v.Y[i][j] == 1})
		}
		blocks = append(blocks, days)
	}
	s := FitSlope(blocks)
	if s == nil || !sameOdds(Odds(s.Beta), Odds(v.Beta)) || !sameOdds(Odds(s.SE), Odds(v.SE)) || math.Abs(s.LogLik-v.LogLik) > 1e-8 || math.Abs(s.Null-v.Null) > 1e-8 {
		t.Fatalf("%+v, not %+v", s, v)
	}
	if math.Abs(s.Beta-v.Failures.Efron) < 0.1 || math.Abs(s.Beta-v.Failures.Breslow) < 0.1 {
		t.Error("this is an approximation")
	}
	for i := range blocks { // counting from somewhere else changes nothing
		for j := range blocks[i] {
			blocks[i][j].X += 1000 * float64(i)
		}
	}
	if moved := FitSlope(blocks); moved == nil || math.Abs(moved.Beta-s.Beta) > 1e-9 {
		t.Errorf("moved: %+v", moved)
	}
}

func TestWithoutAMaximumThereIsNoSlope(t *testing.T) {
	for name, blocks := range map[string][][]Amount{
		"nothing":                    nil,
		"one amount":                 {{{3, true}, {3, false}, {3, false}}},
		"every onset on the top day": {{{1, false}, {2, false}, {9, true}}, {{1, false}, {4, true}}},
		"no onset":                   {{{1, false}, {2, false}}},
	} {
		if s := FitSlope(blocks); s != nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

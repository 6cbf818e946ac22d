package triggers

import (
	"math/rand/v2"
	"slices"

	"interictal/hooks/clinic"
)

// Test is a planned test of one safe, controllable factor (§4.6): pairs of days or weeks, one with it and one without, in an
// order that the server draws before the start. Which came first is chance, so a link that is found is not a good day that
// allowed it, nor an attack on its way that asked for it.
//
// Days count as they were drawn, also where the person did otherwise; how often that was is shown beside it. The pairs are
// the blocks, the calculation is the same.
type Test struct {
	Unit      Unit       `json:"unit"`
	Start     clinic.Day `json:"start"`
	Seed      uint64     `json:"-"`         // from which the order was drawn; stored
	WithFirst []bool     `json:"withFirst"` // pair by pair
}

// Unit of a pair.
type Unit string

const (
	OneDay  Unit = "day"
	OneWeek Unit = "week"
)

// LeastPairs and MostPairs bound a test. [D] for the upper one: beyond half a year nobody keeps to it.
const (
	LeastPairs = 8
	MostPairs  = 60
)

// Draw makes the order. The same seed gives the same order for ever.
func Draw(seed uint64, pairs int) []bool {
	random := rand.New(rand.NewPCG(seed, 0))
	order := make([]bool, pairs)
	for i := range order {
		order[i] = random.Uint64()&1 == 1
	}
	return order
}

func (u Unit) days() int {
	if u == OneWeek {
		return 7
	}
	return 1
}

// End is the last day of the last pair.
func (t Test) End() clinic.Day { return t.Start.Add(2*t.Unit.days()*len(t.WithFirst) - 1) }

// On says what was drawn for a day; pair is −1 outside the test.
func (t Test) On(d clinic.Day) (pair int, with bool) {
	period := d.Sub(t.Start) / t.Unit.days()
	if d < t.Start || d > t.End() {
		return -1, false
	}
	pair = period / 2
	return pair, (period%2 == 0) == t.WithFirst[pair]
}

// Tested is the result of a planned test.
type Tested struct {
	Rule     string    `json:"rule"`
	State    State     `json:"state"`
	Pairs    int       `json:"pairs"` // over by now
	Of       int       `json:"of"`
	Label    Label     `json:"label"`
	Words    []string  `json:"words"`
	With     Share     `json:"with"` // attacks that began, of the at-risk days
	Without  Share     `json:"without"`
	Kept     int       `json:"kept"`  // days done as drawn
	Asked    int       `json:"asked"` // days on which it is known what was done
	Missing  []Lack    `json:"missing"`
	Blocks   []Block   `json:"blocks"`
	Estimate *Estimate `json:"estimate"`
}

// Running: the last pair is not over.
const Running State = "running"

// AnalyseTest looks at a test on the day after its last day; before that it counts and infers nothing, or one would stop
// when one likes the answer.
func AnalyseTest(t Test, d Diary, f Factor, today clinic.Day) Tested {
	r := recordOf(d)
	out := Tested{Rule: Version, State: Ready, Of: len(t.WithFirst), Label: InsufficientData, Missing: []Lack{}, Blocks: []Block{}}
	out.Pairs = min(out.Of, max(0, today.Sub(t.Start)/(2*t.Unit.days())))
	looks := r.drawn(t, f.Lag)
	out.Blocks = append(out.Blocks, blocksOf(looks)...)
	out.count(t, f)
	switch {
	case today <= t.End().Add(f.Lag):
		out.State = Running
		out.Words = []string{"The test is still running. The answer comes when the last pair is over."}
		return out
	case out.Of < LeastPairs:
		out.Missing = []Lack{{What: Pairs, Have: float64(out.Of), Need: LeastPairs}}
	default:
		out.Missing = append(out.Missing, r.lack(MixedBlocks, informativeIn(out.Blocks), leastBlocks)...)
	}
	if len(out.Missing) > 0 {
		out.State = TooFewDays
		out.Words = Finding{Label: InsufficientData, Missing: out.Missing}.words()
		return out
	}
	e := Infer(out.Blocks)
	out.Estimate = &e
	// what may be an early sign was not drawn by lot: here it can be told apart
	lag := f.Lag
	f.Prodrome, f.Lag = false, 1
	out.Label = label(e, e.P, f)
	out.Words = Finding{Label: out.Label, Name: f.Name, Lag: lag, Exposed: out.With, Others: out.Without}.words()
	out.Words = slices.DeleteFunc(out.Words, func(sentence string) bool { return sentence == goodDays }) // the lot knew of no good days
	return out
}

// drawn are the at-risk days of the test, exposed as the lot said.
func (r record) drawn(t Test, lag int) (looks []look) {
	for i := range r.days {
		pair, with := t.On(r.days[i].Day.Add(-lag))
		if pair >= 0 && r.atRisk(i) {
			looks = append(looks, look{day: r.days[i].Day, block: pair, onset: r.onset(i), met: with})
		}
	}
	return looks
}

func (out *Tested) count(t Test, f Factor) {
	sum := Block{}
	for _, b := range out.Blocks {
		sum = Block{sum.N + b.N, sum.K + b.K, sum.M + b.M, sum.A + b.A}
	}
	out.With, out.Without = Wilson(sum.A, sum.M), Wilson(sum.K-sum.A, sum.N-sum.M)
	for day, x := range f.Exposures {
		pair, with := t.On(day)
		met := x.Met
		if f.Kind == Number && x.Amount != nil {
			met = clinic.Said(*x.Amount > 0)
		}
		if pair < 0 || !met.Known() {
			continue
		}
		out.Asked++
		if met == clinic.Said(with) {
			out.Kept++
		}
	}
}

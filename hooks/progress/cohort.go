package progress

import (
	"cmp"
	"math"
	"slices"

	"interictal/hooks/diary"
)

const (
	fewestPatients = 20
	smallestCell   = 5
)

// Pair is one patient's headache days in B1 and in the last full window on the plan.
type Pair struct{ Before, Now Count }

// Outcomes are a clinic's patients taken together. Nobody can be told apart: from 20 patients on, in groups of 5 or more,
// with rates of one decimal.
type Outcomes struct {
	Caption  string       `json:"caption"`
	Patients *int         `json:"patients"` // with enough days in both windows
	LeftOut  *int         `json:"leftOut"`  // without; null while fewer than 5
	Reason   diary.Reason `json:"reason"`
	Base     *diary.Rate  `json:"base"` // headache days for 28, over all recorded days
	Now      *diary.Rate  `json:"now"`
	Paired   Interval     `json:"paired"`   // rate ratio, each patient beside herself
	Unpaired Interval     `json:"unpaired"` // the same as if they were two groups
	Cells    []Cell       `json:"cells"`
}

// Cell is how many patients changed by so much.
type Cell struct {
	Name     string       `json:"name"`
	Patients *int         `json:"patients"`
	Reason   diary.Reason `json:"reason"`
}

// Together counts a clinic. leftOut are the patients with a plan whose days do not suffice.
func Together(pairs []Pair, leftOut int) Outcomes {
	out := Outcomes{Caption: Caption, Reason: NotEnoughPatients, Cells: []Cell{},
		Paired: Interval{Reason: NotEnoughPatients}, Unpaired: Interval{Reason: NotEnoughPatients}}
	n := len(pairs)
	if n < fewestPatients {
		return out
	}
	out.Patients, out.Reason = &n, ""
	if leftOut >= smallestCell {
		out.LeftOut = &leftOut
	}
	out.Base = oneDecimal(ratePer28(pairs, func(p Pair) Count { return p.Before }))
	out.Now = oneDecimal(ratePer28(pairs, func(p Pair) Count { return p.Now }))
	out.Paired, out.Unpaired = Conditional(pairs).interval(), NegativeBinomial(pairs).interval()
	out.Cells = suppressed(cells(pairs))
	return out
}

// ratePer28 is over all days of all patients.
func ratePer28(pairs []Pair, of func(Pair) Count) float64 {
	var all Count
	for _, p := range pairs {
		all.Yes, all.Days = all.Yes+of(p).Yes, all.Days+of(p).Days
	}
	return 28 * float64(all.Yes) / float64(all.Days)
}

func oneDecimal(x float64) *diary.Rate { return rate(math.Round(x*10) / 10) }

// Effect is a log rate ratio. Spread is φ of the conditional model, θ of the negative binomial one; +Inf θ: the counts
// vary no more than Poisson counts do.
type Effect struct{ LogRatio, SE, Spread float64 }

func (e Effect) interval() Interval {
	if math.IsInf(e.LogRatio, 0) || math.IsNaN(e.LogRatio) {
		return Interval{Reason: diary.NoHeadacheDays}
	}
	return interval(math.Exp(e.LogRatio), math.Exp(e.LogRatio-z*e.SE), math.Exp(e.LogRatio+z*e.SE))
}

// Conditional is the Poisson model with an effect of each patient: given both windows together, the days of the second are
// binomial. The standard error grows with the spread, by √max(1, φ), φ being Pearson's χ² over its degrees of freedom.
func Conditional(pairs []Pair) Effect {
	pairs = slices.DeleteFunc(slices.Clone(pairs), func(p Pair) bool { return p.Before.Yes+p.Now.Yes == 0 }) // they say nothing
	if total := headaches(pairs); total.Before.Yes == 0 || total.Now.Yes == 0 {
		return Effect{LogRatio: math.NaN()}
	}
	share := func(p Pair, b float64) float64 {
		odds := math.Exp(b) * float64(p.Now.Days) / float64(p.Before.Days)
		return odds / (1 + odds)
	}
	b := root(func(b float64) (missing float64) {
		for _, p := range pairs {
			missing += float64(p.Now.Yes) - float64(p.Before.Yes+p.Now.Yes)*share(p, b)
		}
		return missing
	})
	var information, pearson float64
	for _, p := range pairs {
		n, q := float64(p.Before.Yes+p.Now.Yes), share(p, b)
		information += n * q * (1 - q)
		pearson += square(float64(p.Now.Yes)-n*q) / (n * q * (1 - q))
	}
	spread := pearson / max(float64(len(pairs)-1), 1)
	return Effect{LogRatio: b, SE: math.Sqrt(max(1, spread) / information), Spread: spread}
}

func headaches(pairs []Pair) (sum Pair) {
	for _, p := range pairs {
		sum.Before.Yes, sum.Now.Yes = sum.Before.Yes+p.Before.Yes, sum.Now.Yes+p.Now.Yes
	}
	return sum
}

// NegativeBinomial compares the windows as if they were two groups of people, with one θ for both (R: MASS glm.nb).
func NegativeBinomial(pairs []Pair) Effect {
	if total := headaches(pairs); total.Before.Yes == 0 || total.Now.Yes == 0 {
		return Effect{LogRatio: math.NaN()}
	}
	var before, now group
	for _, p := range pairs {
		before, now = append(before, p.Before), append(now, p.Now)
	}
	const lowest, highest = -5.0, 12.0 // log θ; from e¹² on it is Poisson
	log := highestPoint(lowest, highest, func(log float64) float64 {
		theta := math.Exp(log)
		return before.likelihood(theta) + now.likelihood(theta)
	})
	theta := math.Exp(log)
	if highest-log < 0.01 {
		theta = math.Inf(1)
	}
	return Effect{LogRatio: before.logRate(theta, -1) + now.logRate(theta, 1),
		SE: math.Sqrt(1/before.information(theta) + 1/now.information(theta)), Spread: theta}
}

// group is one window's counts of all patients.
type group []Count

// logRate is the most likely log rate of one day, times a sign.
func (g group) logRate(theta, sign float64) float64 {
	return sign * root(func(b float64) (missing float64) {
		for _, c := range g {
			mu := math.Exp(b) * float64(c.Days)
			missing += (float64(c.Yes) - mu) / (1 + mu/theta)
		}
		return missing
	})
}

func (g group) information(theta float64) (sum float64) {
	b := g.logRate(theta, 1)
	for _, c := range g {
		mu := math.Exp(b) * float64(c.Days)
		sum += mu / (1 + mu/theta)
	}
	return sum
}

func (g group) likelihood(theta float64) (sum float64) {
	b := g.logRate(theta, 1)
	for _, c := range g {
		y, mu := float64(c.Yes), math.Exp(b)*float64(c.Days)
		sum += logGamma(y+theta) - logGamma(theta) - theta*math.Log1p(mu/theta) + y*(math.Log(mu)-math.Log(mu+theta))
	}
	return sum
}

func logGamma(x float64) float64 { l, _ := math.Lgamma(x); return l }

// root of a falling function of a log rate.
func root(f func(float64) float64) float64 {
	low, high := -30.0, 30.0
	for range 60 {
		middle := (low + high) / 2
		if f(middle) > 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// highestPoint of a function with one peak, by golden section.
func highestPoint(low, high float64, f func(float64) float64) float64 {
	golden := (math.Sqrt(5) - 1) / 2
	a, b := high-golden*(high-low), low+golden*(high-low)
	fa, fb := f(a), f(b)
	for range 45 {
		if fa > fb {
			high, b, fb = b, a, fa
			a = high - golden*(high-low)
			fa = f(a)
		} else {
			low, a, fa = a, b, fb
			b = low + golden*(high-low)
			fb = f(b)
		}
	}
	return (low + high) / 2
}

// changes name the cells by how much of the rate before is left, at most.
var changes = []struct {
	name string
	left float64
}{{"halved", 0.5}, {"fell_by_30", 0.7}, {"about_the_same", 1.3}, {"rose_by_30", math.Inf(1)}}

func cells(pairs []Pair) []Cell {
	out := make([]Cell, len(changes))
	for i, c := range changes {
		out[i] = Cell{Name: c.name, Patients: new(int)}
	}
	for _, p := range pairs {
		i, left := 0, p.left()
		for left > changes[i].left+1e-9 {
			i++
		}
		*out[i].Patients++
	}
	return out
}

// left is how much of the rate before there is now; none in both is the same too.
func (p Pair) left() float64 {
	before, now := float64(p.Before.Yes)/float64(p.Before.Days), float64(p.Now.Yes)/float64(p.Now.Days)
	if before == now {
		return 1
	}
	return now / before
}

// suppressed hides groups of fewer than 5, and as many more that nobody can be worked out from the rest: two groups or
// more are hidden, together 5 patients or more.
func suppressed(cells []Cell) []Cell {
	order := make([]int, len(cells))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(*cells[a].Patients, *cells[b].Patients) })
	hidden, people := 0, 0
	for _, i := range order {
		n := *cells[i].Patients
		if n >= smallestCell && (hidden == 0 || hidden > 1 && people >= smallestCell) {
			break
		}
		hidden, people = hidden+1, people+n
		cells[i].Patients, cells[i].Reason = nil, SmallCell
	}
	return cells
}

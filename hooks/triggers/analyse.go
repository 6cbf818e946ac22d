package triggers

import (
	"math"

	"interictal/hooks/clinic"
)

// What has to be there (§4.3).
const (
	leastRecorded   = 60
	leastShare      = 0.70
	leastAtRisk     = 45
	leastOnsets     = 8
	leastExposed    = 5
	leastUnexposed  = 5
	leastBlocks     = 2
	manyHeadaches   = 15.0 // headache days in 28
	severityAtLeast = 5    // headache days on each side, to show a mean
)

// State of an analysis as a whole.
type State string

const (
	Ready        State = "ready"
	TooFewDays   State = "insufficient_data"
	TooManyAches State = "too_many_headache_days"
)

// Analysis is one run. Every number carries the days it rests on.
type Analysis struct {
	Rule         string     `json:"rule"` // version of these rules
	State        State      `json:"state"`
	From         clinic.Day `json:"from"` // first and last recorded day
	To           clinic.Day `json:"to"`
	Days         int        `json:"days"`
	RecordedDays int        `json:"recordedDays"`
	LateDays     int        `json:"lateDays"` // left out: entered more than 7 days later
	HeadacheDays int        `json:"headacheDays"`
	Tested       int        `json:"tested"` // the family that q counts over
	Missing      []Lack     `json:"missing"`
	Words        string     `json:"words"`
	Factors      []Finding  `json:"factors"`
}

// Finding is what is said of one factor.
type Finding struct {
	Factor   string    `json:"factor"`
	Code     string    `json:"code"`
	Name     string    `json:"name"`
	Lag      int       `json:"lag"`
	Prodrome bool      `json:"prodromePossible"`
	Cut      *Cut      `json:"cut"` // null: asked as yes or no
	Label    Label     `json:"label"`
	Words    []string  `json:"words"`
	Onsets   int       `json:"onsets"`
	Exposed  Share     `json:"exposed"` // attacks that began, of the exposed at-risk days
	Others   Share     `json:"others"`
	Dropped  Dropped   `json:"dropped"`
	Missing  []Lack    `json:"missing"`
	Blocks   []Block   `json:"blocks"`
	Estimate *Estimate `json:"estimate"` // null: not enough data
	Q        *float64  `json:"q"`
	Dose     *Slope    `json:"dose"`     // for numbers, from 20 onsets on; it takes no part in the label
	Severity *Severity `json:"severity"` // in place of onsets, where headache days are too many
}

// Dropped at-risk days: the exposure was not known.
type Dropped struct {
	Days  int      `json:"days"`
	Share *float64 `json:"share"` // of the at-risk days; null: there were none
}

// Severity describes headache days; it tests nothing.
type Severity struct {
	Exposed MeanPeak `json:"exposed"`
	Others  MeanPeak `json:"others"`
}

// MeanPeak of headache days whose worst pain is known. Under 5 days there is no mean.
type MeanPeak struct {
	Mean *float64 `json:"mean"`
	Days int      `json:"days"`
}

// Analyse runs all factors of one person at once. The order of the factors changes nothing but the order of the findings.
func Analyse(d Diary, factors []Factor) Analysis {
	r := recordOf(d)
	a := Analysis{Rule: Version, State: Ready, Days: len(r.days), RecordedDays: r.recorded, LateDays: r.lateDays, HeadacheDays: r.headache,
		Missing: r.missing(), Factors: []Finding{}}
	if len(r.days) > 0 {
		a.From, a.To = r.days[0].Day, r.days[len(r.days)-1].Day
	}
	switch {
	case len(a.Missing) > 0:
		a.State = TooFewDays
	case blockDays*float64(r.headache) >= manyHeadaches*float64(r.recorded):
		a.State = TooManyAches
	}
	for _, f := range factors {
		a.Factors = append(a.Factors, r.find(f, a.State))
	}
	a.compare(factors)
	a.Words = a.words()
	return a
}

// find counts one factor, and infers where there is enough.
func (r record) find(f Factor, state State) Finding {
	looks, dropped := r.looks(f)
	found := Finding{Factor: f.ID, Code: f.Code, Name: f.Name, Lag: f.Lag, Prodrome: f.Prodrome, Cut: cut(f, looks), Label: InsufficientData, Missing: []Lack{}, Blocks: []Block{}}
	found.count(looks, dropped)
	switch state {
	case TooManyAches:
		found.Label, found.Severity = DescriptiveOnly, r.severity(f, found.Cut)
		return found
	case TooFewDays:
		return found
	}
	if found.Missing = r.missingFor(found); len(found.Missing) > 0 {
		return found
	}
	e := Infer(found.Blocks)
	found.Estimate = &e
	if f.Kind == Number && found.Onsets >= doseOnsets {
		found.Dose = FitSlope(amountsOf(looks))
	}
	return found
}

func (f *Finding) count(looks []look, dropped int) {
	f.Dropped.Days = dropped
	if all := len(looks) + dropped; all > 0 {
		share := float64(dropped) / float64(all)
		f.Dropped.Share = &share
	}
	f.Blocks = append(f.Blocks, blocksOf(looks)...)
	sum := Block{}
	for _, b := range f.Blocks {
		sum = Block{sum.N + b.N, sum.K + b.K, sum.M + b.M, sum.A + b.A}
	}
	f.Onsets = sum.K
	f.Exposed, f.Others = Wilson(sum.A, sum.M), Wilson(sum.K-sum.A, sum.N-sum.M)
}

// compare sees all eligible factors together: with twenty of them one in twenty looks odd by chance.
func (a *Analysis) compare(factors []Factor) {
	var tested []int
	var p []float64
	for i, f := range a.Factors {
		if f.Estimate != nil {
			tested, p = append(tested, i), append(p, f.Estimate.P)
		}
	}
	a.Tested = len(tested)
	for at, q := range BenjaminiHochberg(p) {
		f := &a.Factors[tested[at]]
		f.Q, f.Label = &q, label(*f.Estimate, q, factors[tested[at]])
	}
	for i := range a.Factors {
		a.Factors[i].Words = a.Factors[i].words()
	}
}

// severity compares the worst pain of headache days with and without the factor.
func (r record) severity(f Factor, c *Cut) *Severity {
	var sum [2]float64
	var n [2]int
	for i, day := range r.days {
		x, said := f.Exposures[day.Day.Add(-f.Lag)]
		peak, known := day.Peak.Score()
		if !r.recordedAt(i) || !r.recordedAt(i-f.Lag) || day.Headache != clinic.Yes || !known || !said || x.Late {
			continue
		}
		met := x.Met
		if c != nil {
			met = clinic.Unknown
			if x.Amount != nil {
				met = clinic.Said(c.exposed(*x.Amount))
			}
		}
		if met.Known() {
			side := map[clinic.YesNo]int{clinic.Yes: 0, clinic.No: 1}[met]
			sum[side], n[side] = sum[side]+float64(peak), n[side]+1
		}
	}
	return &Severity{meanPeak(sum[0], n[0]), meanPeak(sum[1], n[1])}
}

func meanPeak(sum float64, days int) MeanPeak {
	m := MeanPeak{Days: days}
	if days >= severityAtLeast {
		mean := math.Round(100*sum/float64(days)) / 100
		m.Mean = &mean
	}
	return m
}

package triggers

import "math"

// Lack is one thing that is missing before anything can be said.
type Lack struct {
	What  What     `json:"what"`
	Have  float64  `json:"have"`
	Need  float64  `json:"need"`
	Weeks *float64 `json:"weeks"` // about so many at the person's own pace; null: no pace to go by
}

// What can be missing.
type What string

const (
	RecordedDays  What = "recorded_days"
	RecordedShare What = "recorded_share"
	AtRiskDays    What = "at_risk_days"
	OnsetDays     What = "onsets"
	ExposedDays   What = "exposed_days"
	OtherDays     What = "unexposed_days"
	MixedBlocks   What = "mixed_blocks" // 28-day blocks with an onset and a day without, an exposed day and another
	Pairs         What = "pairs"
)

// missing is what the diary as a whole lacks.
func (r record) missing() []Lack {
	lacks := r.lack(RecordedDays, r.recorded, leastRecorded)
	if days := len(r.days); days > 0 && float64(r.recorded) < leastShare*float64(days) {
		weeks := math.Ceil((leastShare*float64(days) - float64(r.recorded)) / (1 - leastShare) / 7) // if every day is answered from now on
		lacks = append(lacks, Lack{RecordedShare, math.Round(100*float64(r.recorded)/float64(days)) / 100, leastShare, &weeks})
	}
	return lacks
}

// missingFor is what one factor lacks.
func (r record) missingFor(f Finding) []Lack {
	lacks := r.lack(AtRiskDays, f.Exposed.Days+f.Others.Days, leastAtRisk)
	lacks = append(lacks, r.lack(OnsetDays, f.Onsets, leastOnsets)...)
	lacks = append(lacks, r.lack(ExposedDays, f.Exposed.Days, leastExposed)...)
	lacks = append(lacks, r.lack(OtherDays, f.Others.Days, leastUnexposed)...)
	return append(lacks, r.lack(MixedBlocks, informativeIn(f.Blocks), leastBlocks)...)
}

func informativeIn(blocks []Block) (n int) {
	for _, b := range blocks {
		if b.informative() {
			n++
		}
	}
	return n
}

// lack goes by the person's own pace so far.
func (r record) lack(what What, have, need int) []Lack {
	if have >= need {
		return []Lack{}
	}
	l := Lack{What: what, Have: float64(have), Need: float64(need)}
	if have > 0 {
		weeks := math.Ceil(float64(len(r.days)) * float64(need-have) / float64(have) / 7)
		l.Weeks = &weeks
	}
	return []Lack{l}
}

package progress

import (
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

const enoughNeckDays = 5 // for a mean [D]

// Neck is neck pain by its place around headache days.
type Neck struct {
	Before  NeckPain `json:"before"` // the day before a headache day, itself without
	On      NeckPain `json:"on"`     // headache days
	After   NeckPain `json:"after"`
	Between NeckPain `json:"between"` // no headache on it, the day before or the day after
}

// NeckPain is the neck score over some days.
type NeckPain struct {
	Mean   *diary.Rate  `json:"mean"`
	Days   int          `json:"days"` // with a neck score
	Pain   int          `json:"pain"` // of these, NRS 1 or more
	Reason diary.Reason `json:"reason"`
	sum    int
}

// NeckAround is all windows together, and each.
type NeckAround struct {
	Neck
	Row []NeckIn `json:"row"`
}

// NeckIn is neck pain in one window.
type NeckIn struct {
	Window string `json:"window"`
	Neck
}

// NeckPhases sorts the days with a neck score. A day whose own headache, or a neighbour's that decides, is not known is in
// no phase.
func NeckPhases(days []diary.Day, windows []diary.Window) NeckAround {
	all := NeckAround{Row: []NeckIn{}}
	for _, w := range windows {
		n := NeckIn{Window: w.Name, Neck: neckFrom(days, w.From, w.To)}
		all.add(n.Neck)
		n.settle()
		all.Row = append(all.Row, n)
	}
	all.settle()
	return all
}

func neckFrom(days []diary.Day, from, to clinic.Day) (n Neck) {
	for i, d := range days {
		score, known := d.Neck.Score()
		if d.Day < from || d.Day > to || !known {
			continue
		}
		before, after := headacheOn(days, i-1), headacheOn(days, i+1)
		switch headacheOn(days, i) {
		case clinic.Yes:
			n.On.day(score)
		case clinic.No:
			if after == clinic.Yes {
				n.Before.day(score)
			}
			if before == clinic.Yes {
				n.After.day(score)
			}
			if before == clinic.No && after == clinic.No {
				n.Between.day(score)
			}
		}
	}
	return n
}

func headacheOn(days []diary.Day, i int) clinic.YesNo {
	if i < 0 || i >= len(days) || !days[i].Recorded {
		return clinic.Unknown
	}
	return days[i].Headache
}

func (p *NeckPain) day(score int) {
	p.Days++
	p.sum += score
	if score > 0 {
		p.Pain++
	}
}

func (n *Neck) phases() []*NeckPain { return []*NeckPain{&n.Before, &n.On, &n.After, &n.Between} }

func (n *Neck) add(other Neck) {
	for i, p := range n.phases() {
		o := other.phases()[i]
		p.Days, p.Pain, p.sum = p.Days+o.Days, p.Pain+o.Pain, p.sum+o.sum
	}
}

func (n *Neck) settle() {
	for _, p := range n.phases() {
		if p.Days < enoughNeckDays {
			p.Reason = diary.NotEnoughDays
			continue
		}
		p.Mean = rate(float64(p.sum) / float64(p.Days))
	}
}

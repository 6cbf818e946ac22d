package triggers

import (
	"slices"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

const blockDays = 28

// record is the diary as the analysis reads it: from the first recorded day to the last.
type record struct {
	days  []diary.Day
	late  map[clinic.Day]bool
	start clinic.Day

	recorded, lateDays, headache int
}

func recordOf(d Diary) record {
	r := record{late: d.Late, start: d.Start}
	first := slices.IndexFunc(d.Days, r.keeps)
	if first < 0 {
		return r
	}
	last := len(d.Days) - 1
	for !r.keeps(d.Days[last]) {
		last--
	}
	r.days = d.Days[first : last+1]
	for _, day := range r.days {
		switch {
		case r.keeps(day):
			r.recorded++
			if day.Headache == clinic.Yes {
				r.headache++
			}
		case r.late[day.Day]:
			r.lateDays++
		}
	}
	return r
}

// keeps: the day's check-in was answered, in time.
func (r record) keeps(d diary.Day) bool {
	return d.Recorded && !d.AttackOnly && d.Headache.Known() && !r.late[d.Day]
}

func (r record) recordedAt(i int) bool { return i >= 0 && i < len(r.days) && r.keeps(r.days[i]) }

// atRisk: an attack could begin on this day, and one would know.
func (r record) atRisk(i int) bool {
	return r.recordedAt(i) && r.recordedAt(i-1) && r.days[i-1].Headache == clinic.No
}

func (r record) onset(i int) bool { return r.days[i].Headache == clinic.Yes }

// blockOf numbers the 28-day blocks: since the plan's start 0, 1, …, before it −1, −2, …; without a plan from the first
// recorded day.
func (r record) blockOf(d clinic.Day) int {
	switch {
	case !r.start.Valid():
		return d.Sub(r.days[0].Day) / blockDays
	case d < r.start:
		return -1 - r.start.Add(-1).Sub(d)/blockDays
	}
	return d.Sub(r.start) / blockDays
}

// look is one at-risk day of one factor.
type look struct {
	day    clinic.Day
	block  int
	onset  bool
	amount float64
	met    bool
}

// looks are the at-risk days on which the exposure is known; dropped are those on which it is not.
func (r record) looks(f Factor) (looks []look, dropped int) {
	for i := range r.days {
		if !r.atRisk(i) {
			continue
		}
		x, said := f.Exposures[r.days[i].Day.Add(-f.Lag)]
		known := x.Met.Known()
		if f.Kind == Number {
			known = x.Amount != nil
		}
		if !said || x.Late || !known || !r.recordedAt(i-f.Lag) {
			dropped++
			continue
		}
		l := look{day: r.days[i].Day, block: r.blockOf(r.days[i].Day), onset: r.onset(i), met: x.Met == clinic.Yes}
		if f.Kind == Number {
			l.amount = *x.Amount
		}
		looks = append(looks, l)
	}
	return looks, dropped
}

// cut says of each look whether it is exposed, and gives the rule as it was applied.
func cut(f Factor, looks []look) *Cut {
	if f.Kind != Number {
		return nil
	}
	c := f.Cut
	if c.Rule == "" || c.Rule == Median {
		c = Cut{Median, medianOf(looks)}
	}
	for i := range looks {
		looks[i].met = c.exposed(looks[i].amount)
	}
	return &c
}

func medianOf(looks []look) float64 {
	if len(looks) == 0 {
		return 0
	}
	all := make([]float64, len(looks))
	for i, l := range looks {
		all[i] = l.amount
	}
	slices.Sort(all)
	half := len(all) / 2
	if len(all)%2 == 1 {
		return all[half]
	}
	return (all[half-1] + all[half]) / 2
}

// blocksOf counts each block, in order of time.
func blocksOf(looks []look) []Block {
	var blocks []Block
	for i, l := range looks {
		if i == 0 || l.block != looks[i-1].block {
			blocks = append(blocks, Block{})
		}
		b := &blocks[len(blocks)-1]
		b.N++
		if l.onset {
			b.K++
		}
		if l.met {
			b.M++
		}
		if l.onset && l.met {
			b.A++
		}
	}
	return blocks
}

func amountsOf(looks []look) [][]Amount {
	var blocks [][]Amount
	for i, l := range looks {
		if i == 0 || l.block != looks[i-1].block {
			blocks = append(blocks, nil)
		}
		last := len(blocks) - 1
		blocks[last] = append(blocks[last], Amount{l.amount, l.onset})
	}
	return blocks
}

package medication

import (
	"slices"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

const fewestAttacks = 5 // for a percentage

// Reasons why a number of the effect is missing.
const (
	TooFewAttacks diary.Reason = "TOO_FEW_ATTACKS"
	NoTreated     diary.Reason = "NO_TREATED_ATTACKS"
)

// Phase of the plan.
type Phase string

const (
	Baseline Phase = "baseline"
	OnPlan   Phase = "plan"
	After    Phase = "after"
)

// Effect of acute medicine in one phase.
type Effect struct {
	Phase          Phase      `json:"phase"`
	From           clinic.Day `json:"from"` // no day: from the first entry
	To             clinic.Day `json:"to"`
	Attacks        int        `json:"attacks"`
	WithDose       int        `json:"attacksWithDose"`
	Treated        int        `json:"treatedAttacks"` // first dose at pain ≥4
	Doses          int        `json:"doses"`          // in attacks
	DosesPerAttack Mean       `json:"dosesPerAttack"` // over the attacks with a dose: no dose logged is not none taken
	PainFree2h     Share      `json:"painFree2h"`
	Sustained24h   Share      `json:"sustained24h"`
}

// Mean of n attacks.
type Mean struct {
	Value  *diary.Rate  `json:"value"`
	N      int          `json:"n"`
	Reason diary.Reason `json:"reason"`
}

// Timeframe is what the phases are cut by.
type Timeframe struct {
	Anchor clinic.Day  // the plan's start; no day: all is baseline
	Closed *clinic.Day // its closing date
	Today  clinic.Day
	Now    time.Time
}

// Effects counts each phase that has begun.
func Effects(e diary.Entries, all []Intake, m diary.MergeProfile, t Timeframe) []Effect {
	phases := t.phases()
	r := newRecord(e, all, t)
	for _, a := range treatments(e, all, m) {
		if i := slices.IndexFunc(phases, func(p Effect) bool { return p.From <= a.first && a.first <= p.To }); i >= 0 {
			phases[i].add(a, r)
		}
	}
	for i := range phases {
		phases[i].finish()
	}
	return phases
}

func (t Timeframe) phases() []Effect {
	if !t.Anchor.Valid() || t.Anchor > t.Today {
		return []Effect{{Phase: Baseline, To: t.Today}}
	}
	out := []Effect{{Phase: Baseline, To: t.Anchor - 1}, {Phase: OnPlan, From: t.Anchor, To: t.Today}}
	if t.Closed != nil && *t.Closed < t.Today {
		out[1].To = max(*t.Closed, t.Anchor-1)
		out = append(out, Effect{Phase: After, From: out[1].To + 1, To: t.Today})
	}
	return out
}

func (p *Effect) add(a treatment, r record) {
	p.Attacks++
	p.Doses += len(a.doses)
	if len(a.doses) == 0 {
		return
	}
	p.WithDose++
	if a.doses[0].Before.AtLeast(4) != clinic.Yes {
		return
	}
	p.Treated++
	p.PainFree2h.count(free(a.doses[0].TwoHours))
	p.Sustained24h.count(r.sustained(a.doses[0]))
}

func (p *Effect) finish() {
	p.PainFree2h.finish()
	p.Sustained24h.finish()
	p.DosesPerAttack = Mean{N: p.WithDose, Reason: NoTreated}
	if p.WithDose > 0 {
		mean := diary.Rate(float64(p.Doses) / float64(p.WithDose))
		p.DosesPerAttack = Mean{Value: &mean, N: p.WithDose}
	}
}

func free(score clinic.NRS) clinic.YesNo { return score.AtLeast(1).Not() }

// record is what tells of the 24 hours after a dose.
type record struct {
	calendar diary.Calendar
	days     []diary.Day
	pain     []time.Time // readings above 0, and onsets with pain
	doses    []time.Time // of acute drugs
	now      time.Time
}

func newRecord(e diary.Entries, all []Intake, t Timeframe) record {
	r := record{calendar: diary.CalendarOf(e), now: t.Now}
	first := t.Today
	for _, in := range all {
		if in.AgainstAttack() && !in.Taken.IsZero() {
			r.doses = append(r.doses, in.Taken)
			first = min(first, r.calendar.DayOf(in.Taken, in.Zone))
		}
	}
	for _, a := range e.Attacks {
		if !a.Painless() {
			r.pain = append(r.pain, a.Start)
		}
		for _, reading := range a.Readings {
			if free(reading.Score) == clinic.No {
				r.pain = append(r.pain, reading.At)
			}
		}
	}
	slices.SortFunc(r.pain, time.Time.Compare)
	slices.SortFunc(r.doses, time.Time.Compare)
	r.days = diary.Days(e, diary.Profile{}, first, t.Today)
	return r
}

// sustained: free of pain at two hours, no pain again and no further dose until 24 hours after the dose.
func (r record) sustained(in Intake) clinic.YesNo {
	end := in.Taken.Add(24 * time.Hour)
	again := in.Redosed == clinic.Yes || within(r.doses, in.Taken, end) || within(r.pain, in.Taken.Add(2*time.Hour), end)
	quiet := clinic.Said(!again)
	if !again && (end.After(r.now) || !r.recorded(r.calendar.DayOf(end, in.Zone))) {
		quiet = clinic.Unknown
	}
	if free := free(in.TwoHours); free.Known() {
		return free.And(quiet)
	}
	return clinic.Unknown // without an answer at two hours it does not count at all
}

func (r record) recorded(d clinic.Day) bool {
	i := d.Sub(r.days[0].Day)
	return 0 <= i && i < len(r.days) && r.days[i].Recorded
}

// within: one of the sorted instants lies after the first and up to the last.
func within(sorted []time.Time, after, upTo time.Time) bool {
	i, _ := slices.BinarySearchFunc(sorted, after.Add(1), time.Time.Compare)
	return i < len(sorted) && !sorted[i].After(upTo)
}

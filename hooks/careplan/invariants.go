package careplan

import (
	"slices"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

// Check answers with every invariant (§2.2, I1–I12) that a plan's records break, by its number; nil means that they
// hold. I11 holds by construction, for every date goes through the plan's own zone; I12 is Decide's Stale, and here the
// version that only grows.
func Check(p Plan, f Profile) []clinic.Broken {
	var broken []clinic.Broken
	days := CountedDays(p, f)
	rule := func(holds bool, number, sentence string) {
		if !holds {
			broken = append(broken, clinic.Broken{Code: number, Severity: clinic.Hard, Message: sentence})
		}
	}
	rule(!p.State.Open() || !p.OtherOpen, "I1", "There is one open plan an episode.")
	rule(p.chained() && p.eventsTell(), "I2", "State, pauses, extensions, reviews and reasons are what the events tell.")
	rule(p.startsInTime(f), "I3", "The start comes before the end.")
	rule(p.pausesApart(), "I4", "Pauses do not overlap, and one runs exactly while the plan is paused.")
	rule(p.pausedVisitsExplained(f), "I5", "A visit inside a pause says why.")
	rule(p.VisitCount == len(days), "I6", "The stored count is the recount.")
	rule(p.visitsInside(f, days), "I7", "Visits count between start and closing.")
	rule(p.reasonsWhole(f), "I8", "Each reason has code, person, time and chip.")
	rule(p.Replay().Terms == p.Terms || !p.signed(), "I9", "The limits are those signed.")
	rule(!p.State.Closed() || p.ClosedOn.Valid(), "I10", "A closed plan has its day.")
	rule(len(p.Events) == 0 || p.Events[len(p.Events)-1].Version == p.Version, "I12", "The version is that of the last event.")
	return broken
}

func (p Plan) startsInTime(f Profile) bool {
	if !p.Start.Valid() {
		return true
	}
	return p.Start <= WindowOn(p, f, p.Start).Until
}

func (p Plan) pausesApart() bool {
	running, planned := 0, 0
	for i, a := range p.Pauses {
		if a.Running() {
			running++
		}
		if a.Planned() {
			planned++
		}
		for _, b := range p.Pauses[i+1:] {
			if a.meets(b) {
				return false
			}
		}
	}
	return running <= 1 && (running == 1) == (p.State == Paused) && planned <= 1 && (planned == 0 || !p.State.Closed())
}

// meets: the two have a day in common.
func (p Pause) meets(other Pause) bool {
	last := clinic.LastDay
	return p.days(max(p.Start, other.Start), last) > 0 && other.days(max(p.Start, other.Start), last) > 0
}

func (p Plan) pausedVisitsExplained(f Profile) bool {
	for _, v := range p.Visits {
		inside := slices.ContainsFunc(p.Pauses, func(pause Pause) bool { return pause.covers(p.Day(v)) })
		if inside && p.counts(f, v) && !slices.Contains(v.NeedsReason, InPause) && !p.answered(v.ID, InPause) {
			return false
		}
	}
	return true
}

// visitsInside: none counts before the stored start or after the closing, and one recorded later says so.
func (p Plan) visitsInside(f Profile, days []clinic.Day) bool {
	for _, v := range p.Visits {
		if v.Status.TookPlace() && p.closedBefore(p.Day(v)) && !slices.Contains(v.NeedsReason, PlanClosed) && !p.answered(v.ID, PlanClosed) {
			return false
		}
	}
	if len(days) == 0 {
		return !p.Start.Valid()
	}
	return days[0] == p.Start && !p.closedBefore(days[len(days)-1])
}

func (p Plan) reasonsWhole(f Profile) bool {
	for _, r := range p.Reasons {
		if r.Code == "" || r.By.ID == "" || r.By.Role != access.Therapist || r.At.IsZero() || !slices.Contains(Chips, r.Chip) {
			return false
		}
		if r.Chip == OtherChip && tooShort(r.Text, f) {
			return false
		}
	}
	return true
}

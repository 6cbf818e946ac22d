package careplan

import (
	"slices"

	"interictal/hooks/clinic"
)

// occasion is a visit on its day, with the number it would have.
type occasion struct {
	visit  Visit
	day    clinic.Day
	number int // visits after it, this one included; 0: the date is a visit already, or this kind does not count
	care   int // the same over treatment dates since the last progress report (R6)
}

// occasion counts the dates that are visits already. Before a visit, those that are about to be count too: others
// checked in, and for scheduling those scheduled earlier.
func (d *desk) occasion(v Visit) occasion {
	o := occasion{visit: v, day: d.plan.Day(v)}
	others := slices.DeleteFunc(slices.Clone(d.plan.Visits), func(other Visit) bool { return other.ID == v.ID })
	for i, other := range others {
		sooner := other.Status == Scheduled && v.Status == Scheduled && d.plan.Day(other) < o.day
		if sooner || other.Status == CheckedIn && !v.Status.TookPlace() {
			others[i].Status = Done
		}
	}
	rest := d.plan
	rest.Visits = others
	if v.Kind != Evaluation || d.profile.EvaluationCounts {
		o.number = next(CountedDays(rest, d.profile), o.day)
	}
	if o.day > lastReport(rest) {
		o.care = next(sinceReport(rest, d.profile), o.day)
	}
	return o
}

// next is how many dates there are with this one; 0 when it is one of them.
func next(days []clinic.Day, day clinic.Day) int {
	if slices.Contains(days, day) {
		return 0
	}
	return len(days) + 1
}

// gates are the rules that stand before a visit. Scheduling reads them as warnings, check-in as they are, and a late
// record as its needs_reason.
func gates(p Plan, f Profile, o occasion) []clinic.Broken {
	late := o.visit.Status.TookPlace()
	if p.State.Closed() && (!late || p.closedBefore(o.day)) {
		return []clinic.Broken{breaks(PlanClosed, nil)}
	}
	var broken []clinic.Broken
	if o.visit.Kind != Evaluation && (!p.signed() || o.day < p.SignedOn) {
		broken = append(broken, breaks(NoPlan, nil))
	}
	if i := slices.IndexFunc(p.Pauses, func(pause Pause) bool { return pause.covers(o.day) }); i >= 0 {
		broken = append(broken, breaks(InPause, params{"since": p.Pauses[i].Start, "offer": "resume"}))
	}
	broken = append(broken, numberGates(p, f, o.number)...)
	if w := WindowOn(p, f, o.day); p.signed() && w.Until.Valid() && o.day > w.Until {
		broken = append(broken, breaks(PastWindow, params{"until": w.Until}))
	}
	return append(broken, regulationGates(p, f, o)...)
}

// numberGates: P-REV6, the agreed number, and P-11.
func numberGates(p Plan, f Profile, n int) []clinic.Broken {
	var broken []clinic.Broken
	if n > f.ReviewAt && !p.reviewed(f) {
		broken = append(broken, breaks(ReviewDue, params{"visit": n, "review": f.ReviewAt}))
	}
	if planned := p.visitLimit(); n > planned && n <= f.ManyVisits {
		broken = append(broken, breaks(OverPlanned, params{"visit": n, "planned": planned}))
	}
	if n > f.ManyVisits && n > p.medicalLimit() {
		broken = append(broken, breaks(VisitLimit, params{"visit": n, "limit": f.ManyVisits}))
	}
	return broken
}

// visitLimit is the number agreed, at the start or by the farthest extension.
func (p Plan) visitLimit() int {
	limit := p.PlannedVisits
	for _, e := range p.Extensions {
		limit = max(limit, e.MaxVisits)
	}
	return limit
}

// medicalLimit is the number that extensions for a medical reason allow (P-11).
func (p Plan) medicalLimit() int {
	limit := 0
	for _, e := range p.Extensions {
		if e.Reason.Medical() {
			limit = max(limit, e.MaxVisits)
		}
	}
	return limit
}

package careplan

import (
	"slices"

	"interictal/hooks/clinic"
)

// Review of visit 6 (P-REV6). It stays done, whatever a correction does to the count later.
type Review struct {
	On         clinic.Day     `json:"on"`
	By         Person         `json:"by"`
	Visits     int            `json:"visits"` // how many there were
	Decision   ReviewDecision `json:"decision"`
	ContinueTo int            `json:"continueTo,omitempty"` // visits; for continue_to_n
}

// ReviewDecision after visit 6.
type ReviewDecision string

const (
	DecideComplete ReviewDecision = "complete"
	DecideContinue ReviewDecision = "continue_to_n"
	DecidePause    ReviewDecision = "pause"
	DecideRefer    ReviewDecision = "refer"
	DecideWellness ReviewDecision = "wellness"
)

// reviewed: a review made at visit 6 or later. One made too early does not answer for it.
func (p Plan) reviewed(f Profile) bool {
	return slices.ContainsFunc(p.Reviews, func(r Review) bool { return r.Visits >= f.ReviewAt })
}

// ReviewDay is the day of the visit at which the review falls due; zero: there were fewer.
func ReviewDay(p Plan, f Profile) clinic.Day {
	if days := CountedDays(p, f); len(days) >= f.ReviewAt {
		return days[f.ReviewAt-1]
	}
	return 0
}

// DoReview records the review. It changes no limit: continuing above the agreed number is an extension (I9).
type DoReview struct {
	Decision   ReviewDecision `json:"decision"`
	ContinueTo int            `json:"continueTo"`
}

func (c DoReview) decide(d *desk) {
	d.therapistOnly()
	if !d.plan.State.Open() {
		d.breaks(PlanClosed, nil)
	}
	visits := len(CountedDays(d.plan, d.profile))
	switch c.Decision {
	case DecideContinue:
		if c.ContinueTo <= visits || c.ContinueTo > d.profile.ManyVisits {
			d.breaks(VisitsRange, params{"from": visits + 1, "to": d.profile.ManyVisits})
		}
	case DecideComplete, DecidePause, DecideRefer, DecideWellness:
	default:
		d.breaks(BadValue, params{"field": "decision"})
	}
	r := Review{On: d.today, By: d.command.By, Visits: visits, Decision: c.Decision, ContinueTo: c.ContinueTo}
	if n := len(d.plan.Reviews); n > 0 && d.plan.Reviews[n-1] == r {
		return // the same answer sent again
	}
	d.plan.Reviews = append(d.plan.Reviews, r)
	d.event(Event{Kind: ReviewRow, Reason: string(c.Decision), Detail: Detail{Review: &r}})
}

package careplan

import (
	"slices"

	"interictal/hooks/clinic"
)

// Goal of a plan (§2.6). Numbers nobody took are nil.
type Goal struct {
	ID           string     `json:"id"`
	Domain       Domain     `json:"domain"`
	Metric       string     `json:"metric"` // MHD28, NRS, HIT6, …
	Baseline     *float64   `json:"baseline"`
	BaselineOn   clinic.Day `json:"baselineOn"`
	Source       string     `json:"source"`
	Target       *float64   `json:"target"`
	Direction    Direction  `json:"direction"`
	Due          clinic.Day `json:"due"`
	Horizon      string     `json:"horizon"` // short, long (S-37)
	PatientWords string     `json:"patientWords"`
	Value        *float64   `json:"value"`       // the last measure
	NotAssessed  bool       `json:"notAssessed"` // said, not forgotten
	Judged       *Judgement `json:"judged"`      // what a therapist says against the computed outcome
}

// Judgement overrides a computed outcome, and says why.
type Judgement struct {
	Outcome GoalResult `json:"outcome"`
	Reason  Given      `json:"reason"`
	By      Person     `json:"by"`
}

// Domain of a goal. The first four are the seed's.
type Domain string

const (
	OfFrequency      Domain = "frequency"
	OfIntensity      Domain = "intensity"
	OfDisability     Domain = "disability"
	OfQualityOfLife  Domain = "quality_of_life"
	OfMedication     Domain = "medication"
	OfNeckFunction   Domain = "neck_function"
	OfActivity       Domain = "activity"
	OfSleep          Domain = "sleep"
	OfSelfManagement Domain = "self_management"
)

// Domains in the order they are offered.
var Domains = []Domain{OfFrequency, OfIntensity, OfDisability, OfQualityOfLife, OfMedication, OfNeckFunction, OfActivity, OfSleep, OfSelfManagement}

// Direction in which a number gets better.
type Direction string

const (
	Lower  Direction = "lower"
	Higher Direction = "higher"
)

// GoalResult is the outcome of a goal; "" while nobody has said anything.
type GoalResult string

const (
	Met         GoalResult = "met"
	PartlyMet   GoalResult = "partly_met"
	NotMet      GoalResult = "not_met"
	NotAssessed GoalResult = "not_assessed"
)

func (g Goal) headache() bool {
	return slices.Contains([]Domain{OfFrequency, OfIntensity, OfDisability, OfQualityOfLife}, g.Domain)
}

// Complete: baseline, target and due date, and the target lies where better is.
func (g Goal) Complete() bool {
	if g.Baseline == nil || g.Target == nil || !g.Due.Valid() {
		return false
	}
	return g.Direction == Lower && *g.Target <= *g.Baseline || g.Direction == Higher && *g.Target >= *g.Baseline
}

// Computed outcome, which nobody types: met when the value has reached the target; partly_met when it has come at
// least half of the way from baseline to target [D]; else not_met. "" while a number is missing. A goal to hold the
// baseline is met or not.
func (g Goal) Computed() GoalResult {
	if g.Value == nil || !g.Complete() {
		return ""
	}
	gain, way := *g.Value-*g.Baseline, *g.Target-*g.Baseline
	if g.Direction == Lower {
		gain, way = -gain, -way
	}
	switch {
	case gain >= way:
		return Met
	case way > 0 && 2*gain >= way:
		return PartlyMet
	}
	return NotMet
}

// Outcome is the judgement if there is one, else what the numbers say, else not_assessed if that was said.
func (g Goal) Outcome() GoalResult {
	if g.Judged != nil {
		return g.Judged.Outcome
	}
	if computed := g.Computed(); computed != "" {
		return computed
	}
	if g.NotAssessed {
		return NotAssessed
	}
	return ""
}

func withoutOutcome(goals []Goal) []string {
	var open []string
	for _, g := range goals {
		if g.Outcome() == "" {
			open = append(open, g.ID)
		}
	}
	return open
}

// SuggestGoal fills in metric, direction and target from a baseline (§2.6), to be edited: frequency −50 % MHD28
// (−30 % if chronic), intensity −2 NRS, disability −6 HIT-6, quality of life +5 MSQ-RR. ok is false for a domain
// without a suggestion.
func SuggestGoal(domain Domain, baseline float64, chronic bool) (g Goal, ok bool) {
	g = Goal{Domain: domain, Baseline: &baseline, Direction: Lower}
	target := baseline
	switch domain {
	case OfFrequency:
		g.Metric, target = "MHD28", baseline*0.5
		if chronic {
			target = baseline * 0.7
		}
	case OfIntensity:
		g.Metric, target = "NRS", max(baseline-2, 0)
	case OfDisability:
		g.Metric, target = "HIT6", max(baseline-6, 36) // the lowest HIT-6 score
	case OfQualityOfLife:
		g.Metric, g.Direction, target = "MSQ_RR", Higher, min(baseline+5, 100)
	default:
		return Goal{}, false
	}
	g.Target = &target
	return g, true
}

// Measure is one value of a plan's metrics, at the start or at the end.
type Measure struct {
	Domain  Domain     `json:"domain"`
	Metric  string     `json:"metric"`
	Value   float64    `json:"value"`
	On      clinic.Day `json:"on"`
	Closing bool       `json:"closing"` // taken at review or end; else a baseline
}

// Measured records a value. On a closed plan it is an addendum; outcomes follow by themselves.
type Measured struct{ Measure }

func (c Measured) decide(d *desk) {
	m := c.Measure
	if !m.On.Valid() {
		m.On = d.today
	}
	d.plan.Measures = append(d.plan.Measures, m)
	for i, g := range d.plan.Goals {
		if m.Closing && g.Domain == m.Domain && g.Metric == m.Metric {
			d.plan.Goals[i].Value = &m.Value
		}
	}
}

// Remeasured: the measures are what the records say now, answers to questionnaires among them. Outcomes follow: a goal stands at its
// last closing measure, and at none when that was taken back.
type Remeasured struct {
	Measures []Measure
	Metric   string // only goals of this metric; "": of all
}

func (c Remeasured) decide(d *desk) {
	d.plan.Measures = c.Measures
	for i, g := range d.plan.Goals {
		if c.Metric != "" && c.Metric != g.Metric {
			continue
		}
		var last *Measure
		for j, m := range c.Measures {
			if m.Closing && m.Domain == g.Domain && m.Metric == g.Metric && (last == nil || m.On >= last.On) {
				last = &c.Measures[j]
			}
		}
		d.plan.Goals[i].Value = nil
		if last != nil {
			value := last.Value
			d.plan.Goals[i].Value = &value
		}
	}
}

// Assess says of a goal that it was not assessed, or judges it against the numbers, with a reason.
type Assess struct {
	Goal    string     `json:"goal"`
	Outcome GoalResult `json:"outcome"`
	Reason  Given      `json:"reason"`
}

func (c Assess) decide(d *desk) {
	d.therapistOnly()
	i := slices.IndexFunc(d.plan.Goals, func(g Goal) bool { return g.ID == c.Goal })
	d.listed("goal", i >= 0)
	d.listed("outcome", slices.Contains([]GoalResult{Met, PartlyMet, NotMet, NotAssessed}, c.Outcome))
	if i < 0 {
		return
	}
	goal := &d.plan.Goals[i]
	switch computed := goal.Computed(); {
	case computed == c.Outcome:
		goal.Judged = nil
	case computed != "":
		d.broken = append(d.broken, c.Reason.faults(d.command.By, d.profile)...)
		goal.Judged = &Judgement{c.Outcome, c.Reason, d.command.By}
		judged := *goal
		d.event(Event{Kind: OutcomeJudged, Reason: string(c.Reason.Chip), Note: c.Reason.Text, Detail: Detail{Judged: &judged}})
	default: // without numbers an outcome can only be left open
		d.listed("outcome", c.Outcome == NotAssessed)
		goal.NotAssessed = true
	}
}

// closingMissing are the domains with a baseline and no closing measure (T7).
func (p Plan) closingMissing() []string {
	var missing []string
	seen := map[Domain]bool{}
	ask := func(domain Domain) {
		if !seen[domain] && !p.measuredAtEnd(domain) {
			missing = append(missing, string(domain))
		}
		seen[domain] = true
	}
	for _, g := range p.Goals {
		if g.Baseline != nil {
			ask(g.Domain)
		}
	}
	for _, m := range p.Measures {
		if !m.Closing {
			ask(m.Domain)
		}
	}
	return missing
}

func (p Plan) measuredAtEnd(domain Domain) bool {
	return slices.ContainsFunc(p.Goals, func(g Goal) bool { return g.Domain == domain && g.Value != nil }) ||
		slices.ContainsFunc(p.Measures, func(m Measure) bool { return m.Domain == domain && m.Closing })
}

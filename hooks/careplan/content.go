package careplan

import (
	"maps"
	"slices"
	"strings"

	"interictal/hooks/clinic"
)

// Terms are the limits agreed when the plan is signed. After that they change only through T5 (I9).
type Terms struct {
	PlannedVisits int        `json:"plannedVisits"`
	PerWeek       int        `json:"perWeek"`    // visits a week; 0: not said
	PlannedEnd    clinic.Day `json:"plannedEnd"` // zero: none planned
}

// Content is what a plan says (§1, §2.9 R2).
type Content struct {
	Rationale    []Rationale `json:"rationale"`    // why physical therapy (S-06)
	Prescriber   bool        `json:"prescriber"`   // one is named (S-07)
	NeckBaseline bool        `json:"neckBaseline"` // NDI and neck pain score of the evaluation (S-15)
	Diagnoses    int         `json:"diagnoses"`
	Care         Care        `json:"care"`
	Goals        []Goal      `json:"goals"`
	Items        []Item      `json:"items"`
	Problems     []Problem   `json:"problems"`
	Findings     []Finding   `json:"findings"`
}

// Care is what 42 CFR 410.61(c) wants to read.
type Care struct {
	Type      string `json:"type"`
	Amount    string `json:"amount"`
	Frequency string `json:"frequency"`
	Duration  string `json:"duration"`
}

// Rationale for physical therapy (S-06). The first three are news for the prescriber.
type Rationale string

const (
	SideEffects     Rationale = "side_effects"
	Ineffective     Rationale = "ineffective"
	Contraindicated Rationale = "contraindicated_comorbidity"
	Preference      Rationale = "preference"
	Adjunct         Rationale = "adjunct"
)

// Rationales in the order they are offered.
var Rationales = []Rationale{SideEffects, Ineffective, Contraindicated, Preference, Adjunct}

// Tells: a reason that the prescriber has to hear of.
func (r Rationale) Tells() bool {
	return r == SideEffects || r == Ineffective || r == Contraindicated
}

// Item of the plan: an exercise, a technique, a device.
type Item struct {
	ID           string   `json:"id"`
	Category     Category `json:"category"`
	Goals        []string `json:"goals"`
	Problems     []string `json:"problems"`
	FromTemplate bool     `json:"fromTemplate"`
	Confirmed    bool     `json:"confirmed"` // by a person, for this patient (S-36)
}

// Category of care (S-25).
type Category string

const (
	ExerciseGeneralized Category = "exercise_generalized"
	ExerciseSpecific    Category = "exercise_condition_specific"
	Manual              Category = "manual"
	ModalityCold        Category = "modality_cold"
	ModalityElectrical  Category = "modality_electrical"
	Relaxation          Category = "relaxation"
	Education           Category = "education"
	Lifestyle           Category = "lifestyle"
)

// Referred is what may still be done in a visit when an emergency is open (§7.2): no care of ours, so no plan holds it.
const Referred Category = "referred"

// Categories in the order of a plan.
var Categories = []Category{ExerciseGeneralized, ExerciseSpecific, Manual, ModalityCold, ModalityElectrical, Relaxation, Education, Lifestyle}

func (c Category) exercise() bool { return c == ExerciseGeneralized || c == ExerciseSpecific }
func (c Category) modality() bool { return c == ModalityCold || c == ModalityElectrical }

// Problem of the person (S-14). A positive one is addressed by an item, or deferred with a reason.
type Problem struct {
	ID       string `json:"id"`
	Positive bool   `json:"positive"`
	Deferred string `json:"deferred"` // why; "": it is not
}

// Finding of the evaluation in a group of regions (S-30).
type Finding struct {
	Group Group      `json:"group"`
	Kind  string     `json:"kind"` // finding, normal, not_indicated, video, next_visit
	On    clinic.Day `json:"on"`
}

// Group of body regions.
type Group string

const (
	UpperCervical Group = "upper_cervical"
	NeckUpperBack Group = "neck_upper_back"
	TMJ           Group = "tmj"
	HeadFace      Group = "head_face"
)

// Groups are the four of the evaluation.
var Groups = []Group{UpperCervical, NeckUpperBack, TMJ, HeadFace}

// nextVisit is the finding that promises one.
const nextVisit = "next_visit"

// contentGuards are what T1 refuses for: the plan must say enough to be signed.
func contentGuards(p Plan) []clinic.Broken {
	var broken []clinic.Broken
	if missing := p.missing(); len(missing) > 0 {
		broken = append(broken, breaks(PlanContent, params{"missing": missing}))
	}
	if missing := p.groupsMissing(); len(missing) > 0 {
		broken = append(broken, breaks(RegionMissing, params{"missing": missing}))
	}
	return append(broken, itemGuard(p)...)
}

// missing names what R2, S-06, S-13, S-28 and S-36 still ask for.
func (p Plan) missing() []string {
	asked := []struct {
		name string
		ok   bool
	}{
		{"diagnosis", p.Diagnoses > 0},
		{"goal", slices.ContainsFunc(p.Goals, Goal.Complete)},
		{"patient_words", slices.ContainsFunc(p.Goals, func(g Goal) bool { return strings.TrimSpace(g.PatientWords) != "" })},
		{"type", said(p.Care.Type)},
		{"amount", said(p.Care.Amount)},
		{"frequency", said(p.Care.Frequency)},
		{"duration", said(p.Care.Duration)},
		{"rationale", len(p.Rationale) > 0},
		{"item_problem", !slices.ContainsFunc(p.Items, func(i Item) bool { return len(i.Problems) == 0 })},
		{"item_confirmation", !slices.ContainsFunc(p.Items, func(i Item) bool { return i.FromTemplate && !i.Confirmed })},
	}
	var missing []string
	for _, a := range asked {
		if !a.ok {
			missing = append(missing, a.name)
		}
	}
	return missing
}

func said(text string) bool { return strings.TrimSpace(text) != "" }

func (p Plan) groupsMissing() []string {
	var missing []string
	for _, g := range Groups {
		if !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Group == g && f.Kind != "" }) {
			missing = append(missing, string(g))
		}
	}
	return missing
}

// itemGuard: each item serves a goal of this plan (S-64).
func itemGuard(p Plan) []clinic.Broken {
	var loose []string
	for _, item := range p.Items {
		if !slices.ContainsFunc(p.Goals, func(g Goal) bool { return slices.Contains(item.Goals, g.ID) }) {
			loose = append(loose, item.ID)
		}
	}
	if len(loose) == 0 {
		return nil
	}
	return []clinic.Broken{breaks(ItemNoGoal, params{"items": loose})}
}

// hasItem: at least one of these is an item of the plan.
func (p Plan) hasItem(ids []string) bool {
	return slices.ContainsFunc(p.Items, func(i Item) bool { return slices.Contains(ids, i.ID) })
}

// Warnings are what a plan's terms and content let a therapist think twice about, and the two terms nobody can
// have. A warning acknowledged at this version of the plan is not said again.
func Warnings(p Plan, f Profile, today clinic.Day) []clinic.Broken {
	broken := append(termRules(p, f, today), contentRules(p)...)
	return slices.DeleteFunc(broken, func(b clinic.Broken) bool {
		version, ok := p.Acknowledged[Code(b.Code)]
		return ok && version == p.Version && !b.Severity.Refuses()
	})
}

func termRules(p Plan, f Profile, today clinic.Day) []clinic.Broken {
	broken := windowRules(p, f, p.PlannedEnd, today)
	switch n := p.PlannedVisits; {
	case n < 1 || n > f.MostVisits:
		broken = append(broken, breaks(VisitsRange, params{"from": 1, "to": f.MostVisits}))
	case n < f.FewVisits:
		broken = append(broken, breaks(FewVisits, params{"from": f.FewVisits}))
	case n > f.ManyVisits:
		broken = append(broken, breaks(ManyVisits, params{"to": f.ManyVisits, "next": f.ManyVisits + 1}))
	}
	if p.PerWeek > f.PerWeek {
		broken = append(broken, breaks(Frequency, params{"most": f.PerWeek}))
	}
	return broken
}

func contentRules(p Plan) []clinic.Broken {
	var broken []clinic.Broken
	warn := func(is bool, code Code, numbers params) {
		if is {
			broken = append(broken, breaks(code, numbers))
		}
	}
	open := p.unaddressed()
	warn(!p.Prescriber, NoPrescriber, nil)
	warn(!p.NeckBaseline, NeckBaseline, nil)
	warn(!slices.ContainsFunc(p.Goals, Goal.headache), GoalDomain, nil)
	warn(len(open) > 0, UnaddressedProblem, params{"problems": open})
	warn(!slices.ContainsFunc(p.Items, func(i Item) bool { return i.Category.exercise() }), NoExercise, nil)
	warn(len(p.Items) > 0 && !slices.ContainsFunc(p.Items, func(i Item) bool { return !i.Category.modality() }), ModalityOnly, nil)
	warn(p.categories() < 2, SingleCategory, nil)
	return broken
}

func (p Plan) unaddressed() []string {
	var open []string
	for _, problem := range p.Problems {
		served := slices.ContainsFunc(p.Items, func(i Item) bool { return slices.Contains(i.Problems, problem.ID) })
		if problem.Positive && !served && !said(problem.Deferred) {
			open = append(open, problem.ID)
		}
	}
	return open
}

func (p Plan) categories() int {
	seen := map[Category]bool{}
	for _, i := range p.Items {
		seen[i.Category] = true
	}
	return len(seen)
}

// Edit replaces what a plan says. A draft may be unfinished; a signed plan keeps its terms and stays complete.
type Edit struct {
	Terms
	Content
}

func (c Edit) decide(d *desk) {
	d.therapistOnly()
	if d.plan.State.Closed() {
		d.breaks(PlanClosed, nil)
	}
	if d.plan.signed() && c.Terms != d.plan.Terms {
		d.breaks(SignedLimits, nil)
	}
	d.plan.Terms, d.plan.Content = c.Terms, c.Content
	warnings := Warnings(d.plan, d.profile, d.today)
	if d.plan.signed() { // its terms stand, even where a moved start has left them behind
		d.broken = append(d.broken, contentGuards(d.plan)...)
		warnings = slices.DeleteFunc(warnings, func(b clinic.Broken) bool { return b.Severity.Refuses() })
	}
	d.broken = append(d.broken, warnings...)
}

// Acknowledge says of warnings that they were read. The next version of the plan asks again.
type Acknowledge struct {
	Codes []Code `json:"codes"`
}

func (c Acknowledge) decide(d *desk) {
	d.therapistOnly()
	read := maps.Clone(d.plan.Acknowledged)
	if read == nil {
		read = map[Code]int{}
	}
	for _, code := range c.Codes {
		d.listed("code", strings.HasPrefix(string(code), "W_"))
		read[code] = d.plan.Version
	}
	d.plan.Acknowledged = read
}

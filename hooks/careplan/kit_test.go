package careplan_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

var (
	kim   = careplan.Person{ID: "kim", Role: access.Therapist}
	admin = careplan.Person{ID: "ada", Role: access.ClinicAdmin}
)

// given is how a plan stands before a story begins. What it leaves out is ordinary: New York, 5 January 2026, signed
// on the day of the evaluation, six visits, nothing missing.
type given struct {
	Zone             string
	Start            clinic.Day
	State            string // draft or active
	Signed           clinic.Day
	PlannedVisits    int
	PlannedEnd       clinic.Day
	EvaluationCounts *bool
	PausesStopClock  *bool
	Regulation       careplan.Regulation
	Visits           *[]clinic.Day // the first is the evaluation
	ReviewOpen       bool
	Without          []careplan.Group
	NextVisit        []careplan.Group
	Facts            facts
}

// facts that come from other rooms and records.
type facts struct {
	Screens        *[]clinic.Day
	BodyScreens    []time.Time
	Alerts         *[]careplan.Level
	OtherOpen      bool
	Reports        []clinic.Day
	Certifications []careplan.Certification
	ReferredOn     clinic.Day
	Values         map[careplan.Domain]float64
	NotAssessed    []string
}

func (f facts) onto(p careplan.Plan) careplan.Plan {
	if f.Screens != nil {
		p.Screens = *f.Screens
	}
	if f.Alerts != nil {
		p.Alerts = *f.Alerts
	}
	p.BodyScreens = append(slices.Clone(p.BodyScreens), f.BodyScreens...)
	p.OtherOpen = p.OtherOpen || f.OtherOpen
	p.Reports = append(slices.Clone(p.Reports), f.Reports...)
	p.Certifications = append(slices.Clone(p.Certifications), f.Certifications...)
	if f.ReferredOn.Valid() {
		p.ReferredOn = f.ReferredOn
	}
	p.Goals = slices.Clone(p.Goals)
	for i, g := range p.Goals {
		if v, ok := f.Values[g.Domain]; ok {
			p.Goals[i].Value = &v
		}
		p.Goals[i].NotAssessed = g.NotAssessed || slices.Contains(f.NotAssessed, g.ID)
	}
	return p
}

func number(v float64) *float64 { return &v }

// content that leaves nothing to wish for.
func content() careplan.Content {
	due := clinic.MustDay("2026-02-10")
	c := careplan.Content{
		Rationale: []careplan.Rationale{careplan.Preference}, Prescriber: true, NeckBaseline: true, Diagnoses: 1,
		Care: careplan.Care{Type: "exercise and manual therapy", Amount: "45 min", Frequency: "weekly", Duration: "6 weeks"},
		Goals: []careplan.Goal{
			{ID: "days", Domain: careplan.OfFrequency, Metric: "MHD28", Baseline: number(12), Target: number(6), Direction: careplan.Lower, Due: due, PatientWords: "Saturdays with my children"},
			{ID: "function", Domain: careplan.OfDisability, Metric: "HIT6", Baseline: number(64), Target: number(58), Direction: careplan.Lower, Due: due},
		},
		Items: []careplan.Item{
			{ID: "neck", Category: careplan.ExerciseSpecific, Goals: []string{"days"}, Problems: []string{"stiff"}},
			{ID: "hands", Category: careplan.Manual, Goals: []string{"function"}, Problems: []string{"stiff"}},
		},
		Problems: []careplan.Problem{{ID: "stiff", Positive: true}},
	}
	for _, g := range careplan.Groups {
		c.Findings = append(c.Findings, careplan.Finding{Group: g, Kind: "not_indicated", On: clinic.MustDay("2026-01-05")})
	}
	return c
}

func ready() []careplan.Answer {
	var answers []careplan.Answer
	for _, s := range careplan.Statements {
		answers = append(answers, careplan.Answer{Statement: s, Answer: "yes"})
	}
	return answers
}

func (g given) profile() careplan.Profile {
	f := careplan.Default()
	if g.EvaluationCounts != nil {
		f.EvaluationCounts = *g.EvaluationCounts
	}
	if g.PausesStopClock != nil {
		f.PausesStopClock = *g.PausesStopClock
	}
	f.Regulation = g.Regulation
	if g.Regulation.Name == "us_medicare" {
		f.Regulation = careplan.USMedicare()
	}
	return f
}

// plan plays the history through the room itself: evaluation, signature, visits, and the review when it is due.
func (g given) plan(t *testing.T, f careplan.Profile) careplan.Plan {
	t.Helper()
	start := g.Start
	if !start.Valid() {
		start = clinic.MustDay("2026-01-05")
	}
	p := careplan.Plan{ID: "plan", Zone: zone(t, g.Zone), State: careplan.Draft, Content: content(), Consent: true,
		WellnessConsent: true, Readiness: ready(), Screens: []clinic.Day{start},
		Terms: careplan.Terms{PlannedVisits: max(g.PlannedVisits, 0), PlannedEnd: g.PlannedEnd}}
	if g.PlannedVisits == 0 {
		p.PlannedVisits = f.PlannedVisits
	}
	p.Findings = slices.DeleteFunc(p.Findings, func(x careplan.Finding) bool { return slices.Contains(g.Without, x.Group) })
	for i, x := range p.Findings {
		if slices.Contains(g.NextVisit, x.Group) {
			p.Findings[i].Kind = "next_visit"
		}
	}
	days := []clinic.Day{start}
	if g.Visits != nil {
		days = *g.Visits
	}
	for i, day := range days {
		p = g.attended(t, p, f, i, day)
		if i == 0 && g.State != "draft" {
			p = accepted(t, p, f, on(max(day, g.Signed)), careplan.Move{To: careplan.Active})
		}
	}
	return g.Facts.onto(p)
}

// attended checks in and completes visit i, with a reason for whatever is in the way, and reviews visit 6.
func (g given) attended(t *testing.T, p careplan.Plan, f careplan.Profile, i int, day clinic.Day) careplan.Plan {
	t.Helper()
	kind := careplan.Treatment
	if i == 0 {
		kind = careplan.Evaluation
	}
	id := "v" + string(rune('a'+i))
	if i == 5 {
		id = "v6"
	}
	f.Regulation = careplan.Regulation{} // the law is not what the history is about
	in := careplan.Attend{Visit: id, To: careplan.CheckedIn, Kind: kind, Mode: "in_person", StartedAt: on(day)}
	d := careplan.Decide(p, f, careplan.Command{By: kim, At: on(day), Change: in})
	var reasons []careplan.Given
	for _, b := range d.Broken {
		reasons = append(reasons, careplan.Given{Code: careplan.Code(b.Code), Chip: careplan.ClinicalNeed})
	}
	p = accepted(t, p, f, on(day), in, reasons...)
	p = accepted(t, p, f, on(day), careplan.Attend{Visit: id, To: careplan.Done})
	if p.VisitCount == f.ReviewAt && p.SignedOn.Valid() && !g.ReviewOpen && len(p.Reviews) == 0 {
		p = accepted(t, p, f, on(day), careplan.DoReview{Decision: careplan.DecidePause})
	}
	return p
}

func accepted(t *testing.T, p careplan.Plan, f careplan.Profile, at time.Time, c careplan.Change, reasons ...careplan.Given) careplan.Plan {
	t.Helper()
	d := careplan.Decide(p, f, careplan.Command{By: kim, At: at, Expected: p.Version, Overrides: reasons, Change: c})
	if d.Outcome != careplan.Accepted {
		t.Fatalf("%T was %s: %v", c, d.Outcome, codes(d.Broken))
	}
	return d.Plan
}

// on is late morning in New York.
func on(day clinic.Day) time.Time { return day.Start(time.UTC).Add(15 * time.Hour) }

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	if name == "" {
		name = "America/New_York"
	}
	loc, err := clinic.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func codes(broken []clinic.Broken) []string {
	out := []string{}
	for _, b := range broken {
		out = append(out, b.Code)
	}
	return out
}

func readJSON(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields() // a misspelt field would quietly mean "not asked"
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

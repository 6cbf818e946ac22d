package careplan_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// step is one thing that happens, and what is seen of it.
type step struct {
	On        clinic.Day
	At        *time.Time // default: late morning of the day
	As        access.Role
	Expected  string // "before": the version of one step ago
	Overrides []careplan.Given
	Facts     facts

	Move     *careplan.Move
	Visit    *careplan.Attend
	Edit     *careplan.Terms
	Answer   *careplan.AnswerReasons
	Measure  *careplan.Measured
	Treat    *careplan.Treat
	Report   *careplan.ReportChange
	Wellness *careplan.StartWellness
	Session  *careplan.RecordSession
	Daily    bool

	Expect expect
}

// expect compares what it names.
type expect struct {
	Outcome          careplan.Outcome
	Codes            *[]string // all of them; [] is silent
	State            careplan.State
	Count            *int
	Days             []clinic.Day
	Window           map[string]any
	On               clinic.Day // of the window; default: the step's day
	NeedsReason      *[]careplan.Code
	OverridesStored  *int                     `json:"overrides_stored"`
	Tasks            map[careplan.Code]string // "open", "done" or "none", with the due day
	Flags            map[careplan.Code]bool
	Raised           *int // flags
	Events           *int
	Attendance       json.RawMessage
	CertDue          clinic.Day
	CertThrough      clinic.Day
	BelowTypicalDose *bool
	Wellness         clinic.Day
	Outcomes         map[string]careplan.GoalResult
	Offer            string
}

func TestVectors(t *testing.T) {
	var vectors []struct {
		Number int
		Rule   string
		Cases  []struct {
			Name  string
			Given given
			Steps []step
		}
	}
	readJSON(t, "vectors.json", &vectors)
	for i, v := range vectors {
		if v.Number != i+1 || len(v.Cases) == 0 {
			t.Fatalf("vector %d of the specification is missing", i+1)
		}
		for _, c := range v.Cases {
			t.Run(fmt.Sprintf("%d %s: %s", v.Number, v.Rule, c.Name), func(t *testing.T) {
				f := c.Given.profile()
				p := c.Given.plan(t, f)
				for n, s := range c.Steps {
					p = s.play(t, fmt.Sprintf("step %d", n+1), p, f)
				}
			})
		}
	}
	if len(vectors) != 73 {
		t.Errorf("%d vectors, the specification has 73", len(vectors))
	}
}

func (s step) play(t *testing.T, name string, p careplan.Plan, f careplan.Profile) careplan.Plan {
	t.Helper()
	p = s.Facts.onto(p)
	at := on(s.On)
	if s.At != nil {
		at = *s.At
	}
	var d careplan.Decision
	if change := s.change(p); change != nil {
		d = careplan.Decide(p, f, careplan.Command{By: s.by(), At: at, Expected: s.version(p), Overrides: s.Overrides, Change: change})
	} else {
		d = careplan.Daily(p, f, at)
	}
	s.Expect.holds(t, name, s, d, f)
	if broken := careplan.Check(d.Plan, f); broken != nil {
		t.Errorf("%s breaks %v", name, codes(broken))
	}
	return d.Plan
}

func (s step) by() careplan.Person {
	if s.As == "" {
		return kim
	}
	return careplan.Person{ID: "ben", Role: s.As}
}

func (s step) version(p careplan.Plan) int {
	if s.Expected == "before" {
		return p.Version - 1
	}
	return p.Version
}

func (s step) change(p careplan.Plan) careplan.Change {
	switch {
	case s.Move != nil:
		return *s.Move
	case s.Visit != nil:
		return *s.Visit
	case s.Edit != nil:
		return careplan.Edit{Terms: *s.Edit, Content: p.Content}
	case s.Answer != nil:
		return *s.Answer
	case s.Measure != nil:
		return *s.Measure
	case s.Treat != nil:
		return *s.Treat
	case s.Report != nil:
		return *s.Report
	case s.Wellness != nil:
		return *s.Wellness
	case s.Session != nil:
		return *s.Session
	}
	return nil
}

func (e expect) holds(t *testing.T, name string, s step, d careplan.Decision, f careplan.Profile) {
	t.Helper()
	same := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %s is %v, want %v (%s %v)", name, what, got, want, d.Outcome, codes(d.Broken))
		}
	}
	if e.Outcome != "" {
		same("outcome", d.Outcome, e.Outcome)
	}
	if e.Codes != nil {
		same("codes", slices.Sorted(slices.Values(codes(d.Broken))), append([]string(nil), slices.Sorted(slices.Values(*e.Codes))...))
	}
	if e.State != "" {
		same("state", d.Plan.State, e.State)
	}
	if e.Count != nil {
		same("visits", d.Plan.VisitCount, *e.Count)
	}
	if e.Days != nil {
		same("counted days", careplan.CountedDays(d.Plan, f), e.Days)
	}
	if e.Events != nil {
		same("events", len(d.Events), *e.Events)
	}
	if e.OverridesStored != nil {
		same("reasons stored", len(d.Used), *e.OverridesStored)
	}
	if e.BelowTypicalDose != nil {
		same("belowTypicalDose", d.Events[len(d.Events)-1].Detail.BelowTypicalDose, *e.BelowTypicalDose)
	}
	if e.Wellness.Valid() {
		same("wellness", d.Plan.Wellness.Start, e.Wellness)
	}
	if e.CertDue.Valid() {
		same("certification due", careplan.CertificationDue(d.Plan, f), e.CertDue)
		same("certified through", careplan.CertifiedThrough(d.Plan, f), e.CertThrough)
	}
	if e.Offer != "" {
		same("offer", d.Broken[0].Params["offer"], e.Offer)
	}
	for id, want := range e.Outcomes {
		i := slices.IndexFunc(d.Plan.Goals, func(g careplan.Goal) bool { return g.ID == id })
		same("outcome of "+id, d.Plan.Goals[i].Outcome(), want)
	}
	e.worklist(t, name, s, d)
	e.numbers(t, name, s, d, f)
}

func (e expect) worklist(t *testing.T, name string, s step, d careplan.Decision) {
	t.Helper()
	for code, want := range e.Tasks {
		got := "none"
		for _, task := range d.Plan.Tasks {
			if task.Code == code {
				got = fmt.Sprintf("%s %s", task.State, task.Due)
			}
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: task %s is %q, want %q", name, code, got, want)
		}
	}
	for code, want := range e.Flags {
		got := slices.ContainsFunc(d.Plan.Flags, func(f careplan.Flag) bool { return f.Code == code && f.State == careplan.Standing })
		if got != want {
			t.Errorf("%s: flag %s stands: %v, want %v", name, code, got, want)
		}
	}
	if e.Raised != nil && len(d.Flags) != *e.Raised {
		t.Errorf("%s: %d flags changed, want %d", name, len(d.Flags), *e.Raised)
	}
	if e.NeedsReason == nil {
		return
	}
	id := "x"
	if s.Visit != nil {
		id = s.Visit.Visit
	}
	i := slices.IndexFunc(d.Plan.Visits, func(v careplan.Visit) bool { return v.ID == id })
	open := d.Plan.OpenReasons(d.Plan.Visits[i])
	if !slices.Equal(open, *e.NeedsReason) {
		t.Errorf("%s: needs_reason %v, want %v", name, open, *e.NeedsReason)
	}
}

func (e expect) numbers(t *testing.T, name string, s step, d careplan.Decision, f careplan.Profile) {
	t.Helper()
	if e.Attendance != nil {
		got, err := json.Marshal(rounded(careplan.Attendance(d.Plan, f).Value()))
		if err != nil || string(got) != string(e.Attendance) {
			t.Errorf("%s: attendance %s, want %s", name, got, e.Attendance)
		}
	}
	day := s.On
	if e.On.Valid() {
		day = e.On
	}
	text, err := json.Marshal(careplan.WindowOn(d.Plan, f, day))
	if err != nil {
		t.Fatal(err)
	}
	var window map[string]any
	if err := json.Unmarshal(text, &window); err != nil {
		t.Fatal(err)
	}
	for field, want := range e.Window {
		if window[field] != want {
			t.Errorf("%s: %s on %s is %v, want %v", name, field, day, window[field], want)
		}
	}
}

func rounded(v *float64) *float64 {
	if v == nil {
		return nil
	}
	r := math.Round(*v*1000) / 1000
	return &r
}

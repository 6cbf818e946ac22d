package careplan_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// teller makes up the life of a plan: people who forget, come late, undo, pause, and ask for what is not allowed.
type teller struct {
	*rand.Rand
	t       *testing.T
	plan    careplan.Plan
	profile careplan.Profile
	now     time.Time
	made    int
}

// HISTORIES and SEED change how many and which.
func TestNoSequenceOfAcceptedCommandsBreaksAnInvariant(t *testing.T) {
	histories, seed := setting(t, "HISTORIES", 500), setting(t, "SEED", int(time.Now().UnixNano()%1e9))
	t.Logf("HISTORIES=%d SEED=%d", histories, seed)
	states, outcomes := map[careplan.State]int{}, map[careplan.Outcome]int{}
	for i := range histories {
		m := newTeller(t, uint64(seed+i))
		m.begin()
		for range 20 + m.IntN(60) {
			outcomes[m.next()]++
			states[m.plan.State]++
		}
		if t.Failed() {
			t.Fatalf("again with HISTORIES=1 SEED=%d", seed+i)
		}
	}
	t.Logf("states %v, outcomes %v", states, outcomes)
	for _, s := range careplan.States {
		if histories >= 500 && states[s] == 0 {
			t.Errorf("no history was ever %s: the teller has lost its way there", s)
		}
	}
}

func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func newTeller(t *testing.T, seed uint64) *teller {
	m := &teller{Rand: rand.New(rand.NewPCG(seed, 6)), t: t, profile: careplan.Default()}
	m.profile.EvaluationCounts, m.profile.PausesStopClock = m.IntN(4) > 0, m.IntN(4) > 0
	m.profile.Regulation = []careplan.Regulation{{}, careplan.USMedicare(), careplan.DirectAccess(30, 8)}[m.IntN(3)]
	start := clinic.MustDay("2026-02-20").Add(m.IntN(20))
	m.now = on(start)
	m.plan = careplan.Plan{ID: "plan", Zone: zone(t, "America/New_York"), State: careplan.Draft, Content: content(), Consent: true,
		WellnessConsent: m.IntN(4) > 0, Readiness: ready(), Terms: careplan.Terms{PlannedVisits: 4 + m.IntN(9), PlannedEnd: start.Add(30 + m.IntN(12))}}
	return m
}

// begin: most people come to their evaluation, and most goals are measured at the end.
func (m *teller) begin() {
	if m.IntN(5) > 0 {
		m.made = 1
		m.plan = accepted(m.t, m.plan, m.profile, m.now, careplan.Attend{Visit: "v1", To: careplan.Done, Kind: careplan.Evaluation})
		m.plan.Screens = []clinic.Day{m.today()}
	}
	if m.IntN(3) > 0 {
		m.plan.Goals[0].Value, m.plan.Goals[1].NotAssessed = number(7), true
	}
}

func (m *teller) today() clinic.Day { return clinic.DayOf(m.now, m.plan.Zone) }

// next lets some time pass and something happen, and checks what the room made of it.
func (m *teller) next() careplan.Outcome {
	m.now = m.now.Add(time.Duration(m.IntN(80)) * time.Hour)
	m.news()
	if m.IntN(6) == 0 {
		m.check("a new day", careplan.Daily(m.plan, m.profile, m.now))
		return careplan.Accepted
	}
	change := m.change()
	c := careplan.Command{By: m.who(), At: m.now, Expected: m.plan.Version - m.IntN(20)/19, Change: change}
	first := careplan.Decide(m.plan, m.profile, c)
	if first.Outcome == careplan.Refused && m.IntN(2) == 0 {
		for _, b := range first.Broken {
			c.Overrides = append(c.Overrides, m.reason(careplan.Code(b.Code)))
		}
	}
	if record, late := change.(careplan.Attend); late && record.To.TookPlace() && m.IntN(3) == 0 {
		c.Overrides = append(c.Overrides, m.reason(careplan.OverPlanned), m.reason(careplan.InPause))
	}
	before := picture(m.t, m.plan)
	d := careplan.Decide(m.plan, m.profile, c)
	if after := picture(m.t, m.plan); after != before {
		m.t.Errorf("%T changed the plan it was given", change)
	}
	if record, ok := change.(careplan.Attend); ok && record.To.TookPlace() && d.Outcome == careplan.Refused && !slices.Contains(codes(d.Broken), "E_TRANSITION") {
		m.t.Errorf("the record of a visit was refused: %v", codes(d.Broken))
	}
	m.check(fmt.Sprintf("%T %+v", change, change), d)
	return d.Outcome
}

// news from other rooms.
func (m *teller) news() {
	if m.IntN(2) == 0 {
		m.plan.Screens = append(slices.Clone(m.plan.Screens), m.today())
	}
	if m.IntN(10) == 0 {
		m.plan.Alerts = [][]careplan.Level{nil, nil, {careplan.Emergency}, {careplan.Urgent}}[m.IntN(4)]
	}
	if m.IntN(20) == 0 {
		m.plan.Reports = append(slices.Clone(m.plan.Reports), m.today())
	}
}

func (m *teller) who() careplan.Person {
	if m.IntN(12) == 0 {
		return careplan.Person{ID: "ben", Role: []access.Role{access.Assistant, access.FrontDesk, access.Patient}[m.IntN(3)]}
	}
	return kim
}

func (m *teller) reason(code careplan.Code) careplan.Given {
	chip := careplan.Chips[m.IntN(len(careplan.Chips))]
	return careplan.Given{Code: code, Chip: chip, Text: []string{"", "ok", "the snow kept everybody at home"}[m.IntN(3)]}
}

func (m *teller) change() careplan.Change {
	switch m.IntN(20) {
	case 0, 1, 2, 3:
		return m.move()
	case 4:
		return careplan.DoReview{Decision: careplan.DecidePause}
	case 5:
		return careplan.WithdrawPause{}
	case 6:
		return careplan.ReportChange{Reason: careplan.NewHealthIssue}
	case 7:
		return careplan.Measured{Measure: careplan.Measure{Domain: careplan.OfFrequency, Metric: "MHD28", Value: float64(m.IntN(14)), Closing: true}}
	case 8:
		return careplan.Assess{Goal: []string{"days", "function"}[m.IntN(2)], Outcome: careplan.NotAssessed, Reason: m.reason("")}
	case 9:
		return careplan.StartWellness{}
	case 10:
		return careplan.RecordSession{ID: "w", StartedAt: m.now}
	case 11:
		return careplan.AnswerReasons{Visit: m.visit()}
	case 12:
		return careplan.Treat{Visit: m.visit(), Category: careplan.Manual, Given: m.IntN(2) == 0}
	case 13:
		return careplan.Edit{Terms: m.plan.Terms, Content: m.plan.Content}
	}
	return m.attend()
}

func (m *teller) visit() string { return fmt.Sprintf("v%d", m.IntN(m.made+1)) }

// attend: something happens to a visit, often to a new one, and often told days later.
func (m *teller) attend() careplan.Attend {
	statuses := []careplan.VisitStatus{careplan.Scheduled, careplan.CheckedIn, careplan.CheckedIn, careplan.CheckedIn, careplan.Done, careplan.Done, careplan.Done,
		careplan.DonePartly, careplan.NoShow, careplan.LateCancelled, careplan.CancelledClinic, careplan.EnteredInError}
	a := careplan.Attend{Visit: m.visit(), To: statuses[m.IntN(len(statuses))], AttackDay: m.IntN(5) == 0}
	if m.IntN(2) == 0 {
		m.made++
		a.Visit = fmt.Sprintf("v%d", m.made)
	}
	if m.made < 2 {
		a.Kind = careplan.Evaluation
	}
	if a.To == careplan.Scheduled {
		a.ScheduledAt = m.now.Add(time.Duration(m.IntN(400)) * time.Hour)
	} else if m.IntN(2) == 0 {
		a.StartedAt = m.now.Add(-time.Duration(m.IntN(300)) * time.Hour)
	}
	return a
}

// move is mostly the next step of a plan's life, and sometimes any.
func (m *teller) move() careplan.Move {
	likely := map[careplan.State][]careplan.State{careplan.Draft: {careplan.Active}, careplan.Paused: {careplan.Active, careplan.Extended},
		careplan.Active: {careplan.Paused, careplan.Extended}, careplan.Extended: {careplan.Paused, careplan.Extended}, careplan.Completed: {careplan.Transitioned}}[m.plan.State]
	if likely == nil || m.IntN(5) == 0 {
		likely = careplan.States
	}
	to := likely[m.IntN(len(likely))]
	v := careplan.Move{To: to, Reason: string(careplan.ChangeReasons[m.IntN(11)]), AdaptationNote: "Half the dose.", Items: []string{"neck"},
		Kind: []careplan.ExtensionKind{careplan.ByVisits, careplan.ByTime, careplan.ByBoth}[m.IntN(3)], MaxVisits: m.plan.PlannedVisits + m.IntN(8)}
	if to == careplan.Paused || m.plan.State == careplan.Paused && m.IntN(2) == 0 {
		v.On = m.today().Add(m.IntN(20) - 10)
	}
	if to == careplan.Discharged {
		v.Reason = string(careplan.DischargeReasons[m.IntN(10)])
	}
	if to == careplan.Voided {
		v.Second = &admin
	}
	return v
}

// check what must hold after every decision, and take it.
func (m *teller) check(what string, d careplan.Decision) {
	m.t.Helper()
	if d.Outcome != careplan.Accepted {
		if len(d.Events)+len(d.Tasks)+len(d.Flags)+len(d.Used) > 0 || d.Plan.Version != m.plan.Version {
			m.t.Errorf("%s was %s and left traces", what, d.Outcome)
		}
		return
	}
	if clinic.Refused(d.Broken) {
		m.t.Errorf("%s was accepted against %v", what, codes(d.Broken))
	}
	if !reflect.DeepEqual(d.Plan.Events[:len(m.plan.Events)], m.plan.Events) && len(m.plan.Events) > 0 {
		m.t.Errorf("%s rewrote an event", what)
	}
	if broken := careplan.Check(d.Plan, m.profile); broken != nil {
		m.t.Errorf("after %s (%s → %s): %v", what, m.plan.State, d.Plan.State, codes(broken))
	}
	if got := recount(d.Plan, m.profile); got != d.Plan.VisitCount {
		m.t.Errorf("after %s: %d visits, a recount says %d", what, d.Plan.VisitCount, got)
	}
	if again := careplan.Daily(d.Plan, m.profile, m.now); len(again.Tasks)+len(again.Flags)+len(again.Events) > 0 {
		m.t.Errorf("after %s: asking again raised %v %v %v", what, again.Tasks, again.Flags, again.Events)
	}
	m.plan = d.Plan
	m.stored()
}

// recount the dates by hand, from the visits alone.
func recount(p careplan.Plan, f careplan.Profile) int {
	dates := map[string]bool{}
	for _, v := range p.Visits {
		at := v.StartedAt
		if at.IsZero() {
			at = v.ScheduledAt
		}
		date := at.In(p.Zone).Format("2006-01-02")
		if v.Status != "completed" && v.Status != "completed_partial" || v.Kind == "evaluation" && !f.EvaluationCounts {
			continue
		}
		if !p.ClosedOn.Valid() || date <= p.ClosedOn.String() {
			dates[date] = true
		}
	}
	return len(dates)
}

// stored: a door that keeps only the events reads the same plan from them.
func (m *teller) stored() {
	m.t.Helper()
	text, err := json.Marshal(m.plan.Events)
	if err != nil {
		m.t.Fatal(err)
	}
	read := m.plan
	read.Events = nil
	if err := json.Unmarshal(text, &read.Events); err != nil {
		m.t.Fatal(err)
	}
	if told := read.Replay(); told.State != m.plan.State || picture(m.t, told.Pauses) != picture(m.t, m.plan.Pauses) || picture(m.t, told.Reasons) != picture(m.t, m.plan.Reasons) ||
		picture(m.t, told.Extensions) != picture(m.t, m.plan.Extensions) || picture(m.t, told.Reviews) != picture(m.t, m.plan.Reviews) {
		m.t.Error("the stored events tell another plan")
	}
}

func picture(t *testing.T, what any) string {
	t.Helper()
	if p, ok := what.(careplan.Plan); ok {
		p.Zone = nil
		what = p
	}
	text, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) == "null" {
		return "[]"
	}
	return string(text)
}

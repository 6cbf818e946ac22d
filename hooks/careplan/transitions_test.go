package careplan_test

import (
	"slices"
	"testing"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// The table of spec §2.1, written down once more.
var spec = map[careplan.State]map[careplan.State]string{
	careplan.Draft:     {careplan.Active: "T1", careplan.Voided: "T2"},
	careplan.Active:    {careplan.Paused: "T3", careplan.Extended: "T5", careplan.Completed: "T7", careplan.Discharged: "T8", careplan.Transitioned: "T10", careplan.Voided: "T11"},
	careplan.Paused:    {careplan.Active: "T4", careplan.Extended: "T4", careplan.Discharged: "T8", careplan.Voided: "T11"},
	careplan.Extended:  {careplan.Paused: "T3", careplan.Extended: "T6", careplan.Completed: "T7", careplan.Discharged: "T8", careplan.Transitioned: "T10", careplan.Voided: "T11"},
	careplan.Completed: {careplan.Transitioned: "T9", careplan.Voided: "T11"},

	careplan.Discharged: {careplan.Voided: "T11"}, careplan.Transitioned: {careplan.Voided: "T11"}, careplan.Voided: {},
}

var roles = []access.Role{access.None, access.Patient, access.Therapist, access.Assistant, access.Neurologist, access.FrontDesk, access.ClinicAdmin}

// willing is a move that nothing but its pair and its role could stand against.
func willing(from, to careplan.State) careplan.Move {
	m := careplan.Move{To: to, Reason: "illness", AdaptationNote: "Half the dose.", Items: []string{"neck"}, Kind: careplan.ByTime}
	if to == careplan.Discharged {
		m.Reason = "moved"
	}
	if to == careplan.Voided && from != careplan.Draft {
		m.Second = &admin
	}
	return m
}

// planIn leads a plan to a state; a paused one comes from `from`.
func planIn(t *testing.T, f careplan.Profile, state, from careplan.State) careplan.Plan {
	t.Helper()
	g := given{Facts: facts{Values: map[careplan.Domain]float64{careplan.OfFrequency: 6, careplan.OfDisability: 57}}}
	if state == careplan.Draft || state == careplan.Voided {
		g.State = "draft"
	}
	p := g.plan(t, f)
	if from == careplan.Extended {
		p = accepted(t, p, f, on(clinic.MustDay("2026-01-06")), willing(careplan.Active, careplan.Extended))
	}
	if state != p.State {
		p = accepted(t, p, f, on(clinic.MustDay("2026-01-06")), willing(p.State, state))
	}
	return p
}

func TestEveryPairOfStatesForEveryRole(t *testing.T) {
	f := careplan.Default()
	for _, from := range careplan.States {
		for _, to := range careplan.States {
			origin := careplan.Active
			if from == careplan.Paused && to == careplan.Extended {
				origin = careplan.Extended
			}
			p := planIn(t, f, from, origin)
			p.Screens = append(slices.Clone(p.Screens), clinic.MustDay("2026-01-07"))
			name := spec[from][to]
			if got := careplan.TransitionName(from, to); got != name {
				t.Errorf("%s → %s is %q, the specification says %q", from, to, got, name)
			}
			for _, role := range roles {
				d := careplan.Decide(p, f, careplan.Command{By: careplan.Person{ID: "kim", Role: role}, At: on(clinic.MustDay("2026-01-07")), Expected: p.Version, Change: willing(from, to)})
				allowed := role == access.Therapist || name == "T2" && role == access.ClinicAdmin
				hasTransition, hasRole := slices.Contains(codes(d.Broken), "E_TRANSITION"), slices.Contains(codes(d.Broken), "E_ROLE")
				switch {
				case name == "" && !hasTransition:
					t.Errorf("%s → %s as %q: %s %v, want E_TRANSITION", from, to, role, d.Outcome, codes(d.Broken))
				case name != "" && allowed && (d.Outcome != careplan.Accepted || d.Plan.State != to):
					t.Errorf("%s %s → %s as %q: %s %v", name, from, to, role, d.Outcome, codes(d.Broken))
				case name != "" && !allowed && !hasRole:
					t.Errorf("%s %s → %s as %q: %s %v, want E_ROLE", name, from, to, role, d.Outcome, codes(d.Broken))
				}
				if d.Outcome == careplan.Accepted && (len(d.Events) != 1 || d.Plan.Version != p.Version+1) {
					t.Errorf("%s: %d events, version %d → %d", name, len(d.Events), p.Version, d.Plan.Version)
				}
			}
		}
	}
}

func TestAPlanReturnsToWhereItWasPaused(t *testing.T) {
	f := careplan.Default()
	p := planIn(t, f, careplan.Paused, careplan.Extended)
	d := careplan.Decide(p, f, careplan.Command{By: kim, At: on(clinic.MustDay("2026-01-07")), Expected: p.Version, Change: careplan.Move{To: careplan.Active}})
	if !slices.Contains(codes(d.Broken), "E_TRANSITION") {
		t.Errorf("an extended plan came back %s: %v", d.Plan.State, codes(d.Broken))
	}
}

func TestEnteredInErrorTakesTwoPeople(t *testing.T) {
	f := careplan.Default()
	p := planIn(t, f, careplan.Active, careplan.Active)
	desk := careplan.Person{ID: "fay", Role: access.FrontDesk}
	both := careplan.Person{ID: "kim", Role: access.ClinicAdmin}
	cases := []struct {
		name   string
		first  careplan.Person
		second *careplan.Person
		ok     bool
	}{
		{"therapist, then admin", kim, &admin, true},
		{"admin, then therapist", admin, &kim, true},
		{"nobody second", kim, nil, false},
		{"two therapists", kim, &careplan.Person{ID: "ben", Role: access.Therapist}, false},
		{"therapist and front desk", kim, &desk, false},
		{"one person in two roles", kim, &both, false},
		{"somebody without a name", kim, &careplan.Person{Role: access.ClinicAdmin}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := careplan.Decide(p, f, careplan.Command{By: c.first, At: on(clinic.MustDay("2026-01-07")), Expected: p.Version, Change: careplan.Move{To: careplan.Voided, Reason: "wrong patient", Second: c.second}})
			if (d.Outcome == careplan.Accepted) != c.ok {
				t.Errorf("%s %v", d.Outcome, codes(d.Broken))
			}
			if c.ok && d.Plan.State != careplan.Voided {
				t.Errorf("the plan is %s", d.Plan.State)
			}
		})
	}
}

func TestAStaleCommandLeavesNothing(t *testing.T) {
	f := careplan.Default()
	p := planIn(t, f, careplan.Active, careplan.Active)
	for _, version := range []int{0, p.Version - 1, p.Version + 1} {
		d := careplan.Decide(p, f, careplan.Command{By: kim, At: on(clinic.MustDay("2026-01-07")), Expected: version, Change: willing(careplan.Active, careplan.Paused)})
		if d.Outcome != careplan.Stale || len(d.Events) != 0 || d.Plan.State != careplan.Active {
			t.Errorf("version %d of %d: %s, %d events, %s", version, p.Version, d.Outcome, len(d.Events), d.Plan.State)
		}
	}
	review := careplan.Command{By: kim, At: on(clinic.MustDay("2026-01-07")), Change: careplan.DoReview{Decision: careplan.DecideRefer}}
	for version, outcome := range map[int]careplan.Outcome{0: careplan.Accepted, p.Version: careplan.Accepted, p.Version + 1: careplan.Stale} {
		if review.Expected = version; careplan.Decide(p, f, review).Outcome != outcome {
			t.Errorf("a review at version %d of %d is not %s", version, p.Version, outcome)
		}
	}
}

func TestAPlannedPause(t *testing.T) {
	f := careplan.Default()
	p := planIn(t, f, careplan.Active, careplan.Active)
	holiday := willing(careplan.Active, careplan.Paused)
	holiday.On, holiday.Reason = clinic.MustDay("2026-01-20"), "holiday"
	p = accepted(t, p, f, on(clinic.MustDay("2026-01-08")), holiday)

	if d := careplan.Decide(p, f, careplan.Command{By: kim, At: on(clinic.MustDay("2026-01-09")), Expected: p.Version, Change: holiday}); !slices.Equal(codes(d.Broken), []string{"E_PAUSE_DATE"}) {
		t.Errorf("a second planned pause: %v", codes(d.Broken))
	}
	if d := careplan.Decide(p, f, careplan.Command{By: kim, At: on(clinic.MustDay("2026-01-09")), Change: careplan.Attend{Visit: "x", To: careplan.Scheduled, ScheduledAt: on(clinic.MustDay("2026-01-21"))}}); !slices.Equal(codes(d.Broken), []string{"W_PAUSED"}) {
		t.Errorf("scheduling into the holiday: %v", codes(d.Broken))
	}
	if back := accepted(t, p, f, on(clinic.MustDay("2026-01-19")), careplan.WithdrawPause{}); back.State != careplan.Active || careplan.Daily(back, f, on(clinic.MustDay("2026-01-20"))).Plan.State != careplan.Active {
		t.Error("a withdrawn pause began")
	}
	in := careplan.Decide(p, f, careplan.Command{By: kim, At: on(clinic.MustDay("2026-01-21")), Change: careplan.Attend{Visit: "x", To: careplan.CheckedIn}})
	if !slices.Equal(codes(in.Broken), []string{"E_PAUSED"}) {
		t.Errorf("check-in on its second day, before the daily job ran: %v", codes(in.Broken))
	}
	gone := accepted(t, p, f, on(clinic.MustDay("2026-01-12")), careplan.Move{To: careplan.Discharged, Reason: "moved"})
	if !gone.Pauses[0].Withdrawn || careplan.Check(gone, f) != nil {
		t.Error("the planned pause outlived its plan")
	}
}

func TestAVisitUnderWayWhenThePlanIsPausedIsCompletedAllTheSame(t *testing.T) {
	f := careplan.Default()
	p := planIn(t, f, careplan.Active, careplan.Active)
	day := on(clinic.MustDay("2026-01-08"))
	p = accepted(t, p, f, day, careplan.Attend{Visit: "x", To: careplan.CheckedIn})
	p = accepted(t, p, f, day, willing(careplan.Active, careplan.Paused))
	p = accepted(t, p, f, day, careplan.Attend{Visit: "x", To: careplan.Done})
	if open := p.OpenReasons(p.Visits[1]); !slices.Equal(open, []careplan.Code{careplan.InPause}) || p.VisitCount != 2 {
		t.Errorf("%d visits, needs_reason %v", p.VisitCount, open)
	}
}

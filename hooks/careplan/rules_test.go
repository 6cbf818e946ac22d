package careplan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

var jan = func(day int) clinic.Day { return clinic.MustDay("2026-01-01").Add(day - 1) }

func ask(p careplan.Plan, f careplan.Profile, day clinic.Day, c careplan.Change, reasons ...careplan.Given) careplan.Decision {
	return careplan.Decide(p, f, careplan.Command{By: kim, At: on(day), Expected: p.Version, Overrides: reasons, Change: c})
}

func wants(t *testing.T, name string, d careplan.Decision, want ...string) {
	t.Helper()
	if got := codes(d.Broken); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("%s: %s %v, want %v", name, d.Outcome, got, want)
	}
}

func TestWhatAPlanMustSayToBeSigned(t *testing.T) {
	cases := []struct {
		name   string
		change func(*careplan.Plan)
		want   string
	}{
		{"no diagnosis", func(p *careplan.Plan) { p.Diagnoses = 0 }, "E_PLAN_CONTENT diagnosis"},
		{"no goal", func(p *careplan.Plan) { p.Goals = nil }, "E_PLAN_CONTENT E_ITEM_NO_GOAL W_GOAL_DOMAIN goal patient_words"},
		{"no baseline", func(p *careplan.Plan) { p.Goals[0].Baseline, p.Goals[1].Baseline = nil, nil }, "E_PLAN_CONTENT goal"},
		{"no due date", func(p *careplan.Plan) { p.Goals[0].Due, p.Goals[1].Due = 0, 0 }, "E_PLAN_CONTENT goal"},
		{"targets on the wrong side", func(p *careplan.Plan) { p.Goals[0].Target, p.Goals[1].Target = number(14), number(70) }, "E_PLAN_CONTENT goal"},
		{"nobody asked the patient", func(p *careplan.Plan) { p.Goals[0].PatientWords = " " }, "E_PLAN_CONTENT patient_words"},
		{"no frequency", func(p *careplan.Plan) { p.Care.Frequency = "" }, "E_PLAN_CONTENT frequency"},
		{"no rationale", func(p *careplan.Plan) { p.Rationale = nil }, "E_PLAN_CONTENT rationale"},
		{"an item for no problem", func(p *careplan.Plan) { p.Items[0].Problems = nil }, "E_PLAN_CONTENT item_problem"},
		{"a template nobody confirmed", func(p *careplan.Plan) { p.Items[0].FromTemplate = true }, "E_PLAN_CONTENT item_confirmation"},
		{"an item for no goal", func(p *careplan.Plan) { p.Items[0].Goals = nil }, "E_ITEM_NO_GOAL"},
		{"an item for another plan's goal", func(p *careplan.Plan) { p.Items[0].Goals = []string{"elsewhere"} }, "E_ITEM_NO_GOAL"},
		{"no consent", func(p *careplan.Plan) { p.Consent = false }, "E_NO_CONSENT"},
		{"an emergency open", func(p *careplan.Plan) { p.Alerts = []careplan.Level{careplan.Emergency} }, "E_REDFLAG_OPEN"},
		{"an urgent alert open", func(p *careplan.Plan) { p.Alerts = []careplan.Level{careplan.Urgent} }, "E_REDFLAG_OPEN"},
		{"a soon alert open", func(p *careplan.Plan) { p.Alerts = []careplan.Level{careplan.Soon} }, ""},
		{"a screen dated tomorrow", func(p *careplan.Plan) { p.Screens = []clinic.Day{jan(6)} }, "E_NO_REDFLAG_SCREEN"},
		{"no prescriber", func(p *careplan.Plan) { p.Prescriber = false }, "W_NO_PRESCRIBER"},
		{"no neck baseline", func(p *careplan.Plan) { p.NeckBaseline = false }, "W_NECK_BASELINE"},
		{"no headache goal", func(p *careplan.Plan) { p.Goals[0].Domain, p.Goals[1].Domain = careplan.OfSleep, careplan.OfMedication }, "W_GOAL_DOMAIN"},
		{"a problem left alone", func(p *careplan.Plan) {
			p.Problems = append(p.Problems, careplan.Problem{ID: "sleep", Positive: true})
		}, "W_UNADDRESSED_PROBLEM"},
		{"a problem deferred", func(p *careplan.Plan) {
			p.Problems = append(p.Problems, careplan.Problem{ID: "sleep", Positive: true, Deferred: "after the move"})
		}, ""},
		{"a problem that is none", func(p *careplan.Plan) { p.Problems = append(p.Problems, careplan.Problem{ID: "jaw"}) }, ""},
		{"no exercise", func(p *careplan.Plan) { p.Items[0].Category = careplan.Relaxation }, "W_NO_EXERCISE"},
		{"one kind of care", func(p *careplan.Plan) { p.Items[1].Category = careplan.ExerciseSpecific }, "W_SINGLE_CATEGORY"},
		{"cold and current only", func(p *careplan.Plan) {
			p.Items[0].Category, p.Items[1].Category = careplan.ModalityCold, careplan.ModalityElectrical // two kinds, and both modalities
		}, string(careplan.ModalityOnly) + " W_NO_EXERCISE"},
		{"a warning acknowledged at this version", func(p *careplan.Plan) {
			p.Prescriber, p.Acknowledged = false, map[careplan.Code]int{careplan.NoPrescriber: p.Version}
		}, ""},
		{"a warning acknowledged at another", func(p *careplan.Plan) {
			p.Prescriber, p.Acknowledged = false, map[careplan.Code]int{careplan.NoPrescriber: p.Version + 1}
		}, "W_NO_PRESCRIBER"},
	}
	f := careplan.Default()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := given{State: "draft"}.plan(t, f)
			c.change(&p)
			d := ask(p, f, jan(5), careplan.Move{To: careplan.Active})
			var want, missing []string
			for _, word := range strings.Fields(c.want) {
				if strings.ToUpper(word) == word {
					want = append(want, word)
				} else {
					missing = append(missing, word)
				}
			}
			wants(t, c.name, d, want...)
			if len(missing) > 0 && !slices.Equal(d.Broken[0].Params["missing"].([]string), missing) {
				t.Errorf("missing %v, want %v", d.Broken[0].Params["missing"], missing)
			}
		})
	}
}

func TestEverythingWrongIsSaidAtOnce(t *testing.T) {
	f := careplan.Default()
	p := careplan.Plan{State: careplan.Draft, OtherOpen: true, Alerts: []careplan.Level{careplan.Emergency}, Content: careplan.Content{Items: []careplan.Item{{ID: "a"}}}}
	d := careplan.Decide(p, f, careplan.Command{At: on(jan(5)), Change: careplan.Move{To: careplan.Active}})
	wants(t, "an empty plan by nobody", d, "E_ROLE", "E_NO_EVALUATION", "E_NO_REDFLAG_SCREEN", "E_REDFLAG_OPEN", "E_PLAN_CONTENT", "E_REGION_GROUP_MISSING",
		"E_ITEM_NO_GOAL", "E_NO_CONSENT", "E_PLAN_OVERLAP", "E_VISITS_RANGE", "W_NO_PRESCRIBER", "W_NECK_BASELINE", "W_GOAL_DOMAIN", "W_NO_EXERCISE", "W_SINGLE_CATEGORY")
	for i, b := range d.Broken {
		if i > 0 && !b.Severity.Refuses() != strings.HasPrefix(b.Code, "W_") || b.Message == "" || strings.Contains(b.Message, "{") {
			t.Errorf("%s %s %q", b.Code, b.Severity, b.Message)
		}
	}
}

func TestOverridesAreATherapistsAndNeverForHardRules(t *testing.T) {
	f := careplan.Default()
	p := given{PlannedVisits: 1}.plan(t, f)
	in := careplan.Attend{Visit: "x", To: careplan.CheckedIn}
	over := careplan.Given{Code: careplan.OverPlanned, Chip: careplan.PatientNeed}
	cases := []struct {
		name   string
		by     access.Role
		reason careplan.Given
		want   []string
	}{
		{"a therapist", access.Therapist, over, nil},
		{"an assistant", access.Assistant, over, []string{"E_OVER_PLANNED", "E_ROLE"}},
		{"the front desk", access.FrontDesk, over, []string{"E_OVER_PLANNED", "E_ROLE"}},
		{"for another code", access.Therapist, careplan.Given{Code: careplan.PastWindow, Chip: careplan.PatientNeed}, []string{"E_OVER_PLANNED"}},
		{"a chip that is none", access.Therapist, careplan.Given{Code: careplan.OverPlanned, Chip: "because"}, []string{"E_OVER_PLANNED", "E_VALUE"}},
		{"nineteen characters", access.Therapist, careplan.Given{Code: careplan.OverPlanned, Chip: careplan.OtherChip, Text: "  " + strings.Repeat("é", 19) + "  "}, []string{"E_OVER_PLANNED", "E_REASON_SHORT"}},
		{"twenty characters", access.Therapist, careplan.Given{Code: careplan.OverPlanned, Chip: careplan.OtherChip, Text: strings.Repeat("é", 20)}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := careplan.Decide(p, f, careplan.Command{By: careplan.Person{ID: "x", Role: c.by}, At: on(jan(8)), Overrides: []careplan.Given{c.reason}, Change: in})
			wants(t, c.name, d, c.want...)
			if c.want == nil && (len(d.Used) != 1 || d.Used[0].Visit != "x" || d.Used[0].By.ID != "x" || d.Used[0].At != on(jan(8)) || len(d.Events) != 1) {
				t.Errorf("stored %+v", d.Used)
			}
		})
	}
	closed := accepted(t, p, f, on(jan(7)), careplan.Move{To: careplan.Discharged, Reason: "moved"})
	wants(t, "a reason for a HARD rule", ask(closed, f, jan(8), in, careplan.Given{Code: careplan.PlanClosed, Chip: careplan.ClinicalNeed}), "E_PLAN_CLOSED")
}

func TestALateRecordByAnAssistantIsStoredAndWaitsForATherapist(t *testing.T) {
	f := careplan.Default()
	p := given{PlannedVisits: 1}.plan(t, f)
	d := careplan.Decide(p, f, careplan.Command{By: careplan.Person{ID: "ben", Role: access.Assistant}, At: on(jan(8)),
		Overrides: []careplan.Given{{Code: careplan.OverPlanned, Chip: careplan.ClinicalNeed}}, Change: careplan.Attend{Visit: "x", To: careplan.Done}})
	wants(t, "the record", d, "W_REASON_NOT_TAKEN")
	p = d.Plan
	if d.Outcome != careplan.Accepted || p.VisitCount != 2 || len(p.OpenReasons(p.Visits[1])) != 1 {
		t.Errorf("%s, %d visits", d.Outcome, p.VisitCount)
	}
	wants(t, "no reason at all", ask(p, f, jan(9), careplan.AnswerReasons{Visit: "x"}), "E_VALUE")
	wants(t, "a code that does not wait", ask(p, f, jan(9), careplan.AnswerReasons{Visit: "x"}, careplan.Given{Code: careplan.PastWindow, Chip: careplan.RecordedLate}), "E_VALUE")
	late := careplan.Daily(p, f, on(jan(16)))
	if len(late.Flags) != 1 || late.Flags[0].Code != careplan.ReasonOverdue {
		t.Errorf("eight days later %v", late.Flags)
	}
	if early := careplan.Daily(p, f, on(jan(15))); len(early.Flags) != 0 {
		t.Errorf("on the due day %v", early.Flags)
	}
	done := accepted(t, late.Plan, f, on(jan(16)), careplan.AnswerReasons{Visit: "x"}, careplan.Given{Code: careplan.OverPlanned, Chip: careplan.RecordedLate})
	wants(t, "twice", ask(done, f, jan(17), careplan.AnswerReasons{Visit: "x"}, careplan.Given{Code: careplan.OverPlanned, Chip: careplan.RecordedLate}), "E_VALUE")
	if done.Flags[0].State != careplan.Lowered {
		t.Error("the flag still stands")
	}
}

func TestVisitsMoveOnlyForward(t *testing.T) {
	f := careplan.Default()
	p := given{}.plan(t, f)
	wants(t, "checking in what is completed", ask(p, f, jan(8), careplan.Attend{Visit: "va", To: careplan.CheckedIn}), "E_TRANSITION")
	p = accepted(t, p, f, on(jan(8)), careplan.Attend{Visit: "va", To: careplan.EnteredInError})
	if p.VisitCount != 0 || p.Start.Valid() {
		t.Errorf("%d visits from %s, after the only one was an error", p.VisitCount, p.Start)
	}
	wants(t, "completing an error", ask(p, f, jan(8), careplan.Attend{Visit: "va", To: careplan.Done}), "E_TRANSITION")
}

func TestAnEarlierVisitMovesTheStart(t *testing.T) {
	f := careplan.Default()
	p := given{}.plan(t, f)
	d := ask(p, f, jan(9), careplan.Attend{Visit: "x", To: careplan.Done, StartedAt: on(jan(2))})
	if d.Plan.Start != jan(2) || careplan.WindowOn(d.Plan, f, jan(9)).Latest != jan(43) {
		t.Errorf("the plan starts %s and ends %s", d.Plan.Start, careplan.WindowOn(d.Plan, f, jan(9)).Latest)
	}
	if len(d.Events) != 1 || d.Events[0].Kind != careplan.Correction || d.Events[0].Detail.Start != jan(2) {
		t.Errorf("events %+v", d.Events)
	}
	back := ask(d.Plan, f, jan(9), careplan.Attend{Visit: "x", To: careplan.Done, StartedAt: on(jan(8))})
	if back.Plan.Start != jan(5) || len(back.Plan.Visits[1].NeedsReason) != 0 {
		t.Errorf("after the date was put right: start %s, needs %v", back.Plan.Start, back.Plan.Visits[1].NeedsReason)
	}
}

func TestSchedulingWarnsOfWhatCheckInWillAsk(t *testing.T) {
	f := careplan.Default()
	draft := given{State: "draft", Visits: &[]clinic.Day{}}.plan(t, f)
	six := given{Visits: &[]clinic.Day{jan(5), jan(7), jan(9), jan(12), jan(14), jan(16)}, ReviewOpen: true}.plan(t, f)
	cases := []struct {
		name string
		plan careplan.Plan
		on   clinic.Day
		want []string
	}{
		{"before there is a plan", draft, jan(8), []string{"W_NO_PLAN"}},
		{"the seventh of six", six, jan(20), []string{"W_OVER_PLANNED", "W_REVIEW6_DUE"}},
		{"after week 6", given{}.plan(t, f), jan(47), []string{"W_PAST_WINDOW"}},
		{"after the end", accepted(t, six, f, on(jan(17)), careplan.Move{To: careplan.Discharged, Reason: "moved"}), jan(20), []string{"W_PLAN_CLOSED"}},
	}
	for _, c := range cases {
		wants(t, c.name, ask(c.plan, f, jan(17), careplan.Attend{Visit: "x", To: careplan.Scheduled, ScheduledAt: on(c.on)}), c.want...)
	}
}

func TestACheckedInVisitTakesItsNumberAtOnce(t *testing.T) {
	f := careplan.Default()
	p := given{PlannedVisits: 2}.plan(t, f)
	p = accepted(t, p, f, on(jan(7)), careplan.Attend{Visit: "a", To: careplan.CheckedIn})
	wants(t, "the next date", ask(p, f, jan(8), careplan.Attend{Visit: "b", To: careplan.CheckedIn}), "E_OVER_PLANNED")
	wants(t, "the same date", ask(p, f, jan(7), careplan.Attend{Visit: "b", To: careplan.CheckedIn}))
}

func TestAManualTechniqueIsNamed(t *testing.T) {
	for _, c := range []struct {
		category        careplan.Category
		technique, goal string
		named           bool
	}{{careplan.Manual, "massage", "tension", true}, {careplan.Manual, "massage", "", false}, {careplan.Manual, "", "pain", false}, {careplan.Relaxation, "", "", true}} {
		if careplan.Named(c.category, c.technique, c.goal) != c.named {
			t.Errorf("%s %q for %q is named: %v", c.category, c.technique, c.goal, !c.named)
		}
	}
}

func TestTheLastNumberThatIsFree(t *testing.T) {
	f := careplan.Default()
	nine := []clinic.Day{jan(5), jan(7), jan(9), jan(12), jan(14), jan(16), jan(19), jan(21), jan(23)}
	p := given{Visits: &nine}.plan(t, f)
	tenth := careplan.Attend{Visit: "x", To: careplan.CheckedIn}
	wants(t, "the tenth of six", ask(p, f, jan(26), tenth), "E_OVER_PLANNED")
	p = given{Visits: &nine, PlannedVisits: 10}.plan(t, f)
	f.Regulation = careplan.USMedicare()
	wants(t, "the tenth without a report", ask(p, f, jan(26), tenth))
	p = accepted(t, p, f, on(jan(24)), careplan.Move{To: careplan.Extended, Kind: careplan.ByVisits, MaxVisits: 12, Reason: "illness", AdaptationNote: "Half the dose.", Items: []string{"neck"}})
	p = accepted(t, p, f, on(jan(26)), careplan.Attend{Visit: "x", To: careplan.Done})
	if !slices.ContainsFunc(p.Flags, func(x careplan.Flag) bool { return x.Code == careplan.WellnessDecision }) {
		t.Error("an extension agreed before visit 10 is not the decision after it")
	}
}

func TestTheDayOfReturnIsNotPaused(t *testing.T) {
	f := careplan.Default()
	p := accepted(t, given{}.plan(t, f), f, on(jan(8)), willing(careplan.Active, careplan.Paused))
	p.Screens = append(p.Screens, jan(12))
	p = accepted(t, p, f, on(jan(12)), careplan.Move{To: careplan.Active})
	wants(t, "the day of return", ask(p, f, jan(12), careplan.Attend{Visit: "x", To: careplan.CheckedIn}))
	d := ask(p, f, jan(12), careplan.Attend{Visit: "x", To: careplan.Done, StartedAt: on(jan(11))})
	if !slices.Equal(d.Plan.Visits[1].NeedsReason, []careplan.Code{careplan.InPause}) {
		t.Errorf("the day before it: %v", d.Plan.Visits[1].NeedsReason)
	}
}

func TestAnEvaluationBesideATreatmentIsOrdinary(t *testing.T) {
	f := careplan.Default()
	p := accepted(t, given{}.plan(t, f), f, on(jan(8)), careplan.Attend{Visit: "x", To: careplan.Done})
	wants(t, "a new evaluation that day", ask(p, f, jan(8), careplan.Attend{Visit: "y", To: careplan.Done, Kind: careplan.Evaluation}))
}

func TestTwoQuestionsAboutOnePlanDoNotMeet(t *testing.T) {
	f := careplan.Default()
	p := given{PlannedVisits: 1}.plan(t, f)
	p.Events, p.Reasons = slices.Grow(p.Events, 8), slices.Grow(p.Reasons, 8)
	in := careplan.Attend{Visit: "x", To: careplan.CheckedIn}
	first := ask(p, f, jan(8), in, careplan.Given{Code: careplan.OverPlanned, Chip: careplan.PatientNeed})
	ask(p, f, jan(9), in, careplan.Given{Code: careplan.OverPlanned, Chip: careplan.Scheduling})
	if first.Plan.Reasons[0].Chip != careplan.PatientNeed || first.Plan.Events[len(p.Events)].Reason != "patient_need" {
		t.Error("the second answer was written into the first")
	}
}

func TestExtensions(t *testing.T) {
	f := careplan.Default()
	p := given{}.plan(t, f)
	extend := func(m careplan.Move) careplan.Move {
		m.To, m.AdaptationNote, m.Items = careplan.Extended, "Half the dose.", []string{"neck"}
		return m
	}
	cases := []struct {
		name string
		move careplan.Move
		want []string
	}{
		{"no more visits than now", careplan.Move{Kind: careplan.ByVisits, Reason: "illness", MaxVisits: 6}, []string{"E_VISITS_RANGE"}},
		{"thirty visits", careplan.Move{Kind: careplan.ByVisits, Reason: "illness", MaxVisits: 30}, nil},
		{"thirty-one visits", careplan.Move{Kind: careplan.ByVisits, Reason: "illness", MaxVisits: 31}, []string{"E_VISITS_RANGE"}},
		{"no more time than now", careplan.Move{Kind: careplan.ByTime, Reason: "illness", Until: jan(46)}, []string{"E_EXTENSION_LENGTH"}},
		{"a day more", careplan.Move{Kind: careplan.ByTime, Reason: "illness", Until: jan(47)}, nil},
		{"both", careplan.Move{Kind: careplan.ByBoth, Reason: "illness", MaxVisits: 8}, nil},
		{"no kind", careplan.Move{Reason: "illness", MaxVisits: 8}, []string{"E_VALUE"}},
		{"no reason", careplan.Move{Kind: careplan.ByTime}, []string{"E_VALUE"}},
		{"other, in a word", careplan.Move{Kind: careplan.ByTime, Reason: "other", Note: "snow"}, []string{"E_REASON_SHORT"}},
		{"other, in words", careplan.Move{Kind: careplan.ByTime, Reason: "other", Note: "the road was closed by snow"}, nil},
	}
	for _, c := range cases {
		wants(t, c.name, ask(p, f, jan(10), extend(c.move)), c.want...)
	}
	unknown := extend(careplan.Move{Kind: careplan.ByTime, Reason: "illness"})
	unknown.Items = []string{"another plan's item"}
	wants(t, "an item that is not of the plan", ask(p, f, jan(10), unknown), "E_ADAPTATION")
	p.Alerts = []careplan.Level{careplan.Emergency}
	wants(t, "an emergency open", ask(p, f, jan(10), extend(careplan.Move{Kind: careplan.ByTime, Reason: "illness"})), "E_REDFLAG_OPEN")

	six := given{Visits: &[]clinic.Day{jan(5), jan(7), jan(9), jan(12), jan(14), jan(16)}, ReviewOpen: true}.plan(t, f)
	more := extend(careplan.Move{Kind: careplan.ByVisits, Reason: "illness", MaxVisits: 8})
	wants(t, "before the review", ask(six, f, jan(17), more), "E_REVIEW6_DUE")
	twice := accepted(t, accepted(t, six, f, on(jan(17)), more, careplan.Given{Code: careplan.ReviewDue, Chip: careplan.ReviewBooked}), f, on(jan(18)),
		extend(careplan.Move{Kind: careplan.ByVisits, Reason: "illness", MaxVisits: 10}), careplan.Given{Code: careplan.ReviewDue, Chip: careplan.ReviewBooked})
	if len(twice.Extensions) != 2 || twice.State != careplan.Extended {
		t.Errorf("%d rows", len(twice.Extensions))
	}
}

func TestAnExtensionIsMovedByALaterPauseToo(t *testing.T) {
	f := careplan.Default()
	p := planIn(t, f, careplan.Extended, careplan.Extended)
	until := careplan.WindowOn(p, f, jan(7)).Until
	p = accepted(t, p, f, on(jan(20)), willing(careplan.Extended, careplan.Paused))
	p.Screens = append(p.Screens, jan(27))
	p = accepted(t, p, f, on(jan(27)), careplan.Move{To: careplan.Extended})
	if got := careplan.WindowOn(p, f, jan(27)).Until; got != until.Add(7) {
		t.Errorf("until %s, was %s", got, until)
	}
}

func TestEditing(t *testing.T) {
	f := careplan.Default()
	signed := given{}.plan(t, f)
	more := signed.Terms
	more.PlannedVisits = 8
	wants(t, "the limits of a signed plan", ask(signed, f, jan(8), careplan.Edit{Terms: more, Content: signed.Content}), "E_SIGNED_LIMITS")
	loose := content()
	loose.Items = append(loose.Items, careplan.Item{ID: "new", Category: careplan.Education, Problems: []string{"stiff"}})
	wants(t, "an item without a goal", ask(signed, f, jan(8), careplan.Edit{Terms: signed.Terms, Content: loose}), "E_ITEM_NO_GOAL")
	closed := accepted(t, signed, f, on(jan(8)), careplan.Move{To: careplan.Discharged, Reason: "moved"})
	wants(t, "a closed plan", ask(closed, f, jan(9), careplan.Edit{Terms: signed.Terms, Content: content()}), "E_PLAN_CLOSED")
	draft := given{State: "draft"}.plan(t, f)
	if d := ask(draft, f, jan(5), careplan.Edit{Terms: draft.Terms}); d.Outcome != careplan.Accepted {
		t.Errorf("an unfinished draft was %s: %v", d.Outcome, codes(d.Broken))
	}
	quiet := content()
	quiet.Prescriber = false
	d := ask(signed, f, jan(8), careplan.Edit{Terms: signed.Terms, Content: quiet})
	wants(t, "a warning", d, "W_NO_PRESCRIBER")
	read := accepted(t, d.Plan, f, on(jan(8)), careplan.Acknowledge{Codes: []careplan.Code{careplan.NoPrescriber}})
	wants(t, "the warning, once read", ask(read, f, jan(8), careplan.Edit{Terms: signed.Terms, Content: quiet}))
	wants(t, "an error is not acknowledged away", ask(d.Plan, f, jan(8), careplan.Acknowledge{Codes: []careplan.Code{careplan.NoConsent}}), "E_VALUE")
}

func TestTheReviewOfVisitSix(t *testing.T) {
	f := careplan.Default()
	days := []clinic.Day{jan(5), jan(7), jan(9), jan(12), jan(14)}
	p := given{Visits: &days}.plan(t, f)
	early := accepted(t, p, f, on(jan(14)), careplan.DoReview{Decision: careplan.DecideComplete})
	early = accepted(t, early, f, on(jan(16)), careplan.Attend{Visit: "six", To: careplan.Done})
	if early.Tasks[0].State != careplan.TaskOpen {
		t.Error("a review made at visit 5 answered for visit 6")
	}
	wants(t, "continue to eleven", ask(early, f, jan(16), careplan.DoReview{Decision: careplan.DecideContinue, ContinueTo: 11}), "E_VISITS_RANGE")
	wants(t, "continue to six", ask(early, f, jan(16), careplan.DoReview{Decision: careplan.DecideContinue, ContinueTo: 6}), "E_VISITS_RANGE")
	wants(t, "continue somehow", ask(early, f, jan(16), careplan.DoReview{Decision: "on"}), "E_VALUE")
	done := ask(early, f, jan(16), careplan.DoReview{Decision: careplan.DecideContinue, ContinueTo: 8})
	wants(t, "continue to eight", done)
	if done.Tasks[0].State != careplan.TaskDone || done.Plan.PlannedVisits != 6 {
		t.Errorf("%+v, planned %d", done.Tasks, done.Plan.PlannedVisits)
	}
	undone := accepted(t, early, f, on(jan(16)), careplan.Attend{Visit: "six", To: careplan.EnteredInError})
	if undone.Tasks[0].State != careplan.TaskWithdrawn {
		t.Error("visit 6 was an error, and its review is still asked for")
	}
}

func TestDischarge(t *testing.T) {
	f := careplan.Default()
	p := given{}.plan(t, f)
	wants(t, "no reason", ask(p, f, jan(8), careplan.Move{To: careplan.Discharged}), "E_VALUE")
	p.Wellness = nil
	gone := accepted(t, p, f, on(jan(31)), careplan.Move{To: careplan.Discharged, Reason: "goals_met_early"})
	var due []string
	for _, task := range gone.Tasks {
		if task.Code == careplan.FollowUpTask {
			due = append(due, fmt.Sprintf("%s %s", task.Key, task.Due))
		}
	}
	if want := []string{"FOLLOW_UP:3 2026-04-30", "FOLLOW_UP:6 2026-07-31", "FOLLOW_UP:12 2027-01-31"}; !slices.Equal(due, want) {
		t.Errorf("follow-ups %v, want %v", due, want)
	}
	if dead := accepted(t, p, f, on(jan(31)), careplan.Move{To: careplan.Discharged, Reason: "deceased"}); len(dead.Tasks) != 0 {
		t.Error("nobody is to be called")
	}
	gone.WellnessConsent = false
	wants(t, "wellness without consent", ask(gone, f, jan(31), careplan.StartWellness{}), "E_NO_CONSENT")
	wants(t, "a session of no program", ask(gone, f, jan(31), careplan.RecordSession{ID: "w", StartedAt: on(jan(31))}), "E_NO_PLAN")
	wants(t, "wellness of an active plan", ask(p, f, jan(8), careplan.StartWellness{}), "E_TRANSITION")
}

// A program that runs is looked at on its review day, four weeks on; the session from then on is the look.
func TestAWellnessProgramIsReviewed(t *testing.T) {
	f := careplan.Default()
	p := accepted(t, given{}.plan(t, f), f, on(jan(8)), careplan.Move{To: careplan.Discharged, Reason: "moved"})
	p = accepted(t, p, f, on(jan(9)), careplan.StartWellness{})
	state := func() string {
		for _, task := range p.Tasks {
			if task.Code == careplan.WellnessTask {
				return fmt.Sprint(task.Due, " ", task.State)
			}
		}
		return "none"
	}
	if got := state(); got != "2026-02-06 open" {
		t.Errorf("asked for: %s", got)
	}
	p = accepted(t, p, f, on(jan(31)), careplan.RecordSession{ID: "early", StartedAt: on(jan(31))})
	if got := state(); got != "2026-02-06 open" {
		t.Errorf("after a session before the day: %s", got)
	}
	p = accepted(t, p, f, on(jan(37)), careplan.RecordSession{ID: "look", StartedAt: on(jan(37))})
	if got := state(); got != "2026-02-06 done" {
		t.Errorf("after a session on the day: %s", got)
	}
}

// What the end of a plan leaves: outcomes, shares with what they rest on, the last answer to each statement, follow-ups.
func TestAHandOver(t *testing.T) {
	f := careplan.Default()
	p := given{}.plan(t, f)
	if h := careplan.HandOverOf(p, f); len(h.FollowUps) != 0 || h.Visits != 1 || h.Goals[0].Outcome != "" {
		t.Errorf("of a plan under way: %+v", h)
	}
	p.Readiness = append(p.Readiness, careplan.Answer{Statement: careplan.KnowsRedFlags, Answer: "partly"})
	p = accepted(t, p, f, on(jan(31)), careplan.Move{To: careplan.Discharged, Reason: "moved"})
	p.FollowUps = []careplan.FollowUp{{Months: 3, On: clinic.MustDay("2026-05-02")}}
	h := careplan.HandOverOf(p, f)
	if got := fmt.Sprint(h.FollowUps); got != "[{3 2026-04-30 2026-05-02} {6 2026-07-31 } {12 2027-01-31 }]" {
		t.Errorf("follow-ups %s", got)
	}
	if len(h.Ready) != 8 || h.Ready[6].Answer != "partly" {
		t.Errorf("readiness %+v", h.Ready)
	}
	if h.Consistency.Attendance != (careplan.Share{Done: 1, Of: 1}) || h.Consistency.Home.Value() != nil {
		t.Errorf("consistency %+v", h.Consistency)
	}
	p.State = careplan.Voided
	if h := careplan.HandOverOf(p, f); len(h.FollowUps) != 0 {
		t.Errorf("nobody asks after a voided plan: %+v", h.FollowUps)
	}
}

func TestAPlanClosesNoEarlierThanItsLastVisit(t *testing.T) {
	f := careplan.Default()
	p := accepted(t, given{}.plan(t, f), f, on(jan(7)), careplan.Attend{Visit: "x", To: careplan.Done, StartedAt: on(jan(8))}) // a clock that runs ahead at midnight
	p = accepted(t, p, f, on(jan(7)), careplan.Move{To: careplan.Discharged, Reason: "moved"})
	if p.ClosedOn != jan(8) || p.VisitCount != 2 || careplan.Check(p, f) != nil {
		t.Errorf("closed on %s with %d visits: %v", p.ClosedOn, p.VisitCount, codes(careplan.Check(p, f)))
	}
}

func TestReadiness(t *testing.T) {
	f := careplan.Default()
	g := given{Facts: facts{Values: map[careplan.Domain]float64{careplan.OfFrequency: 6, careplan.OfDisability: 57}}}
	p := g.plan(t, f)
	complete := careplan.Move{To: careplan.Completed}
	cases := []struct {
		name    string
		answers []careplan.Answer
		ok      bool
	}{
		{"all yes", ready(), true},
		{"none", nil, false},
		{"seven", ready()[:7], false},
		{"a no without an action", append(ready(), careplan.Answer{Statement: careplan.KnowsTriggers, Answer: "no"}), false},
		{"a no with one", append(ready(), careplan.Answer{Statement: careplan.KnowsTriggers, Answer: "no", Action: "once more at follow-up"}), true},
		{"partly", append(ready(), careplan.Answer{Statement: careplan.KnowsTriggers, Answer: "partly"}), true},
		{"a word that is no answer", append(ready(), careplan.Answer{Statement: careplan.KnowsTriggers, Answer: "maybe"}), false},
	}
	for _, c := range cases {
		p.Readiness = c.answers
		d := ask(p, f, jan(35), complete)
		if c.ok != (d.Outcome == careplan.Accepted) || !c.ok && codes(d.Broken)[0] != "E_READINESS" {
			t.Errorf("%s: %s %v", c.name, d.Outcome, codes(d.Broken))
		}
	}
	p.Readiness = nil
	d := ask(p, f, jan(35), complete, careplan.Given{Code: careplan.NotReady, Chip: careplan.PatientNeed})
	wants(t, "with a reason", d)
	wants(t, "a week early", ask(given{Facts: g.Facts}.plan(t, f), f, jan(25), complete), "W_WINDOW_SHORT")
	wants(t, "after week 6", ask(given{Facts: g.Facts}.plan(t, f), f, jan(250), complete), "W_WINDOW_LONG")
}

func TestGoalOutcomes(t *testing.T) {
	goal := func(base, target float64, way careplan.Direction) careplan.Goal {
		return careplan.Goal{Baseline: &base, Target: &target, Direction: way, Due: jan(40)}
	}
	cases := []struct {
		name  string
		goal  careplan.Goal
		value float64
		want  careplan.GoalResult
	}{
		{"12 to 6, reached", goal(12, 6, careplan.Lower), 6, careplan.Met},
		{"beyond it", goal(12, 6, careplan.Lower), 2, careplan.Met},
		{"half of the way", goal(12, 6, careplan.Lower), 9, careplan.PartlyMet},
		{"less than half", goal(12, 6, careplan.Lower), 9.1, careplan.NotMet},
		{"worse", goal(12, 6, careplan.Lower), 13, careplan.NotMet},
		{"50 to 60, upwards", goal(50, 60, careplan.Higher), 60, careplan.Met},
		{"half upwards", goal(50, 60, careplan.Higher), 55, careplan.PartlyMet},
		{"held", goal(4, 4, careplan.Lower), 4, careplan.Met},
		{"not held", goal(4, 4, careplan.Lower), 5, careplan.NotMet},
		{"a goal without direction", goal(12, 6, ""), 6, ""},
	}
	for _, c := range cases {
		c.goal.Value = &c.value
		if got := c.goal.Outcome(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := goal(12, 6, careplan.Lower).Outcome(); got != "" {
		t.Errorf("nobody measured, and the outcome is %q", got)
	}
	if got := (careplan.Goal{NotAssessed: true}).Outcome(); got != careplan.NotAssessed {
		t.Errorf("said to be not assessed: %q", got)
	}
}

func TestAJudgementAgainstTheNumbersNeedsAReason(t *testing.T) {
	f := careplan.Default()
	p := given{Facts: facts{Values: map[careplan.Domain]float64{careplan.OfFrequency: 9}}}.plan(t, f)
	wants(t, "no reason", ask(p, f, jan(8), careplan.Assess{Goal: "days", Outcome: careplan.Met}), "E_VALUE")
	wants(t, "typing an outcome without numbers", ask(p, f, jan(8), careplan.Assess{Goal: "function", Outcome: careplan.Met}), "E_VALUE")
	wants(t, "no such goal", ask(p, f, jan(8), careplan.Assess{Goal: "none", Outcome: careplan.Met}), "E_VALUE")
	wants(t, "what the numbers say", ask(p, f, jan(8), careplan.Assess{Goal: "days", Outcome: careplan.PartlyMet}))
	d := ask(p, f, jan(8), careplan.Assess{Goal: "days", Outcome: careplan.Met, Reason: careplan.Given{Chip: careplan.ClinicalNeed}})
	if d.Plan.Goals[0].Outcome() != careplan.Met || d.Plan.Goals[0].Computed() != careplan.PartlyMet || len(d.Events) != 1 {
		t.Errorf("%s %v %q", d.Outcome, codes(d.Broken), d.Plan.Goals[0].Outcome())
	}
	if p.Goals[0].Judged != nil {
		t.Error("the plan that was asked about has changed")
	}
}

func TestSuggestedGoals(t *testing.T) {
	cases := []struct {
		domain  careplan.Domain
		base    float64
		chronic bool
		want    float64
	}{
		{careplan.OfFrequency, 12, false, 6}, {careplan.OfFrequency, 20, true, 14}, {careplan.OfIntensity, 7, false, 5}, {careplan.OfIntensity, 1, false, 0},
		{careplan.OfDisability, 64, false, 58}, {careplan.OfDisability, 38, false, 36}, {careplan.OfQualityOfLife, 60, false, 65}, {careplan.OfQualityOfLife, 98, false, 100},
	}
	for _, c := range cases {
		g, ok := careplan.SuggestGoal(c.domain, c.base, c.chronic)
		g.Due = jan(40)
		if !ok || *g.Target != c.want || !g.Complete() {
			t.Errorf("%s from %v: %v", c.domain, c.base, *g.Target)
		}
	}
	if _, ok := careplan.SuggestGoal(careplan.OfSleep, 6, false); ok {
		t.Error("there is no suggestion for sleep")
	}
}

func TestConsistency(t *testing.T) {
	f := careplan.Default()
	for _, c := range []struct {
		name        string
		home, diary careplan.Share
		want        []careplan.Code
	}{
		{"nothing prescribed, nothing asked", careplan.Share{}, careplan.Share{}, nil},
		{"at the line", careplan.Share{Done: 6, Of: 10}, careplan.Share{Done: 7, Of: 10}, nil},
		{"below it", careplan.Share{Done: 59, Of: 100}, careplan.Share{Done: 69, Of: 100}, []careplan.Code{careplan.PoorAdherence, careplan.PoorDiary}},
	} {
		p := given{}.plan(t, f)
		p.Home, p.Diary = c.home, c.diary
		var got []careplan.Code
		for _, flag := range careplan.FlagsOn(p, f, jan(8)) {
			got = append(got, flag.Code)
			if flag.Message == "" || flag.Key == "" {
				t.Errorf("%s says nothing", flag.Code)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if v := (careplan.Share{Done: 12, Of: 10}).Value(); *v != 1 {
		t.Errorf("more than prescribed is %v", *v)
	}
}

func TestCertificationPaths(t *testing.T) {
	f := careplan.Default()
	f.Regulation = careplan.USMedicare()
	due := jan(35)
	cases := []struct {
		name string
		cert careplan.Certification
		on   clinic.Day
		want careplan.Code
	}{
		{"signed on the due day", careplan.Certification{Signed: due}, due.Add(5), ""},
		{"signed a day later", careplan.Certification{Signed: due.Add(1)}, due.Add(5), careplan.CertLate},
		{"verbal, the signature not yet due", careplan.Certification{Verbal: jan(20)}, jan(34), ""},
		{"verbal, the signature overdue", careplan.Certification{Verbal: jan(30)}, jan(45), careplan.CertLate},
		{"verbal, signed within 14 days", careplan.Certification{Verbal: jan(30), Signed: jan(44)}, jan(45), ""},
		{"verbal, signed on day 15", careplan.Certification{Verbal: jan(30), Signed: jan(45)}, jan(45), careplan.CertLate},
		{"sent without an order", careplan.Certification{Sent: jan(10)}, jan(25), careplan.CertDue},
		{"nothing before day 20", careplan.Certification{}, jan(23), ""},
		{"nothing on day 20", careplan.Certification{}, jan(24), careplan.CertDue},
	}
	for _, c := range cases {
		p := given{}.plan(t, f)
		p.Certifications = []careplan.Certification{c.cert}
		var got careplan.Code
		for _, flag := range careplan.FlagsOn(p, f, c.on) {
			if strings.HasPrefix(string(flag.Code), "F_CERT") {
				got = flag.Code
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	old := given{Start: clinic.MustDay("2024-12-30")}.plan(t, f)
	old.Certifications = []careplan.Certification{{Ordered: old.Start, Sent: old.Start}}
	if flags := careplan.FlagsOn(old, f, old.Start.Add(25)); len(flags) != 1 || flags[0].Code != careplan.CertDue {
		t.Errorf("the order exception reached back before 2025: %v", flags)
	}
	p := given{PlannedEnd: jan(40)}.plan(t, f)
	p.Certifications = []careplan.Certification{{From: jan(41), Signed: jan(41)}}
	if got := careplan.CertifiedThrough(p, f); got != jan(41).Add(89) {
		t.Errorf("recertified through %s", got)
	}
}

func TestTheProgressReportIsOfTheEpisode(t *testing.T) {
	f := careplan.Default()
	f.Regulation = careplan.USMedicare()
	p := given{}.plan(t, f)
	for i := range 9 {
		p.Earlier = append(p.Earlier, jan(5).Add(-30+i))
	}
	wants(t, "nine dates of an earlier plan and this one's first", ask(p, f, jan(8), careplan.Attend{Visit: "x", To: careplan.CheckedIn}), "E_PROGRESS_OVERDUE")
	p.Reports = []clinic.Day{jan(5).Add(-21)}
	p.Earlier = []clinic.Day{jan(5).Add(-22)}
	for i := range 9 {
		p.Earlier = append(p.Earlier, jan(5).Add(-20+i))
	}
	d := ask(p, f, jan(8), careplan.Attend{Visit: "x", To: careplan.Done, Kind: careplan.Evaluation, StartedAt: on(jan(5).Add(-25))})
	if slices.Contains(d.Plan.Visits[1].NeedsReason, careplan.ProgressOverdue) {
		t.Error("a date that the report covers was held against it")
	}
	p.Reports = []clinic.Day{jan(5)}
	wants(t, "reported on its first day", ask(p, f, jan(8), careplan.Attend{Visit: "x", To: careplan.CheckedIn}))
}

func TestDirectAccessByVisits(t *testing.T) {
	f := careplan.Default()
	f.Regulation = careplan.DirectAccess(0, 2)
	p := given{Visits: &[]clinic.Day{jan(5), jan(7)}}.plan(t, f)
	wants(t, "the third visit", ask(p, f, jan(9), careplan.Attend{Visit: "x", To: careplan.CheckedIn}), "E_DIRECT_ACCESS")
	p.ReferredOn = jan(10)
	wants(t, "referred a day too late", ask(p, f, jan(9), careplan.Attend{Visit: "x", To: careplan.CheckedIn}), "E_DIRECT_ACCESS")
	wants(t, "referred that day", ask(p, f, jan(10), careplan.Attend{Visit: "x", To: careplan.CheckedIn}))
}

func TestOpenRedFlagsStopTreatmentAndNeverItsRecord(t *testing.T) {
	f := careplan.Default()
	base := given{}.plan(t, f)
	cases := []struct {
		level    careplan.Level
		category careplan.Category
		stopped  bool
	}{
		{careplan.Emergency, careplan.Manual, true}, {careplan.Emergency, careplan.ExerciseSpecific, true}, {careplan.Urgent, careplan.Manual, true},
		{careplan.Urgent, careplan.ModalityElectrical, true}, {careplan.Urgent, careplan.ExerciseSpecific, false}, {careplan.Soon, careplan.Manual, false},
	}
	for _, c := range cases {
		p := base
		p.Alerts = []careplan.Level{c.level}
		act := ask(p, f, jan(5), careplan.Treat{Visit: "va", Category: c.category})
		record := ask(p, f, jan(5), careplan.Treat{Visit: "va", Category: c.category, Given: true})
		if (act.Outcome == careplan.Refused) != c.stopped || record.Outcome != careplan.Accepted || record.Alert != c.stopped {
			t.Errorf("%s, %s: act %s, record %s, alert %v", c.level, c.category, act.Outcome, record.Outcome, record.Alert)
		}
	}
}

func TestTellingThePrescriber(t *testing.T) {
	f := careplan.Default()
	for reason, want := range map[careplan.Rationale]int{careplan.SideEffects: 1, careplan.Ineffective: 1, careplan.Contraindicated: 1, careplan.Preference: 0, careplan.Adjunct: 0} {
		p := given{State: "draft"}.plan(t, f)
		p.Rationale = []careplan.Rationale{reason}
		d := ask(p, f, jan(5), careplan.Move{To: careplan.Active})
		if len(d.Flags) != want || want == 1 && d.Flags[0].Code != careplan.TellPrescriber {
			t.Errorf("%s: flags %v", reason, d.Flags)
		}
	}
}

func TestAFlagThatAPersonClearedStaysDown(t *testing.T) {
	f := careplan.Default()
	p := careplan.Daily(given{}.plan(t, f), f, on(jan(47))).Plan
	p.Flags[0].State = careplan.ByAPerson
	if d := careplan.Daily(p, f, on(jan(48))); len(d.Flags) != 0 {
		t.Errorf("raised again: %v", d.Flags)
	}
	p.Flags[0].State = careplan.Standing
	later := willing(careplan.Active, careplan.Extended)
	d := ask(p, f, jan(48), later)
	if len(d.Flags) != 1 || d.Flags[0].State != careplan.Lowered {
		t.Errorf("after the extension: %v", d.Flags)
	}
}

func TestReportedChanges(t *testing.T) {
	f := careplan.Default()
	p := given{}.plan(t, f)
	patient := careplan.Command{By: careplan.Person{ID: "ann", Role: access.Patient}, At: on(jan(8)), Change: careplan.ReportChange{Reason: careplan.Illness}}
	if d := careplan.Decide(p, f, patient); d.Outcome != careplan.Accepted {
		t.Errorf("a patient reports an illness: %v", codes(d.Broken))
	}
	patient.Change = careplan.ReportChange{Reason: careplan.Illness, AdaptUntil: jan(12)}
	wants(t, "and adapts the dose", careplan.Decide(p, f, patient), "E_ROLE")
	d := ask(p, f, jan(8), careplan.ReportChange{Reason: careplan.Illness, AdaptUntil: jan(12)})
	if d.Plan.AdaptedUntil != jan(12) || d.Plan.State != careplan.Active {
		t.Errorf("%s until %s", d.Plan.State, d.Plan.AdaptedUntil)
	}
	wants(t, "into the past", ask(p, f, jan(8), careplan.ReportChange{Reason: careplan.Illness, AdaptUntil: jan(7)}), "E_VALUE")
	for _, draft := range careplan.Drafts(p, careplan.Illness, jan(8)) {
		wants(t, "an unsigned draft to be "+string(draft.To), ask(p, f, jan(8), draft), "E_ADAPTATION")
		draft.AdaptationNote, draft.Items = "Half the dose.", []string{"neck"}
		wants(t, "a signed one", ask(p, f, jan(8), draft))
	}
	if careplan.Drafts(given{State: "draft"}.plan(t, f), careplan.Illness, jan(8)) != nil {
		t.Error("a draft plan has nothing to pause")
	}
}

func TestWellness(t *testing.T) {
	f := careplan.Default()
	p := given{Facts: facts{Values: map[careplan.Domain]float64{careplan.OfFrequency: 6, careplan.OfDisability: 63}}}.plan(t, f)
	p = accepted(t, p, f, on(jan(35)), careplan.Move{To: careplan.Transitioned})
	if !slices.Equal(p.Wellness.Goals, []string{"function"}) || !slices.Equal(p.Wellness.Focus, []string{"exercise_progression", "lifestyle"}) {
		t.Errorf("carried over %v, focus %v", p.Wellness.Goals, p.Wellness.Focus)
	}
	p = accepted(t, p, f, on(jan(42)), careplan.RecordSession{ID: "w", StartedAt: on(jan(42))})
	p = accepted(t, p, f, on(jan(49)), careplan.EndWellness{})
	if len(p.Wellness.Sessions) != 1 || p.Wellness.End != jan(49) || p.VisitCount != 1 {
		t.Errorf("%+v, %d visits", p.Wellness, p.VisitCount)
	}
	wants(t, "a session after its end", ask(p, f, jan(50), careplan.RecordSession{ID: "x", StartedAt: on(jan(50))}), "E_NO_PLAN")
}

func TestFollowUpDaysStayInTheMonth(t *testing.T) {
	for _, c := range []struct {
		closed string
		months int
		want   string
	}{{"2026-01-31", 3, "2026-04-30"}, {"2025-11-30", 3, "2026-02-28"}, {"2026-02-10", 12, "2027-02-10"}, {"2024-02-29", 12, "2025-02-28"}} {
		if got := careplan.FollowUpDay(clinic.MustDay(c.closed), c.months); got.String() != c.want {
			t.Errorf("%s and %d months: %s, want %s", c.closed, c.months, got, c.want)
		}
	}
}

// Check must see each kind of broken record, or the property test proves nothing.
func TestEachInvariantCanBreak(t *testing.T) {
	f := careplan.Default()
	day := jan(10)
	late := careplan.Visit{ID: "late", Kind: careplan.Treatment, Status: careplan.Done, StartedAt: on(day)}
	cases := []struct {
		want string
		harm func(*careplan.Plan)
	}{
		{"I1", func(p *careplan.Plan) { p.OtherOpen = true }},
		{"I2", func(p *careplan.Plan) { p.Events[0].To = careplan.Extended }},
		{"I3", func(p *careplan.Plan) { p.Start = jan(100) }},
		{"I4", func(p *careplan.Plan) { p.State = careplan.Paused }},
		{"I4", func(p *careplan.Plan) {
			p.Pauses = []careplan.Pause{{Start: jan(8), Resume: jan(12), Begun: true}, {Start: jan(11), Resume: jan(13), Begun: true}}
		}},
		{"I5", func(p *careplan.Plan) {
			p.Pauses = []careplan.Pause{{Start: jan(8), Resume: jan(12), Begun: true}}
			p.Visits = append(p.Visits, late)
		}},
		{"I6", func(p *careplan.Plan) { p.VisitCount = 7 }},
		{"I7", func(p *careplan.Plan) { p.ClosedOn = jan(9); p.Visits = append(p.Visits, late) }},
		{"I7", func(p *careplan.Plan) { p.Start = jan(6) }},
		{"I8", func(p *careplan.Plan) {
			p.Reasons = []careplan.Reason{{Code: careplan.InPause, Chip: careplan.OtherChip, Text: "ok", By: kim, At: time.Unix(1, 0)}}
		}},
		{"I8", func(p *careplan.Plan) {
			p.Reasons = []careplan.Reason{{Code: careplan.InPause, Chip: careplan.ClinicalNeed, By: kim}}
		}},
		{"I9", func(p *careplan.Plan) { p.PlannedVisits = 12 }},
		{"I10", func(p *careplan.Plan) { p.State = careplan.Completed }},
		{"I12", func(p *careplan.Plan) { p.Version++ }},
	}
	for _, c := range cases {
		p := given{}.plan(t, f)
		p.Events = slices.Clone(p.Events)
		if broken := careplan.Check(p, f); broken != nil {
			t.Fatalf("an ordinary plan breaks %v", codes(broken))
		}
		c.harm(&p)
		if got := codes(careplan.Check(p, f)); !slices.Contains(got, c.want) {
			t.Errorf("broken on purpose: %v, want %s", got, c.want)
		}
	}
}

// Every code of the room is named by a test or a vector.
func TestNoCodeIsForgotten(t *testing.T) {
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	tests, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(tests, "testdata/vectors.json") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		told.Write(text)
	}
	constants := regexp.MustCompile(`(\w+)\s+Code = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(constants) < 60 {
		t.Fatalf("only %d codes found", len(constants))
	}
	for _, c := range constants {
		if !strings.Contains(told.String(), `"`+c[2]+`"`) && !strings.Contains(told.String(), "careplan."+c[1]) {
			t.Errorf("no test speaks of %s", c[2])
		}
	}
}

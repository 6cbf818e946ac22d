package careplan

import (
	"errors"

	"interictal/hooks/clinic"
)

// Profile is a clinic's settings for plans of care: every number of §2 that is one. Read a clinic's JSON over
// Default(), so that what it does not say keeps its default.
type Profile struct {
	EvaluationCounts bool `json:"evaluationCounts"` // D1: the evaluation is visit 1
	PausesStopClock  bool `json:"pausesStopClock"`  // D2: days paused do not use up the weeks

	PlannedVisits int `json:"plannedVisits"` // agreed unless somebody says otherwise (S-54)
	FewVisits     int `json:"fewVisits"`     // fewer: W_FEW_VISITS, and below the typical dose (S-53)
	ManyVisits    int `json:"manyVisits"`    // more: W_MANY_VISITS and P-11
	MostVisits    int `json:"mostVisits"`    // more: E_VISITS_RANGE
	PerWeek       int `json:"perWeek"`       // visits a week; more: W_FREQUENCY
	ReviewAt      int `json:"reviewAt"`      // visit after which the review is due

	EarliestDay int `json:"earliestDay"` // plan day: last day of week 4
	LatestDay   int `json:"latestDay"`   // plan day: last day of week 6
	LongestDays int `json:"longestDays"` // planned end at most this many days after the start (26 weeks)

	ExtensionDays   int   `json:"extensionDays"`   // days, unless the extension names a date
	MostExtension   int   `json:"mostExtension"`   // days in one step
	PauseAhead      int   `json:"pauseAhead"`      // days a pause may start ahead
	ReevaluateAfter int   `json:"reevaluateAfter"` // days paused; more: F_REEVAL
	DischargeAfter  int   `json:"dischargeAfter"`  // days paused; more: F_CONSIDER_DISCHARGE
	ScreenWithin    int   `json:"screenWithin"`    // days a red-flag screen holds
	ReasonLength    int   `json:"reasonLength"`    // characters of text that "other" needs
	ReasonDue       int   `json:"reasonDue"`       // days to answer a needs_reason
	ClosingDue      int   `json:"closingDue"`      // days to take the closing measures
	WellnessWithin  int   `json:"wellnessWithin"`  // days from completion; later: W_LATE_WELLNESS
	WellnessReview  int   `json:"wellnessReview"`  // days from the start of a wellness program to its first review
	FollowUpMonths  []int `json:"followUpMonths"`  // after closure

	Attendance int `json:"attendance"` // percent; below: F_ATTENDANCE
	Adherence  int `json:"adherence"`  // percent; below: F_ADHERENCE
	DiaryDays  int `json:"diaryDays"`  // percent; below: F_DIARY

	Regulation Regulation `json:"regulation"`
}

// Check refuses numbers that no clinic can mean; months beyond ten years among them.
func (f Profile) Check() error {
	for _, n := range []int{f.PlannedVisits, f.FewVisits, f.ManyVisits, f.MostVisits, f.PerWeek, f.ReviewAt, f.EarliestDay, f.LatestDay, f.LongestDays,
		f.ExtensionDays, f.MostExtension, f.PauseAhead, f.ReevaluateAfter, f.DischargeAfter, f.ScreenWithin, f.ReasonLength, f.ReasonDue, f.ClosingDue, f.WellnessWithin, f.WellnessReview} {
		if n < 1 || n > 1000 {
			return errors.New("a number of the profile is not between 1 and 1000")
		}
	}
	for _, months := range f.FollowUpMonths {
		if months < 1 || months > 120 {
			return errors.New("a follow-up is not between 1 and 120 months after closure")
		}
	}
	r := f.Regulation
	for _, n := range []int{f.Attendance, f.Adherence, f.DiaryDays, r.CertifyWithin, r.RemindOnDay, r.VerbalHolds, r.CertifyFor, r.ReportEvery, r.MaxDays, r.MaxVisits} {
		if n < 0 || n > 1000 {
			return errors.New("a number of the profile is not between 0 and 1000")
		}
	}
	return nil
}

// Default is the specification's profile, without regulation.
func Default() Profile {
	return Profile{
		EvaluationCounts: true, PausesStopClock: true,
		PlannedVisits: 6, FewVisits: 6, ManyVisits: 10, MostVisits: 30, PerWeek: 3, ReviewAt: 6,
		EarliestDay: 28, LatestDay: 42, LongestDays: 26 * 7,
		ExtensionDays: 14, MostExtension: 28, PauseAhead: 60, ReevaluateAfter: 21, DischargeAfter: 60,
		ScreenWithin: 14, ReasonLength: 20, ReasonDue: 7, ClosingDue: 14, WellnessWithin: 90, WellnessReview: 28,
		FollowUpMonths: []int{3, 6, 12},
		Attendance:     75, Adherence: 60, DiaryDays: 70,
	}
}

// Regulation is a body of law as data (§2.9). A zero number means that the law has no such rule; the zero Regulation
// is the profile `none`, and any other mixture is `custom`. Days are calendar days, dates local.
type Regulation struct {
	Name string `json:"name"`

	CertifyWithin int        `json:"certifyWithin"` // R3: days after the first treatment day
	RemindOnDay   int        `json:"remindOnDay"`   // R3: plan day from which F_CERT_DUE stands
	VerbalHolds   int        `json:"verbalHolds"`   // R3: days until a verbal certification must be signed
	OrderFrom     clinic.Day `json:"orderFrom"`     // R4: an order plus transmission is enough for plans from this date
	CertifyFor    int        `json:"certifyFor"`    // R5: days a certification lasts at most
	ReportEvery   int        `json:"reportEvery"`   // R6: treatment dates an episode

	MaxDays   int `json:"maxDays"`   // R7: days after the start without a referral
	MaxVisits int `json:"maxVisits"` // R7: visits without a referral
}

// USMedicare is 42 CFR 410.61 and 424.24, R3–R6.
func USMedicare() Regulation {
	return Regulation{Name: "us_medicare", CertifyWithin: 30, RemindOnDay: 20, VerbalHolds: 14,
		OrderFrom: clinic.MustDay("2025-01-01"), CertifyFor: 90, ReportEvery: 10}
}

// DirectAccess is a state's law on treatment without a referral, R7.
func DirectAccess(maxDays, maxVisits int) Regulation {
	return Regulation{Name: "direct_access", MaxDays: maxDays, MaxVisits: maxVisits}
}

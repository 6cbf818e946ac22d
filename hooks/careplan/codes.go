package careplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"interictal/hooks/clinic"
)

// Code names a rule, for ever.
type Code string

const (
	NotThisTransition Code = "E_TRANSITION"
	NotThisRole       Code = "E_ROLE"
	BadValue          Code = "E_VALUE"
	NoEvaluation      Code = "E_NO_EVALUATION"
	NoRedFlagScreen   Code = "E_NO_REDFLAG_SCREEN"
	RedFlagOpen       Code = "E_REDFLAG_OPEN"
	PlanContent       Code = "E_PLAN_CONTENT"
	RegionMissing     Code = "E_REGION_GROUP_MISSING"
	ItemNoGoal        Code = "E_ITEM_NO_GOAL"
	NoConsent         Code = "E_NO_CONSENT"
	PlanOverlap       Code = "E_PLAN_OVERLAP"
	PauseDate         Code = "E_PAUSE_DATE"
	Adaptation        Code = "E_ADAPTATION"
	ExtensionLength   Code = "E_EXTENSION_LENGTH"
	GoalOutcome       Code = "E_GOAL_OUTCOME"
	NotReady          Code = "E_READINESS"
	ReasonShort       Code = "E_REASON_SHORT"
	WindowRange       Code = "E_WINDOW_RANGE"
	VisitsRange       Code = "E_VISITS_RANGE"
	SignedLimits      Code = "E_SIGNED_LIMITS"
	NoPlan            Code = "E_NO_PLAN"
	PlanClosed        Code = "E_PLAN_CLOSED"
	InPause           Code = "E_PAUSED"
	ReviewDue         Code = "E_REVIEW6_DUE"
	OverPlanned       Code = "E_OVER_PLANNED"
	VisitLimit        Code = "E_VISIT_LIMIT"
	PastWindow        Code = "E_PAST_WINDOW"
	CertExpired       Code = "E_CERT_EXPIRED"
	ProgressOverdue   Code = "E_PROGRESS_OVERDUE"
	NoReferral        Code = "E_DIRECT_ACCESS"
	RescreenDue       Code = "E_RESCREEN_DUE"

	WindowShort        Code = "W_WINDOW_SHORT"
	WindowLong         Code = "W_WINDOW_LONG"
	FewVisits          Code = "W_FEW_VISITS"
	ManyVisits         Code = "W_MANY_VISITS"
	Frequency          Code = "W_FREQUENCY"
	LimitAhead         Code = "W_VISIT_LIMIT"
	SameDay            Code = "W_SAME_DAY"
	GoalDomain         Code = "W_GOAL_DOMAIN"
	NoPrescriber       Code = "W_NO_PRESCRIBER"
	NeckBaseline       Code = "W_NECK_BASELINE"
	UnaddressedProblem Code = "W_UNADDRESSED_PROBLEM"
	NoExercise         Code = "W_NO_EXERCISE"
	ModalityOnly       Code = "W_MODALITY_ONLY"
	SingleCategory     Code = "W_SINGLE_CATEGORY"
	LateWellness       Code = "W_LATE_WELLNESS"
	ReasonNotTaken     Code = "W_REASON_NOT_TAKEN"

	PastWeek6         Code = "F_PAST_WEEK6"
	Reevaluate        Code = "F_REEVAL"
	ConsiderDischarge Code = "F_CONSIDER_DISCHARGE"
	WellnessDecision  Code = "F_WELLNESS_DECISION"
	ClosingMeasures   Code = "F_CLOSING_MEASURES"
	TellPrescriber    Code = "F_TELL_PRESCRIBER"
	CertDue           Code = "F_CERT_DUE"
	CertLate          Code = "F_CERT_LATE"
	ProgressDue       Code = "F_PROGRESS_DUE"
	PoorAttendance    Code = "F_ATTENDANCE"
	PoorAdherence     Code = "F_ADHERENCE"
	PoorDiary         Code = "F_DIARY"
	ReasonOverdue     Code = "F_REASON_OVERDUE"
)

// Tasks of a plan.
const (
	Review6Task  Code = "REVIEW_6"
	ReasonTask   Code = "NEEDS_REASON"
	ClosingTask  Code = "CLOSING_MEASURES"
	RegionTask   Code = "EXAMINE_REGION"
	FollowUpTask Code = "FOLLOW_UP"
	WellnessTask Code = "WELLNESS_REVIEW"
)

// overridable: refused unless a therapist gives a reason. Every other E_ is HARD.
var overridable = []Code{InPause, ReviewDue, OverPlanned, VisitLimit, PastWindow, CertExpired, ProgressOverdue, NotReady}

// sentences, one a rule, for a therapist; {name} takes that parameter.
var sentences = map[Code]string{
	NotThisTransition: "This cannot go from {from} to {to}.",
	NotThisRole:       "This step belongs to {who}.",
	BadValue:          "Please choose a valid {field}.",
	NoEvaluation:      "The plan can start once the evaluation visit is completed.",
	NoRedFlagScreen:   "A red-flag screen from the last {days} days is needed first.",
	RedFlagOpen:       "A red-flag alert is open; it needs a clinician's answer first.",
	PlanContent:       "The plan still needs: {missing}.",
	RegionMissing:     "Please note a finding, even \"not indicated\", for: {missing}.",
	ItemNoGoal:        "Each plan item serves a goal; please link: {items}.",
	NoConsent:         "The patient's consent is not recorded yet.",
	PlanOverlap:       "Another plan of this episode is still open.",
	PauseDate:         "A pause needs a free date: {why}.",
	Adaptation:        "Please say what is adapted, and change or confirm at least one plan item.",
	ExtensionLength:   "One extension moves the end by 1 to {max} days, so to {latest} at the latest.",
	GoalOutcome:       "Each goal needs an outcome; \"not assessed\" is one. Missing: {goals}.",
	NotReady:          "The readiness checklist is not finished: {missing}.",
	ReasonShort:       "With \"other\", please say it in at least {length} characters.",
	WindowRange:       "The planned end must lie between {from} and {to}.",
	VisitsRange:       "The number of visits must lie between {from} and {to}.",
	SignedLimits:      "The limits of a signed plan change through an extension.",
	NoPlan:            "There is no signed plan for this yet.",
	PlanClosed:        "This plan is closed.",
	InPause:           "The plan is paused since {since}; it can be resumed from today.",
	ReviewDue:         "The review of visit {review} comes before visit {visit}.",
	OverPlanned:       "This is visit {visit} of {planned} planned; an extension is the usual way.",
	VisitLimit:        "Visit {visit} goes beyond {limit}; it needs a medical extension, or may be a wellness session.",
	PastWindow:        "The agreed time ended on {until}; an extension is the usual way.",
	CertExpired:       "The certification ended on {through}.",
	ProgressOverdue:   "A progress report is due: {dates} treatment dates since the last one.",
	NoReferral:        "Without a referral, treatment may last {days} days and {visits} visits (0: no limit).",
	RescreenDue:       "Health has changed; contraindications need a new screen before manual or electrical treatment.",

	WindowShort:        "The end lies before {earliest}, the last day of week 4.",
	WindowLong:         "The end lies after {latest}, the last day of week 6.",
	FewVisits:          "Fewer than {from} visits are planned.",
	ManyVisits:         "More than {to} visits are planned; visit {next} will need a medical extension.",
	Frequency:          "More than {most} visits a week are planned.",
	LimitAhead:         "Visit {visit} goes beyond {limit}; it needs a medical extension, or may be a wellness session.",
	SameDay:            "There is another visit on {day}; together they count as one.",
	GoalDomain:         "No goal is about frequency, intensity, disability or quality of life.",
	NoPrescriber:       "No prescriber is named yet.",
	NeckBaseline:       "The neck questionnaire (NDI) or the neck pain score of the evaluation is missing.",
	UnaddressedProblem: "Neither addressed nor deferred: {problems}.",
	NoExercise:         "The plan has no exercise.",
	ModalityOnly:       "The plan holds nothing but modalities.",
	SingleCategory:     "The plan holds fewer than two kinds of care.",
	LateWellness:       "The wellness program starts more than {days} days after completion.",
	PastWeek6:          "The agreed time ended on {until}; complete, extend or discharge?",
	Reevaluate:         "After {days} days of pause a re-evaluation is due.",
	ConsiderDischarge:  "The pause has lasted {days} days; is a discharge kinder?",
	WellnessDecision:   "{visits} visits are done: wellness, completion, or a medical extension?",
	ClosingMeasures:    "Closing measures are still to be taken: {missing}.",
	TellPrescriber:     "The reason for physical therapy is news for the prescriber.",
	CertDue:            "The plan needs its certification by {due}.",
	CertLate:           "The certification was due on {due}; delayed certification needs its reason.",
	ProgressDue:        "A progress report is due after {dates} treatment dates.",
	PoorAttendance:     "Visits are being missed. What gets in the way?",
	PoorAdherence:      "Home sessions are being missed. What gets in the way?",
	PoorDiary:          "The diary has gaps. What gets in the way?",
	ReasonOverdue:      "A visit has waited for its reason since {due}.",

	ReasonNotTaken: "The visit is stored; the reason for {code} still needs a therapist and a full sentence.",
}

// params are the numbers of a sentence.
type params map[string]any

// breaks makes the broken rule of a code: its severity follows from its first letter and the list above.
func breaks(code Code, numbers params) clinic.Broken {
	severity := clinic.Warn
	switch {
	case slices.Contains(overridable, code):
		severity = clinic.Override
	case strings.HasPrefix(string(code), "E_"):
		severity = clinic.Hard
	}
	return clinic.Broken{Code: string(code), Severity: severity, Message: say(sentences[code], numbers), Params: numbers}
}

func say(sentence string, numbers params) string {
	for _, name := range slices.Sorted(maps.Keys(numbers)) {
		sentence = strings.ReplaceAll(sentence, "{"+name+"}", words(numbers[name]))
	}
	return sentence
}

func words(value any) string {
	if list, ok := value.([]string); ok {
		return strings.ReplaceAll(strings.Join(list, ", "), "_", " ")
	}
	return fmt.Sprint(value)
}

// ahead is the same rule about something that is only being planned: W_PAUSED for E_PAUSED.
func ahead(b clinic.Broken) clinic.Broken {
	b.Code = "W_" + strings.TrimPrefix(b.Code, "E_")
	b.Severity = clinic.Warn
	return b
}

// Sentence is what a rule says of these numbers; "" for a code that is no rule of the plan of care.
func Sentence(code Code, numbers map[string]any) string { return say(sentences[code], numbers) }

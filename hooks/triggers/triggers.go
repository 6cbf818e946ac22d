// Package triggers says what one person's diary can honestly say about what her attacks are linked with (spec/clinical.md
// §4). It never says "cause", ranks nothing, forecasts nothing, and says "not enough days yet" when that is the truth.
// It has no clock and no database.
//
// # The question
//
// A naive count ("headache on most days with wine") tells half of all people a false trigger: attacks last for days, months
// differ, and with twenty factors something always looks odd. So only beginnings are counted, only days on which
// one could begin, and only against other days of the same four weeks.
//
//	recorded   the check-in of the day was answered, at most 7 days after it. A day known from an attack entry alone is
//	           not: headache days would be kept and free days lost.
//	at risk    recorded, the day before recorded, and no headache on the day before.
//	onset      at risk, and a headache day.
//	exposed    met the factor `lag` days earlier, on a recorded day. The lag is fixed in the catalogue before any result:
//	           0 for what ends before the day begins (last night's sleep, the weather at midnight, the menstrual
//	           window), 1 for the rest. An unknown exposure drops the day, for this factor only; nothing is filled in.
//	block      28 days. Before and since the start of a plan are two series, so neither a slow trend nor the treatment
//	           can look like a trigger.
//
// A number becomes exposed or not by a rule that is fixed in advance and stored with the result: a clinical cut (under 6
// hours of sleep, any alcohol) or the person's own median over her at-risk days, strictly above it.
//
// # Enough data
//
// At least 60 recorded days, and 70 of 100 days recorded; for each factor 45 at-risk days with known exposure, 8 onsets,
// 5 exposed days and 5 others, and 2 blocks that have both kinds of each. Else the answer is what is missing: "3 more
// attacks, or about 5 weeks". With 15 headache days or more in 28, too few days are at risk: no onsets are analysed, and the
// severity of the headache with and without the factor is shown instead, as a description.
//
// # The calculation (§4.4)
//
// In each block the days are taken as they are: n at risk, k onsets, m exposed. If the factor did not matter, each way to
// place the onsets among the days would be as likely as any other; so the chance of a exposed onsets is counted
// exactly, over all blocks together. No approximation is used: in real data they say 0.03 where the exact answer is 0.12.
//
// Example: 20 days at risk, 4 onsets, 7 exposed days, 3 of the onsets exposed; then 18, 3, 6, 2; then 22, 5, 9, 4. So 9 of 22
// exposed days and 3 of 38 others began an attack. Exact p 0.0046, odds ratio 7.1 (1.8 to 36). A sceptical reader, who
// expects most factors to matter little (odds ratio 0.38 to 2.66 before seeing anything), ends at 2.0 (0.94 to 4.4) and
// holds 1.2 or more for 91 % likely. Among the four factors of that diary q is 0.0093: "likely linked with more attacks".
//
// # The words
//
//	likely    q ≤ 0.10 (Benjamini–Hochberg over all factors of the run) and the sceptic at least 90 % sure of 1.2 or more
//	possible  the sceptic at least 80 % sure
//	no clear link, or not enough days yet
//
// The same for fewer attacks, for factors of the day before only: people do more on good days, and the text says so.
// What can be an early sign of an attack already under way (neck pain, craving, yawning, …) is never called a trigger,
// however strong the link: statistics cannot tell the two apart. It is called an early warning sign, which is useful:
// a good moment for the early-attack plan. To learn more of a safe factor there is the planned test (see Test).
package triggers

import (
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// Version of the rules; it is stored with every result.
const Version = "triggers-1"

// Diary is what an analysis rests on.
type Diary struct {
	Days  []diary.Day         // one for each calendar day, in order, without a hole
	Late  map[clinic.Day]bool // the check-in was made more than 7 days after the day (diary.Lateness)
	Start clinic.Day          // of the plan of care; no day without one
}

// Factor is one thing a person watches, with what she said of each day.
type Factor struct {
	ID        string
	Code      string // in the catalogue; "" = the person's own
	Name      string
	Kind      Kind
	Lag       int
	Cut       Cut
	Prodrome  bool // may be an early sign of an attack under way
	Exposures map[clinic.Day]Exposure
}

// Kind of a factor: asked as yes or no, or as a number.
type Kind string

const (
	YesNo  Kind = "yes_no"
	Number Kind = "number"
)

// Exposure is one day's answer.
type Exposure struct {
	Met    clinic.YesNo
	Amount *float64
	Late   bool // said more than 7 days after the day
}

// Cut makes a number exposed or not.
type Cut struct {
	Rule CutRule `json:"rule"`
	At   float64 `json:"at"` // of the median rule: the median that was found
}

type CutRule string

const (
	Median  CutRule = "median" // strictly above the person's own median over at-risk days
	Above   CutRule = "above"
	Below   CutRule = "below"
	AtLeast CutRule = "at_least"
)

// CutRules in the order in which they are offered.
var CutRules = []CutRule{Median, Above, Below, AtLeast}

func (c Cut) exposed(amount float64) bool {
	switch c.Rule {
	case Below:
		return amount < c.At
	case AtLeast:
		return amount >= c.At
	}
	return amount > c.At
}

// Label is what is said of a factor.
type Label string

const (
	LikelyMore       Label = "likely_more_attacks"
	PossibleMore     Label = "possible_more_attacks"
	LikelyFewer      Label = "likely_fewer_attacks"
	PossibleFewer    Label = "possible_fewer_attacks"
	LikelyEarlySign  Label = "likely_early_warning_sign"
	PossibleEarly    Label = "possible_early_warning_sign"
	NoClearLink      Label = "no_clear_link"
	InsufficientData Label = "insufficient_data"
	DescriptiveOnly  Label = "descriptive_only" // too many headache days for onsets
)

// Linked: there is something to talk about.
func (l Label) Linked() bool {
	return l != NoClearLink && l != InsufficientData && l != DescriptiveOnly
}

const (
	falseAmongCalled = 0.10 // Benjamini–Hochberg
	sure             = 0.90
	ratherSure       = 0.80
)

// label reads the rule of §4.4 off the numbers. Fewer attacks are only called for the day before: on the day itself a good
// day is the reason as often as the result.
func label(e Estimate, q float64, f Factor) Label {
	more, fewer := LikelyMore, LikelyFewer
	if q > falseAmongCalled || max(e.PUp, e.PDown) < sure {
		more, fewer = PossibleMore, PossibleFewer
	}
	switch {
	case e.PUp >= ratherSure && f.Prodrome:
		return map[Label]Label{LikelyMore: LikelyEarlySign, PossibleMore: PossibleEarly}[more]
	case e.PUp >= ratherSure:
		return more
	case e.PDown >= ratherSure && f.Lag == 1:
		return fewer
	}
	return NoClearLink
}

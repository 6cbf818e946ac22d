// Package erasure decides what goes and what stays when a patient is erased (spec/clinical.md, GDPR 17 and its limit 17(3)(c)).
//
// A patient may ask for all of it to go. A clinic must keep the record of the
// care it gave: signed plans, visits, findings, prescriptions, and to whom they belong. So
// her diary, her answers, her messages and her account go; the care record is locked
// away until its term is over, and goes then. Where no care was given, nothing stays.
//
//	Term(last day of care, born, years)  →  until when, and by what
//
// A term counts from the last day of care; for somebody who was a child then, from the
// 18th birthday. A clinic that has set no term keeps ten years, the longest that is common.
package erasure

import (
	"time"

	"interictal/hooks/clinic"
)

// Why says by what a row stays.
type Why string

const (
	Gone     Why = ""         // it goes
	Identity Why = "IDENTITY" // whose record it is
	Care     Why = "CARE"     // the record of the care that was given
	Safety   Why = "SAFETY"   // what was reported as dangerous, and what became of it
	Consent  Why = "CONSENT"  // that, and when, she agreed
)

// stays are the collections of the care record. What is not named here goes.
var stays = map[string]Why{
	"patients": Identity, "consents": Consent, "care_team_members": Care,
	"plans": Care, "plan_events": Care, "plan_versions": Care, "care_documents": Care, "visits": Care, "visit_notes": Care, "visit_interventions": Care, "problems": Care, "goals": Care, "plan_items": Care,
	"plan_measures": Care, "headache_diagnoses": Care, "impairments": Care, "physical_measures": Care, "comorbidities": Care, "readiness_answers": Care,
	"referrals": Care, "certifications": Care, "progress_reports": Care, "report_replies": Care, "exercises": Care, "exercise_versions": Care, "followups": Care,
	"wellness_programs": Care, "wellness_sessions": Care,
	"health_facts": Safety, "safety_alerts": Safety, "safety_screens": Safety, "manipulation_screens": Safety, "adverse_events": Safety,
}

// Of says whether the rows of a collection stay, and by what. Without care nothing does.
func Of(collection string, care bool) Why {
	if !care {
		return Gone
	}
	return stays[collection]
}

// Collections of the care record.
func Collections() map[string]Why { return stays }

// UsualYears are kept where the clinic has set no term.
const UsualYears = 10

// Term is until when a record is kept.
type Term struct {
	Until clinic.Day `json:"until"`
	Years int        `json:"years"`
	By    string     `json:"by"`   // CLINIC or USUAL
	From  string     `json:"from"` // LAST_CARE or EIGHTEENTH_BIRTHDAY
}

// TermOf counts the term; born may be unknown (zero).
func TermOf(lastCare, born clinic.Day, years int) Term {
	t := Term{Years: years, By: "CLINIC", From: "LAST_CARE"}
	if years == 0 {
		t.Years, t.By = UsualYears, "USUAL"
	}
	from := lastCare
	if grown := anniversary(born, 18); born.Valid() && grown > from {
		from, t.From = grown, "EIGHTEENTH_BIRTHDAY"
	}
	t.Until = anniversary(from, t.Years)
	return t
}

// anniversary: 29 February becomes 1 March in other years.
func anniversary(d clinic.Day, years int) clinic.Day {
	return clinic.DayOf(d.Start(time.UTC).AddDate(years, 0, 0), time.UTC)
}

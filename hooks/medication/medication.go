// Package medication counts the days on which acute headache medicine was taken, sets them beside the limits of the
// International Classification of Headache Disorders (ICHD-3, 8.2 medication-overuse headache), and says how often a
// treated attack was free of pain two hours later. It diagnoses nothing, forecasts nothing, and never says what to take
// (spec/clinical.md §3.6, §7.5). It has no clock and no database; today and now are arguments.
//
// # The month
//
// Days are counted, not doses: two tablets on one day are one day. The month is the 30 local days that end today, in the
// zone where the person was (room diary). Every logged dose counts, also on a day without a check-in. The limits are not
// scaled to 28 days, and with fewer than 21 recorded days of the 30 nothing is said (NOT_ENOUGH_DAYS).
//
//	class                                        limit   source
//	triptan                                      10      ICHD-3 8.2.2
//	ergotamine                                   10      ICHD-3 8.2.1
//	opioid                                       10      ICHD-3 8.2.4
//	combination analgesic                        10      ICHD-3 8.2.5; with butalbital, codeine or caffeine
//	simple analgesic                             15      ICHD-3 8.2.3; paracetamol, aspirin, other NSAID: one class
//	several classes, one of them of 10 days      10      ICHD-3 8.2.6
//	gepant, ditan, antiemetic, unclassified      none    the days are shown
//	neuromodulation, cold                        none    the days are shown; they are no drugs
//
// Several classes: a day counts once, whichever of the classes above it was. 8.2.6 speaks of classes "not individually
// overused", so the sum is a finding only where it says more than each of its classes does.
//
// # Findings
//
//	MED_NEAR      8 days of 10, 12 of 15: four fifths of a limit
//	MED_OVER      the limit is met
//	MOH_PATTERN   in each of the last three blocks of 30 days: ≥21 recorded days, ≥15 headache days, a limit met.
//	              It is a pattern that fits 8.2 A and B. Whether it is that disorder, a doctor says.
//
// Example: a triptan on 6 days and ibuprofen on 5 others. Neither meets its own limit; together they are 11 days of 10:
// MED_OVER, several. Paracetamol on 6 days and ibuprofen on 5 others are one class, 11 of 15: nothing yet.
//
// A finding becomes a flag once, and is withdrawn once when it holds no more: because days left the month, a late entry
// changed the count, or too few days are recorded. If it comes back, that is a new flag (Renew).
//
// # Effect
//
// A treated attack is one whose first acute drug was taken at pain ≥4. Entries that are one attack (diary.Merge) count
// once. Two-hour freedom: NRS 0 two hours after that dose, of the treated attacks with an answer at two hours. Sustained
// for 24 hours: the same, and no pain again and no further dose within 24 hours of it; it is known only when the day on
// which the 24 hours end is recorded, for silence is no answer. Each comes with its n and the Wilson interval; with fewer
// than five attacks there is no percentage (TOO_FEW_ATTACKS).
//
// The phases are those of the plan: baseline before it began, plan while it runs, after its closing date. A difference
// between them is a difference, not an effect of the plan.
package medication

import (
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// T-MED stands on every view of medicines (§7.5).
const Advice = "Do not stop or change medicine because of this app. Ask the person who prescribed it."

// Medicine as the patient lists it.
type Medicine struct {
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	Strength   string           `json:"strength"`
	Class      diary.Class      `json:"class"`
	Indication diary.Indication `json:"indication"`
	Started    clinic.Day       `json:"startedOn"`
	Stopped    clinic.Day       `json:"stoppedOn"` // its last day
	Prescriber string           `json:"prescriber"`
}

// Intake is one dose and what came of it.
type Intake struct {
	diary.Dose
	ID       string
	Medicine string // its id
	Before   clinic.NRS
	TwoHours clinic.NRS
	Redosed  clinic.YesNo // taken again within 24 hours, by her word
}

// Doses are the intakes as the room diary reads them.
func Doses(all []Intake) []diary.Dose {
	out := make([]diary.Dose, len(all))
	for i, in := range all {
		out[i] = in.Dose
	}
	return out
}

// DrugStopped judges a dose of a medicine that was stopped: its last day is the one written in the list, and a dose of a
// later day contradicts it. Both are what somebody wrote; a person has to say which holds. The same answer comes when a
// last day is set before a dose that is there already, so the order in which two phones sync changes nothing.
func DrugStopped(dose, stopped clinic.Day) []clinic.Broken {
	if !stopped.Valid() || dose <= stopped {
		return nil
	}
	return []clinic.Broken{{Code: "E_DRUG_STOPPED", Severity: clinic.Hard,
		Message: "In your list this medicine was stopped before this dose. Open the medicine again, or correct the day or the medicine. The entry stays on your phone until then.",
		Params:  map[string]any{"stoppedOn": stopped.String(), "takenOn": dose.String()}}}
}

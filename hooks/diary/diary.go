// Package diary turns what a person wrote down into attacks, days and 28-day windows. It decides nothing about care
// and diagnoses nothing: it says "this entry fits / does not fit the diary rule" (spec/clinical.md §3, ICHD-3 2018).
// It has no clock and no database; today is an argument.
//
// # Three kinds of entries
//
// A check-in answers for one calendar day: headache yes or no, worst pain, acute medicine, neck pain. An attack has
// an onset, mostly an end, features and readings. A dose is one intake of a medicine. Missing is not zero and not
// false: what nobody said stays unknown through every step, as long as it could still change the result.
//
// # One day (§3.2, §3.9)
//
// A calendar day in the zone where the person was: the zone of that day's check-in, else of the attack or dose
// itself, else the patient's. A day lasts until the next one begins, where that one was spent: a flight west makes a
// long day, a flight east a short one, and no hour belongs to two days or to none. All times are instants, so a
// clock change neither adds nor loses an hour.
//
//	recorded     the check-in says yes or no to headache, or a headache attack touches the day.
//	             A dose alone, or an aura without pain alone, does not record a day.
//	headache     ≥30 min of headache in total within the day, or any headache and an acute drug that day.
//	             Overlapping attacks are not added twice. Times beat the answer: attacks that add up to less than
//	             30 min make no headache day even if the check-in says yes. An attack without an end that is not
//	             yet 30 min long leaves the word to the check-in, and the day unknown when there is none.
//	migraine     leiden2023: (a) ≥30 min that day, and C and D within one attack of the day; or (b) an aura of
//	             5–60 min that began that day; or (c) a headache day with a triptan, ergot, gepant or ditan.
//	             ihs_trial: ≥4 h instead of ≥30 min in (a), and in (c) only if the drug worked.
//	modSevere    a headache day with peak ≥4; ihs_trial: and ≥4 h or an acute drug (unknown while acute is).
//	acute        ≥1 dose of an acute headache drug, or the answer "acute medicine: yes" (then class unclassified).
//	             Cold and neuromodulation are shown by class but are no drugs; preventives are left out.
//	             No only by the answer "acute medicine: no". Neither a dose nor an answer: unknown, for many people
//	             log no doses, and most imports know nothing of them.
//	clear        crystal-clear: recorded, no pain at all, no acute drug, no aura. Pain, a drug or an aura decides that
//	             a day is not clear; that it is takes an answer about acute medicine too.
//
// Two rules read the doses as logged, where no dose is no drug (§3.9): the headache day by a drug, and (c). They can
// only add a day to what the times and the answer already say.
//
// The peak of a day is the worst of that day's readings, its worst-pain answer, and the peak of an attack that began
// and ended that day. The peak of an attack over several days says nothing about any one of them.
//
// Example: pain from 23:50 to 00:20 is 10 min on the first day and 20 min on the second: no headache day. With a
// triptan at 23:55 the first day is a headache day and a migraine day, the second is neither.
//
// # One attack (§3.1, §3.3)
//
// C counts one-sided, pulsating, peak ≥4, worse with activity: two of four. D is nausea or vomiting, or light and
// sound together. Duration fits from 4 h (under 18: 2 h) to 72 h, or when an acute drug was taken before 4 h; more
// than 72 h never fits. All three: migraine_like. One fails: probable_migraine_like. Two fail: other_headache.
// If an unknown could change that: not_classifiable. Labels belong to the entries as written.
//
// Two entries are one attack (merge_48h) when the second begins less than 48 h after the first ended and no full
// headache-free calendar day lies between; free_day ignores the hours. A day nobody recorded is not a free day.
// Days known only from a check-in chain by calendar: one missing day is bridged, two or more begin a new attack
// whose onset is uncertain. Merging is a view; nothing is rewritten.
//
// # 28 days (§3.4, §3.5)
//
// With plan start s: B1 = s−28…s−1, T1 = s…s+27, T2, … until the closing date e, where the T window ends; then
// P1 = e+1…e+28, P2, …. Every rate is 28 × events ÷ days, over the recorded days on which the event could be
// decided: a headache day with unknown migraine features leaves the days of MMD28, a day without a neck answer those
// of the neck measures, a day with acute unknown those of the acute measures, each class among them. 23 days or more give a value, 14–22 a value marked estimated, fewer none
// (NOT_ENOUGH_DAYS). Days after today never count. 9 headache days in 24 recorded days are 10.5.
//
// A dose makes a day known by itself, silence does not. So the acute measures and clear days also need answers on four of
// five recorded days [D]; else NOT_ENOUGH_ANSWERS: 14 dose days and 14 silent ones are neither 14 nor 28.
//
// A neck day is clear of headache when neither it nor the day before or after is a headache day; it is assessable
// only when all three are recorded (the neighbours may lie outside the window).
//
// Responder: change = 100 × (now − base) ÷ base between B1 and the last full window of T and P, never the best one.
//
// Values are exact in Go; JSON shows two decimals. The yes/no of the responder is decided on exact values.
package diary

import (
	"fmt"
	"time"

	"interictal/hooks/clinic"
)

// Entries is one person's diary, in any order.
type Entries struct {
	Zone     *time.Location // the patient's own zone; nil means UTC
	Adult    clinic.YesNo   // 18 or older; only labels ask
	CheckIns []CheckIn
	Attacks  []Attack
	Doses    []Dose
}

// CheckIn is what a person answered for one day. It is answered once Headache is yes or no.
type CheckIn struct {
	Day      clinic.Day
	Zone     *time.Location // where the person was; nil: not said
	Headache clinic.YesNo
	Worst    clinic.NRS
	Acute    clinic.YesNo
	Neck     clinic.NRS
}

// Attack is one entry from onset to end. A zero End means open, or ended nobody knows when. Someone who slept
// through the end and woke without pain has it end at waking (ICHD-3 1.1 note).
type Attack struct {
	ID         string
	Start, End time.Time
	Zone       *time.Location // nil: not said
	Peak       clinic.NRS
	Readings   []Reading

	Unilateral, Pulsating, Activity            clinic.YesNo // Activity: worse with, or avoiding, routine activity
	Nausea, Vomiting, Photophobia, Phonophobia clinic.YesNo

	Aura       clinic.YesNo
	AuraLasted time.Duration // zero: not said
	PainAbsent clinic.YesNo  // yes: an aura without pain

	Joined clinic.YesNo // one with the attack before it, by the patient's word; unknown: by the rule
}

// Reading is a pain score at an instant of an attack.
type Reading struct {
	At    time.Time
	Score clinic.NRS
}

// Dose is one intake.
type Dose struct {
	Attack     string // the attack it was logged with; "" for none
	Taken      time.Time
	Zone       *time.Location // nil: not said
	Class      Class
	Indication Indication
	Worked     clinic.YesNo
}

// Class of a medicine, as in §3.6.
type Class string

const (
	Triptan          Class = "triptan"
	Ergotamine       Class = "ergotamine"
	Opioid           Class = "opioid"
	Combination      Class = "combination_analgesic"
	SimpleAnalgesic  Class = "simple_analgesic"
	Gepant           Class = "gepant"
	Ditan            Class = "ditan"
	Antiemetic       Class = "antiemetic"
	Neuromodulation  Class = "neuromodulation"
	Cold             Class = "cold"
	PreventiveClass  Class = "preventive"
	UnclassifiedDrug Class = "unclassified"
)

// specific: drugs that only make sense for migraine, so that taking one on a headache day makes a migraine day.
func (c Class) specific() bool {
	return c == Triptan || c == Ergotamine || c == Gepant || c == Ditan
}

func (c Class) drug() bool { return c != Neuromodulation && c != Cold }

// Indication says what a medicine is taken for. "both" and "" count as acute: every logged dose counts (§3.9).
type Indication string

const (
	ForAcute      Indication = "acute"
	ForPreventive Indication = "preventive"
	ForBoth       Indication = "both"
)

func (d Dose) acute() bool { return d.Indication != ForPreventive && d.Class != PreventiveClass }

func (d Dose) class() Class {
	if d.Class == "" {
		return UnclassifiedDrug
	}
	return d.Class
}

// Profile is the clinic's choice of definitions. The zero Profile is the default of both. Numbers of different
// profiles never share an axis.
type Profile struct {
	Days  DayProfile   `json:"days"`
	Merge MergeProfile `json:"merge"`
}

type DayProfile string

const (
	Leiden2023 DayProfile = "leiden2023" // default: proposed from 1,494 e-diaries
	IHSTrial   DayProfile = "ihs_trial"
)

type MergeProfile string

const (
	Merge48h MergeProfile = "merge_48h" // default: IHS, a recurrence within 48 h may be relapse
	FreeDay  MergeProfile = "free_day"
)

// NewProfile reads the settings of a clinic; "" takes the default.
func NewProfile(days, merge string) (Profile, error) {
	p := Profile{Leiden2023, Merge48h}
	switch DayProfile(days) {
	case "", Leiden2023:
	case IHSTrial:
		p.Days = IHSTrial
	default:
		return Profile{}, fmt.Errorf("no such day profile: %q", days)
	}
	switch MergeProfile(merge) {
	case "", Merge48h:
	case FreeDay:
		p.Merge = FreeDay
	default:
		return Profile{}, fmt.Errorf("no such merge profile: %q", merge)
	}
	return p, nil
}

// own is the attack's own peak: the worst number anybody gave for it.
func (a Attack) own() clinic.NRS {
	peak := a.Peak
	for _, r := range a.Readings {
		peak = peak.Max(r.Score)
	}
	return peak
}

// painless: an aura without pain. A pain score above 0 outweighs the tick "no pain"; a peak of 0 without the tick
// says the same as the tick.
func (a Attack) painless() bool {
	pain := a.own().AtLeast(1)
	if a.PainAbsent == clinic.Unknown {
		return pain == clinic.No
	}
	return a.PainAbsent == clinic.Yes && pain != clinic.Yes
}

// hadAura: whoever ticks "aura without pain" has said that there was an aura.
func (a Attack) hadAura() clinic.YesNo {
	if a.Aura == clinic.Unknown && a.PainAbsent == clinic.Yes && a.painless() {
		return clinic.Yes
	}
	return a.Aura
}

// auraFits: an aura of 5–60 min (§3.2 b). An aura without pain lasts as long as its entry unless it says otherwise.
func (a Attack) auraFits() clinic.YesNo {
	lasted := a.AuraLasted
	if lasted == 0 && a.painless() && a.closed() {
		lasted = a.End.Sub(a.Start)
	}
	if lasted == 0 {
		return a.hadAura().And(clinic.Unknown)
	}
	return a.hadAura().And(clinic.Said(5*time.Minute <= lasted && lasted <= 60*time.Minute))
}

// closed: the end is known. An end before the onset is a slip of the clock, and says nothing.
func (a Attack) closed() bool { return !a.End.IsZero() && !a.End.Before(a.Start) }

// until is the last instant the attack is known to have been there: its end, its last reading, or its onset.
func (a Attack) until() time.Time {
	if a.closed() {
		return a.End
	}
	last := a.Start
	for _, r := range a.Readings {
		if r.At.After(last) {
			last = r.At
		}
	}
	return last
}

// What other rooms ask of one attack.

// Painless: an aura without pain.
func (a Attack) Painless() bool { return a.painless() }

// Lasted is known when the end is.
func (a Attack) Lasted() (lasted time.Duration, known bool) { return a.End.Sub(a.Start), a.closed() }

// Worst is the worst pain anybody noted for it.
func (a Attack) Worst() clinic.NRS { return a.own() }

package program

import (
	"fmt"
	"time"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// Kind of a verdict.
type Kind string

const (
	Up     Kind = "up"
	Stay   Kind = "hold"
	Back   Kind = "back"
	Look   Kind = "flag"   // three failed weeks: a therapist looks at it
	Frozen Kind = "frozen" // nothing moves now
	Wait   Kind = "wait"   // nothing to judge yet
)

// Further reasons, of verdicts.
const (
	KeptWell      Reason = "KEPT_WELL"
	LowAdherence  Reason = "LOW_ADHERENCE"
	TooHard       Reason = "TOO_HARD"
	SymptomRise   Reason = "SYMPTOM_RISE"
	Symptom24h    Reason = "SYMPTOM_24H"
	AttacksAfter  Reason = "ATTACKS_24H"
	NothingLeft   Reason = "NOTHING_LEFT"    // every session of the week fell on an excused day
	EffortUnsaid  Reason = "EFFORT_UNKNOWN"  // no session of the week says
	SymptomUnsaid Reason = "SYMPTOM_UNKNOWN" // nor how it felt, right after or at 24 hours
	FirstWeek     Reason = "FIRST_WEEK"
	AtCeiling     Reason = "AT_CEILING"    // as far as it goes
	NoStepFits    Reason = "NO_STEP_FITS"  // no single variable can go back by 20 to 30 %
	FailedBefore  Reason = "FAILED_BEFORE" // the weeks before failed too
	BasisChanged  Reason = "BASIS_CHANGED" // late entries: the week that the last step rested on was not a good one
	NotByRule     Reason = "NOT_BY_RULE"   // manual, electrical, or an item that is not progressed
)

// Verdict on one item on one day.
type Verdict struct {
	Kind    Kind       `json:"kind"`
	Key     string     `json:"key"` // the occasion; the same facts give the same key
	Version int        `json:"version"`
	From    clinic.Day `json:"from"` // the week it rests on
	To      clinic.Day `json:"to"`
	Reasons []Reason   `json:"reasons"`
	Step    *Step      `json:"step"`
	Failed  int        `json:"failed"` // weeks in a row
	Kept    Kept       `json:"kept"`
	After   After      `json:"after"`
}

// Judge says what an item's dose should do today. since is when a step back for attacks was last decided: sessions
// count anew from there.
func Judge(it Item, logs []Log, p Person, since time.Time) Verdict {
	v, ok := it.On(p.Today)
	if !ok {
		return Verdict{Kind: Wait}
	}
	out := Verdict{Version: v.Number}
	if !it.byRule() {
		return out.because(Frozen, NotByRule)
	}
	if frozen := p.frozen(logs); len(frozen) > 0 {
		return out.because(Frozen, frozen...)
	}
	if out.After = afterLastSix(logs, p, since); out.After.Known && out.After.Attacks > out.After.Limit {
		out.Key = fmt.Sprintf("%d:attacks:%d", v.Number, since.Unix())
		return it.back(out, v, AttacksAfter)
	}
	return it.weekly(out, v, logs, p)
}

// byRule: a machine never moves what hands or current do (§8.1), nor what has no ladder.
func (it Item) byRule() bool {
	electrical := it.Category == careplan.Manual || it.Category == careplan.ModalityElectrical
	return !electrical && (it.Ladder == nil || len(it.Ladder) > 0)
}

func (p Person) frozen(logs []Log) (why []Reason) {
	for _, c := range []struct {
		is  bool
		why Reason
	}{{p.alert(careplan.Emergency, careplan.Urgent), RedFlagOpen}, {p.Paused, IsPaused}, {p.adapted(), IsAdapted}, {p.returning(logs), Returning}} {
		if c.is {
			why = append(why, c.why)
		}
	}
	return why
}

func (out Verdict) because(kind Kind, why ...Reason) Verdict {
	out.Kind, out.Reasons = kind, append(out.Reasons, why...)
	return out
}

// weekly judges the last full week of the version in force.
func (it Item) weekly(out Verdict, v Version, logs []Log, p Person) Verdict {
	weeks := p.Today.Sub(v.first()) / 7
	i := it.index(v)
	if weeks == 0 {
		if step, undo := it.undo(i, logs, p.Marks); undo {
			out.Key, out.Step = fmt.Sprintf("%d:basis", v.Number), &step
			return out.because(Back, BasisChanged)
		}
		return out.because(Wait, FirstWeek)
	}
	out.From = v.first().Add(7 * (weeks - 1))
	out.To, out.Key = out.From.Add(6), fmt.Sprintf("%d:week:%d", v.Number, weeks)
	grade, why := gradeOf(v, logs, p.Marks, out.From)
	out.Kept = v.kept(logs, p.Marks, out.From, out.To)
	switch grade {
	case good:
		return it.up(out.because("", KeptWell), v)
	case open:
		return out.because(Stay, why...)
	}
	out.Failed = it.failedInARow(i, out.To, logs, p.Marks)
	out = out.because("", why...)
	switch {
	case out.Failed > 2:
		return out.because(Look, FailedBefore)
	case out.Failed == 2:
		return it.back(out, v, FailedBefore)
	}
	return out.because(Stay)
}

func (it Item) up(out Verdict, v Version) Verdict {
	step, can := StepUp(v.Dose, it.Ladder)
	if !can {
		return out.because(Stay, AtCeiling)
	}
	out.Step = &step
	return out.because(Up)
}

func (it Item) back(out Verdict, v Version, why Reason) Verdict {
	step, can := StepBack(v.Dose, it.Ladder, it.lastUp(it.index(v)))
	if !can {
		return out.because(Look, why, NoStepFits)
	}
	out.Step = &step
	return out.because(Back, why)
}

func (it Item) index(v Version) int {
	for i := range it.Versions {
		if it.Versions[i].Number == v.Number {
			return i
		}
	}
	return 0
}

// lastUp is the variable that went up last before or with a version.
func (it Item) lastUp(i int) Variable {
	for ; i > 0; i-- {
		if moved := Moved(it.Versions[i-1].Dose, it.Versions[i].Dose); it.Versions[i].Cause == ByStepUp && len(moved) == 1 {
			return moved[0]
		}
	}
	return ""
}

// grade of a week.
type grade int

const (
	good grade = iota
	failed
	open // nothing to judge it by
)

func gradeOf(v Version, logs []Log, marks Calendar, first clinic.Day) (grade, []Reason) {
	kept := v.kept(logs, marks, first, first.Add(6)).Adjusted()
	var bad, unsaid []Reason
	if kept.Of <= 0 {
		return open, []Reason{NothingLeft}
	}
	if 100*kept.Done < 75*kept.Of {
		bad = append(bad, LowAdherence)
	}
	said := sessionsOf(logs, first)
	for _, c := range []struct {
		asked told
		bad   Reason
		not   Reason
	}{{said.effort, TooHard, EffortUnsaid}, {said.rise, SymptomRise, SymptomUnsaid}, {said.later, Symptom24h, SymptomUnsaid}} {
		if c.asked.bad {
			bad = append(bad, c.bad)
		}
		if !c.asked.known {
			unsaid = append(unsaid, c.not)
		}
	}
	if len(bad) > 0 {
		return failed, bad
	}
	if len(unsaid) > 0 {
		return open, unsaid
	}
	return good, nil
}

// told: somebody said, and whether one answer was too much.
type told struct{ known, bad bool }

func (t *told) hear(known, bad bool) { t.known, t.bad = t.known || known, t.bad || known && bad }

const tooMuch = 2 // points of NRS

// sessionsOf is what a week's sessions say about effort, pain in them, and pain at 24 hours.
func sessionsOf(logs []Log, first clinic.Day) (said struct{ effort, rise, later told }) {
	for _, l := range logs {
		if !l.Done() || l.Day < first || l.Day > first.Add(6) {
			continue
		}
		said.effort.hear(l.Effort != "", l.Effort == Harder)
		rise, known := l.rise()
		said.rise.hear(known, rise > tooMuch)
		points, known := l.Worse24h.Score()
		said.later.hear(known, points > tooMuch)
	}
	return said
}

// failedInARow counts failed weeks back from the one that ends at a day, also through versions that a step back began. Weeks
// that nobody can judge are passed over.
func (it Item) failedInARow(i int, end clinic.Day, logs []Log, marks Calendar) (n int) {
	for {
		v := it.Versions[i]
		for week := (end.Sub(v.first())+1)/7 - 1; week >= 0; week-- {
			switch g, _ := gradeOf(v, logs, marks, v.first().Add(7*week)); g {
			case good:
				return n
			case failed:
				n++
			}
		}
		if v.Cause != ByStepBack || i == 0 {
			return n
		}
		i, end = i-1, v.From.Add(-1)
	}
}

// undo: the last step up rested on a week that, with what has come since, failed.
func (it Item) undo(i int, logs []Log, marks Calendar) (Step, bool) {
	if i == 0 || it.Versions[i].Cause != ByStepUp {
		return Step{}, false
	}
	before, now := it.Versions[i-1], it.Versions[i]
	weeks := now.From.Sub(before.first()) / 7
	moved := Moved(before.Dose, now.Dose)
	if weeks == 0 || len(moved) != 1 {
		return Step{}, false
	}
	g, _ := gradeOf(before, logs, marks, before.first().Add(7*(weeks-1)))
	return Step{moved[0], now.Dose.Of(moved[0]), before.Dose.Of(moved[0])}, g == failed
}

package careplan

import (
	"slices"
	"strings"

	"interictal/hooks/clinic"
)

// Pause stops the clock from its first day to the day before the return (§2.3).
type Pause struct {
	Start     clinic.Day   `json:"start"`
	Resume    clinic.Day   `json:"resume"` // the day of return; zero: none yet
	Reason    ChangeReason `json:"reason"`
	Note      string       `json:"note"`
	Items     []string     `json:"items"`
	From      State        `json:"from"`      // where the plan returns to
	Begun     bool         `json:"begun"`     // false: planned
	Withdrawn bool         `json:"withdrawn"` // planned, and never begun
}

// Planned: it lies ahead. Running: it is why the plan is paused.
func (p Pause) Planned() bool { return !p.Begun && !p.Withdrawn }
func (p Pause) Running() bool { return p.Begun && !p.Resume.Valid() }

func (p Pause) covers(day clinic.Day) bool {
	return !p.Withdrawn && p.Start <= day && (!p.Resume.Valid() || day < p.Resume)
}

// days x with from ≤ x ≤ until that the pause covers.
func (p Pause) days(from, until clinic.Day) int {
	if p.Withdrawn {
		return 0
	}
	last := until
	if p.Resume.Valid() {
		last = min(last, p.Resume.Add(-1))
	}
	return max(last.Sub(max(p.Start, from))+1, 0)
}

// ChangeReason is why a plan is paused, extended or adapted (§2.5).
type ChangeReason string

const (
	StressIncrease  ChangeReason = "stress_increase"
	WorkChange      ChangeReason = "work_change"
	HomeChange      ChangeReason = "home_change"
	NewHealthIssue  ChangeReason = "new_health_issue"
	Illness         ChangeReason = "illness"
	NeedOfCare      ChangeReason = "clinical_need"
	SlowResponse    ChangeReason = "slow_response"
	SchedulingIssue ChangeReason = "scheduling"
	Holiday         ChangeReason = "holiday"
	Bereavement     ChangeReason = "bereavement"
	Pregnancy       ChangeReason = "pregnancy"
	OtherChange     ChangeReason = "other"
)

// ChangeReasons in the order they are offered.
var ChangeReasons = []ChangeReason{StressIncrease, WorkChange, HomeChange, NewHealthIssue, Illness, NeedOfCare,
	SlowResponse, SchedulingIssue, Holiday, Bereavement, Pregnancy, OtherChange}

// Medical reasons carry a plan beyond ten visits (P-11).
func (r ChangeReason) Medical() bool { return r == NewHealthIssue || r == Illness || r == NeedOfCare }

// Rescreens: contraindications are asked again before the next manual or electrical item.
func (r ChangeReason) Rescreens() bool { return r == NewHealthIssue || r == Pregnancy }

// adapts holds what T3, T5 and T6 share: a reason, what is adapted, and an item changed or confirmed.
func (m Move) adapts(d *desk) {
	d.changeReason(ChangeReason(m.Reason), m.Note)
	if strings.TrimSpace(m.AdaptationNote) == "" || !d.plan.hasItem(m.Items) {
		d.breaks(Adaptation, nil)
	}
}

func (d *desk) changeReason(reason ChangeReason, note string) {
	d.listed("reason", slices.Contains(ChangeReasons, reason))
	if reason == OtherChange && tooShort(note, d.profile) {
		d.breaks(ReasonShort, params{"length": d.profile.ReasonLength})
	}
	if reason.Rescreens() {
		d.plan.HealthChanges = append(d.plan.HealthChanges, d.command.At)
	}
}

// listed: an answer is one of its list.
func (d *desk) listed(field string, ok bool) {
	if !ok {
		d.breaks(BadValue, params{"field": field})
	}
}

// pause is T3. One that starts later is only planned: the state changes on its first day.
func (m Move) pause(d *desk) {
	m.adapts(d)
	pause := Pause{Start: m.day(d), Reason: ChangeReason(m.Reason), Note: strings.TrimSpace(m.AdaptationNote), Items: m.Items, From: d.plan.State}
	if why := d.pauseObstacle(pause.Start); why != "" {
		d.breaks(PauseDate, params{"why": why})
	}
	if pause.Start > d.today {
		d.plan.Pauses = append(d.plan.Pauses, pause)
		d.event(Event{Kind: PausePlanned, On: pause.Start, Reason: m.Reason, Note: pause.Note, Detail: Detail{Pause: &pause}})
		return
	}
	pause.Begun = true
	d.plan.Pauses = append(d.plan.Pauses, pause)
	m.move(d, Event{On: pause.Start, Detail: Detail{Pause: &pause}})
}

// pauseObstacle says what stands against a pause from this day on, "" for nothing.
func (d *desk) pauseObstacle(start clinic.Day) string {
	days := CountedDays(d.plan, d.profile)
	if len(days) > 0 && start < days[0] {
		return "it would start before the plan"
	}
	if len(days) > 0 && start <= days[len(days)-1] {
		return "there is a visit on or after it"
	}
	if start > d.today.Add(d.profile.PauseAhead) {
		return "it lies too far ahead"
	}
	for _, other := range d.plan.Pauses {
		if other.Planned() {
			return "another pause is planned"
		}
		if !other.Withdrawn && start < other.Resume {
			return "it would overlap another pause"
		}
	}
	return ""
}

// beginPause lets a planned pause begin once its first day has come.
func (d *desk) beginPause() {
	for i, pause := range d.plan.Pauses {
		if !pause.Planned() || pause.Start > d.today || !d.plan.State.Treating() {
			continue
		}
		pause.Begun, pause.From = true, d.plan.State
		d.plan.Pauses[i] = pause
		d.event(Event{Kind: Transition, From: d.plan.State, To: Paused, On: pause.Start, By: System, Reason: string(pause.Reason), Note: pause.Note, Detail: Detail{Pause: &pause}})
	}
}

// WithdrawPause takes a planned pause back before it begins.
type WithdrawPause struct{}

func (WithdrawPause) decide(d *desk) {
	d.therapistOnly()
	i := slices.IndexFunc(d.plan.Pauses, Pause.Planned)
	if i < 0 {
		d.breaks(PauseDate, params{"why": "no pause is planned"})
		return
	}
	pause := d.plan.Pauses[i]
	pause.Withdrawn = true
	d.plan.Pauses[i] = pause
	d.event(Event{Kind: PauseUndone, Detail: Detail{Pause: &pause}})
}

// resume is T4.
func (m Move) resume(d *desk) {
	i := slices.IndexFunc(d.plan.Pauses, Pause.Running)
	if i < 0 {
		d.breaks(PauseDate, params{"why": "no pause is running"})
		return
	}
	pause, on := d.plan.Pauses[i], m.day(d)
	if m.To != pause.From {
		d.breaks(NotThisTransition, params{"from": Paused, "to": m.To})
	}
	if on < pause.Start || on > d.today {
		d.breaks(PauseDate, params{"why": "the day of return lies between its first day and today"})
	}
	d.needsScreen(max(pause.Start, d.today.Add(-d.profile.ScreenWithin)))
	d.noAlert(Emergency)
	pause.Resume = on
	d.plan.Pauses[i] = pause
	m.move(d, Event{On: on, Detail: Detail{Pause: &pause}})
}

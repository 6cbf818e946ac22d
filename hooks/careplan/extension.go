package careplan

import (
	"strings"

	"interictal/hooks/clinic"
)

// Extension is one agreement beyond the first (T5, T6). Each is a new row.
type Extension struct {
	On        clinic.Day    `json:"on"`
	Kind      ExtensionKind `json:"kind"`
	Reason    ChangeReason  `json:"reason"`
	Note      string        `json:"note"`
	Items     []string      `json:"items"`
	MaxVisits int           `json:"maxVisits,omitempty"` // 0: the number stays
	Until     clinic.Day    `json:"until"`               // zero: the time stays
}

// ExtensionKind says what is extended.
type ExtensionKind string

const (
	ByVisits ExtensionKind = "visits"
	ByTime   ExtensionKind = "time"
	ByBoth   ExtensionKind = "both"
)

// extend is T5 and T6.
func (m Move) extend(d *desk) {
	m.adapts(d)
	d.listed("kind", m.Kind == ByVisits || m.Kind == ByTime || m.Kind == ByBoth)
	if len(CountedDays(d.plan, d.profile)) >= d.profile.ReviewAt && !d.plan.reviewed(d.profile) {
		d.breaks(ReviewDue, params{"visit": d.profile.ReviewAt + 1, "review": d.profile.ReviewAt})
	}
	d.noAlert(Emergency)
	e := Extension{On: d.today, Kind: m.Kind, Reason: ChangeReason(m.Reason), Note: strings.TrimSpace(m.AdaptationNote), Items: m.Items}
	if m.Kind != ByTime {
		e.MaxVisits = m.moreVisits(d)
	}
	if m.Kind != ByVisits {
		e.Until = m.moreTime(d)
	}
	d.plan.Extensions = append(d.plan.Extensions, e)
	m.move(d, Event{Detail: Detail{Extension: &e}})
}

// moreVisits: more than agreed so far; above ten only a medical reason will open the door at visit 11 (P-11).
func (m Move) moreVisits(d *desk) int {
	f, now := d.profile, d.plan.visitLimit()
	if m.MaxVisits <= now || m.MaxVisits > f.MostVisits {
		d.breaks(VisitsRange, params{"from": now + 1, "to": f.MostVisits})
	}
	if m.MaxVisits > f.ManyVisits && !ChangeReason(m.Reason).Medical() {
		d.breaks(LimitAhead, params{"visit": f.ManyVisits + 1, "limit": f.ManyVisits})
	}
	return m.MaxVisits
}

// moreTime: later than agreed so far, and by at most 28 days a step.
func (m Move) moreTime(d *desk) clinic.Day {
	now := WindowOn(d.plan, d.profile, d.today).Until
	until := m.Until
	if !until.Valid() {
		until = now.Add(d.profile.ExtensionDays)
	}
	if by := until.Sub(now); !now.Valid() || by < 1 || by > d.profile.MostExtension {
		d.breaks(ExtensionLength, params{"max": d.profile.MostExtension, "latest": now.Add(d.profile.MostExtension)})
	}
	return until
}

// ReportChange notes illness or another sudden change without a pause: until a date, exercise doses show at half and
// progression is frozen (§2.5, §8.1). Anybody in the patient's care, and the patient, may report; only a therapist
// adapts.
type ReportChange struct {
	Reason     ChangeReason `json:"reason"`
	Note       string       `json:"note"`
	AdaptUntil clinic.Day   `json:"adaptUntil"` // zero: nothing is adapted
}

func (c ReportChange) decide(d *desk) {
	d.changeReason(c.Reason, c.Note)
	if !c.AdaptUntil.Valid() {
		return
	}
	d.therapistOnly()
	if d.plan.State.Closed() {
		d.breaks(PlanClosed, nil)
	}
	if c.AdaptUntil < d.today {
		d.breaks(BadValue, params{"field": "date"})
	}
	d.plan.AdaptedUntil = c.AdaptUntil
}

// Drafts are the answers to a reported change, ready for the therapist to note what is adapted and to sign: a pause
// from that day, or an extension by the default length.
func Drafts(p Plan, reason ChangeReason, on clinic.Day) []Move {
	if !p.State.Treating() {
		return nil
	}
	return []Move{
		{To: Paused, Reason: string(reason), On: on},
		{To: Extended, Reason: string(reason), Kind: ByTime},
	}
}

package careplan

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

// Reason is an override, or the answer to a needs_reason (I8). It is never edited.
type Reason struct {
	Code  Code      `json:"code"`
	Visit string    `json:"visit,omitempty"` // "": the plan itself
	Chip  Chip      `json:"chip"`
	Text  string    `json:"text,omitempty"`
	By    Person    `json:"by"`
	At    time.Time `json:"at"`
}

// Chip is a reason in one tap.
type Chip string

const (
	ClinicalNeed    Chip = "clinical_need"
	PatientNeed     Chip = "patient_need"
	ReviewBooked    Chip = "review_booked"
	Scheduling      Chip = "scheduling"
	ReferralPending Chip = "referral_pending"
	RecordedLate    Chip = "recorded_late"
	OtherChip       Chip = "other"
)

// Chips in the order they are offered.
var Chips = []Chip{ClinicalNeed, PatientNeed, ReviewBooked, Scheduling, ReferralPending, RecordedLate, OtherChip}

// Given is a reason as a request carries it: one for each code.
type Given struct {
	Code Code   `json:"code"`
	Chip Chip   `json:"reason"`
	Text string `json:"text,omitempty"`
}

// faults of a given reason: who gives it, which chip, and with `other` how much text.
func (g Given) faults(by Person, f Profile) []clinic.Broken {
	var broken []clinic.Broken
	if by.Role != access.Therapist {
		broken = append(broken, breaks(NotThisRole, params{"who": "a physical therapist"}))
	}
	if !slices.Contains(Chips, g.Chip) || utf8.RuneCountInString(g.Text) > longest {
		broken = append(broken, breaks(BadValue, params{"field": "reason"}))
	}
	if g.Chip == OtherChip && tooShort(g.Text, f) {
		broken = append(broken, breaks(ReasonShort, params{"length": f.ReasonLength}))
	}
	return broken
}

// longest text of a reason or note, in characters.
const longest = 4000

func tooShort(text string, f Profile) bool {
	return utf8.RuneCountInString(strings.TrimSpace(text)) < f.ReasonLength
}

// given is the reason this request carries for a code.
func (d *desk) given(code Code) (Given, bool) {
	i := slices.IndexFunc(d.command.Overrides, func(g Given) bool { return g.Code == code })
	if i < 0 {
		return Given{}, false
	}
	return d.command.Overrides[i], true
}

// weigh sets the reasons given against the rules that take one. What stays in broken refuses.
func (d *desk) weigh() {
	var left []clinic.Broken
	for _, b := range d.broken {
		g, ok := d.given(Code(b.Code))
		if b.Severity != clinic.Override || !ok {
			left = append(left, b)
			continue
		}
		faults := g.faults(d.command.By, d.profile)
		if len(faults) > 0 {
			left = append(append(left, b), faults...)
			continue
		}
		d.take(g, d.visit)
	}
	d.broken = left
}

// take stores a reason with its event.
func (d *desk) take(g Given, visit string) {
	r := Reason{Code: g.Code, Visit: visit, Chip: g.Chip, Text: strings.TrimSpace(g.Text), By: d.command.By, At: d.command.At}
	d.plan.Reasons = append(d.plan.Reasons, r)
	d.used = append(d.used, r)
	d.event(Event{Kind: OverrideRow, Reason: string(g.Chip), Note: r.Text, Detail: Detail{Reason: &r}})
}

// needs notes a code on a visit that happened, and takes the reason if the request carries a good one. A poor one
// does not undo the record: it is said, and the code stays open.
func (d *desk) needs(v *Visit, code Code) {
	if d.plan.answered(v.ID, code) {
		return
	}
	if !slices.Contains(v.NeedsReason, code) {
		v.NeedsReason = append(slices.Clone(v.NeedsReason), code)
	}
	g, ok := d.given(code)
	if !ok {
		return
	}
	if len(g.faults(d.command.By, d.profile)) > 0 {
		d.breaks(ReasonNotTaken, params{"code": code})
		return
	}
	d.take(g, v.ID)
}

// answered: an override at check-in answers as well as a reason given later.
func (p Plan) answered(visit string, code Code) bool {
	return slices.ContainsFunc(p.Reasons, func(r Reason) bool { return r.Visit == visit && r.Code == code })
}

// OpenReasons are the codes of a visit that wait for a reason.
func (p Plan) OpenReasons(v Visit) []Code {
	return slices.DeleteFunc(slices.Clone(v.NeedsReason), func(c Code) bool { return p.answered(v.ID, c) })
}

// AnswerReasons gives the reasons that a visit waits for, in the request's overrides.
type AnswerReasons struct {
	Visit string `json:"visit"`
}

func (c AnswerReasons) decide(d *desk) {
	i := d.plan.visit(c.Visit)
	if i < 0 {
		d.breaks(BadValue, params{"field": "visit"})
		return
	}
	open := d.plan.OpenReasons(d.plan.Visits[i])
	if len(d.command.Overrides) == 0 {
		d.breaks(BadValue, params{"field": "reason"})
	}
	for _, g := range d.command.Overrides {
		d.broken = append(d.broken, g.faults(d.command.By, d.profile)...)
		if !slices.Contains(open, g.Code) {
			d.breaks(BadValue, params{"field": "code"})
			continue
		}
		d.take(g, c.Visit)
		open = slices.DeleteFunc(open, func(code Code) bool { return code == g.Code })
	}
}

func codesOf(broken []clinic.Broken) []Code {
	var codes []Code
	for _, b := range clinic.HardFirst(broken) {
		codes = append(codes, Code(b.Code))
	}
	return codes
}

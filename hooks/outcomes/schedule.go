package outcomes

import (
	"errors"
	"fmt"
	"slices"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// Course is what the calendar of questionnaires has to know of a plan of care.
type Course struct {
	State    careplan.State
	Start    clinic.Day // the first counted visit; zero: not yet
	ReviewOn clinic.Day // the sixth counted visit; zero: not yet
	ClosedOn clinic.Day
}

// Calendar says which instruments are asked on which occasion, and how long each may take. A setting, not a rule of the spec [D].
type Calendar struct {
	Ask      map[Occasion][]string `json:"ask"`
	StartIn  int                   `json:"startIn"`  // days after the first visit
	ReviewIn int                   `json:"reviewIn"` // days after visit 6: the review is due the same day (P-REV6)
	EndIn    int                   `json:"endIn"`    // days after closing (T7)
	Early    int                   `json:"early"`    // a follow-up may come so many days before its date
	Late     int                   `json:"late"`     // and so many after
	Months   []int                 `json:"months"`
}

// Usual is the calendar without settings. Each of the three asks something for every domain that has a goal by default; MIDAS
// looks back three months, so it is asked at the start and at follow-ups only.
func Usual() Calendar {
	return Calendar{
		Ask: map[Occasion][]string{
			AtStart:  {"midas", "hit6", "msq", "ndi", "psfs", "phq4", "asc12", "csi", "isi"},
			AtReview: {"hit6", "msq", "ndi", "psfs", "groc"},
			AtEnd:    {"hit6", "msq", "ndi", "psfs", "groc", "phq4", "asc12", "csi", "isi"},
			FollowUp: {"midas", "hit6", "msq", "ndi", "psfs", "groc"},
		},
		StartIn: 7, ReviewIn: 0, EndIn: 14, Early: 14, Late: 28, Months: []int{3, 6, 12},
	}
}

// Check refuses a calendar that asks for what there is not.
func (k Calendar) Check() error {
	for occasion, instruments := range k.Ask {
		if !slices.Contains(Occasions, occasion) || occasion == Other {
			return fmt.Errorf("nothing is asked on the occasion %q", short(string(occasion)))
		}
		for _, id := range instruments {
			if _, known := Find(id, ""); !known {
				return fmt.Errorf("there is no questionnaire %q", short(id))
			}
		}
	}
	for _, days := range []int{k.StartIn, k.ReviewIn, k.EndIn, k.Early, k.Late} {
		if days < 0 || days > 365 {
			return errors.New("a number of days is not between 0 and 365")
		}
	}
	return nil
}

// DueState of one instrument on one occasion.
type DueState string

const (
	NotYet  DueState = "not_yet"
	IsDue   DueState = "due"
	Overdue DueState = "overdue"
	Done    DueState = "done"
	Missed  DueState = "missed" // its time is over
)

// Due is one instrument that is to be answered. Days are empty while what they count from has not happened.
type Due struct {
	Instrument string     `json:"instrument"`
	Occasion   Occasion   `json:"occasion"`
	Months     int        `json:"months"` // after closing
	From       clinic.Day `json:"from"`
	Until      clinic.Day `json:"until"`
	State      DueState   `json:"state"`
	Draft      string     `json:"draft"` // id of a draft that waits to be resumed
	Response   string     `json:"response"`
}

// slot is one occasion of a plan, with the days on which an answer belongs to it.
type slot struct {
	occasion    Occasion
	months      int
	from, until clinic.Day // when it is asked
	takes       func(clinic.Day) bool
	over        bool // what it asks about has passed
}

// WhatIsDue lists every instrument of a plan's occasions, in their order. Answers are those that fall into the plan's time.
func WhatIsDue(c Course, k Calendar, answered []Response, today clinic.Day) []Due {
	out := []Due{}
	if c.State == "" || c.State == careplan.Voided {
		return out
	}
	for _, s := range c.slots(k, today) {
		for _, instrument := range k.Ask[s.occasion] {
			out = append(out, s.due(instrument, answered, today))
		}
	}
	return out
}

func (c Course) slots(k Calendar, today clinic.Day) []slot {
	closed := c.ClosedOn.Valid()
	always := func(clinic.Day) bool { return true }
	start := slot{occasion: AtStart, from: c.Start, takes: always, over: closed}
	if c.Start.Valid() {
		start.until = c.Start.Add(k.StartIn)
	}
	review := slot{occasion: AtReview, from: c.ReviewOn, takes: always, over: closed}
	if c.ReviewOn.Valid() {
		review.until = c.ReviewOn.Add(k.ReviewIn)
	}
	end := slot{occasion: AtEnd, from: c.ClosedOn, takes: always}
	if closed {
		end.until = c.ClosedOn.Add(k.EndIn)
	}
	out := []slot{start, review, end}
	for _, months := range k.Months {
		s := slot{occasion: FollowUp, months: months, takes: func(clinic.Day) bool { return false }}
		if closed {
			on := careplan.FollowUpDay(c.ClosedOn, months)
			s.from, s.until = on.Add(-k.Early), on.Add(k.Late)
			s.over = today > s.until
			s.takes = func(d clinic.Day) bool { return s.from <= d && d <= s.until }
		}
		out = append(out, s)
	}
	return out
}

func (s slot) due(instrument string, answered []Response, today clinic.Day) Due {
	out := Due{Instrument: instrument, Occasion: s.occasion, Months: s.months, From: s.from, Until: s.until, State: s.state(today)}
	for _, r := range answered {
		if r.Instrument != instrument || r.Occasion != s.occasion {
			continue
		}
		switch {
		case r.Finished && s.takes(r.On):
			out.Response, out.State = r.ID, Done
		case !r.Finished && (s.occasion != FollowUp || s.state(today) == IsDue):
			out.Draft = r.ID
		}
	}
	if out.State == Done {
		out.Draft = ""
	}
	return out
}

func (s slot) state(today clinic.Day) DueState {
	switch {
	case s.over:
		return Missed
	case !s.from.Valid() || today < s.from:
		return NotYet
	case today > s.until:
		return Overdue
	}
	return IsDue
}

// Span is the time that belongs to one plan, between the plans around it.
type Span struct {
	After  clinic.Day // the plan before closed on this day; zero: there was none
	Start  clinic.Day // its first counted visit
	Signed clinic.Day
	Closed clinic.Day
	Before clinic.Day // the next plan began on this day; zero: there is none
}

// Holds says whether an answer of an occasion belongs to the plan: what was asked at the start belongs to the plan that follows
// it, everything else to the plan that began before.
func (s Span) Holds(o Occasion, on clinic.Day) bool {
	if o == AtStart {
		return on > s.After && (!s.Closed.Valid() || on <= s.Closed)
	}
	return s.Start.Valid() && on >= s.Start && (!s.Before.Valid() || on < s.Before)
}

// Inside are the responses that belong to the plan. Drafts are of the plan under way.
func (s Span) Inside(all []Response) []Response {
	return slices.DeleteFunc(slices.Clone(all), func(r Response) bool {
		if !r.Finished {
			return s.Before.Valid()
		}
		return !s.Holds(r.Occasion, r.On)
	})
}

// Measured is one number of a plan that follows from an answer or an examination.
type Measured struct {
	Metric  string
	Domain  careplan.Domain
	Value   float64
	On      clinic.Day
	Closing bool
}

// domains are where the numbers of an instrument belong among a plan's goals.
var domains = map[string]careplan.Domain{"disability": careplan.OfDisability, "quality_of_life": careplan.OfQualityOfLife, "neck_function": careplan.OfNeckFunction,
	"activity": careplan.OfActivity, "sleep": careplan.OfSleep, "medication": careplan.OfMedication}

// MeasuresIn are the numbers for a plan's goals: of the start as baselines, of review and end as closing measures. What asks
// about nothing that a plan has goals for (mood, sensitivity, jaw) is none.
func MeasuresIn(s Span, all []Response) (out []Measured) {
	for _, r := range all {
		in, _ := Find(r.Instrument, r.Version)
		closing := r.Occasion == AtReview || r.Occasion == AtEnd
		domain, measured := domains[in.About]
		if !measured || !closing && r.Occasion != AtStart || !s.Holds(r.Occasion, r.On) {
			continue
		}
		for _, score := range ScoreOf(r).Scores {
			if score.Value != nil {
				out = append(out, Measured{Metric: score.Metric, Domain: domain, Value: *score.Value, On: r.On, Closing: closing})
			}
		}
	}
	return out
}

package careplan

import (
	"slices"
	"time"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

// Change is what somebody wants to do: Move and WithdrawPause; Attend, Treat, AnswerReasons and DoReview; Edit,
// Acknowledge, Measured, Remeasured and Assess; ReportChange; StartWellness, RecordSession and EndWellness. The rights table says who
// may write visits and sessions at all; what only a therapist does, the room says.
type Change interface{ decide(*desk) }

// Command is a change with who, when, and what they know.
type Command struct {
	By        Person
	At        time.Time
	Expected  int // the version it was made on; another one makes it stale (I12). Only a Move has to name it: 0 names none
	Overrides []Given
	Change    Change
}

// Outcome of a command.
type Outcome string

const (
	Accepted Outcome = "accepted"
	Refused  Outcome = "refused"
	Stale    Outcome = "stale" // somebody else was first: 409 and no event
)

// Decision is all there is to store and to say. When it is not accepted, Plan is the plan as it was and nothing is
// to be stored.
type Decision struct {
	Outcome Outcome
	Broken  []clinic.Broken // HARD first; of an accepted command only warnings
	Plan    Plan            // the history after it
	Events  []Event         // to append
	Used    []Reason        // overrides and answers, to append
	Tasks   []Task          // opened, done or withdrawn: to store by key
	Flags   []Flag          // raised or withdrawn: to store by key
	Alert   bool            // a care act met an open red flag: an alert for the worklist the same day (§2)
}

// Decide is the room's one question. The plan that is handed in is not changed.
func Decide(p Plan, f Profile, c Command) Decision {
	if _, moves := c.Change.(Move); c.Expected != p.Version && (moves || c.Expected != 0) {
		return Decision{Outcome: Stale, Plan: p}
	}
	d := newDesk(p, f, c)
	d.beginPause()
	c.Change.decide(d)
	d.weigh()
	if clinic.Refused(d.broken) {
		return Decision{Outcome: Refused, Broken: clinic.HardFirst(d.broken), Plan: p}
	}
	return d.accept(p)
}

// Daily is what a new day brings without anybody doing anything: a planned pause begins, flags rise and fall. Asking
// twice changes nothing more, and asking after days of downtime misses nothing.
func Daily(p Plan, f Profile, at time.Time) Decision {
	d := newDesk(p, f, Command{By: System, At: at})
	d.beginPause()
	return d.accept(p)
}

// desk is where one command is worked on: a copy of the plan, and what has been found so far.
type desk struct {
	plan    Plan
	profile Profile
	command Command
	today   clinic.Day
	visit   string // the visit that overrides of this command belong to

	broken []clinic.Broken
	events []Event
	used   []Reason
	alert  bool
}

func newDesk(p Plan, f Profile, c Command) *desk {
	p.Events, p.Visits, p.Pauses = slices.Clone(p.Events), slices.Clone(p.Visits), slices.Clone(p.Pauses)
	p.Extensions, p.Reviews, p.Reasons = slices.Clone(p.Extensions), slices.Clone(p.Reviews), slices.Clone(p.Reasons)
	p.Measures, p.HealthChanges = slices.Clone(p.Measures), slices.Clone(p.HealthChanges)
	p.Goals, p.Tasks, p.Flags = slices.Clone(p.Goals), slices.Clone(p.Tasks), slices.Clone(p.Flags)
	return &desk{plan: p, profile: f, command: c, today: clinic.DayOf(c.At, p.zone())}
}

func (d *desk) breaks(code Code, numbers params) { d.broken = append(d.broken, breaks(code, numbers)) }

func (d *desk) therapistOnly() {
	if d.command.By.Role != access.Therapist {
		d.breaks(NotThisRole, params{"who": "a physical therapist"})
	}
}

// event appends a row; it takes the plan's state on both sides unless it says otherwise.
func (d *desk) event(e Event) {
	d.plan.Version++
	e.Version, e.At = d.plan.Version, d.command.At
	if e.By.ID == "" {
		e.By = d.command.By
	}
	if e.From == "" {
		e.From, e.To = d.plan.State, d.plan.State
	}
	if !e.On.Valid() {
		e.On = d.today
	}
	d.plan.State = e.To
	d.plan.Events = append(d.plan.Events, e)
	d.events = append(d.events, e)
}

// accept recounts what is stored beside the history, and finds what has become due.
func (d *desk) accept(before Plan) Decision {
	d.recount()
	tasks, flags := d.worklist()
	return Decision{Outcome: Accepted, Broken: clinic.HardFirst(d.broken), Plan: d.plan, Events: d.events,
		Used: d.used, Tasks: tasks, Flags: flags, Alert: d.alert}
}

// recount: the start and the number of visits follow from the visits (I6). Moving the start of a signed plan is
// told as a correction.
func (d *desk) recount() {
	days := CountedDays(d.plan, d.profile)
	start := clinic.Day(0)
	if len(days) > 0 {
		start = days[0]
	}
	if before := d.plan.Start; before.Valid() && start != before && d.plan.signed() {
		d.event(Event{Kind: Correction, Reason: "start_moved", Detail: Detail{Start: start}})
	}
	d.plan.Start, d.plan.VisitCount = start, len(days)
}

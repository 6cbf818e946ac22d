package hooks

import (
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/caseload"
	"interictal/hooks/clinic"
	"interictal/hooks/safety"
	"interictal/hooks/visitnote"
)

// The page on which a visit's note is written: what happened since the last visit, what is asked, measured and done, and the draft so
// far. Reading it writes nothing but the audit.

// notePage answers GET /api/visits/{id}/note.
type notePage struct {
	Visit         noteVisit      `json:"visit"`
	Patient       notePatient    `json:"patient"`
	Plan          *notePlan      `json:"plan"` // null: the visit belongs to none
	Ahead         noteAhead      `json:"ahead"`
	Since         noteSince      `json:"since"`
	Asks          []noteAsk      `json:"asks"`
	PreScreen     *notePreScreen `json:"preScreen"` // null: the phone has sent none on this day
	Measures      []noteMeasure  `json:"measures"`
	Interventions []notePart     `json:"interventions"`
	Items         []noteItem     `json:"items"`
	Proposals     []noteProposal `json:"proposals"` // steps of the home program that wait for a word
	Next          noteNext       `json:"next"`
	Draft         noteDraft      `json:"draft"`
	Signed        []signedNote   `json:"signed"`
	Editing       []editing      `json:"editing"` // others, now
}

type noteVisit struct {
	careplan.Visit
	EndedAt time.Time `json:"endedAt,omitzero"`
}

type notePatient struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Zone string `json:"zone"` // the clinic's, in which visits are counted
}

type notePlan struct {
	ID    string         `json:"id"`
	State careplan.State `json:"state"`
	Week  int            `json:"week"`
}

// noteAhead is the server's check before anything is done: which visit this is, what holds up the check-in, and what completing sets
// in motion.
type noteAhead struct {
	Number  int             `json:"number"` // 0: it does not count
	Planned int             `json:"planned"`
	CheckIn []clinic.Broken `json:"checkIn"`
	Tasks   []careplan.Task `json:"tasks"`
	Flags   []careplan.Flag `json:"flags"`
}

type noteAsk struct {
	visitnote.Asked
	Asks string `json:"asks"`
}

type notePreScreen struct {
	AskedAt types.DateTime `json:"askedAt"`
	Said    safety.Answers `json:"said"`
}

type noteNext struct {
	Scheduled *careplan.Visit `json:"scheduled"` // null: none yet
	Proposed  time.Time       `json:"proposed"`
	Mode      string          `json:"mode"`
}

type noteDraft struct {
	ID    string          `json:"id"`    // empty: nothing is written yet
	Parts map[string]part `json:"parts"` // by field
}

type part struct {
	Value any       `json:"value"`
	Rev   int       `json:"rev"`
	By    string    `json:"by"` // name of who wrote it last
	At    time.Time `json:"at,omitzero"`
}

type signedNote struct {
	ID       string         `json:"id"`
	Addendum bool           `json:"addendum"`
	SignedBy string         `json:"signedBy"`
	SignedAt types.DateTime `json:"signedAt"`
	Fields   map[string]any `json:"fields"`
}

// noteOf answers the page, for those who write notes.
func (d *doors) noteOf(e *core.RequestEvent) error {
	v, right, err := d.noteVisit(e, e.App)
	if err != nil {
		return err
	}
	patient := v.GetString("patient")
	if err := d.audit(e.App, event{Actor: e.Auth.Id, Capacity: foremost(right.Roles), Action: "read", Patient: patient, Collection: "visit_notes", Record: v.Id, Outcome: "ok"}); err != nil {
		return err
	}
	page, err := d.notePage(e, v, right)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, page)
}

// noteVisit finds a visit for somebody who writes its note.
func (d *doors) noteVisit(e *core.RequestEvent, app core.App) (*core.Record, access.Right, error) {
	v, right, err := recordFor(app, e.Auth, "visits", e.Request.PathValue("id"))
	if err == nil && !right.Writes("visit_notes") {
		err = noRight()
	}
	return v, right, err
}

func (d *doors) notePage(e *core.RequestEvent, v *core.Record, right access.Right) (p notePage, err error) {
	app, patient := e.App, v.GetString("patient")
	c, err := d.chartOf(app, v.GetString("plan"), patient)
	if err != nil {
		return p, err
	}
	r := &reader{app: app}
	p.Visit = noteVisit{visitOf(r, v), v.GetDateTime("ended_at").Time()}
	p.Visit.NeedsReason = c.plan.OpenReasons(p.Visit.Visit)
	zone := c.plan.Zone
	if zone == nil {
		zone = time.UTC
	}
	f, err := frameOf(app.DB(), patient, d.todayOf("UTC"))
	if err != nil {
		return p, err
	}
	p.Patient = notePatient{patient, f.Name, zone.String()}
	today := clinic.DayOf(d.clock.now(), zone)
	if c.record != nil {
		p.Plan = &notePlan{ID: c.plan.ID, State: c.plan.State, Week: caseload.Week(c.plan.Start, today)}
	}
	if p.Ahead, err = d.noteAhead(app, c, as(e.Auth, "route"), v.Id); err != nil {
		return p, err
	}
	on := c.plan.Day(p.Visit.Visit)
	if err := d.noteSince(r, &p, c, f, right, on); err != nil {
		return p, err
	}
	p.asked(r, patient, on, zone)
	p.next(c, today, zone)
	p.Editing = d.desks.others(v.Id, e.Auth.Id, d.clock.now())
	p.content(r, c, today, right)
	p.written(r, v)
	return p, p.examined(r, v)
}

// noteAhead asks the room twice: may it be checked in, and what would its completion set in motion?
func (d *doors) noteAhead(app core.App, c chart, by actor, visit string) (noteAhead, error) {
	out := noteAhead{Planned: c.plan.PlannedVisits, CheckIn: []clinic.Broken{}, Tasks: []careplan.Task{}, Flags: []careplan.Flag{}}
	for _, x := range c.plan.Extensions {
		out.Planned = max(out.Planned, x.MaxVisits)
	}
	i := slices.IndexFunc(c.plan.Visits, func(x careplan.Visit) bool { return x.ID == visit })
	if i < 0 {
		return out, nil
	}
	v := c.plan.Visits[i]
	if v.Status == careplan.Scheduled {
		made, err := d.ask(app, c, by, careplan.Command{Change: careplan.Attend{Visit: visit, To: careplan.CheckedIn}})
		if err != nil {
			return out, err
		}
		out.CheckIn = append(out.CheckIn, made.Broken...)
		c.plan.Visits[i].Status = careplan.CheckedIn // as if a reason were given
	}
	after := c.plan
	if c.plan.Visits[i].Status == careplan.CheckedIn {
		if v.StartedAt.IsZero() {
			c.plan.Visits[i].StartedAt = d.clock.now()
		}
		made, err := d.ask(app, c, by, careplan.Command{Change: careplan.Attend{Visit: visit, To: careplan.Done}})
		if err != nil {
			return out, err
		}
		after = made.Plan
		for _, t := range made.Tasks {
			if t.State == careplan.TaskOpen {
				out.Tasks = append(out.Tasks, t)
			}
		}
		for _, f := range made.Flags {
			if f.State == careplan.Standing {
				out.Flags = append(out.Flags, f)
			}
		}
	}
	if v := after.Visits[slices.IndexFunc(after.Visits, func(x careplan.Visit) bool { return x.ID == visit })]; v.Status.TookPlace() {
		out.Number = slices.Index(careplan.CountedDays(after, c.profile), after.Day(v)) + 1
	}
	return out, nil
}

func zoneOr(name string) *time.Location {
	if zone := zoneOrNil(name); zone != nil {
		return zone
	}
	return time.UTC
}

// asked: the short form, and what the patient said on the phone on the day of the visit.
func (p *notePage) asked(r *reader, patient string, on clinic.Day, zone *time.Location) {
	for _, q := range visitnote.Short {
		i := slices.IndexFunc(safety.RedFlags.Questions, func(x safety.Question) bool { return x.ID == q.ID })
		p.Asks = append(p.Asks, noteAsk{q, safety.RedFlags.Questions[i].Asks})
	}
	for _, x := range r.rows("safety_checks", dbx.And(dbx.HashExp{"patient": patient}, within("asked_at", on, on, zone)), "asked_at DESC") {
		if said, _, ok := safety.ReadAnswers([]byte(x.GetString("answers"))); ok {
			p.PreScreen = &notePreScreen{x.GetDateTime("asked_at"), said}
			return
		}
	}
}

// next: what is scheduled after this visit, else a proposal.
func (p *notePage) next(c chart, today clinic.Day, zone *time.Location) {
	at := p.Visit.ScheduledAt
	if at.IsZero() {
		at = p.Visit.StartedAt
	}
	if at.IsZero() {
		at = today.Start(zone).Add(10 * time.Hour)
	}
	p.Next = noteNext{Proposed: visitnote.Next(at, c.plan.PerWeek, zone), Mode: p.Visit.Mode}
	for _, v := range c.plan.Visits {
		sooner := p.Next.Scheduled == nil || v.ScheduledAt.Before(p.Next.Scheduled.ScheduledAt)
		if v.Status == careplan.Scheduled && v.ID != p.Visit.ID && c.plan.Day(v) >= today && sooner {
			p.Next.Scheduled = &v
		}
	}
}

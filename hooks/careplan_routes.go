package hooks

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// planAnswer is what a step has set in motion.
type planAnswer struct {
	Outcome  careplan.Outcome `json:"outcome"`
	Plan     planState        `json:"plan"`
	Window   careplan.Window  `json:"window"`
	Visit    *careplan.Visit  `json:"visit,omitempty"`
	Events   []careplan.Event `json:"events"`
	Tasks    []careplan.Task  `json:"tasks"` // opened, done or withdrawn
	Flags    []careplan.Flag  `json:"flags"` // raised or withdrawn
	Papers   careplan.Papers  `json:"papers"`
	Warnings []clinic.Broken  `json:"warnings"`
	Broken   []clinic.Broken  `json:"broken,omitempty"` // of a dry run: what would refuse it
	Drafts   []careplan.Move  `json:"drafts,omitempty"` // ready answers to a change in the patient's life
}

// planState is where a plan stands. What it says is in its records.
type planState struct {
	ID            string         `json:"id"`
	State         careplan.State `json:"state"`
	Version       int            `json:"version"` // the next transition's expectedVersion
	Start         clinic.Day     `json:"start"`
	SignedOn      clinic.Day     `json:"signedOn"`
	ClosedOn      clinic.Day     `json:"closedOn"`
	PlannedVisits int            `json:"plannedVisits"`
	VisitCount    int            `json:"visitCount"`
	PlannedEnd    clinic.Day     `json:"plannedEnd"`
	AdaptedUntil  clinic.Day     `json:"adaptedUntil"`
	WellnessDue   bool           `json:"wellnessDue"`
}

func planStateOf(p careplan.Plan, f careplan.Profile) planState {
	return planState{ID: p.ID, State: p.State, Version: p.Version, Start: p.Start, SignedOn: p.SignedOn, ClosedOn: p.ClosedOn, PlannedVisits: p.PlannedVisits,
		VisitCount: p.VisitCount, PlannedEnd: p.PlannedEnd, AdaptedUntil: p.AdaptedUntil, WellnessDue: careplan.WellnessDue(p, f)}
}

func (d *doors) planAnswer(c chart, made careplan.Decision, visit string) planAnswer {
	p := made.Plan
	out := planAnswer{
		Outcome: made.Outcome, Window: careplan.WindowOn(p, c.profile, planToday(p, d.clock.now())), Papers: careplan.PapersOf(p, c.profile),
		Plan:   planStateOf(p, c.profile),
		Events: append([]careplan.Event{}, made.Events...), Tasks: append([]careplan.Task{}, made.Tasks...), Flags: append([]careplan.Flag{}, made.Flags...),
	}
	if i := slices.IndexFunc(p.Visits, func(v careplan.Visit) bool { return v.ID == visit }); i >= 0 {
		out.Visit = &p.Visits[i]
	}
	if made.Outcome == careplan.Accepted {
		out.Warnings = append([]clinic.Broken{}, made.Broken...)
	} else {
		out.Warnings, out.Broken = []clinic.Broken{}, made.Broken
	}
	return out
}

// trim takes from an answer what its reader may not see: the worklist is the team's, the plan not the desk's.
func trim(app core.App, user *core.Record, patient string, a *planAnswer) error {
	right, err := rightOf(app.DB(), user, patient)
	if !right.Sees("tasks") {
		a.Tasks, a.Flags = []careplan.Task{}, []careplan.Flag{}
	}
	if right.Sees("plans") {
		return err
	}
	a.Plan, a.Window, a.Events, a.Papers = planState{}, careplan.Window{}, []careplan.Event{}, careplan.Papers{}
	if a.Visit != nil {
		a.Visit.NeedsReason = nil
	}
	return err
}

// given is what every body may carry beside its own fields.
type given struct {
	ExpectedVersion int              `json:"expectedVersion"`
	Overrides       []careplan.Given `json:"overrides"`
	Sheet           string           `json:"sheet"` // hash of what was shown; "": not said
}

// readStep reads a body as a change of the room's, with the reasons given.
func readStep(e *core.RequestEvent, change any) (g given, err error) {
	body, err := io.ReadAll(e.Request.Body)
	if err != nil {
		return g, tooLarge()
	}
	if len(body) == 0 {
		return g, nil
	}
	if err := errors.Join(json.Unmarshal(body, &g), json.Unmarshal(body, change)); err != nil {
		return g, refuse(http.StatusBadRequest, hard("E_JSON", "The body cannot be read."))
	}
	return g, nil
}

// planStep answers POST /api/plans/{id}/… with one change of the room's.
func planStep[C careplan.Change](d *doors, e *core.RequestEvent) error {
	var change C
	g, err := readStep(e, &change)
	if err != nil {
		return err
	}
	command := careplan.Command{Expected: g.ExpectedVersion, Overrides: g.Overrides, Change: change}
	return d.step(e, e.Request.PathValue("id"), command, g.Sheet)
}

// planCheck is the dry run of a transition: the same question, and nothing is stored. It may leave out the version.
func (d *doors) planCheck(e *core.RequestEvent) error {
	var move careplan.Move
	g, err := readStep(e, &move)
	if err != nil {
		return err
	}
	c, err := d.openChart(e, e.App, e.Request.PathValue("id"), voids(move))
	if err != nil {
		return err
	}
	if g.ExpectedVersion == 0 {
		g.ExpectedVersion = c.plan.Version
	}
	command := careplan.Command{Expected: g.ExpectedVersion, Overrides: g.Overrides, Change: move}
	if command.Change, err = d.secondPerson(e.App, c, as(e.Auth, "route"), command); err != nil {
		return err
	}
	made, err := d.ask(e.App, c, as(e.Auth, "route"), command)
	if err != nil {
		return err
	}
	if c.patient != e.Auth.GetString("patient") {
		err := d.audit(e.App, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, c.patient), Action: "read", Patient: c.patient, Collection: "plans", Outcome: "ok"})
		if err != nil {
			return err
		}
	}
	answer := d.planAnswer(c, made, "")
	if made.Outcome != careplan.Accepted {
		answer.Warnings = append(answer.Warnings, careplan.Warnings(c.plan, c.profile, planToday(c.plan, d.clock.now()))...)
	}
	if err := trim(e.App, e.Auth, c.patient, &answer); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, answer)
}

// openChart reads a plan for somebody who may see it: the care team and, to void one, the clinic's admin.
func (d *doors) openChart(e *core.RequestEvent, app core.App, plan string, voids bool) (c chart, err error) {
	if c, err = d.chartOf(app, plan, ""); err != nil {
		return c, noneIs(err, noRight())
	}
	right, err := rightOf(app.DB(), e.Auth, c.patient)
	if err == nil && !right.Sees("plans") && !(voids && right.Has(access.ClinicAdmin)) {
		err = noRight()
	}
	return c, err
}

// voids: the change is the one that the clinic's admin takes part in.
func voids(change careplan.Change) bool {
	move, ok := change.(careplan.Move)
	return ok && move.To == careplan.Voided
}

// step asks the room and stores its answer in one transaction; a refusal is noted outside it.
func (d *doors) step(e *core.RequestEvent, plan string, command careplan.Command, seen string) error {
	var answer planAnswer
	var c chart
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		if c, err = d.openChart(e, tx, plan, voids(command.Change)); err != nil {
			return err
		}
		if seen != "" {
			if err := c.sheetSeen(tx, seen); err != nil {
				return err
			}
		}
		made, err := d.carryOut(tx, c, as(e.Auth, "route"), command)
		if err != nil {
			return err
		}
		answer = d.planAnswer(c, made, "")
		if change, ok := command.Change.(careplan.ReportChange); ok {
			answer.Drafts = careplan.Drafts(made.Plan, change.Reason, planToday(made.Plan, d.clock.now()))
		}
		return trim(tx, e.Auth, c.patient, &answer)
	})
	return d.answerStep(e, c, "plans", plan, answer, err)
}

// carryOut asks the room and stores its answer; a refusal is an error.
func (d *doors) carryOut(tx core.App, c chart, by actor, command careplan.Command) (made careplan.Decision, err error) {
	if command.Change, err = d.secondPerson(tx, c, by, command); err != nil {
		return made, err
	}
	if made, err = d.ask(tx, c, by, command); err != nil {
		return made, err
	}
	if err := refusal(made); err != nil {
		return made, err
	}
	if err := d.keep(tx, by, c, made, ""); err != nil {
		return made, err
	}
	if move, ok := command.Change.(careplan.Move); ok {
		if err := d.keepSheet(tx, c.plan.ID, by, causeOf(move)); err != nil {
			return made, err
		}
	}
	return made, writer{doors: d, tx: tx, by: by, chart: c}.answered(command.Change)
}

// Step changes a plan on somebody's behalf, as the plan stands now: for Go code such as the demo's.
func Step(app core.App, clock *Clock, user *core.Record, plan string, change careplan.Change) error {
	d := &doors{clock: clock}
	return app.RunInTransaction(func(tx core.App) error {
		c, err := d.chartOf(tx, plan, "")
		if err != nil {
			return err
		}
		_, err = d.carryOut(tx, c, as(user, "command"), careplan.Command{Expected: c.plan.Version, Change: change})
		return err
	})
}

// answerStep gives the answer, or notes the refusal and gives that.
func (d *doors) answerStep(e *core.RequestEvent, c chart, collection, record string, answer planAnswer, failure error) error {
	if failure == nil {
		return e.JSON(http.StatusOK, answer)
	}
	return d.noteRefused(e, c.patient, collection, record, failure)
}

// clearFlag answers POST /api/flags/{id}/clear: somebody of the team has seen to it. The same occasion raises it no more.
func (d *doors) clearFlag(e *core.RequestEvent) error {
	g := struct {
		Reason string `json:"reason"`
	}{}
	if _, err := readStep(e, &g); err != nil {
		return err
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		flag, right, err := recordFor(tx, e.Auth, "flags", e.Request.PathValue("id"))
		switch {
		case err != nil:
			return err
		case !right.Shares(access.Family(flag.GetString("family"))):
			return noRight()
		case !right.Has(access.Therapist):
			return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "A physical therapist clears a flag."))
		case len(strings.TrimSpace(g.Reason)) == 0 || len(g.Reason) > 500:
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "Say in a few words why it need not stand."), "reason"))
		}
		w := writer{doors: d, tx: tx, by: as(e.Auth, "route")}
		if err := w.save(flag, map[string]any{"state": string(careplan.ByAPerson), "cleared_at": instantText(d.clock.now()), "cleared_because": strings.TrimSpace(g.Reason)}); err != nil {
			return err
		}
		return d.audit(tx, event{Actor: e.Auth.Id, Capacity: string(access.Therapist), Action: "change", Patient: flag.GetString("patient"), Collection: "flags", Record: flag.Id, Outcome: "ok"})
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

var planRoutes = []Route{
	{Method: "POST", Path: "/api/plans/{id}/check", Does: "a transition's dry run", handle: (*doors).planCheck},
	{Method: "GET", Path: "/api/plans/{id}/sheet", Does: "what the plan says, word for word, its versions, and what can become of it", handle: (*doors).planSheet},
	{Method: "POST", Path: "/api/plans/{id}/transitions", Does: "sign, pause, resume, extend, complete, discharge, hand over, void", handle: planStep[careplan.Move]},
	{Method: "POST", Path: "/api/plans/{id}/void", Does: "the first of two people says that a plan was entered in error", handle: (*doors).planVoid},
	{Method: "POST", Path: "/api/plans/{id}/pause/withdraw", Does: "takes a planned pause back", handle: planStep[careplan.WithdrawPause]},
	{Method: "POST", Path: "/api/plans/{id}/reviews", Does: "the review of visit 6", handle: planStep[careplan.DoReview]},
	{Method: "POST", Path: "/api/plans/{id}/acknowledgements", Does: "warnings that were read", handle: planStep[careplan.Acknowledge]},
	{Method: "POST", Path: "/api/plans/{id}/goals", Does: "another word on a goal's outcome", handle: planStep[careplan.Assess]},
	{Method: "POST", Path: "/api/plans/{id}/changes", Does: "illness or a sudden change, with ready drafts", handle: planStep[careplan.ReportChange]},
	{Method: "POST", Path: "/api/plans/{id}/wellness", Does: "starts a wellness program after a discharge", handle: planStep[careplan.StartWellness]},
	{Method: "POST", Path: "/api/plans/{id}/wellness/end", Does: "ends it", handle: planStep[careplan.EndWellness]},
	{Method: "GET", Path: "/api/plans/{id}/handover", Does: "one page for whoever goes on: what helped, program, warning signs, whom to call", handle: (*doors).handOver},
	{Method: "POST", Path: "/api/plans/{id}/void/withdraw", Does: "takes that word back", handle: (*doors).planVoidWithdraw},
	{Method: "POST", Path: "/api/visits/{id}/transitions", Does: "schedule, check in, complete, cancel, miss, correct", handle: (*doors).visitStep},
	{Method: "POST", Path: "/api/flags/{id}/clear", Does: "somebody has seen to it", handle: (*doors).clearFlag},
	{Method: "POST", Path: "/api/notes/{id}/sign", Does: "signs a visit's note, which locks it", handle: (*doors).signNote},
	{Method: "POST", Path: "/api/visits/{id}/reasons", Does: "answers what a late record has left open", handle: (*doors).visitReasons},
}

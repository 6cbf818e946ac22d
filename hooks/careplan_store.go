package hooks

import (
	"encoding/json"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// decidedKey marks a record that carries what the room has decided: its own doors let it pass. The mark is a type of ours,
// so that no body can bring one.
const decidedKey = "@pbInternalDecided"

type mark struct{}

func decided(r *core.Record) bool { _, yes := r.GetRaw(decidedKey).(mark); return yes }

// ask puts one change before the room. Nothing is stored yet.
func (d *doors) ask(tx core.App, c chart, by actor, command careplan.Command) (careplan.Decision, error) {
	person, err := speaker(tx, c, by, command)
	command.By, command.At = person, d.clock.now()
	return careplan.Decide(c.plan, c.profile, command), err
}

// refusal of a decision that was not accepted; nil for one that was.
func refusal(made careplan.Decision) error {
	switch made.Outcome {
	case careplan.Stale:
		b := hard("E_STALE", "Somebody has changed this plan since you opened it. Look at it again.")
		b.Params = map[string]any{"version": made.Plan.Version}
		return refuse(http.StatusConflict, b)
	case careplan.Refused:
		return refuse(http.StatusUnprocessableEntity, pointing(made.Broken)...)
	}
	return nil
}

// pointing says of a rule that takes a reason where one is given.
func pointing(broken []clinic.Broken) []clinic.Broken {
	out := make([]clinic.Broken, len(broken))
	for i, b := range broken {
		if b.Severity == clinic.Override {
			params := map[string]any{"giveReasonAt": "transitions"}
			for name, value := range b.Params {
				params[name] = value
			}
			b.Params = params
		}
		out[i] = b
	}
	return out
}

// writer stores a decision within the transaction that asked for it.
type writer struct {
	*doors
	tx    core.App
	by    actor
	chart chart
	made  careplan.Decision
}

// keep stores all that a decision set, except the record that is being saved anyway.
func (d *doors) keep(tx core.App, by actor, c chart, made careplan.Decision, saving string) error {
	w := writer{d, tx, by, c, made}
	steps := []func() error{w.events, w.reasons}
	if c.record != nil {
		steps = append(steps, func() error { return w.plan(saving) }, w.tasks, w.flags, w.goals, w.wellness)
	}
	steps = append(steps, func() error { return w.visits(saving) }, w.alert)
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// row is a record of a collection, found or new.
func (w writer) row(collection string, where dbx.HashExp) (*core.Record, error) {
	c, err := w.tx.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	var found []*core.Record
	if len(where) > 0 {
		if err := w.tx.RecordQuery(c).AndWhere(where).Limit(1).All(&found); err != nil {
			return nil, err
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return core.NewRecord(c), nil
}

func (w writer) save(r *core.Record, values map[string]any) error {
	r.Load(values)
	r.SetRaw(decidedKey, mark{})
	if name := r.Collection().Name; name != "tasks" && name != "flags" { // these follow; nobody writes them
		setActor(r, w.by)
	}
	return w.tx.Save(r)
}

func (w writer) events() error {
	if w.chart.record == nil {
		return nil // a visit without a plan has no history to write in; what it broke stays open on the visit
	}
	for _, e := range w.made.Events {
		r, err := w.row("plan_events", nil)
		if err != nil {
			return err
		}
		err = w.save(r, map[string]any{"plan": w.chart.plan.ID, "patient": w.chart.patient, "kind": string(e.Kind), "from_state": string(e.From), "to_state": string(e.To),
			"holds_from": e.On.String(), "at": e.At, "actor": e.By.ID, "role": string(e.By.Role), "reason": e.Reason, "note": e.Note, "version": e.Version, "detail": e.Detail})
		if err != nil {
			return err
		}
	}
	return nil
}

// reasons: each override is in the audit too.
func (w writer) reasons() error {
	for _, r := range w.made.Used {
		err := w.audit(w.tx, event{Actor: r.By.ID, Capacity: string(r.By.Role), Action: "override", Patient: w.chart.patient, Collection: "plans",
			Record: w.chart.plan.ID, Outcome: string(r.Code), Reason: string(r.Chip)})
		if err != nil {
			return err
		}
	}
	return nil
}

// alert: care was given while a red flag was open; somebody looks at it the same day.
func (w writer) alert() error {
	if !w.made.Alert {
		return nil
	}
	r, err := w.row("safety_alerts", dbx.HashExp{"patient": w.chart.patient, "code": string(careplan.RedFlagOpen), "closed_at": ""})
	if err != nil || !r.IsNew() {
		return err // somebody is asked already
	}
	return w.save(r, map[string]any{"patient": w.chart.patient, "level": string(careplan.Worklist), "code": string(careplan.RedFlagOpen), "raised_at": instantText(w.clock.now())})
}

func (w writer) plan(saving string) error {
	p, r := w.made.Plan, w.chart.record
	if saving != r.Id {
		fresh, err := w.tx.FindRecordById("plans", r.Id)
		if err != nil {
			return err
		}
		return w.save(fresh, w.planValues(p))
	}
	return nil
}

// planValues are the columns of a plan that only the room writes.
func (w writer) planValues(p careplan.Plan) map[string]any {
	until, visits, since, reason, pauses := clinic.Day(0), 0, clinic.Day(0), "", []map[string]any{}
	for _, e := range p.Extensions {
		until, visits = max(until, e.Until), max(visits, e.MaxVisits)
	}
	for _, pause := range p.Pauses {
		if pause.Running() {
			since, reason = pause.Start, string(pause.Reason)
		}
		if pause.Begun && !pause.Withdrawn {
			pauses = append(pauses, map[string]any{"start": pause.Start, "resume": pause.Resume, "reason": pause.Reason})
		}
	}
	values := map[string]any{"state": string(p.State), "version": p.Version, "start_date": p.Start.String(), "signed_on": p.SignedOn.String(),
		"closed_on": p.ClosedOn.String(), "review_on": careplan.ReviewDay(p, w.chart.profile).String(), "visit_count": p.VisitCount, "extended_until": until.String(), "extended_visits": visits, "paused_since": since.String(), "pause_reason": reason, "pauses": pauses,
		"adapted_until": p.AdaptedUntil.String(), "acknowledged": p.Acknowledged, "wellness_due": careplan.WellnessDue(p, w.chart.profile)}
	if p.SignedOn.Valid() && w.chart.record.GetString("zone") == "" && p.Zone != nil {
		values["zone"] = p.Zone.String()
	}
	return values
}

func (w writer) tasks() error {
	for _, t := range w.made.Tasks {
		r, err := w.row("tasks", dbx.HashExp{"plan": w.chart.plan.ID, "key": t.Key})
		if err != nil {
			return err
		}
		values := map[string]any{"patient": w.chart.patient, "plan": w.chart.plan.ID, "key": t.Key, "code": string(t.Code), "due": t.Due.String(), "state": string(t.State),
			"visit": t.Visit, "params": t.About, "closed_at": ""}
		if r.IsNew() {
			values["raised_at"] = instantText(w.clock.now())
		}
		if t.State != careplan.TaskOpen {
			values["closed_at"] = instantText(w.clock.now())
		}
		if err := w.save(r, values); err != nil {
			return err
		}
	}
	if w.made.Plan.State != careplan.Voided || w.chart.plan.State == careplan.Draft {
		return nil
	}
	wish, err := w.row("tasks", dbx.HashExp{"plan": w.chart.plan.ID, "key": voidWish})
	if err != nil || wish.IsNew() {
		return err
	}
	return w.save(wish, map[string]any{"state": string(careplan.TaskDone), "closed_at": instantText(w.clock.now())})
}

func (w writer) flags() error {
	for _, f := range w.made.Flags {
		r, err := w.row("flags", dbx.HashExp{"plan": w.chart.plan.ID, "key": f.Key})
		if err != nil {
			return err
		}
		cleared := ""
		if f.State != careplan.Standing {
			cleared = instantText(w.clock.now())
		}
		err = w.save(r, map[string]any{"patient": w.chart.patient, "plan": w.chart.plan.ID, "key": f.Key, "code": string(f.Code), "raised_on": f.RaisedOn.String(),
			"state": string(f.State), "params": f.Params, "cleared_at": cleared})
		if err != nil {
			return err
		}
	}
	return nil
}

// goals whose value or outcome the decision has set.
func (w writer) goals() error {
	for i, g := range w.made.Plan.Goals {
		if i < len(w.chart.plan.Goals) && sameJSON(g, w.chart.plan.Goals[i]) {
			continue
		}
		r, err := w.tx.FindRecordById("goals", g.ID)
		if err != nil {
			return err
		}
		if err := w.save(r, map[string]any{"value": g.Value, "not_assessed": g.NotAssessed, "judged": g.Judged}); err != nil {
			return err
		}
	}
	return nil
}

func sameJSON(a, b any) bool {
	x, _ := json.Marshal(a) // plain values of ours: they always encode
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// wellness: the program that a transition began or ended. Its sessions are rows of their own.
func (w writer) wellness() error {
	now, before := w.made.Plan.Wellness, w.chart.plan.Wellness
	if now == nil || before != nil && now.Start == before.Start && now.End == before.End {
		return nil
	}
	r, err := w.row("wellness_programs", dbx.HashExp{"plan": w.chart.plan.ID, "started_on": now.Start.String(), "ended_on": ""})
	if err != nil {
		return err
	}
	values := map[string]any{"patient": w.chart.patient, "plan": w.chart.plan.ID, "started_on": now.Start.String(), "ended_on": now.End.String(), "focus": now.Focus, "goals": now.Goals}
	if r.IsNew() {
		values["review_on"] = now.ReviewOn.String() // from then on the therapist's to move
	}
	return w.save(r, values)
}

// visits that the decision has touched: a code to answer, a date recorded.
func (w writer) visits(saving string) error {
	before := map[string]careplan.Visit{}
	for _, v := range w.chart.plan.Visits {
		before[v.ID] = v
	}
	for _, v := range w.made.Plan.Visits {
		if v.ID == saving || sameJSON(v, before[v.ID]) {
			continue
		}
		r, err := w.tx.FindRecordById("visits", v.ID)
		if err != nil {
			return err
		}
		if err := w.save(r, visitValues(v)); err != nil {
			return err
		}
	}
	return nil
}

// visitValues are the columns of a visit that the room sets.
func visitValues(v careplan.Visit) map[string]any {
	return map[string]any{"kind": string(v.Kind), "mode": v.Mode, "status": string(v.Status), "started_at": instantText(v.StartedAt), "recorded_on": v.RecordedOn.String(),
		"needs_reason": v.NeedsReason}
}

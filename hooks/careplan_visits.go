package hooks

import (
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// Visits of a plan, and what is done in them.

// attend: a visit is scheduled, checked in, completed, missed or corrected.
func (d *doors) attend(e *core.RecordEvent) error {
	v := e.Record
	command, asked := v.GetRaw(commandKey).(careplan.Command)
	if decided(v) || !asked && !moved(v) {
		return e.Next()
	}
	if was := v.Original().GetString("plan"); was != "" && was != v.GetString("plan") {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_SCOPE_FIXED", "A visit stays with its plan."), "plan"))
	}
	return inTx(e, func(tx core.App) error {
		c, err := d.chartFor(tx, v)
		if err != nil {
			return err
		}
		if v.Id == "" {
			v.Id = core.GenerateDefaultRandomId()
		}
		command.Change = attendance(v, c.plan)
		made, err := d.ask(tx, c, actorOf(v), command)
		if err != nil {
			return err
		}
		if err := refusal(made); err != nil {
			return err
		}
		i := slices.IndexFunc(made.Plan.Visits, func(x careplan.Visit) bool { return x.ID == v.Id })
		v.Load(visitValues(made.Plan.Visits[i]))
		v.SetRaw(outcomeKey, outcomeOf{c, made})
		if err := e.Next(); err != nil {
			return err
		}
		return d.keep(tx, actorOf(v), c, made, v.Id)
	})
}

// attendance is what the caller has changed of a visit; the rest is as it is stored now, whatever the caller held.
func attendance(v *core.Record, p careplan.Plan) careplan.Attend {
	a := careplan.Attend{Visit: v.Id, To: careplan.VisitStatus(v.GetString("status"))}
	changed := func(field string) bool { return v.IsNew() || v.GetString(field) != v.Original().GetString(field) }
	if i := slices.IndexFunc(p.Visits, func(x careplan.Visit) bool { return x.ID == v.Id }); i >= 0 && !changed("status") {
		a.To = p.Visits[i].Status
	}
	if changed("kind") {
		a.Kind = careplan.VisitKind(v.GetString("kind"))
	}
	if changed("mode") {
		a.Mode = v.GetString("mode")
	}
	if changed("scheduled_at") {
		a.ScheduledAt = v.GetDateTime("scheduled_at").Time()
	}
	if changed("started_at") {
		a.StartedAt = v.GetDateTime("started_at").Time()
	}
	a.AttackDay = changed("attack_day") && v.GetBool("attack_day")
	return a
}

// moved: something that the rules look at has changed.
func moved(v *core.Record) bool {
	return v.IsNew() || slices.ContainsFunc([]string{"status", "kind", "scheduled_at", "started_at", "attack_day", "plan", "recorded_on", "needs_reason"}, func(f string) bool {
		return v.GetString(f) != v.Original().GetString(f)
	})
}

// chartFor reads the plan of a visit. A visit that names none belongs to the patient's plan that is not closed, if there is one.
func (d *doors) chartFor(tx core.App, v *core.Record) (chart, error) {
	if v.GetString("plan") == "" {
		var plan string
		err := tx.DB().NewQuery("SELECT COALESCE((SELECT id FROM plans WHERE patient={:p} AND state IN ('draft', 'active', 'paused', 'extended') ORDER BY state='draft', created DESC LIMIT 1), '')").
			Bind(dbx.Params{"p": v.GetString("patient")}).Row(&plan)
		if err != nil {
			return chart{}, err
		}
		if plan == "" {
			if plan, err = d.endedPlan(tx, v); err != nil {
				return chart{}, err
			}
		}
		v.Set("plan", plan)
	}
	c, err := d.chartOf(tx, v.GetString("plan"), v.GetString("patient"))
	if err != nil {
		return c, planGone(err)
	}
	return c, nil
}

// endedPlan is the plan that a late record belongs to: the newest closed one whose time, in the clinic's zone, holds its day.
func (d *doors) endedPlan(tx core.App, v *core.Record) (string, error) {
	r := &reader{app: tx}
	at := v.GetDateTime("started_at").Time()
	if at.IsZero() {
		at = v.GetDateTime("scheduled_at").Time()
	}
	for _, plan := range r.rows("plans", dbx.HashExp{"patient": v.GetString("patient")}, "closed_on DESC") {
		zone := zoneOrNil(plan.GetString("zone"))
		if zone == nil || at.IsZero() || plan.GetString("state") == string(careplan.Voided) {
			continue
		}
		day := clinic.DayOf(at, zone)
		if start, closed := dayOrNone(plan.GetString("start_date")), dayOrNone(plan.GetString("closed_on")); start.Valid() && start <= day && day <= closed {
			return plan.Id, nil
		}
	}
	return "", r.err
}

// visitToDesk: who schedules does not see which rules a visit has broken; a code may tell of her health.
func visitToDesk(e *core.RecordEnrichEvent) error {
	if e.RequestInfo == nil || e.RequestInfo.Auth == nil || e.RequestInfo.Auth.Collection().Name != "users" {
		return e.Next()
	}
	right, err := rightOf(e.App.DB(), e.RequestInfo.Auth, e.Record.GetString("patient"))
	if err != nil {
		return err
	}
	if !right.Sees("plans") {
		e.Record.Hide("needs_reason")
	}
	return e.Next()
}

// treat: an item is about to be given in a visit, or was.
func (d *doors) treat(e *core.RecordEvent) error {
	r := e.Record
	if !careplan.Named(careplan.Category(r.GetString("category")), r.GetString("technique"), r.GetString("technique_goal")) {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "A manual technique says which it is and what it is for."), "technique_goal"))
	}
	if !r.IsNew() && !changedAny(r, "status", "category", "visit", "technique", "end_range_rotation") {
		return e.Next() // a correction of what was noted, not another act
	}
	visit, err := e.App.FindRecordById("visits", r.GetString("visit"))
	if err != nil {
		return planGone(err)
	}
	return inTx(e, func(tx core.App) error {
		gate, err := d.gateTreatment(tx, r)
		if err != nil {
			return err
		}
		err = d.decideWith(e, visit.GetString("plan"), careplan.Treat{Visit: visit.Id, Category: careplan.Category(r.GetString("category")), Given: r.GetString("status") == "given", Gate: gate})
		if err != nil {
			return err
		}
		return d.treated(tx, r, gate)
	})
}

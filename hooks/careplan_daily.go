package hooks

import (
	"context"
	"errors"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/careplan"
)

// What is due follows from the history and the day: plans are looked at every hour, at the start, and when a fact is new.

// lookAtPlans reads without the writer, and writes only where something has changed. Of a plan that is closed only a reason
// that is owed can fall overdue.
func (d *doors) lookAtPlans(ctx context.Context, app core.App) error {
	var plans []string
	err := app.DB().NewQuery(`SELECT id FROM plans WHERE state IN ('active', 'paused', 'extended')
UNION SELECT plan FROM tasks WHERE plan<>'' AND code={:reason} AND state={:open}`).
		Bind(dbx.Params{"reason": string(careplan.ReasonTask), "open": string(careplan.TaskOpen)}).Column(&plans)
	for _, plan := range plans {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c, failed := d.chartOf(app, plan, "")
		if failed == nil && !quiet(c, careplan.Daily(c.plan, c.profile, d.clock.now())) {
			failed = app.RunInTransaction(func(tx core.App) error { return d.refresh(tx, plan) })
		}
		err = errors.Join(err, failed)
	}
	return err
}

// lookAgain: a fact may raise or lower what stands on the worklist of the patient's plans.
func (d *doors) lookAgain(e *core.RecordEvent) error {
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		if err := d.factsTold(tx, e.Record); err != nil {
			return err
		}
		return d.refreshAll(tx, e.Record.GetString("patient"))
	})
}

func (d *doors) refreshAll(tx core.App, patient string) error {
	var plans []string
	err := tx.DB().NewQuery("SELECT id FROM plans WHERE patient={:p} AND state<>'voided'").Bind(dbx.Params{"p": patient}).Column(&plans)
	for _, plan := range plans {
		err = errors.Join(err, d.refresh(tx, plan))
	}
	return err
}

// refresh stores what the day, or a new fact, has changed: a planned pause begins, flags and tasks rise and fall.
func (d *doors) refresh(tx core.App, plan string) error {
	c, err := d.chartOf(tx, plan, "")
	if err != nil {
		return err
	}
	made := careplan.Daily(c.plan, c.profile, d.clock.now())
	if quiet(c, made) {
		return nil
	}
	return d.keep(tx, actor{ID: careplan.System.ID}, c, made, "")
}

// quiet: there is nothing to store.
func quiet(c chart, made careplan.Decision) bool {
	return len(made.Events)+len(made.Tasks)+len(made.Flags) == 0 && made.Plan.Start == c.plan.Start && made.Plan.VisitCount == c.plan.VisitCount
}

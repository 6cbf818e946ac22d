package hooks

import (
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/careplan"
)

// Edits of a plan and its content: the room is asked about the plan as it would be after them.

// bearPlan: a plan begins as a draft that nobody has signed. Visits of the patient without a plan, such as the
// evaluation, become this one's.
func (d *doors) bearPlan(e *core.RecordEvent) error {
	r := e.Record
	if decided(r) {
		return e.Next()
	}
	if r.GetString("state") != string(careplan.Draft) || r.GetInt("version") != 0 || r.GetInt("visit_count") != 0 || r.GetInt("extended_visits") != 0 || r.GetBool("wellness_due") || !slices.Contains([]string{"", "null"}, r.GetString("acknowledged")) || told(r, "pauses") != "" ||
		anySet(r, "zone", "signed_on", "start_date", "extended_until", "paused_since", "pause_reason", "adapted_until", "closed_on", "review_on") {
		return refuse(http.StatusUnprocessableEntity, hard("E_TRANSITION", "A plan begins as a draft; it is signed at /api/plans/{id}/transitions."))
	}
	return inTx(e, func(tx core.App) error {
		c, err := d.chartOf(tx, "", r.GetString("patient"))
		if err != nil {
			return err
		}
		if r.GetInt("planned_visits") == 0 {
			r.Set("planned_visits", c.profile.PlannedVisits)
		}
		if err := e.Next(); err != nil {
			return err
		}
		// those of a plan that was voided, and loose ones since the last plan that ended
		_, err = tx.DB().NewQuery(`UPDATE visits SET plan={:new} WHERE patient={:p} AND (plan IN (SELECT id FROM plans WHERE patient={:p} AND state='voided')
OR plan='' AND MAX(started_at, scheduled_at) >= COALESCE((SELECT MAX(closed_on) FROM plans WHERE patient={:p} AND state<>'voided'), ''))`).
			Bind(dbx.Params{"new": r.Id, "p": c.patient}).Execute()
		if err != nil {
			return err
		}
		if c, err = d.chartOf(tx, r.Id, ""); err != nil {
			return err
		}
		return d.edited(tx, c, c, actorOf(r))
	})
}

// edited asks the room about an edit that took a plan from one chart to another, and stores what it says.
func (d *doors) edited(tx core.App, before, after chart, by actor) error {
	made, err := d.ask(tx, before, by, careplan.Command{Change: careplan.Edit{Terms: termsOf(after.record), Content: after.plan.Content}})
	if err != nil {
		return err
	}
	if err := refusal(made); err != nil {
		return err
	}
	before.plan.Goals = after.plan.Goals // as they are stored now
	if err := d.keep(tx, by, before, made, ""); err != nil {
		return err
	}
	return d.keepSheet(tx, after.record.Id, by, "edited")
}

func anySet(r *core.Record, fields ...string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return r.GetString(f) != "" })
}

// editPlan: what a plan says may be edited; what follows from its history may not.
func (d *doors) editPlan(e *core.RecordEvent) error {
	if decided(e.Record) {
		return e.Next()
	}
	for _, field := range planKept {
		if e.Record.GetString(field) != e.Record.Original().GetString(field) {
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_TRANSITION", "This follows from the plan's history: it changes at /api/plans/{id}/transitions."), field))
		}
	}
	if e.Record.GetString("consent_on") == "" && e.Record.Original().GetString("consent_on") != "" && e.Record.GetString("signed_on") != "" {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_KEPT", "Care rests on this consent. When it is withdrawn, the plan ends: discharge it at /api/plans/{id}/transitions."), "consent_on"))
	}
	if !slices.ContainsFunc(planSays, func(f string) bool { return e.Record.GetString(f) != e.Record.Original().GetString(f) }) {
		return d.editWords(e) // a consent, also one that comes after the end
	}
	return d.editAround(e, e.Record.Id)
}

// editWords: words of the plan that no rule judges.
func (d *doors) editWords(e *core.RecordEvent) error {
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return d.keepSheet(tx, e.Record.Id, actorOf(e.Record), "edited")
	})
}

// editContent: a goal, an item, a problem, a finding.
func (d *doors) editContent(e *core.RecordEvent) error {
	r := e.Record
	if decided(r) {
		return e.Next()
	}
	if !r.IsNew() && r.GetString("plan") != r.Original().GetString("plan") {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_SCOPE_FIXED", "This stays with its plan."), "plan"))
	}
	if r.Collection().Name == "goals" && typed(r) {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_TRANSITION", "An outcome is computed from the plan's measures; another word on it is given at /api/plans/{id}/goals."), "value"))
	}
	if r.Collection().Name == "plan_items" {
		d.confirm(r)
	}
	return d.editAround(e, r.GetString("plan"))
}

// typed: the outcome of a goal, which follows from measures, comes from a hand.
func typed(goal *core.Record) bool {
	return slices.ContainsFunc([]string{"value", "judged", "not_assessed"}, func(f string) bool {
		empty := slices.Contains([]string{"", "null", "false"}, goal.GetString(f))
		return goal.IsNew() && !empty || !goal.IsNew() && goal.GetString(f) != goal.Original().GetString(f)
	})
}

// confirm notes who confirmed an item that came from a template.
func (d *doors) confirm(r *core.Record) {
	if !r.GetDateTime("confirmed_at").IsZero() && r.Original().GetDateTime("confirmed_at").IsZero() {
		r.Set("confirmed_by", actorOf(r).ID)
		r.Set("confirmed_at", instantText(d.clock.now()))
	}
}

// editAround lets an edit happen and asks the room about the plan as it would be then.
func (d *doors) editAround(e *core.RecordEvent, plan string) error {
	return inTx(e, func(tx core.App) error {
		before, err := d.chartOf(tx, plan, "")
		if err != nil {
			return planGone(err)
		}
		if err := e.Next(); err != nil {
			return err
		}
		after, err := d.chartOf(tx, plan, "")
		if err != nil {
			return err
		}
		return d.edited(tx, before, after, actorOf(e.Record))
	})
}

func termsOf(r *core.Record) careplan.Terms {
	return careplan.Terms{PlannedVisits: r.GetInt("planned_visits"), PerWeek: r.GetInt("per_week"), PlannedEnd: dayOrNone(r.GetString("planned_end"))}
}

package hooks

import (
	"encoding/json"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
)

// secondPerson fills in who has said before that this plan was entered in error.
func (d *doors) secondPerson(tx core.App, c chart, by actor, command careplan.Command) (careplan.Change, error) {
	move, ok := command.Change.(careplan.Move)
	if !ok || move.To != careplan.Voided || c.plan.State == careplan.Draft {
		return command.Change, nil
	}
	w := writer{doors: d, tx: tx, by: by, chart: c}
	wish, err := w.row("tasks", dbx.HashExp{"plan": c.plan.ID, "key": voidWish})
	if err != nil {
		return move, err
	}
	move.Second = nil // nobody names the other one
	if wish.IsNew() || wish.GetString("state") != string(careplan.TaskOpen) {
		return move, nil
	}
	var said voidSaid
	if err := json.Unmarshal([]byte(wish.GetString("params")), &said); err != nil {
		return move, err
	}
	still, err := actorAmong(tx, actor{ID: said.ID}, c.patient, said.Role)
	if said.Version == c.plan.Version && still.Role == said.Role {
		move.Second = &said.Person
	}
	return move, err
}

// speaker is in which role somebody asks. Who treats and also runs the clinic speaks, of a plan to be voided, for the side that has not spoken.
func speaker(tx core.App, c chart, by actor, command careplan.Command) (careplan.Person, error) {
	person, err := actorAs(tx, by, c.patient)
	move, ok := command.Change.(careplan.Move)
	if err != nil || !ok || move.Second == nil || move.Second.Role != person.Role {
		return person, err
	}
	return actorAmong(tx, by, c.patient, access.ClinicAdmin, person.Role)
}

// planVoid answers POST /api/plans/{id}/void: the first of two people says that a signed plan was entered in error.
func (d *doors) planVoid(e *core.RequestEvent) error {
	return d.aboutVoiding(e, func(w writer, wish *core.Record, person careplan.Person) error {
		return w.save(wish, map[string]any{"patient": w.chart.patient, "plan": w.chart.plan.ID, "key": voidWish, "code": voidWish, "state": string(careplan.TaskOpen),
			"params": voidSaid{person, w.chart.plan.Version}, "due": planToday(w.chart.plan, d.clock.now()).String(), "raised_at": instantText(d.clock.now()), "closed_at": ""})
	})
}

// planVoidWithdraw answers POST /api/plans/{id}/void/withdraw: that word is taken back, by either of the two.
func (d *doors) planVoidWithdraw(e *core.RequestEvent) error {
	return d.aboutVoiding(e, func(w writer, wish *core.Record, _ careplan.Person) error {
		if wish.GetString("state") != string(careplan.TaskOpen) {
			return noRight()
		}
		return w.save(wish, map[string]any{"state": string(careplan.TaskWithdrawn), "closed_at": instantText(d.clock.now())})
	})
}

// aboutVoiding: a physical therapist and the clinic's admin have a word in it, of a signed plan.
func (d *doors) aboutVoiding(e *core.RequestEvent, word func(w writer, wish *core.Record, person careplan.Person) error) error {
	err := e.App.RunInTransaction(func(tx core.App) error {
		c, err := d.openChart(e, tx, e.Request.PathValue("id"), true)
		if err != nil {
			return err
		}
		by := as(e.Auth, "route")
		person, err := actorAs(tx, by, c.patient)
		if err != nil {
			return err
		}
		if person.Role != access.Therapist && person.Role != access.ClinicAdmin || c.plan.State == careplan.Draft || c.plan.State == careplan.Voided {
			return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "A physical therapist and the clinic's admin void a signed plan together."))
		}
		w := writer{doors: d, tx: tx, by: by, chart: c}
		wish, err := w.row("tasks", dbx.HashExp{"plan": c.plan.ID, "key": voidWish})
		if err != nil {
			return err
		}
		return word(w, wish, person)
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// voidWish is the task that a first person's wish to void a signed plan leaves for the second (T11).
const voidWish = "VOID_PLAN"

// voidSaid is a first person's wish. It holds for the plan as it was then, and while that person has the role.
type voidSaid struct {
	careplan.Person
	Version int `json:"version"`
}

package hooks

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/careplan"
)

// visitBody is a step of a visit.
type visitBody struct {
	To          string    `json:"to"`
	Mode        string    `json:"mode"`
	ScheduledAt time.Time `json:"scheduledAt"`
	StartedAt   time.Time `json:"startedAt"`
	EndedAt     time.Time `json:"endedAt"`
	AttackDay   bool      `json:"attackDay"`
}

// visitStep answers POST /api/visits/{id}/transitions: the change of a record that a PATCH would make, with reasons.
func (d *doors) visitStep(e *core.RequestEvent) error {
	var body visitBody
	g, err := readStep(e, &body)
	if err != nil {
		return err
	}
	var answer planAnswer
	var c chart
	id := e.Request.PathValue("id")
	err = e.App.RunInTransaction(func(tx core.App) error {
		v, err := d.openVisit(e, tx, id)
		if err != nil {
			return err
		}
		body.set(v)
		setActor(v, as(e.Auth, "route"))
		v.SetRaw(commandKey, careplan.Command{Overrides: g.Overrides})
		c.patient = v.GetString("patient")
		if err := tx.Save(v); err != nil {
			return err
		}
		out, _ := v.GetRaw(outcomeKey).(outcomeOf)
		answer = d.planAnswer(out.chart, out.made, v.Id)
		return trim(tx, e.Auth, v.GetString("patient"), &answer)
	})
	return d.answerStep(e, c, "visits", id, answer, err)
}

func (b visitBody) set(v *core.Record) {
	v.Set("status", b.To)
	if b.Mode != "" {
		v.Set("mode", b.Mode)
	}
	for field, at := range map[string]time.Time{"scheduled_at": b.ScheduledAt, "started_at": b.StartedAt, "ended_at": b.EndedAt} {
		if !at.IsZero() {
			v.Set(field, instantText(at))
		}
	}
	if b.AttackDay {
		v.Set("attack_day", true)
	}
}

// openVisit finds a visit for somebody who may write it.
func (d *doors) openVisit(e *core.RequestEvent, tx core.App, id string) (*core.Record, error) {
	v, right, err := recordFor(tx, e.Auth, "visits", id)
	switch {
	case err != nil:
		return nil, err
	case !right.Writes("visits"):
		return nil, refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "This step belongs to the clinic."))
	}
	return v, nil
}

// visitReasons answers POST /api/visits/{id}/reasons with the reasons that a visit's record waits for.
func (d *doors) visitReasons(e *core.RequestEvent) error {
	g, err := readStep(e, &struct{}{})
	if err != nil {
		return err
	}
	v, err := d.openVisit(e, e.App, e.Request.PathValue("id"))
	if err != nil {
		return err
	}
	if v.GetString("plan") == "" {
		return planGone(nil)
	}
	return d.step(e, v.GetString("plan"), careplan.Command{Overrides: g.Overrides, Change: careplan.AnswerReasons{Visit: v.Id}})
}

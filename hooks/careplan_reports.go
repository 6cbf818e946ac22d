package hooks

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
)

// What a patient or a screen tells, and who answers it.

// changeReported puts a patient's own report on the worklist.
func (d *doors) changeReported(e *core.RecordEvent) error {
	r := e.Record
	r.Set("reported_at", instantText(d.clock.now()))
	if patient := r.GetString("patient"); decided(r) || actorOf(r).Own != patient || patient == "" {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		w := writer{doors: d, tx: tx}
		task, err := w.row("tasks", nil)
		if err != nil {
			return err
		}
		c, err := d.chartOf(tx, "", r.GetString("patient"))
		if err != nil {
			return err
		}
		now := d.clock.now()
		return w.save(task, map[string]any{"patient": r.GetString("patient"), "code": changeTask, "state": string(careplan.TaskOpen), "due": planToday(c.plan, now).String(),
			"raised_at": instantText(now), "params": map[string]any{"report": r.Id}})
	})
}

// answered: the team has dealt with what the patient reported.
func (w writer) answered(change careplan.Change) error {
	move, moves := change.(careplan.Move)
	report, adapts := change.(careplan.ReportChange)
	if adapts {
		if err := w.reported(report); err != nil {
			return err
		}
	}
	person, err := actorAs(w.tx, w.by, w.chart.patient)
	if err != nil || person.Role != access.Therapist && person.Role != access.Assistant {
		return err // a patient's report waits for the team
	}
	if !adapts && !(moves && (move.To == careplan.Paused || move.To == careplan.Extended)) {
		return nil
	}
	_, err = w.tx.DB().Update("tasks", dbx.Params{"state": string(careplan.TaskDone), "closed_at": instantText(w.clock.now())},
		dbx.HashExp{"patient": w.chart.patient, "code": changeTask, "state": string(careplan.TaskOpen)}).Execute()
	return err
}

// reported keeps what was told at the route as a report like any other.
func (w writer) reported(change careplan.ReportChange) error {
	r, err := w.row("change_reports", nil)
	if err != nil {
		return err
	}
	now, source := w.clock.now(), "clinic"
	if w.by.Own == w.chart.patient {
		source = "phone"
	}
	return w.save(r, map[string]any{"patient": w.chart.patient, "reason": string(change.Reason), "note": change.Note, "happened_on": planToday(w.chart.plan, now).String(),
		"entered_at": instantText(now), "source": source})
}

// healthStays: what asks for a new screen is answered by the screen, not taken back.
func healthStays(e *core.RecordEvent) error {
	was, now := careplan.ChangeReason(e.Record.Original().GetString("reason")), careplan.ChangeReason(e.Record.GetString("reason"))
	if was.Rescreens() && (e.Type == core.ModelEventTypeDelete || now != was) {
		return refuse(http.StatusUnprocessableEntity, hard("E_KEPT", "This is about your safety and stays. Tell your therapist if it was a slip."))
	}
	return e.Next()
}

// found: a screen that found something is an alert, until a clinician closes it. Its answers say how urgent it is
// (safety_checks.go); without them it holds up care as an urgent one.
func (d *doors) found(e *core.RecordEvent) error {
	r := e.Record
	before := r.Original().GetString("result")
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		if r.GetString("result") != "finding" || before == "finding" {
			return nil
		}
		if raised, err := tx.CountRecords("safety_alerts", dbx.HashExp{"patient": r.GetString("patient"), "about": r.Id}); err != nil || raised > 0 {
			return err
		}
		w := writer{doors: d, tx: tx, by: actorOf(r)}
		alert, err := w.row("safety_alerts", nil)
		if err != nil {
			return err
		}
		return w.save(alert, map[string]any{"patient": r.GetString("patient"), "level": string(careplan.Urgent), "code": "SCREEN_FINDING", "raised_at": instantText(d.clock.now())})
	})
}

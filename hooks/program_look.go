package hooks

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/clinic"
	"interictal/hooks/program"
)

// Proposals are made by an hourly look and by nothing else: attacks, pauses, alerts and late logs all change a verdict, and a look
// that asks the room about everything there is gives the same rows in whatever order the entries came
// (docs/decisions/012-when-a-dose-moves.md). A decision asks the room once more.

func (d *doors) lookAtPrograms(ctx context.Context, app core.App) error {
	var patients []string
	err := app.DB().NewQuery(`SELECT DISTINCT patient FROM exercises WHERE confirmed_at<>'' AND (stopped_on='' OR stopped_on >= {:lately})
UNION SELECT patient FROM progression_proposals WHERE state='open'`).
		Bind(dbx.Params{"lately": clinic.DayOf(d.clock.now(), time.UTC).Add(-1).String()}).Column(&patients)
	for _, patient := range patients {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = errors.Join(err, d.lookAtProgram(app, patient))
	}
	return err
}

// lookAtProgram reads without the writer, and writes only where something has changed.
func (d *doors) lookAtProgram(app core.App, patient string) error {
	changes, err := d.programNews(app, patient)
	if err != nil || len(changes) == 0 {
		return err
	}
	return app.RunInTransaction(func(tx core.App) error {
		changes, err := d.programNews(tx, patient)
		for _, change := range changes {
			err = errors.Join(err, d.propose(tx, change))
		}
		return err
	})
}

// proposal is what a look found for one exercise: the verdict of today beside the rows there are.
type proposal struct {
	regimen *regimen
	item    program.Item
	verdict program.Verdict
	row     *core.Record   // of this occasion; nil: there is none yet
	gone    []*core.Record // open ones that the facts no longer say
	write   bool
}

func (d *doors) programNews(app core.App, patient string) (changes []proposal, err error) {
	right, err := sharedWithTeam(app.DB(), patient)
	if err != nil {
		return nil, err
	}
	g, err := d.regimenOf(app, patient, 0, right)
	if err != nil {
		return nil, err
	}
	for _, it := range g.items {
		p, err := g.judge(app, it)
		if err != nil {
			return nil, err
		}
		if p.write || len(p.gone) > 0 {
			changes = append(changes, p)
		}
	}
	return changes, nil
}

// judge asks the room about one exercise, and sets its answer against the rows.
func (g *regimen) judge(app core.App, it program.Item) (p proposal, err error) {
	r := &reader{app: app}
	rows := r.rows("progression_proposals", dbx.HashExp{"exercise": it.ID}, "made_at")
	p = proposal{regimen: g, item: it}
	if g.right.Sees("exercise_logs") {
		p.verdict = program.Judge(it, g.logs[it.ID], g.person, attacksDecided(rows))
	}
	live := slices.Contains([]program.Kind{program.Up, program.Stay, program.Back, program.Look}, p.verdict.Kind)
	for _, row := range rows {
		switch {
		case live && row.GetString("key") == p.verdict.Key:
			p.row = row
		case row.GetString("state") == "open":
			p.gone = append(p.gone, row)
		}
	}
	if live && !p.decided() {
		p.write = p.row == nil || p.changed()
	}
	return p, r.err
}

// decided: a person, or the rule of auto_progress, has said what becomes of it.
func (p proposal) decided() bool {
	return p.row != nil && !slices.Contains([]string{"open", "noted", "withdrawn"}, p.row.GetString("state"))
}

// attacksDecided is when a step back for attacks was last decided: sessions count anew from there.
func attacksDecided(rows []*core.Record) (since time.Time) {
	for _, row := range rows {
		if slices.Contains(row.GetStringSlice("reasons"), string(program.AttacksAfter)) {
			if at := row.GetDateTime("decided_at").Time(); at.After(since) {
				since = at
			}
		}
	}
	return since
}

// values of a row as the verdict has them.
func (p proposal) values() map[string]any {
	v := p.verdict
	state := "open"
	if v.Kind == program.Stay {
		state = "noted"
	}
	values := map[string]any{"patient": p.regimen.patient, "exercise": p.item.ID, "key": v.Key, "kind": string(v.Kind), "state": state, "version": v.Version,
		"week_from": v.From.String(), "week_to": v.To.String(), "reasons": v.Reasons, "variable": "", "from_value": nil, "to_value": nil,
		"basis": map[string]any{"kept": v.Kept, "after": v.After, "failed": v.Failed}}
	if v.Step != nil {
		values["variable"], values["from_value"], values["to_value"] = string(v.Step.By), v.Step.From, v.Step.To
	}
	return values
}

// changed: the row says something else than the verdict.
func (p proposal) changed() bool {
	fresh := core.NewRecord(p.row.Collection())
	fresh.Load(p.values())
	return slices.ContainsFunc([]string{"kind", "state", "version", "week_from", "week_to", "reasons", "variable", "from_value", "to_value", "basis"}, func(f string) bool {
		return told(fresh, f) != told(p.row, f)
	})
}

// propose writes what a look has found; a step of an item that moves by itself is taken.
func (d *doors) propose(tx core.App, p proposal) error {
	w := writer{doors: d, tx: tx, by: actor{ID: "system"}}
	for _, row := range p.gone {
		if err := w.save(row, map[string]any{"state": "withdrawn"}); err != nil {
			return err
		}
	}
	if err := w.programFlag(p); err != nil || !p.write {
		return err
	}
	values := p.values()
	values["made_at"] = instantText(d.clock.now())
	applies := p.item.Auto && p.verdict.Step != nil
	if applies {
		values["state"], values["decided_by"], values["decided_at"] = "applied", "system", instantText(d.clock.now())
	}
	if p.row == nil {
		c, err := tx.FindCachedCollectionByNameOrId("progression_proposals")
		if err != nil {
			return err
		}
		p.row = core.NewRecord(c)
	}
	if err := w.save(p.row, values); err != nil || !applies {
		return err
	}
	return w.step(p, *p.verdict.Step)
}

// step takes one step: the exercise, and with it the version that says why.
func (w writer) step(p proposal, step program.Step) error {
	row, err := w.tx.FindRecordById("exercises", p.item.ID)
	if err != nil {
		return err
	}
	cause := program.ByStepUp
	if step.To < step.From {
		cause = program.ByStepBack
	}
	for field, variable := range doseFields {
		if variable == step.By {
			row.Set(field, step.To)
		}
	}
	row.SetRaw(stepKey, why{Cause: cause, Reasons: p.verdict.Reasons})
	setActor(row, w.by)
	return w.tx.Save(row)
}

const stuck = "F_PROGRAM_STUCK"

// programFlag stands while an item has failed three weeks in a row, or cannot go back by one step.
func (w writer) programFlag(p proposal) error {
	flag, err := w.row("flags", dbx.HashExp{"patient": p.regimen.patient, "key": stuck + ":" + p.item.ID})
	if err != nil {
		return err
	}
	stands, looks := !flag.IsNew() && flag.GetString("state") == "standing", p.verdict.Kind == program.Look && !p.decided()
	now := w.clock.now()
	switch {
	case looks && p.write && !stands: // one that a person has cleared rises again with the next occasion
		return w.save(flag, map[string]any{"patient": p.regimen.patient, "key": stuck + ":" + p.item.ID, "code": stuck, "state": "standing", "cleared_at": "",
			"raised_on": p.regimen.person.Today.String(), "params": map[string]any{"exercise": p.item.ID, "failed": p.verdict.Failed}})
	case stands && !looks:
		return w.save(flag, map[string]any{"state": "withdrawn", "cleared_at": instantText(now)})
	}
	return nil
}

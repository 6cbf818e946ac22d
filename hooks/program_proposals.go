package hooks

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/clinic"
	"interictal/hooks/program"
)

// A person decides about a proposed step; what the facts no longer say cannot be decided.

type proposalView struct {
	ID       string         `json:"id"`
	Exercise string         `json:"exercise"`
	Kind     program.Kind   `json:"kind"`
	State    string         `json:"state"`
	Version  int            `json:"version"`
	From     clinic.Day     `json:"from"`
	To       clinic.Day     `json:"to"`
	Reasons  []string       `json:"reasons"`
	Step     *program.Step  `json:"step"`
	Basis    map[string]any `json:"basis"`
	MadeAt   string         `json:"madeAt"`
	Decided  string         `json:"decidedAt"`
	Note     string         `json:"note"`
}

// proposals, the newest first.
func (g *regimen) proposals(app core.App) ([]proposalView, error) {
	r := &reader{app: app}
	out := []proposalView{}
	for _, row := range r.rows("progression_proposals", dbx.HashExp{"patient": g.patient}, "made_at DESC") {
		out = append(out, proposalOf(r, row))
	}
	return out, r.err
}

func proposalOf(r *reader, row *core.Record) proposalView {
	v := proposalView{ID: row.Id, Exercise: row.GetString("exercise"), Kind: program.Kind(row.GetString("kind")), State: row.GetString("state"), Version: row.GetInt("version"),
		From: dayOrNone(row.GetString("week_from")), To: dayOrNone(row.GetString("week_to")), Reasons: append([]string{}, row.GetStringSlice("reasons")...),
		MadeAt: row.GetString("made_at"), Decided: row.GetString("decided_at"), Note: row.GetString("note")}
	if from, to := numberOf(row, "from_value"), numberOf(row, "to_value"); from != nil && to != nil {
		v.Step = &program.Step{By: program.Variable(row.GetString("variable")), From: *from, To: *to}
	}
	r.unpack(row, "basis", &v.Basis)
	return v
}

// decision is the body of a route about a proposal.
type decision struct {
	Note string           `json:"note"`
	By   program.Variable `json:"by"` // edit: which variable; empty is the proposed one
	To   float64          `json:"to"`
}

// decideProposal asks the room once more: what the facts no longer say cannot be accepted.
func (d *doors) decideProposal(e *core.RequestEvent, verb string) error {
	var said decision
	if err := bindBody(e, &said); err != nil {
		return err
	}
	var out proposalView
	var patient string
	err := e.App.RunInTransaction(func(tx core.App) error {
		row, right, err := recordFor(tx, e.Auth, "progression_proposals", e.Request.PathValue("id"))
		switch {
		case err != nil:
			return err
		case !right.Writes("exercises"):
			return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "The care team decides about steps."))
		case len(said.Note) > 1000:
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "Say it in fewer words."), "note"))
		}
		patient = row.GetString("patient")
		if out, err = d.carryOutProposal(tx, row, as(e.Auth, "route"), verb, said); err != nil {
			return err
		}
		return d.audit(tx, event{Actor: e.Auth.Id, Capacity: foremost(right.Roles), Action: "change", Patient: patient, Collection: "progression_proposals", Record: row.Id, Outcome: "ok"})
	})
	if err != nil {
		return d.refusedStep(e, patient, "progression_proposals", err)
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) carryOutProposal(tx core.App, row *core.Record, by actor, verb string, said decision) (out proposalView, err error) {
	right, err := sharedWithTeam(tx.DB(), row.GetString("patient"))
	if err != nil {
		return out, err
	}
	g, err := d.regimenOf(tx, row.GetString("patient"), 0, right)
	if err != nil {
		return out, err
	}
	i := slices.IndexFunc(g.items, func(it program.Item) bool { return it.ID == row.GetString("exercise") })
	if i < 0 {
		return out, noRight()
	}
	p, err := g.judge(tx, g.items[i])
	if err != nil {
		return out, err
	}
	if err := stands(p, row); err != nil {
		return out, err
	}
	step, err := said.step(p, verb)
	if err != nil {
		return out, err
	}
	w := writer{doors: d, tx: tx, by: by}
	values := map[string]any{"state": verb, "decided_by": by.ID, "decided_at": instantText(d.clock.now()), "note": strings.TrimSpace(said.Note)}
	if step != nil {
		values["variable"], values["from_value"], values["to_value"] = string(step.By), step.From, step.To
	}
	if err := w.save(p.row, values); err != nil {
		return out, err
	}
	if step != nil {
		if err := w.step(p, *step); err != nil {
			return out, err
		}
	}
	r := &reader{app: tx}
	return proposalOf(r, p.row), cmp.Or(r.err, w.programFlag(p))
}

// stands: it is open, and the facts still say the same.
func stands(p proposal, row *core.Record) error {
	switch {
	case slices.Contains(p.verdict.Reasons, program.RedFlagOpen):
		return refuse(http.StatusUnprocessableEntity, hard("E_REDFLAG_OPEN", "A red-flag alert is open: nothing moves until a clinician has closed it."))
	case row.GetString("state") != "open" || p.row == nil || p.row.Id != row.Id || p.write:
		return refuse(http.StatusConflict, hard("E_STALE", "Something has changed since this was proposed. Look at it again."))
	}
	return nil
}

// step that a decision takes; nil for none.
func (s decision) step(p proposal, verb string) (*program.Step, error) {
	switch verb {
	case "held":
		return nil, nil
	case "accepted":
		if p.verdict.Step == nil {
			return nil, refuse(http.StatusUnprocessableEntity, hard("E_NO_STEP", "There is no step to accept: hold it, or choose one."))
		}
		return p.verdict.Step, nil
	}
	by := s.By
	if by == "" && p.verdict.Step != nil {
		by = p.verdict.Step.By
	}
	if !slices.Contains(program.Variables, by) {
		return nil, refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "Name the one variable that moves."), "by"))
	}
	v, _ := p.item.On(p.regimen.person.Today)
	from := v.Dose.Of(by)
	if !program.Within(from, s.To) {
		b := hard("E_STEP_CAP", "One step goes up by at most 20 %, or back by at most 30 %. A new prescription is written at the exercise itself.")
		b.Params = map[string]any{"from": from, "to": s.To}
		return nil, refuse(http.StatusUnprocessableEntity, b)
	}
	return &program.Step{By: by, From: from, To: s.To}, nil
}

package hooks

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/program"
)

var programRoutes = []Route{
	{Method: "GET", Path: "/api/patients/{id}/program", Does: "the home program of a day, and how much of it was done", handle: (*doors).programAnswer},
	{Method: "POST", Path: "/api/patients/{id}/program/templates", Does: "prefills from a template; each item waits to be confirmed", handle: (*doors).useTemplate},
	{Method: "POST", Path: "/api/proposals/{id}/accept", Does: "takes the step", handle: func(d *doors, e *core.RequestEvent) error { return d.decideProposal(e, "accepted") }},
	{Method: "POST", Path: "/api/proposals/{id}/hold", Does: "leaves the dose as it is", handle: func(d *doors, e *core.RequestEvent) error { return d.decideProposal(e, "held") }},
	{Method: "POST", Path: "/api/proposals/{id}/edit", Does: "takes another step of one variable", handle: func(d *doors, e *core.RequestEvent) error { return d.decideProposal(e, "edited") }},
}

// programView answers GET /api/patients/{id}/program. Every share comes with what it rests on; value is null where nothing was
// prescribed, and the whole is null where the patient does not share it.
type programView struct {
	Patient     string          `json:"patient"`
	Zone        string          `json:"zone"`
	Day         clinic.Day      `json:"day"`
	Mark        program.Mark    `json:"mark"` // why the day is excused; empty: it is not
	Items       []itemView      `json:"items"`
	Swapped     []itemView      `json:"swapped"`     // in force, and left out on this day
	Unconfirmed []itemView      `json:"unconfirmed"` // for the team: prefilled, and not prescribed yet
	Adherence   *adherenceView  `json:"adherence"`
	Week        *weekView       `json:"week"`
	DataDays30  *int            `json:"dataDays30"` // distinct days with an entry among thirty
	Proposals   []proposalView  `json:"proposals"`  // for the team
	NotShared   []access.Family `json:"notShared"`
}

type itemView struct {
	ID           string            `json:"id"`
	Code         string            `json:"code"`
	Name         string            `json:"name"`
	Category     careplan.Category `json:"category"`
	Aim          string            `json:"aim"`
	Region       string            `json:"region"`
	Horizon      string            `json:"horizon"`
	Version      int               `json:"version"`
	Since        clinic.Day        `json:"since"`
	Cause        program.Cause     `json:"cause"`
	Dose         program.Dose      `json:"dose"` // of the day: half where halved
	Halved       bool              `json:"halved"`
	Weekdays     []string          `json:"weekdays"`
	Due          bool              `json:"due"`
	Done         int               `json:"done"`
	Reasons      []program.Reason  `json:"reasons"`
	Instructions string            `json:"instructions"`
	Stop         string            `json:"stop"`
	Caution      string            `json:"caution"`
	Source       string            `json:"source"`
	Drawing      string            `json:"drawing"` // address of the line drawing; empty: none
	AttackOK     bool              `json:"attackOk"`
}

type shareView struct {
	Done  int      `json:"done"`
	Of    int      `json:"of"`
	Value *float64 `json:"value"`
}

type adherenceView struct {
	From     clinic.Day `json:"from"`
	To       clinic.Day `json:"to"`
	Raw      shareView  `json:"raw"`
	Adjusted shareView  `json:"adjusted"`
	Excused  int        `json:"excused"`
}

type weekView struct {
	All      program.Week `json:"all"`
	Aerobic  program.Week `json:"aerobic"`
	Strength program.Week `json:"strength"`
}

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

const adherenceDays = 28

func (d *doors) programAnswer(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.rightTo(e, e.App.DB(), patient, "program", "exercises")
	if err != nil {
		return err
	}
	var day clinic.Day
	if asked := e.Request.URL.Query().Get("day"); asked != "" {
		if day, err = clinic.ParseDay(asked); err != nil {
			return refuse(http.StatusBadRequest, withField(hard("E_DAY", "No day of the calendar: day."), "day"))
		}
	}
	g, err := d.regimenOf(e.App, patient, day, right)
	if err != nil {
		return err
	}
	out, err := g.view(e.App)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (g *regimen) view(app core.App) (programView, error) {
	p := g.person
	out := programView{Patient: g.patient, Zone: g.zone.String(), Day: p.Today, Mark: p.Marks[p.Today], Items: []itemView{}, Swapped: []itemView{}, Unconfirmed: []itemView{},
		Proposals: []proposalView{}, NotShared: []access.Family{}}
	shown, swapped := program.Today(g.items, g.logs, p)
	for _, s := range shown {
		v := g.itemView(s.Item)
		v.Version, v.Dose, v.Halved, v.Due, v.Done, v.Reasons = s.Version, s.Dose, s.Halved, s.Due, s.Done, s.Reasons
		out.Items = append(out.Items, v)
	}
	for _, s := range swapped {
		v := g.itemView(s.Item)
		v.Reasons = []program.Reason{s.Reason}
		out.Swapped = append(out.Swapped, v)
	}
	for _, it := range g.items {
		if staff := g.right.Has(access.Therapist, access.Assistant); staff && g.rows[it.ID].GetDateTime("confirmed_at").IsZero() {
			out.Unconfirmed = append(out.Unconfirmed, g.itemView(it.ID))
		}
	}
	for collection, family := range map[string]access.Family{"exercise_logs": access.Exercise, "diary_days": access.Diary} {
		if !g.right.Sees(collection) {
			out.NotShared = append(out.NotShared, family)
		}
	}
	slices.Sort(out.NotShared)
	if g.right.Sees("exercise_logs") {
		g.numbers(&out)
	}
	var err error
	if g.right.Sees("progression_proposals") {
		out.Proposals, err = g.proposals(app)
	}
	return out, err
}

// itemView is an exercise with the version in force on the day.
func (g *regimen) itemView(id string) itemView {
	r := g.rows[id]
	v := itemView{ID: id, Code: r.GetString("code"), Name: r.GetString("name"), Category: careplan.Category(r.GetString("category")), Aim: r.GetString("aim"), Region: r.GetString("region"),
		Horizon: r.GetString("horizon"), Dose: doseOf(r), Weekdays: append([]string{}, r.GetStringSlice("weekdays")...), Reasons: []program.Reason{},
		Instructions: r.GetString("instructions"), Stop: r.GetString("stop"), Caution: r.GetString("caution"), Source: r.GetString("source"), AttackOK: r.GetBool("attack_ok")}
	if r.GetBool("drawn") {
		v.Drawing = "/exercises/" + r.GetString("code") + ".svg"
	}
	for _, it := range g.items {
		if inForce, ok := it.On(g.person.Today); ok && it.ID == id {
			v.Version, v.Since, v.Cause, v.Dose, v.Weekdays = inForce.Number, inForce.From, inForce.Cause, inForce.Dose, []string{}
			for _, day := range inForce.Weekdays {
				v.Weekdays = append(v.Weekdays, weekdays[day])
			}
		}
	}
	return v
}

// numbers of what was done: adherence over four weeks of days that have passed, S-44's week, days with data.
func (g *regimen) numbers(out *programView) {
	to := g.person.Today.Add(-1)
	k := g.kept(to.Add(1-adherenceDays), to)
	out.Adherence = &adherenceView{From: to.Add(1 - adherenceDays), To: to, Raw: share(k.Raw()), Adjusted: share(k.Adjusted()), Excused: k.Excused}
	var all, aerobic, strength []program.Log
	for id, logs := range g.logs {
		all = append(all, logs...)
		row := g.rows[id]
		switch kind := cmp.Or(row.GetString("modality"), row.GetString("aim")); kind {
		case "aerobic":
			aerobic = append(aerobic, logs...)
		case "strength":
			strength = append(strength, logs...)
		}
	}
	out.Week = &weekView{All: program.WeekOf(all, g.person.Today), Aerobic: program.WeekOf(aerobic, g.person.Today), Strength: program.WeekOf(strength, g.person.Today)}
	days := program.DataDays(all, g.person.Today)
	out.DataDays30 = &days
}

func share(s careplan.Share) shareView { return shareView{Done: s.Done, Of: s.Of, Value: s.Value()} }

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
		row, err := tx.FindRecordById("progression_proposals", e.Request.PathValue("id"))
		if err != nil {
			return noRight()
		}
		right, err := rightOf(tx.DB(), e.Auth, row.GetString("patient"))
		switch {
		case err != nil:
			return err
		case !right.Sees("progression_proposals"):
			return noRight()
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
	right, err := sharedWith(tx.DB(), row.GetString("patient"))
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

// useTemplate prefills exercises from a template. Nobody has prescribed them yet: each waits until it is confirmed.
func (d *doors) useTemplate(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	var asked struct {
		Template string `json:"template"`
	}
	if err := bindBody(e, &asked); err != nil {
		return err
	}
	right, err := d.rightTo(e, e.App.DB(), patient, "program", "exercises")
	if err != nil {
		return err
	}
	if !right.Writes("exercises") {
		return d.refusedStep(e, patient, "exercises", refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "The care team prescribes.")))
	}
	made := []string{}
	err = e.App.RunInTransaction(func(tx core.App) (err error) {
		made, err = d.prefill(tx, as(e.Auth, "route"), patient, asked.Template)
		return err
	})
	if err != nil {
		return d.refusedStep(e, patient, "exercises", err)
	}
	return e.JSON(http.StatusOK, map[string]any{"exercises": made})
}

func (d *doors) prefill(tx core.App, by actor, patient, template string) ([]string, error) {
	noTemplate := refuse(http.StatusUnprocessableEntity, withField(hard("E_ITEM_LIBRARY", "There is no such template at this clinic."), "template"))
	t, err := tx.FindRecordById("program_templates", template)
	if err != nil {
		return nil, noTemplate
	}
	var at string
	if err := tx.DB().Select("clinic").From("patients").Where(dbx.HashExp{"id": patient}).Row(&at); err != nil {
		return nil, err
	}
	if own := t.GetString("clinic"); own != "" && own != at || t.GetBool("retired") {
		return nil, noTemplate
	}
	var items []program.TemplateItem
	r := &reader{app: tx}
	r.unpack(t, "items", &items)
	made := []string{}
	c, err := tx.FindCachedCollectionByNameOrId("exercises")
	for _, item := range items {
		found := r.rows("library_items", dbx.HashExp{"code": item.Code, "clinic": []any{at, ""}, "retired": false}, "clinic DESC") // a clinic's own copy first
		if r.err != nil || err != nil || len(found) == 0 {
			return nil, cmp.Or(r.err, err, error(noTemplate))
		}
		row := core.NewRecord(c)
		row.Load(map[string]any{"patient": patient, "library_item": found[0].Id, "horizon": item.Horizon, "from_template": t.GetString("code")})
		setActor(row, by)
		if err := tx.Save(row); err != nil {
			return nil, err
		}
		made = append(made, row.Id)
	}
	return made, cmp.Or(r.err, err)
}

// bindBody reads a body that may be empty.
func bindBody(e *core.RequestEvent, into any) error {
	if e.Request.ContentLength == 0 {
		return nil
	}
	if err := e.BindBody(into); err != nil {
		return refuse(http.StatusBadRequest, hard("E_JSON", "The body cannot be read."))
	}
	return nil
}

// refusedStep notes a refusal to staff, outside the transaction that was refused.
func (d *doors) refusedStep(e *core.RequestEvent, patient, collection string, failure error) error {
	data, _, ok := explain(failure)
	if !ok || patient == "" || patient == e.Auth.GetString("patient") {
		return failure
	}
	for code := range data {
		err := d.audit(e.App, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, patient), Action: "refuse", Patient: patient, Collection: collection, Outcome: code})
		if err != nil {
			return err
		}
	}
	return failure
}

package hooks

import (
	"cmp"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/program"
)

var programRoutes = []Route{
	{Method: "GET", Path: "/api/patients/{id}/program", Does: "the home program of a day, and how much of it was done", handle: (*doors).programAnswer},
	{Method: "GET", Path: "/api/patients/{id}/program/check", Does: "what stands against prescribing each item of the library", handle: (*doors).checkProgram},
	{Method: "POST", Path: "/api/patients/{id}/program/templates", Does: "prefills from a template; each item waits to be confirmed", handle: (*doors).useTemplate},
	{Method: "POST", Path: "/api/proposals/{id}/accept", Does: "takes the step", handle: func(d *doors, e *core.RequestEvent) error { return d.decideProposal(e, "accepted") }},
	{Method: "POST", Path: "/api/proposals/{id}/hold", Does: "leaves the dose as it is", handle: func(d *doors, e *core.RequestEvent) error { return d.decideProposal(e, "held") }},
	{Method: "POST", Path: "/api/proposals/{id}/edit", Does: "takes another step of one variable", handle: func(d *doors, e *core.RequestEvent) error { return d.decideProposal(e, "edited") }},
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
	right, err := d.patientRightTo(e, e.App.DB(), patient, "exercises", "program")
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
	t, err := tx.FindRecordById("program_templates", template)
	if err != nil {
		return nil, noneIs(err, noItem("template"))
	}
	if offered, err := offeredTo(tx, patient, t); err != nil || !offered {
		return nil, cmp.Or(err, noItem("template"))
	}
	var at string
	if err := tx.DB().Select("clinic").From("patients").Where(dbx.HashExp{"id": patient}).Row(&at); err != nil {
		return nil, err
	}
	var items []program.TemplateItem
	r := &reader{app: tx}
	r.unpack(t, "items", &items)
	made := []string{}
	c, err := tx.FindCachedCollectionByNameOrId("exercises")
	for _, item := range items {
		waiting := r.rows("exercises", dbx.HashExp{"patient": patient, "code": item.Code, "from_template": t.GetString("code"), "confirmed_at": "", "stopped_on": ""})
		if len(waiting) > 0 { // tapped twice
			made = append(made, waiting[0].Id)
			continue
		}
		found := r.rows("library_items", dbx.HashExp{"code": item.Code, "clinic": []any{at, ""}, "retired": false}, "clinic DESC") // a clinic's own copy first
		if r.err != nil || err != nil || len(found) == 0 {
			return nil, cmp.Or(r.err, err, noItem("template"))
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

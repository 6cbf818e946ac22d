package hooks

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/clinic"
	"interictal/hooks/safety"
)

// programCheck answers GET /api/patients/{id}/program/check: what stands today against prescribing each item of the library, and
// against what is prescribed already. The same gates as at the record events are asked; nothing is stored.
type programCheck struct {
	Patient   string                     `json:"patient"`
	Library   map[string][]clinic.Broken `json:"library"`   // by library item; without those that nothing is against
	Exercises map[string][]clinic.Broken `json:"exercises"` // by exercise of the program
	Devices   map[string][]clinic.Broken `json:"devices"`   // by device: its screening and its label
}

func (d *doors) checkProgram(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRightTo(e, e.App.DB(), patient, "exercises", "program")
	if err != nil {
		return err
	}
	out := programCheck{patient, map[string][]clinic.Broken{}, map[string][]clinic.Broken{}, map[string][]clinic.Broken{}}
	table, err := e.App.FindCachedCollectionByNameOrId("exercises")
	if err != nil {
		return err
	}
	r := &reader{app: e.App}
	for _, item := range r.rows("library_items", dbx.HashExp{"retired": false}, "code") {
		offered, err := offeredTo(e.App, patient, item)
		if err != nil {
			return err
		}
		if !offered || item.GetString("place") == "clinic" || item.GetString("category") == "education" {
			continue
		}
		row := core.NewRecord(table)
		row.Load(map[string]any{"patient": patient, "library_item": item.Id})
		if err := fill(row, item); err != nil {
			return err
		}
		if err := d.noteAgainst(e.App, out.Library, item.Id, row); err != nil {
			return err
		}
	}
	for _, row := range r.rows("exercises", dbx.HashExp{"patient": patient, "stopped_on": ""}) {
		if err := d.noteAgainst(e.App, out.Exercises, row.Id, row); err != nil {
			return err
		}
	}
	if right.Sees("devices") {
		if err := d.checkDevices(r, patient, out.Devices); err != nil {
			return err
		}
	}
	if r.err != nil {
		return r.err
	}
	return e.JSON(http.StatusOK, out)
}

// noteAgainst asks the gates of an exercise: contraindications, cold, current, manipulation.
func (d *doors) noteAgainst(app core.App, into map[string][]clinic.Broken, id string, exercise *core.Record) error {
	due, err := screenDue(app, exercise)
	if err != nil {
		return err
	}
	gate, err := d.gateExercise(app, exercise)
	if broken := append(due, gate...); len(broken) > 0 {
		into[id] = clinic.HardFirst(broken)
	}
	return err
}

func (d *doors) checkDevices(r *reader, patient string, into map[string][]clinic.Broken) error {
	for _, device := range r.rows("devices", dbx.HashExp{"patient": patient, "stopped_on": ""}) {
		asked, err := d.deviceOf(r.app, device)
		if err != nil {
			return err
		}
		if broken := safety.GateDevice(asked); len(broken) > 0 {
			into[device.Id] = broken
		}
	}
	return nil
}

package hooks

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/visitnote"
)

// A draft is saved part by part. Every rule hangs on the record that a part is stored in, so an intervention meets the gates of
// treatment, and a whole short form raises its alerts, as over REST.

// noteWrite is one part of a draft.
type noteWrite struct {
	Note  string `json:"note"` // id for a draft that is not there yet, made by the page
	Part  string `json:"part"`
	Value any    `json:"value"`
	Rev   int    `json:"rev"` // how often the part was written, as its writer saw it
}

// partKey names, on a note, a part that is a row of its own and was written with it.
const partKey = "@pbInternalPart"

// writeNote answers POST /api/visits/{id}/note with the part as it is stored.
func (d *doors) writeNote(e *core.RequestEvent) error {
	var w noteWrite
	if err := bindBody(e, &w); err != nil {
		return err
	}
	visit, patient, stored := e.Request.PathValue("id"), "", part{}
	err := e.App.RunInTransaction(func(tx core.App) error {
		v, _, err := d.noteVisit(e, tx)
		if err != nil {
			return err
		}
		patient = v.GetString("patient")
		stored, err = d.storePart(tx, as(e.Auth, "route"), v, w)
		return err
	})
	if err != nil {
		return d.noteRefused(e, patient, "visit_notes", visit, err)
	}
	d.desks.sit(visit, seat{e.Auth.Id, nameOf(e.App, e.Auth.Id), w.Part, d.clock.now()})
	d.pokeNote(patient, visit)
	return e.JSON(http.StatusOK, stored)
}

// storePart: the same again is silent, an older sight is a conflict that shows both.
func (d *doors) storePart(tx core.App, by actor, v *core.Record, w noteWrite) (part, error) {
	field, table, id, ok := visitnote.Part(w.Part)
	if !ok || !fitsPart(w) {
		return part{}, refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "A note has no such part, or this is no value of it."), "part"))
	}
	note, err := draftOf(tx, v, w.Note)
	if err != nil {
		return part{}, err
	}
	row, err := d.partRow(tx, v, table, id)
	if err != nil {
		return part{}, err
	}
	now := partOf(tx, note, row, w.Part)
	switch visitnote.Judge(w.Rev, now.Rev, alike(w.Value, now.Value)) {
	case visitnote.Same:
		return now, nil
	case visitnote.Conflict:
		b := hard("E_STALE", "Somebody has written this part since you read it. Both are shown.")
		b.Params = map[string]any{"part": w.Part, "rev": now.Rev, "value": now.Value, "by": now.By, "at": now.At}
		return part{}, refuse(http.StatusConflict, b)
	}
	if field != "" {
		note.Set(field, w.Value)
	} else {
		note.SetRaw(partKey, w.Part)
		if err := d.storeRow(tx, by, v, row, w.Value); err != nil {
			return part{}, err
		}
	}
	setActor(note, by)
	if err := tx.Save(note); err != nil {
		return part{}, err
	}
	if field == "said" {
		if err := d.screened(tx, by, v, w.Value); err != nil {
			return part{}, err
		}
	}
	return partOf(tx, note, row, w.Part), nil
}

// fitsPart: answers and items are objects of a known kind, a row is an object or nothing, everything else is text.
func fitsPart(w noteWrite) bool {
	object, isObject := w.Value.(map[string]any)
	field, _, _, _ := visitnote.Part(w.Part)
	switch field {
	case "":
		return isObject || w.Value == nil
	case "said":
		for id, said := range object {
			_, yesNo := said.(bool)
			if !yesNo || !slices.ContainsFunc(visitnote.Short, func(q visitnote.Asked) bool { return q.ID == id }) {
				return false
			}
		}
		return isObject
	case "items":
		for _, as := range object {
			if as != "changed" && as != "confirmed" {
				return false
			}
		}
		return isObject
	}
	_, text := w.Value.(string)
	return text
}

// draftOf is the visit's note that nobody has signed; the first word makes one.
func draftOf(tx core.App, v *core.Record, id string) (*core.Record, error) {
	r := &reader{app: tx}
	if drafts := r.rows("visit_notes", dbx.HashExp{"visit": v.Id, "signed_at": ""}); r.err != nil || len(drafts) > 0 {
		return slices.Concat(drafts, []*core.Record{nil})[0], r.err
	}
	c, err := tx.FindCachedCollectionByNameOrId("visit_notes")
	if err != nil {
		return nil, err
	}
	note := core.NewRecord(c)
	taken, err := tx.CountRecords("visit_notes", dbx.HashExp{"id": id})
	if err == nil && taken == 0 { // an addendum has a name of its own
		note.Id = id
	}
	note.Load(map[string]any{"patient": v.GetString("patient"), "visit": v.Id})
	return note, err
}

// partRow is the row of a part, of this visit; a new one carries the id that the page made.
func (d *doors) partRow(tx core.App, v *core.Record, table, id string) (*core.Record, error) {
	if table == "" {
		return nil, nil
	}
	c, err := tx.FindCachedCollectionByNameOrId(table)
	if err != nil {
		return nil, err
	}
	row, err := findOrNil(tx, c, id)
	if err != nil {
		return nil, err
	}
	if row != nil && row.GetString("visit") != v.Id {
		return nil, noRight()
	}
	if row != nil {
		return row, nil
	}
	row = core.NewRecord(c)
	row.Id = id
	row.Load(map[string]any{"patient": v.GetString("patient"), "visit": v.Id})
	return row, nil
}

// rowFields are what a part may say of its row.
var rowFields = map[string][]string{
	"physical_measures": {"type", "side", "site", "unit", "value"},
	"visit_interventions": {"category", "technique", "technique_goal", "mechanism", "region", "item", "minutes", "pain_before", "pain_after", "tension_before", "tension_after",
		"end_range_rotation"},
}

// storeRow writes what was measured or done. A measure may be taken back; an act that was noted by mistake goes back to one that was not
// given, as nothing of a visit is deleted.
func (d *doors) storeRow(tx core.App, by actor, v, row *core.Record, value any) error {
	setActor(row, by)
	said, given := value.(map[string]any)
	if row.Collection().Name == "physical_measures" && !given {
		if row.IsNew() {
			return nil
		}
		defer row.MarkAsNew() // there is none again
		return tx.Delete(row)
	}
	for _, field := range rowFields[row.Collection().Name] {
		if value, named := said[field]; named {
			row.Set(field, value)
		}
	}
	if row.Collection().Name == "visit_interventions" {
		row.Set("status", map[bool]string{true: "given", false: "next"}[given])
	} else {
		c, err := d.chartOf(tx, v.GetString("plan"), v.GetString("patient"))
		if err != nil {
			return err
		}
		row.Load(map[string]any{"plan": v.GetString("plan"), "measured_on": c.plan.Day(visitOf(&reader{app: tx}, v)).String()})
	}
	return tx.Save(row)
}

// partOf is a part as it is stored.
func partOf(app core.App, note, row *core.Record, name string) part {
	at := stampsOf(note)[name]
	out := part{Rev: at.N, By: nameOf(app, at.By), At: at.At}
	if field, _, _, _ := visitnote.Part(name); field != "" {
		out.Value = plain(note, field)
		return out
	}
	taken := row.Collection().Name == "visit_interventions" && row.GetString("status") == "next"
	if !row.IsNew() && !taken {
		out.Value = rowValue(row)
	}
	return out
}

func rowValue(row *core.Record) map[string]any {
	out := map[string]any{}
	for _, field := range rowFields[row.Collection().Name] {
		out[field] = plain(row, field)
	}
	return out
}

// plain is a field as JSON has it.
func plain(r *core.Record, field string) (out any) {
	body, err := json.Marshal(r.Get(field))
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	if err != nil {
		return nil
	}
	return out
}

// screened: a whole short form is a screen of red flags; a half one is none.
func (d *doors) screened(tx core.App, by actor, v *core.Record, value any) error {
	said, _ := value.(map[string]any)
	if !visitnote.Whole(said) {
		return nil
	}
	w := writer{doors: d, tx: tx, by: by}
	screen, err := w.row("safety_screens", dbx.HashExp{"visit": v.Id, "form": "short"})
	if err != nil {
		return err
	}
	answers, err := json.Marshal(said)
	if err != nil {
		return err
	}
	screen.Load(map[string]any{"patient": v.GetString("patient"), "visit": v.Id, "kind": "red_flag", "form": "short", "screened_at": instantText(d.clock.now()), "result": "clear", "answers": string(answers)})
	setActor(screen, by)
	return tx.Save(screen)
}

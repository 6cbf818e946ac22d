package migrations

import (
	"encoding/json"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/program"
)

// What every clinic begins with is written here and nowhere else: the doors keep it from everybody, so it goes past them.

// SeedLibrary puts in the starter rows, or their newer version; it is idempotent by code and version, and a clinic's own copy is
// another row, which it never touches. A new wording calls it from a migration of its own.
func SeedLibrary(app core.App) error {
	for _, e := range program.Library() {
		err := seed(app, "library_items", e.Code, e.Version, dbx.Params{"name": e.Name, "category": string(e.Category), "modality": e.Modality, "region": e.Region,
			"aim": e.Aim, "technique": e.Technique, "technique_goal": e.TechniqueGoal, "mechanism": jsonOf(e.Mechanism), "place": e.Place, "dose_text": e.DoseText,
			"dose": jsonOf(e.Dose), "effort": jsonOf(e.Effort), "progression": e.Progression, "ladder": jsonOf(e.Ladder), "stop": e.Stop, "caution": e.Caution,
			"attack_ok": e.AttackOK, "screen": e.Screen, "grade": e.Grade, "source": e.Source, "reviewed_on": e.ReviewedOn.String(), "instructions": e.Instructions, "drawn": e.Drawn()})
		if err != nil {
			return err
		}
	}
	for _, x := range program.Education() {
		err := seed(app, "education_items", x.Code, x.Version, dbx.Params{"topic": x.Topic, "title": x.Title, "body": x.Text, "author": x.Author, "source": x.Source,
			"published_on": x.PublishedOn.String(), "reviewed_on": x.ReviewedOn.String()})
		if err != nil {
			return err
		}
	}
	for _, t := range program.Templates() {
		if err := seed(app, "program_templates", t.Code, t.Version, dbx.Params{"name": t.Name, "about": t.About, "items": jsonOf(t.Items)}); err != nil {
			return err
		}
	}
	return nil
}

// seed writes one row under an id that follows from its code.
func seed(app core.App, table, code string, version int, columns dbx.Params) error {
	id := strings.ToLower(code) + strings.Repeat("0", 15-len(code))
	var have int
	err := app.DB().NewQuery("SELECT COALESCE(MAX(version), -1) FROM " + table + " WHERE id={:id}").Bind(dbx.Params{"id": id}).Row(&have)
	if err != nil || have >= version {
		return err
	}
	now := types.NowDateTime().String()
	columns["code"], columns["version"], columns["updated"] = code, version, now
	if have >= 0 {
		_, err = app.DB().Update(table, columns, dbx.HashExp{"id": id}).Execute()
		return err
	}
	columns["id"], columns["clinic"], columns["created"] = id, "", now
	_, err = app.DB().Insert(table, columns).Execute()
	return err
}

func jsonOf(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values of ours
	}
	return string(body)
}

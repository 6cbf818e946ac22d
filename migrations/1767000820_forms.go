package migrations

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/careplan"
)

func init() { m.Register(formsUp, nil) }

// formsUp: what a patient fills in herself. The checklist of readiness travels to her phone, a text is said back in her own words, a
// message says who wrote it, and a plan says when its review is due, so that the phone knows which questionnaires are. There is no way
// back: words of people would be lost.
func formsUp(app core.App) error {
	for name, grow := range map[string]func(*core.Collection){"plans": growPlanReview, "care_messages": growMessageAuthor, "education_assignments": growSaidBack} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		grow(c)
		if err := regrow(app, c); err != nil {
			return err
		}
	}
	if err := reviewsSoFar(app); err != nil {
		return err
	}
	return syncReadiness(app)
}

func growPlanReview(c *core.Collection) {
	c.Fields.Add(day("review_on", "The day of the visit at which the review falls due (P-REV6). Empty = not yet. The server writes it."))
	c.CreateRule, c.UpdateRule = types.Pointer(*c.CreateRule+frozen("review_on")), types.Pointer(*c.UpdateRule+frozen("review_on"))
}

func growMessageAuthor(c *core.Collection) {
	c.Fields.Add(text("author_name", 200, "The writer's name, as it was then. The server writes it."))
}

func growSaidBack(c *core.Collection) {
	c.Fields.Add(
		text("said_back", 2000, "What the text says, in the patient's own words. Only she writes it; `taught_back_on` stays the therapist's to say."),
		instant("said_back_at", "When she wrote that."),
	)
}

// reviewsSoFar: plans whose review was due before there was a column for it.
func reviewsSoFar(app core.App) error {
	_, err := app.DB().NewQuery(`UPDATE plans SET review_on=COALESCE((SELECT t.due FROM tasks t WHERE t.plan=plans.id AND t.code={:code} LIMIT 1), '')`).
		Bind(dbx.Params{"code": string(careplan.Review6Task)}).Execute()
	return err
}

// syncReadiness: the answers become the patient's to give. Rows from before the triggers are news to every phone.
func syncReadiness(app core.App) error {
	c, err := app.FindCollectionByNameOrId("readiness_answers")
	if err != nil {
		return err
	}
	if err := save(app, erasable(ruled(c))); err != nil {
		return err
	}
	if err := installJournal(app, c); err != nil {
		return err
	}
	_, err = app.DB().NewQuery(`INSERT INTO sync_log(col, doc, scope, op, ep) SELECT 'readiness_answers', id, patient, 'U', (SELECT MAX(ord) FROM sync_epoch) FROM readiness_answers`).Execute()
	return err
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"

	"interictal/hooks/access"
	"interictal/hooks/journal"
)

func init() { m.Register(medicationUp, nil) }

// medicationUp: side effects, and flags that rest on what the patient shares. There is no way back: side effects would be lost.
func medicationUp(app core.App) error {
	found := map[string]*core.Collection{}
	for _, name := range []string{"patients", "medications", "flags"} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		found[name] = c
	}
	growFlags(found["flags"])
	effects := medicationEffectsCollection(found["patients"], found["medications"])
	if err := save(app, found["flags"], effects); err != nil {
		return err
	}
	if err := reinstall(app, journal.RightsTriggers()); err != nil {
		return err
	}
	return installJournal(app, effects)
}

func medicationEffectsCollection(patients, medications *core.Collection) *core.Collection {
	c := erasable(ruled(collection("medication_effects",
		to("patient", patients, "Who felt it."),
		to("medication", medications, "Which medicine was taken. That it was the medicine is the patient's word, not shown."),
		&core.TextField{Name: "effect", Required: true, Max: 200, Presentable: true, Help: "What was felt, in the patient's words, e.g. tired."},
		maybe("severity", "How bad, 0 to 10."),
		maybe("stopped_because", "Was the medicine stopped because of it?"),
		required(day("noted_on", "On which day it was noticed.")),
		text("note", 2000, "The patient's own words."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_medication_effects_patient", false, "patient, noted_on", "")
	c.AddIndex("idx_medication_effects_medication", false, "medication", "")
	return c
}

// growFlags: a flag may be of a patient without a plan, and may rest on what she shares with the team.
func growFlags(c *core.Collection) {
	c.Fields.Add(oneOf("family", "What it was found in. The team sees it only while the patient shares that. Empty = the clinic's own record.", words(access.Families...)...))
	c.AddIndex("idx_flags_patient_key", true, "patient, key", "plan = '' AND key <> ''")
	ruled(c)
}

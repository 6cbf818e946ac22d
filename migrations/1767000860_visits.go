package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/letters"
)

func init() { m.Register(visitsUp, nil) }

// visitsUp: drafts of notes that are saved part by part, documents in versions, and calendar feeds. There is no way back: words that
// were signed would be lost.
func visitsUp(app core.App) error {
	found := map[string]*core.Collection{}
	for _, name := range []string{"visit_notes", "patients", "plans"} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		found[name] = c
	}
	growNotes(found["visit_notes"])
	return save(app, found["visit_notes"], documentsCollection(found["patients"], found["plans"]), calendarFeedsCollection())
}

func growNotes(c *core.Collection) {
	c.Fields.Add(
		oneOf("response_is", "How she was at the end of the visit, beside its beginning.", "better", "same", "worse"),
		list("said", "The short form of red flags as it is filled in: true or false by question. Whole, it is a row of safety_screens."),
		list("items", "Plan items changed or confirmed in this visit: changed, confirmed by item."),
		list("revs", "How often each part of the draft was written, by whom last and when. The server writes it."),
	)
}

// documentsCollection: each save is a version, and the versions before stay. The patient reads signed ones.
func documentsCollection(patients, plans *core.Collection) *core.Collection {
	c := ruled(collection("care_documents",
		to("patient", patients, "About whom."),
		to("plan", plans, "About which plan of care."),
		requiredOneOf("kind", "Progress report, discharge summary, or the hand-over that the patient takes home.", words(letters.Kinds...)...),
		count("version", 1, 1e6, "One more with every save."),
		list("parts", "Headings with their sentences, as the therapist left them."),
		required(text("written_by", 36, "Who saved it: user id.")),
		requiredInstant("written_at", "When."),
		text("signed_by", 36, "Who signed it: user id. Empty = a draft."),
		instant("signed_at", "When. Signed is locked; a correction is another version."),
	))
	own, staff := access.RuleFor("care_documents", access.Patient), access.RuleFor("care_documents", access.Therapist, access.Assistant)
	c.ListRule = types.Pointer(own + ` && signed_at != "" || ` + staff)
	c.ViewRule = c.ListRule
	byPatient(c)
	c.AddIndex("idx_care_documents_version", true, "plan, kind, version", "")
	return c
}

// calendarFeedsCollection: no rule opens it. Its rows are made, shown and taken back by the routes, each to the person whose they are.
func calendarFeedsCollection() *core.Collection {
	c := collection("calendar_feeds",
		required(text("owner", 36, "Whose visits: user id.")),
		&core.TextField{Name: "token_hash", Required: true, Hidden: true, Max: 64, Help: "SHA-256 of the secret in the address. The address itself is never stored."},
		requiredInstant("made_at", "When it was made."),
		instant("revoked_at", "When it was taken back; empty = it was not."),
		instant("fetched_at", "When a calendar fetched it last."),
	)
	c.AddIndex("idx_calendar_feeds_owner", false, "owner", "")
	c.AddIndex("idx_calendar_feeds_token", true, "token_hash", "")
	return c
}

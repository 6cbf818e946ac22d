package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"

	"interictal/hooks/journal"
	"interictal/hooks/report"
)

func init() { m.Register(reportUp, nil) }

// reportUp: links to the neurologist's page, what was answered, and messages of the care team. There is no way back: words of people
// would be lost.
func reportUp(app core.App) error {
	patients, err := app.FindCollectionByNameOrId("patients")
	if err != nil {
		return err
	}
	shares, messages := reportSharesCollection(patients), careMessagesCollection(patients)
	if err := save(app, shares, messages); err != nil {
		return err
	}
	if err := save(app, reportRepliesCollection(patients, shares)); err != nil {
		return err
	}
	if err := reinstall(app, journal.RightsTriggers()); err != nil {
		return err
	}
	if err := installJournal(app, messages); err != nil {
		return err
	}
	return limitReports(app)
}

// limitReports: a link is opened a few times a day. The limits count by IP, and a whole clinic may share one.
func limitReports(app core.App) error {
	s := app.Settings()
	s.RateLimits.Rules = append(s.RateLimits.Rules,
		core.RateLimitRule{Label: "POST /api/reports/open", Duration: 60, MaxRequests: 30},
		core.RateLimitRule{Label: "POST /api/reports/reply", Duration: 60, MaxRequests: 10},
	)
	return app.Save(s)
}

func reportSharesCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("report_shares",
		to("patient", patients, "Whose page the link opens."),
		&core.TextField{Name: "token_hash", Required: true, Hidden: true, Max: 64, Help: "SHA-256 of the secret half of the token. The token itself is never stored."},
		required(text("made_by", 36, "Who shared: user id. The link works as long as this person could read the page.")),
		text("recipient", 200, "For whom, in words."),
		text("question", 1000, "What is asked; the fifth fact of the page."),
		flag("words", "Goals in the patient's own words are on the page."),
		requiredInstant("expires_at", "From then on the link opens nothing."),
		instant("revoked_at", "When it was taken back; empty = it was not."),
		count("opened_count", 0, 1e9, "How often it was opened; each time is in the audit."),
		instant("opened_at", "When it was opened last."),
	))
	byPatient(c)
	return c
}

func reportRepliesCollection(patients, shares *core.Collection) *core.Collection {
	c := ruled(collection("report_replies",
		to("patient", patients, "About whom."),
		mayRefer("share", shares, "By which link it came. Empty = from the account of a neurologist."),
		text("author", 36, "Who answered: user id. Empty = whoever has the link."),
		text("signed", 200, "Who answered, as they sign."),
		requiredOneOf("kind", "What was answered.", report.Kinds...),
		text("text", 2000, "In words."),
		requiredInstant("said_at", "When the server heard of it."),
		text("seen_by", 36, "The therapist who has seen to it: user id."),
		instant("seen_at", "When; empty = it waits."),
	))
	byPatient(c)
	c.AddIndex("idx_report_replies_share", false, "share", "share <> ''")
	return c
}

// careMessagesCollection: one conversation a patient, between her and those who look after her.
func careMessagesCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("care_messages",
		to("patient", patients, "Whose care it is about."),
		text("author", 36, "Who wrote: user id. The server writes it."),
		oneOf("author_role", "As what. The server writes it.", "patient", "therapist", "assistant", "neurologist", "clinic"),
		&core.TextField{Name: "body", Required: true, Max: 4000, Help: "The message. It stays as it was sent."},
		instant("read_by_patient", "When the patient read it."),
		instant("read_by_therapist", "When somebody of those who treat read it."),
		instant("read_by_neurologist", "When the neurologist read it."),
	))
	c.Fields.Add(written()...)
	c.AddIndex("idx_care_messages_patient", false, "patient, entered_at", "")
	return c
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() { m.Register(partnersUp, nil) }

// partnersUp: therapist and neurologist refer to each other here, with an answer and with who has read what; and a clinic has a consent
// text of its own, by version. There is no way back: questions and answers, and what people agreed to, would be lost.
func partnersUp(app core.App) error {
	clinics, err := app.FindCollectionByNameOrId("clinics")
	if err != nil {
		return err
	}
	if err := save(app, consentTextsCollection(clinics)); err != nil {
		return err
	}
	s := app.Settings()
	s.RateLimits.Rules = append(s.RateLimits.Rules, core.RateLimitRule{Label: "POST /api/invitations/text", Duration: 60, MaxRequests: 60})
	if err := app.Save(s); err != nil {
		return err
	}
	if err := ownLicence(app); err != nil {
		return err
	}
	return growReferrals(app)
}

// ownLicence: what stands under her signature is hers to say too. Role, name and clinic stay the admin's.
func ownLicence(app core.App) error {
	c, err := app.FindCollectionByNameOrId("practitioners")
	if err != nil {
		return err
	}
	own := `@request.auth.id != "" && user = @request.auth.id && active = true` + frozen("user", "clinic", "role", "name", "active")
	c.UpdateRule = types.Pointer("(" + *c.UpdateRule + ") || (" + own + ")")
	return app.Save(c)
}

// consentTextsCollection: the clinic's staff and its patients read, its admin writes.
func consentTextsCollection(clinics *core.Collection) *core.Collection {
	c := collection("consent_texts",
		to("clinic", clinics, "Whose text."),
		required(text("version", 32, "Its name, e.g. 2027-01. A consent says by it what was agreed to.")),
		required(text("body", 8000, "What a patient reads before she chooses. It stays as it is; another wording is another version.")),
		flag("retired", "No longer shown. Consents to it stand."),
		text("written_by", 36, "Who wrote it: user id. The server writes it."),
	)
	c.ListRule = types.Pointer(colleagueOf("clinic.") + " || " + patientOf("clinic."))
	c.ViewRule = c.ListRule
	c.CreateRule, c.UpdateRule = types.Pointer(adminOf("clinic.")), types.Pointer(adminOf("clinic."))
	c.AddIndex("idx_consent_texts_version", true, "clinic, version", "")
	return c
}

func growReferrals(app core.App) error {
	c, err := app.FindCollectionByNameOrId("referrals")
	if err != nil {
		return err
	}
	c.Fields.GetByName("episode").(*core.TextField).Required = false // a neurologist sends her before there is one
	c.Fields.Add(
		oneOf("toward", "To whom it was sent here. Empty = written down from paper.", "therapist", "neurologist"),
		text("question", 2000, "What is asked of whom it goes to."),
		text("sender", 36, "Who sent it: user id. The server writes it."),
		instant("sent_at", "When. The server writes it."),
		instant("read_at", "When whom it goes to first read it."),
		oneOf("answer", "What whom it goes to says.", "accepted", "declined", "advice"),
		text("answer_text", 2000, "The same in words."),
		text("answered_by", 36, "Who answered: user id. The server writes it."),
		text("answered_name", 200, "The name of that person, as it was then. The server writes it."),
		instant("answered_at", "When. The server writes it."),
		instant("answer_read_at", "When the sender's side first read the answer."),
	)
	return app.Save(ruled(c))
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"

	"interictal/hooks/caregiver"
)

func init() { m.Register(carerUp, nil) }

// carerUp: links for whoever looks after somebody in an attack, who entered what, and the patient's word on whether two attacks
// are one. There is no way back: who entered what would be lost.
func carerUp(app core.App) error {
	found := map[string]*core.Collection{}
	for _, name := range []string{"patients", "attacks", "attack_readings"} {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		found[name] = c
	}
	byCaregiver(found["attacks"])
	byCaregiver(found["attack_readings"])
	found["attacks"].Fields.Add(
		text("ended_by", caregiver.LongestName, "Which caregiver said that it was over. Empty = the patient, or the clinic."),
		maybe("joined", "Is it one with the attack before it? The patient's word on how both are counted (spec §3.3); the entries stay two. true = one, false = two, no answer = by the clinic's rule."),
	)
	for _, c := range []*core.Collection{found["attacks"], found["attack_readings"]} {
		if err := regrow(app, c); err != nil {
			return err
		}
	}
	links := caregiverLinksCollection(found["patients"])
	if err := app.Save(links); err != nil {
		return err
	}
	if err := app.Save(caregiverEntriesCollection(found["patients"], links)); err != nil {
		return err
	}
	return limitCaregivers(app)
}

// byCaregiver lets a caregiver's link be the source of a row.
func byCaregiver(c *core.Collection) {
	source := c.Fields.GetByName("source").(*core.SelectField)
	source.Values = append(source.Values, "caregiver")
	source.Help = "How the entry came: the patient's phone, an import, the clinic on the patient's word, or a caregiver's link."
	c.Fields.Add(text("entered_by", caregiver.LongestName, "Which caregiver entered it, as the patient calls this person. Empty = the patient, or the clinic."))
}

func caregiverLinksCollection(patients *core.Collection) *core.Collection {
	c := ruled(collection("caregiver_links",
		to("patient", patients, "Whose attacks the link may begin, add to and end."),
		required(text("name", caregiver.LongestName, "For whom, as the patient calls this person. It stands beside what is entered.")),
		&core.TextField{Name: "token_hash", Required: true, Hidden: true, Max: 64, Help: "SHA-256 of the secret half of the token. The token itself is never stored."},
		required(text("made_by", 36, "The patient's account: user id. The link works as long as the diary is this account's.")),
		requiredInstant("expires_at", "From then on the link does nothing."),
		instant("revoked_at", "When it was taken back; empty = it was not."),
		instant("used_at", "When an entry last came by it; empty = none has."),
	))
	byPatient(c)
	return c
}

// caregiverEntriesCollection: the id of a row is made on the caregiver's phone, so that what is sent twice is done once.
func caregiverEntriesCollection(patients, links *core.Collection) *core.Collection {
	c := ruled(collection("caregiver_entries",
		to("patient", patients, "Whose attack."),
		to("link", links, "By which link it came."),
		required(text("attack", 36, "The attack it is about: its id. The row stays when the attack is taken out.")),
		requiredOneOf("kind", "What was entered.", words(caregiver.Kinds...)...),
		requiredInstant("at", "When it was so, by the caregiver's word."),
		text("said", 600, "A pain score, a sign, or a note."),
	))
	byPatient(c)
	c.AddIndex("idx_caregiver_entries_link", false, "link, created", "")
	return c
}

// limitCaregivers: somebody taps a few times a minute. The limits count by IP.
func limitCaregivers(app core.App) error {
	s := app.Settings()
	s.RateLimits.Rules = append(s.RateLimits.Rules,
		core.RateLimitRule{Label: "GET /api/caregiver", Duration: 60, MaxRequests: 60},
		core.RateLimitRule{Label: "POST /api/caregiver/entries", Duration: 60, MaxRequests: 60},
	)
	return app.Save(s)
}

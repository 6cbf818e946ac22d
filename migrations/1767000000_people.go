package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() { m.Register(peopleUp, peopleDown) }

// peopleUp: clinics, users, practitioners, patients, care links, consents, invitations.
func peopleUp(app core.App) error {
	clinics := clinicsCollection()
	if err := app.Save(clinics); err != nil {
		return err
	}
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	patients := patientsCollection(clinics)
	if err := app.Save(patients); err != nil {
		return err
	}
	accounts(users, patients)
	practitioners := practitionersCollection(clinics, users)
	links, consents := careLinksCollection(patients, users), consentsCollection(patients)
	if err := save(app, users, practitioners, links, consents, invitationsCollection(patients)); err != nil {
		return err
	}
	// The rules point at collections that had to exist first.
	return save(app, ruleClinics(clinics), rulePatients(patients), rulePractitioners(practitioners), ruleCareLinks(links), ruled(consents))
}

func peopleDown(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.RemoveByName("patient")
	users.RemoveIndex("idx_users_patient")
	if err := app.Save(users); err != nil {
		return err
	}
	return drop(app, "invitations", "consents", "care_links", "practitioners", "patients", "clinics")
}

// drop removes collections, their rules first: rules may name each other.
func drop(app core.App, names ...string) error {
	collections := make([]*core.Collection, 0, len(names))
	for _, name := range names {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		c.ListRule, c.ViewRule, c.CreateRule, c.UpdateRule, c.DeleteRule = nil, nil, nil, nil, nil
		if err := app.Save(c); err != nil {
			return err
		}
		collections = append(collections, c)
	}
	for _, c := range collections {
		if err := app.Delete(c); err != nil {
			return err
		}
	}
	return nil
}

func clinicsCollection() *core.Collection {
	return collection("clinics",
		required(text("name", 200, "The clinic's name, as printed on a plan.")),
		required(text("timezone", 64, "IANA zone, e.g. America/New_York. All dates of a plan of care are counted in it.")),
		text("jurisdiction", 64, "Country and state, e.g. US-PA: decides the emergency number and the law on direct access."),
		requiredOneOf("regulation_profile", "Which payer's rules apply to a plan (spec §2.9). Off by default.", "none", "us_medicare", "direct_access", "custom"),
		&core.JSONField{Name: "rules", MaxSize: 20000, Help: "Settings of the rule profile that differ from the default (spec, D1 to D5)."},
		requiredOneOf("day_profile", "What counts as a migraine day: leiden2023 (30 minutes) or ihs_trial (4 hours). Shown on every chart.", "leiden2023", "ihs_trial"),
		requiredOneOf("merge_profile", "When a second headache is the same attack: within 48 h without a free day, or until a free day.", "merge_48h", "free_day"),
		text("emergency_number", 32, "What a patient calls in an emergency, e.g. 911."),
		text("phone", 64, "The clinic's own number."),
		count("retention_years", 0, 100, "Years a medical record is kept. 0 = by the law of the jurisdiction."),
		flag("synthetic", "Made-up clinic of the demo: no real people."),
	)
}

func ruleClinics(c *core.Collection) *core.Collection {
	c.ViewRule = types.Pointer(colleagueOf("") + " || " + patientOf(""))
	c.ListRule = c.ViewRule
	c.UpdateRule = types.Pointer(adminOf(""))
	return c
}

// colleagueOf: the caller works at the clinic at the path. An empty value equals an empty value,
// hence the first half of each.
func colleagueOf(path string) string {
	at := path + "practitioners_via_clinic."
	return `(@request.auth.id != "" && ` + at + "user ?= @request.auth.id && " + at + "active ?= true)"
}

// patientOf: the caller is a patient of that clinic.
func patientOf(path string) string {
	return `(@request.auth.patient != "" && ` + path + "patients_via_clinic.id ?= @request.auth.patient)"
}

// adminOf: the caller is an active clinic admin of the clinic at the path.
func adminOf(path string) string {
	at := path + "practitioners_via_clinic."
	return `@request.auth.id != "" && ` + at + `user ?= @request.auth.id && ` + at + `role ?= "clinic_admin" && ` + at + `active ?= true`
}

func patientsCollection(clinics *core.Collection) *core.Collection {
	c := collection("patients",
		to("clinic", clinics, "The clinic that treats this patient."),
		&core.TextField{Name: "name", Required: true, Max: 200, Presentable: true, Help: "The patient's name."},
		day("birth_date", "Date of birth."),
		oneOf("sex", "As the patient gives it.", "female", "male", "other"),
		required(text("timezone", 64, "IANA zone of the patient's home. An entry made elsewhere carries its own zone.")),
		text("phone", 64, "How to reach the patient."),
		&core.EmailField{Name: "email", Help: "Contact address. The account's own address is on the user."},
		day("baseline_date", "First day of treatment when there is no plan: 28-day windows count from it."),
		text("import_ref", 120, "Where an imported patient comes from, file and number. Makes an import repeatable."),
		flag("active", "Treated or followed now. People are made inactive, never deleted."),
		flag("synthetic", "A made-up person of the demo."),
	)
	c.AddIndex("idx_patients_clinic", false, "clinic, active, name", "")
	c.AddIndex("idx_patients_import", true, "clinic, import_ref", "import_ref <> ''")
	return c
}

// rulePatients: the desk keeps names and contacts. Where windows count from is not its business, and a patient
// does not move to another clinic by a PATCH.
func rulePatients(c *core.Collection) *core.Collection {
	ruled(c)
	c.UpdateRule = types.Pointer("(" + *c.UpdateRule + ")" + frozen("clinic", "baseline_date", "import_ref"))
	return c
}

// accounts extends PocketBase's users. Accounts are made by invitation or by the clinic.
func accounts(users, patients *core.Collection) {
	users.Fields.Add(mayRefer("patient", patients, "Whose own diary this person keeps. Empty for staff who are no patients. Set by invitation only."))
	users.AddIndex("idx_users_patient", true, "patient", "patient <> ''")
	users.ListRule, users.ViewRule = types.Pointer("id = @request.auth.id"), types.Pointer("id = @request.auth.id")
	users.CreateRule, users.DeleteRule = nil, nil
	users.Fields.RemoveByName("avatar") // no files of people on the disk
	users.OAuth2.MappedFields.AvatarURL = ""
	users.UpdateRule = types.Pointer("id = @request.auth.id && @request.body.patient:isset = false && @request.body.verified:isset = false")
	users.AuthToken.Duration = 90 * 24 * 60 * 60 // a phone away for a season still syncs; it refreshes at each sync
	users.AuthAlert.Enabled = false              // no mail is needed to run a clinic
}

func practitionersCollection(clinics, users *core.Collection) *core.Collection {
	c := collection("practitioners",
		to("user", users, "The account of this person."),
		to("clinic", clinics, "The clinic this role is held at."),
		requiredOneOf("role", "What this person does here. One row per role.", "therapist", "assistant", "neurologist", "front_desk", "clinic_admin"),
		&core.TextField{Name: "name", Required: true, Max: 200, Presentable: true, Help: "As patients know them."},
		text("license_no", 64, "Number of the professional licence."),
		text("license_state", 64, "State or country that issued it."),
		text("specialties", 500, "E.g. headache, orthopaedic physical therapy."),
		day("practising_since", "Start of practice in this field."),
		flag("active", "Works here now. Ends access at once when taken away."),
	)
	c.AddIndex("idx_practitioners_role", true, "user, clinic, role", "")
	c.AddIndex("idx_practitioners_clinic", false, "clinic, active", "")
	return c
}

func rulePractitioners(c *core.Collection) *core.Collection {
	c.ListRule = types.Pointer(`(@request.auth.id != "" && user = @request.auth.id) || ` + colleagueOf("clinic.") + " || " + patientOf("clinic."))
	c.ViewRule = c.ListRule
	c.CreateRule, c.UpdateRule = types.Pointer(adminOf("clinic.")), types.Pointer(adminOf("clinic."))
	return c
}

func careLinksCollection(patients, users *core.Collection) *core.Collection {
	c := collection("care_links",
		to("patient", patients, "Whose care this is."),
		to("member", users, "Who takes part in it."),
		requiredOneOf("role", "In which capacity. Never changes: end the link and make another.", "therapist", "assistant", "neurologist"),
		requiredInstant("from", "Since when."),
		instant("until", "When access ended. Empty = live. Never in the future: a right ends when somebody ends it."),
	)
	c.AddIndex("idx_care_links_live", true, "patient, member", "until = ''")
	c.AddIndex("idx_care_links_member", false, "member, until, patient", "")
	c.AddIndex("idx_care_links_patient", false, "patient, until", "")
	return c
}

func ruleCareLinks(c *core.Collection) *core.Collection {
	ruled(c)
	mine := `(@request.auth.id != "" && member = @request.auth.id) || ` + *c.ListRule
	c.ListRule, c.ViewRule = types.Pointer(mine), types.Pointer(mine)
	return c
}

func consentsCollection(patients *core.Collection) *core.Collection {
	c := collection("consents",
		to("patient", patients, "Who decides."),
		requiredOneOf("family", "What the decision is about.", "diary", "medication", "exercise", "questionnaires", "menstrual", "messages"),
		requiredOneOf("state", "Only `given` lets the care team see this family.", "given", "withdrawn"),
		text("version", 32, "Version of the consent text that was shown."),
		requiredInstant("decided_at", "When the patient decided."),
		oneOf("source", "Who recorded it: the patient, an import of a consented file, the clinic from paper.", "patient", "import", "clinic"),
	)
	c.AddIndex("idx_consents_family", true, "patient, family", "")
	return c
}

func invitationsCollection(patients *core.Collection) *core.Collection {
	c := collection("invitations",
		to("patient", patients, "Whose diary the invitation opens."),
		&core.TextField{Name: "code_hash", Required: true, Hidden: true, Max: 64, Help: "SHA-256 of the code. The code itself is never stored."},
		requiredInstant("expires_at", "72 hours after it was made."),
		instant("used_at", "When it was used. It works once."),
		to("created_by", usersRef, "Who invited."),
	)
	c.AddIndex("idx_invitations_code", true, "code_hash", "")
	c.AddIndex("idx_invitations_patient", false, "patient, expires_at", "")
	return c
}

// usersRef names PocketBase's own users collection, whose id is fixed.
var usersRef = &core.Collection{}

func init() { usersRef.Id = "_pb_users_auth_" }

package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/journal"
)

func init() { m.Register(adminUp, nil) }

// adminUp: what the clinic's desk needs, and what stays of a patient who was erased. There is no way back: what was erased, and
// what is locked away, would be forgotten.
func adminUp(app core.App) error {
	clinics, err := app.FindCollectionByNameOrId("clinics")
	if err != nil {
		return err
	}
	erasures := erasuresCollection(clinics)
	if err := save(app, erasures, breakGlassCollection(clinics), accessCodesCollection(clinics), ruleChangesCollection(clinics)); err != nil {
		return err
	}
	if err := save(app, keptRecordsCollection(erasures)); err != nil {
		return err
	}
	for _, statement := range journal.Devices {
		if _, err := app.DB().NewQuery(statement).Execute(); err != nil {
			return err
		}
	}
	if err := endAccounts(app); err != nil {
		return err
	}
	if err := searchAudit(app); err != nil {
		return err
	}
	return limitCodes(app)
}

// endAccounts: an account that ends stays as a shell until every phone of its owner has been told.
func endAccounts(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	erased := instant("erased_at", "When the patient who signed in here was erased. Until the shell goes, it tells her phones to erase themselves.")
	ending := instant("ending_at", "When this person left the clinic. From then on the account only hands over what phones had not sent.")
	erased.Hidden, ending.Hidden = true, true
	users.Fields.Add(erased, ending)
	users.UpdateRule = types.Pointer(*users.UpdateRule + " && @request.body.erased_at:isset = false && @request.body.ending_at:isset = false")
	users.AuthRule = types.Pointer(`erased_at = "" && ending_at = ""`)
	return app.Save(users)
}

func erasuresCollection(clinics *core.Collection) *core.Collection {
	c := collection("erasures",
		required(text("patient", 36, "The id of who was erased. A random word: nothing of her hangs on it but what is locked away.")),
		to("clinic", clinics, "The clinic that treated her."),
		requiredInstant("at", "When."),
		required(text("by", 36, "Who did it: user id.")),
		flag("own", "The patient did it herself."),
		text("reason", 500, "Why, where the clinic did it."),
		&core.JSONField{Name: "receipt", MaxSize: 100000, Help: "What went and what stayed, by collection, with the number of rows."},
		day("keep_until", "Until when the care record is kept. Empty = nothing was kept."),
		flag("hold", "A legal hold: the care record stays past its day. Set by a superuser."),
	)
	c.AddIndex("idx_erasures_patient", true, "patient", "")
	c.AddIndex("idx_erasures_clinic", false, "clinic, at", "")
	return c
}

func keptRecordsCollection(erasures *core.Collection) *core.Collection {
	c := collection("kept_records",
		partOf("erasure", erasures, "To which erasure it belongs."),
		required(text("collection", 64, "Where the row stood.")),
		required(text("record", 36, "The row's id there.")),
		required(text("why", 16, "By what it stays: IDENTITY, CARE, SAFETY or CONSENT.")),
		&core.JSONField{Name: "data", MaxSize: 1 << 20, Help: "The row as it was. Read by the clinic's admin with a reason, and by nobody else."},
	)
	c.AddIndex("idx_kept_records_erasure", false, "erasure, collection", "")
	return c
}

func breakGlassCollection(clinics *core.Collection) *core.Collection {
	c := collection("break_glass",
		required(text("patient", 36, "Whose diary was opened.")),
		to("clinic", clinics, "At which clinic."),
		required(text("member", 36, "Who opened it: user id of a clinic admin.")),
		required(text("reason", 500, "Why. The patient reads it.")),
		requiredInstant("from", "Since when."),
		requiredInstant("until", "It closes by itself then."),
	)
	c.AddIndex("idx_break_glass_member", false, "member, patient, until", "")
	c.AddIndex("idx_break_glass_clinic", false, "clinic, until", "")
	return c
}

func accessCodesCollection(clinics *core.Collection) *core.Collection {
	c := collection("access_codes",
		to("clinic", clinics, "Whose admin made it."),
		requiredOneOf("kind", "staff: makes a member of staff. recovery: sets a new password where there is no mail.", "staff", "recovery"),
		oneOf("role", "Of a staff code: what this person will do here.", "therapist", "assistant", "neurologist", "front_desk", "clinic_admin"),
		text("name", 200, "Of a staff code: as patients will know this person."),
		text("user", 36, "Of a recovery code: whose account, user id."),
		&core.TextField{Name: "code_hash", Required: true, Hidden: true, Max: 64, Help: "SHA-256 of the code. The code itself is never stored."},
		requiredInstant("expires_at", "72 hours after it was made, an hour for a recovery."),
		instant("used_at", "When it was used. It works once."),
		required(text("created_by", 36, "Who made it: user id.")),
	)
	c.AddIndex("idx_access_codes_code", true, "code_hash", "")
	c.AddIndex("idx_access_codes_clinic", false, "clinic, expires_at", "")
	return c
}

func ruleChangesCollection(clinics *core.Collection) *core.Collection {
	c := collection("rule_changes",
		to("clinic", clinics, "Whose rules."),
		required(day("effective", "From which day they hold, in the clinic's zone.")),
		requiredOneOf("regulation_profile", "Which payer's rules apply to a plan (spec §2.9).", "none", "us_medicare", "direct_access", "custom"),
		&core.JSONField{Name: "rules", MaxSize: 20000, Help: "Settings that differ from the default."},
		required(text("decided_by", 36, "Who: user id.")),
		requiredInstant("decided_at", "When."),
		instant("applied_at", "When it became the clinic's; empty = it waits for its day."),
		instant("withdrawn_at", "When it was taken back before its day."),
	)
	c.AddIndex("idx_rule_changes_clinic", false, "clinic, effective", "")
	return c
}

// searchAudit: the desk looks for who read whose records, the newest first.
func searchAudit(app core.App) error {
	audit, err := app.FindCollectionByNameOrId("audit_events")
	if err != nil {
		return err
	}
	audit.AddIndex("idx_audit_events_actor_seq", false, "actor, seq", "")
	audit.AddIndex("idx_audit_events_patient_seq", false, "patient, seq", "")
	audit.AddIndex("idx_audit_events_clinic_seq", false, "clinic, seq", "clinic <> ''")
	return app.Save(audit)
}

// limitCodes: nobody guesses a code.
func limitCodes(app core.App) error {
	s := app.Settings()
	s.RateLimits.Rules = append(s.RateLimits.Rules, core.RateLimitRule{Label: "POST /api/codes/redeem", Duration: 60, MaxRequests: 10})
	return app.Save(s)
}

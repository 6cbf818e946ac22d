// Package access says who may see and who may change which of a patient's
// records. It is the rights table of spec/architecture.md §2 (9), and the only one: the
// API rules of the collections, the sync exchange, the realtime topics and
// our own routes all ask it.
//
// A right is held in a capacity, never by a person. The same person may be a
// patient in her own diary and a therapist in somebody else's; the two never
// mix. A capacity comes from one of three places:
//
//   - patient: users.patient names the diary this person keeps;
//   - therapist, assistant, neurologist: a live row in care_links;
//   - front desk, clinic admin: an active row in practitioners, for the
//     patients of that clinic.
//
// Consent is given by family (diary, medication, …). A member of the care team sees
// a family only while the patient's consent to it stands; care records (plans,
// visits, prescriptions) are the clinic's own and need none.
package access

import "slices"

// Role is the capacity in which a person acts.
type Role string

const (
	None        Role = ""
	Patient     Role = "patient"
	Therapist   Role = "therapist"
	Assistant   Role = "assistant"
	Neurologist Role = "neurologist"
	FrontDesk   Role = "front_desk"
	ClinicAdmin Role = "clinic_admin"
	Caregiver   Role = "caregiver" // whoever has a link of the patient's: no account, no diary
)

// ByLink are the roles a care link can give; ByClinic those that come from
// working at the patient's clinic.
var (
	ByLink   = []Role{Therapist, Assistant, Neurologist}
	ByClinic = []Role{FrontDesk, ClinicAdmin}
)

// Family is what a patient consents to as one thing.
type Family string

const (
	Exempt         Family = "" // the clinic's own care record
	Diary          Family = "diary"
	Medication     Family = "medication"
	Exercise       Family = "exercise"
	Questionnaires Family = "questionnaires"
	Menstrual      Family = "menstrual"
	Messages       Family = "messages"
)

// Families in the order in which a patient is asked.
var Families = []Family{Diary, Medication, Exercise, Questionnaires, Menstrual, Messages}

// Policy is one collection's row of the rights table.
type Policy struct {
	Collection string
	Family     Family
	See        []Role
	Write      []Role
	// Synced collections travel in the exchange; Scope is the column that
	// holds the patient.
	Synced bool
	Scope  string
	// ByRow is the column that names the family of each row, where rows of one
	// collection rest on different ones; "" in it is exempt.
	ByRow string
}

var (
	carers     = []Role{Patient, Therapist, Assistant}
	medics     = []Role{Patient, Therapist, Assistant, Neurologist}
	schedulers = []Role{Patient, Therapist, Assistant, FrontDesk}
	treating   = []Role{Therapist, Assistant}
	signing    = []Role{Therapist} // what a plan of care says is the therapist's to say
	everybody  = []Role{Patient, Therapist, Assistant, Neurologist, FrontDesk, ClinicAdmin}
)

// Table is the rights table, one row for each collection that belongs to a
// patient, in the order in which a phone must receive them (parents first).
var Table = []Policy{
	{Collection: "patients", Scope: "id", Synced: true, See: everybody, Write: []Role{FrontDesk, ClinicAdmin}},
	{Collection: "consents", Synced: true, See: carers, Write: []Role{Patient}},
	{Collection: "diary_days", Family: Diary, Synced: true, See: carers, Write: carers},
	{Collection: "attacks", Family: Diary, Synced: true, See: carers, Write: carers},
	{Collection: "attack_readings", Family: Diary, Synced: true, See: carers, Write: carers},
	{Collection: "attack_phases", Family: Diary, Synced: true, See: carers, Write: carers},
	{Collection: "medications", Family: Medication, Synced: true, See: medics, Write: carers},
	{Collection: "medication_doses", Family: Medication, Synced: true, See: medics, Write: carers},
	{Collection: "medication_effects", Family: Medication, Synced: true, See: medics, Write: carers},
	{Collection: "triggers", Family: Diary, Synced: true, See: carers, Write: carers},
	{Collection: "trigger_exposures", Family: Diary, Synced: true, See: carers, Write: carers},
	{Collection: "menstrual_days", Family: Menstrual, Synced: true, See: carers, Write: carers},
	{Collection: "health_facts", Synced: true, See: carers, Write: signing},
	{Collection: "safety_checks", Family: Diary, Synced: true, See: carers, Write: carers},
	{Collection: "safety_alerts", Synced: true, See: carers, Write: treating}, // whatever she shares: docs/decisions/010
	{Collection: "cold_screens", Family: Exercise, Synced: true, See: carers, Write: carers},
	{Collection: "devices", Family: Exercise, Synced: true, See: carers, Write: carers},
	{Collection: "neuromod_sessions", Family: Exercise, Synced: true, See: carers, Write: carers},
	{Collection: "modality_sessions", Family: Exercise, Synced: true, See: carers, Write: carers},
	{Collection: "relaxation_sessions", Family: Exercise, Synced: true, See: carers, Write: carers},
	{Collection: "exercises", Synced: true, See: carers, Write: []Role{Therapist, Assistant}},
	{Collection: "exercise_versions", Synced: true, See: carers}, // the rules write them
	{Collection: "exercise_logs", Family: Exercise, Synced: true, See: carers, Write: carers},
	{Collection: "plans", Synced: true, See: carers, Write: []Role{Therapist}},
	{Collection: "visits", Synced: true, See: schedulers, Write: []Role{Therapist, Assistant, FrontDesk}},
	{Collection: "problems", See: carers, Write: signing},
	{Collection: "goals", Synced: true, See: carers, Write: signing},
	{Collection: "plan_items", Synced: true, See: carers, Write: signing},
	{Collection: "care_messages", Family: Messages, Synced: true, See: medics, Write: medics},
	{Collection: "change_reports", Synced: true, See: carers, Write: carers},
	{Collection: "instrument_responses", Family: Questionnaires, Synced: true, See: carers, Write: carers},
	{Collection: "adverse_events", Synced: true, See: carers, Write: carers},
	{Collection: "education_assignments", Synced: true, See: carers, Write: carers}, // the patient: that she opened it
	{Collection: "progression_proposals", Family: Exercise, See: treating},
	{Collection: "attack_plans", Family: Medication, Synced: true, See: medics, Write: carers},
	{Collection: "reminders", Synced: true, See: []Role{Patient}, Write: []Role{Patient}},
	{Collection: "push_subscriptions", See: []Role{Patient}, Write: []Role{Patient}}, // where this phone can be reached; it stays with the server
	{Collection: "readiness_answers", Synced: true, See: carers, Write: carers},      // the patient: what she can; a therapist: what is done about a no
	{Collection: "headache_diagnoses", See: carers, Write: signing},
	{Collection: "impairments", See: carers, Write: signing},
	{Collection: "physical_measures", See: carers, Write: treating},
	{Collection: "comorbidities", See: carers, Write: treating},
	{Collection: "plan_measures", See: carers, Write: treating},
	{Collection: "safety_screens", See: carers, Write: treating},
	{Collection: "manipulation_screens", See: carers, Write: signing},
	{Collection: "care_team_members", See: carers, Write: treating},
	{Collection: "referrals", See: medics, Write: []Role{Therapist, Assistant, Neurologist}},
	{Collection: "certifications", See: carers, Write: treating},
	{Collection: "progress_reports", See: carers, Write: signing},
	{Collection: "care_documents", See: carers},               // the routes write them; the patient: signed ones
	{Collection: "visit_notes", See: carers, Write: treating}, // the patient: signed ones
	{Collection: "visit_interventions", See: carers, Write: treating},
	{Collection: "wellness_programs", See: carers, Write: signing},
	{Collection: "wellness_sessions", See: carers, Write: treating},
	{Collection: "followups", See: carers, Write: treating},
	{Collection: "trigger_analyses", Family: Diary, See: []Role{Patient}},   // the care team: through the route, by what a run rests on
	{Collection: "planned_tests", Family: Diary, Synced: true, See: carers}, // drawn and stopped by the routes
	{Collection: "report_shares", See: carers},
	{Collection: "report_replies", See: medics},
	{Collection: "caregiver_links", See: []Role{Patient}},
	{Collection: "caregiver_entries", See: []Role{Patient}},
	{Collection: "care_links", See: []Role{Patient, ClinicAdmin}, Write: []Role{ClinicAdmin}},
	{Collection: "tasks", See: []Role{Therapist, Assistant}},
	{Collection: "flags", See: []Role{Therapist, Assistant}, ByRow: "family"},
	{Collection: "plan_events", See: []Role{Patient}},
	{Collection: "plan_versions", See: []Role{Patient}}, // the care team: through the route
	{Collection: "audit_events", See: []Role{Patient}},
}

var byName = func() map[string]Policy {
	m := make(map[string]Policy, len(Table))
	for i, p := range Table {
		if p.Scope == "" {
			p.Scope = "patient"
			Table[i] = p
		}
		m[p.Collection] = p
	}
	return m
}()

// Of returns the policy of a collection; ok is false when it does not belong
// to a patient.
func Of(collection string) (p Policy, ok bool) {
	p, ok = byName[collection]
	return p, ok
}

// Synced lists the policies of the collections that travel in the exchange.
func Synced() []Policy {
	var out []Policy
	for _, p := range Table {
		if p.Synced {
			out = append(out, p)
		}
	}
	return out
}

// CaregiverAdds are the collections that a caregiver's link writes to, through its own route alone; it reads none of them.
var CaregiverAdds = []string{"attacks", "attack_readings", "caregiver_entries"}

// Right is what one person may do with one patient's records: every capacity
// held towards this patient, and the families the patient shares.
type Right struct {
	Roles   []Role
	Consent map[Family]bool
	Glass   bool // broken: for hours an admin reads what the care team reads
}

// Any reports whether there is any right at all.
func (r Right) Any() bool { return len(r.Roles) > 0 }

// Own reports whether these are the person's own records.
func (r Right) Own() bool { return slices.Contains(r.Roles, Patient) }

// Has reports whether one of the capacities is held.
func (r Right) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(x Role) bool { return slices.Contains(r.Roles, x) })
}

// Sees reports whether the right covers reading the collection.
func (r Right) Sees(collection string) bool {
	p, ok := byName[collection]
	return ok && (r.holds(p.See, p.Family) || r.Glass && slices.Contains(p.See, Therapist) && r.Shares(p.Family))
}

// Writes reports whether the right covers changing the collection. Nobody
// writes what he may not see.
func (r Right) Writes(collection string) bool {
	p, ok := byName[collection]
	return ok && r.holds(p.See, p.Family) && r.holds(p.Write, p.Family)
}

// holds: consent is asked of the care team only. A patient needs none for her own.
func (r Right) holds(roles []Role, f Family) bool {
	return slices.ContainsFunc(roles, func(role Role) bool {
		return slices.Contains(r.Roles, role) && (role == Patient || f == Exempt || r.Consent[f])
	})
}

// Shares reports whether a row of a family is shown to these capacities: to the patient always, to others while she shares it.
func (r Right) Shares(f Family) bool { return r.Own() || f == Exempt || r.Consent[f] }

// SyncedFor lists the synced collections that the right covers, in table order.
func (r Right) SyncedFor() []string {
	var out []string
	for _, p := range Table {
		if p.Synced && r.Sees(p.Collection) {
			out = append(out, p.Collection)
		}
	}
	return out
}

package hooks

import (
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
)

// rightOf finds every capacity the user holds towards a patient, and what the
// patient shares. It reads through db, so that a page of the exchange asks
// in its own snapshot.
func rightOf(db dbx.Builder, user *core.Record, patient string) (access.Right, error) {
	right := access.Right{Consent: map[access.Family]bool{}}
	if patient == "" {
		return right, nil
	}
	if user.GetString("patient") == patient {
		right.Roles = append(right.Roles, access.Patient)
	}
	params := dbx.Params{"me": user.Id, "patient": patient}
	var held []access.Role
	err := db.NewQuery(`SELECT role FROM care_links WHERE member={:me} AND patient={:patient} AND until=''
UNION SELECT w.role FROM practitioners w JOIN patients p ON p.clinic=w.clinic
  WHERE w.user={:me} AND w.active=TRUE AND p.id={:patient} AND w.role IN ('front_desk', 'clinic_admin')`).Bind(params).Column(&held)
	if err != nil {
		return right, err
	}
	right.Roles = append(right.Roles, held...)
	if !right.Any() {
		return right, nil
	}
	right.Consent, err = consents(db, patient)
	return right, err
}

// sharedWithTeam is the right of a therapist of the patient, for what the clinic works out by itself.
func sharedWithTeam(db dbx.Builder, patient string) (access.Right, error) {
	given, err := consents(db, patient)
	return access.Right{Roles: []access.Role{access.Therapist}, Consent: given}, err
}

// consents are the families of data that a patient shares.
func consents(db dbx.Builder, patient string) (map[access.Family]bool, error) {
	var families []access.Family
	err := db.NewQuery(`SELECT family FROM consents WHERE patient={:patient} AND state='given'`).Bind(dbx.Params{"patient": patient}).Column(&families)
	given := map[access.Family]bool{}
	for _, f := range families {
		given[f] = true
	}
	return given, err
}

// recordFor finds a record of a patient that the user may see; to anybody else it is not there.
func recordFor(app core.App, user *core.Record, collection, id string) (*core.Record, access.Right, error) {
	r, err := app.FindRecordById(collection, id)
	if err != nil {
		return nil, access.Right{}, noneIs(err, noRight())
	}
	right, err := rightOf(app.DB(), user, r.GetString("patient"))
	if err == nil && !right.Sees(collection) {
		err = noRight()
	}
	return r, right, err
}

// foremost is the one capacity of several that the audit names.
func foremost(roles []access.Role) string {
	if len(roles) == 0 {
		return ""
	}
	return string(slices.MinFunc(roles, func(a, b access.Role) int { return weight(a) - weight(b) }))
}

// weight orders capacities: what a person does for a patient comes before what she is at the clinic.
func weight(r access.Role) int {
	return slices.Index([]access.Role{access.Patient, access.Therapist, access.Assistant, access.Neurologist, access.FrontDesk, access.ClinicAdmin}, r)
}

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
	var families []access.Family
	err = db.NewQuery(`SELECT family FROM consents WHERE patient={:patient} AND state='given'`).Bind(params).Column(&families)
	for _, f := range families {
		right.Consent[f] = true
	}
	return right, err
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

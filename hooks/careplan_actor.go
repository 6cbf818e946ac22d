package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
)

// personNamed is who acts, as what.
func personNamed(id, role string) careplan.Person {
	return careplan.Person{ID: id, Role: access.Role(role)}
}

// actorAs is the person behind a change, in the strongest capacity held towards the patient. A superuser and the
// system have none: a plan is the therapist's.
func actorAs(app core.App, a actor, patient string) (careplan.Person, error) {
	return actorAmong(app, a, patient, access.Therapist, access.Assistant, access.ClinicAdmin, access.FrontDesk, access.Neurologist, access.Patient)
}

func actorAmong(app core.App, a actor, patient string, roles ...access.Role) (careplan.Person, error) {
	user, err := findOrNil(app, "users", a.ID)
	if err != nil || user == nil {
		return careplan.Person{ID: a.ID}, err
	}
	right, err := rightOf(app.DB(), user, patient)
	for _, role := range roles {
		if right.Has(role) {
			return careplan.Person{ID: a.ID, Role: role}, err
		}
	}
	return careplan.Person{ID: a.ID}, err
}

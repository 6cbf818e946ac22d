package hooks

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/outcomes"
	"interictal/hooks/safety"
)

// Who somebody is: the answer of GET /api/me, and the heads of other answers.

type clinicInfo struct {
	ID              string `db:"id" json:"id"`
	Name            string `db:"name" json:"name"`
	Timezone        string `db:"timezone" json:"timezone"`
	EmergencyNumber string `db:"emergency_number" json:"emergencyNumber"` // the clinic's own, else its jurisdiction's
	CrisisNumber    string `db:"crisis_number" json:"crisisNumber"`
	Jurisdiction    string `db:"jurisdiction" json:"-"`
	Synthetic       bool   `db:"synthetic" json:"synthetic"`
}

type practitionerInfo struct {
	ID     string      `json:"id"`
	Role   string      `json:"role"`
	Name   string      `json:"name"`
	Clinic *clinicInfo `json:"clinic,omitempty"`
}

type patientInfo struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Timezone string      `json:"timezone"`
	Clinic   *clinicInfo `json:"clinic"`

	Questionnaires outcomes.Calendar `json:"questionnaires"` // what the clinic asks when: the phone reckons what is due
}

// me tells the app in which capacities its user may act.
func (d *doors) me(e *core.RequestEvent) error {
	roles, err := rolesOf(e.App.DB(), e.Auth.Id)
	if err != nil {
		return err
	}
	own, err := ownPatient(e.App.DB(), e.Auth.GetString("patient"))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{
		"user":         map[string]any{"id": e.Auth.Id, "name": e.Auth.GetString("name"), "email": e.Auth.Email()},
		"patient":      own,
		"practitioner": roles,
	})
}

// rolesOf lists what a person does at which clinic, treating roles first.
func rolesOf(db dbx.Builder, user string) ([]practitionerInfo, error) {
	var rows []struct {
		ID     string `db:"id"`
		Role   string `db:"role"`
		Name   string `db:"name"`
		Clinic string `db:"clinic"`
	}
	err := db.NewQuery(`SELECT id, role, name, clinic FROM practitioners WHERE user={:u} AND active=TRUE
ORDER BY role IN ('therapist', 'assistant') DESC, role, id`).Bind(dbx.Params{"u": user}).All(&rows)
	if err != nil {
		return nil, err
	}
	out := make([]practitionerInfo, 0, len(rows))
	for _, r := range rows {
		at, err := clinicOf(db, r.Clinic)
		if err != nil {
			return nil, err
		}
		out = append(out, practitionerInfo{ID: r.ID, Role: r.Role, Name: r.Name, Clinic: at})
	}
	return out, nil
}

// deskOf is where a member of staff works first; nil for somebody who is linked to
// patients without working at a clinic.
func deskOf(db dbx.Builder, user string) (*practitionerInfo, *clinicInfo, error) {
	roles, err := rolesOf(db, user)
	if err != nil || len(roles) == 0 {
		return nil, nil, err
	}
	at := roles[0].Clinic
	roles[0].Clinic = nil
	return &roles[0], at, nil
}

func clinicOf(db dbx.Builder, id string) (*clinicInfo, error) {
	var c clinicInfo
	err := db.Select("id", "name", "timezone", "emergency_number", "crisis_number", "jurisdiction", "synthetic").From("clinics").Where(dbx.HashExp{"id": id}).One(&c)
	numbers := safety.NumbersOf(c.Jurisdiction, c.EmergencyNumber, c.CrisisNumber)
	c.EmergencyNumber, c.CrisisNumber = numbers.Emergency, numbers.Crisis
	return &c, err
}

func ownPatient(db dbx.Builder, id string) (*patientInfo, error) {
	if id == "" {
		return nil, nil
	}
	var row struct {
		Name     string `db:"name"`
		Timezone string `db:"timezone"`
		Clinic   string `db:"clinic"`
	}
	err := db.Select("name", "timezone", "clinic").From("patients").Where(dbx.HashExp{"id": id}).One(&row)
	if err != nil {
		return nil, err
	}
	at, err := clinicOf(db, row.Clinic)
	if err != nil {
		return nil, err
	}
	calendar, err := calendarFor(db, id)
	return &patientInfo{ID: id, Name: row.Name, Timezone: row.Timezone, Clinic: at, Questionnaires: calendar}, err
}

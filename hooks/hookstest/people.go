package hookstest

import (
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"interictal/hooks/access"
)

// The cast. Two clinics, north and south, and somebody in every capacity:
//
//	anna    patient at north, in thera's, assi's and neuro's care
//	bo      patient at north; thera cared for him until the link ended
//	cleo    patient at south: a stranger to everybody at north
//	tess    therapist at north, in whose care anna is too, and a patient at north herself
//	thera, assi, neuro, desk, admin   staff of north
//	sid     therapist at south, in whose care cleo is
const password = "interictal-demo"

// ID is the record id of somebody or something by its short name.
func ID(name string) string { return name + strings.Repeat("0", 15-len(name)) }

// Email is the address somebody signs in with.
func Email(name string) string { return name + "@clinic.test" }

// Password is everybody's.
func Password() string { return password }

// Token signs somebody in.
func (h *House) Token(name string) string {
	h.T.Helper()
	if name == "root" {
		return h.superuser()
	}
	user, err := h.App.FindRecordById("users", ID(name))
	must(h.T, err)
	token, err := user.NewAuthToken()
	must(h.T, err)
	return token
}

// ExpiredToken is a token that ran out a minute ago.
func (h *House) ExpiredToken(name string) string {
	h.T.Helper()
	user, err := h.App.FindRecordById("users", ID(name))
	must(h.T, err)
	claims := map[string]any{"id": user.Id, "type": core.TokenTypeAuth, "collectionId": user.Collection().Id, "refreshable": true}
	token, err := security.NewJWT(claims, user.TokenKey()+user.Collection().AuthToken.Secret, -time.Minute)
	must(h.T, err)
	return token
}

func (h *House) superuser() string {
	r, err := h.App.FindAuthRecordByEmail(core.CollectionNameSuperusers, "root@clinic.test")
	if err != nil {
		collection, err := h.App.FindCollectionByNameOrId(core.CollectionNameSuperusers)
		must(h.T, err)
		r = core.NewRecord(collection)
		r.SetEmail("root@clinic.test")
		r.SetPassword(password)
		must(h.T, h.App.Save(r))
	}
	token, err := r.NewAuthToken()
	must(h.T, err)
	return token
}

// invite fills a new database with the cast.
func invite(app core.App) error {
	m := maker{app: app}
	for _, name := range []string{"north", "south"} {
		m.make("clinics", name, map[string]any{"name": strings.ToUpper(name), "timezone": "America/New_York", "emergency_number": "911",
			"regulation_profile": "none", "day_profile": "leiden2023", "merge_profile": "merge_48h", "synthetic": true})
	}
	for name, at := range map[string]string{"anna": "north", "bo": "north", "cleo": "south", "tess": "north"} {
		m.patient(name, at)
	}
	for _, name := range []string{"thera", "assi", "neuro", "desk", "admin", "sid"} {
		m.user(name, "")
	}
	m.staff("thera", "north", access.Therapist)
	m.staff("tess", "north", access.Therapist)
	m.staff("assi", "north", access.Assistant)
	m.staff("neuro", "north", access.Neurologist)
	m.staff("desk", "north", access.FrontDesk)
	m.staff("admin", "north", access.ClinicAdmin)
	m.staff("sid", "south", access.Therapist)
	m.link("thera", "anna", access.Therapist, false)
	m.link("tess", "anna", access.Therapist, false)
	m.link("assi", "anna", access.Assistant, false)
	m.link("neuro", "anna", access.Neurologist, false)
	m.link("thera", "bo", access.Therapist, true)
	m.link("sid", "cleo", access.Therapist, false)
	return m.err
}

// maker saves records and remembers the first error.
type maker struct {
	app core.App
	err error
}

func (m *maker) make(collection, id string, values map[string]any) *core.Record {
	if m.err != nil {
		return nil
	}
	c, err := m.app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		m.err = err
		return nil
	}
	r := core.NewRecord(c)
	if id != "" && len(id) < 15 {
		id = ID(id)
	}
	r.Load(values)
	if id != "" {
		r.Id = id
	}
	if c.IsAuth() {
		r.SetPassword(password)
		r.SetVerified(true)
	}
	if err := m.app.Save(r); err != nil {
		m.err = fmt.Errorf("making %s %s: %w", collection, id, err)
	}
	return r
}

func (m *maker) user(name, patient string) {
	m.make("users", name, map[string]any{"email": Email(name), "name": strings.ToUpper(name[:1]) + name[1:], "patient": patient})
}

// patient makes a patient with an account, who shares everything but menstrual data.
func (m *maker) patient(name, clinic string) {
	m.make("patients", name, map[string]any{"clinic": ID(clinic), "name": strings.ToUpper(name[:1]) + name[1:], "timezone": "America/New_York",
		"birth_date": "1991-03-04", "sex": "female", "active": true, "synthetic": true})
	m.user(name, ID(name))
	m.consents(ID(name))
}

func (m *maker) consents(patient string) {
	for _, f := range access.Families {
		state := "given"
		if f == access.Menstrual {
			state = "withdrawn"
		}
		m.make("consents", "", map[string]any{"patient": patient, "family": string(f), "state": state, "source": "patient",
			"decided_at": time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC), "version": "2026-01"})
	}
}

func (m *maker) staff(user, clinic string, role access.Role) {
	m.make("practitioners", user, map[string]any{"user": ID(user), "clinic": ID(clinic), "role": string(role),
		"name": strings.ToUpper(user[:1]) + user[1:], "active": true})
}

func (m *maker) link(member, patient string, role access.Role, ended bool) {
	values := map[string]any{"patient": ID(patient), "member": ID(member), "role": string(role), "from": time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)}
	if ended {
		values["until"] = time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)
	}
	m.make("care_links", member+patient, values)
}

// SignsOut takes a patient's account away, so that the patient can be invited again. Somebody who
// is still needed keeps the account and loses only the diary's key.
func (h *House) SignsOut(patient, needed string) {
	h.T.Helper()
	if patient == needed {
		return
	}
	_, err := h.App.DB().NewQuery("UPDATE users SET patient='' WHERE patient='" + ID(patient) + "'").Execute()
	must(h.T, err)
}

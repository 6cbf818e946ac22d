package hooks

import (
	"context"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// The clinic's desk: what an admin of a clinic sees of it. Names, roles, devices and counts, and nothing clinical. Every route
// belongs to one clinic; to everybody but its admins there is no such clinic.

var deskRoutes = []Route{
	{Method: "GET", Path: "/api/clinics/{id}/people", Does: "staff, roles, and codes that wait", handle: (*doors).deskPeople},
	{Method: "GET", Path: "/api/clinics/{id}/patients", Does: "patients, who looks after them, their phones", handle: (*doors).deskPatients},
	{Method: "GET", Path: "/api/clinics/{id}/devices", Does: "devices, how far behind they are", handle: (*doors).deskDevices},
	{Method: "POST", Path: "/api/clinics/{id}/devices/erase", Does: "a device is erased when it next speaks", BodyLimit: smallBody, handle: (*doors).eraseDevice},
	{Method: "GET", Path: "/api/clinics/{id}/consents", Does: "who agreed to which text", handle: (*doors).deskConsents},
	{Method: "GET", Path: "/api/clinics/{id}/audit", Does: "who did what, newest first", handle: (*doors).searchAudit},
	{Method: "GET", Path: "/api/clinics/{id}/upkeep", Does: "copies, the last drill, what phones brought back", handle: (*doors).deskUpkeep},
	{Method: "GET", Path: "/api/clinics/{id}/rules", Does: "the rule profile, and what will follow it", handle: (*doors).deskRules},
	{Method: "POST", Path: "/api/clinics/{id}/rules", Does: "a rule profile from a day on", BodyLimit: smallBody, handle: (*doors).changeRules},
	{Method: "POST", Path: "/api/clinics/{id}/rules/{change}/withdraw", Does: "takes it back before its day", handle: (*doors).withdrawRules},
	{Method: "GET", Path: "/api/clinics/{id}/people/{user}/impact", Does: "what hangs on a member of staff", handle: (*doors).impact},
	{Method: "POST", Path: "/api/clinics/{id}/people/{user}/move", Does: "patients get somebody else", BodyLimit: smallBody, handle: (*doors).movePatients},
	{Method: "POST", Path: "/api/clinics/{id}/people/{user}/leave", Does: "somebody leaves the clinic", BodyLimit: smallBody, handle: (*doors).leaveClinic},
	{Method: "POST", Path: "/api/clinics/{id}/people/{user}/signout", Does: "ends every session of somebody", handle: (*doors).signOutPerson},
	{Method: "POST", Path: "/api/clinics/{id}/codes", Does: "a code for new staff, or for a lost password", BodyLimit: smallBody, handle: (*doors).makeCode},
	{Method: "POST", Path: "/api/codes/redeem", Does: "uses such a code", Open: true, BodyLimit: smallBody, handle: (*doors).redeemCode},
	{Method: "GET", Path: "/api/clinics/{id}/glass", Does: "diaries that were opened by an admin", handle: (*doors).deskGlass},
	{Method: "POST", Path: "/api/clinics/{id}/glass", Does: "opens a diary, for hours and with a reason", BodyLimit: smallBody, handle: (*doors).breakGlass},
	{Method: "POST", Path: "/api/clinics/{id}/glass/{glass}/close", Does: "closes it before its time", handle: (*doors).closeGlass},
	{Method: "GET", Path: "/api/neurology", Does: "a neurologist's patients", handle: (*doors).neurology},
}

// bindDesk looks each hour what is due, and before anybody is served: what else is looked at goes by the rules in force.
func (d *doors) bindDesk(app core.App) {
	d.everyHour("rules", 25, func(_ context.Context, app core.App) error { return d.applyRules(app) })
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "rules", Func: func(e *core.ServeEvent) error {
		if err := d.applyRules(e.App); err != nil {
			e.App.Logger().Error("rules that are due are not in force", "error", err)
		}
		return e.Next()
	}})
}

type deskPerson struct {
	User     string   `db:"user" json:"user"`
	Name     string   `db:"name" json:"name"`
	Email    string   `db:"email" json:"email"`
	Roles    []string `json:"roles"`
	Former   []string `json:"formerRoles"`
	Patients int      `db:"patients" json:"patients"` // live care links here
	Devices  int      `db:"devices" json:"devices"`
	Waiting  int      `db:"waiting" json:"waiting"` // entries that their devices have not sent
	LastSeen string   `db:"seen" json:"lastSeen"`   // in the audit; "" = never
	Ending   string   `db:"ending_at" json:"endingAt"`
	Active   string   `db:"active" json:"-"`
	Inactive string   `db:"inactive" json:"-"`
}

type codeInfo struct {
	ID      string `db:"id" json:"id"`
	Kind    string `db:"kind" json:"kind"`
	Role    string `db:"role" json:"role"`
	Name    string `db:"name" json:"name"`
	Expires string `db:"expires_at" json:"expires"`
}

// deskPeople answers GET /api/clinics/{id}/people.
func (d *doors) deskPeople(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "practitioners"); err != nil {
		return err
	}
	people, err := staffOf(e.App.DB(), clinic)
	if err != nil {
		return err
	}
	codes := []codeInfo{}
	err = e.App.DB().NewQuery(`SELECT a.id, a.kind, a.role, COALESCE(NULLIF(a.name, ''), (SELECT name FROM users WHERE id=a.user), '') name, a.expires_at FROM access_codes a
WHERE a.clinic={:c} AND a.used_at='' AND a.expires_at>{:now} ORDER BY a.expires_at`).Bind(dbx.Params{"c": clinic, "now": instantText(d.clock.now())}).All(&codes)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"people": people, "codes": codes})
}

type deskPatient struct {
	ID      string       `db:"id" json:"id"`
	Name    string       `db:"name" json:"name"`
	Active  bool         `db:"active" json:"active"`
	User    string       `db:"user" json:"user"` // "" = has no account
	Plan    string       `db:"plan" json:"plan"` // state of the plan under way; "" = none
	Team    []deskMember `json:"team"`
	Devices int          `db:"devices" json:"devices"`
	Waiting int          `db:"waiting" json:"waiting"`
}

type deskMember struct {
	Patient string `db:"patient" json:"-"`
	User    string `db:"member" json:"user"`
	Name    string `db:"name" json:"name"`
	Role    string `db:"role" json:"role"`
}

// deskPatients answers GET /api/clinics/{id}/patients.
func (d *doors) deskPatients(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "patients"); err != nil {
		return err
	}
	of := dbx.Params{"c": clinic}
	rows, team := []deskPatient{}, []deskMember{}
	err := e.App.DB().NewQuery(`SELECT p.id, p.name, p.active, COALESCE(u.id, '') user,
  COALESCE((SELECT state FROM plans WHERE patient=p.id AND state IN ('active', 'paused', 'extended') LIMIT 1), '') plan,
  (SELECT COUNT(*) FROM sync_devices s WHERE s.user=u.id AND s.staff=0) devices,
  COALESCE((SELECT SUM(waiting) FROM sync_devices s WHERE s.user=u.id AND s.staff=0), 0) waiting
FROM patients p LEFT JOIN users u ON u.patient=p.id WHERE p.clinic={:c} ORDER BY p.active DESC, p.name, p.id`).Bind(of).All(&rows)
	if err != nil {
		return err
	}
	err = e.App.DB().NewQuery(`SELECT l.patient, l.member, l.role, COALESCE(u.name, '') name FROM care_links l JOIN patients p ON p.id=l.patient LEFT JOIN users u ON u.id=l.member
WHERE p.clinic={:c} AND l.until='' ORDER BY l.role DESC, name`).Bind(of).All(&team)
	if err != nil {
		return err
	}
	by := map[string][]deskMember{}
	for _, m := range team {
		by[m.Patient] = append(by[m.Patient], m)
	}
	for i, row := range rows {
		if rows[i].Team = by[row.ID]; rows[i].Team == nil {
			rows[i].Team = []deskMember{}
		}
	}
	voiding, err := toBeVoided(e.App.DB(), clinic)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"patients": rows, "voiding": voiding})
}

// deskVoiding is a signed plan of which somebody has said that it was entered in error: who runs the clinic does not read it, and is asked.
type deskVoiding struct {
	Plan    string `db:"plan" json:"plan"`
	Patient string `db:"patient" json:"patient"`
	Version int    `db:"version" json:"version"` // the transition's expectedVersion
	By      string `db:"by" json:"by"`
	At      string `db:"at" json:"at"`
}

func toBeVoided(db dbx.Builder, clinic string) ([]deskVoiding, error) {
	rows := []deskVoiding{}
	err := db.NewQuery(`SELECT t.plan, t.patient, p.version, COALESCE(u.name, '') by, t.raised_at at
FROM tasks t JOIN plans p ON p.id=t.plan JOIN patients x ON x.id=t.patient LEFT JOIN users u ON u.id=t.params ->> '$.id'
WHERE x.clinic={:c} AND t.code={:code} AND t.state='open' AND p.state<>'voided' AND t.params ->> '$.version'=p.version ORDER BY at, t.id`).Bind(dbx.Params{"c": clinic, "code": voidWish}).All(&rows)
	return rows, err
}

type deskDevice struct {
	knownDevice
	Name string `db:"name" json:"name"`
}

// ofClinic reads rows of a clinic, for those who run it.
func ofClinic[T any](d *doors, e *core.RequestEvent, what, query string) ([]T, error) {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, what); err != nil {
		return nil, err
	}
	rows := []T{}
	err := e.App.DB().NewQuery(query).Bind(dbx.Params{"c": clinic}).All(&rows)
	return rows, err
}

// deskDevices answers GET /api/clinics/{id}/devices.
func (d *doors) deskDevices(e *core.RequestEvent) error {
	rows, err := ofClinic[deskDevice](d, e, "sync_devices", `SELECT s.user, s.device, s.staff, s.app, s.first_at, s.last_at, s.waiting, s.erase_at, s.told_at, u.name FROM sync_devices s JOIN users u ON u.id=s.user
WHERE s.staff=1 AND s.user IN (SELECT user FROM practitioners WHERE clinic={:c}) OR s.staff=0 AND u.patient IN (SELECT id FROM patients WHERE clinic={:c})
ORDER BY s.last_at DESC`)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"devices": rows})
}

// eraseDevice answers POST /api/clinics/{id}/devices/erase {user, device}.
func (d *doors) eraseDevice(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "sync_devices"); err != nil {
		return err
	}
	var body struct{ User, Device string }
	if _, err := readStep(e, &body); err != nil {
		return err
	}
	patient, err := d.personOf(e.App, clinic, body.User)
	if err != nil {
		return err
	}
	err = e.App.RunInTransaction(func(tx core.App) error {
		done, err := tx.DB().NewQuery("UPDATE sync_devices SET erase_at={:t}, erase_by={:me} WHERE user={:u} AND device={:v} AND erase_at=''").
			Bind(dbx.Params{"t": instantText(d.clock.now()), "me": e.Auth.Id, "u": body.User, "v": body.Device}).Execute()
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); n == 0 || err != nil {
			return joined(err, func() error { return noRight() })
		}
		return d.audit(tx, event{Actor: e.Auth.Id, Capacity: "clinic_admin", Action: "revoke_device", Clinic: clinic, Patient: patient, Collection: "sync", Record: body.Device, Outcome: "ok"})
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// personOf lets only people of this clinic pass: its staff, or the patient whose id comes back.
func (d *doors) personOf(app core.App, clinic, user string) (patient string, err error) {
	var row struct {
		Staff   bool   `db:"staff"`
		Patient string `db:"patient"`
	}
	err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM practitioners WHERE user=u.id AND clinic={:c}) staff,
  COALESCE((SELECT id FROM patients WHERE id=u.patient AND clinic={:c}), '') patient FROM users u WHERE u.id={:u}`).
		Bind(dbx.Params{"c": clinic, "u": user}).One(&row)
	if err == nil && !row.Staff && row.Patient == "" {
		err = noRight()
	}
	return row.Patient, noneIs(err, noRight())
}

type consentCount struct {
	Version string `db:"version" json:"version"`
	Family  string `db:"family" json:"family"`
	Given   int    `db:"given" json:"given"`
	Not     int    `db:"refused" json:"withdrawn"`
	Newest  string `db:"newest" json:"newest"`
}

// underEarlier counts the patients with a yes to another text than the clinic's own: their phones ask them to read it. Where the clinic
// has none nobody is asked.
func underEarlier(db dbx.Builder, clinic string, now consentText) (patients int, err error) {
	if now.Body == "" {
		return 0, nil
	}
	err = db.NewQuery("SELECT COUNT(DISTINCT c.patient) FROM consents c JOIN patients p ON p.id=c.patient WHERE p.clinic={:c} AND c.state='given' AND c.version<>{:v}").
		Bind(dbx.Params{"c": clinic, "v": now.Version}).Row(&patients)
	return patients, err
}

// deskConsents answers GET /api/clinics/{id}/consents: counts, and no names.
func (d *doors) deskConsents(e *core.RequestEvent) error {
	rows, err := ofClinic[consentCount](d, e, "consents", `SELECT c.version, c.family, SUM(c.state='given') given, SUM(c.state<>'given') refused, MAX(c.decided_at) newest
FROM consents c JOIN patients p ON p.id=c.patient WHERE p.clinic={:c} GROUP BY c.version, c.family ORDER BY c.version DESC, c.family`)
	if err != nil {
		return err
	}
	text, err := consentTextAt(e.App.DB(), e.Request.PathValue("id"))
	if err != nil {
		return err
	}
	earlier, err := underEarlier(e.App.DB(), e.Request.PathValue("id"), text)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"current": text.Version, "consents": rows, "earlier": earlier})
}

package hooks

import (
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
)

// People of a clinic: who works here, and what hangs on somebody.

func staffOf(db dbx.Builder, clinic string) ([]deskPerson, error) {
	rows := []deskPerson{}
	err := db.NewQuery(`SELECT u.id user, MAX(w.name) name, u.email, u.ending_at,
  COALESCE(group_concat(CASE WHEN w.active THEN w.role END), '') active, COALESCE(group_concat(CASE WHEN NOT w.active THEN w.role END), '') inactive,
  (SELECT COUNT(*) FROM care_links l JOIN patients p ON p.id=l.patient WHERE l.member=u.id AND l.until='' AND p.clinic={:c}) patients,
  (SELECT COUNT(*) FROM sync_devices s WHERE s.user=u.id AND s.staff=1) devices,
  COALESCE((SELECT SUM(waiting) FROM sync_devices s WHERE s.user=u.id AND s.staff=1), 0) waiting,
  COALESCE((SELECT MAX(at) FROM audit_events a WHERE a.actor=u.id), '') seen
FROM practitioners w JOIN users u ON u.id=w.user WHERE w.clinic={:c} GROUP BY u.id ORDER BY active='', name`).Bind(dbx.Params{"c": clinic}).All(&rows)
	for i, r := range rows {
		rows[i].Roles, rows[i].Former = rolesIn(r.Active), rolesIn(r.Inactive)
	}
	return rows, err
}

func rolesIn(commas string) []string {
	if commas == "" {
		return []string{}
	}
	out := strings.Split(commas, ",")
	slices.Sort(out)
	return out
}

// peopleImpact is what hangs on a member of staff, before it is moved.
type peopleImpact struct {
	User       string          `json:"user"`
	Patients   []impactPatient `json:"patients"`
	OpenPlans  int             `json:"openPlans"`
	OpenTasks  int             `json:"openTasks"`
	NextVisits int             `json:"nextVisits"` // that are scheduled
	Devices    int             `json:"devices"`
	Unsent     int             `json:"devicesWithUnsent"`
	Waiting    int             `json:"waiting"` // entries on them
	Orphans    int             `json:"withoutAnother"`
	LastAdmin  bool            `json:"lastAdmin"`
}

type impactPatient struct {
	ID      string `db:"id" json:"id"`
	Name    string `db:"name" json:"name"`
	Role    string `db:"role" json:"role"`
	Plan    string `db:"plan" json:"plan"`
	Tasks   int    `db:"tasks" json:"openTasks"`
	Visits  int    `db:"visits" json:"nextVisits"`
	Another bool   `db:"another" json:"another"` // somebody else holds this role for her
}

// impact answers GET /api/clinics/{id}/people/{user}/impact.
func (d *doors) impact(e *core.RequestEvent) error {
	clinic, user := e.Request.PathValue("id"), e.Request.PathValue("user")
	if err := d.runsClinic(e, clinic, "care_links"); err != nil {
		return err
	}
	if _, err := d.personOf(e.App, clinic, user); err != nil {
		return err
	}
	out, err := d.impactOf(e.App.DB(), clinic, user)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) impactOf(db dbx.Builder, clinic, user string) (peopleImpact, error) {
	out := peopleImpact{User: user, Patients: []impactPatient{}}
	params := dbx.Params{"c": clinic, "u": user, "now": instantText(d.clock.now())}
	err := db.NewQuery(`SELECT p.id, p.name, l.role, COALESCE((SELECT state FROM plans WHERE patient=p.id AND state IN ('draft', 'active', 'paused', 'extended') LIMIT 1), '') plan,
  (SELECT COUNT(*) FROM tasks t WHERE t.patient=p.id AND t.state='open') tasks,
  (SELECT COUNT(*) FROM visits v WHERE v.patient=p.id AND v.status='scheduled' AND v.scheduled_at>{:now}) visits,
  EXISTS (SELECT 1 FROM care_links o WHERE o.patient=p.id AND o.role=l.role AND o.member<>l.member AND o.until='') another
FROM care_links l JOIN patients p ON p.id=l.patient WHERE l.member={:u} AND l.until='' AND p.clinic={:c} ORDER BY p.name, p.id`).Bind(params).All(&out.Patients)
	if err != nil {
		return out, err
	}
	for _, p := range out.Patients {
		out.OpenTasks, out.NextVisits = out.OpenTasks+p.Tasks, out.NextVisits+p.Visits
		if p.Plan != "" {
			out.OpenPlans++
		}
		if !p.Another {
			out.Orphans++
		}
	}
	err = db.NewQuery(`SELECT COUNT(*), COALESCE(SUM(waiting>0), 0), COALESCE(SUM(waiting), 0) FROM sync_devices WHERE user={:u} AND staff=1 AND erase_at=''`).Bind(params).
		Row(&out.Devices, &out.Unsent, &out.Waiting)
	if err != nil {
		return out, err
	}
	out.LastAdmin, err = lastAdmin(db, clinic, user)
	return out, err
}

func lastAdmin(db dbx.Builder, clinic, user string) (last bool, err error) {
	err = db.NewQuery(`SELECT EXISTS (SELECT 1 FROM practitioners WHERE clinic={:c} AND user={:u} AND role='clinic_admin' AND active=TRUE)
  AND NOT EXISTS (SELECT 1 FROM practitioners WHERE clinic={:c} AND user<>{:u} AND role='clinic_admin' AND active=TRUE)`).Bind(dbx.Params{"c": clinic, "u": user}).Row(&last)
	return last, err
}

// signOutPerson answers POST /api/clinics/{id}/people/{user}/signout. Phones keep what they hold, and ask for the password.
func (d *doors) signOutPerson(e *core.RequestEvent) error {
	clinic, user := e.Request.PathValue("id"), e.Request.PathValue("user")
	if err := d.runsClinic(e, clinic, "users"); err != nil {
		return err
	}
	patient, err := d.personOf(e.App, clinic, user)
	if err != nil {
		return err
	}
	if err := endSession(e.App, user); err != nil {
		return err
	}
	err = d.audit(e.App, event{Actor: e.Auth.Id, Capacity: string(access.ClinicAdmin), Action: "sign_out", Clinic: clinic, Patient: patient, Collection: "users", Record: user, Outcome: "ok"})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

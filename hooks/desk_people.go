package hooks

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/invitation"
)

// People of a clinic: who works here, how somebody comes, what hangs on somebody, and how somebody goes.

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

// moveWish: to whom, and which patients; none named = all.
type moveWish struct {
	To       string   `json:"to"`
	Patients []string `json:"patients"`
	Reason   string   `json:"reason"`
}

// movePatients answers POST /api/clinics/{id}/people/{user}/move.
func (d *doors) movePatients(e *core.RequestEvent) error {
	return d.aboutPerson(e, func(m mover) error {
		if m.wish.To == "" {
			return toWhom()
		}
		return m.move()
	})
}

func toWhom() error {
	return refuse(http.StatusUnprocessableEntity, withField(hard("E_TO_WHOM", "Say who else looks after these patients from now on."), "to"))
}

// leaveClinic answers POST /api/clinics/{id}/people/{user}/leave: patients move, links and roles end, devices are to be erased, and
// the account opens nothing any more but the hand-over of what a phone had not sent.
func (d *doors) leaveClinic(e *core.RequestEvent) error {
	return d.aboutPerson(e, func(m mover) error {
		last, err := lastAdmin(m.tx.DB(), m.clinic, m.user)
		if err != nil {
			return err
		}
		if last {
			return refuse(http.StatusUnprocessableEntity, hard("E_LAST_ADMIN", "This is the clinic's only admin. Make somebody else an admin first."))
		}
		m.wish.Patients = nil // nobody is left behind
		if err := m.move(); err != nil {
			return err
		}
		return m.leave()
	})
}

// mover carries out what an admin decided about one person, in one transaction.
type mover struct {
	*doors
	tx     core.App
	by     *core.Record
	clinic string
	user   string
	wish   moveWish
	moved  *int
}

func (d *doors) aboutPerson(e *core.RequestEvent, do func(mover) error) error {
	clinic, user := e.Request.PathValue("id"), e.Request.PathValue("user")
	if err := d.runsClinic(e, clinic, "care_links"); err != nil {
		return err
	}
	if _, err := d.personOf(e.App, clinic, user); err != nil {
		return err
	}
	var wish moveWish
	if _, err := readStep(e, &wish); err != nil {
		return err
	}
	moved := 0
	err := e.App.RunInTransaction(func(tx core.App) error {
		return do(mover{d, tx, e.Auth, clinic, user, wish, &moved})
	})
	if err != nil {
		return err
	}
	if err := endSessions(e.App, d.clock.now()); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"moved": moved})
}

// move ends the links of the one and makes the same for the other.
func (m mover) move() error {
	links, err := m.tx.FindRecordsByFilter("care_links", `member={:u} && until="" && patient.clinic={:c}`, "", 0, 0, dbx.Params{"u": m.user, "c": m.clinic})
	if err != nil {
		return err
	}
	for _, link := range links {
		if len(m.wish.Patients) > 0 && !slices.Contains(m.wish.Patients, link.GetString("patient")) {
			continue
		}
		if m.wish.To == "" || m.wish.To == m.user {
			return toWhom()
		}
		if err := m.handOver(link); err != nil {
			return err
		}
		*m.moved++
	}
	return nil
}

// handOver: somebody has one live link to a patient. Who holds it already as something less becomes what was needed; as something
// more, she stays it.
func (m mover) handOver(link *core.Record) error {
	patient, role := link.GetString("patient"), link.GetString("role")
	if err := m.end(link); err != nil {
		return err
	}
	theirs, err := orNil(m.tx.FindFirstRecordByFilter("care_links", `patient={:p} && member={:m} && until=""`, dbx.Params{"p": patient, "m": m.wish.To}))
	if err != nil {
		return err
	}
	if theirs != nil {
		if held := theirs.GetString("role"); weight(access.Role(held)) <= weight(access.Role(role)) {
			return m.giveVisits(patient, held)
		}
		if err := m.end(theirs); err != nil {
			return err
		}
	}
	next := core.NewRecord(link.Collection())
	next.Load(map[string]any{"patient": patient, "member": m.wish.To, "role": role, "from": instantText(m.clock.now())})
	setActor(next, as(m.by, "route"))
	if err := m.tx.Save(next); err != nil {
		return err
	}
	return m.giveVisits(patient, role)
}

func (m mover) end(link *core.Record) error {
	link.Set("until", instantText(m.clock.now()))
	setActor(link, as(m.by, "route"))
	return m.tx.Save(link)
}

// giveVisits: what is scheduled with the one is scheduled with the other.
func (m mover) giveVisits(patient, role string) error {
	next, err := orNil(m.tx.FindFirstRecordByFilter("practitioners", "user={:u} && clinic={:c} && role={:r} && active=true", dbx.Params{"u": m.wish.To, "c": m.clinic, "r": role}))
	if err != nil {
		return err
	}
	to := "" // the patient's therapist treats
	if next != nil {
		to = next.Id
	}
	visits, err := m.tx.FindRecordsByFilter("visits", scheduledWith+" && patient={:p}", "", 0, 0, dbx.Params{"u": m.user, "c": m.clinic, "p": patient})
	if err != nil {
		return err
	}
	return m.treatedBy(visits, to)
}

const scheduledWith = `status="scheduled" && practitioner.user={:u} && practitioner.clinic={:c}`

func (m mover) treatedBy(visits []*core.Record, practitioner string) error {
	for _, v := range visits {
		v.Set("practitioner", practitioner)
		setActor(v, as(m.by, "route"))
		if err := m.tx.Save(v); err != nil {
			return err
		}
	}
	return nil
}

// leave: visits of patients whom she did not look after any more are their therapists'.
func (m mover) leave() error {
	visits, err := m.tx.FindRecordsByFilter("visits", scheduledWith, "", 0, 0, dbx.Params{"u": m.user, "c": m.clinic})
	if err == nil {
		err = m.treatedBy(visits, "")
	}
	if err != nil {
		return err
	}
	roles, err := m.tx.FindAllRecords("practitioners", dbx.HashExp{"user": m.user, "clinic": m.clinic, "active": true})
	if err != nil {
		return err
	}
	for _, role := range roles {
		role.Set("active", false)
		setActor(role, as(m.by, "route"))
		if err := m.tx.Save(role); err != nil {
			return err
		}
	}
	if err := m.endAccount(); err != nil {
		return err
	}
	return m.audit(m.tx, event{Actor: m.by.Id, Capacity: string(access.ClinicAdmin), Action: "leave", Clinic: m.clinic, Collection: "practitioners", Record: m.user, Outcome: "ok", Reason: m.wish.Reason})
}

// endAccount, unless this person works elsewhere too; somebody with a diary of her own keeps the account for that.
func (m mover) endAccount() error {
	params := dbx.Params{"u": m.user, "me": m.by.Id, "t": instantText(m.clock.now())}
	var elsewhere bool
	err := m.tx.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM practitioners WHERE user={:u} AND active=TRUE)").Bind(params).Row(&elsewhere)
	if err != nil || elsewhere {
		return err
	}
	for _, statement := range []string{
		"UPDATE sync_devices SET erase_at={:t}, erase_by={:me} WHERE user={:u} AND staff=1 AND erase_at=''",
		"UPDATE calendar_feeds SET revoked_at={:t} WHERE owner={:u} AND revoked_at=''",
		"UPDATE users SET ending_at={:t} WHERE id={:u} AND patient=''",
	} {
		if _, err := m.tx.DB().NewQuery(statement).Bind(params).Execute(); err != nil {
			return err
		}
	}
	return nil
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

// codeWish asks for a code.
type codeWish struct {
	Kind string `json:"kind"` // staff or recovery
	Role string `json:"role"`
	Name string `json:"name"`
	User string `json:"user"`
}

// recoveryFor: somebody sits beside the admin and sets a new password now.
const recoveryFor = time.Hour

// makeCode answers POST /api/clinics/{id}/codes. The code is in this answer and nowhere else.
func (d *doors) makeCode(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "access_codes"); err != nil {
		return err
	}
	var wish codeWish
	if _, err := readStep(e, &wish); err != nil {
		return err
	}
	wish.Name = strings.TrimSpace(wish.Name)
	patient, err := d.checkCode(e, clinic, wish)
	if err != nil {
		return err
	}
	code, err := invitation.New(rand.Reader)
	if err != nil {
		return err
	}
	expires := d.clock.now().Add(map[string]time.Duration{"staff": invitation.Lifetime, "recovery": recoveryFor}[wish.Kind])
	var stored *core.Record
	err = e.App.RunInTransaction(func(tx core.App) (err error) {
		collection, err := tx.FindCachedCollectionByNameOrId("access_codes")
		if err != nil {
			return err
		}
		stored = core.NewRecord(collection)
		stored.Load(map[string]any{"clinic": clinic, "kind": wish.Kind, "role": wish.Role, "name": wish.Name, "user": wish.User, "code_hash": invitation.Hash(code),
			"expires_at": instantText(expires), "created_by": e.Auth.Id})
		if err := tx.Save(stored); err != nil {
			return err
		}
		return d.audit(tx, event{Actor: e.Auth.Id, Capacity: string(access.ClinicAdmin), Action: map[string]string{"staff": "invite", "recovery": "recovery"}[wish.Kind], Clinic: clinic,
			Patient: patient, Collection: "access_codes", Record: stored.Id, Outcome: "ok"})
	})
	if err != nil {
		return err
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, map[string]any{"id": stored.Id, "kind": wish.Kind, "code": code, "url": "/admin/#join=" + code, "expires": stored.GetDateTime("expires_at")})
}

// checkCode: a recovery opens an account, so it is for people of this clinic and of no other.
func (d *doors) checkCode(e *core.RequestEvent, clinic string, wish codeWish) (patient string, err error) {
	switch {
	case wish.Kind == "staff" && (wish.Name == "" || !slices.Contains(slices.Concat(access.ByLink, access.ByClinic), access.Role(wish.Role))):
		return "", refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "Say the name, and what this person will do here."), "role"))
	case wish.Kind == "staff":
		return "", nil
	case wish.Kind != "recovery":
		return "", refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "A code is for staff or for a recovery."), "kind"))
	case wish.User == e.Auth.Id:
		return "", refuse(http.StatusUnprocessableEntity, hard("E_SELF_ROLE", "Somebody else has to do this for you."))
	}
	if patient, err = d.personOf(e.App, clinic, wish.User); err != nil {
		return "", err
	}
	var elsewhere bool
	err = e.App.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM practitioners WHERE user={:u} AND clinic<>{:c} AND active=TRUE)
  OR EXISTS (SELECT 1 FROM users u JOIN patients p ON p.id=u.patient WHERE u.id={:u} AND p.clinic<>{:c})`).Bind(dbx.Params{"u": wish.User, "c": clinic}).Row(&elsewhere)
	if err == nil && elsewhere {
		err = refuse(http.StatusUnprocessableEntity, hard("E_ELSEWHERE", "This account opens records of another clinic too. A superuser recovers it."))
	}
	return patient, err
}

// redeemed is what somebody sends with a code; a recovery needs no address.
type redeemed struct {
	Code     string `json:"code"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

// redeemCode answers POST /api/codes/redeem, and signs in.
func (d *doors) redeemCode(e *core.RequestEvent) error {
	var body redeemed
	if err := e.BindBody(&body); err != nil { // PocketBase reads it once more
		return refuse(http.StatusBadRequest, hard("E_JSON", "Send code, password, and for new staff email."))
	}
	var user *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		user, err = d.spendCode(tx, body)
		return err
	})
	if fields := (validation.Errors{}); errors.As(err, &fields) {
		return refuse(http.StatusUnprocessableEntity, accountFault(fields))
	}
	if err != nil {
		return err
	}
	return apis.RecordAuthResponse(e, user, "", nil) // a code is as good as a second factor
}

func (d *doors) spendCode(tx core.App, body redeemed) (*core.Record, error) {
	code, err := tx.FindFirstRecordByData("access_codes", "code_hash", invitation.Hash(body.Code))
	if err != nil {
		return nil, noneIs(err, unknownCode())
	}
	if broken := invitation.Check(code.GetDateTime("expires_at").Time(), code.GetDateTime("used_at").Time(), d.clock.now()); broken != nil {
		if broken.Code == "E_INVITE_EXPIRED" { // a recovery lives an hour, not 72
			broken.Message = "This code has run out. Ask the clinic for a new one."
		}
		return nil, refuse(http.StatusGone, *broken)
	}
	code.Set("used_at", instantText(d.clock.now()))
	if err := tx.Save(code); err != nil {
		return nil, err
	}
	if code.GetString("kind") == "recovery" {
		return d.recover(tx, code, body.Password)
	}
	return d.join(tx, code, body)
}

// recover sets a new password; every session of before ends with it.
func (d *doors) recover(tx core.App, code *core.Record, password string) (*core.Record, error) {
	user, err := tx.FindRecordById("users", code.GetString("user"))
	if err != nil {
		return nil, err
	}
	user.SetPassword(password)
	if err := tx.Save(user); err != nil {
		return nil, err
	}
	return user, d.audit(tx, event{Actor: user.Id, Capacity: "code", Action: "recover", Clinic: code.GetString("clinic"), Patient: user.GetString("patient"), Collection: "users", Record: user.Id, Outcome: "ok"})
}

// join makes a member of staff. Somebody who has an account comes in with its own password; a code alone takes over nothing.
func (d *doors) join(tx core.App, code *core.Record, body redeemed) (*core.Record, error) {
	users, err := tx.FindCachedCollectionByNameOrId("users")
	if err != nil {
		return nil, err
	}
	user, err := orNil(tx.FindAuthRecordByEmail(users, strings.TrimSpace(body.Email)))
	switch {
	case err != nil:
		return nil, err
	case user == nil:
		user = core.NewRecord(users)
		user.SetEmail(strings.TrimSpace(body.Email))
		user.SetPassword(body.Password)
		user.Set("name", code.GetString("name"))
	case !user.ValidatePassword(body.Password):
		return nil, refuse(http.StatusUnprocessableEntity, hard("E_EMAIL", "This address cannot be used: it is not complete, or somebody signs in with it already."))
	}
	user.Set("ending_at", "")
	if err := tx.Save(user); err != nil {
		return nil, err
	}
	role, err := writer{doors: d, tx: tx}.row("practitioners", dbx.HashExp{"user": user.Id, "clinic": code.GetString("clinic"), "role": code.GetString("role")})
	if err != nil {
		return nil, err
	}
	role.Load(map[string]any{"user": user.Id, "clinic": code.GetString("clinic"), "role": code.GetString("role"), "name": code.GetString("name"), "active": true})
	if err := tx.Save(role); err != nil {
		return nil, err
	}
	return user, d.audit(tx, event{Actor: user.Id, Capacity: code.GetString("role"), Action: "accept", Clinic: code.GetString("clinic"), Collection: "practitioners", Record: role.Id, Outcome: "ok"})
}

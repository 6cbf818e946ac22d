package hooks

import (
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
)

// What an admin decides about one person of the staff: patients get somebody else, and somebody leaves. Each is one transaction.

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

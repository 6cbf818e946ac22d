package hooks

import (
	"database/sql"
	"errors"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/clinic"
)

// bindPeople keeps what the rights rest on in order.
func (d *doors) bindPeople(app core.App) {
	app.OnRecordValidate("care_links").Bind(&hook.Handler[*core.RecordEvent]{Id: "careLink", Func: d.checkLink})
	app.OnRecordValidate("practitioners").Bind(&hook.Handler[*core.RecordEvent]{Id: "staff", Func: checkStaff})
	app.OnRecordUpdateExecute("practitioners").Bind(&hook.Handler[*core.RecordEvent]{Id: "leave", Func: d.endLinksOnLeaving})
	app.OnRecordDeleteExecute("practitioners").Bind(&hook.Handler[*core.RecordEvent]{Id: "leave", Func: d.endLinksOnLeaving})
}

// checkStaff: a role belongs to one person at one clinic for good; an admin who could
// move it would give herself another clinic.
func checkStaff(e *core.RecordEvent) error {
	var broken []clinic.Broken
	if e.Record.IsNew() {
		if actorOf(e.Record).ID == e.Record.GetString("user") {
			return refuse(http.StatusUnprocessableEntity, hard("E_SELF_ROLE", "Somebody else has to give you a role."))
		}
		return e.Next()
	}
	for _, field := range []string{"user", "clinic", "role"} {
		if e.Record.Original().GetString(field) != e.Record.GetString(field) {
			broken = append(broken, withField(hard("E_STAFF_FIXED", "Make this role inactive and add another."), field))
		}
	}
	if len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return e.Next()
}

// checkLink: nobody treats herself, and a link begins and ends when somebody
// does it, so that a right never changes with the clock alone.
func (d *doors) checkLink(e *core.RecordEvent) error {
	var broken []clinic.Broken
	var own string
	err := e.App.DB().Select("patient").From("users").Where(dbx.HashExp{"id": e.Record.GetString("member")}).Row(&own)
	if errors.Is(err, sql.ErrNoRows) {
		return e.Next() // the relation itself says so
	}
	if err != nil {
		return err
	}
	if own != "" && own == e.Record.GetString("patient") {
		broken = append(broken, hard("E_SELF_CARE", "Nobody is a member of their own care team."))
	}
	if treats, err := treatsAt(e.App.DB(), e.Record); err != nil {
		return err
	} else if e.Record.IsNew() && !treats {
		broken = append(broken, hard("E_LINK_ROLE", "Only somebody who holds this role at the patient's clinic can join the care team."))
	}
	if linkMoved(e.Record) {
		broken = append(broken, hard("E_LINK_FIXED", "End this care link and make a new one."))
	}
	if e.Record.GetDateTime("until").Time().After(d.clock.now()) {
		broken = append(broken, withField(hard("E_LINK_FUTURE", "A care link ends when somebody ends it."), "until"))
	}
	if len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return e.Next()
}

// treatsAt: the member holds the link's role at the patient's clinic. Without it a clinic admin could open any
// diary to any account.
func treatsAt(db dbx.Builder, link *core.Record) (bool, error) {
	var n int
	err := db.NewQuery(`SELECT COUNT(*) FROM practitioners w JOIN patients p ON p.clinic=w.clinic
WHERE p.id={:p} AND w.user={:u} AND w.role={:r} AND w.active=TRUE`).
		Bind(dbx.Params{"p": link.GetString("patient"), "u": link.GetString("member"), "r": link.GetString("role")}).Row(&n)
	return n > 0, err
}

// linkMoved: a link keeps its patient, member and role, and what has ended stays ended. The journal's trigger
// holds it for every writer; here it gets its code.
func linkMoved(r *core.Record) bool {
	if r.IsNew() {
		return false
	}
	was := r.Original()
	for _, field := range []string{"patient", "member", "role"} {
		if r.GetString(field) != was.GetString(field) {
			return true
		}
	}
	return !was.GetDateTime("until").IsZero() && !r.GetDateTime("until").Equal(was.GetDateTime("until"))
}

// endLinksOnLeaving: with the last active treating role at a clinic, its care links end too.
func (d *doors) endLinksOnLeaving(e *core.RecordEvent) error {
	gone := e.Type == core.ModelEventTypeDelete
	if !gone && (e.Record.GetBool("active") || !e.Record.Original().GetBool("active")) {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		links, err := tx.FindRecordsByFilter("care_links",
			`member={:u} && role={:r} && until="" && patient.clinic={:c}`, "", 0, 0,
			dbx.Params{"u": e.Record.GetString("user"), "r": e.Record.GetString("role"), "c": e.Record.GetString("clinic")})
		if err != nil {
			return err
		}
		for _, link := range links {
			link.Set("until", instantText(d.clock.now()))
			setActor(link, actorOf(e.Record))
			if err := tx.Save(link); err != nil {
				return err
			}
		}
		return nil
	})
}

// inTx runs fn (which calls e.Next) in one write transaction and gives the
// event its app back: After hooks must not get a finished transaction.
func inTx(e *core.RecordEvent, fn func(tx core.App) error) error {
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(tx core.App) error {
		e.App = tx
		return fn(tx)
	})
}

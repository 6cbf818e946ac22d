package hooks

import (
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
)

// Break-glass: an admin opens a diary, because nobody who treats the patient can. It takes a reason, ends by itself, shows what the
// patient shares with her team and nothing more, changes nothing, and stands in the patient's own list with the reason.

const (
	glassHours = 24 // at most
	glassUsual = 4
)

type glassInfo struct {
	ID      string `db:"id" json:"id"`
	Patient string `db:"patient" json:"patient"`
	Name    string `db:"name" json:"name"`
	Member  string `db:"member" json:"member"`
	By      string `db:"by_name" json:"by"`
	Reason  string `db:"reason" json:"reason"`
	From    string `db:"from" json:"from"`
	Until   string `db:"until" json:"until"`
}

// deskGlass answers GET /api/clinics/{id}/glass.
func (d *doors) deskGlass(e *core.RequestEvent) error {
	rows, err := ofClinic[glassInfo](d, e, "break_glass", "SELECT g.id, g.patient, g.member, g.reason, g.[[from]], g.until, COALESCE(p.name, '') name, COALESCE(u.name, '') by_name "+
		"FROM break_glass g LEFT JOIN patients p ON p.id=g.patient LEFT JOIN users u ON u.id=g.member WHERE g.clinic={:c} ORDER BY g.until DESC LIMIT 100")
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"now": instantText(d.clock.now()), "opened": rows})
}

// breakGlass answers POST /api/clinics/{id}/glass {patient, reason, hours}.
func (d *doors) breakGlass(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "break_glass"); err != nil {
		return err
	}
	wish := struct {
		Patient, Reason string
		Hours           int
	}{Hours: glassUsual}
	if _, err := readStep(e, &wish); err != nil {
		return err
	}
	wish.Reason = strings.TrimSpace(wish.Reason)
	if err := reasoned(wish.Reason); err != nil {
		return err
	}
	if wish.Hours < 1 || wish.Hours > glassHours {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "From 1 to 24 hours."), "hours"))
	}
	var here bool
	err := e.App.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM patients WHERE id={:p} AND clinic={:c})").Bind(dbx.Params{"p": wish.Patient, "c": clinic}).Row(&here)
	if err != nil {
		return err
	}
	if !here {
		return noRight()
	}
	now := d.clock.now()
	err = e.App.RunInTransaction(func(tx core.App) error {
		open, err := tx.CountRecords("break_glass", dbx.HashExp{"patient": wish.Patient, "member": e.Auth.Id, "reason": wish.Reason}, dbx.NewExp("until>{:now}", dbx.Params{"now": instantText(now)}))
		if err != nil || open > 0 { // the answer was lost, and it is asked for again
			return err
		}
		r, err := newRow(tx, "break_glass", "", map[string]any{"patient": wish.Patient, "clinic": clinic, "member": e.Auth.Id, "reason": wish.Reason, "from": instantText(now),
			"until": instantText(now.Add(time.Duration(wish.Hours) * time.Hour))})
		if err != nil {
			return err
		}
		if err := tx.Save(r); err != nil {
			return err
		}
		return d.audit(tx, event{Actor: e.Auth.Id, Capacity: "break_glass", Action: "break_glass", Clinic: clinic, Patient: wish.Patient, Collection: "break_glass", Record: r.Id, Outcome: "ok", Reason: wish.Reason})
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// closeGlass answers POST /api/clinics/{id}/glass/{glass}/close.
func (d *doors) closeGlass(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "break_glass"); err != nil {
		return err
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		r, err := orNil(tx.FindFirstRecordByFilter("break_glass", "id={:x} && clinic={:c} && until>{:t}",
			dbx.Params{"t": instantText(d.clock.now()), "x": e.Request.PathValue("glass"), "c": clinic}))
		if err != nil {
			return err
		}
		if r == nil {
			return noRight()
		}
		r.Set("until", instantText(d.clock.now()))
		if err := tx.Save(r); err != nil {
			return err
		}
		return d.audit(tx, event{Actor: e.Auth.Id, Capacity: string(access.ClinicAdmin), Action: "change", Clinic: clinic, Patient: r.GetString("patient"), Collection: "break_glass", Record: r.Id, Outcome: "ok"})
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// throughGlass is the reason for which this admin has the patient's diary open now; "" for nobody.
func (d *doors) throughGlass(e *core.RequestEvent, db dbx.Builder, right access.Right, patient string) (reason string, err error) {
	if e.Request.Method != http.MethodGet || !right.Has(access.ClinicAdmin) {
		return "", nil
	}
	err = db.NewQuery("SELECT reason FROM break_glass WHERE member={:m} AND patient={:p} AND until>{:now} ORDER BY until DESC LIMIT 1").
		Bind(dbx.Params{"m": e.Auth.Id, "p": patient, "now": instantText(d.clock.now())}).Row(&reason)
	return reason, ignoreNoRows(err)
}

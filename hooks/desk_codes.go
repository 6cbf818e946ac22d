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

// Codes from the desk: one lets somebody new of the staff in, one sets a new password where there is no mail.

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
		stored, err = newRow(tx, "access_codes", "", map[string]any{"clinic": clinic, "kind": wish.Kind, "role": wish.Role, "name": wish.Name, "user": wish.User,
			"code_hash": invitation.Hash(code), "expires_at": instantText(expires), "created_by": e.Auth.Id})
		if err != nil {
			return err
		}
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

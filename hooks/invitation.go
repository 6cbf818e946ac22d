package hooks

import (
	"cmp"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"rsc.io/qr"

	"interictal/hooks/access"
	"interictal/hooks/invitation"
)

// invite makes a sign-in code for one of the caller's patients.
func (d *doors) invite(e *core.RequestEvent) error {
	var body struct {
		Patient string `json:"patient"`
	}
	if err := e.BindBody(&body); err != nil {
		return refuse(http.StatusBadRequest, hard("E_JSON", "Send {\"patient\": \"ID\"}."))
	}
	right, err := rightOf(e.App.DB(), e.Auth, body.Patient)
	if err != nil {
		return err
	}
	if !right.Has(access.Therapist, access.Assistant) {
		return noRight()
	}
	if taken, err := hasAccount(e.App.DB(), body.Patient); err != nil || taken {
		if err != nil {
			return err
		}
		return refuse(http.StatusConflict, hard("E_HAS_ACCOUNT", "This patient has signed in already."))
	}
	code, err := invitation.New(rand.Reader)
	if err != nil {
		return err
	}
	record, err := d.storeInvitation(e, body.Patient, code)
	if err != nil {
		return err
	}
	url := "/app/#join=" + code // in the fragment: it never reaches a log
	picture, err := qrPath(e.App.Settings().Meta.AppURL + url)
	if err != nil {
		return err
	}
	err = d.audit(e.App, event{Actor: e.Auth.Id, Capacity: foremost(right.Roles), Action: "invite", Patient: body.Patient, Collection: "invitations", Record: record.Id, Outcome: "ok"})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"id": record.Id, "code": code, "url": url, "qr": picture, "expires": record.GetDateTime("expires_at")})
}

func hasAccount(db dbx.Builder, patient string) (bool, error) {
	var n int
	err := db.Select("COUNT(*)").From("users").Where(dbx.HashExp{"patient": patient}).Row(&n)
	return n > 0, err
}

func (d *doors) storeInvitation(e *core.RequestEvent, patient, code string) (*core.Record, error) {
	collection, err := e.App.FindCachedCollectionByNameOrId("invitations")
	if err != nil {
		return nil, err
	}
	// the newest code is the one that works
	_, err = e.App.DB().NewQuery("UPDATE invitations SET expires_at={:now} WHERE patient={:p} AND used_at='' AND expires_at>{:now}").
		Bind(dbx.Params{"now": instantText(d.clock.now()), "p": patient}).Execute()
	if err != nil {
		return nil, err
	}
	r := core.NewRecord(collection)
	r.Load(map[string]any{"patient": patient, "code_hash": invitation.Hash(code),
		"expires_at": instantText(d.clock.now().Add(invitation.Lifetime)), "created_by": e.Auth.Id})
	setActor(r, as(e.Auth, "route"))
	return r, e.App.Save(r)
}

// acceptance is what a patient sends with a code.
type acceptance struct {
	Code     string          `json:"code"`
	Email    string          `json:"email"`
	Password string          `json:"password"`
	Consents []access.Family `json:"consents"`
}

// accept opens a patient's diary with a code: it makes the account, notes the
// consents, and signs in. The code is spent in the same transaction.
func (d *doors) accept(e *core.RequestEvent) error {
	var body acceptance
	if err := e.BindBody(&body); err != nil {
		return refuse(http.StatusBadRequest, hard("E_JSON", "Send code, email, password and consents."))
	}
	for _, family := range body.Consents {
		if !slices.Contains(access.Families, family) {
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "There is no such family to consent to."), "consents"))
		}
	}
	var user *core.Record
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		user, err = d.spend(tx, body)
		return err
	})
	if fields := (validation.Errors{}); errors.As(err, &fields) {
		return refuse(http.StatusUnprocessableEntity, accountFault(fields))
	}
	if err != nil {
		return err
	}
	err = d.audit(e.App, event{Actor: user.Id, Capacity: string(access.Patient), Action: "accept", Patient: user.GetString("patient"), Collection: "invitations", Outcome: "ok"})
	if err != nil {
		return err
	}
	return apis.RecordAuthResponse(e, user, "invitation", nil)
}

func unknownCode() error {
	return refuse(http.StatusNotFound, hard("E_INVITE_UNKNOWN", "There is no such code. Check it, or ask the clinic for a new one."))
}

func (d *doors) spend(tx core.App, body acceptance) (*core.Record, error) {
	record, err := d.openInvitation(tx, body.Code)
	if err != nil {
		return nil, err
	}
	patient := record.GetString("patient")
	if taken, err := hasAccount(tx.DB(), patient); err != nil || taken {
		return nil, cmp.Or(err, error(refuse(http.StatusConflict, hard("E_HAS_ACCOUNT", "This patient has signed in already."))))
	}
	record.Set("used_at", instantText(d.clock.now()))
	if err := tx.Save(record); err != nil {
		return nil, err
	}
	user, err := newAccount(tx, body, patient)
	if err != nil {
		return nil, err
	}
	return user, d.consent(tx, user, patient, body.Consents)
}

// newAccount makes the user who keeps this diary. Somebody who has an account already, a therapist
// who becomes a patient, opens the diary with its own password; a code alone takes over nothing.
func newAccount(tx core.App, body acceptance, patient string) (*core.Record, error) {
	users, err := tx.FindCachedCollectionByNameOrId("users")
	if err != nil {
		return nil, err
	}
	var name string
	if err := tx.DB().Select("name").From("patients").Where(dbx.HashExp{"id": patient}).Row(&name); err != nil {
		return nil, err
	}
	email := strings.TrimSpace(body.Email)
	known, err := orNil(tx.FindAuthRecordByEmail(users, email))
	if err != nil {
		return nil, err
	}
	if known != nil && known.GetString("patient") == "" && known.ValidatePassword(body.Password) {
		if right, err := rightOf(tx.DB(), known, patient); err != nil || right.Any() {
			return nil, cmp.Or(err, error(refuse(http.StatusConflict, hard("E_SELF_CARE", "Nobody opens the diary of somebody they treat or look after here as their own."))))
		}
		known.Set("patient", patient)
		return known, tx.Save(known)
	}
	user := core.NewRecord(users)
	user.SetEmail(email)
	user.SetPassword(body.Password)
	user.Set("name", name)
	user.Set("patient", patient)
	return user, tx.Save(user)
}

// consent notes every family: given, or explicitly not.
func (d *doors) consent(tx core.App, user *core.Record, patient string, given []access.Family) error {
	collection, err := tx.FindCachedCollectionByNameOrId("consents")
	if err != nil {
		return err
	}
	var at string
	if err := tx.DB().Select("clinic").From("patients").Where(dbx.HashExp{"id": patient}).Row(&at); err != nil {
		return err
	}
	text, err := consentTextAt(tx.DB(), at)
	if err != nil {
		return err
	}
	shared := map[access.Family]bool{}
	for _, f := range given {
		shared[f] = true
	}
	for _, f := range access.Families {
		state := "withdrawn"
		if shared[f] {
			state = "given"
		}
		r, err := tx.FindFirstRecordByFilter("consents", "patient={:p} && family={:f}", dbx.Params{"p": patient, "f": string(f)})
		if errors.Is(err, sql.ErrNoRows) {
			r = core.NewRecord(collection)
		} else if err != nil {
			return err
		}
		r.Load(map[string]any{"patient": patient, "family": string(f), "state": state, "version": text.Version,
			"decided_at": instantText(d.clock.now()), "source": "patient"})
		setActor(r, as(user, "route"))
		if err := tx.Save(r); err != nil {
			return err
		}
	}
	return nil
}

// qrPath draws a QR code as an SVG path of its dark modules, one unit each:
// small, sharp on every screen, and no picture service sees the code.
func qrPath(text string) (map[string]any, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("drawing the code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			run := 1
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x, y, run, run)
			x += run
		}
	}
	return map[string]any{"size": code.Size, "path": path.String()}, nil
}

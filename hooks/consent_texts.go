package hooks

import (
	"database/sql"
	"errors"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
	"interictal/hooks/invitation"
)

// What a patient reads before she chooses what the clinic may see. The app has words of its own (consentVersion); a clinic can put its
// text before them. The newest that is not retired is shown, and a consent names it.

// consentVersion names the consent text that the app shows.
const consentVersion = "2026-01"

func (d *doors) bindConsentTexts(app core.App) {
	app.OnRecordCreate("consent_texts").Bind(&hook.Handler[*core.RecordEvent]{Id: "consentText", Func: d.writeConsentText, Priority: -50})
	app.OnRecordUpdate("consent_texts").Bind(&hook.Handler[*core.RecordEvent]{Id: "consentText", Func: d.writeConsentText, Priority: -50})
	app.OnRecordDelete("consent_texts").Bind(&hook.Handler[*core.RecordEvent]{Id: "consentText", Func: keptForGood, Priority: -50})
}

// writeConsentText: what people agreed to does not change under them, not by a superuser either.
func (d *doors) writeConsentText(e *core.RecordEvent) error {
	r, by, action := e.Record, actorOf(e.Record), "create"
	if r.IsNew() {
		r.Set("written_by", by.ID)
	} else {
		action = "change"
		if changedAny(r, "clinic", "version", "body", "written_by") {
			return refuse(http.StatusUnprocessableEntity, hard("E_CONSENT_TEXT", "A text that people agree to stays as it is. Write another version."))
		}
	}
	if r.GetString("version") == consentVersion {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "The app's own text has this name."), "version"))
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil || by.ID == "system" {
			return err
		}
		return d.audit(tx, event{Actor: by.ID, Capacity: string(access.ClinicAdmin), Action: action, Clinic: r.GetString("clinic"), Collection: "consent_texts", Record: r.Id, Outcome: "ok"})
	})
}

type consentText struct {
	Version string `db:"version" json:"version"`
	Body    string `db:"body" json:"body"` // "" = the app's own words alone
}

func consentTextAt(db dbx.Builder, clinic string) (text consentText, err error) {
	err = db.NewQuery("SELECT version, body FROM consent_texts WHERE clinic={:c} AND retired=FALSE ORDER BY created DESC, rowid DESC LIMIT 1").Bind(dbx.Params{"c": clinic}).One(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return consentText{Version: consentVersion}, nil
	}
	return text, err
}

// consentTextFor answers POST /api/invitations/text {code}: what somebody reads who has a code and no account yet.
func (d *doors) consentTextFor(e *core.RequestEvent) error {
	var body struct{ Code string }
	if _, err := readStep(e, &body); err != nil {
		return err
	}
	record, err := d.openInvitation(e.App, body.Code)
	if err != nil {
		return err
	}
	var at string
	if err := e.App.DB().Select("clinic").From("patients").Where(dbx.HashExp{"id": record.GetString("patient")}).Row(&at); err != nil {
		return err
	}
	text, err := consentTextAt(e.App.DB(), at)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, text)
}

// openInvitation finds the invitation that a code still opens.
func (d *doors) openInvitation(tx core.App, code string) (*core.Record, error) {
	record, err := tx.FindFirstRecordByData("invitations", "code_hash", invitation.Hash(code))
	if err != nil {
		return nil, noneIs(err, unknownCode())
	}
	if broken := invitation.Check(record.GetDateTime("expires_at").Time(), record.GetDateTime("used_at").Time(), d.clock.now()); broken != nil {
		return nil, refuse(http.StatusGone, *broken)
	}
	return record, nil
}

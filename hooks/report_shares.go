package hooks

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/report"
)

// Links to the page. The token stands in the fragment of the address, which no browser sends, and travels in bodies only: not in a
// path, a query or a log.

// shareWish is what somebody wants to share.
type shareWish struct {
	To       string `json:"to"`
	Question string `json:"question"`
	Words    bool   `json:"words"` // goals in the patient's own words too
	Days     int    `json:"days"`
}

// shareReport answers POST /api/patients/{id}/report/shares. The token is in this answer and nowhere else.
func (d *doors) shareReport(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRightTo(e, e.App.DB(), patient, "report_shares", "report")
	if err != nil {
		return err
	}
	w := shareWish{Days: report.UsualDays}
	if _, err := readStep(e, &w); err != nil {
		return err
	}
	if err := mayShare(right, w); err != nil {
		return err
	}
	secret, err := report.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	var share *core.Record
	err = e.App.RunInTransaction(func(tx core.App) (err error) {
		share, err = d.storeShare(tx, e.Auth, patient, w, secret)
		if err == nil {
			err = d.audit(tx, event{Actor: e.Auth.Id, Capacity: foremost(right.Roles), Action: "share", Patient: patient, Collection: "report_shares", Record: share.Id, Outcome: "ok"})
		}
		if err == nil && right.Has(access.Therapist) {
			err = d.prescriberTold(tx, e.Auth, patient, "The page was shared.")
		}
		return err
	})
	if err != nil {
		return err
	}
	token := report.Token(share.Id, secret)
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, map[string]any{"id": share.Id, "token": token, "url": "/report/#" + token, "expires": share.GetDateTime("expires_at")})
}

// mayShare: the patient and a therapist may, with words that fit.
func mayShare(right access.Right, w shareWish) error {
	switch {
	case !right.Has(access.Patient, access.Therapist):
		return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "The patient or a physical therapist shares the page."))
	case w.Days < 1 || w.Days > report.MostDays:
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "A link lives from 1 to 90 days."), "days"))
	case utf8.RuneCountInString(w.Question) > 1000:
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "The question is longer than 1000 letters."), "question"))
	case utf8.RuneCountInString(w.To) > 200:
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "The name is longer than 200 letters."), "to"))
	}
	return nil
}

func (d *doors) storeShare(tx core.App, user *core.Record, patient string, w shareWish, secret string) (*core.Record, error) {
	collection, err := tx.FindCachedCollectionByNameOrId("report_shares")
	if err != nil {
		return nil, err
	}
	r := core.NewRecord(collection)
	r.Load(map[string]any{"patient": patient, "token_hash": report.Hash(secret), "made_by": user.Id, "recipient": strings.TrimSpace(w.To), "question": strings.TrimSpace(w.Question),
		"words": w.Words, "expires_at": instantText(d.clock.now().Add(time.Duration(w.Days) * 24 * time.Hour))})
	setActor(r, as(user, "route"))
	return r, tx.Save(r)
}

// revokeShare answers POST /api/shares/{id}/revoke.
func (d *doors) revokeShare(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(tx core.App) error {
		share, right, err := recordFor(tx, e.Auth, "report_shares", e.Request.PathValue("id"))
		switch {
		case err != nil:
			return err
		case !right.Has(access.Patient, access.Therapist):
			return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "The patient or a physical therapist takes a link back."))
		case !share.GetDateTime("revoked_at").IsZero():
			return nil
		}
		share.Set("revoked_at", instantText(d.clock.now()))
		setActor(share, as(e.Auth, "route"))
		return tx.Save(share)
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// prescriberTold answers the flag that asks to tell the prescriber why physical therapy was chosen (S-06).
func (d *doors) prescriberTold(tx core.App, user *core.Record, patient, how string) error {
	var flags []*core.Record
	err := tx.RecordQuery("flags").AndWhere(dbx.HashExp{"patient": patient, "code": string(careplan.TellPrescriber), "state": string(careplan.Standing)}).All(&flags)
	w := writer{doors: d, tx: tx, by: as(user, "route")}
	for _, flag := range flags {
		err = errors.Join(err, w.save(flag, map[string]any{"state": string(careplan.ByAPerson), "cleared_at": instantText(d.clock.now()), "cleared_because": how}))
	}
	return err
}

// shut is the one answer to every token that opens nothing.
func shut() error {
	return refuse(http.StatusNotFound, hard("E_SHARE", "This link opens nothing. Ask whoever sent it for a new one."))
}

// openShare finds the share of a token; wrong, expired, taken back and out of right are the same.
func (d *doors) openShare(tx core.App, token string) (*core.Record, error) {
	id, secret := report.Split(token)
	share, err := findOrNil(tx, "report_shares", id)
	if err != nil {
		return nil, err
	}
	stored := report.Share{}
	if share != nil {
		stored = report.Share{Hash: share.GetString("token_hash"), Expires: share.GetDateTime("expires_at").Time(), Revoked: share.GetDateTime("revoked_at").Time()}
	}
	if !stored.Opens(secret, d.clock.now()) {
		return nil, shut()
	}
	maker, err := tx.FindRecordById("users", share.GetString("made_by"))
	if err != nil {
		return nil, noneIs(err, shut())
	}
	right, err := rightOf(tx.DB(), maker, share.GetString("patient"))
	if err == nil && !right.Has(access.Patient, access.Therapist) {
		err = shut()
	}
	return share, err
}

// openedPage is the page with what belongs to its link.
type openedPage struct {
	Page    report.Page `json:"page"`
	To      string      `json:"to"`
	Expires time.Time   `json:"expires"`
	Replies []replyInfo `json:"replies"` // given by this link
}

// openReport answers POST /api/reports/open. Each opening is counted, and noted for the patient.
func (d *doors) openReport(e *core.RequestEvent) error {
	token, err := tokenOf(e)
	if err != nil {
		return err
	}
	var out openedPage
	err = e.App.RunInTransaction(func(tx core.App) error {
		share, err := d.openShare(tx, token)
		if err != nil {
			return err
		}
		share.Set("opened_count", share.GetInt("opened_count")+1)
		share.Set("opened_at", instantText(d.clock.now()))
		if err := tx.Save(share); err != nil {
			return err
		}
		out = openedPage{To: share.GetString("recipient"), Expires: share.GetDateTime("expires_at").Time()}
		if out.Replies, err = repliesBy(tx, share.Id); err != nil {
			return err
		}
		if out.Page, err = d.pageOf(tx, share.GetString("patient"), share.GetString("question"), share.GetBool("words")); err != nil {
			return err
		}
		return d.audit(tx, byLink(share, "open", "report"))
	})
	if err != nil {
		return err
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, out)
}

// byLink is an event of whoever has the link.
func byLink(share *core.Record, action, what string) event {
	return event{Actor: share.Id, Capacity: "link", Action: action, Patient: share.GetString("patient"), Collection: what, Record: share.Id, Outcome: "ok"}
}

// tokenOf reads a body that is a token.
func tokenOf(e *core.RequestEvent) (string, error) {
	body := struct {
		Token string `json:"token"`
	}{}
	if _, err := readStep(e, &body); err != nil {
		return "", err
	}
	return body.Token, nil
}

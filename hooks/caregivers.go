package hooks

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"net/http"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/caregiver"
	"interictal/hooks/report"
)

// A patient gives somebody a link that begins an attack, adds to it and ends it (room caregiver). The token stands in the fragment of
// the address and travels in a header: not in a path, a query, a body or a log. It is half stored, like that of a shared page.

const caregiverToken = "X-Caregiver-Token"

var caregiverRoutes = []Route{
	{Method: "POST", Path: "/api/patients/{id}/caregivers", Does: "a link for a caregiver", handle: (*doors).makeCaregiver},
	{Method: "POST", Path: "/api/caregivers/{id}/revoke", Does: "takes it back", handle: (*doors).revokeCaregiver},
	{Method: "GET", Path: "/api/caregiver", Does: "the attack a caregiver works on", Open: true, handle: (*doors).caregiverSees},
	{Method: "POST", Path: "/api/caregiver/entries", Does: "begins, adds to, ends an attack", Open: true, BodyLimit: 256 << 10, handle: (*doors).caregiverEnters},
}

// makeCaregiver answers POST /api/patients/{id}/caregivers. The token is in this answer and nowhere else.
func (d *doors) makeCaregiver(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRightTo(e, e.App.DB(), patient, "caregiver_links", "caregiver_links")
	if err != nil {
		return err
	}
	wish := caregiverWish{Days: caregiver.UsualDays}
	if _, err := readStep(e, &wish); err != nil {
		return err
	}
	if broken := caregiver.CheckWish(wish.ID, wish.Name, wish.Days); len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	secret, err := report.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	var link *core.Record
	err = e.App.RunInTransaction(func(tx core.App) error {
		if link, err = linkOfWish(tx, wish.ID, patient, e.Auth.Id); err != nil {
			return err
		}
		link.Load(map[string]any{"name": strings.TrimSpace(wish.Name), "token_hash": report.Hash(secret), "expires_at": instantText(d.clock.now().AddDate(0, 0, wish.Days))})
		setActor(link, as(e.Auth, "route"))
		if err := tx.Save(link); err != nil {
			return err
		}
		return d.audit(tx, event{Actor: e.Auth.Id, Capacity: foremost(right.Roles), Action: "share", Patient: patient, Collection: "caregiver_links", Record: link.Id, Outcome: "ok"})
	})
	if err != nil {
		return err
	}
	token := report.Token(link.Id, secret)
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, map[string]any{"id": link.Id, "token": token, "url": "/carer/#" + token, "expires": link.GetDateTime("expires_at")})
}

type caregiverWish struct {
	ID   string `json:"id"` // made on her phone; without one the server makes it
	Name string `json:"name"`
	Days int    `json:"days"`
}

// linkOfWish is a new one, or the one that was made when the answer was lost. Of that nobody has the token, so it may
// have another; a link that was used or taken back is not given out anew.
func linkOfWish(tx core.App, id, patient, by string) (*core.Record, error) {
	link, err := findOrNil(tx, "caregiver_links", id)
	if err != nil {
		return nil, err
	}
	if link == nil {
		return newRow(tx, "caregiver_links", id, map[string]any{"patient": patient, "made_by": by})
	}
	if link.GetString("patient") != patient || link.GetString("made_by") != by || !link.GetDateTime("used_at").IsZero() || !link.GetDateTime("revoked_at").IsZero() {
		return nil, refuse(http.StatusConflict, withField(hard("E_ID", "This id is another link's already."), "id"))
	}
	return link, nil
}

// revokeCaregiver answers POST /api/caregivers/{id}/revoke: from the next request on the link does nothing.
func (d *doors) revokeCaregiver(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(tx core.App) error {
		link, _, err := recordFor(tx, e.Auth, "caregiver_links", e.Request.PathValue("id"))
		if err != nil || !link.GetDateTime("revoked_at").IsZero() {
			return err
		}
		link.Set("revoked_at", instantText(d.clock.now()))
		setActor(link, as(e.Auth, "route"))
		return tx.Save(link)
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// openCaregiver finds the link of a token; wrong, expired, taken back and out of right are the same.
func (d *doors) openCaregiver(tx core.App, token string) (*core.Record, error) {
	id, secret := report.Split(token)
	link, err := findOrNil(tx, "caregiver_links", id)
	if err != nil {
		return nil, err
	}
	stored := report.Share{}
	if link != nil {
		stored = report.Share{Hash: link.GetString("token_hash"), Expires: link.GetDateTime("expires_at").Time(), Revoked: link.GetDateTime("revoked_at").Time()}
	}
	if !stored.Opens(secret, d.clock.now()) {
		return nil, shut()
	}
	maker, err := findOrNil(tx, "users", link.GetString("made_by"))
	if err != nil {
		return nil, err
	}
	if maker == nil || maker.GetString("patient") != link.GetString("patient") {
		return nil, shut()
	}
	return link, nil
}

// caregiverView is all that a link shows: whose it is, and what came by it about the attack it works on.
type caregiverView struct {
	Name   string           `json:"name"`
	Attack *caregiverAttack `json:"attack"` // null: none is worked on
}

type caregiverAttack struct {
	Start   string          `json:"start"` // the entry that began the work
	Over    bool            `json:"over"`
	Entries []caregiverSaid `json:"entries"`
}

type caregiverSaid struct {
	ID   string         `json:"id" db:"id"`
	Kind caregiver.Kind `json:"kind" db:"kind"`
	At   types.DateTime `json:"at" db:"at"`
	Said string         `json:"said" db:"said"`
}

// caregiverSees answers GET /api/caregiver.
func (d *doors) caregiverSees(e *core.RequestEvent) error {
	link, err := d.openCaregiver(e.App, e.Request.Header.Get(caregiverToken))
	if err != nil {
		return err
	}
	view, err := viewOfCaregiver(e.App, link)
	if err != nil {
		return err
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, view)
}

// viewOfCaregiver: what the patient entered is not shown, not even in the attack that both work on.
func viewOfCaregiver(app core.App, link *core.Record) (caregiverView, error) {
	view := caregiverView{Name: link.GetString("name")}
	var start, attack string
	err := app.DB().NewQuery("SELECT id, attack FROM caregiver_entries WHERE link={:l} AND kind='start' ORDER BY created DESC, rowid DESC LIMIT 1").
		Bind(dbx.Params{"l": link.Id}).Row(&start, &attack)
	if errors.Is(err, sql.ErrNoRows) {
		return view, nil
	}
	if err != nil {
		return view, err
	}
	row, err := findOrNil(app, "attacks", attack)
	if err != nil || row == nil { // it was taken out
		return view, err
	}
	view.Attack = &caregiverAttack{Start: start, Over: isOver(row), Entries: []caregiverSaid{}}
	err = app.DB().Select("id", "kind", "at", "said").From("caregiver_entries").Where(dbx.HashExp{"link": link.Id, "attack": attack}).OrderBy("at", "rowid").All(&view.Attack.Entries)
	return view, err
}

func isOver(attack *core.Record) bool {
	return !attack.GetDateTime("ended_at").IsZero() || attack.GetString("end_known") != ""
}

package hooks

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
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
	wish := struct {
		Name string `json:"name"`
		Days int    `json:"days"`
	}{Days: caregiver.UsualDays}
	if _, err := readStep(e, &wish); err != nil {
		return err
	}
	if broken := caregiver.CheckWish(wish.Name, wish.Days); len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	secret, err := report.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	link, err := newRow(e.App, "caregiver_links", "", map[string]any{"patient": patient, "name": strings.TrimSpace(wish.Name), "token_hash": report.Hash(secret),
		"made_by": e.Auth.Id, "expires_at": instantText(d.clock.now().AddDate(0, 0, wish.Days))})
	if err != nil {
		return err
	}
	err = e.App.RunInTransaction(func(tx core.App) error {
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

// newRow is a row that is not saved yet.
func newRow(app core.App, collection, id string, values map[string]any) (*core.Record, error) {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	r := core.NewRecord(c)
	r.Id = id
	r.Load(values)
	return r, nil
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

// caregiverVerdict is what became of one entry: applied, repeat, or refused with its code.
type caregiverVerdict struct {
	ID      string         `json:"id"`
	Verdict string         `json:"verdict"`
	Message string         `json:"message"`
	Data    map[string]any `json:"data"`
}

// caregiverEnters answers POST /api/caregiver/entries. Each entry stands or falls by itself.
func (d *doors) caregiverEnters(e *core.RequestEvent) error {
	link, err := d.openCaregiver(e.App, e.Request.Header.Get(caregiverToken))
	if err != nil {
		return err
	}
	entries, err := readEntries(e)
	if err != nil {
		return err
	}
	verdicts := make([]caregiverVerdict, 0, len(entries))
	for _, entry := range entries {
		v, err := d.enter(e.App, link.Id, entry)
		if err != nil {
			return err
		}
		verdicts = append(verdicts, v)
	}
	view, err := viewOfCaregiver(e.App, link)
	if err != nil {
		return err
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, map[string]any{"verdicts": verdicts, "view": view})
}

func readEntries(e *core.RequestEvent) ([]caregiver.Entry, error) {
	body, err := io.ReadAll(e.Request.Body)
	if err != nil {
		return nil, tooLarge()
	}
	var sent struct {
		Entries []caregiver.Entry `json:"entries"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, refuse(http.StatusBadRequest, hard("E_JSON", "The body cannot be read."))
	}
	if len(sent.Entries) > 100 {
		return nil, tooLarge()
	}
	return sent.Entries, nil
}

// enter does one entry, exactly once. The link is looked at again: it may have been taken back since.
func (d *doors) enter(app core.App, link string, entry caregiver.Entry) (v caregiverVerdict, err error) {
	v = caregiverVerdict{ID: entry.ID, Verdict: "applied", Data: map[string]any{}}
	if broken := entry.Check(); len(broken) > 0 {
		err = refuse(http.StatusUnprocessableEntity, broken...)
	} else {
		err = app.RunInTransaction(func(tx core.App) error {
			v.Verdict, err = d.enterIn(tx, link, entry)
			return err
		})
	}
	if err == nil {
		return v, nil
	}
	if data, message, ours := explain(err); ours {
		return caregiverVerdict{ID: entry.ID, Verdict: "refused", Message: message, Data: data}, nil
	}
	return v, err
}

func (d *doors) enterIn(tx core.App, id string, entry caregiver.Entry) (string, error) {
	link, err := findOrNil(tx, "caregiver_links", id)
	if err != nil {
		return "", err
	}
	if link == nil || !link.GetDateTime("revoked_at").IsZero() {
		return "", shut()
	}
	known, err := findOrNil(tx, "caregiver_entries", entry.ID)
	if err != nil {
		return "", err
	}
	if known != nil && known.GetString("link") == id {
		return "repeat", nil
	}
	if err := d.notTooMany(tx, id); err != nil {
		return "", err
	}
	by := actor{ID: id, Via: string(access.Caregiver)}
	attack, err := d.worksOn(tx, link, entry, by)
	if err != nil {
		return "", err
	}
	row, err := newRow(tx, "caregiver_entries", entry.ID, map[string]any{"patient": link.GetString("patient"), "link": id, "attack": attack, "kind": string(entry.Kind),
		"at": entry.At, "said": entry.Said()})
	if err != nil {
		return "", err
	}
	link.Set("used_at", instantText(d.clock.now()))
	return "applied", errors.Join(tx.Save(row), tx.Save(link))
}

func (d *doors) notTooMany(tx core.App, link string) error {
	var n int
	err := tx.DB().NewQuery("SELECT COUNT(*) FROM caregiver_entries WHERE link={:l} AND created>{:t}").
		Bind(dbx.Params{"l": link, "t": instantText(d.clock.now().Add(-24 * time.Hour))}).Row(&n)
	if err == nil && n >= caregiver.MostADay {
		return refuse(http.StatusTooManyRequests, hard("E_TOO_MANY", "That is more than one day holds. Try again tomorrow."))
	}
	return err
}

// worksOn does what the entry says and tells on which attack. While one is open there is nothing to begin: the work goes on there.
func (d *doors) worksOn(tx core.App, link *core.Record, entry caregiver.Entry, by actor) (string, error) {
	patient, name := link.GetString("patient"), link.GetString("name")
	if entry.Kind == caregiver.Start {
		if open, err := openAttack(tx, patient); err != nil || open != "" {
			return open, err
		}
		return entry.ID, saveAs(tx, "attacks", entry.ID, patient, entry.Begin(name), by)
	}
	attack, err := begunBy(tx, link.Id, entry.Start)
	if err != nil {
		return "", err
	}
	change, broken := entry.AddTo(asCaregiver(attack), name)
	if len(broken) > 0 {
		return "", refuse(http.StatusUnprocessableEntity, broken...)
	}
	if change.Reading != nil {
		change.Reading["attack"] = attack.Id
		err = saveAs(tx, "attack_readings", entry.ID, patient, change.Reading, by)
	}
	if change.Attack != nil {
		attack.Load(change.Attack)
		setActor(attack, by)
		err = tx.Save(attack)
	}
	return attack.Id, err
}

// begunBy is the attack on which a start of this link works.
func begunBy(tx core.App, link, entry string) (*core.Record, error) {
	start, err := findOrNil(tx, "caregiver_entries", entry)
	if err != nil {
		return nil, err
	}
	if start == nil || start.GetString("link") != link || start.GetString("kind") != string(caregiver.Start) {
		return nil, refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "There is no such start."), "start"))
	}
	attack, err := tx.FindRecordById("attacks", start.GetString("attack"))
	return attack, noneIs(err, refuse(http.StatusNotFound, hard("E_NOT_FOUND", "This attack was taken out. Nothing was added.")))
}

func openAttack(tx core.App, patient string) (id string, err error) {
	err = tx.DB().NewQuery("SELECT id FROM attacks WHERE patient={:p} AND ended_at='' AND end_known='' ORDER BY started_at DESC LIMIT 1").Bind(dbx.Params{"p": patient}).Row(&id)
	return id, ignoreNoRows(err)
}

func saveAs(tx core.App, collection, id, patient string, values map[string]any, by actor) error {
	if !slices.Contains(access.CaregiverAdds, collection) {
		return noRight()
	}
	r, err := newRow(tx, collection, id, values)
	if err != nil {
		return err
	}
	r.Set("patient", patient)
	setActor(r, by)
	return tx.Save(r)
}

// asCaregiver is an attack as the room asks about it.
func asCaregiver(r *core.Record) caregiver.Attack {
	signs := map[string]bool{}
	for _, sign := range caregiver.Signs {
		answer := valuesOf(r)(sign)
		signs[sign] = answer != nil
	}
	return caregiver.Attack{Ended: r.GetDateTime("ended_at").Time(), Over: isOver(r), Signs: signs, Note: r.GetString("note")}
}

package hooks

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/caregiver"
)

// What comes by a caregiver's link: each entry is done once, and stands or falls by itself.

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
	if broken := entry.Reaches(d.clock.now()); len(broken) > 0 {
		return "", refuse(http.StatusUnprocessableEntity, broken...)
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

// openAttack is the id of the attack that goes on; empty: none does.
func openAttack(tx core.App, patient string) (id string, err error) {
	err = tx.DB().NewQuery("SELECT id FROM attacks WHERE patient={:p} AND ended_at='' AND end_known='' ORDER BY started_at DESC LIMIT 1").Bind(dbx.Params{"p": patient}).Row(&id)
	return id, ignoreNoRows(err)
}

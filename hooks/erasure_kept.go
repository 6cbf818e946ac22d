package hooks

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/erasure"
)

// What stays of somebody who was erased: a shell that tells her phones, a receipt, and the care record under lock until its term is over.

// term counts from the last visit or the end of the last plan.
func (r *eraser) term() (*erasure.Term, error) {
	var row struct {
		Last  string `db:"last"`
		Born  string `db:"birth_date"`
		Years int    `db:"retention_years"`
	}
	err := r.tx.DB().NewQuery(`SELECT p.birth_date, k.retention_years, COALESCE(MAX(
  COALESCE((SELECT MAX(substr(started_at, 1, 10)) FROM visits WHERE patient={:p} AND status IN ('completed', 'completed_partial')), ''),
  COALESCE((SELECT MAX(MAX(closed_on, start_date)) FROM plans WHERE patient={:p} AND state<>'draft'), '')), '') last
FROM patients p JOIN clinics k ON k.id=p.clinic WHERE p.id={:p}`).Bind(r.params()).One(&row)
	last := dayOrNone(row.Last)
	if !last.Valid() {
		last = r.todayOf("UTC")
	}
	t := erasure.TermOf(last, dayOrNone(row.Born), row.Years)
	return &t, err
}

// lockAway copies the care record into kept_records, in the transaction that deletes it.
func (r *eraser) lockAway(out receipt) error {
	entry, err := newRow(r.tx, "erasures", "", map[string]any{"patient": r.patient, "clinic": r.clinic, "at": instantText(r.clock.now()), "by": r.by.Id, "own": r.own,
		"reason": r.wish.Reason, "receipt": out})
	if err != nil {
		return err
	}
	if out.Term != nil {
		entry.Set("keep_until", out.Term.Until.String())
	}
	if err := r.tx.Save(entry); err != nil {
		return err
	}
	for _, p := range r.places {
		for _, part := range p.parts() {
			if part.why != erasure.Gone {
				if err := r.lock(entry.Id, p.table, part); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *eraser) lock(entry, table string, part placePart) error {
	var rows []map[string]any // all first: one connection writes, and cannot read on meanwhile
	err := eachRow(r.tx, r.tx.DB(), table, part.where, r.params(), func(row map[string]any) error { rows = append(rows, row); return nil })
	if err != nil {
		return err
	}
	for _, row := range rows {
		kept, err := newRow(r.tx, "kept_records", "", map[string]any{"erasure": entry, "collection": table, "record": row["id"], "why": string(part.why), "data": row})
		if err != nil {
			return err
		}
		if err := r.tx.Save(kept); err != nil {
			return err
		}
	}
	return nil
}

// termsOver: an erasure of which nothing is locked away any more says so.
func termsOver(app core.App, now time.Time) error {
	_, err := app.NonconcurrentDB().NewQuery(`UPDATE erasures SET keep_until='' WHERE keep_until<>'' AND keep_until<={:today} AND hold=FALSE
AND NOT EXISTS (SELECT 1 FROM kept_records k WHERE k.erasure=erasures.id)`).Bind(dbx.Params{"today": now.Format(time.DateOnly)}).Execute()
	return err
}

// erasureInfo is one line of the clinic's list. It names nobody.
type erasureInfo struct {
	ID        string          `db:"id" json:"id"`
	Patient   string          `db:"patient" json:"patient"`
	At        string          `db:"at" json:"at"`
	By        string          `db:"by" json:"by"`
	Own       bool            `db:"own" json:"own"`
	Reason    string          `db:"reason" json:"reason"`
	KeepUntil string          `db:"keep_until" json:"keepUntil"`
	Hold      bool            `db:"hold" json:"hold"`
	Kept      int             `db:"kept" json:"kept"` // rows that are locked away
	Receipt   json.RawMessage `json:"receipt"`
	Text      string          `db:"receipt" json:"-"`
}

// erasures answers GET /api/clinics/{id}/erasures.
func (d *doors) erasures(e *core.RequestEvent) error {
	rows, err := ofClinic[erasureInfo](d, e, "erasures", `SELECT x.id, x.patient, x.at, x.by, x.own, x.reason, x.keep_until, x.hold, x.receipt,
  (SELECT COUNT(*) FROM kept_records k WHERE k.erasure=x.id) kept
FROM erasures x WHERE x.clinic={:c} ORDER BY x.at DESC LIMIT 500`)
	if err != nil {
		return err
	}
	for i, row := range rows {
		rows[i].Receipt = json.RawMessage(row.Text)
	}
	return e.JSON(http.StatusOK, map[string]any{"erasures": rows})
}

// lockedRow is one row of a locked care record.
type lockedRow struct {
	Collection string          `db:"collection" json:"collection"`
	Record     string          `db:"record" json:"record"`
	Why        string          `db:"why" json:"why"`
	Data       json.RawMessage `json:"data"`
	Text       string          `db:"data" json:"-"`
}

// openKept answers POST /api/clinics/{id}/erasures/{erasure}/open {"reason"}: the only way to read what is locked away.
func (d *doors) openKept(e *core.RequestEvent) error {
	clinic, id := e.Request.PathValue("id"), e.Request.PathValue("erasure")
	if err := d.runsClinic(e, clinic, "kept_records"); err != nil {
		return err
	}
	var body struct {
		Reason string `json:"reason"`
	}
	if _, err := readStep(e, &body); err != nil {
		return err
	}
	if err := reasoned(strings.TrimSpace(body.Reason)); err != nil {
		return err
	}
	var patient string
	err := e.App.DB().NewQuery("SELECT patient FROM erasures WHERE id={:x} AND clinic={:c}").Bind(dbx.Params{"x": id, "c": clinic}).Row(&patient)
	if err != nil {
		return noneIs(err, noRight())
	}
	err = d.audit(e.App, event{Actor: e.Auth.Id, Capacity: string(access.ClinicAdmin), Action: "open_kept", Clinic: clinic, Patient: patient, Collection: "kept_records",
		Record: id, Outcome: "ok", Reason: strings.TrimSpace(body.Reason)})
	if err != nil {
		return err // what cannot be noted is not shown
	}
	rows := []lockedRow{}
	err = e.App.DB().NewQuery("SELECT collection, record, why, data FROM kept_records WHERE erasure={:x} ORDER BY collection, record").Bind(dbx.Params{"x": id}).All(&rows)
	if err != nil {
		return err
	}
	for i, row := range rows {
		rows[i].Data = json.RawMessage(row.Text)
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, map[string]any{"patient": patient, "rows": rows})
}

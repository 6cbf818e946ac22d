package hooks

import (
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
)

// neurologyRow is one patient of a neurologist's: what is asked, what waits to be read, and why physical therapy was chosen where
// that is news for whoever prescribes (S-06). Nothing else: the page itself is opened one by one.
type neurologyRow struct {
	ID        string               `db:"id" json:"id"`
	Name      string               `db:"name" json:"name"`
	Born      string               `db:"birth_date" json:"born"`
	Clinic    string               `db:"clinic" json:"clinic"`
	Therapist string               `db:"therapist" json:"therapist"`
	Question  string               `db:"question" json:"question"` // of the newest link; "" = none
	Replied   string               `db:"replied" json:"repliedAt"`
	Messages  bool                 `json:"messages"` // she shares the conversation
	Unread    int                  `db:"unread" json:"unread"`
	Referrals int                  `db:"referred" json:"referrals"` // sent to him and not answered, or answered and not read by him
	Chosen    []careplan.Rationale `json:"chosenFor"`
	Rationale string               `db:"rationale" json:"-"`
}

// neurology answers GET /api/neurology.
func (d *doors) neurology(e *core.RequestEvent) error {
	mine, err := holdings(e.App.DB(), e.Auth, true)
	if err != nil {
		return err
	}
	rows, events := []neurologyRow{}, []event{}
	for _, h := range mine {
		if !h.right.Has(access.Neurologist) {
			continue
		}
		row, err := neurologyOf(e.App.DB(), h, e.Auth.Id)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		events = append(events, event{Actor: e.Auth.Id, Capacity: string(access.Neurologist), Action: "read", Patient: h.patient, Collection: "neurology", Outcome: "ok"})
	}
	if err := d.audit(e.App, events...); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"patients": rows})
}

func neurologyOf(db dbx.Builder, h held, me string) (row neurologyRow, err error) {
	err = db.NewQuery(`SELECT p.id, p.name, p.birth_date, k.name clinic,
  COALESCE((SELECT group_concat(u.name, ', ') FROM care_links l JOIN users u ON u.id=l.member WHERE l.patient=p.id AND l.role='therapist' AND l.until=''), '') therapist,
  COALESCE((SELECT question FROM report_shares s WHERE s.patient=p.id AND s.revoked_at='' ORDER BY s.created DESC, s.rowid DESC LIMIT 1), '') question,
  COALESCE((SELECT MAX(said_at) FROM report_replies r WHERE r.patient=p.id AND r.author={:me}), '') replied,
  (SELECT COUNT(*) FROM care_messages m WHERE m.patient=p.id AND m.author_role<>'neurologist' AND m.read_by_neurologist='') unread,
  (SELECT COUNT(*) FROM referrals f WHERE f.patient=p.id AND (f.toward='neurologist' AND f.answered_at='' OR f.toward='therapist' AND f.answered_at<>'' AND f.answer_read_at='')) referred,
  COALESCE((SELECT pt_rationale FROM plans WHERE patient=p.id AND state NOT IN ('draft', 'voided') ORDER BY start_date DESC LIMIT 1), '[]') rationale
FROM patients p JOIN clinics k ON k.id=p.clinic WHERE p.id={:p}`).Bind(dbx.Params{"p": h.patient, "me": me}).One(&row)
	if err != nil {
		return row, err
	}
	if row.Messages = h.right.Sees("care_messages"); !row.Messages {
		row.Unread = 0
	}
	var why types.JSONArray[careplan.Rationale]
	if err := why.Scan(row.Rationale); err != nil {
		return row, err
	}
	row.Chosen = slices.DeleteFunc([]careplan.Rationale(why), func(r careplan.Rationale) bool { return !r.Tells() })
	if row.Chosen == nil {
		row.Chosen = []careplan.Rationale{}
	}
	return row, nil
}

package hooks

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// auditPage is how many lines the desk gets at once.
const auditPage = 50

type auditLine struct {
	Seq         int64  `db:"seq" json:"seq"`
	At          string `db:"at" json:"at"`
	Actor       string `db:"actor" json:"actor"`
	ActorName   string `db:"actor_name" json:"actorName"` // "" = a link, the system, or somebody who was erased
	Capacity    string `db:"capacity" json:"capacity"`
	Action      string `db:"action" json:"action"`
	Patient     string `db:"patient" json:"patient"`
	PatientName string `db:"patient_name" json:"patientName"`
	Collection  string `db:"collection" json:"collection"`
	Outcome     string `db:"outcome" json:"outcome"`
	Reason      string `db:"reason" json:"reason"`
}

// auditAsk is a search; ids and days only, so that an address says nothing.
type auditAsk struct {
	clinic, patient, actor, action string
	from, to                       string // days, UTC
	before                         int64  // the number of the last line of the page before
}

// searchAudit answers GET /api/clinics/{id}/audit?patient=&actor=&action=&from=&to=&before=.
func (d *doors) searchAudit(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "audit_events"); err != nil {
		return err
	}
	q := e.Request.URL.Query()
	before, err := strconv.ParseInt(cmp.Or(q.Get("before"), "0"), 10, 64) // none: from the newest on
	if err != nil {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "No number of a line: before."), "before"))
	}
	ask := auditAsk{clinic, q.Get("patient"), q.Get("actor"), q.Get("action"), q.Get("from"), q.Get("to"), before}
	for name, day := range map[string]string{"from": ask.from, "to": ask.to} {
		if day != "" && !dayOrNone(day).Valid() {
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_DAY", "No day of the calendar: "+name+"."), name))
		}
	}
	rows := []auditLine{}
	query, params := ask.query()
	if err := e.App.DB().NewQuery(query).Bind(params).All(&rows); err != nil {
		return err
	}
	next := int64(0)
	if len(rows) == auditPage {
		next = rows[auditPage-1].Seq
	}
	return e.JSON(http.StatusOK, map[string]any{"events": rows, "before": next})
}

// query goes down one index: the patient's, the actor's, or the chain's own order.
func (a auditAsk) query() (string, dbx.Params) {
	params := dbx.Params{"c": a.clinic, "p": a.patient, "a": a.actor, "x": a.action, "from": a.from, "to": a.to + " 99", "b": a.before, "n": auditPage}
	where := []string{`(v.clinic={:c} OR v.patient IN (SELECT id FROM patients WHERE clinic={:c}) OR v.patient IN (SELECT patient FROM erasures WHERE clinic={:c})
  OR v.patient='' AND v.clinic='' AND v.actor IN (SELECT user FROM practitioners WHERE clinic={:c}))`}
	for _, part := range []struct {
		asked bool
		where string
	}{{a.patient != "", "v.patient={:p}"}, {a.actor != "", "v.actor={:a}"}, {a.action != "", "v.action={:x}"},
		{a.from != "", "v.at>={:from}"}, {a.to != "", "v.at<={:to}"}, {a.before > 0, "v.seq<{:b}"}} {
		if part.asked {
			where = append(where, part.where)
		}
	}
	return `SELECT v.seq, v.at, v.actor, v.capacity, v.action, v.patient, v.collection, v.outcome, v.reason,
  COALESCE((SELECT name FROM users WHERE id=v.actor), '') actor_name, COALESCE((SELECT name FROM patients WHERE id=v.patient), '') patient_name
FROM audit_events v WHERE ` + strings.Join(where, " AND ") + " ORDER BY v.seq DESC LIMIT {:n}", params
}

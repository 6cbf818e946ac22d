package hooks

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/caseload"
)

// caseloadAnswer is GET /api/caseload: the caller's patients, ranked.
type caseloadAnswer struct {
	AsOf         time.Time         `json:"asOf"`
	Practitioner *practitionerInfo `json:"practitioner"`
	Clinic       *clinicInfo       `json:"clinic"`
	Order        string            `json:"order"`
	Patients     *[]caseloadRow    `json:"patients,omitempty"` // written behind the rest, as the rows are kept
}

func (d *doors) caseload(e *core.RequestEvent) error {
	answer := caseloadAnswer{AsOf: d.clock.now(), Order: caseload.Order}
	var err error
	if answer.Practitioner, answer.Clinic, err = deskOf(e.App.DB(), e.Auth.Id); err != nil {
		return err
	}
	rows, err := d.keptRows(e.Request.Context(), e.App, e.Auth.Id, answer.AsOf)
	if err != nil {
		return err
	}
	if err := d.auditCaseload(e.App, e.Auth.Id, rows); err != nil {
		return err
	}
	body, err := withRows(answer, rows)
	if err != nil {
		return err
	}
	return e.Blob(http.StatusOK, "application/json", body)
}

// withRows writes the answer; the rows are JSON already.
func withRows(answer caseloadAnswer, rows []keptRow) ([]byte, error) {
	head, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(head[:len(head)-1])
	out.WriteString(`,"patients":[`)
	for i, row := range rows {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(row.body[:len(row.body)-1])
		out.WriteString(`,"role":"` + string(row.role) + `"}`)
	}
	out.WriteString("]}")
	return out.Bytes(), nil
}

// auditCaseload notes whose rows were shown: one statement asks for all patients what was told already.
func (d *doors) auditCaseload(app core.App, user string, rows []keptRow) error {
	if len(rows) == 0 {
		return nil
	}
	var told []string
	err := app.DB().NewQuery(`SELECT patient FROM audit_events WHERE actor={:u} AND at>{:since} AND collection='caseload' AND action='read' AND outcome='ok'`).
		Bind(dbx.Params{"u": user, "since": instantText(d.clock.now().Add(-readingFor))}).Column(&told)
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(told))
	for _, patient := range told {
		known[patient] = true
	}
	var events []event
	for _, row := range rows {
		if !known[row.patient] {
			events = append(events, event{Actor: user, Capacity: string(row.role), Action: "read", Patient: row.patient, Collection: "caseload", Outcome: "ok"})
		}
	}
	if len(events) == 0 {
		return nil
	}
	return d.audit(app, events...)
}

// caseloadRow is one patient in the list. It is the same for all who treat her: they see what she shares with the team.
type caseloadRow struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	Synthetic    bool          `json:"synthetic"`
	Timezone     string        `json:"timezone"`
	Consent      bool          `json:"consent"` // false: the diary is not shared, its numbers are left out
	Plan         *planInfo     `json:"plan"`
	HeadacheDays baseAndNow    `json:"headacheDays"`
	Weekly       []weekInfo    `json:"weekly"`
	Recorded28   int           `json:"recorded28"`
	SilentDays   *int          `json:"silentDays"` // null: nothing written yet
	OpenAttack   bool          `json:"openAttack"`
	LastEntryAt  *time.Time    `json:"lastEntryAt"`
	Home         *shareView    `json:"home"` // home exercises of four weeks, without the excused; null: not shared
	Alerts       alertsInfo    `json:"alerts"`
	Unread       *int          `json:"unread"` // messages; null: not shared
	Ending       bool          `json:"ending"`
	NextVisit    *time.Time    `json:"nextVisit"`
	Visit        string        `json:"visit"` // its id, or that of the one that is going on
	Rank         caseload.Rank `json:"rank"`
	facts        caseload.Facts
}

// treating are the capacities in which somebody has a caseload. A neurologist's link opens the report, not the list.
const treating = "'" + string(access.Therapist) + "', '" + string(access.Assistant) + "'"

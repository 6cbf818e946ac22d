package hooks

import (
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/upkeep"
)

// upkeepAnswer is how the server is kept, for somebody who does not run machines.
type upkeepAnswer struct {
	Copies   bool          `json:"copies"`   // copies leave this machine
	LastCopy *time.Time    `json:"lastCopy"` // since this start; null = none yet
	Failed   int64         `json:"failedCopies"`
	Drill    *upkeep.Drill `json:"drill"` // null = never
	Bytes    int64         `json:"databaseBytes"`
	Epoch    string        `json:"epoch"`
	Restores int           `json:"restores"`
	Returned int           `json:"returned"`       // versions that phones brought back after a restore
	Open     int           `json:"openConflicts"`  // of this clinic's patients
	Waiting  int           `json:"waitingEntries"` // that devices have not sent
	Silent   int           `json:"silentDevices"`  // not heard of for a week
	Refusals []codeCount   `json:"refusals"`       // of the last seven days, by code
	Mail     bool          `json:"mail"`           // without it no second factor, and codes instead of mails
	Version  string        `json:"consentVersion"`
}

type codeCount struct {
	Code string `db:"outcome" json:"code"`
	N    int    `db:"n" json:"n"`
}

// deskUpkeep answers GET /api/clinics/{id}/upkeep.
func (d *doors) deskUpkeep(e *core.RequestEvent) error {
	clinic := e.Request.PathValue("id")
	if err := d.runsClinic(e, clinic, "upkeep"); err != nil {
		return err
	}
	out := upkeepAnswer{Copies: d.copies.on(), Failed: d.kept.failed.Load(), Refusals: []codeCount{}, Mail: e.App.Settings().SMTP.Enabled, Version: consentVersion}
	if last := d.kept.last.Load(); last > 0 {
		at := time.Unix(last, 0).UTC()
		out.LastCopy = &at
	}
	running, err := d.log.running(e.App.DB())
	if err != nil {
		return err
	}
	out.Epoch = running.Name
	if out.Drill, err = lastDrill(e.App); err != nil {
		return err
	}
	params := dbx.Params{"c": clinic, "week": instantText(d.clock.now().AddDate(0, 0, -7))}
	err = e.App.DB().NewQuery(`SELECT (SELECT page_count*page_size FROM pragma_page_count, pragma_page_size), (SELECT COUNT(*) FROM sync_epoch WHERE restored=1), (SELECT COUNT(*) FROM sync_returned),
  (SELECT COUNT(*) FROM sync_conflicts x JOIN patients p ON p.id=x.scope WHERE p.clinic={:c} AND x.resolved_at='' AND x.kind<>'quiet')`).Bind(params).
		Row(&out.Bytes, &out.Restores, &out.Returned, &out.Open)
	if err != nil {
		return err
	}
	err = e.App.DB().NewQuery(`SELECT COALESCE(SUM(s.waiting), 0), COALESCE(SUM(s.last_at<{:week}), 0) FROM sync_devices s JOIN users u ON u.id=s.user
WHERE s.told_at='' AND (u.patient IN (SELECT id FROM patients WHERE clinic={:c}) OR s.user IN (SELECT user FROM practitioners WHERE clinic={:c}))`).Bind(params).Row(&out.Waiting, &out.Silent)
	if err != nil {
		return err
	}
	if err := e.App.DB().NewQuery(refusalsQuery).Bind(params).All(&out.Refusals); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

// refusalsQuery goes down the index of what was refused: the audit itself is read by nobody whole.
const refusalsQuery = `SELECT v.outcome, COUNT(*) n FROM audit_events v WHERE v.outcome<>'ok' AND v.at>={:week} AND v.outcome LIKE 'E%'
  AND (v.clinic={:c} OR v.patient IN (SELECT id FROM patients WHERE clinic={:c})) GROUP BY v.outcome ORDER BY n DESC, v.outcome`

package hooks

import (
	"context"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/upkeep"
)

// systemHealth is what the doctor says, and some numbers. Nothing in it is of a patient.
type systemHealth struct {
	Findings  []upkeep.Finding `json:"findings"` // the most urgent first
	Database  int64            `db:"bytes" json:"databaseBytes"`
	Patients  int              `db:"patients" json:"patients"`
	Accounts  int              `db:"accounts" json:"accounts"`
	Newest    int64            `json:"newest"`
	Restores  int              `db:"restores" json:"restores"`
	Returned  int              `db:"returned" json:"returned"`
	Streams   int              `json:"streams"`
	Failed    int64            `json:"failedCopies"`
	LookedFor float64          `json:"seconds"` // how long the looking took
}

// bindHealth serves GET /api/health/system and the page of the dashboard that shows it. Whoever is no superuser finds neither.
func (d *doors) bindHealth(app core.App, cfg Config) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "health", Func: func(e *core.ServeEvent) error {
		if cfg.Dashboard != nil {
			e.UIExtensions = append(e.UIExtensions, core.UIExtension{Name: "interictal", FS: cfg.Dashboard})
		}
		e.Router.GET("/api/health/system", func(e *core.RequestEvent) error {
			if !e.HasSuperuserAuth() {
				return noRight()
			}
			health, err := d.healthOf(e.Request.Context(), e.App)
			if err != nil {
				return err
			}
			return e.JSON(http.StatusOK, health)
		})
		return e.Next()
	}})
}

func (d *doors) healthOf(ctx context.Context, app core.App) (h systemHealth, err error) {
	began := time.Now()
	facts, err := factsOf(ctx, app, d.copies, d.clock.now(), false)
	if err != nil {
		return h, err
	}
	err = app.DB().NewQuery(`SELECT (SELECT page_count*page_size FROM pragma_page_count, pragma_page_size) bytes, (SELECT COUNT(*) FROM patients) patients, (SELECT COUNT(*) FROM users) accounts,
  (SELECT COUNT(*) FROM sync_epoch WHERE restored=1) restores, (SELECT COUNT(*) FROM sync_returned) returned`).One(&h)
	if err != nil {
		return h, err
	}
	h.Newest, err = newestSeq(app.DB())
	h.Findings, h.Streams, h.Failed, h.LookedFor = upkeep.Urgent(upkeep.Examine(facts)), d.hub.size(), d.kept.failed.Load(), time.Since(began).Seconds()
	return h, err
}

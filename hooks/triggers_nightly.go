package hooks

import (
	"context"
	"errors"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

const runEvery = 28 * day

// everyFourWeeks runs what is due, every night.
func (d *doors) everyFourWeeks(e *core.ServeEvent) error {
	return errors.Join(e.App.Cron().Add("triggers", "41 2 * * *", func() {
		if err := d.runDue(e.App); err != nil {
			e.App.Logger().Error("trigger analyses could not all be run", "error", err)
		}
	}), e.Next())
}

// runDue: patients who have tracked something for four weeks, and were last analysed four weeks ago or longer. One run for
// the patient, and one on what she shares with her team; where the two rest on the same data they are one.
func (d *doors) runDue(app core.App) error {
	before := d.clock.now().Add(-runEvery)
	var patients []string
	err := app.DB().NewQuery(`SELECT DISTINCT t.patient FROM triggers t WHERE t.created<={:before} AND (t.track_until='' OR t.track_until>={:day})
AND NOT EXISTS (SELECT 1 FROM trigger_analyses a WHERE a.patient=t.patient AND a.ran_at>{:before})`).
		Bind(dbx.Params{"before": instantText(before), "day": clinic.DayOf(before, time.UTC).String()}).Column(&patients)
	for _, patient := range patients {
		err = errors.Join(err, d.runBoth(app, patient))
	}
	return errors.Join(err, d.lookAtAllMeals(app))
}

func (d *doors) runBoth(app core.App, patient string) error {
	system := actor{ID: "system"}
	shared, err := sharedWithTeam(app.DB(), patient)
	if err != nil {
		return err
	}
	_, _, err = d.analyse(context.Background(), app, patient, access.Right{Roles: []access.Role{access.Patient}}, system)
	if shared.Sees("diary_days") {
		_, _, failed := d.analyse(context.Background(), app, patient, shared, system)
		err = errors.Join(err, failed)
	}
	return err
}

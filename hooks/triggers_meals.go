package hooks

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/clinic"
	"interictal/hooks/triggers"
)

var mealFlags = []string{"F_FOODS_AVOIDED", "F_MEALS_DROPPED"}

// lookAtMeals raises and lowers the flags of §4.6. They rest on the diary, so they stand only while it is shared. One that a
// person has cleared comes back when it is about more than before.
func (d *doors) lookAtMeals(tx core.App, patient string) error {
	found, today, err := d.mealFaults(tx, patient)
	if err != nil {
		return err
	}
	for _, code := range mealFlags {
		i := slices.IndexFunc(found, func(b clinic.Broken) bool { return b.Code == code })
		if i < 0 {
			err = d.lowerFlag(tx, patient, code)
		} else {
			err = d.raiseFlag(tx, patient, found[i], today)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lookAtAllMeals, of whoever tracks something: a meal left out is news also when nobody asks for an analysis.
func (d *doors) lookAtAllMeals(app core.App) error {
	var patients []string
	err := app.DB().NewQuery("SELECT DISTINCT patient FROM triggers WHERE track_until='' OR track_until>={:day}").
		Bind(dbx.Params{"day": d.todayOf("UTC").String()}).Column(&patients)
	for _, patient := range patients {
		err = errors.Join(err, app.RunInTransaction(func(tx core.App) error { return d.lookAtMeals(tx, patient) }))
	}
	return err
}

func (d *doors) mealFaults(tx core.App, patient string) ([]clinic.Broken, clinic.Day, error) {
	today, err := d.todayOfPatient(tx, patient)
	if err != nil {
		return nil, 0, err
	}
	shared, err := sharedWithTeam(tx.DB(), patient)
	if err != nil || !shared.Sees("diary_days") {
		return nil, today, err
	}
	var foods int
	err = tx.DB().NewQuery("SELECT COUNT(*) FROM triggers WHERE patient={:p} AND food=TRUE AND avoided='true'").Bind(dbx.Params{"p": patient}).Row(&foods)
	if err != nil {
		return nil, today, err
	}
	answers, err := answersOf(tx.DB(), patient)
	return triggers.Avoiding(foods, answers["meals_skipped"], today), today, err
}

func (d *doors) raiseFlag(tx core.App, patient string, b clinic.Broken, today clinic.Day) error {
	key := b.Code + ":" + fmt.Sprint(b.Params["foods"])
	if b.Params["foods"] == nil {
		key = b.Code + ":" + today.String()[:7]
	}
	var n int
	err := tx.DB().NewQuery("SELECT COUNT(*) FROM flags WHERE patient={:p} AND code={:c} AND (state='standing' OR key={:k} AND state='cleared')").
		Bind(dbx.Params{"p": patient, "c": b.Code, "k": key}).Row(&n)
	if err != nil || n > 0 {
		return err
	}
	_, err = keepResult(tx, "flags", map[string]any{"patient": patient, "code": b.Code, "raised_on": today.String(), "state": "standing", "params": b.Params, "key": key},
		actor{ID: "system"})
	return err
}

func (d *doors) lowerFlag(tx core.App, patient, code string) error {
	standing, err := tx.FindAllRecords("flags", dbx.HashExp{"patient": patient, "code": code, "state": "standing"})
	for _, r := range standing {
		r.Load(map[string]any{"state": "withdrawn", "cleared_at": instantText(d.clock.now())})
		err = errors.Join(err, changeResult(tx, r, actor{ID: "system"}))
	}
	return err
}

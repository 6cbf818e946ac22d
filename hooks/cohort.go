package hooks

import (
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/progress"
)

// cohortAnswer is a clinic's patients together. It names nobody.
type cohortAnswer struct {
	Clinic  string           `json:"clinic"`
	Profile diary.DayProfile `json:"profile"`
	AsOf    clinic.Day       `json:"asOf"`
	progress.Outcomes
}

// clinicOutcomes answers GET /api/clinics/{id}/outcomes for those who run the clinic.
func (d *doors) clinicOutcomes(e *core.RequestEvent) error {
	if err := d.runsClinic(e, e.Request.PathValue("id"), "outcomes"); err != nil {
		return err
	}
	var out cohortAnswer
	err := snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) (err error) {
		out, err = d.cohortOf(db, e.Request.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

// runsClinic lets a clinic's administrators pass and notes who asked for what; to everybody else there is no such clinic.
func (d *doors) runsClinic(e *core.RequestEvent, id, what string) error {
	var known, runs bool
	err := e.App.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM clinics WHERE id={:c}),
  EXISTS (SELECT 1 FROM practitioners WHERE clinic={:c} AND user={:me} AND role='clinic_admin' AND active=TRUE)`).
		Bind(dbx.Params{"c": id, "me": e.Auth.Id}).Row(&known, &runs)
	if err != nil {
		return err
	}
	if !known { // what was typed into the address stays out of the audit
		id = ""
	}
	if !runs {
		if err := d.audit(e.App, event{Actor: e.Auth.Id, Action: "refuse", Clinic: id, Collection: what, Record: id, Outcome: "E_NOT_FOUND"}); err != nil {
			return err
		}
		return noRight()
	}
	return d.audit(e.App, event{Actor: e.Auth.Id, Capacity: string(access.ClinicAdmin), Action: "read", Clinic: id, Collection: what, Record: id, Outcome: "ok"})
}

// cohortOf stands at the end of the month before: were it a figure of every day, one patient's day would show as the
// difference between two of them.
func (d *doors) cohortOf(db dbx.Builder, id string) (cohortAnswer, error) {
	at, err := clinicOf(db, id)
	if err != nil {
		return cohortAnswer{}, err
	}
	out := cohortAnswer{Clinic: id, AsOf: endOfLastMonth(d.todayOf(at.Timezone))}
	members, err := sharing(db, id)
	if err != nil {
		return out, err
	}
	var pairs []progress.Pair
	leftOut := 0
	for _, m := range members {
		pair, planned, err := pairOf(db, m, out.AsOf)
		if err != nil {
			return out, err
		}
		if pair != nil {
			pairs = append(pairs, *pair)
		} else if planned {
			leftOut++
		}
	}
	out.Outcomes = progress.Together(pairs, leftOut)
	err = db.NewQuery("SELECT day_profile FROM clinics WHERE id={:c}").Bind(dbx.Params{"c": id}).Row(&out.Profile)
	return out, err
}

func endOfLastMonth(today clinic.Day) clinic.Day {
	t := today.Start(time.UTC)
	return today.Add(-t.Day())
}

// member is a patient who shares the diary with the clinic.
type member struct {
	Patient   string `db:"id"`
	Medicines bool   `db:"medicines"` // and the medicines too
}

// sharing lists them; made-up patients count only in a made-up clinic.
func sharing(db dbx.Builder, clinic string) (members []member, err error) {
	err = db.NewQuery(`SELECT p.id, EXISTS (SELECT 1 FROM consents m WHERE m.patient=p.id AND m.family='medication' AND m.state='given') AS medicines
FROM patients p JOIN clinics c ON c.id=p.clinic
WHERE c.id={:c} AND (c.synthetic=TRUE OR p.synthetic=FALSE)
  AND EXISTS (SELECT 1 FROM consents s WHERE s.patient=p.id AND s.family='diary' AND s.state='given')`).
		Bind(dbx.Params{"c": clinic}).All(&members)
	return members, err
}

// pairOf counts one patient's headache days in B1 and in the last full window on the plan; planned: there is such a window.
func pairOf(db dbx.Builder, m member, asOf clinic.Day) (pair *progress.Pair, planned bool, err error) {
	f, err := frameOf(db, m.Patient, asOf)
	if err != nil || f.Anchor == 0 {
		return nil, false, err
	}
	team := access.Right{Roles: []access.Role{access.Therapist}, Consent: map[access.Family]bool{access.Diary: true, access.Medication: m.Medicines}}
	entries, err := entriesOf(db, m.Patient, f, team)
	if err != nil {
		return nil, false, err
	}
	windows := diary.Windows(entries, f.Profile, f.Anchor, f.Closed, asOf)
	for i := len(windows) - 1; i > 0; i-- {
		w := windows[i]
		if !w.Full || !strings.HasPrefix(w.Name, "T") {
			continue
		}
		base, now := windows[0].MHD28, w.MHD28
		if base.Value == nil || now.Value == nil {
			return nil, true, nil
		}
		return &progress.Pair{Before: progress.Count{Yes: base.N, Days: base.Days}, Now: progress.Count{Yes: now.N, Days: now.Days}}, true, nil
	}
	return nil, false, nil
}

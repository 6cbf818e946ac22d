package hooks

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/progress"
)

// progressAnswer is architecture §4's shape. Every number carries the days it
// rests on; a number without enough days is null with its reason.
type progressAnswer struct {
	Patient   string             `json:"patient"`
	Zone      string             `json:"zone"`
	Profile   diary.DayProfile   `json:"profile"`
	Merge     diary.MergeProfile `json:"merge"`
	Anchor    clinic.Day         `json:"anchor"`
	AsOf      clinic.Day         `json:"asOf"`
	NotShared []access.Family    `json:"notShared"` // families the patient does not show this reader: their numbers are left out
	Windows   []diary.Window     `json:"windows"`
	Responder diary.Responder    `json:"responder"`

	Numbers progress.Numbers    `json:"numbers"` // the five that a patient is shown
	Attacks progress.Attacks    `json:"attacks"`
	Neck    progress.NeckAround `json:"neck"`

	WithAndWithout []progress.WithAndWithout `json:"withAndWithout"` // attacks with cold or a device, and without
}

// progress answers GET /api/patients/{id}/progress: one patient's 28-day
// windows and the five numbers, computed from the entries at each request, so a late entry needs
// nothing recomputed.
func (d *doors) progress(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRight(e, e.App.DB(), patient, "progress")
	if err != nil {
		return err
	}
	var out progressAnswer
	err = snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) (err error) {
		out, err = d.progressOf(db, patient, right)
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) progressOf(db dbx.Builder, patient string, right access.Right) (progressAnswer, error) {
	f, err := frameOf(db, patient, d.todayOf("UTC"))
	if err != nil {
		return progressAnswer{}, err
	}
	entries, err := entriesOf(db, patient, f, right)
	if err != nil {
		return progressAnswer{}, err
	}
	today := d.todayOf(f.Zone)
	anchor := f.Anchor
	if anchor == 0 {
		anchor = diary.FirstRecorded(entries, today)
	}
	windows := diary.Windows(entries, f.Profile, anchor, f.Closed, today)
	if windows == nil {
		windows = []diary.Window{}
	}
	uses, err := usesOf(db, patient, entries, right)
	if err != nil {
		return progressAnswer{}, err
	}
	days := progress.Days(entries, f.Profile, windows, today)
	return progressAnswer{Patient: patient, Zone: f.Zone, Profile: f.Profile.Days, Merge: f.Profile.Merge,
		Anchor: anchor, AsOf: today, NotShared: notShared(right), Windows: windows, Responder: diary.Respond(windows),
		Numbers: progress.Of(days, windows), Attacks: progress.AttackRates(windows), Neck: progress.NeckPhases(days, windows), WithAndWithout: uses}, nil
}

func notShared(right access.Right) []access.Family {
	hidden := []access.Family{}
	for _, c := range []string{"medication_doses", "modality_sessions"} {
		if p, _ := access.Of(c); !right.Sees(c) {
			hidden = append(hidden, p.Family)
		}
	}
	return hidden
}

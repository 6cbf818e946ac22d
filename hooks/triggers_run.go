package hooks

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/triggers"
)

// factorOf is what a stored run keeps of each factor it looked at.
type factorOf struct {
	Factor string         `json:"factor"`
	Code   string         `json:"code"`
	Lag    int            `json:"lag"`
	Cut    *triggers.Cut  `json:"cut"`
	Label  triggers.Label `json:"label"`
}

// triggersAnswer is one reader's view: the newest run that rests on what this reader may see, and nothing else.
type triggersAnswer struct {
	Patient   string          `json:"patient"`
	AsOf      clinic.Day      `json:"asOf"`
	NotShared []access.Family `json:"notShared"`
	Changed   bool            `json:"changed"` // the data say more than the run knew: it can be run again
	Analysis  *storedAnalysis `json:"analysis"`
}

type storedAnalysis struct {
	ID          string          `json:"id"`
	RanAt       string          `json:"ranAt"`
	Families    json.RawMessage `json:"families"`
	DiscussedAt *string         `json:"discussedAt"`
	PatientView string          `json:"patientView"`
	Result      json.RawMessage `json:"result"`
}

// lastAnalysis answers GET /api/patients/{id}/triggers.
func (d *doors) lastAnalysis(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRight(e, e.App.DB(), patient, "trigger_analyses")
	if err != nil {
		return err
	}
	var out triggersAnswer
	err = snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) error {
		t, err := d.trackedBy(db, patient, right)
		if err != nil {
			return err
		}
		last, err := newestRun(db, patient, t.families)
		out = answerOf(patient, right, t, last)
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

// runAnalysis answers POST /api/patients/{id}/triggers. The same data are not analysed twice.
func (d *doors) runAnalysis(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRight(e, e.App.DB(), patient, "trigger_analyses")
	if err != nil {
		return err
	}
	t, last, err := d.analyse(e.Request.Context(), e.App, patient, right, as(e.Auth, "route"))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, answerOf(patient, right, t, last))
}

func answerOf(patient string, right access.Right, t tracked, last *run) triggersAnswer {
	out := triggersAnswer{Patient: patient, AsOf: t.today, NotShared: notShared(right), Changed: last == nil || last.Hash != t.hash}
	if !right.Sees("menstrual_days") {
		out.NotShared = append(out.NotShared, access.Menstrual)
	}
	if last != nil {
		out.Analysis = last.shown()
	}
	return out
}

// run is a row of trigger_analyses.
type run struct {
	ID        string `db:"id"`
	Hash      string `db:"data_hash"`
	RanAt     string `db:"ran_at"`
	Families  string `db:"families"`
	Discussed string `db:"discussed_at"`
	View      string `db:"patient_view"`
	Result    string `db:"result"`
}

func (r run) shown() *storedAnalysis {
	s := &storedAnalysis{ID: r.ID, RanAt: r.RanAt, Families: json.RawMessage(r.Families), PatientView: r.View, Result: json.RawMessage(r.Result)}
	if r.Discussed != "" {
		s.DiscussedAt = &r.Discussed
	}
	return s
}

// newestRun is the newest one that rests on exactly these families.
func newestRun(db dbx.Builder, patient string, families []access.Family) (*run, error) {
	body, _ := json.Marshal(families) // words: they always encode
	var r run
	err := db.Select("id", "data_hash", "ran_at", "families", "discussed_at", "patient_view", "result").From("trigger_analyses").
		Where(dbx.HashExp{"patient": patient, "families": string(body)}).OrderBy("ran_at DESC", "rowid DESC").Limit(1).One(&r)
	if err != nil {
		return nil, ignoreNoRows(err)
	}
	return &r, nil
}

// analyse runs the room on what the right covers and stores the result, unless the newest run knew the same data. It reads
// and computes without the writer: what changes meanwhile is news for the next run.
func (d *doors) analyse(ctx context.Context, app core.App, patient string, right access.Right, by actor) (t tracked, stored *run, err error) {
	err = snapshot(ctx, app, func(db *dbx.Tx) error {
		if t, err = d.trackedBy(db, patient, right); err != nil {
			return err
		}
		stored, err = newestRun(db, patient, t.families)
		return err
	})
	if err != nil || stored != nil && stored.Hash == t.hash {
		return t, stored, err
	}
	made := triggers.Analyse(t.diary, t.factors)
	err = app.RunInTransaction(func(tx core.App) error {
		stored, err = newestRun(tx.DB(), patient, t.families)
		if err != nil || stored != nil && stored.Hash == t.hash { // somebody was faster
			return err
		}
		values := map[string]any{"patient": patient, "ran_at": instantText(d.clock.now()), "ran_by": by.ID, "rule": made.Rule, "data_hash": t.hash,
			"families": t.families, "factors": lookedAt(made), "result": made}
		if _, err := keepResult(tx, "trigger_analyses", values, by); err != nil {
			return err
		}
		if err := d.lookAtMeals(tx, patient); err != nil {
			return err
		}
		stored, err = newestRun(tx.DB(), patient, t.families)
		return err
	})
	return t, stored, err
}

// lookedAt are the factors of which a run has seen at least one day.
func lookedAt(a triggers.Analysis) []factorOf {
	out := []factorOf{}
	for _, f := range a.Factors {
		if f.Exposed.Days+f.Others.Days > 0 {
			out = append(out, factorOf{f.Factor, f.Code, f.Lag, f.Cut, f.Label})
		}
	}
	return out
}

// keepResult stores what a rule has made; its own doors let it pass.
func keepResult(tx core.App, collection string, values map[string]any, by actor) (*core.Record, error) {
	c, err := tx.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	r := core.NewRecord(c)
	r.Load(values)
	return r, changeResult(tx, r, by)
}

func changeResult(tx core.App, r *core.Record, by actor) error {
	r.SetRaw(decidedKey, mark{})
	setActor(r, by)
	return tx.Save(r)
}

// visibleTo: may the person behind a change see all that a run rests on? The system and superusers act for nobody.
func visibleTo(app core.App, by actor, analysis *core.Record) (bool, error) {
	user, err := app.FindRecordById("users", by.ID)
	if err != nil {
		return true, ignoreNoRows(err)
	}
	right, err := rightOf(app.DB(), user, analysis.GetString("patient"))
	if err != nil {
		return false, err
	}
	return covers(right, analysis)
}

func covers(right access.Right, analysis *core.Record) (bool, error) {
	var families []access.Family
	if err := analysis.UnmarshalJSONField("families", &families); err != nil {
		return false, err
	}
	all := right.Sees("diary_days")
	for _, f := range families {
		all = all && (right.Own() || right.Consent[f])
	}
	return all, nil
}

// discuss answers POST /api/trigger-analyses/{id}/discussion: the shared note without which nothing of a result becomes an
// item of a plan (S-40).
func (d *doors) discuss(e *core.RequestEvent) error {
	said := struct {
		PatientView string `json:"patientView"`
	}{}
	if _, err := readStep(e, &said); err != nil {
		return err
	}
	view := strings.TrimSpace(said.PatientView)
	var out *storedAnalysis
	err := e.App.RunInTransaction(func(tx core.App) error {
		analysis, right, err := d.analysisFor(tx, e.Auth, e.Request.PathValue("id"))
		switch {
		case err != nil:
			return err
		case !right.Has(access.Therapist, access.Assistant):
			return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "The therapist notes what was talked about."))
		case view == "" || len(view) > 4000:
			return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "Say in a few words what the patient makes of it."), "patientView"))
		case !analysis.GetDateTime("discussed_at").IsZero():
			return refuse(http.StatusUnprocessableEntity, hard("E_KEPT", "This result was talked about already; what was said stays."))
		}
		analysis.Load(map[string]any{"discussed_at": instantText(d.clock.now()), "discussed_by": e.Auth.Id, "patient_view": view})
		if err := changeResult(tx, analysis, as(e.Auth, "route")); err != nil {
			return err
		}
		at := analysis.GetString("discussed_at")
		out = &storedAnalysis{ID: analysis.Id, RanAt: analysis.GetString("ran_at"), Families: json.RawMessage(analysis.GetString("families")), DiscussedAt: &at, PatientView: view,
			Result: json.RawMessage(analysis.GetString("result"))}
		return nil
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) analysisFor(tx core.App, user *core.Record, id string) (*core.Record, access.Right, error) {
	analysis, err := tx.FindRecordById("trigger_analyses", id)
	if err != nil {
		return nil, access.Right{}, noneIs(err, noRight())
	}
	right, err := rightOf(tx.DB(), user, analysis.GetString("patient"))
	if err != nil {
		return nil, right, err
	}
	if seen, err := covers(right, analysis); err != nil || !seen {
		return nil, right, cmp.Or(err, error(noRight()))
	}
	return analysis, right, nil
}

// catalogue answers GET /api/triggers/catalogue.
func (d *doors) catalogue(e *core.RequestEvent) error {
	return e.JSON(http.StatusOK, map[string]any{"rule": triggers.Version, "factors": triggers.Catalogue})
}

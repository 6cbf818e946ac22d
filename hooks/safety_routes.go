package hooks

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/safety"
)

var safetyRoutes = []Route{
	{Method: "POST", Path: "/api/alerts/{id}/close", Does: "a clinician says what came of an alert", handle: (*doors).closeAlert},
	{Method: "GET", Path: "/api/patients/{id}/safety", Does: "alerts, what they stop, adverse events", handle: (*doors).safety},
}

// closeAlert answers POST /api/alerts/{id}/close.
func (d *doors) closeAlert(e *core.RequestEvent) error {
	var body struct {
		Disposition string `json:"disposition"`
		AssessedOn  string `json:"assessedOn"`
		Note        string `json:"note"`
	}
	if _, err := readStep(e, &body); err != nil {
		return err
	}
	var closed *core.Record
	patient := ""
	err := e.App.RunInTransaction(func(tx core.App) error {
		alert, _, err := recordFor(tx, e.Auth, "safety_alerts", e.Request.PathValue("id"))
		if err != nil {
			return err
		}
		patient, closed = alert.GetString("patient"), alert
		alert.Load(map[string]any{"disposition": body.Disposition, "assessed_on": body.AssessedOn, "closed_at": instantText(d.clock.now())})
		if body.Note != "" {
			alert.Set("note", body.Note)
		}
		setActor(alert, as(e.Auth, "route"))
		return tx.Save(alert)
	})
	if err != nil {
		return d.noteRefused(e, patient, "safety_alerts", e.Request.PathValue("id"), err)
	}
	return e.JSON(http.StatusOK, alertOf(closed))
}

// noteRefused puts a refusal to staff into the audit, outside the transaction that was refused.
func (d *doors) noteRefused(e *core.RequestEvent, patient, collection, record string, failure error) error {
	data, _, ok := explain(failure)
	if !ok || patient == "" || patient == e.Auth.GetString("patient") {
		return failure
	}
	for code := range data {
		err := d.audit(e.App, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, patient), Action: "refuse", Patient: patient, Collection: collection, Record: record, Outcome: code})
		if err != nil {
			return err
		}
	}
	return failure
}

type alertInfo struct {
	ID          string         `json:"id"`
	Level       safety.Level   `json:"level"`
	Row         string         `json:"row"`
	Code        string         `json:"code"`
	Source      string         `json:"source"`
	RaisedAt    types.DateTime `json:"raisedAt"`
	HappenedAt  types.DateTime `json:"happenedAt"`
	ClosedAt    types.DateTime `json:"closedAt"`
	Disposition string         `json:"disposition"`
	AssessedOn  string         `json:"assessedOn"`
}

func alertOf(r *core.Record) alertInfo {
	return alertInfo{ID: r.Id, Level: safety.Level(r.GetString("level")), Row: r.GetString("row"), Code: r.GetString("code"), Source: r.GetString("source"),
		RaisedAt: r.GetDateTime("raised_at"), HappenedAt: r.GetDateTime("happened_at"), ClosedAt: r.GetDateTime("closed_at"),
		Disposition: r.GetString("disposition"), AssessedOn: r.GetString("assessed_on")}
}

type eventInfo struct {
	ID         string         `json:"id"`
	Type       string         `json:"type"`
	Severity   *float64       `json:"severity"`
	Related    string         `json:"related"`
	Serious    bool           `json:"serious"`
	HappenedAt types.DateTime `json:"happenedAt"`
	Visit      string         `json:"visit"`
}

type safetyAnswer struct {
	Patient string          `json:"patient"`
	Numbers safety.Numbers  `json:"numbers"`
	Shown   safety.Level    `json:"shown"` // the highest that is open; "" is not safe
	Effect  safety.Effect   `json:"effect"`
	Alerts  []alertInfo     `json:"alerts"` // the newest first, closed ones too
	Events  []eventInfo     `json:"events"`
	Minor   *[]safety.After `json:"minor"` // attacks within 24 hours after a treatment; null: not shared
	Shared  []access.Family `json:"notShared"`
}

// safety answers GET /api/patients/{id}/safety.
func (d *doors) safety(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := rightOf(e.App.DB(), e.Auth, patient)
	if err != nil {
		return err
	}
	outcome := "ok"
	if !right.Sees("safety_alerts") {
		outcome = "E_NOT_FOUND"
	}
	if !right.Own() {
		action := map[bool]string{true: "read", false: "refuse"}[outcome == "ok"]
		err := d.audit(e.App, event{Actor: e.Auth.Id, Capacity: foremost(right.Roles), Action: action, Patient: knownPatient(e.App, patient), Collection: "safety", Outcome: outcome})
		if err != nil {
			return err
		}
	}
	if outcome != "ok" {
		return noRight()
	}
	answer, err := d.safetyOf(e.App, patient, right)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, answer)
}

func (d *doors) safetyOf(app core.App, patient string, right access.Right) (safetyAnswer, error) {
	out := safetyAnswer{Patient: patient, Alerts: []alertInfo{}, Events: []eventInfo{}, Shared: []access.Family{}}
	r, of := &reader{app: app}, dbx.HashExp{"patient": patient}
	var open []safety.Level
	for _, alert := range r.rows("safety_alerts", of, "raised_at DESC") {
		out.Alerts = append(out.Alerts, alertOf(alert))
		if alert.GetString("closed_at") == "" {
			open = append(open, safety.Level(alert.GetString("level")))
		}
	}
	for _, x := range r.rows("adverse_events", of, "happened_at DESC") {
		out.Events = append(out.Events, eventInfo{x.Id, x.GetString("type"), numberOf(x, "severity"), x.GetString("related"), x.GetBool("serious"), x.GetDateTime("happened_at"), x.GetString("visit")})
	}
	if r.err != nil {
		return out, r.err
	}
	out.Shown, out.Effect = safety.Highest(open...), safety.EffectOf(open...)
	var err error
	if out.Numbers, err = numbersOf(app.DB(), patient); err != nil {
		return out, err
	}
	if !right.Sees("attacks") {
		out.Shared = append(out.Shared, access.Diary)
		return out, nil
	}
	minor, err := minorEvents(app.DB(), patient)
	out.Minor = &minor
	return out, err
}

// numbersOf a patient's clinic: what it has entered, else what its jurisdiction says.
func numbersOf(db dbx.Builder, patient string) (safety.Numbers, error) {
	var row struct {
		Place     string `db:"jurisdiction"`
		Emergency string `db:"emergency_number"`
		Crisis    string `db:"crisis_number"`
	}
	err := db.NewQuery("SELECT k.jurisdiction, k.emergency_number, k.crisis_number FROM patients p JOIN clinics k ON k.id=p.clinic WHERE p.id={:p}").
		Bind(dbx.Params{"p": patient}).One(&row)
	return safety.NumbersOf(row.Place, row.Emergency, row.Crisis), err
}

// minorEvents: attacks that began within a day after a treatment (§7.5), counted anew at each reading.
func minorEvents(db dbx.Builder, patient string) ([]safety.After, error) {
	var visits []struct {
		ID    string         `db:"id"`
		Start types.DateTime `db:"started_at"`
		End   types.DateTime `db:"ended_at"`
	}
	err := db.NewQuery(`SELECT id, started_at, ended_at FROM visits v WHERE patient={:p} AND status IN ('completed', 'completed_partial')
AND (kind='treatment' OR EXISTS (SELECT 1 FROM visit_interventions i WHERE i.visit=v.id AND i.status='given'))`).Bind(dbx.Params{"p": patient}).All(&visits)
	if err != nil {
		return nil, err
	}
	var treatments []safety.Treatment
	for _, v := range visits {
		ended := v.End.Time()
		if ended.IsZero() {
			ended = v.Start.Time()
		}
		treatments = append(treatments, safety.Treatment{Visit: v.ID, Ended: ended})
	}
	var attacks []struct {
		ID    string         `db:"id"`
		Start types.DateTime `db:"started_at"`
	}
	if err := db.Select("id", "started_at").From("attacks").Where(dbx.HashExp{"patient": patient}).OrderBy("started_at").All(&attacks); err != nil {
		return nil, err
	}
	var begun []safety.Begun
	for _, a := range attacks {
		begun = append(begun, safety.Begun{Attack: a.ID, At: a.Start.Time()})
	}
	return safety.MinorEvents(treatments, begun), nil
}

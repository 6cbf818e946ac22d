package hooks

import (
	"net/http"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// The schedule: names and times, for those who treat and for the front desk, which sees nothing else of a patient.

var visitRoutes = []Route{
	{Method: "GET", Path: "/api/schedule", Does: "visits of some days: names and times", handle: (*doors).schedule},
	{Method: "POST", Path: "/api/patients/{id}/visits", Does: "makes a visit, and says what stands against it", BodyLimit: smallBody, handle: (*doors).makeVisit},
	{Method: "GET", Path: "/api/visits/{id}/note", Does: "the page on which a visit's note is written", handle: (*doors).noteOf},
	{Method: "POST", Path: "/api/visits/{id}/note", Does: "saves one part of its draft", BodyLimit: 4 * smallBody, handle: (*doors).writeNote},
	{Method: "POST", Path: "/api/visits/{id}/note/editing", Does: "says in which part the caller is", BodyLimit: smallBody, handle: (*doors).editNote},
	{Method: "GET", Path: "/api/calendar-feeds", Does: "the caller's calendar addresses", handle: (*doors).feeds},
	{Method: "POST", Path: "/api/calendar-feeds", Does: "makes one", handle: (*doors).makeFeed},
	{Method: "POST", Path: "/api/calendar-feeds/{id}/revoke", Does: "takes one back", handle: (*doors).revokeFeed},
	{Method: "GET", Path: "/api/calendar/{token}/visits.ics", Does: "the visits as a calendar, for whoever has the address", Open: true, handle: (*doors).feed},
	{Method: "GET", Path: "/api/plans/{id}/documents/{kind}", Does: "a draft from the data, and the versions kept", handle: (*doors).documents},
	{Method: "POST", Path: "/api/plans/{id}/documents/{kind}", Does: "keeps a version", BodyLimit: 4 * smallBody, handle: (*doors).keepDocument},
	{Method: "POST", Path: "/api/documents/{id}/sign", Does: "signs a version, which locks it", handle: (*doors).signDocument},
}

// visitMinutes is how long a visit is, in the schedule and in calendars.
const visitMinutes = 45

// mostDays of a schedule in one answer: six weeks.
const mostDays = 42

type scheduleAnswer struct {
	From          clinic.Day         `json:"from"`
	To            clinic.Day         `json:"to"`
	Clinic        *clinicInfo        `json:"clinic"` // null: the caller works at none
	Me            *practitionerInfo  `json:"me"`
	Minutes       int                `json:"minutes"` // of one visit
	Practitioners []scheduledPerson  `json:"practitioners"`
	Patients      []scheduledPatient `json:"patients"` // whose visits the caller may make
	Visits        []scheduledVisit   `json:"visits"`
}

type scheduledPerson struct {
	ID   string `db:"id" json:"id"`
	Name string `db:"name" json:"name"`
}

// scheduledPatient with the plan's therapist, who treats unless somebody else is named.
type scheduledPatient struct {
	ID           string `db:"id" json:"id"`
	Name         string `db:"name" json:"name"`
	Practitioner string `db:"practitioner" json:"practitioner"`
}

type scheduledVisit struct {
	ID           string         `db:"id" json:"id"`
	Patient      string         `db:"patient" json:"patient"`
	Practitioner string         `db:"practitioner" json:"practitioner"`
	Kind         string         `db:"kind" json:"kind"`
	Mode         string         `db:"mode" json:"mode"`
	Status       string         `db:"status" json:"status"`
	At           types.DateTime `db:"at" json:"at"`
	Note         bool           `db:"note" json:"note"` // the caller writes its note
}

// scheduler are the patients whose visits a person may see, each with the therapist by care link; note: the caller treats them.
const scheduler = `WITH mine AS (
  SELECT p.id, p.name, p.clinic, MAX(x.treats) AS treats,
    COALESCE((SELECT w.id FROM care_links l JOIN practitioners w ON w.user=l.member AND w.clinic=p.clinic AND w.role='therapist' AND w.active=TRUE
      WHERE l.patient=p.id AND l.role='therapist' AND l.until='' ORDER BY l."from", l.id LIMIT 1), '') AS practitioner
  FROM patients p JOIN (
    SELECT patient, TRUE AS treats FROM care_links WHERE member={:me} AND until='' AND role IN ('therapist', 'assistant')
    UNION ALL SELECT p.id, FALSE FROM practitioners w JOIN patients p ON p.clinic=w.clinic WHERE w.user={:me} AND w.active=TRUE AND w.role='front_desk'
  ) x ON x.patient=p.id WHERE p.active=TRUE GROUP BY p.id)
`

// schedule answers GET /api/schedule?from=2026-01-05&days=7. Days are the clinic's.
func (d *doors) schedule(e *core.RequestEvent) error {
	var out scheduleAnswer
	err := snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) (err error) {
		out, err = d.scheduleOf(db, e)
		return err
	})
	if err != nil {
		return err
	}
	seen, events := map[string]bool{}, []event{}
	for _, v := range out.Visits {
		if !seen[v.Patient] {
			seen[v.Patient] = true
			events = append(events, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, v.Patient), Action: "read", Patient: v.Patient, Collection: "visits", Outcome: "ok"})
		}
	}
	if err := d.audit(e.App, events...); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) scheduleOf(db dbx.Builder, e *core.RequestEvent) (out scheduleAnswer, err error) {
	if out.Me, out.Clinic, err = deskOf(db, e.Auth.Id); err != nil {
		return out, err
	}
	zone := time.UTC
	if out.Clinic != nil {
		zone = zoneOr(out.Clinic.Timezone)
	}
	out.Minutes, out.Practitioners, out.Patients, out.Visits = visitMinutes, []scheduledPerson{}, []scheduledPatient{}, []scheduledVisit{}
	if out.From, out.To, err = scheduleDays(e, clinic.DayOf(d.clock.now(), zone)); err != nil || out.Clinic == nil {
		return out, err
	}
	who := dbx.Params{"me": e.Auth.Id, "clinic": out.Clinic.ID, "from": instantText(out.From.Start(zone)), "to": instantText(out.To.Add(1).Start(zone))}
	if err := db.NewQuery(scheduler + "SELECT id, name, practitioner FROM mine ORDER BY name, id").Bind(who).All(&out.Patients); err != nil {
		return out, err
	}
	if len(out.Patients) == 0 {
		return out, nil
	}
	err = db.NewQuery(scheduler + `SELECT v.id, v.patient, COALESCE(NULLIF(v.practitioner, ''), m.practitioner) AS practitioner, v.kind, v.mode, v.status, m.treats AS note,
  COALESCE(NULLIF(v.scheduled_at, ''), v.started_at) AS at
FROM mine m JOIN visits v ON v.patient=m.id WHERE v.status<>'entered_in_error' AND COALESCE(NULLIF(v.scheduled_at, ''), v.started_at)>={:from}
  AND COALESCE(NULLIF(v.scheduled_at, ''), v.started_at)<{:to} ORDER BY at, v.id`).Bind(who).All(&out.Visits)
	if err != nil {
		return out, err
	}
	return out, db.NewQuery("SELECT id, name FROM practitioners WHERE clinic={:clinic} AND active=TRUE AND role IN ('therapist', 'assistant') ORDER BY role DESC, name, id").Bind(who).All(&out.Practitioners)
}

// scheduleDays reads the days asked for; without any, the week of today, from Monday.
func scheduleDays(e *core.RequestEvent, today clinic.Day) (from, to clinic.Day, err error) {
	query := e.Request.URL.Query()
	from = today.Add(-(int(today.Weekday()) + 6) % 7)
	if asked := query.Get("from"); asked != "" {
		if from, err = clinic.ParseDay(asked); err != nil {
			return 0, 0, refuse(http.StatusBadRequest, withField(hard("E_DAY", "No day of the calendar: from."), "from"))
		}
	}
	days := 7
	if asked := query.Get("days"); asked != "" {
		if days, err = strconv.Atoi(asked); err != nil || days < 1 || days > mostDays {
			return 0, 0, refuse(http.StatusBadRequest, withField(hard("E_VALUE", "Name 1 to 42 days."), "days"))
		}
	}
	return from, from.Add(days - 1), nil
}

// visitWish is a visit to be made.
type visitWish struct {
	Kind         string    `json:"kind"`
	Mode         string    `json:"mode"`
	ScheduledAt  time.Time `json:"scheduledAt"`
	Practitioner string    `json:"practitioner"`
}

// makeVisit answers POST /api/patients/{id}/visits: the record that a POST of the visit would make, with the warnings of its rules.
func (d *doors) makeVisit(e *core.RequestEvent) error {
	w, patient := visitWish{Kind: string(careplan.Treatment), Mode: "in_person"}, e.Request.PathValue("id")
	if err := bindBody(e, &w); err != nil {
		return err
	}
	right, err := rightOf(e.App.DB(), e.Auth, patient)
	switch {
	case err != nil:
		return err
	case !right.Sees("visits"):
		return noRight()
	case !right.Has(access.Therapist, access.Assistant, access.FrontDesk):
		return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "This step belongs to the clinic."))
	case w.ScheduledAt.IsZero():
		return d.noteRefused(e, patient, "visits", "", refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "A visit has a time."), "scheduledAt")))
	}
	var answer planAnswer
	err = e.App.RunInTransaction(func(tx core.App) error {
		there, err := tx.CountRecords("visits", dbx.HashExp{"patient": patient, "status": string(careplan.Scheduled), "scheduled_at": instantText(w.ScheduledAt)})
		if err != nil {
			return err
		}
		if there > 0 { // the answer was lost, and it is sent again
			return refuse(http.StatusConflict, hard("E_VISIT_TWICE", "She has a visit at this time already."))
		}
		v, err := newRow(tx, "visits", "", map[string]any{"patient": patient, "kind": w.Kind, "mode": w.Mode, "status": string(careplan.Scheduled),
			"scheduled_at": instantText(w.ScheduledAt), "practitioner": w.Practitioner})
		if err != nil {
			return err
		}
		setActor(v, as(e.Auth, "route"))
		v.SetRaw(commandKey, careplan.Command{})
		if err := tx.Save(v); err != nil {
			return err
		}
		made, _ := v.GetRaw(outcomeKey).(outcomeOf)
		answer = d.planAnswer(made.chart, made.made, v.Id)
		return trim(tx, e.Auth, patient, &answer)
	})
	return d.answerStep(e, chart{patient: patient}, "visits", "", answer, err)
}

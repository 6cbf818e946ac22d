package hooks

import (
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/outcomes"
	"interictal/hooks/safety"
)

// What waits for a person: of one patient, and the open alerts of all whom somebody treats.

// need is one thing that waits for a person, and what it is about.
type need struct {
	Kind  string       `json:"kind"` // alert, task, flag, proposal, questionnaire, messages, conflicts
	ID    string       `json:"id"`
	Code  string       `json:"code"`
	Level safety.Level `json:"level"` // of an alert
	Text  string       `json:"text"`  // the rule's sentence, where it has one
	On    clinic.Day   `json:"on"`    // due, or since when
	Late  bool         `json:"late"`
	Count int          `json:"count"`
	Visit string       `json:"visit,omitempty"` // of a task about one
}

// needsOf lists what waits: what cannot wait first, then what is due, by day.
func (d *doors) needsOf(app core.App, patient string, right access.Right, f frame, today clinic.Day) ([]need, error) {
	r, of := &reader{app: app}, dbx.HashExp{"patient": patient}
	out := []need{}
	for _, level := range careplan.Levels {
		for _, a := range r.rows("safety_alerts", dbx.HashExp{"patient": patient, "closed_at": "", "level": string(level)}, "raised_at") {
			on := clinic.DayOf(a.GetDateTime("raised_at").Time(), zoneOrUTC(f.ClinicZone))
			out = append(out, need{Kind: "alert", ID: a.Id, Code: a.GetString("code"), Text: safety.RedFlags.Says(a.GetString("code")), Level: level, On: on, Late: level == careplan.Emergency || level == careplan.Urgent})
		}
	}
	for _, t := range r.rows("tasks", dbx.HashExp{"patient": patient, "state": "open"}, "due") {
		due := dayOrNone(t.GetString("due"))
		out = append(out, need{Kind: "task", ID: t.Id, Code: t.GetString("code"), On: due, Late: due.Valid() && due < today, Visit: t.GetString("visit")})
	}
	for _, x := range r.rows("flags", of, "raised_on") {
		stands := slices.Contains([]string{"", "standing"}, x.GetString("state")) && x.GetString("cleared_at") == ""
		if stands && right.Shares(access.Family(x.GetString("family"))) {
			var numbers map[string]any
			r.unpack(x, "params", &numbers)
			out = append(out, need{Kind: "flag", ID: x.Id, Code: x.GetString("code"), Text: careplan.Sentence(careplan.Code(x.GetString("code")), numbers), On: dayOrNone(x.GetString("raised_on"))})
		}
	}
	if right.Sees("progression_proposals") {
		for _, x := range r.rows("progression_proposals", dbx.HashExp{"patient": patient, "state": "open"}, "week_to") {
			out = append(out, need{Kind: "proposal", ID: x.Id, Code: x.GetString("kind"), Text: exerciseName(r, x.GetString("exercise")), On: dayOrNone(x.GetString("week_to"))})
		}
	}
	if r.err != nil {
		return out, r.err
	}
	more, err := d.asksOf(app, patient, right)
	return append(out, more...), err
}

// exerciseName of a proposal.
func exerciseName(r *reader, exercise string) string {
	for _, x := range r.rows("exercises", dbx.HashExp{"id": exercise}) {
		return x.GetString("name")
	}
	return ""
}

// asksOf: questionnaires that are due, messages nobody has read, values that wait for a word.
func (d *doors) asksOf(app core.App, patient string, right access.Right) (out []need, err error) {
	if right.Sees("instrument_responses") {
		answer, err := d.outcomesOf(app.DB(), patient, right)
		if err != nil {
			return nil, err
		}
		for _, due := range answer.Due {
			if due.State == outcomes.IsDue || due.State == outcomes.Overdue {
				out = append(out, need{Kind: "questionnaire", Code: due.Instrument, On: due.Until, Late: due.State == outcomes.Overdue})
			}
		}
	}
	var unread, open int
	var since types.DateTime
	err = app.DB().NewQuery(`SELECT COUNT(*), COALESCE(MIN(created), '') FROM care_messages WHERE patient={:p} AND author_role IN ('patient', 'neurologist') AND read_by_therapist=''`).
		Bind(dbx.Params{"p": patient}).Row(&unread, &since)
	if err != nil {
		return out, err
	}
	if unread > 0 && right.Sees("care_messages") {
		out = append(out, need{Kind: "messages", Count: unread, On: clinic.DayOf(since.Time(), time.UTC)})
	}
	err = app.DB().NewQuery("SELECT COUNT(*) FROM sync_conflicts WHERE scope={:p} AND resolved_at='' AND kind NOT IN ('quiet')").Bind(dbx.Params{"p": patient}).Row(&open)
	if open > 0 {
		out = append(out, need{Kind: "conflicts", Count: open})
	}
	return out, err
}

// openAlerts answers GET /api/alerts: what is open among all whom the caller treats, the highest and oldest first.
func (d *doors) openAlerts(e *core.RequestEvent) error {
	var rows []struct {
		ID      string         `db:"id"`
		Patient string         `db:"patient"`
		Name    string         `db:"name"`
		Role    access.Role    `db:"role"`
		Level   safety.Level   `db:"level"`
		Code    string         `db:"code"`
		Row     string         `db:"row"`
		Source  string         `db:"source"`
		Raised  types.DateTime `db:"raised_at"`
		Synth   bool           `db:"synthetic"`
	}
	err := e.App.DB().NewQuery(`SELECT a.id, a.patient, p.name, p.synthetic, l.role, a.level, a.code, a.row, a.source, a.raised_at
FROM care_links l JOIN safety_alerts a ON a.patient=l.patient AND a.closed_at='' JOIN patients p ON p.id=l.patient
WHERE l.member={:me} AND l.until='' AND l.role IN (` + treating + `) ORDER BY a.raised_at, a.id`).Bind(dbx.Params{"me": e.Auth.Id}).All(&rows)
	if err != nil {
		return err
	}
	out, events := []map[string]any{}, []event{}
	for _, level := range careplan.Levels {
		for _, a := range rows {
			if a.Level == level {
				out = append(out, map[string]any{"id": a.ID, "patient": a.Patient, "name": a.Name, "synthetic": a.Synth, "level": a.Level, "code": a.Code, "text": safety.RedFlags.Says(a.Code), "row": a.Row, "source": a.Source, "raisedAt": a.Raised})
				events = append(events, event{Actor: e.Auth.Id, Capacity: string(a.Role), Action: "read", Patient: a.Patient, Collection: "alerts", Outcome: "ok"})
			}
		}
	}
	if len(events) > 0 {
		if err := d.audit(e.App, events...); err != nil {
			return err
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"asOf": d.clock.now(), "alerts": out})
}

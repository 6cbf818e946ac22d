package hooks

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/outcomes"
)

// neckNRS is the neck pain that the therapist asks in a visit; with the NDI it is the baseline of the neck (S-15).
const (
	neckNRS    = "neck_nrs"
	neckMetric = "NECK_NRS"
)

func zoneOrUTC(name string) *time.Location {
	if zone := zoneOrNil(name); zone != nil {
		return zone
	}
	return time.UTC
}

// sharesAnswers: the patient lets the care team see questionnaires.
func sharesAnswers(db dbx.Builder, patient string) (bool, error) {
	var n int
	err := db.NewQuery("SELECT COUNT(*) FROM consents WHERE patient={:p} AND family='questionnaires' AND state='given'").Bind(dbx.Params{"p": patient}).Row(&n)
	return n > 0, err
}

// calendarOf is the usual calendar, with the clinic's own settings over it: its rules may name `questionnaires`, and the plan's own
// days for closing measures and follow-ups hold here too.
func calendarOf(rules string) (outcomes.Calendar, error) {
	k := outcomes.Usual()
	settings := struct {
		ClosingDue     *int               `json:"closingDue"`
		FollowUpMonths *[]int             `json:"followUpMonths"`
		Questionnaires *outcomes.Calendar `json:"questionnaires"`
	}{&k.EndIn, &k.Months, &k}
	if rules == "" || rules == "null" {
		return k, nil
	}
	if err := json.Unmarshal([]byte(rules), &settings); err != nil {
		return k, err
	}
	return k, k.Check()
}

func calendarFor(db dbx.Builder, patient string) (outcomes.Calendar, error) {
	var rules string
	err := db.NewQuery("SELECT COALESCE(k.rules, '') FROM patients p JOIN clinics k ON k.id=p.clinic WHERE p.id={:p}").Bind(dbx.Params{"p": patient}).Row(&rules)
	if err != nil {
		return outcomes.Calendar{}, err
	}
	return calendarOf(rules)
}

// inVisitsOf are the numbers before and after what was done in visits, the oldest first (S-31).
func inVisitsOf(db dbx.Builder, patient string, zone *time.Location) ([]inVisit, error) {
	var rows []struct {
		At            types.DateTime `db:"started_at"`
		Category      string         `db:"category"`
		Technique     string         `db:"technique"`
		Region        string         `db:"region"`
		PainBefore    types.JSONRaw  `db:"pain_before"`
		PainAfter     types.JSONRaw  `db:"pain_after"`
		TensionBefore types.JSONRaw  `db:"tension_before"`
		TensionAfter  types.JSONRaw  `db:"tension_after"`
	}
	err := db.NewQuery(`SELECT v.started_at, i.category, i.technique, i.region, i.pain_before, i.pain_after, i.tension_before, i.tension_after
FROM visit_interventions i JOIN visits v ON v.id=i.visit
WHERE i.patient={:p} AND i.status='given' AND v.status<>'entered_in_error' ORDER BY v.started_at, i.rowid`).Bind(dbx.Params{"p": patient}).All(&rows)
	out := make([]inVisit, 0, len(rows))
	for _, r := range rows {
		v := inVisit{Category: r.Category, Technique: r.Technique, Region: r.Region, PainBefore: nrs(r.PainBefore), PainAfter: nrs(r.PainAfter),
			TensionBefore: nrs(r.TensionBefore), TensionAfter: nrs(r.TensionAfter)}
		if !r.At.IsZero() {
			v.On = clinic.DayOf(r.At.Time(), zone)
		}
		out = append(out, v)
	}
	return out, err
}

// responsesOf reads one patient's responses, drafts too, with their day in a zone. What cannot be read any more is an invalid
// answer and no score.
func responsesOf(db dbx.Builder, patient string, zone *time.Location) ([]outcomes.Response, error) {
	var rows []struct {
		ID         string         `db:"id"`
		Instrument string         `db:"instrument"`
		Version    string         `db:"version"`
		Occasion   string         `db:"occasion"`
		Answers    types.JSONRaw  `db:"answers"`
		Totals     types.JSONRaw  `db:"totals"`
		Words      types.JSONRaw  `db:"words"`
		At         types.DateTime `db:"answered_at"`
	}
	err := db.Select("id", "instrument", "version", "occasion", "answers", "totals", "words", "answered_at").
		From("instrument_responses").Where(dbx.HashExp{"patient": patient}).OrderBy("answered_at", "id").All(&rows)
	out := make([]outcomes.Response, 0, len(rows))
	for _, row := range rows {
		r := outcomes.Response{ID: row.ID, Instrument: row.Instrument, Version: row.Version, Occasion: outcomes.Occasion(row.Occasion), Finished: !row.At.IsZero()}
		r.Read(row.Answers, row.Totals, row.Words)
		if r.Finished {
			r.On = clinic.DayOf(row.At.Time(), zone)
		}
		out = append(out, r)
	}
	return out, err
}

// measuresOf reads one patient's physical measures, the oldest first.
func measuresOf(db dbx.Builder, patient string) ([]outcomes.Measure, error) {
	var rows []struct {
		ID       string        `db:"id"`
		Type     string        `db:"type"`
		Side     string        `db:"side"`
		Site     string        `db:"site"`
		Unit     string        `db:"unit"`
		Value    types.JSONRaw `db:"value"`
		Readings types.JSONRaw `db:"readings"`
		Holds    types.JSONRaw `db:"holds"`
		Free     types.JSONRaw `db:"headache_free"`
		Hours    types.JSONRaw `db:"hours_since_attack"`
		Rater    string        `db:"rater"`
		Device   string        `db:"device"`
		Finding  string        `db:"finding"`
		Positive types.JSONRaw `db:"positive"`
		On       string        `db:"measured_on"`
	}
	err := db.Select("id", "type", "side", "site", "unit", "value", "readings", "holds", "headache_free", "hours_since_attack", "rater", "device", "finding", "positive", "measured_on").
		From("physical_measures").Where(dbx.HashExp{"patient": patient}).OrderBy("measured_on", "rowid").All(&rows)
	out := make([]outcomes.Measure, 0, len(rows))
	for _, r := range rows {
		m := outcomes.Measure{ID: r.ID, Type: r.Type, Side: r.Side, Site: r.Site, Unit: r.Unit, Value: number(r.Value), Holds: number(r.Holds), HeadacheFree: yesNo(r.Free),
			Positive: yesNo(r.Positive), HoursSince: number(r.Hours), Rater: r.Rater, Device: r.Device, Finding: r.Finding, On: dayOrNone(r.On)}
		m.Readings, _ = outcomes.ParseReadings(r.Readings)
		out = append(out, m)
	}
	return out, err
}

// number of an answer that may be unknown.
func number(raw types.JSONRaw) *float64 {
	if n, ok := answer(raw).(float64); ok {
		return &n
	}
	return nil
}

// courseOf is a plan's place among the patient's plans, and what the calendar of questionnaires needs of it.
type courseOf struct {
	ID       string
	Course   outcomes.Course
	Span     outcomes.Span
	InHerWay string // the impact, in the patient's words (S-05)
}

// coursesOf reads the plans of a patient that were not voided, the oldest first.
func coursesOf(db dbx.Builder, patient string) ([]courseOf, error) {
	var rows []struct {
		ID     string `db:"id"`
		State  string `db:"state"`
		Start  string `db:"start_date"`
		Signed string `db:"signed_on"`
		Closed string `db:"closed_on"`
		Review string `db:"review_on"`
		Words  string `db:"impact_statement"`
	}
	// the sixth counted visit raises the review, whose task is due that day (P-REV6)
	err := db.NewQuery(`SELECT p.id, p.state, p.start_date, p.signed_on, p.closed_on, p.impact_statement,
  COALESCE((SELECT t.due FROM tasks t WHERE t.plan=p.id AND t.code={:review} LIMIT 1), '') AS review_on
FROM plans p WHERE p.patient={:p} AND p.state<>'voided' ORDER BY p.start_date='', p.start_date, p.rowid`).
		Bind(dbx.Params{"p": patient, "review": string(careplan.Review6Task)}).All(&rows)
	out := make([]courseOf, 0, len(rows))
	for _, row := range rows {
		c := courseOf{ID: row.ID, InHerWay: row.Words, Course: outcomes.Course{State: careplan.State(row.State), Start: dayOrNone(row.Start), ReviewOn: dayOrNone(row.Review), ClosedOn: dayOrNone(row.Closed)}}
		c.Span = outcomes.Span{Start: c.Course.Start, Signed: dayOrNone(row.Signed), Closed: c.Course.ClosedOn}
		if n := len(out); n > 0 {
			c.Span.After, out[n-1].Span.Before = out[n-1].Span.Closed, c.Course.Start
		}
		out = append(out, c)
	}
	return out, err
}

// outcomes are the measures that follow from answers and from the examination.
func (c *chart) outcomes(r *reader) {
	neck := r.rows("physical_measures", dbx.HashExp{"patient": c.patient, "type": neckNRS}, "measured_on")
	if r.err != nil {
		return
	}
	shared, err := sharesAnswers(r.app.DB(), c.patient)
	var answered []outcomes.Response
	if err == nil && shared {
		zone := c.plan.Zone
		if zone == nil {
			zone = time.UTC
		}
		answered, err = responsesOf(r.app.DB(), c.patient, zone)
	}
	if r.err = err; err != nil || len(neck)+len(answered) == 0 {
		return
	}
	span, err := c.span(r.app.DB())
	if r.err = err; err != nil {
		return
	}
	for _, row := range neck {
		if m, _ := measureOf(row); m.Value != nil {
			c.measured(span, outcomes.Occasion(row.GetString("occasion")), m.On, *m.Value)
		}
	}
	for _, m := range outcomes.MeasuresIn(span, answered) {
		c.plan.Measures = append(c.plan.Measures, careplan.Measure{Domain: m.Domain, Metric: m.Metric, Value: m.Value, On: m.On, Closing: m.Closing})
	}
	slices.SortStableFunc(c.plan.Measures, func(a, b careplan.Measure) int { return cmp.Compare(a.On, b.On) })
}

func (c *chart) span(db dbx.Builder) (outcomes.Span, error) {
	courses, err := coursesOf(db, c.patient)
	i := slices.IndexFunc(courses, func(x courseOf) bool { return x.ID == c.record.Id })
	if i < 0 {
		return outcomes.Span{Signed: c.plan.SignedOn}, err // voided: it holds what was before
	}
	return courses[i].Span, err
}

// measured is the neck pain of one visit. Before the plan was signed it is of the start, unless somebody said otherwise.
func (c *chart) measured(span outcomes.Span, occasion outcomes.Occasion, on clinic.Day, value float64) {
	if occasion == "" && (!span.Signed.Valid() || on <= span.Signed) {
		occasion = outcomes.AtStart
	}
	closing := occasion == outcomes.AtReview || occasion == outcomes.AtEnd
	if (closing || occasion == outcomes.AtStart) && span.Holds(occasion, on) {
		c.plan.Measures = append(c.plan.Measures, careplan.Measure{Domain: careplan.OfNeckFunction, Metric: neckMetric, Value: value, On: on, Closing: closing})
	}
}

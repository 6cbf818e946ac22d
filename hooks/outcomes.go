package hooks

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/outcomes"
)

// What patients answer and what therapists measure. The room outcomes says what can be, and what it scores; answers are stored,
// scores are not. On every change the goals of the patient's plans are reckoned anew, so nobody enters a number twice.

// bindOutcomes holds responses, texts and physical measures to the table of spec §3.7.
func (d *doors) bindOutcomes(app core.App) {
	on := func(id string, fn func(*core.RecordEvent) error) *hook.Handler[*core.RecordEvent] {
		return &hook.Handler[*core.RecordEvent]{Id: id, Func: fn, Priority: -40}
	}
	app.OnRecordValidate("instrument_responses").Bind(on("responseForm", checkResponse))
	app.OnRecordValidate("instrument_texts").Bind(on("textForm", checkInstrumentText))
	app.OnRecordValidate("physical_measures").Bind(on("measureForm", checkMeasure))
	app.OnRecordCreate("physical_measures").Bind(on("rater", nameRater))
	for _, change := range []func(...string) *hook.TaggedHook[*core.RecordEvent]{app.OnRecordCreate, app.OnRecordUpdate, app.OnRecordDelete} {
		change("instrument_responses", "physical_measures").Bind(on("feedsPlans", d.feedPlans))
	}
}

// checkResponse: a half-filled questionnaire is stored, one that cannot be is not.
func checkResponse(e *core.RecordEvent) error {
	r := e.Record
	broken := outcomes.Check(responseOf(r))
	if was := r.Original().GetString("instrument"); !r.IsNew() && was != r.GetString("instrument") {
		broken = append(broken, withField(hard(outcomes.NoInstrument, "A response stays one to its own questionnaire."), "instrument"))
	}
	if len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return e.Next()
}

// checkInstrumentText: a clinic's own words are for items that there are.
func checkInstrumentText(e *core.RecordEvent) error {
	in, ok := outcomes.Find(e.Record.GetString("instrument"), e.Record.GetString("version"))
	if !ok {
		return refuse(http.StatusUnprocessableEntity, withField(hard(outcomes.NoInstrument, "There is no such questionnaire, or not in this version."), "instrument"))
	}
	words, broken := outcomes.ParseWords([]byte(e.Record.GetString("items")))
	if broken = append(broken, in.CheckText(words)...); len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return e.Next()
}

func checkMeasure(e *core.RecordEvent) error {
	m, broken := measureOf(e.Record)
	if broken = append(broken, m.Check()...); len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return e.Next()
}

// nameRater: two raters are two instruments.
func nameRater(e *core.RecordEvent) error {
	if by := actorOf(e.Record); e.Record.GetString("rater") == "" && by.ID != "system" {
		e.Record.Set("rater", by.ID)
	}
	return e.Next()
}

// ScoreOf is what a stored response says now. The safety door asks it when a response is saved: a PHQ-4 for which
// outcomes.Distress holds is looked at the same day (spec §7.1).
func ScoreOf(response *core.Record) outcomes.Result { return outcomes.ScoreOf(responseOf(response)) }

// responseOf reads a record as the room wants it.
func responseOf(r *core.Record) outcomes.Response {
	out := outcomes.Response{ID: r.Id, Instrument: r.GetString("instrument"), Version: r.GetString("version"), Occasion: outcomes.Occasion(r.GetString("occasion")),
		Finished: r.GetString("answered_at") != ""}
	out.Read([]byte(r.GetString("answers")), []byte(r.GetString("totals")), []byte(r.GetString("words")))
	return out
}

func measureOf(r *core.Record) (m outcomes.Measure, broken []clinic.Broken) {
	m = outcomes.Measure{ID: r.Id, Type: r.GetString("type"), Side: r.GetString("side"), Site: r.GetString("site"), Unit: r.GetString("unit"), Value: numberOf(r, "value"),
		Holds: numberOf(r, "holds"), HoursSince: numberOf(r, "hours_since_attack"), HeadacheFree: yesNo([]byte(r.GetString("headache_free"))), Positive: yesNo([]byte(r.GetString("positive"))), Rater: r.GetString("rater"),
		Device: r.GetString("device"), Finding: r.GetString("finding"), On: dayOrNone(r.GetString("measured_on"))}
	m.Readings, broken = outcomes.ParseReadings([]byte(r.GetString("readings")))
	return m, broken
}

// feedPlans: goals stand where the last answer or measure says.
func (d *doors) feedPlans(e *core.RecordEvent) error {
	r := e.Record
	if r.Collection().Name == "physical_measures" && r.GetString("type") != neckNRS && r.Original().GetString("type") != neckNRS {
		return e.Next()
	}
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		shared, err := sharesAnswers(tx.DB(), r.GetString("patient"))
		switch {
		case err != nil:
			return err
		case shared:
			return d.remeasureAll(tx, r.GetString("patient"), "")
		case r.Collection().Name == "physical_measures": // the clinic's own
			return d.remeasureAll(tx, r.GetString("patient"), neckMetric)
		}
		return nil // what is not shared moves nothing; what stood, stands
	})
}

// remeasureAll reckons the goals of a patient's plans anew, or those of one metric.
func (d *doors) remeasureAll(tx core.App, patient, metric string) error {
	var plans []string
	err := tx.DB().NewQuery("SELECT id FROM plans WHERE patient={:p} AND state<>'voided'").Bind(dbx.Params{"p": patient}).Column(&plans)
	if err != nil {
		return err
	}
	for _, plan := range plans {
		c, err := d.chartOf(tx, plan, "")
		if err != nil {
			return err
		}
		made := careplan.Decide(c.plan, c.profile, careplan.Command{By: careplan.System, At: d.clock.now(), Change: careplan.Remeasured{Measures: c.plan.Measures, Metric: metric}})
		if err := refusal(made); err != nil {
			return err
		}
		if quiet(c, made) && sameJSON(made.Plan.Goals, c.plan.Goals) {
			continue
		}
		if err := d.keep(tx, actor{ID: careplan.System.ID}, c, made, ""); err != nil {
			return err
		}
	}
	return nil
}

package hooks

import (
	crypto "crypto/rand"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
	"interictal/hooks/triggers"
)

// A planned test (spec §4.6): the server draws the order before the start, from a number that is stored with it. One that the care
// team draws is a proposal until the patient has agreed.

type plannedTest struct {
	ID        string           `json:"id"`
	Patient   string           `json:"patient"`
	Factor    string           `json:"factor"`
	Name      string           `json:"name"`
	Unit      triggers.Unit    `json:"unit"`
	Start     clinic.Day       `json:"start"`
	End       clinic.Day       `json:"end"`
	Seed      string           `json:"seed"`
	WithFirst []bool           `json:"withFirst"`
	DrawnAt   string           `json:"drawnAt"`
	AgreedAt  string           `json:"agreedAt"`
	StoppedOn clinic.Day       `json:"stoppedOn"`
	NotShared []access.Family  `json:"notShared"`
	Result    *triggers.Tested `json:"result"`
}

// wish is the body of POST /api/patients/{id}/planned-tests.
type wish struct {
	Factor string        `json:"factor"`
	Unit   triggers.Unit `json:"unit"`
	Pairs  int           `json:"pairs"`
	Start  clinic.Day    `json:"start"`
}

// planTest answers POST /api/patients/{id}/planned-tests.
func (d *doors) planTest(e *core.RequestEvent) error {
	patient := e.Request.PathValue("id")
	right, err := d.patientRight(e, e.App.DB(), patient, "planned_tests")
	if err != nil {
		return err
	}
	var w wish
	if _, err := readStep(e, &w); err != nil {
		return err
	}
	var out plannedTest
	err = e.App.RunInTransaction(func(tx core.App) error {
		trigger, err := tx.FindFirstRecordByFilter("triggers", "id={:id} && patient={:p}", dbx.Params{"id": w.Factor, "p": patient})
		if ignoreNoRows(err) != nil {
			return err
		}
		broken, err := d.wishFaults(tx, patient, w, trigger)
		if err != nil {
			return err
		}
		if len(broken) > 0 {
			return refuse(http.StatusUnprocessableEntity, broken...)
		}
		id, err := d.draw(tx, patient, w, trigger, right, as(e.Auth, "route"))
		if err != nil {
			return err
		}
		out, err = d.testOf(tx, id, right)
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) wishFaults(tx core.App, patient string, w wish, trigger *core.Record) (broken []clinic.Broken, err error) {
	today, err := d.todayOfPatient(tx, patient)
	if err != nil {
		return nil, err
	}
	if trigger == nil {
		broken = append(broken, withField(hard("E_FACTOR", "There is no such factor."), "factor"))
	} else if entry, _ := triggers.InCatalogue(trigger.GetString("code")); !entry.Testable {
		broken = append(broken, withField(hard("E_TEST_NOT_OFFERED", "A planned test is offered for factors of the catalogue that one can meet or leave without harm. Sleep, meals, water, alcohol and medicines are never tested on purpose."), "factor"))
	}
	if w.Pairs < triggers.LeastPairs || w.Pairs > triggers.MostPairs || !slices.Contains([]triggers.Unit{triggers.OneDay, triggers.OneWeek}, w.Unit) {
		b := hard("E_TEST_PAIRS", "A planned test has 8 to 60 pairs of days or weeks.")
		b.Params = map[string]any{"field": "pairs", "least": triggers.LeastPairs, "most": triggers.MostPairs}
		broken = append(broken, b)
	}
	if w.Start <= today || w.Start > today.Add(60) {
		broken = append(broken, withField(hard("E_TEST_START", "It starts tomorrow at the earliest, so that the order is drawn before, and within 60 days."), "start"))
	}
	running, err := d.runningTest(tx, patient, today)
	if running {
		broken = append(broken, hard("E_TEST_RUNNING", "Another planned test is not over yet. Two at once would answer neither question."))
	}
	return broken, err
}

func (d *doors) runningTest(tx core.App, patient string, today clinic.Day) (bool, error) {
	rows, err := tx.FindAllRecords("planned_tests", dbx.HashExp{"patient": patient, "stopped_on": ""})
	return slices.ContainsFunc(rows, func(r *core.Record) bool {
		order := orderOf(r)
		return order.End() >= today && (agreed(r) || order.Start > today) // a proposal that nobody took up is over
	}), err
}

func agreed(test *core.Record) bool { return test.GetString("agreed_at") != "" }

func (d *doors) draw(tx core.App, patient string, w wish, trigger *core.Record, right access.Right, by actor) (string, error) {
	var random [8]byte
	crypto.Read(random[:]) // never fails
	seed := binary.LittleEndian.Uint64(random[:])
	now, agreed := instantText(d.clock.now()), ""
	if right.Own() {
		agreed = now
	}
	r, err := keepResult(tx, "planned_tests", map[string]any{"patient": patient, "factor": trigger.Id, "name": trigger.GetString("name"), "unit": string(w.Unit), "pairs": w.Pairs,
		"start": w.Start.String(), "seed": strconv.FormatUint(seed, 10), "with_first": triggers.Draw(seed, w.Pairs), "drawn_at": now, "drawn_by": by.ID, "agreed_at": agreed}, by)
	if err != nil {
		return "", err
	}
	return r.Id, nil
}

func orderOf(r *core.Record) triggers.Test {
	t := triggers.Test{Unit: triggers.Unit(r.GetString("unit")), Start: dayOrNone(r.GetString("start"))}
	t.Seed, _ = strconv.ParseUint(r.GetString("seed"), 10, 64)
	_ = json.Unmarshal([]byte(r.GetString("with_first")), &t.WithFirst) // as it was drawn
	return t
}

// plannedTest answers GET /api/planned-tests/{id}: the order, and the result once it is over.
func (d *doors) plannedTest(e *core.RequestEvent) error {
	id := e.Request.PathValue("id")
	right, err := d.testRight(e, id)
	if err != nil {
		return err
	}
	out, err := d.testOf(e.App, id, right)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) testRight(e *core.RequestEvent, id string) (access.Right, error) {
	var patient string
	if err := e.App.DB().Select("patient").From("planned_tests").Where(dbx.HashExp{"id": id}).Row(&patient); err != nil {
		return access.Right{}, noneIs(err, noRight())
	}
	return d.patientRight(e, e.App.DB(), patient, "planned_tests")
}

// stopTest answers POST /api/planned-tests/{id}/stop: whoever does it may stop at any time. What was not finished has no result.
func (d *doors) stopTest(e *core.RequestEvent) error {
	return d.changeTest(e, func(r *core.Record, _ access.Right, today clinic.Day) *clinic.Broken {
		if r.GetString("stopped_on") == "" && today <= orderOf(r).End() {
			r.Set("stopped_on", today.String())
		}
		return nil
	})
}

// agreeTest answers POST /api/planned-tests/{id}/agree: nobody but the patient takes a proposal up, and before its first day.
func (d *doors) agreeTest(e *core.RequestEvent) error {
	return d.changeTest(e, func(r *core.Record, right access.Right, today clinic.Day) *clinic.Broken {
		var broken clinic.Broken
		switch {
		case agreed(r):
			return nil
		case !right.Own():
			broken = hard("E_ROLE", "Whether she does it, the patient says.")
		case r.GetString("stopped_on") != "" || orderOf(r).Start <= today:
			broken = hard("E_TEST_BEGUN", "Its first day has come, or it was stopped. A new one can be drawn.")
		default:
			r.Set("agreed_at", instantText(d.clock.now()))
			return nil
		}
		return &broken
	})
}

// changeTest is one step of a planned test, and answers with it as it then is.
func (d *doors) changeTest(e *core.RequestEvent, step func(r *core.Record, right access.Right, today clinic.Day) *clinic.Broken) error {
	id := e.Request.PathValue("id")
	right, err := d.testRight(e, id)
	if err != nil {
		return err
	}
	var out plannedTest
	err = e.App.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById("planned_tests", id)
		if err != nil {
			return err
		}
		today, err := d.todayOfPatient(tx, r.GetString("patient"))
		if err != nil {
			return err
		}
		if broken := step(r, right, today); broken != nil {
			return refuse(http.StatusUnprocessableEntity, *broken)
		}
		if changedAny(r, "stopped_on", "agreed_at") {
			if err := changeResult(tx, r, as(e.Auth, "route")); err != nil {
				return err
			}
		}
		out, err = d.testOf(tx, id, right)
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) testOf(app core.App, id string, right access.Right) (plannedTest, error) {
	r, err := app.FindRecordById("planned_tests", id)
	if err != nil {
		return plannedTest{}, err
	}
	order := orderOf(r)
	out := plannedTest{ID: r.Id, Patient: r.GetString("patient"), Factor: r.GetString("factor"), Name: r.GetString("name"), Unit: order.Unit, Start: order.Start, End: order.End(),
		Seed: r.GetString("seed"), WithFirst: order.WithFirst, DrawnAt: r.GetString("drawn_at"), AgreedAt: r.GetString("agreed_at"), StoppedOn: dayOrNone(r.GetString("stopped_on")), NotShared: notShared(right)}
	if out.StoppedOn.Valid() || !agreed(r) {
		return out, nil
	}
	t, err := d.trackedBy(app.DB(), out.Patient, right)
	if err != nil {
		return out, err
	}
	factor := triggers.Factor{ID: out.Factor, Name: out.Name, Kind: triggers.YesNo, Lag: 1} // its row may be gone
	if i := slices.IndexFunc(t.factors, func(f triggers.Factor) bool { return f.ID == out.Factor }); i >= 0 {
		factor = t.factors[i]
	}
	result := triggers.AnalyseTest(order, t.diary, factor, t.today)
	out.Result = &result
	return out, nil
}

var triggerRoutes = []Route{
	{Method: "GET", Path: "/api/patients/{id}/triggers", Does: "the last analysis of triggers", handle: (*doors).lastAnalysis},
	{Method: "POST", Path: "/api/patients/{id}/triggers", Does: "runs an analysis, unless nothing has changed", handle: (*doors).runAnalysis},
	{Method: "POST", Path: "/api/trigger-analyses/{id}/discussion", Does: "what the patient makes of a result", handle: (*doors).discuss},
	{Method: "GET", Path: "/api/triggers/catalogue", Does: "the factors one can watch", handle: (*doors).catalogue},
	{Method: "POST", Path: "/api/patients/{id}/planned-tests", Does: "draws the order of a planned test", handle: (*doors).planTest},
	{Method: "GET", Path: "/api/planned-tests/{id}", Does: "a planned test, with its result when it is over", handle: (*doors).plannedTest},
	{Method: "POST", Path: "/api/planned-tests/{id}/agree", Does: "takes a proposed test up", handle: (*doors).agreeTest},
	{Method: "POST", Path: "/api/planned-tests/{id}/stop", Does: "stops a planned test", handle: (*doors).stopTest},
}

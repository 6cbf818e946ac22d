package hooks

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/clinic"
	"interictal/hooks/triggers"
)

// What a person watches, when she met it, and what may be made of an analysis. The room triggers analyses; these doors hold
// what it rests on to rules that are fixed before any result.

// trackedResults are written by the routes alone.
var trackedResults = []string{"trigger_analyses", "planned_tests"}

func (d *doors) bindTriggers(app core.App) {
	on := func(id string, fn func(*core.RecordEvent) error) *hook.Handler[*core.RecordEvent] {
		return &hook.Handler[*core.RecordEvent]{Id: id, Func: fn, Priority: -50}
	}
	app.OnRecordCreate("triggers").Bind(on("triggerRules", d.watch))
	app.OnRecordUpdate("triggers").Bind(on("triggerRules", d.watch))
	app.OnRecordDelete("triggers").Bind(on("triggerFlags", d.watched))
	app.OnRecordCreate("trigger_exposures").Bind(on("exposureRules", d.meet))
	app.OnRecordUpdate("trigger_exposures").Bind(on("exposureRules", d.meet))
	app.OnRecordCreate("plan_items").Bind(on("addressed", address))
	app.OnRecordUpdate("plan_items").Bind(on("addressed", address))
	app.OnRecordCreate(trackedResults...).Bind(on("results", onlyDecided))
	app.OnRecordUpdate(trackedResults...).Bind(on("results", onlyDecided))
	app.OnRecordDelete(trackedResults...).Bind(on("results", onlyDecided))
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "triggersNightly", Func: d.everyFourWeeks})
}

// onlyDecided: results and drawn orders are nobody's to write, a superuser's neither.
func onlyDecided(e *core.RecordEvent) error {
	if !decided(e.Record) {
		return refuse(http.StatusUnprocessableEntity, hard("E_KEPT", "A result is computed, and an order is drawn: neither is written by hand."))
	}
	return e.Next()
}

// watch: a factor is well formed, one of at most twenty, and analysed by a rule that no result has seen.
func (d *doors) watch(e *core.RecordEvent) error {
	r := e.Record
	if r.IsNew() || differs(r, append(slices.Clone(fixedOnceSeen), "prodrome_possible", "food", "unit")...) {
		if broken := conform(r); broken != nil {
			return refuse(http.StatusUnprocessableEntity, *broken)
		}
	}
	return inTx(e, func(tx core.App) error {
		today, err := d.todayOfPatient(tx, r.GetString("patient"))
		if err != nil {
			return err
		}
		if r.IsNew() && r.GetString("track_until") == "" {
			r.Set("track_until", today.Add(triggers.TrackedFor).String())
		}
		broken, err := triggerFaults(tx, r, today)
		if err != nil {
			return err
		}
		if len(broken) > 0 {
			return refuse(http.StatusUnprocessableEntity, broken...)
		}
		return d.watched(e)
	})
}

// conform settles the form of a factor, and says what does not fit.
func conform(r *core.Record) *clinic.Broken {
	f := triggers.Form{Code: r.GetString("code"), Kind: triggers.Kind(r.GetString("kind")), Lag: r.GetInt("lag"), Unit: r.GetString("unit"),
		Prodrome: r.GetBool("prodrome_possible"), Food: r.GetBool("food"), Rule: triggers.CutRule(r.GetString("cut_rule")), At: amountOf(valuesOf(r)("cut_at"))}
	f, broken := f.Settled()
	if broken != nil {
		return broken
	}
	r.Set("cut_rule", string(f.Rule))
	if f.Code == "" {
		return nil // what she said of her own stays as she said it, for the form of the entry to judge
	}
	r.Load(map[string]any{"lag": f.Lag, "unit": f.Unit, "prodrome_possible": f.Prodrome, "food": f.Food, "cut_at": nil})
	if f.At != nil {
		r.Set("cut_at", *f.At)
	}
	return nil
}

// amountOf a field that holds a number or nothing. What is neither counts as given, is never stored from here, and the form of the entry refuses it.
func amountOf(value any) *float64 {
	if value == nil {
		return nil
	}
	n, _ := value.(float64)
	return &n
}

func differs(r *core.Record, fields ...string) bool {
	was := r.Original()
	return slices.ContainsFunc(fields, func(f string) bool { return !sameValue(r.GetString(f), was.GetString(f)) })
}

// fixedOnceSeen are the columns that decide about the analysis.
var fixedOnceSeen = []string{"lag", "kind", "code", "cut_rule", "cut_at"}

func triggerFaults(tx core.App, r *core.Record, today clinic.Day) ([]clinic.Broken, error) {
	fixed, err := lagFaults(tx, r)
	if err != nil {
		return nil, err
	}
	many, err := tooMany(tx, r, today)
	if err != nil {
		return nil, err
	}
	twice, err := codeTwice(tx, r)
	return slices.Concat(fixed, many, twice), err
}

// codeTwice: what two rows say of one factor would be two answers to one question, and counted as two of the family. One that is over is
// taken up again by a later last day. A row from before this rule stays as it is.
func codeTwice(tx core.App, r *core.Record) ([]clinic.Broken, error) {
	code := r.GetString("code")
	if code == "" || !changedAny(r, "code", "patient") {
		return nil, nil
	}
	var other string
	err := tx.DB().NewQuery("SELECT id FROM triggers WHERE patient={:p} AND code={:c} AND id<>{:id} LIMIT 1").
		Bind(dbx.Params{"p": r.GetString("patient"), "c": code, "id": r.Id}).Row(&other)
	if err != nil {
		return nil, ignoreNoRows(err)
	}
	b := withField(hard("E_TRIGGER_TWICE", "This factor is in the list already. Watch that one again: give it a later last day."), "code")
	b.Params["row"] = other
	return []clinic.Broken{b}, nil
}

func lagFaults(tx core.App, r *core.Record) (broken []clinic.Broken, err error) {
	changed := slices.DeleteFunc(slices.Clone(fixedOnceSeen), func(f string) bool { return !differs(r, f) })
	if r.IsNew() || len(changed) == 0 {
		return nil, nil
	}
	seen, err := analysed(tx.DB(), r.GetString("patient"), r.Id)
	for _, field := range changed {
		if seen {
			broken = append(broken, withField(hard("E_LAG_FIXED", "An analysis has used this factor. How it is read stays as it is, or the rule would be chosen by the result."), field))
		}
	}
	return broken, err
}

func tooMany(tx core.App, r *core.Record, today clinic.Day) (broken []clinic.Broken, err error) {
	active := func(r *core.Record) bool {
		until := dayOrNone(r.GetString("track_until"))
		return until == 0 || until >= today
	}
	if !active(r) || !r.IsNew() && active(r.Original()) {
		return nil, nil
	}
	var n int
	err = tx.DB().NewQuery("SELECT COUNT(*) FROM triggers WHERE patient={:p} AND id<>{:id} AND (track_until='' OR track_until>={:today})").
		Bind(dbx.Params{"p": r.GetString("patient"), "id": r.Id, "today": today.String()}).Row(&n)
	if n >= triggers.MostActive {
		b := hard("E_TRIGGERS_TOO_MANY", fmt.Sprintf("%d factors are watched already. End one first: the fewer, the more each can show.", n))
		b.Params = map[string]any{"active": n, "most": triggers.MostActive}
		broken = append(broken, b)
	}
	return broken, err
}

// sameValue: null and nothing are the same answer.
func sameValue(a, b string) bool {
	return a == b || (a == "" || a == "null") && (b == "" || b == "null")
}

// analysed: a stored run has looked at this factor.
func analysed(db dbx.Builder, patient, factor string) (bool, error) {
	var n int
	err := db.NewQuery(`SELECT COUNT(*) FROM trigger_analyses a, json_each(a.factors) f WHERE a.patient={:p} AND json_extract(f.value, '$.factor')={:f}`).
		Bind(dbx.Params{"p": patient, "f": factor}).Row(&n)
	return n > 0, err
}

// watched: which foods are left out may have changed, and with it a flag.
func (d *doors) watched(e *core.RecordEvent) error {
	return inTx(e, func(tx core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return d.lookAtMeals(tx, e.Record.GetString("patient"))
	})
}

func (d *doors) todayOfPatient(tx core.App, patient string) (clinic.Day, error) {
	var zone string
	err := tx.DB().Select("timezone").From("patients").Where(dbx.HashExp{"id": patient}).Row(&zone)
	return d.todayOf(zone), ignoreNoRows(err) // that there is no such patient is told by the relation
}

// meet: an exposure answers the question that was asked. One after the last day of tracking is a fact too, and stays.
func (d *doors) meet(e *core.RecordEvent) error {
	r := e.Record
	var trigger struct {
		Kind triggers.Kind `db:"kind"`
		Code string        `db:"code"`
	}
	err := e.App.DB().Select("kind", "code").From("triggers").Where(dbx.HashExp{"id": r.GetString("trigger")}).One(&trigger)
	if ignoreNoRows(err) != nil {
		return err
	}
	answers := valuesOf(r)
	if err == nil {
		met := clinic.Unknown
		if said := answers("exposed"); said != nil {
			met = clinic.Said(said == true)
		}
		if b := triggers.Answers(trigger.Kind, trigger.Code, met, amountOf(answers("value"))); b != nil {
			return refuse(http.StatusUnprocessableEntity, *b)
		}
	}
	return e.Next()
}

// address: a result becomes an item of the plan only after the two have talked about it (S-23, S-40).
func address(e *core.RecordEvent) error {
	r := e.Record
	id, factor := r.GetString("analysis"), r.GetString("factor")
	same := !r.IsNew() && id == r.Original().GetString("analysis") && factor == r.Original().GetString("factor")
	if same || id == "" && factor == "" {
		return e.Next()
	}
	broken, err := addressFault(e.App, r, id, factor)
	if err != nil {
		return err
	}
	if broken != nil {
		return refuse(http.StatusUnprocessableEntity, *broken)
	}
	return e.Next()
}

func addressFault(app core.App, item *core.Record, id, factor string) (*clinic.Broken, error) {
	unknown := withField(hard("E_FACTOR", "This item names a factor that the analysis does not have."), "factor")
	analysis, err := app.FindRecordById("trigger_analyses", id)
	if err != nil {
		return &unknown, ignoreNoRows(err)
	}
	if analysis.GetString("patient") != item.GetString("patient") {
		return nil, nil // the form of the entry says so
	}
	visible, err := visibleTo(app, actorOf(item), analysis)
	if err != nil {
		return nil, err
	}
	var factors []factorOf
	if err := analysis.UnmarshalJSONField("factors", &factors); err != nil {
		return nil, err
	}
	if !visible || !slices.ContainsFunc(factors, func(f factorOf) bool { return f.Factor == factor }) {
		return &unknown, nil
	}
	if analysis.GetDateTime("discussed_at").IsZero() || analysis.GetString("patient_view") == "" {
		b := withField(hard("E_NOT_DISCUSSED", "Talk about this result with the patient first, and note what she makes of it."), "analysis")
		return &b, nil
	}
	return nil, nil
}

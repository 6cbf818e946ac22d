package hooks

import (
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// What a plan says, word for word: the sheet that is shown before it is signed, and a version of it for each change after
// (docs/decisions/020-what-was-signed.md).

// sheetFields of each part of a plan, in the order in which they are read.
var sheetFields = map[string][]string{
	"plans": {"episode", "pt_rationale", "impact_statement", "planned_visits", "per_week", "planned_end", "extended_visits", "extended_until", "care_type", "care_amount",
		"care_frequency", "care_duration", "consent_on"},
	"headache_diagnoses": {"type", "code", "made_by", "noted_on"},
	"impairments":        {"region_group", "region", "finding", "side", "severity", "note"},
	"problems":           {"domain", "name", "positive", "deferred_because"},
	"goals":              {"domain", "metric", "patient_words", "baseline", "baseline_on", "source", "target", "direction", "due", "horizon"},
	"plan_items": {"category", "name", "dose", "modality", "region", "aim", "technique", "technique_goal", "end_range_rotation", "mechanism", "horizon", "goals", "problems",
		"factor", "stopped_on"},
	"care_team_members": {"kind", "name", "practice", "prescribes"},
}

// sheetOf reads what a plan says.
func (c *chart) sheetOf(r *reader) careplan.Sheet {
	sheet := careplan.Sheet{}
	of, patient := dbx.HashExp{"plan": c.record.Id}, c.patient
	put(&sheet, "plan", []*core.Record{c.record}, nil)
	put(&sheet, "diagnoses", r.rows("headache_diagnoses", dbx.HashExp{"patient": patient, "ended_on": ""}), nil)
	put(&sheet, "findings", r.rows("impairments", of), nil)
	problems, goals := r.rows("problems", of), r.rows("goals", of)
	put(&sheet, "problems", problems, nil)
	put(&sheet, "goals", goals, nil)
	called := map[string]string{}
	for _, row := range slices.Concat(problems, goals) {
		called[row.Id] = calledAs(row)
	}
	items := r.rows("plan_items", of)
	r.nameFactors(items, called)
	put(&sheet, "items", items, called)
	put(&sheet, "team", r.rows("care_team_members", dbx.HashExp{"patient": patient, "until": ""}), nil)
	return sheet
}

// nameFactors: what an item answers is called as it was when the two talked about it.
func (r *reader) nameFactors(items []*core.Record, called map[string]string) {
	for _, item := range items {
		if item.GetString("analysis") == "" {
			continue
		}
		for _, analysis := range r.rows("trigger_analyses", dbx.HashExp{"id": item.GetString("analysis")}) {
			var result struct {
				Factors []struct {
					Factor string `json:"factor"`
					Name   string `json:"name"`
				} `json:"factors"`
			}
			if err := analysis.UnmarshalJSONField("result", &result); err != nil {
				r.err = err
				return
			}
			for _, f := range result.Factors {
				called[f.Factor] = f.Name
			}
		}
	}
}

// put says all of some rows; rows that these name are called by their names.
func put(sheet *careplan.Sheet, section string, rows []*core.Record, called map[string]string) {
	for _, row := range rows {
		id, name := row.Id, calledAs(row)
		if section == "plan" {
			id, name = "", ""
		}
		for _, field := range sheetFields[row.Collection().Name] {
			sheet.Say(section, id, name, field, sheetValue(row, field, called))
		}
	}
}

// calledAs is how a person calls a row.
func calledAs(row *core.Record) string {
	for _, field := range []string{"patient_words", "name", "metric", "region", "region_group", "type"} {
		if text := row.GetString(field); text != "" {
			return text
		}
	}
	return row.Id
}

func sheetValue(row *core.Record, field string, called map[string]string) string {
	if name, ok := called[row.GetString(field)]; ok && field == "factor" {
		return name
	}
	switch f := row.Collection().Fields.GetByName(field).(type) {
	case *core.BoolField:
		if !row.GetBool(field) {
			return ""
		}
		return "yes"
	case *core.NumberField:
		if row.GetInt(field) == 0 {
			return ""
		}
	case *core.SelectField:
		if f.IsMultiple() {
			return strings.Join(row.GetStringSlice(field), ", ")
		}
	case *core.RelationField:
		var names []string
		for _, id := range row.GetStringSlice(field) {
			names = append(names, called[id])
		}
		return strings.Join(names, ", ")
	}
	return row.GetString(field)
}

// keepSheet stores a version of a signed plan's sheet when it says something else than the last one.
func (d *doors) keepSheet(tx core.App, plan string, by actor, cause string) error {
	c := chart{}
	row, err := tx.FindRecordById("plans", plan)
	if err != nil {
		return err
	}
	if state := careplan.State(row.GetString("state")); state == careplan.Draft || state == careplan.Voided {
		return nil
	}
	c.record, c.patient = row, row.GetString("patient")
	r := &reader{app: tx}
	sheet := c.sheetOf(r)
	last := r.first("plan_versions", dbx.HashExp{"plan": plan}, "number DESC")
	if r.err != nil || last != nil && last.GetString("hash") == sheet.Hash() {
		return r.err
	}
	number := 1
	if last != nil {
		number = last.GetInt("number") + 1
	}
	v, err := newRow(tx, "plan_versions", "", map[string]any{"patient": c.patient, "plan": plan, "number": number, "plan_version": row.GetInt("version"), "hash": sheet.Hash(),
		"sheet": sheet, "cause": cause, "by": by.ID, "at": instantText(d.clock.now())})
	if err != nil {
		return err
	}
	v.SetRaw(decidedKey, mark{})
	return tx.Save(v)
}

// causeOf a version, by the step of the plan that made it.
func causeOf(move careplan.Move) string {
	switch move.To {
	case careplan.Extended:
		return "extended"
	case careplan.Paused:
		return "paused"
	case careplan.Active:
		return "signed" // a resumed plan says what it said: it makes no version
	}
	return "stepped"
}

// factsTold: a diagnosis or somebody of the team is a part of what open plans say.
func (d *doors) factsTold(tx core.App, r *core.Record) error {
	if name := r.Collection().Name; name != "headache_diagnoses" && name != "care_team_members" {
		return nil
	}
	var plans []string
	err := tx.DB().Select("id").From("plans").Where(dbx.HashExp{"patient": r.GetString("patient"), "state": []any{"active", "paused", "extended"}}).Column(&plans)
	for _, plan := range plans {
		if err == nil {
			err = d.keepSheet(tx, plan, actorOf(r), "edited")
		}
	}
	return err
}

// sheetSeen: what is signed is what was shown.
func (c *chart) sheetSeen(tx core.App, hash string) error {
	r := &reader{app: tx}
	now := c.sheetOf(r).Hash()
	if r.err != nil || hash == now {
		return r.err
	}
	b := hard("E_STALE", "The plan has changed since it was shown. Read it again, then sign.")
	b.Params = map[string]any{"sheet": now}
	return refuse(http.StatusConflict, b)
}

// planSheetPage answers GET /api/plans/{id}/sheet.
type planSheetPage struct {
	Plan     planState        `json:"plan"`
	AsOf     clinic.Day       `json:"asOf"`
	Hash     string           `json:"hash"`
	Sheet    careplan.Sheet   `json:"sheet"`
	Window   careplan.Window  `json:"window"`
	Pauses   []careplan.Pause `json:"pauses"`
	Papers   careplan.Papers  `json:"papers"`
	Offers   []careplan.Offer `json:"offers"`   // what can become of it, and what stands against each
	Versions []sheetVersion   `json:"versions"` // the newest first
	Events   []sheetStep      `json:"events"`   // the newest first
}

type sheetVersion struct {
	Number  int            `json:"number"`
	Version int            `json:"version"` // the plan's
	Hash    string         `json:"hash"`
	Cause   string         `json:"cause"`
	By      string         `json:"by"`
	At      types.DateTime `json:"at"`
	Sheet   careplan.Sheet `json:"sheet"`
}

type sheetStep struct {
	Kind    careplan.EventKind `json:"kind"`
	From    careplan.State     `json:"from"`
	To      careplan.State     `json:"to"`
	On      clinic.Day         `json:"on"`
	By      string             `json:"by"`
	Reason  string             `json:"reason"`
	Note    string             `json:"note"`
	Version int                `json:"version"`
}

func (d *doors) planSheet(e *core.RequestEvent) error {
	c, err := d.openChart(e, e.App, e.Request.PathValue("id"), false)
	if err != nil {
		return err
	}
	if c.patient != e.Auth.GetString("patient") {
		err := d.audit(e.App, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, c.patient), Action: "read", Patient: c.patient, Collection: "plans", Outcome: "ok"})
		if err != nil {
			return err
		}
	}
	person, err := actorAs(e.App, as(e.Auth, "route"), c.patient)
	if err != nil {
		return err
	}
	page, err := d.planSheetPage(&c, &reader{app: e.App}, person)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, page)
}

func (d *doors) planSheetPage(c *chart, r *reader, by careplan.Person) (planSheetPage, error) {
	today := planToday(c.plan, d.clock.now())
	sheet := c.sheetOf(r)
	page := planSheetPage{AsOf: today, Hash: sheet.Hash(), Sheet: sheet, Window: careplan.WindowOn(c.plan, c.profile, today), Pauses: append([]careplan.Pause{}, c.plan.Pauses...),
		Papers: careplan.PapersOf(c.plan, c.profile), Offers: careplan.Offers(c.plan, c.profile, by, d.clock.now()), Versions: []sheetVersion{}, Events: []sheetStep{},
		Plan: planStateOf(c.plan, c.profile)}
	for _, row := range r.rows("plan_versions", dbx.HashExp{"plan": c.plan.ID}, "number DESC") {
		v := sheetVersion{Number: row.GetInt("number"), Version: row.GetInt("plan_version"), Hash: row.GetString("hash"), Cause: row.GetString("cause"),
			By: r.nameOf(row.GetString("by")), At: row.GetDateTime("at")}
		r.unpack(row, "sheet", &v.Sheet)
		page.Versions = append(page.Versions, v)
	}
	for _, e := range slices.Backward(c.plan.Events) {
		page.Events = append(page.Events, sheetStep{e.Kind, e.From, e.To, e.On, r.nameOf(e.By.ID), e.Reason, e.Note, e.Version})
	}
	return page, r.err
}

// nameOf somebody of the staff, as the clinic calls them; else the account's own name.
func (r *reader) nameOf(user string) string {
	for _, row := range append(r.rows("practitioners", dbx.HashExp{"user": user}), r.rows("users", dbx.HashExp{"id": user})...) {
		if name := row.GetString("name"); name != "" {
			return name
		}
	}
	return user
}

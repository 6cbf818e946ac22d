package hooks

import (
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/letters"
)

// Documents about a plan of care: a draft from the data, edited by a therapist, kept in versions, signed. What was signed stays.

type documentAnswer struct {
	Kind      letters.Kind      `json:"kind"`
	Plan      string            `json:"plan"`
	Patient   documentPatient   `json:"patient"`
	Clinic    string            `json:"clinic"`
	Therapist string            `json:"therapist"`
	AsOf      clinic.Day        `json:"asOf"`
	NotShared []access.Family   `json:"notShared"` // what the draft leaves out
	Draft     []letters.Part    `json:"draft"`
	Versions  []documentVersion `json:"versions"` // the newest first
}

type documentPatient struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	Born clinic.Day `json:"born"`
}

type documentVersion struct {
	ID        string         `json:"id"`
	Version   int            `json:"version"`
	Parts     []letters.Part `json:"parts"`
	WrittenBy string         `json:"writtenBy"`
	WrittenAt types.DateTime `json:"writtenAt"`
	SignedBy  string         `json:"signedBy"`
	SignedAt  types.DateTime `json:"signedAt"`
}

// openDocument finds the plan and the kind, for those who treat.
func (d *doors) openDocument(e *core.RequestEvent, app core.App) (c chart, kind letters.Kind, err error) {
	if c, err = d.openChart(e, app, e.Request.PathValue("id"), false); err != nil {
		return c, kind, err
	}
	kind = letters.Kind(e.Request.PathValue("kind"))
	right, err := rightOf(app.DB(), e.Auth, c.patient)
	if err == nil && (!right.Has(access.Therapist, access.Assistant) || !slices.Contains(letters.Kinds, kind)) {
		err = noRight()
	}
	return c, kind, err
}

// documents answers GET /api/plans/{id}/documents/{kind}.
func (d *doors) documents(e *core.RequestEvent) error {
	c, kind, err := d.openDocument(e, e.App)
	if err != nil {
		return err
	}
	err = d.audit(e.App, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, c.patient), Action: "read", Patient: c.patient, Collection: "care_documents", Outcome: "ok"})
	if err != nil {
		return err
	}
	if !c.plan.State.Open() {
		if err := c.diaryDays(e.App.DB(), d.clock.now()); err != nil {
			return err
		}
	}
	r := &reader{app: e.App}
	out, err := d.documentOf(r, c, kind)
	if err != nil {
		return err
	}
	out.Versions = versionsOf(r, c.plan.ID, kind)
	if r.err != nil {
		return r.err
	}
	return e.JSON(http.StatusOK, out)
}

func (d *doors) documentOf(r *reader, c chart, kind letters.Kind) (documentAnswer, error) {
	today := planToday(c.plan, d.clock.now())
	page, err := d.pageOf(r.app, c.patient, "", false)
	if err != nil {
		return documentAnswer{}, err
	}
	over, err := c.handOverPage(r, today)
	if err != nil {
		return documentAnswer{}, err
	}
	f := letters.Case{Page: page, Over: over.HandOver, State: c.plan.State, Planned: c.plan.PlannedVisits, Helped: over.WhatHelped, Onward: over.Onward, Signs: over.WarningSigns, Whom: over.WhomToCall}
	for _, x := range c.plan.Extensions {
		f.Planned = max(f.Planned, x.MaxVisits)
	}
	for _, e := range c.plan.Events {
		if e.To == careplan.Discharged && e.From != e.To {
			f.Ended = ended(e)
		}
	}
	for _, x := range r.rows("exercises", dbx.HashExp{"patient": c.patient}) {
		if stopped := dayOrNone(x.GetString("stopped_on")); !x.GetDateTime("confirmed_at").IsZero() && (!stopped.Valid() || stopped > today) {
			f.Home = append(f.Home, sentence(x.GetString("name"), x.GetString("dose_text")))
		}
	}
	for _, x := range r.rows("plan_items", dbx.HashExp{"plan": c.plan.ID}) {
		if stopped := dayOrNone(x.GetString("stopped_on")); !stopped.Valid() || stopped > today {
			f.Items = append(f.Items, sentence(x.GetString("name"), x.GetString("dose")))
		}
	}
	for _, m := range over.Team {
		f.Call = append(f.Call, sentence(m.Name, m.Practice))
	}
	return documentAnswer{Kind: kind, Plan: c.plan.ID, Patient: documentPatient{c.patient, page.Patient.Name, page.Patient.Born}, Clinic: page.Clinic, Therapist: qualified(r, c.patient),
		AsOf: today, NotShared: page.NotShared, Draft: letters.Of(kind, f), Versions: []documentVersion{}}, r.err
}

// qualified says who treats somebody: by name, licence, specialties and years of practice, as far as each is known (S-29).
func qualified(r *reader, patient string) string {
	var rows []struct {
		Name        string `db:"name"`
		Licence     string `db:"license_no"`
		State       string `db:"license_state"`
		Specialties string `db:"specialties"`
		Since       string `db:"practising_since"`
	}
	if r.err == nil {
		r.err = r.app.DB().NewQuery(`SELECT DISTINCT w.name, w.license_no, w.license_state, w.specialties, w.practising_since
FROM care_links l JOIN patients p ON p.id=l.patient JOIN practitioners w ON w.user=l.member AND w.clinic=p.clinic AND w.role='therapist'
WHERE l.patient={:p} AND l.role='therapist' AND l.until='' AND w.active=TRUE ORDER BY w.name`).Bind(dbx.Params{"p": patient}).All(&rows)
	}
	var all []string
	for _, w := range rows {
		said := []string{w.Name}
		if w.Licence != "" {
			said = append(said, strings.TrimSpace("licence "+w.Licence+" "+w.State))
		}
		if w.Specialties != "" {
			said = append(said, w.Specialties)
		}
		if since := dayOrNone(w.Since); since.Valid() {
			said = append(said, "practising since "+since.String()[:4])
		}
		all = append(all, strings.Join(said, ", "))
	}
	return strings.Join(all, "; ")
}

func sentence(name, more string) string {
	if more != "" {
		name += ": " + more
	}
	return name + "."
}

var endings = map[string]string{"goals_met_early": "The goals were met early.", "patient_choice": "The patient chose to end it.", "no_progress": "There was no further progress.",
	"adverse_event": "It ended after an adverse event.", "red_flag_referral": "The patient was referred for a red flag.", "medical_change": "Her health changed.", "financial": "It ended for financial reasons.",
	"moved": "The patient moved.", "lost_to_followup": "The patient did not come any more.", "deceased": "The patient has died."}

func ended(e careplan.Event) string {
	if words := endings[e.Reason]; words != "" {
		return words + " " + e.Note
	}
	return e.Note
}

func versionsOf(r *reader, plan string, kind letters.Kind) []documentVersion {
	out := []documentVersion{}
	for _, x := range r.rows("care_documents", dbx.HashExp{"plan": plan, "kind": string(kind)}, "version DESC") {
		out = append(out, versionOfDocument(r, x))
	}
	return out
}

func versionOfDocument(r *reader, x *core.Record) documentVersion {
	v := documentVersion{ID: x.Id, Version: x.GetInt("version"), WrittenBy: nameOf(r.app, x.GetString("written_by")), WrittenAt: x.GetDateTime("written_at"),
		SignedBy: nameOf(r.app, x.GetString("signed_by")), SignedAt: x.GetDateTime("signed_at")}
	r.unpack(x, "parts", &v.Parts)
	return v
}

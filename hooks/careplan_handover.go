package hooks

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// handOverPage is the one page at the end of a plan: what helped, the program from here on, warning signs, whom to call.
type handOverPage struct {
	Plan         string            `json:"plan"`
	Patient      string            `json:"patient"`
	State        careplan.State    `json:"state"`
	AsOf         clinic.Day        `json:"asOf"`
	HandOver     careplan.HandOver `json:"handover"`
	Program      []handOverItem    `json:"program"` // items still in force
	WhatHelped   string            `json:"whatHelped"`
	Onward       string            `json:"onward"`
	WarningSigns string            `json:"warningSigns"`
	WhomToCall   string            `json:"whomToCall"`
	Team         []handOverPerson  `json:"team"`
}

type handOverItem struct {
	Name     string `json:"name"`
	Category string `json:"category"`
	Horizon  string `json:"horizon"`
}

type handOverPerson struct {
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Practice string `json:"practice"`
}

// handOver answers GET /api/plans/{id}/handover, for the patient and her care team.
func (d *doors) handOver(e *core.RequestEvent) error {
	c, err := d.openChart(e, e.App, e.Request.PathValue("id"), false)
	if err != nil {
		return err
	}
	if !c.plan.State.Open() { // an open plan's diary is read with it
		if err := c.diaryDays(e.App.DB(), d.clock.now()); err != nil {
			return err
		}
	}
	if c.patient != e.Auth.GetString("patient") {
		err := d.audit(e.App, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, c.patient), Action: "read", Patient: c.patient, Collection: "wellness_programs", Outcome: "ok"})
		if err != nil {
			return err
		}
	}
	page, err := c.handOverPage(&reader{app: e.App}, planToday(c.plan, d.clock.now()))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, page)
}

func (c *chart) handOverPage(r *reader, today clinic.Day) (handOverPage, error) {
	page := handOverPage{Plan: c.plan.ID, Patient: c.patient, State: c.plan.State, AsOf: today, HandOver: careplan.HandOverOf(c.plan, c.profile),
		Program: []handOverItem{}, Team: []handOverPerson{}}
	for _, w := range r.rows("wellness_programs", dbx.HashExp{"plan": c.plan.ID}, "started_on") { // the last one's words hold
		page.WhatHelped, page.Onward = w.GetString("what_helped"), w.GetString("program")
		page.WarningSigns, page.WhomToCall = w.GetString("warning_signs"), w.GetString("whom_to_call")
	}
	for _, i := range r.rows("plan_items", dbx.HashExp{"plan": c.plan.ID}) {
		if stopped := dayOrNone(i.GetString("stopped_on")); !stopped.Valid() || stopped > today {
			page.Program = append(page.Program, handOverItem{i.GetString("name"), i.GetString("category"), i.GetString("horizon")})
		}
	}
	for _, m := range r.rows("care_team_members", dbx.HashExp{"patient": c.patient, "until": ""}) {
		page.Team = append(page.Team, handOverPerson{m.GetString("kind"), m.GetString("name"), m.GetString("practice")})
	}
	return page, r.err
}

package hooks

import (
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// What a plan rests on and does not say itself: the diary, safety, the rest of the episode, papers.

// diaryDays: how much of the plan's time the diary covers, and which absences fell on a day with a headache (§2.7). What a
// patient does not share is not used.
func (c *chart) diaryDays(db dbx.Builder, now time.Time) error {
	shared, err := consents(db, c.patient)
	days := careplan.CountedDays(c.plan, c.profile)
	if err != nil || !shared[access.Diary] || len(days) == 0 {
		return err
	}
	zone := c.plan.Zone
	if zone == nil {
		zone = time.UTC
	}
	today, last := clinic.DayOf(now, zone), clinic.DayOf(now, zone).Add(-1)
	if c.plan.ClosedOn.Valid() {
		last = min(last, c.plan.ClosedOn)
	}
	f, err := frameOf(db, c.patient, today)
	if err != nil {
		return err
	}
	entries, err := entriesOf(db, c.patient, f, access.Right{})
	if err != nil {
		return err
	}
	for _, day := range diary.Days(entries, f.Profile, days[0], last) {
		c.plan.Diary.Of++
		if day.Recorded {
			c.plan.Diary.Done++
		}
		for i, v := range c.plan.Visits {
			absent := v.Status == careplan.NoShow || v.Status == careplan.LateCancelled
			if absent && day.Headache == clinic.Yes && c.plan.Day(v) == day.Day {
				c.plan.Visits[i].AttackDay = true
			}
		}
	}
	return nil
}

// safety: screens, alerts, and what has changed in her health.
func (c *chart) safety(r *reader) {
	p, of := &c.plan, dbx.HashExp{"patient": c.patient}
	for _, s := range r.rows("safety_screens", of, "screened_at") {
		at := s.GetDateTime("screened_at").Time()
		switch {
		case s.GetString("result") != "clear": // what was found is an alert
		case s.GetString("kind") == "red_flag":
			p.Screens = append(p.Screens, clinic.DayOf(at, p.Zone))
		default:
			p.BodyScreens = append(p.BodyScreens, at)
		}
	}
	for _, a := range r.rows("safety_alerts", dbx.HashExp{"patient": c.patient, "closed_at": ""}) {
		p.Alerts = append(p.Alerts, careplan.Level(a.GetString("level")))
	}
	for _, report := range r.rows("change_reports", of) {
		if careplan.ChangeReason(report.GetString("reason")).Rescreens() {
			p.HealthChanges = append(p.HealthChanges, report.GetDateTime("reported_at").Time())
		}
	}
	for _, e := range p.Events {
		if careplan.ChangeReason(e.Reason).Rescreens() {
			p.HealthChanges = append(p.HealthChanges, e.At)
		}
	}
}

// certificationOf a row. Each path has its own days; an order counts with the proof that the plan was sent (R4).
func certificationOf(x *core.Record) careplan.Certification {
	c := careplan.Certification{From: dayOrNone(x.GetString("from_day")), Signed: dayOrNone(x.GetString("signed_on"))}
	switch x.GetString("path") {
	case "verbal":
		c.Verbal = dayOrNone(x.GetString("verbal_on"))
	case "order_exception":
		c.Ordered = dayOrNone(x.GetString("ordered_on"))
		if strings.TrimSpace(x.GetString("proof")) != "" {
			c.Sent = dayOrNone(x.GetString("sent_on"))
		}
	}
	return c
}

// papers: the rest of the episode, and what the law wants to see.
func (c *chart) papers(r *reader) {
	p, row := &c.plan, c.record
	for _, x := range r.rows("certifications", dbx.HashExp{"plan": row.Id}) {
		p.Certifications = append(p.Certifications, certificationOf(x))
	}
	for _, x := range cameIn(r.rows("referrals", dbx.HashExp{"patient": c.patient, "episode": row.GetString("episode")}, "dated_on DESC")) {
		p.ReferredOn = dayOrNone(x.GetString("dated_on")) // the earliest comes last
	}
	plans := []any{row.Id}
	for _, other := range r.rows("plans", dbx.HashExp{"patient": c.patient, "episode": row.GetString("episode")}) {
		if other.Id == row.Id {
			continue
		}
		plans = append(plans, other.Id)
		p.OtherOpen = p.OtherOpen || careplan.State(other.GetString("state")).Open()
		for _, v := range visitsIn(r, dbx.HashExp{"plan": other.Id}) {
			if v.Status.TookPlace() && other.GetString("state") != string(careplan.Voided) {
				p.Earlier = append(p.Earlier, p.Day(v))
			}
		}
	}
	for _, report := range r.rows("progress_reports", dbx.HashExp{"plan": plans}) {
		p.Reports = append(p.Reports, dayOrNone(report.GetString("written_on")))
	}
}

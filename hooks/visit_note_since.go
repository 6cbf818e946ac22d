package hooks

import (
	"cmp"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// What happened from the last visit on, for whoever writes the note of this one.

// noteSince is what was recorded from the last visit on; a number that is not shared is null and its family is named.
type noteSince struct {
	From         clinic.Day      `json:"from"`
	To           clinic.Day      `json:"to"`
	Days         int             `json:"days"`
	RecordedDays *int            `json:"recordedDays"`
	HeadacheDays *int            `json:"headacheDays"`
	Attacks      *int            `json:"attacks"`
	DrugDays     *int            `json:"drugDays"`
	Home         *careplan.Share `json:"home"`
	Pain         []notePain      `json:"pain"`    // sessions after which pain was more than two higher (§8.1)
	Reports      []noteReport    `json:"reports"` // changes in her life, and adverse events
	NotShared    []access.Family `json:"notShared"`
}

type notePain struct {
	Name   string     `json:"name"`
	On     clinic.Day `json:"on"`
	Before int        `json:"before"`
	After  int        `json:"after"`
}

type noteReport struct {
	Kind string     `json:"kind"` // change, adverse
	What string     `json:"what"`
	On   clinic.Day `json:"on"`
}

// noteSince reads diary, home program and reports from the day of the last visit on.
func (d *doors) noteSince(r *reader, p *notePage, c chart, f frame, right access.Right, on clinic.Day) error {
	s := &p.Since
	s.NotShared, s.Pain, s.Reports = []access.Family{}, []notePain{}, []noteReport{}
	s.To = min(on, clinic.DayOf(d.clock.now(), c.zone()))
	s.From = s.To.Add(-7)
	for _, day := range careplan.CountedDays(c.plan, c.profile) {
		if day < on {
			s.From = day
		}
	}
	s.Days = max(0, s.To.Sub(s.From))
	if err := d.diarySince(r, s, c.patient, f, right); err != nil {
		return err
	}
	if !right.Sees("exercise_logs") {
		s.NotShared = append(s.NotShared, access.Exercise)
	} else if err := d.homeSince(r.app, s, c.patient, right); err != nil {
		return err
	}
	hers := dbx.HashExp{"patient": c.patient}
	for _, x := range r.rows("change_reports", dbx.And(hers, dbx.Between("happened_on", s.From.String(), s.To.String())), "happened_on") {
		s.Reports = append(s.Reports, noteReport{"change", x.GetString("reason"), dayOrNone(x.GetString("happened_on"))})
	}
	for _, x := range r.rows("adverse_events", dbx.And(hers, within("happened_at", s.From, s.To, c.zone())), "happened_at") {
		s.Reports = append(s.Reports, noteReport{"adverse", x.GetString("type"), clinic.DayOf(x.GetDateTime("happened_at").Time(), c.zone())})
	}
	return r.err
}

// within: an instant on one of these days, the last one included.
func within(field string, from, to clinic.Day, zone *time.Location) dbx.Expression {
	return dbx.NewExp("[["+field+"]]>={:from} AND [["+field+"]]<{:until}", dbx.Params{"from": instantText(from.Start(zone)), "until": instantText(to.Add(1).Start(zone))})
}

func (c chart) zone() *time.Location {
	if c.plan.Zone == nil {
		return time.UTC
	}
	return c.plan.Zone
}

// diarySince counts the whole days from the last visit to yesterday: today is not over.
func (d *doors) diarySince(r *reader, s *noteSince, patient string, f frame, right access.Right) error {
	if !right.Sees("diary_days") {
		s.NotShared = append(s.NotShared, access.Diary)
		return nil
	}
	entries, err := entriesSince(r.app.DB(), patient, f, right, s.From)
	if err != nil {
		return err
	}
	recorded, headache, drugs, attacks, yesterday := 0, 0, 0, 0, s.To.Add(-1)
	for _, day := range diary.Days(entries, f.Profile, s.From, yesterday) {
		if day.Recorded {
			recorded++
		}
		if day.Headache == clinic.Yes {
			headache++
		}
		if day.Acute == clinic.Yes {
			drugs++
		}
	}
	hers := dbx.HashExp{"patient": patient}
	err = r.app.DB().Select("COUNT(*)").From("attacks").Where(dbx.And(hers, within("started_at", s.From, yesterday, zoneOr(f.Zone)))).Row(&attacks)
	s.RecordedDays, s.HeadacheDays, s.Attacks, s.DrugDays = &recorded, &headache, &attacks, &drugs
	if !right.Sees("medication_doses") {
		s.NotShared, s.DrugDays = append(s.NotShared, access.Medication), nil
	}
	return err
}

func (d *doors) homeSince(app core.App, s *noteSince, patient string, right access.Right) error {
	g, err := d.regimenOf(app, patient, 0, right)
	if err != nil {
		return err
	}
	kept := g.kept(s.From, s.To.Add(-1)).Adjusted()
	s.Home = &kept
	for exercise, logs := range g.logs {
		for _, l := range logs {
			before, after, hurt := l.Hurt()
			if row := g.rows[exercise]; row != nil && hurt && l.Day >= s.From && l.Day <= s.To {
				s.Pain = append(s.Pain, notePain{row.GetString("name"), l.Day, before, after})
			}
		}
	}
	slices.SortFunc(s.Pain, func(a, b notePain) int {
		return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.Name, b.Name), a.Before-b.Before)
	})
	return nil
}

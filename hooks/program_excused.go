package hooks

import (
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/program"
)

// Days on which less is expected, and why: pauses, illness, attacks and the day after.

// plan: pauses, and until when doses are halved.
func (g *regimen) plan(r *reader, today clinic.Day) {
	p := &g.person
	for _, row := range r.rows("plans", dbx.HashExp{"patient": g.patient, "state": []any{"active", "paused", "extended"}}, "start_date") {
		if day := dayOrNone(row.GetString("adapted_until")); p.Today >= today {
			p.AdaptedUntil = max(p.AdaptedUntil, day)
		}
		if row.GetString("state") == string(careplan.Paused) {
			g.pause(careplan.Pause{Start: dayOrNone(row.GetString("paused_since")), Reason: careplan.ChangeReason(row.GetString("pause_reason")), Begun: true}, today)
		}
	}
	last := map[string]careplan.Pause{} // each as its newest event left it
	for _, row := range r.rows("plan_events", dbx.HashExp{"patient": g.patient}, "version") {
		var detail careplan.Detail
		r.unpack(row, "detail", &detail)
		if detail.Pause != nil {
			last[row.GetString("plan")+detail.Pause.Start.String()] = *detail.Pause
		}
	}
	for _, pause := range last {
		if !pause.Running() { // a running one is on the plan's row
			g.pause(pause, today)
		}
	}
	for _, row := range r.rows("change_reports", dbx.HashExp{"patient": g.patient, "reason": string(careplan.Illness)}) {
		from := dayOrNone(row.GetString("happened_on"))
		g.ill(from, max(from, p.AdaptedUntil))
	}
}

func (g *regimen) pause(pause careplan.Pause, today clinic.Day) {
	if !pause.Begun || pause.Withdrawn || !pause.Start.Valid() {
		return
	}
	ill, last := pause.Reason == careplan.Illness, max(today, g.person.Today)
	if pause.Resume.Valid() {
		last = pause.Resume.Add(-1)
	}
	if g.person.Today >= pause.Start && g.person.Today <= last {
		g.person.Paused, g.person.PausedIll = true, g.person.PausedIll || ill
	}
	if ill {
		g.ill(pause.Start, last)
		return
	}
	g.mark(program.Pause, pause.Start, last)
}

// ill days are excused, and the first day after them begins the return.
func (g *regimen) ill(from, last clinic.Day) {
	g.mark(program.Illness, from, last)
	if back := last.Add(1); back <= g.person.Today {
		g.person.Back = max(g.person.Back, back)
	}
}

// mark days; an attack stays the reason where there are two.
func (g *regimen) mark(m program.Mark, from, to clinic.Day) {
	for day := from; day.Valid() && day <= to; day++ {
		if g.person.Marks[day] != program.Attack {
			g.person.Marks[day] = m
		}
	}
}

// diary: days with an attack or its hangover, when attacks began, and how often they did before the plan.
func (g *regimen) diary(db dbx.Builder, f frame, today clinic.Day) error {
	entries, err := entriesOf(db, g.patient, f, g.right)
	if err != nil {
		return err
	}
	first := g.first(today)
	start := f.Anchor
	if !start.Valid() {
		start = first
	}
	days := diary.Days(entries, f.Profile, min(first, start.Add(-29)), today)
	for _, day := range days {
		if day.Headache == clinic.Yes {
			g.mark(program.Attack, day.Day, day.Day)
		}
	}
	began := map[string]time.Time{}
	for _, a := range entries.Attacks {
		began[a.ID] = a.Start
		end := a.End
		if end.IsZero() {
			end = a.Start.Add(stillOn)
		}
		g.mark(program.Attack, g.dayIn(a.Start, a.Zone), min(g.dayIn(end, a.Zone), max(today, g.person.Today)))
	}
	for _, episode := range diary.Merge(entries, f.Profile.Merge) {
		onset := episode.First.Start(g.zone).Add(12 * time.Hour) // known by the day only: noon
		if len(episode.Attacks) > 0 {
			onset = began[episode.Attacks[0]]
		}
		g.person.Onsets = append(g.person.Onsets, onset)
	}
	late, err := lateDays(db, g.patient, g.zone)
	if err != nil {
		return err
	}
	from := slices.IndexFunc(days, func(d diary.Day) bool { return d.Day == start.Add(-29) })
	to := slices.IndexFunc(days, func(d diary.Day) bool { return d.Day == start.Add(-1) })
	if from >= 0 && to >= from {
		g.person.Baseline = program.BaselineOf(days[from:to+1], late)
	}
	return g.hangovers(db)
}

func (g *regimen) hangovers(db dbx.Builder) error {
	var rows []struct {
		From  types.DateTime `db:"from"`
		Until types.DateTime `db:"until"`
	}
	err := db.Select("from", "until").From("attack_phases").Where(dbx.HashExp{"patient": g.patient, "phase": "hangover"}).All(&rows)
	for _, row := range rows {
		from, until := row.From.Time(), row.Until.Time()
		if until.IsZero() {
			until = from
		}
		for day := g.dayIn(from, nil); day <= g.dayIn(until, nil); day++ {
			if g.person.Marks[day] == "" {
				g.person.Marks[day] = program.Postdrome
			}
		}
	}
	return err
}

// lateDays were entered more than a week after (§3.4): they say nothing about when attacks begin.
func lateDays(db dbx.Builder, patient string, zone *time.Location) (map[clinic.Day]bool, error) {
	var rows []struct {
		Day     string         `db:"day"`
		Entered types.DateTime `db:"entered_at"`
		Created types.DateTime `db:"created"`
		Source  string         `db:"source"`
	}
	err := db.Select("day", "entered_at", "created", "source").From("diary_days").Where(dbx.HashExp{"patient": patient}).All(&rows)
	late := map[clinic.Day]bool{}
	for _, row := range rows {
		day := dayOrNone(row.Day)
		received := row.Created.Time()
		if row.Source == "import" && row.Entered.IsZero() {
			continue // an import does not say when it was written
		}
		late[day] = diary.Lateness(day, row.Entered.Time(), received, zone).TooLateForTriggers
	}
	return late, err
}

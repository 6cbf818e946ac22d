package hooks

import (
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
	"interictal/hooks/program"
)

// regimen is one patient's program with all that the room needs to judge it.
type regimen struct {
	patient string
	zone    *time.Location
	person  program.Person
	items   []program.Item
	rows    map[string]*core.Record // exercises by id
	logs    map[string][]program.Log
	right   access.Right // what the reader may see; what is not shared is not used
}

// shared is the right of the team: what it may be told, the rules may use for it.
// regimenOf reads a program for somebody, on a day; the zero day is today. It writes nothing.
func (d *doors) regimenOf(app core.App, patient string, day clinic.Day, right access.Right) (g regimen, err error) {
	g = regimen{patient: patient, right: right, rows: map[string]*core.Record{}, logs: map[string][]program.Log{}}
	f, err := frameOf(app.DB(), patient, d.todayOf("UTC"))
	if err != nil {
		return g, err
	}
	if g.zone = zoneOrNil(f.Zone); g.zone == nil {
		g.zone = time.UTC
	}
	today := clinic.DayOf(d.clock.now(), g.zone)
	if !day.Valid() {
		day = today
	}
	g.person = program.Person{Today: day, Marks: program.Calendar{}}
	r := &reader{app: app}
	g.prescribed(r)
	if right.Sees("exercise_logs") {
		g.done(r)
	}
	g.plan(r, today)
	g.health(r, today)
	if r.err == nil && right.Sees("diary_days") {
		r.err = g.diary(app.DB(), f, today)
	}
	return g, r.err
}

// prescribed: every exercise with its versions.
func (g *regimen) prescribed(r *reader) {
	of := dbx.HashExp{"patient": g.patient}
	versions := map[string][]program.Version{}
	for _, row := range r.rows("exercise_versions", of, "version") {
		versions[row.GetString("exercise")] = append(versions[row.GetString("exercise")], versionOf(r, row))
	}
	for _, row := range r.rows("exercises", of) {
		g.rows[row.Id] = row
		it := program.Item{ID: row.Id, Category: careplan.Category(row.GetString("category")), AttackOK: row.GetBool("attack_ok"), Auto: row.GetBool("auto_progress"), Versions: versions[row.Id]}
		r.unpack(row, "ladder", &it.Ladder)
		g.items = append(g.items, it)
	}
}

func versionOf(r *reader, row *core.Record) program.Version {
	v := program.Version{Number: row.GetInt("version"), From: dayOrNone(row.GetString("from")), Cause: program.Cause(row.GetString("cause")), Confirmed: row.GetBool("confirmed"),
		Started: dayOrNone(row.GetString("started_on")), Stopped: dayOrNone(row.GetString("stopped_on"))}
	r.unpack(row, "dose", &v.Dose)
	for _, name := range row.GetStringSlice("weekdays") {
		v.Weekdays = append(v.Weekdays, time.Weekday(slices.Index(weekdays, name)))
	}
	return v
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// done: the sessions, and why there was none. A session belongs to the day where she was.
func (g *regimen) done(r *reader) {
	for _, row := range r.rows("exercise_logs", dbx.HashExp{"patient": g.patient}, "done_at", "id") {
		at, zone := row.GetDateTime("done_at").Time(), zoneOrNil(row.GetString("tz"))
		if zone == nil {
			zone = g.zone
		}
		scale := func(field string) clinic.NRS { return nrs(types.JSONRaw(row.GetString(field))) }
		g.logs[row.GetString("exercise")] = append(g.logs[row.GetString("exercise")], program.Log{ID: row.Id, At: at, Day: clinic.DayOf(at, zone), Skipped: row.GetString("skipped"),
			Effort: program.Effort(row.GetString("effort")), PainBefore: scale("pain_before"), PainDuring: scale("pain_during"), PainAfter: scale("pain_after"),
			Worse24h: scale("symptom_24h"), Minutes: numberOf(row, "minutes_done")})
	}
}

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

// health: open alerts hold for today only.
func (g *regimen) health(r *reader, today clinic.Day) {
	if g.person.Today != today {
		return
	}
	for _, row := range r.rows("safety_alerts", dbx.HashExp{"patient": g.patient, "closed_at": ""}) {
		g.person.Alerts = append(g.person.Alerts, careplan.Level(row.GetString("level")))
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

// stillOn: an attack without an end may still go on for so long; after that the diary asks (M-72H).
const stillOn = 72 * time.Hour

// first day of the program; today when there is none.
func (g *regimen) first(today clinic.Day) clinic.Day {
	first := today
	for _, it := range g.items {
		for _, v := range it.Versions {
			first = min(first, v.From)
		}
	}
	return first
}

func (g *regimen) dayIn(at time.Time, zone *time.Location) clinic.Day {
	if zone == nil {
		zone = g.zone
	}
	return clinic.DayOf(at, zone)
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

// kept sums over all items.
func (g *regimen) kept(from, to clinic.Day) (sum program.Kept) {
	for _, it := range g.items {
		k := program.Adherence(it, g.logs[it.ID], g.person.Marks, from, to)
		sum = program.Kept{Prescribed: sum.Prescribed + k.Prescribed, Done: sum.Done + k.Done, Excused: sum.Excused + k.Excused}
	}
	return sum
}

// homeProgram feeds the plan's home adherence (§2.7): since the plan began, days that have passed. Without consent to the
// exercises there is none.
func (d *doors) homeProgram(app core.App, c *chart) error {
	right, err := sharedWithTeam(app.DB(), c.patient)
	if err != nil || !right.Sees("exercise_logs") {
		return err
	}
	g, err := d.regimenOf(app, c.patient, 0, right)
	if err != nil {
		return err
	}
	start := c.plan.Start
	if !start.Valid() {
		start = c.plan.SignedOn
	}
	if start.Valid() {
		c.plan.Home = g.kept(start, g.person.Today.Add(-1)).Adjusted()
	}
	return nil
}

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

// health: open alerts hold for today only.
func (g *regimen) health(r *reader, today clinic.Day) {
	if g.person.Today != today {
		return
	}
	for _, row := range r.rows("safety_alerts", dbx.HashExp{"patient": g.patient, "closed_at": ""}) {
		g.person.Alerts = append(g.person.Alerts, careplan.Level(row.GetString("level")))
	}
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

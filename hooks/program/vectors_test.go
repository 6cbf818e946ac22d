package program_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
	"interictal/hooks/program"
)

// The vectors of spec/clinical.md §8.1, and what they leave open. pb_public/src/lib/program reads the same file.
type vectors struct {
	Limits []struct {
		Name string
		program.Baseline
		Limit *int
	}
	Steps []struct {
		Name     string
		Dose     program.Dose
		Ladder   []program.Rung
		Last     program.Variable
		Up, Back *program.Step
	}
	Judge     []judged
	Today     []today
	Adherence []kept
}

type judged struct {
	Name        string
	Category    careplan.Category
	Ladder      []program.Rung
	PerWeek     float64
	Weekdays    []time.Weekday
	Sessions    []clinic.Day
	Silent      bool
	Rise, Worse map[clinic.Day]int
	Effort      map[clinic.Day]program.Effort
	OnsetsAfter []clinic.Day
	Since       clinic.Day
	program.Person

	Kind    program.Kind
	Reasons []program.Reason
	Step    *program.Step
	Failed  *int
	Kept    *program.Kept
}

type today struct {
	Name string
	program.Person
	Logs    map[string][]clinic.Day
	Expect  []program.Shown
	Swapped []program.Swapped
}

type kept struct {
	Name     string
	Dose     program.Dose
	Weekdays []time.Weekday
	Marks    program.Calendar
	Sessions []clinic.Day
	Skipped  map[clinic.Day]string
	From, To clinic.Day
	Kept     program.Kept
}

func read(t testing.TB) (v vectors) {
	t.Helper()
	body, err := os.ReadFile("testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var monday = clinic.MustDay("2026-01-05")

// noon of a day: when sessions are done.
func noon(d clinic.Day) time.Time { return d.Start(time.UTC).Add(12 * time.Hour) }

func session(d clinic.Day) program.Log {
	return program.Log{ID: d.String(), At: noon(d), Day: d, Effort: program.Meant, PainBefore: clinic.MustNRS(2), PainAfter: clinic.MustNRS(2), Worse24h: clinic.MustNRS(0)}
}

func sessions(days []clinic.Day) (logs []program.Log) {
	for _, d := range days {
		logs = append(logs, session(d))
	}
	return logs
}

func prescribed(d program.Dose, weekdays []time.Weekday) []program.Version {
	return []program.Version{{Number: 1, From: monday, Cause: program.Prescribed, Dose: d, Weekdays: weekdays, Confirmed: true}}
}

func TestLimits(t *testing.T) {
	for _, c := range read(t).Limits {
		limit, known := c.Baseline.Limit()
		if known != (c.Limit != nil) || known && limit != *c.Limit {
			t.Errorf("%s: %d, %v", c.Name, limit, known)
		}
	}
}

func TestSteps(t *testing.T) {
	for _, c := range read(t).Steps {
		up, can := program.StepUp(c.Dose, c.Ladder)
		same(t, c.Name+": up", c.Up, up, can)
		back, can := program.StepBack(c.Dose, c.Ladder, c.Last)
		same(t, c.Name+": back", c.Back, back, can)
	}
}

func same(t *testing.T, name string, want *program.Step, got program.Step, can bool) {
	t.Helper()
	if can != (want != nil) || can && got != *want {
		t.Errorf("%s: %+v, %v, want %+v", name, got, can, want)
	}
}

func (c judged) logs() []program.Log {
	logs := sessions(c.Sessions)
	for i, l := range logs {
		if points, set := c.Rise[l.Day]; set {
			logs[i].PainAfter = clinic.MustNRS(2 + points)
		}
		if points, set := c.Worse[l.Day]; set {
			logs[i].Worse24h = clinic.MustNRS(points)
		}
		if effort, set := c.Effort[l.Day]; set {
			logs[i].Effort = effort
		}
		if c.Silent {
			logs[i] = program.Log{ID: l.ID, At: l.At, Day: l.Day}
		}
	}
	return logs
}

func (c judged) ask() program.Verdict {
	p := c.Person
	if !p.Today.Valid() {
		p.Today = monday.Add(7)
	}
	for _, d := range c.OnsetsAfter {
		p.Onsets = append(p.Onsets, noon(d).Add(5*time.Hour))
	}
	var since time.Time
	if c.Since.Valid() {
		since = noon(c.Since)
	}
	category := careplan.ExerciseSpecific
	if c.Category != "" {
		category = c.Category
	}
	it := program.Item{ID: "nods", Category: category, Ladder: c.Ladder, Versions: prescribed(program.Dose{Sets: 2, Reps: 10, PerWeek: c.PerWeek}, c.Weekdays)}
	return program.Judge(it, c.logs(), p, since)
}

func TestJudge(t *testing.T) {
	for _, c := range read(t).Judge {
		v := c.ask()
		if v.Kind != c.Kind {
			t.Errorf("%s: %s because of %v", c.Name, v.Kind, v.Reasons)
		}
		if c.Reasons != nil && !slices.Equal(v.Reasons, c.Reasons) {
			t.Errorf("%s: because of %v", c.Name, v.Reasons)
		}
		if c.Step != nil && (v.Step == nil || *v.Step != *c.Step) {
			t.Errorf("%s: step %+v", c.Name, v.Step)
		}
		if moves := v.Kind == program.Up || v.Kind == program.Back; moves != (v.Step != nil) {
			t.Errorf("%s: %s with the step %+v", c.Name, v.Kind, v.Step)
		}
		if c.Failed != nil && v.Failed != *c.Failed {
			t.Errorf("%s: %d failed weeks", c.Name, v.Failed)
		}
		if c.Kept != nil && v.Kept != *c.Kept {
			t.Errorf("%s: kept %+v", c.Name, v.Kept)
		}
	}
}

func todaysItems() []program.Item {
	item := func(id string, ok bool, d program.Dose) program.Item {
		return program.Item{ID: id, Category: careplan.ExerciseSpecific, AttackOK: ok, Versions: prescribed(d, nil)}
	}
	unconfirmed := item("draft", true, program.Dose{Reps: 5, PerWeek: 7})
	unconfirmed.Versions[0].Confirmed = false
	return []program.Item{item("nods", false, program.Dose{Sets: 2, Reps: 10, PerDay: 2, PerWeek: 7}), item("walk", false, program.Dose{Minutes: 20, PerWeek: 3}),
		item("breathing", true, program.Dose{Minutes: 10, PerWeek: 7}), unconfirmed}
}

func TestToday(t *testing.T) {
	for _, c := range read(t).Today {
		p := c.Person
		p.Today = clinic.MustDay("2026-01-14")
		logs := map[string][]program.Log{}
		for item, days := range c.Logs {
			logs[item] = sessions(days)
		}
		shown, swapped := program.Today(todaysItems(), logs, p)
		for i := range shown {
			shown[i].Version, shown[i].Done = 0, 0
		}
		if a, b := text(shown), text(c.Expect); a != b && len(shown)+len(c.Expect) > 0 {
			t.Errorf("%s:\n got %s\nwant %s", c.Name, a, b)
		}
		if !slices.Equal(swapped, c.Swapped) {
			t.Errorf("%s: swapped %v", c.Name, swapped)
		}
	}
}

// A cold pack has no number of days: it is there, and nobody waits for it. Fixed weekdays are days off on the others.
func TestWhatIsNotDueToday(t *testing.T) {
	cold := program.Item{ID: "cold", Category: careplan.ModalityCold, AttackOK: true, Versions: prescribed(program.Dose{Minutes: 20}, nil)}
	walk := program.Item{ID: "walk", Category: careplan.ExerciseGeneralized, Versions: prescribed(program.Dose{Minutes: 20, PerWeek: 2}, []time.Weekday{time.Monday, time.Friday})}
	shown, _ := program.Today([]program.Item{cold, walk}, nil, program.Person{Today: monday + 1})
	if len(shown) != 2 || shown[0].Due || shown[1].Due || !slices.Equal(shown[0].Reasons, []program.Reason{program.AsNeeded}) || !slices.Equal(shown[1].Reasons, []program.Reason{program.DayOff}) {
		t.Errorf("%+v", shown)
	}
	if shown, _ = program.Today([]program.Item{walk}, nil, program.Person{Today: monday}); !shown[0].Due {
		t.Errorf("on its day: %+v", shown)
	}
}

func text(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values
	}
	return string(body)
}

func TestAdherence(t *testing.T) {
	for _, c := range read(t).Adherence {
		logs := sessions(c.Sessions)
		for day, why := range c.Skipped {
			logs = append(logs, program.Log{ID: "s" + day.String(), At: noon(day), Day: day, Skipped: why})
		}
		it := program.Item{ID: "nods", Category: careplan.ExerciseSpecific, Versions: prescribed(c.Dose, c.Weekdays)}
		if got := program.Adherence(it, logs, c.Marks, c.From, c.To); got != c.Kept {
			t.Errorf("%s: %+v, want %+v", c.Name, got, c.Kept)
		}
	}
}

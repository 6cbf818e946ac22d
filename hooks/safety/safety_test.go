package safety

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// A case of the tables that the phone's twin reads too (pb_public/src/lib/safety). Times of an attack are minutes from its start.
type story struct {
	Name    string          `json:"name"`
	Answers json.RawMessage `json:"answers"`
	Known   Answers         `json:"known"`
	Attack  *struct {
		Now, End, Still, Seen, Clear *float64
		Peak, Aura                   *float64
		Over                         bool
		Sudden                       clinic.YesNo
		AuraUsual                    clinic.YesNo `json:"aura_usual"`
	} `json:"attack"`
	Shown Level    `json:"shown"`
	Codes []string `json:"codes"`
	Asks  *bool    `json:"asks"`
}

func stories(t *testing.T, file string) (out []story) {
	t.Helper()
	body, err := os.ReadFile("testdata/" + file)
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var began = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

func after(minutes *float64) time.Time {
	if minutes == nil {
		return time.Time{}
	}
	return began.Add(time.Duration(*minutes) * time.Minute)
}

func (s story) entry() Attack {
	a := s.Attack
	return Attack{Start: began, End: after(a.End), StillAt: after(a.Still), Seen: after(a.Seen), Clear: after(a.Clear), Over: a.Over, Sudden: a.Sudden, Peak: a.Peak, Aura: a.Aura, AuraUsual: a.AuraUsual}
}

func (s story) judge(t *testing.T) Judgement {
	t.Helper()
	answers, unread, ok := ReadAnswers(s.Answers)
	if !ok || len(unread) > 0 {
		t.Fatalf("%s: cannot read %v", s.Name, unread)
	}
	if s.Attack != nil {
		answers = answers.With(s.entry().Answers())
	}
	return Judge(answers.With(s.Known))
}

func codesOf(findings []Finding) []string {
	out := []string{}
	for _, f := range findings {
		out = append(out, f.Code)
	}
	return out
}

// Every vector of §7.1 and sixty people: each emergency is caught, the harmless ones stay silent, nobody gets more than is there.
func TestStories(t *testing.T) {
	for _, file := range []string{"vectors.json", "vignettes.json"} {
		for _, s := range stories(t, file) {
			t.Run(s.Name, func(t *testing.T) {
				j := s.judge(t)
				if j.Shown != s.Shown || !slices.Equal(codesOf(j.Findings), s.Codes) {
					t.Errorf("%q %v, not %q %v", j.Shown, codesOf(j.Findings), s.Shown, s.Codes)
				}
				if s.Asks != nil && s.entry().Asks(after(s.Attack.Now)) != *s.Asks && s.Attack.Now != nil {
					t.Errorf("asks whether it still goes on: %v", !*s.Asks)
				}
			})
		}
	}
	if n := len(stories(t, "vignettes.json")); n < 60 {
		t.Errorf("%d vignettes", n)
	}
}

// Each row of the table is met by a story, and each has a level and a sentence.
func TestEveryRowHasAStory(t *testing.T) {
	met := map[string]bool{}
	for _, file := range []string{"vectors.json", "vignettes.json"} {
		for _, s := range stories(t, file) {
			for _, code := range s.Codes {
				met[code] = true
			}
		}
	}
	seen := map[string]bool{}
	for _, row := range RedFlags.Rows {
		if !met[row.Code] {
			t.Errorf("nobody tells of %s", row.Code)
		}
		if seen[row.Code] || row.Says == "" || len(row.When) == 0 || !slices.Contains(careplan.Levels, row.Level) {
			t.Errorf("%s is doubled or not whole", row.Code)
		}
		seen[row.Code] = true
	}
	for number := 1; number <= 15; number++ {
		if !slices.ContainsFunc(RedFlags.Rows, func(r Row) bool { return r.Row == fmt.Sprint(number) }) {
			t.Errorf("row %d of §7.1 is missing", number)
		}
	}
}

// Unknown is not no: the row stays open, and an answer that only softens does not soften by being left out.
func TestUnknownIsNotNo(t *testing.T) {
	open := Judge(Answers{"fever": true}).Open
	if !slices.Contains(open, "FEVER_NEW_HEADACHE") || !slices.Contains(open, "FEVER_STIFF_NECK") {
		t.Errorf("with fever alone still open: %v", open)
	}
	settled := Judge(Answers{"fever": false}).Open
	if slices.Contains(settled, "FEVER_NEW_HEADACHE") {
		t.Errorf("without fever still open: %v", settled)
	}
	if nothing := Judge(Answers{}); nothing.Shown != "" || len(nothing.Open) < 25 {
		t.Errorf("of no answers at all: %+v", nothing)
	}
}

// An answer more never lowers what is shown, except the two that soften and those that narrow.
func TestASecondFlagNeverHidesTheFirst(t *testing.T) {
	for _, a := range RedFlags.Rows {
		for _, b := range RedFlags.Rows {
			both := Highest(a.Level, b.Level)
			if got := Shown([]Finding{a.Finding, b.Finding}); got != both || Highest(got, a.Level) != got {
				t.Errorf("%s and %s show %s", a.Code, b.Code, got)
			}
		}
	}
}

func TestWhatIsKnownMakesItWorseOnly(t *testing.T) {
	said := Answers{"cancer": true, "immune": false}
	got := said.With(Answers{"cancer": false, "immune": true, "age": 70.0})
	if got["cancer"] != true || got["immune"] != true || got["age"] != 70.0 || said["immune"] != false {
		t.Errorf("together: %v", got)
	}
}

func TestAnAlarmIsNotLostToASlip(t *testing.T) {
	for _, c := range []struct {
		raw    string
		shown  Level
		unread []string
		ok     bool
	}{
		{`{"sudden":true,"weather":"bad"}`, Emergency, []string{"weather"}, true},
		{`{"sudden":true,"fever":"yes"}`, Emergency, []string{"fever"}, true},
		{`{"sudden":true,"systolic":-3,"age":40.5}`, Emergency, []string{"age", "systolic"}, true},
		{`{"sudden":null}`, "", nil, true},
		{`null`, "", nil, true}, {``, "", nil, true},
		{`[true]`, "", nil, false}, {`"sudden"`, "", nil, false}, {`{"sudden":true`, "", nil, false},
	} {
		a, unread, ok := ReadAnswers([]byte(c.raw))
		if j := Judge(a); ok != c.ok || j.Shown != c.shown || !slices.Equal(unread, c.unread) {
			t.Errorf("%s: %q %v %v", c.raw, j.Shown, unread, ok)
		}
	}
}

// Whatever comes, the reader neither fails nor lets through what the table cannot judge.
func FuzzReadAnswers(f *testing.F) {
	for _, seed := range []string{`{"sudden":true}`, `{"injury_days":7,"age":1e99}`, `{"":{}}`, `[]`, `{"fever":true,"fever":false}`, "\xff", `{"age":-0.0}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, _, ok := ReadAnswers(raw)
		if !ok && len(a) > 0 {
			t.Fatal("answers out of nothing")
		}
		Judge(a)
		again, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		b, unread, ok := ReadAnswers(again)
		if !ok || len(unread) > 0 || len(a) != len(b) {
			t.Fatalf("%q came back as %v", again, b)
		}
	})
}

// A table that says something nobody asks does not start the program.
func TestATableThatCannotBeRead(t *testing.T) {
	for _, when := range []string{"wheather", "fever >= 3", "injury_days", "injury_days = 3", "injury_days > x", "", "not", "fever | ", "maybe fever fever"} {
		text := `{"questions":[{"id":"fever","kind":"yes_no"},{"id":"injury_days","kind":"whole"}],"rows":[{"code":"X","when":["` + when + `"]}]}`
		if _, err := readTable([]byte(text)); err == nil {
			t.Errorf("%q passed", when)
		}
	}
}

func TestWhatAnOpenAlertStops(t *testing.T) {
	for _, c := range []struct {
		open []Level
		want Effect
	}{
		{nil, Effect{}},
		{[]Level{Soon, Worklist}, Effect{}},
		{[]Level{Urgent}, Effect{Hands: true, Progression: true}},
		{[]Level{Worklist, Emergency, Soon}, Effect{true, true, true, true, true}},
	} {
		if got := EffectOf(c.open...); got != c.want {
			t.Errorf("%v: %+v", c.open, got)
		}
	}
}

func TestNewsOfLastMonthIsForTheWorklist(t *testing.T) {
	found := []Finding{{Code: "THUNDERCLAP", Level: Emergency}}
	if Shown(Aged(found, 30)) != Emergency || Shown(Aged(found, 31)) != Worklist || found[0].Level != Emergency {
		t.Error("30 days are fresh, 31 are history")
	}
}

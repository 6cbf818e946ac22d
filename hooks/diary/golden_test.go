package diary_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// The tables in testdata are written with the names of the collections, so that the TypeScript twin
// (pb_public/src/lib/diary) reads the same files.
type table struct {
	Name     string
	Zone     string
	Profile  string
	Merge    string
	CheckIns []struct {
		Day      clinic.Day
		TZ       string
		Headache clinic.YesNo
		Worst    clinic.NRS   `json:"worst_pain_nrs"`
		Acute    clinic.YesNo `json:"acute_medicine"`
		Neck     clinic.NRS   `json:"neck_pain_nrs"`
	}
	Attacks  []attackRow
	Readings []struct {
		Attack string
		At     string
		NRS    clinic.NRS
	}
	Doses []doseRow
}

type attackRow struct {
	ID          string
	StartedAt   string `json:"started_at"`
	EndedAt     string `json:"ended_at"`
	TZ          string
	Peak        clinic.NRS `json:"peak_nrs"`
	Unilateral  clinic.YesNo
	Pulsating   clinic.YesNo
	Activity    clinic.YesNo `json:"worse_with_activity"`
	Nausea      clinic.YesNo
	Vomiting    clinic.YesNo
	Photophobia clinic.YesNo
	Phonophobia clinic.YesNo
	Aura        clinic.YesNo
	AuraMinutes float64      `json:"aura_minutes"`
	PainAbsent  clinic.YesNo `json:"pain_absent"`
	Joined      clinic.YesNo
}

type doseRow struct {
	Attack     string
	TakenAt    string `json:"taken_at"`
	TZ         string
	Class      diary.Class `json:"drug_class"`
	Indication diary.Indication
	Worked     clinic.YesNo
}

func readTable(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields() // a misspelt field would quietly mean "not asked"
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	instant, err := time.Parse(time.RFC3339Nano, strings.Replace(text, " ", "T", 1))
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	if name == "" {
		return nil
	}
	loc, err := clinic.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func (c table) profile(t *testing.T) diary.Profile {
	t.Helper()
	p, err := diary.NewProfile(c.Profile, c.Merge)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (c table) entries(t *testing.T) diary.Entries {
	t.Helper()
	e := diary.Entries{Zone: zone(t, c.Zone)}
	for _, d := range c.CheckIns {
		e.CheckIns = append(e.CheckIns, diary.CheckIn{Day: d.Day, Zone: zone(t, d.TZ), Headache: d.Headache, Worst: d.Worst, Acute: d.Acute, Neck: d.Neck})
	}
	for _, row := range c.Attacks {
		a := row.attack(t)
		for _, r := range c.Readings {
			if r.Attack == row.ID {
				a.Readings = append(a.Readings, diary.Reading{At: at(t, r.At), Score: r.NRS})
			}
		}
		e.Attacks = append(e.Attacks, a)
	}
	for _, d := range c.Doses {
		e.Doses = append(e.Doses, diary.Dose{Attack: d.Attack, Taken: at(t, d.TakenAt), Zone: zone(t, d.TZ), Class: d.Class, Indication: d.Indication, Worked: d.Worked})
	}
	return e
}

func (row attackRow) attack(t *testing.T) diary.Attack {
	return diary.Attack{ID: row.ID, Start: at(t, row.StartedAt), End: at(t, row.EndedAt), Zone: zone(t, row.TZ), Peak: row.Peak,
		Unilateral: row.Unilateral, Pulsating: row.Pulsating, Activity: row.Activity,
		Nausea: row.Nausea, Vomiting: row.Vomiting, Photophobia: row.Photophobia, Phonophobia: row.Phonophobia,
		Aura: row.Aura, AuraLasted: time.Duration(row.AuraMinutes * float64(time.Minute)), PainAbsent: row.PainAbsent, Joined: row.Joined}
}

func TestDays(t *testing.T) {
	var cases []struct {
		table
		Expect map[clinic.Day]map[string]any
	}
	readTable(t, "days.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			expected := slices.Sorted(maps.Keys(c.Expect))
			from, to := expected[0], expected[len(expected)-1]
			for _, d := range diary.Days(c.entries(t), c.profile(t), from, to) {
				got := asJSON(t, d)
				got["painMinutes"] = d.Pain.Minutes()
				holds(t, d.Day.String(), got, c.Expect[d.Day])
			}
		})
	}
}

func TestLabels(t *testing.T) {
	type hours float64
	var cases []struct {
		Name   string
		Adult  clinic.YesNo
		Attack struct {
			attackRow
			Hours    hours
			Readings []struct {
				AfterHours hours `json:"after_hours"`
				NRS        clinic.NRS
			}
		}
		Doses []struct {
			AfterHours hours       `json:"after_hours"`
			Class      diary.Class `json:"drug_class"`
			Indication diary.Indication
			Attack     string
		}
		Expect  diary.Kind
		Fails   []string
		Missing []string
	}
	readTable(t, "labels.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			a := c.Attack.attack(t)
			onset := at(t, "2026-01-05T10:00:00Z")
			after := func(h hours) time.Time { return onset.Add(time.Duration(float64(h) * float64(time.Hour))) }
			a.ID, a.Start = "a", onset
			if c.Attack.Hours > 0 {
				a.End = after(c.Attack.Hours)
			}
			for _, r := range c.Attack.Readings {
				a.Readings = append(a.Readings, diary.Reading{At: after(r.AfterHours), Score: r.NRS})
			}
			var doses []diary.Dose
			for _, d := range c.Doses {
				doses = append(doses, diary.Dose{Attack: d.Attack, Taken: after(d.AfterHours), Class: d.Class, Indication: d.Indication})
			}
			got := diary.LabelOf(a, doses, c.Adult)
			want := diary.Label{Kind: c.Expect, Rules: diary.LabelRules, Fails: c.Fails, Missing: c.Missing}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			all := diary.Labels(diary.Entries{Adult: c.Adult, Attacks: []diary.Attack{a}, Doses: doses})
			if !reflect.DeepEqual(all[0], want) {
				t.Errorf("together with others: got %+v, want %+v", all[0], want)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	var cases []struct {
		table
		Expect []string
	}
	readTable(t, "merge.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			var got []string
			for _, e := range diary.Merge(c.entries(t), c.profile(t).Merge) {
				got = append(got, tell(e))
			}
			if !slices.Equal(got, c.Expect) {
				t.Errorf("got  %q\nwant %q", got, c.Expect)
			}
		})
	}
}

// tell writes an episode as the table does: "first..last entries hours uncertain".
func tell(e diary.Episode) string {
	words := []string{e.First.String() + ".." + e.Last.String()}
	if len(e.Attacks) > 0 {
		words = append(words, strings.Join(e.Attacks, "+"))
	}
	if e.Duration > 0 {
		words = append(words, fmt.Sprintf("%gh", float64(int(e.Duration.Hours()*100))/100))
	}
	if e.OnsetUncertain {
		words = append(words, "uncertain")
	}
	return strings.Join(words, " ")
}

func TestWindows(t *testing.T) {
	var cases []struct {
		table
		Anchor clinic.Day
		Closed *clinic.Day
		Today  clinic.Day
		Strips []struct {
			From     clinic.Day
			Headache string // H headache, . none, - not recorded
			Neck     string // a digit a day, blank: not answered
			Acute    string // Y yes, N no, blank: not answered
		}
		Expect map[string]map[string]any
	}
	readTable(t, "windows.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			e := c.entries(t)
			for _, s := range c.Strips {
				for i, letter := range s.Headache {
					in := diary.CheckIn{Day: s.From.Add(i), Headache: map[rune]clinic.YesNo{'H': clinic.Yes, '.': clinic.No}[letter]}
					if i < len(s.Neck) && s.Neck[i] != ' ' {
						in.Neck = clinic.MustNRS(int(s.Neck[i] - '0'))
					}
					if i < len(s.Acute) {
						in.Acute = map[byte]clinic.YesNo{'Y': clinic.Yes, 'N': clinic.No}[s.Acute[i]]
					}
					e.CheckIns = append(e.CheckIns, in)
				}
			}
			seen := map[string]bool{}
			for _, w := range diary.Windows(e, c.profile(t), c.Anchor, c.Closed, c.Today) {
				seen[w.Name] = true
				holds(t, w.Name, asJSON(t, w), c.Expect[w.Name])
			}
			for name := range c.Expect {
				if !seen[name] {
					t.Errorf("there is no window %s", name)
				}
			}
		})
	}
}

func TestResponder(t *testing.T) {
	var cases []struct {
		Name string
		Base *diary.Rate
		Row  []struct {
			Window string
			Value  *diary.Rate
			Full   *bool
		}
		Expect map[string]any
	}
	readTable(t, "responder.json", &cases)
	measure := func(v *diary.Rate) diary.Measure {
		if v == nil {
			return diary.Measure{Reason: diary.NotEnoughDays}
		}
		return diary.Measure{Value: v, Days: 28}
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			windows := []diary.Window{{Name: "B1", Full: true, MHD28: measure(c.Base)}}
			for _, w := range c.Row {
				windows = append(windows, diary.Window{Name: w.Window, Full: w.Full == nil || *w.Full, MHD28: measure(w.Value)})
			}
			r := diary.Respond(windows)
			got := asJSON(t, r.MHD28)
			if got["now"] = r.Now; len(r.MHD28.Row) != len(c.Row) {
				t.Errorf("the row shows %d of %d windows", len(r.MHD28.Row), len(c.Row))
			}
			holds(t, "mhd28", got, c.Expect)
		})
	}
}

func TestLateness(t *testing.T) {
	var cases []struct {
		Name, Zone, Entered, Received string
		Day                           clinic.Day
		Days                          int
		Late, TooLateForTriggers      bool
	}
	readTable(t, "lateness.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got := diary.Lateness(c.Day, at(t, c.Entered), at(t, c.Received), zone(t, c.Zone))
			if want := (diary.Late{Days: c.Days, Marked: c.Late, TooLateForTriggers: c.TooLateForTriggers}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func asJSON(t *testing.T, v any) (m map[string]any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// holds compares the fields the table names; the others are free.
func holds(t *testing.T, what string, got, want map[string]any) {
	t.Helper()
	for field, value := range want {
		have, known := got[field]
		if !known {
			t.Errorf("%s has no field %s", what, field)
			continue
		}
		if part, nested := have.(map[string]any); nested {
			holds(t, what+" "+field, part, value.(map[string]any))
			continue
		}
		if !reflect.DeepEqual(have, value) {
			t.Errorf("%s: %s = %v, want %v", what, field, have, value)
		}
	}
}

package caregiver_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"interictal/hooks/caregiver"
	"interictal/hooks/clinic"
)

func codes(broken []clinic.Broken) (out []string) {
	for _, b := range broken {
		out = append(out, b.Code)
	}
	return out
}

func read(t *testing.T, into any) {
	t.Helper()
	body, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAnEntryDoes(t *testing.T) {
	var table struct {
		Cases []struct {
			Name   string
			Entry  caregiver.Entry
			Attack struct {
				Ended, Note string
				Over        bool
				Signs       []string
			}
			Refused string
			Attacks map[string]any `json:"attack_changes"`
			Reading map[string]any
		}
	}
	read(t, &table)
	for _, c := range table.Cases {
		t.Run(c.Name, func(t *testing.T) {
			if broken := c.Entry.Check(); len(broken) > 0 {
				if got := strings.Join(codes(broken), " "); got != c.Refused {
					t.Errorf("refused with %q, not %q", got, c.Refused)
				}
				return
			}
			a := caregiver.Attack{Over: c.Attack.Over, Note: c.Attack.Note, Signs: map[string]bool{}}
			for _, sign := range c.Attack.Signs {
				a.Signs[sign] = true
			}
			if c.Attack.Ended != "" {
				a.Ended, _ = time.Parse(time.RFC3339, c.Attack.Ended)
			}
			change, broken := c.Entry.AddTo(a, "Sam")
			if c.Entry.Kind == caregiver.Start {
				change, broken = caregiver.Change{Attack: c.Entry.Begin("Sam")}, nil
			}
			if got := strings.Join(codes(broken), " "); got != c.Refused {
				t.Fatalf("refused with %q, not %q", got, c.Refused)
			}
			if got, want := asText(t, change.Attack), asText(t, c.Attacks); got != want {
				t.Errorf("the attack\n%s\nwant\n%s", got, want)
			}
			if got, want := asText(t, change.Reading), asText(t, c.Reading); got != want {
				t.Errorf("the reading\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func asText(t *testing.T, values map[string]any) string {
	t.Helper()
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text, err := json.Marshal(values[name])
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, name+" "+string(text))
	}
	return strings.Join(lines, "\n")
}

func TestALinkThatIsAskedFor(t *testing.T) {
	for _, c := range []struct {
		id, name string
		days     int
		ok       bool
	}{{"", "Sam", 90, true}, {"", "Sam", 1, true}, {"", "Sam", 180, true}, {"", "Sam", 0, false}, {"", "Sam", 181, false}, {"", " ", 90, false}, {"", strings.Repeat("é", 60), 90, true}, {"", strings.Repeat("é", 61), 90, false},
		{"linkforsam00001", "Sam", 90, true}, {"x", "Sam", 90, false}, {"LINKFORSAM00001", "Sam", 90, false}} {
		if got := len(caregiver.CheckWish(c.id, c.name, c.days)) == 0; got != c.ok {
			t.Errorf("%q %q for %d days: %v", c.id, c.name, c.days, got)
		}
	}
}

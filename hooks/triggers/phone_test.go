package triggers_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"interictal/hooks/clinic"
	"interictal/hooks/triggers"
)

var update = flag.Bool("update", false, "write the catalogue anew")

// The phone offers the catalogue without a signal: pb_public/src/app/triggers reads the same two files.
func TestThePhoneHasThisCatalogue(t *testing.T) {
	const file = "testdata/catalogue.json"
	want, err := json.MarshalIndent(triggers.Catalogue, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(file); err != nil || string(have) != string(want) {
		t.Errorf("%s is not the catalogue (go test ./hooks/triggers -run Catalogue -update): %v", file, err)
	}
}

func TestWhatIsDrawnForADay(t *testing.T) {
	var vectors []struct {
		Name      string
		Unit      triggers.Unit
		Start     clinic.Day
		WithFirst []bool
		End       clinic.Day
		On        map[string]*bool
	}
	body, err := os.ReadFile("testdata/planned.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		test := triggers.Test{Unit: v.Unit, Start: v.Start, WithFirst: v.WithFirst}
		if test.End() != v.End {
			t.Errorf("%s: ends %s, not %s", v.Name, test.End(), v.End)
		}
		for day, want := range v.On {
			pair, with := test.On(clinic.MustDay(day))
			if (want == nil) != (pair < 0) || want != nil && with != *want {
				t.Errorf("%s on %s: pair %d, with %v", v.Name, day, pair, with)
			}
		}
	}
}

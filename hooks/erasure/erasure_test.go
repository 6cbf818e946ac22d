package erasure

import (
	"encoding/json"
	"os"
	"testing"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

func TestVectors(t *testing.T) {
	body, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Terms []struct {
			Name, LastCare, Born, Until, By, From string
			Years, Kept                           int
		}
		Stays map[string]Why
		Goes  []string
	}
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Terms {
		born := clinic.FirstDay - 1 // not said
		if c.Born != "" {
			born = clinic.MustDay(c.Born)
		}
		want := Term{clinic.MustDay(c.Until), c.Kept, c.By, c.From}
		if got := TermOf(clinic.MustDay(c.LastCare), born, c.Years); got != want {
			t.Errorf("%s: %+v", c.Name, got)
		}
	}
	for collection, why := range v.Stays {
		if Of(collection, true) != why || Of(collection, false) != Gone {
			t.Errorf("%s stays by %q, without care by %q", collection, Of(collection, true), Of(collection, false))
		}
	}
	for _, collection := range v.Goes {
		if Of(collection, true) != Gone {
			t.Errorf("%s stays", collection)
		}
	}
}

// What a patient consents to is hers, and goes. What stays is a collection of the rights table.
func TestNoDiaryStays(t *testing.T) {
	for collection := range Collections() {
		if p, ok := access.Of(collection); !ok || p.Family != access.Exempt {
			t.Errorf("%s stays, and is of the family %q", collection, p.Family)
		}
	}
}

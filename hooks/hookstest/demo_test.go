package hookstest_test

import (
	"strings"
	"testing"
	"time"

	"interictal/hooks"
	"interictal/hooks/access"
	"interictal/hooks/hookstest"
)

// The demo is made once, through the doors, of people who are plainly made up.
func TestTheDemoIsMadeOnce(t *testing.T) {
	app, err := hookstest.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer app.ClearBootstrap()
	clock := &hooks.Clock{}
	hooks.Bind(app, hooks.Config{Clock: clock})
	now := time.Now()
	if already, err := hookstest.Demo(app, clock, now); err != nil || already {
		t.Fatalf("the first time: %v %v", already, err)
	}
	if already, err := hookstest.Demo(app, clock, now.Add(time.Hour)); err != nil || !already {
		t.Fatalf("the second time: %v %v", already, err)
	}
	patients, err := app.FindAllRecords("patients")
	if err != nil || len(patients) != 8 {
		t.Fatalf("%d patients, %v", len(patients), err)
	}
	for _, p := range patients {
		if !p.GetBool("synthetic") || !strings.Contains(p.GetString("name"), "synthetic") {
			t.Errorf("%s is not plainly marked", p.GetString("name"))
		}
	}
	states := map[string]bool{}
	plans, err := app.FindAllRecords("plans")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plans {
		states[p.GetString("state")+" "+p.GetString("visit_count")] = true
	}
	for _, want := range []string{"active 3", "active 6", "paused 3", "extended 10"} { // week 2, visit 6, ill, visit 10
		if !states[want] {
			t.Errorf("nobody is %q: %v", want, states)
		}
	}
}

// The same seed and moment give the same diary.
func TestTheGeneratorIsSeeded(t *testing.T) {
	now := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	diary := func(seed uint64) string {
		h := hookstest.New(t)
		g := hookstest.NewGenerator(h.App, h.Clock, seed, now)
		g.Clinic("gen", "Generated (synthetic)")
		g.Staff("pt", "PT", "pt@gen.test", access.Therapist)
		g.Patient(hookstest.Persona{ID: "gina", Name: "Gina", Weeks: 4, Before: 0.4, During: 0.2, Keeps: 0.9, State: "active", Visits: 4, Planned: 6}, "pt")
		if err := g.Err(); err != nil {
			t.Fatal(err)
		}
		var rows []string
		if err := h.App.DB().NewQuery("SELECT id||started_at||ended_at||peak_nrs FROM attacks ORDER BY started_at").Column(&rows); err != nil {
			t.Fatal(err)
		}
		return strings.Join(rows, "\n")
	}
	if a, b := diary(7), diary(7); a != b || a == "" {
		t.Errorf("the same seed gives\n%s\nand\n%s", a, b)
	}
	if diary(7) == diary(8) {
		t.Error("every seed gives the same")
	}
}

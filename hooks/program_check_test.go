package hooks_test

import (
	"fmt"
	"testing"

	"interictal/hooks/hookstest"
)

// What the program builder shows beside an item is what prescribing it would say.
func TestTheProgramIsCheckedBeforeItIsPrescribed(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	check := func(who string) map[string]any {
		t.Helper()
		a := p.h.Do(who, "GET", "/api/patients/"+annas+"/program/check", nil)
		if a.Status != 200 {
			t.Fatalf("%s: %d %s", who, a.Status, a.Text)
		}
		return a.Body
	}
	library := p.h.Do("thera", "GET", "/api/collections/library_items/records?perPage=100&filter="+`place!="clinic"%26%26category!="education"`, nil).Items()
	if len(library) < 20 {
		t.Fatalf("a library of %d", len(library))
	}
	p.add("health_facts", map[string]any{"raynaud": true})
	against := check("thera")["library"].(map[string]any)
	refusedOnes := 0
	for _, item := range library {
		id := item.(map[string]any)["id"].(string)
		a := p.h.Do("thera", "POST", "/api/collections/exercises/records", map[string]any{"patient": annas, "library_item": id})
		broken, said := against[id].([]any)
		if said != (a.Status != 200) {
			t.Errorf("%v: said %v, and prescribing it gave %d %s", item.(map[string]any)["code"], broken, a.Status, a.Text)
		}
		if said {
			refusedOnes++
			for _, b := range broken {
				if code := b.(map[string]any)["code"].(string); !a.Has(code) && len(broken) == 1 {
					t.Errorf("said %s, refused with %s", code, a.Text)
				}
			}
		}
	}
	if refusedOnes == 0 {
		t.Error("nothing was against anything")
	}
	device := p.add("devices", map[string]any{"make": "Example", "nerve_target": "supraorbital"})
	if got := fmt.Sprint(check("thera")["devices"].(map[string]any)[device]); got == "<nil>" {
		t.Error("a device that nobody has screened is ready")
	}
	if a := p.h.Do("bo", "GET", "/api/patients/"+annas+"/program/check", nil); a.Status != 404 {
		t.Errorf("a stranger: %d", a.Status)
	}
}

// The phone shows who changed a dose, and the order that the therapist gave.
func TestAProgramHasAnOrderAndSaysWhoChangedIt(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	walk := p.prescribes("G01", map[string]any{"position": 2})
	p.edit("exercises", walk, map[string]any{"minutes": 25})
	var name string
	check(t, p.h.App.DB().NewQuery("SELECT changed_name FROM exercise_versions WHERE version=2").Row(&name))
	if name == "" || name == hookstest.ID("thera") {
		t.Errorf("changed by %q", name)
	}
	p.edit("exercises", walk, map[string]any{"position": 1})
	if n := p.count("exercise_versions", "1=1"); n != 2 {
		t.Errorf("a new place made a version: %d", n)
	}
}

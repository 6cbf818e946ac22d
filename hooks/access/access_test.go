package access

import (
	"slices"
	"strings"
	"testing"
)

// The table of spec/architecture.md §2 (9) in words; the matrix in hooks/access_test.go tries it over HTTP.
func TestRights(t *testing.T) {
	all := map[Family]bool{Diary: true, Medication: true, Exercise: true, Questionnaires: true, Menstrual: true, Messages: true}
	for _, c := range []struct {
		name        string
		right       Right
		collection  string
		sees, write bool
	}{
		{"a patient writes her diary without any consent", Right{Roles: []Role{Patient}}, "attacks", true, true},
		{"a patient reads her plan and does not write it", Right{Roles: []Role{Patient}}, "plans", true, false},
		{"a therapist within consent", Right{Roles: []Role{Therapist}, Consent: all}, "attacks", true, true},
		{"a therapist without consent to the diary", Right{Roles: []Role{Therapist}, Consent: map[Family]bool{Medication: true}}, "attacks", false, false},
		{"care records need no consent", Right{Roles: []Role{Therapist}}, "plans", true, true},
		{"an assistant does not write plans", Right{Roles: []Role{Assistant}, Consent: all}, "plans", true, false},
		{"a neurologist reads medicines", Right{Roles: []Role{Neurologist}, Consent: all}, "medications", true, false},
		{"a neurologist reads no attacks", Right{Roles: []Role{Neurologist}, Consent: all}, "attacks", false, false},
		{"the front desk schedules", Right{Roles: []Role{FrontDesk}, Consent: all}, "visits", true, true},
		{"the front desk reads nothing clinical", Right{Roles: []Role{FrontDesk}, Consent: all}, "diary_days", false, false},
		{"the admin reads no diary", Right{Roles: []Role{ClinicAdmin}, Consent: all}, "attacks", false, false},
		{"an admin who also treats", Right{Roles: []Role{Therapist, ClinicAdmin}, Consent: all}, "attacks", true, true},
		{"nobody", Right{Consent: all}, "attacks", false, false},
		{"a collection that is nobody's", Right{Roles: []Role{Patient}}, "clinics", false, false},
	} {
		if got := c.right.Sees(c.collection); got != c.sees {
			t.Errorf("%s: sees is %v", c.name, got)
		}
		if got := c.right.Writes(c.collection); got != c.write {
			t.Errorf("%s: writes is %v", c.name, got)
		}
	}
}

func TestTheTableIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Table {
		if seen[p.Collection] || p.Scope == "" || len(p.See) == 0 {
			t.Errorf("%s: doubled, or without scope or reader", p.Collection)
		}
		seen[p.Collection] = true
		if p.Family != Exempt && !slices.Contains(Families, p.Family) {
			t.Errorf("%s: no such family %q", p.Collection, p.Family)
		}
		for _, r := range p.Write {
			if !slices.Contains(p.See, r) {
				t.Errorf("%s: %s writes what he may not see", p.Collection, r)
			}
		}
	}
}

// A rule names every condition for the same link; without that, two half links make a whole one.
func TestRulesSayLinkConsentAndClinic(t *testing.T) {
	rule := SeeRule("medications")
	for _, part := range []string{"patient = @request.auth.patient", `until ?= ""`, `role ?= "neurologist"`, `family ?= "medication"`, `state ?= "given"`} {
		if !strings.Contains(rule, part) {
			t.Errorf("%s\nlacks %s", rule, part)
		}
	}
	if rule := SeeRule("visits"); strings.Contains(rule, "consents") || !strings.Contains(rule, `"front_desk"`) {
		t.Errorf("visits: %s", rule)
	}
	if rule := WriteRule("tasks"); rule != "" {
		t.Errorf("nobody writes tasks: %s", rule)
	}
}

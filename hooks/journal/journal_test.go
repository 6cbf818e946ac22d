package journal

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"interictal/hooks/access"
)

type field struct{ name, kind string }

func (f field) GetName() string { return f.name }
func (f field) Type() string    { return f.kind }

var attacks = Of("attacks", []field{{"id", "text"}, {"patient", "relation"}, {"peak_nrs", "json"}, {"updated", "autodate"}})

func TestWhatAJournalTriggerNames(t *testing.T) {
	if attacks.Scope != "patient" || !slices.Equal(attacks.Columns, []Column{{"patient", false}, {"peak_nrs", true}}) {
		t.Errorf("described as %+v", attacks)
	}
	for name, sql := range Triggers(attacks) {
		if !strings.HasPrefix(sql, "CREATE TRIGGER "+name+" ") || strings.Contains(sql, "{") || strings.Contains(sql, "updated") {
			t.Errorf("%s: %s", name, sql)
		}
	}
}

// Each trigger, missing or with one word changed, is found; how SQLite writes quotes and blanks is no change.
func TestAnAlteredTriggerIsFound(t *testing.T) {
	want := RightsTriggers()
	maps.Copy(want, Triggers(attacks))
	maps.Copy(want, AppendOnly("audit_events"))
	for name, sql := range want {
		have := maps.Clone(want)
		have[name] = "  " + strings.NewReplacer("`", `"`, "\n", " \n\t").Replace(sql)
		if got := Altered(want, have); got != "" {
			t.Errorf("%s is the same in other quotes", got)
		}
		have[name] = strings.Replace(sql, "BEGIN", "BEGIN SELECT 1;", 1)
		if got := Altered(want, have); got != name {
			t.Errorf("%s was altered, found %q", name, got)
		}
		delete(have, name)
		if got := Altered(want, have); got != name {
			t.Errorf("%s is missing, found %q", name, got)
		}
	}
}

// The rights triggers name every synced collection under the roles and families of the rights table.
func TestRightsTriggersFollowTheRightsTable(t *testing.T) {
	roles := byRole("NEW.role")
	for _, p := range access.Synced() {
		linked := slices.ContainsFunc(p.See, func(r access.Role) bool { return r != access.Patient })
		if covered := strings.Contains(roles, "'"+p.Collection+"'"); covered != linked {
			t.Errorf("%s is seen by others: %v; covered by their links: %v", p.Collection, linked, covered)
		}
		family := byFamily("NEW.family") + shared("NEW.patient")
		if !strings.Contains(family, "'"+p.Collection+"'") {
			t.Errorf("%s is of no family and not exempt", p.Collection)
		}
	}
}

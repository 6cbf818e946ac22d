package hooks_test

import (
	"strings"
	"testing"

	"interictal/hooks"
	"interictal/hooks/hookstest"
)

// An upgrade on a copy: it says what would happen, and the database in use stays as it is, also when it would fail.
func TestAnUpgradeIsRehearsedOnACopy(t *testing.T) {
	h := hookstest.New(t)
	everything(t, h, "anna")
	before := h.Dump()
	says, err := hooks.RehearseUpgrade(h.App)
	if err != nil || !strings.Contains(says, "0 steps") || !strings.Contains(says, "each as before") {
		t.Errorf("%s %v", says, err)
	}
	runSQL(t, h.App, "DELETE FROM _migrations WHERE file='1767000870_admin.go'") // as if this version were newer
	without := h.Dump()
	if says, err = hooks.RehearseUpgrade(h.App); err == nil || !strings.Contains(err.Error(), "the upgrade would fail, and leave the database as it is") {
		t.Errorf("a step that cannot be done twice: %s %v", says, err)
	}
	if h.Dump() != without || strings.ReplaceAll(before, "1767000870_admin.go", "") == without {
		t.Error("the rehearsal changed the database in use")
	}
	runSQL(t, h.App, "INSERT INTO _migrations(file, applied) VALUES('1767000870_admin.go', 0)")
	runSQL(t, h.App, "DROP TRIGGER sync_attacks_update")
	if _, err = hooks.RehearseUpgrade(h.App); err == nil || !strings.Contains(err.Error(), "do not upgrade") {
		t.Errorf("a database that is not whole: %v", err)
	}
}

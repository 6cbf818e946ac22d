package hooks_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/hookstest"
)

// finding is what the doctor says under a code: the line, and the fix below it.
func finding(said, code string) string {
	lines := strings.Split(said, "\n")
	for i, line := range lines {
		if strings.Contains(line, " "+code+" ") {
			if i+1 < len(lines) && strings.Contains(lines[i+1], "→") {
				line += " " + strings.TrimSpace(lines[i+1])
			}
			return line
		}
	}
	return ""
}

// Each fault is made on a server, the doctor finds it and says what to do; where that can be done here, it is done, and the doctor is content.
func TestTheDoctorsFixesAreTrue(t *testing.T) {
	rates := func(on bool) func(*testing.T, *hookstest.House) {
		return func(t *testing.T, h *hookstest.House) {
			h.App.Settings().RateLimits.Enabled = on
			check(t, h.App.Save(h.App.Settings()))
		}
	}
	address := func(url string) func(*testing.T, *hookstest.House) {
		return func(t *testing.T, h *hookstest.House) {
			h.App.Settings().Meta.AppURL = url
			check(t, h.App.Save(h.App.Settings()))
		}
	}
	sql := func(statements ...string) func(*testing.T, *hookstest.House) {
		return func(t *testing.T, h *hookstest.House) {
			for _, s := range statements {
				runSQL(t, h.App, s)
			}
		}
	}
	superuser := func(t *testing.T, h *hookstest.House) {
		save(t, h.App, core.CollectionNameSuperusers, "", map[string]any{"email": "root@clinic.test", "password": hookstest.Password()})
	}
	confined := func(t *testing.T, h *hookstest.House) {
		h.App.Settings().SuperuserIPs = []string{"203.0.113.7"}
		check(t, h.App.Save(h.App.Settings()))
	}
	for _, c := range []struct {
		name  string
		fault func(*testing.T, *hookstest.House)
		code  string
		says  string // severity, words and fix, in part
		mend  func(*testing.T, *hookstest.House)
		then  string
	}{
		{"a fresh server", func(*testing.T, *hookstest.House) {}, "D_SUPERUSER", "should", superuser, "must"},
		{"an open superuser", superuser, "D_SUPERUSER", "superuser ips", confined, "fine"},
		{"no rate limits", rates(false), "D_RATE_LIMITS", "Turn rate limits on", rates(true), "fine"},
		{"an address of this machine only", func(*testing.T, *hookstest.House) {}, "D_TLS", "Application URL", address("https://clinic.example.org"), "unknown"},
		{"an address without TLS", address("http://clinic.example.org"), "D_TLS", "must", address("https://clinic.example.org"), "unknown"},
		{"a clock that was set back", sql("UPDATE sync_epoch SET at='" + time.Now().Add(3*time.Hour).UTC().Format("2006-01-02 15:04:05.000Z") + "'"), "D_CLOCK", "set-ntp", nil, ""},
		{"a trigger that is missing", sql("DROP TRIGGER sync_attacks_update"), "D_TRIGGERS", "sync_attacks_update", nil, ""},
		{"a trigger that was altered", sql("DROP TRIGGER sync_attacks_update", "CREATE TRIGGER sync_attacks_update AFTER UPDATE ON attacks BEGIN SELECT 1; END"), "D_TRIGGERS", "altered", nil, ""},
		{"a database of an older version", sql("DELETE FROM _migrations WHERE file LIKE '1767000951%'"), "D_MIGRATIONS", "Start the server once", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := hookstest.New(t)
			look := func() string { said, _ := runKeeping(h.App, &hooks.Keep{}, "doctor", "--offline"); return said }
			c.fault(t, h)
			if said := look(); !strings.Contains(finding(said, c.code), c.says) || strings.HasPrefix(finding(said, c.code), "fine") {
				t.Fatalf("not found: %q in\n%s", c.says, said)
			}
			if c.mend == nil {
				return
			}
			c.mend(t, h)
			if said := finding(look(), c.code); !strings.HasPrefix(said, c.then) {
				t.Errorf("after the fix: %q", said)
			}
		})
	}
}

// With a hole in its journal a server does not start, as the doctor says.
func TestAServerWithoutItsTriggersDoesNotStart(t *testing.T) {
	h := hookstest.New(t)
	runSQL(t, h.App, "DROP TRIGGER sync_attacks_update")
	if err := hookstest.Start(h.Backup()); err == nil || !strings.Contains(err.Error(), "sync_attacks_update") {
		t.Errorf("it started: %v", err)
	}
}

// A copy that is cut short is found by looking, before any drill; a new one mends it, as the doctor says.
func TestTheDoctorReadsTheNewestCopy(t *testing.T) {
	h, k := hookstest.New(t), keeping(t)
	_, err := runKeeping(h.App, k, "backup")
	check(t, err)
	files, err := filepath.Glob(filepath.Join(k.To, "*", "*.age"))
	check(t, err)
	whole, err := os.ReadFile(files[0])
	check(t, err)
	for what, body := range map[string][]byte{"cut short": whole[:len(whole)-100], "empty": {}, "altered": append([]byte("x"), whole[1:]...)} {
		check(t, os.WriteFile(files[0], body, 0o600))
		if said, _ := runKeeping(h.App, k, "doctor", "--offline"); !strings.HasPrefix(finding(said, "D_BACKUP"), "must") || !strings.Contains(finding(said, "D_BACKUP"), "interictal backup") {
			t.Errorf("%s: %s", what, finding(said, "D_BACKUP"))
		}
	}
	_, err = runKeeping(h.App, k, "backup")
	check(t, err)
	if said, _ := runKeeping(h.App, k, "doctor", "--offline"); !strings.HasPrefix(finding(said, "D_BACKUP"), "fine") {
		t.Errorf("after a new copy: %s", finding(said, "D_BACKUP"))
	}
	if said, err := runKeeping(h.App, k, "drill"); err != nil {
		t.Errorf("and it can be put back: %s %v", said, err)
	}
}

package upkeep_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"interictal/hooks/upkeep"
)

var now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// kept is a server as it should be.
func kept() upkeep.Facts {
	return upkeep.Facts{
		Now:    now,
		Disk:   &upkeep.Disk{Free: 50 << 30, Total: 100 << 30, Database: 1 << 30},
		Store:  upkeep.Store{Synchronous: 2, JournalMode: "wal", Check: "ok"},
		Copies: &upkeep.Copies{Newest: now.Add(-4 * time.Minute), Every: 5 * time.Minute},
		Drill:  &upkeep.Drill{At: now.AddDate(0, 0, -3), Good: true, Says: "all is there"},
		Door:   upkeep.Door{URL: "https://clinic.example.org", Secure: true, Until: now.AddDate(0, 2, 0)},
		Clock:  upkeep.Clock{Synced: yes(), Newest: now.Add(-time.Minute)},
		Limits: upkeep.Limits{On: true, SignIn: true}, Superusers: upkeep.Superusers{N: 1, Confined: true},
	}
}

func TestExamine(t *testing.T) {
	cases := []struct {
		name string
		with func(*upkeep.Facts)
		want string // code severity, of all that is not fine
	}{
		{"a well kept server", func(*upkeep.Facts) {}, ""},
		{"a damaged file", func(f *upkeep.Facts) { f.Store.Check = "row 3 missing from index" }, "D_DATABASE must"},
		{"an old database is not blamed for its triggers", func(f *upkeep.Facts) { f.Store.Behind, f.Store.Trigger = 2, "sync_attacks_insert" }, "D_MIGRATIONS must"},
		{"a hole in the journal", func(f *upkeep.Facts) { f.Store.Trigger = "sync_attacks_insert" }, "D_TRIGGERS must"},
		{"a changed line in the audit", func(f *upkeep.Facts) { f.Store.AuditBroken = 7 }, "D_AUDIT must"},
		{"commits wait in memory", func(f *upkeep.Facts) { f.Store.Synchronous = 1 }, "D_DURABILITY must"},
		{"no write-ahead log", func(f *upkeep.Facts) { f.Store.JournalMode = "delete" }, "D_DURABILITY must"},
		{"no room for a restore", func(f *upkeep.Facts) { f.Disk.Free = 1 << 30 }, "D_DISK must"},
		{"a small disk that is nearly full", func(f *upkeep.Facts) { f.Disk.Free, f.Disk.Database = 400<<20, 1<<20 }, "D_DISK must"},
		{"a tenth left", func(f *upkeep.Facts) { f.Disk.Free = 10 << 30 }, "D_DISK should"},
		{"a tenth left of a very large disk", func(f *upkeep.Facts) { f.Disk.Free, f.Disk.Total = 100<<30, 1000<<30 }, ""},
		{"a network folder", func(f *upkeep.Facts) { f.Disk.Kind = "a network folder (nfs)" }, "D_DISK must"},
		{"a disk nobody can measure", func(f *upkeep.Facts) { f.Disk = nil }, "D_DISK unknown"},
		{"no copies", func(f *upkeep.Facts) { f.Copies = nil }, "D_BACKUP must"},
		{"no way to the copies", func(f *upkeep.Facts) { f.Copies.Trouble = "403" }, "D_BACKUP must"},
		{"one that is cut short", func(f *upkeep.Facts) { f.Copies.Broken = "unexpected EOF" }, "D_BACKUP must"},
		{"none yet", func(f *upkeep.Facts) { f.Copies.Newest = time.Time{} }, "D_BACKUP must"},
		{"two hours without one", func(f *upkeep.Facts) { f.Copies.Newest = now.Add(-2*time.Hour - 11*time.Minute) }, "D_BACKUP must"},
		{"a quiet hour", func(f *upkeep.Facts) { f.Copies.Newest = now.Add(-time.Hour - 5*time.Minute) }, ""},
		{"one a day, as asked", func(f *upkeep.Facts) { f.Copies.Every, f.Copies.Newest = 24*time.Hour, now.Add(-30*time.Hour) }, ""},
		{"on the disk of the data", func(f *upkeep.Facts) { f.Copies.SameDisk = true }, "D_BACKUP_PLACE must"},
		{"a key that only makes copies", func(f *upkeep.Facts) { f.Copies.Sealed = true }, "D_BACKUP_KEY should"},
		{"no drill ever", func(f *upkeep.Facts) { f.Drill = nil }, "D_DRILL should"},
		{"a drill that failed", func(f *upkeep.Facts) { f.Drill.Good = false }, "D_DRILL must"},
		{"a drill three weeks ago", func(f *upkeep.Facts) { f.Drill.At = now.AddDate(0, 0, -21) }, "D_DRILL should"},
		{"no TLS", func(f *upkeep.Facts) { f.Door.Secure = false }, "D_TLS must"},
		{"an address that only the server knows", func(f *upkeep.Facts) { f.Door.Local = true }, "D_TLS must"},
		{"a certificate of somebody else", func(f *upkeep.Facts) { f.Door.Trouble = "x509: wrong name" }, "D_TLS must"},
		{"a certificate that ends on Friday", func(f *upkeep.Facts) { f.Door.Until = now.AddDate(0, 0, 3) }, "D_TLS should"},
		{"a certificate nobody looked at", func(f *upkeep.Facts) { f.Door.Until = time.Time{} }, "D_TLS unknown"},
		{"a clock set back", func(f *upkeep.Facts) { f.Clock.Newest = now.Add(time.Hour) }, "D_CLOCK must"},
		{"a clock that runs free", func(f *upkeep.Facts) { f.Clock.Synced = no() }, "D_CLOCK should"},
		{"a clock nobody knows of", func(f *upkeep.Facts) { f.Clock.Synced = nil }, "D_CLOCK unknown"},
		{"no limits", func(f *upkeep.Facts) { f.Limits.On = false }, "D_RATE_LIMITS must"},
		{"no limit on signing in", func(f *upkeep.Facts) { f.Limits.SignIn = false }, "D_RATE_LIMITS must"},
		{"an open superuser", func(f *upkeep.Facts) { f.Superusers.Confined = false }, "D_SUPERUSER must"},
		{"a superuser with a second factor", func(f *upkeep.Facts) { f.Superusers.Confined, f.Superusers.Second = false, true }, ""},
		{"no superuser", func(f *upkeep.Facts) { f.Superusers.N = 0 }, "D_SUPERUSER should"},
	}
	for _, c := range cases {
		f := kept()
		c.with(&f)
		var got []string
		for _, finding := range upkeep.Examine(f) {
			if finding.Says == "" || (finding.Fix == "") != (finding.Severity == upkeep.Fine) {
				t.Errorf("%s: %+v", c.name, finding)
			}
			if finding.Severity != upkeep.Fine {
				got = append(got, finding.Code+" "+string(finding.Severity))
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v, not %q", c.name, got, c.want)
		}
	}
}

func TestJudgeARestoredDatabase(t *testing.T) {
	good := func() upkeep.Restored {
		return upkeep.Restored{Check: "ok", Seq: 12, Counts: []upkeep.Tally{{Collection: "attacks", Rows: 3, Journal: 3}}}
	}
	if wrong := good().Judge(); wrong != nil {
		t.Errorf("a whole one: %v", wrong)
	}
	for want, with := range map[string]func(*upkeep.Restored){
		"integrity_check says row 3 missing":      func(r *upkeep.Restored) { r.Check = "row 3 missing" },
		"2 rows break a foreign key":              func(r *upkeep.Restored) { r.Keys = 2 },
		"4 rows of visits.plan point to nothing":  func(r *upkeep.Restored) { r.Strays = []upkeep.Stray{{Field: "visits.plan", Rows: 4}} },
		"attacks has 3 rows, its journal knows 2": func(r *upkeep.Restored) { r.Counts[0].Journal = 2 },
		"the trigger x is missing or altered":     func(r *upkeep.Restored) { r.Trigger = "x" },
		"the audit is broken at event 5":          func(r *upkeep.Restored) { r.AuditWrong = 5 },
	} {
		r := good()
		with(&r)
		if got := r.Judge(); !slices.Equal(got, []string{want}) {
			t.Errorf("%v, not %q", got, want)
		}
	}
}

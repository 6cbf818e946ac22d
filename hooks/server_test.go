package hooks_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/hookstest"
)

// An acknowledged commit is on the disk: FULL for the data, on the connection that
// writes; and a transaction takes the write lock when it begins. (docs/decisions/001
// holds the count of fsyncs.)
func TestCommitsReachTheDisk(t *testing.T) {
	h := hookstest.New(t)
	for name, db := range map[string]dbx.Builder{"data.db, writing": h.App.NonconcurrentDB(), "data.db, reading": h.App.ConcurrentDB()} {
		var mode int
		check(t, db.NewQuery("PRAGMA synchronous").Row(&mode))
		if mode != 2 {
			t.Errorf("%s: synchronous is %d, not FULL", name, mode)
		}
		var journal string
		check(t, db.NewQuery("PRAGMA journal_mode").Row(&journal))
		if journal != "wal" {
			t.Errorf("%s: %s", name, journal)
		}
	}
	var logs int
	check(t, h.App.AuxNonconcurrentDB().NewQuery("PRAGMA synchronous").Row(&logs))
	if logs != 1 {
		t.Errorf("the log file: synchronous is %d, not NORMAL", logs)
	}
}

// A second process that reads and then writes waits its turn instead of failing half way.
func TestTwoProcessesShareTheFile(t *testing.T) {
	h := hookstest.New(t)
	other, err := hookstest.Open(h.App.DataDir())
	check(t, err)
	defer other.ClearBootstrap()
	failed := make(chan error, 40)
	write := func(app core.App) {
		for range 20 {
			failed <- app.RunInTransaction(func(tx core.App) error {
				var n int
				if err := tx.DB().NewQuery("SELECT COUNT(*) FROM attacks").Row(&n); err != nil {
					return err
				}
				r, err := tx.FindRecordById("patients", hookstest.ID("anna"))
				if err != nil {
					return err
				}
				r.Set("phone", time.Now().Format(time.RFC3339Nano))
				return tx.Save(r)
			})
		}
	}
	go write(other)
	write(h.App)
	for range 40 {
		check(t, <-failed)
	}
}

func TestReadyTellsTheEpochAndHowFar(t *testing.T) {
	h := hookstest.New(t)
	a := h.Do("", "GET", "/api/health/ready", nil)
	if a.Status != 200 || a.Body["ready"] != true || a.Body["epoch"] == "" || a.Body["seq"].(float64) < 1 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	again := h.Reopen().Do("", "GET", "/api/health/ready", nil)
	if again.Body["epoch"] == a.Body["epoch"] || again.Body["seq"] != a.Body["seq"] {
		t.Errorf("a second start has a new epoch and the same number: %s then %s", a.Text, again.Text)
	}
}

func TestPagesAreCompressedCachedAndStrict(t *testing.T) {
	pages := fstest.MapFS{
		"app/index.html":     {Data: []byte("<!doctype html>" + strings.Repeat(" page", 1000))},
		"assets/app-1234.js": {Data: []byte(strings.Repeat("let a = 1;\n", 1000))},
	}
	url := hookstest.ServePages(t, pages).URL
	for path, cached := range map[string]string{"/app/": "no-cache", "/assets/app-1234.js": "public, max-age=31536000, immutable"} {
		request, err := http.NewRequest("GET", url+path, nil)
		check(t, err)
		request.Header.Set("Accept-Encoding", "gzip")
		response, err := http.DefaultTransport.RoundTrip(request)
		check(t, err)
		response.Body.Close()
		h := response.Header
		if response.StatusCode != 200 || h.Get("Content-Encoding") != "gzip" || h.Get("Cache-Control") != cached ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'self'") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: %d %v", path, response.StatusCode, h)
		}
	}
}

// Without --dev there is no clock to set; with it, only on this machine and only by a superuser.
func TestTheClockIsForDevelopersOnly(t *testing.T) {
	h := hookstest.New(t)
	if a := h.Do("root", "POST", "/api/dev/clock", map[string]any{"now": "2026-03-01T09:00:00Z"}); a.Status != 404 {
		t.Errorf("a clock without --dev: %d", a.Status)
	}
	dev := hookstest.NewDev(t, "127.0.0.1:8090")
	if a := dev.Do("anna", "POST", "/api/dev/clock", map[string]any{"now": "2026-03-01T09:00:00Z"}); a.Status != 401 {
		t.Errorf("a patient sets the clock: %d", a.Status)
	}
	if a := dev.Do("root", "POST", "/api/dev/clock", map[string]any{"now": "soon"}); a.Status != 400 || !a.Has("E_TIME") {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	if a := dev.Do("root", "POST", "/api/dev/clock", map[string]any{"now": "2030-03-01T09:00:00Z"}); a.Status != 200 {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	a := dev.Do("anna", "POST", "/api/collections/diary_days/records", map[string]any{"patient": hookstest.ID("anna"), "day": "2030-02-28", "headache": false})
	if a.Status != 200 {
		t.Errorf("it is 2030 now: %d %s", a.Status, a.Text)
	}
	if err := hookstest.ServeDevAt(t, "0.0.0.0:8090"); err == nil {
		t.Error("serve --dev on a public address started")
	}
}

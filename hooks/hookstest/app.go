// Package hookstest is the test kit: an app from a migrated template, people in
// every capacity, phones that go offline, and a seeded generator of clinics.
//
// The generator also fills the demo (hooks/hookstest/demo) and the benchmarks,
// so the three never drift apart. Everybody in it is made up and marked so.
package hookstest

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	_ "time/tzdata"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	_ "interictal/migrations"
)

// House is one fresh app with the cast of people, served over HTTP.
type House struct {
	T   testing.TB
	App core.App
	URL string

	Clock *hooks.Clock

	dev bool
}

// Open opens a data folder with the real migrations and the production
// settings of the database, without hooks.
func Open(dir string) (core.App, error) {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: hooks.Connect})
	if err := app.Bootstrap(); err != nil {
		return nil, err
	}
	return app, app.RunAllMigrations()
}

// New gives a fresh house with the cast in it. It is gone when the test ends.
func New(t testing.TB) *House {
	t.Helper()
	return serve(t, fresh(t), false, "")
}

// NewDev is a house that runs with --dev: its clock can be set.
func NewDev(t testing.TB, address string) *House {
	t.Helper()
	return serve(t, fresh(t), true, address)
}

// ServeDevAt tries to serve with --dev on an address.
func ServeDevAt(t testing.TB, address string) error {
	return start(fresh(t), hooks.Config{Dev: true}, address)
}

// ServePages serves a web app on a fresh house.
func ServePages(t testing.TB, pages fs.FS) *House {
	t.Helper()
	return serveWith(t, fresh(t), hooks.Config{Pages: pages}, "")
}

// Start tries to start the server on a data folder, and stops it again.
func Start(dir string) error { return start(dir, hooks.Config{}, "") }

func start(dir string, cfg hooks.Config, address string) error {
	app, err := Open(dir)
	if err != nil {
		return err
	}
	defer app.ClearBootstrap()
	hooks.Bind(app, cfg)
	router, err := apis.NewRouter(app)
	if err != nil {
		return err
	}
	event := &core.ServeEvent{App: app, Router: router, Server: &http.Server{Addr: address}}
	return app.OnServe().Trigger(event, func(*core.ServeEvent) error { return nil })
}

// Stock serves the same tables and people with PocketBase as it comes: its own database settings, none of our hooks,
// triggers and rights, and its batch route open. It is what the benchmarks compare with.
func Stock(t testing.TB) *House {
	t.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: fresh(t)})
	must(t, app.Bootstrap())
	var triggers []string
	must(t, app.DB().NewQuery("SELECT name FROM sqlite_master WHERE type='trigger'").Column(&triggers))
	for _, name := range triggers {
		_, err := app.DB().NewQuery("DROP TRIGGER " + name).Execute()
		must(t, err)
	}
	attacks, err := app.FindCollectionByNameOrId("attacks")
	must(t, err)
	own := "patient = @request.auth.patient"
	attacks.ListRule, attacks.CreateRule, attacks.UpdateRule = &own, &own, &own
	must(t, app.Save(attacks))
	app.Settings().Batch.Enabled, app.Settings().Batch.MaxRequests, app.Settings().RateLimits.Enabled = true, 1000, false
	router, err := apis.NewRouter(app)
	must(t, err)
	mux, err := router.BuildMux()
	must(t, err)
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.Close()
		must(t, app.ClearBootstrap())
	})
	return &House{T: t, App: app, URL: server.URL}
}

// serve binds the doors and serves the folder like the real command does.
func serve(t testing.TB, dir string, dev bool, address string) *House {
	t.Helper()
	return serveWith(t, dir, hooks.Config{Dev: dev}, address)
}

func serveWith(t testing.TB, dir string, cfg hooks.Config, address string) *House {
	t.Helper()
	app, err := Open(dir)
	must(t, err)
	app.Settings().Logs.MaxDays = 0
	cfg.Clock = &hooks.Clock{}
	hooks.Bind(app, cfg)
	router, err := apis.NewRouter(app)
	must(t, err)
	server := httptest.NewUnstartedServer(nil)
	server.Config.Addr = address
	event := &core.ServeEvent{App: app, Router: router, Server: server.Config}
	must(t, app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		mux, err := e.Router.BuildMux()
		server.Config.Handler = mux
		return err
	}))
	server.Start()
	<-hooks.Looked(app) // what a test finds is not what the first look is about to change
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		terminate := &core.TerminateEvent{App: app}
		must(t, app.OnTerminate().Trigger(terminate, func(*core.TerminateEvent) error { return app.ClearBootstrap() }))
	})
	return &House{T: t, App: app, URL: server.URL, Clock: cfg.Clock, dev: cfg.Dev}
}

// Reopen starts the same data again, as a second start of the server would: a new epoch, the same rows.
func (h *House) Reopen() *House { return h.Restored(h.Backup()) }

// Backup is a copy of the data folder as it is now.
func (h *House) Backup() string { return copyOf(h.T, h.App.DataDir()) }

// Restored starts the server with its data folder put back to a backup. What lies beside the folder stays as it is.
func (h *House) Restored(backup string) *House {
	dir := copyOf(h.T, backup)
	body, err := os.ReadFile(h.App.DataDir() + ".epochs")
	must(h.T, err)
	must(h.T, os.WriteFile(dir+".epochs", body, 0o600))
	return serve(h.T, dir, h.dev, "127.0.0.1:0")
}

func copyOf(t testing.TB, from string) string {
	files, err := contents(from)
	must(t, err)
	return unpack(t, files)
}

// contents are the files of a data folder.
func contents(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, name := range []string{"data.db", "data.db-wal", "auxiliary.db", "auxiliary.db-wal"} {
		body, err := os.ReadFile(filepath.Join(dir, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files[name] = body
	}
	return files, nil
}

func unpack(t testing.TB, files map[string][]byte) string {
	dir := t.TempDir()
	for name, body := range files {
		must(t, os.WriteFile(filepath.Join(dir, name), body, 0o600))
	}
	return dir
}

// Answer is what came back from a request.
type Answer struct {
	Status int
	Body   map[string]any
	Text   string
}

// Has reports whether the answer carries the code.
func (a Answer) Has(code string) bool {
	data, _ := a.Body["data"].(map[string]any)
	_, ok := data[code]
	return ok
}

// Items are the records of a list.
func (a Answer) Items() []any {
	items, _ := a.Body["items"].([]any)
	return items
}

// Do makes a request as somebody ("" for a stranger). A string body is sent as it is.
func (h *House) Do(as, method, path string, body any) Answer {
	h.T.Helper()
	token := ""
	if as != "" {
		token = h.Token(as)
	}
	return h.DoWith(token, method, path, body)
}

// DoWith makes a request with a token.
func (h *House) DoWith(token, method, path string, body any) Answer {
	h.T.Helper()
	var sent []byte
	switch b := body.(type) {
	case nil:
	case string:
		sent = []byte(b)
	default:
		var err error
		sent, err = json.Marshal(b)
		must(h.T, err)
	}
	request, err := http.NewRequest(method, h.URL+path, bytes.NewReader(sent))
	must(h.T, err)
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	response, err := http.DefaultClient.Do(request)
	must(h.T, err)
	defer response.Body.Close()
	if response.Header.Get("Content-Type") == "text/event-stream" { // it has no end
		return Answer{Status: response.StatusCode}
	}
	var buffer bytes.Buffer
	_, err = buffer.ReadFrom(response.Body)
	must(h.T, err)
	answer := Answer{Status: response.StatusCode, Text: buffer.String()}
	if strings.HasPrefix(strings.TrimSpace(answer.Text), "{") {
		must(h.T, json.Unmarshal(buffer.Bytes(), &answer.Body))
	}
	return answer
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Dump is the whole of data.db as text, but for the tables where a refused
// attempt may leave a trace: the audit, what devices pushed, and conflicts; and for the list's rows, which follow from the others.
func (h *House) Dump() string {
	h.T.Helper()
	var tables []string
	must(h.T, h.App.DB().NewQuery(`SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_stat%'
AND name NOT IN ('audit_events', 'sync_push', 'sync_devices', 'sync_conflicts', 'caseload_rows', '_authOrigins', 'sqlite_sequence') ORDER BY name`).Column(&tables))
	var out strings.Builder
	for _, table := range tables {
		rows := []dbx.NullStringMap{}
		must(h.T, h.App.DB().NewQuery("SELECT * FROM `"+table+"`").All(&rows))
		for _, row := range rows {
			out.WriteString(table)
			for _, column := range slices.Sorted(maps.Keys(row)) {
				out.WriteString(" " + column + "=" + row[column].String)
			}
			out.WriteString("\n")
		}
	}
	return out.String()
}

package model

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/hookstest"
)

// files are a data folder as bytes.
type files map[string][]byte

// first is the house that every seed begins with, and what its people sign in with.
type first struct {
	files  files
	tokens map[string]string
}

var theFirst = sync.OnceValue(func() first {
	t := &quiet{}
	defer t.end()
	h := hookstest.New(t)
	out := first{tokens: map[string]string{}}
	for _, who := range []string{"root", "anna", "bo", "thera", "tess"} {
		out.tokens[who] = h.Token(who)
	}
	if _, err := h.App.DB().NewQuery("PRAGMA wal_checkpoint(TRUNCATE)").Execute(); err != nil {
		panic(err)
	}
	out.files = read(h.App.DataDir())
	return out
})

// quiet lends the house a testing.TB that outlives no test: the first house is made once for all seeds.
type quiet struct {
	testing.TB
	dirs []string
	ends []func()
}

func (q *quiet) Helper()           {}
func (q *quiet) Cleanup(fn func()) { q.ends = append(q.ends, fn) }
func (q *quiet) Fatal(args ...any) { panic(args) }
func (q *quiet) TempDir() string {
	dir, err := os.MkdirTemp("", "interictal-first-*")
	if err != nil {
		panic(err)
	}
	q.dirs = append(q.dirs, dir)
	return dir
}

func (q *quiet) end() {
	for i := len(q.ends) - 1; i >= 0; i-- {
		q.ends[i]()
	}
	for _, dir := range q.dirs {
		os.RemoveAll(dir)
		os.Remove(dir + ".epochs") // the server's witness lies beside its folder
	}
}

// read copies the folder as it is, also under a running server: what is committed is in it.
func read(dir string) files {
	out := files{}
	entries, err := os.ReadDir(dir)
	must(err)
	for _, e := range entries {
		if e.IsDir() || strings.HasSuffix(e.Name(), "-shm") { // SQLite makes its index of the log anew
			continue
		}
		body, err := os.ReadFile(filepath.Join(dir, e.Name()))
		must(err)
		out[e.Name()] = body
	}
	return out
}

// server is the real app, asked without a socket.
type server struct {
	dir     string
	tokens  map[string]string
	app     core.App
	handler http.Handler
}

// folder is in memory where there is some: the same files and the same fsync calls, without the disk.
func folder() string {
	parent := ""
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		parent = "/dev/shm"
	}
	dir, err := os.MkdirTemp(parent, "interictal-model-*")
	must(err)
	return filepath.Join(dir, "pb_data")
}

func newServer() *server {
	s := &server{dir: folder(), tokens: theFirst().tokens}
	s.begin(theFirst().files)
	return s
}

// begin puts the folder down and starts.
func (s *server) begin(from files) {
	must(os.RemoveAll(s.dir))
	must(os.MkdirAll(s.dir, 0o700))
	for name, body := range from {
		must(os.WriteFile(filepath.Join(s.dir, name), body, 0o600))
	}
	s.start()
}

// start does what the serve command does.
func (s *server) start() {
	app, err := hookstest.Open(s.dir)
	must(err)
	app.Settings().Logs.MaxDays = 0
	hooks.Bind(app, hooks.Config{})
	router, err := apis.NewRouter(app)
	must(err)
	event := &core.ServeEvent{App: app, Router: router, Server: &http.Server{}}
	must(app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		mux, err := e.Router.BuildMux()
		s.handler = mux
		return err
	}))
	s.app = app
}

func (s *server) stop() {
	must(s.app.OnTerminate().Trigger(&core.TerminateEvent{App: s.app}, func(*core.TerminateEvent) error { return s.app.ClearBootstrap() }))
}

// restart ends and begins: a new epoch.
func (s *server) restart() { s.stop(); s.start() }

// crash ends without a word: what was committed is on the disk, the log not folded in.
func (s *server) crash() { s.restore(read(s.dir)) }

// restore puts an older folder in the place of this one.
func (s *server) restore(backup files) { s.stop(); s.begin(backup) }

func (s *server) remove() { s.stop(); os.RemoveAll(filepath.Dir(s.dir)) }

// do asks as somebody.
func (s *server) do(who, method, path string, body any) hookstest.Answer {
	var sent []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		sent = b
	default:
		var err error
		sent, err = json.Marshal(b)
		must(err)
	}
	request := httptest.NewRequest(method, path, bytes.NewReader(sent))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", s.tokens[who])
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, request)
	answer := hookstest.Answer{Status: recorder.Code, Text: recorder.Body.String()}
	if strings.HasPrefix(strings.TrimSpace(answer.Text), "{") {
		must(json.Unmarshal(recorder.Body.Bytes(), &answer.Body))
	}
	return answer
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

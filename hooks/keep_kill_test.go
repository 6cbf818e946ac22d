package hooks_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"interictal/hooks"
	"interictal/hooks/hookstest"
)

// The real binary, killed without a word at a random moment of what it does to the database. Afterwards a server starts
// on the folder, and holds one of the two databases that it may hold. KILLS=200 is the long form.

var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "interictal-binary-*")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "interictal")
	out, err := exec.Command("go", "build", "-o", path, "interictal").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// machine is the binary with a data folder and a place for copies.
type machine struct {
	t    *testing.T
	dir  string
	keep *hooks.Keep
	said *bytes.Buffer
}

func (m machine) command(args ...string) *exec.Cmd {
	m.t.Helper()
	path, err := binary()
	check(m.t, err)
	m.said.Reset()
	c := exec.Command(path, append(args, "--dir", m.dir, "--backup-to", m.keep.To, "--backup-key", m.keep.Key)...)
	c.Stdout, c.Stderr = m.said, m.said
	return c
}

func (m machine) run(args ...string) time.Duration {
	m.t.Helper()
	began := time.Now()
	if err := m.command(args...).Run(); err != nil {
		m.t.Fatalf("%v: %v: %s", args, err, m.said)
	}
	return time.Since(began)
}

// killed runs a command and kills it within a time, if it has not ended by then.
func (m machine) killed(within time.Duration, args ...string) time.Duration {
	m.t.Helper()
	c := m.command(args...)
	check(m.t, c.Start())
	after := rand.N(within)
	timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
	_ = c.Wait() // killed, or done
	timer.Stop()
	return after
}

// serves starts the server, waits until it is ready, and stops it.
func (m machine) serves() {
	m.t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	check(m.t, err)
	address := free.Addr().String()
	check(m.t, free.Close())
	c := m.command("serve", "--http", address)
	check(m.t, c.Start())
	ready := false
	for end := time.Now().Add(2 * time.Minute); !ready && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if a, err := http.Get("http://" + address + "/api/health/ready"); err == nil {
			ready = a.StatusCode == 200
			a.Body.Close()
		}
	}
	check(m.t, c.Process.Signal(syscall.SIGTERM))
	if err := c.Wait(); err != nil || !ready {
		m.t.Fatalf("the server does not start: %v: %s", err, m.said)
	}
}

// copiesAsItServes: what is written while a server runs is in its copies soon.
func (m machine) copiesAsItServes(words ...string) {
	m.t.Helper()
	beside := machine{t: m.t, dir: m.dir, keep: m.keep, said: &bytes.Buffer{}}
	c := m.command("serve", "--http", "127.0.0.1:0", "--backup-every", "1s")
	check(m.t, c.Start())
	files := func() int {
		found, err := filepath.Glob(filepath.Join(m.keep.To, "*", "*.age"))
		check(m.t, err)
		return len(found)
	}
	for _, word := range words {
		before := files()
		beside.write(word)
		end := time.Now().Add(30 * time.Second)
		for files() == before && time.Now().Before(end) {
			time.Sleep(50 * time.Millisecond)
		}
		if files() == before {
			m.t.Fatalf("%q was not copied: %s", word, m.said)
		}
	}
	beside.run("backup", "list")
	if !bytes.Contains(beside.said.Bytes(), []byte("moments: 2")) {
		m.t.Errorf("two moments of one chain: %s", beside.said)
	}
	check(m.t, c.Process.Signal(syscall.SIGTERM))
	check(m.t, c.Wait())
}

// phone is what the database says of anna: it tells which database it is.
func (m machine) phone() (text string) {
	m.t.Helper()
	app := opened(m.t, m.dir)
	defer app.ClearBootstrap()
	check(m.t, app.DB().NewQuery("SELECT phone FROM patients WHERE id='"+hookstest.ID("anna")+"'").Row(&text))
	var whole string
	check(m.t, app.DB().NewQuery("PRAGMA integrity_check").Row(&whole))
	if whole != "ok" {
		m.t.Fatalf("the database is damaged: %s", whole)
	}
	return text
}

func (m machine) write(phone string) {
	m.t.Helper()
	app := opened(m.t, m.dir)
	defer app.ClearBootstrap()
	runSQL(m.t, app, "UPDATE patients SET phone='"+phone+"' WHERE id='"+hookstest.ID("anna")+"'")
}

// drafts are what a kill leaves half done.
func (m machine) drafts() (found []string) {
	for _, pattern := range []string{".copy-*", ".aside-*"} {
		some, err := filepath.Glob(filepath.Join(m.dir, pattern))
		check(m.t, err)
		found = append(found, some...)
	}
	return found
}

func kills() int {
	if n, err := strconv.Atoi(os.Getenv("KILLS")); err == nil {
		return n
	}
	return 3
}

func TestAKillLeavesAServerThatStarts(t *testing.T) {
	t.Parallel()
	newMachine := func(t *testing.T) machine {
		return machine{t: t, dir: hookstest.New(t).Backup(), keep: keeping(t), said: &bytes.Buffer{}}
	}
	t.Run("during a backup", func(t *testing.T) {
		m := newMachine(t)
		m.write("as copied")
		whole := m.run("backup")
		for range kills() {
			after := m.killed(whole, "backup")
			m.serves()
			if got := m.phone(); got != "as copied" || len(m.drafts()) > 0 {
				t.Fatalf("killed after %s: the database says %q, left lie %v", after, got, m.drafts())
			}
			m.run("drill") // what lies in the store can be put back
		}
	})
	t.Run("while the server copies", func(t *testing.T) {
		m := newMachine(t)
		for range kills() {
			m.killed(4*time.Second, "serve", "--http", "127.0.0.1:0", "--backup-every", "1s")
			m.serves()
		}
		m.copiesAsItServes("one", "two")
		m.run("drill")
		m.write("three")
		m.run("restore")
		if got := m.phone(); got != "two" {
			t.Errorf("what the server copied last says %q", got)
		}
	})
	t.Run("during a restore", func(t *testing.T) {
		m := newMachine(t)
		m.write("as copied")
		m.run("backup")
		whole := m.run("restore")
		olds, news := 0, 0
		for n := range kills() {
			now := fmt.Sprint("written since ", n)
			m.write(now)
			after := m.killed(whole, "restore")
			switch m.phone() {
			case now:
				olds++
			case "as copied":
				news++
			default:
				t.Fatalf("killed after %s: the database says %q", after, m.phone())
			}
			m.serves()
		}
		t.Logf("the old database %d times, the new one %d times", olds, news)
	})
	t.Run("during an upgrade", func(t *testing.T) {
		for range kills() { // from nothing to the newest version: every migration there is
			m := machine{t: t, dir: filepath.Join(t.TempDir(), "data"), keep: keeping(t), said: &bytes.Buffer{}}
			after := m.killed(time.Second, "serve", "--http", "127.0.0.1:0")
			m.serves()
			app := opened(t, m.dir)
			if said, err := runKeeping(app, m.keep, "doctor", "--offline"); !bytes.Contains([]byte(said), []byte("fine    D_TRIGGERS")) {
				t.Errorf("killed after %s: %s %v", after, said, err)
			}
			check(t, app.ClearBootstrap())
		}
	})
}

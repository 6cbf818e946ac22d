package hooks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"interictal/hooks"
	"interictal/hooks/chaos"
	"interictal/hooks/hookstest"
)

// upstream is a server that tells what reaches it.
type upstream struct {
	*httptest.Server
	came chan string
}

func newUpstream(t *testing.T) *upstream {
	u := &upstream{came: make(chan string, 100)}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		u.came <- r.Method + " " + r.URL.String() + " " + string(body)
		fmt.Fprint(w, "answer to ", string(body))
	}))
	t.Cleanup(u.Close)
	return u
}

// arrived waits for the next so many requests.
func (u *upstream) arrived(t *testing.T, n int) (out []string) {
	t.Helper()
	for range n {
		select {
		case one := <-u.came:
			out = append(out, one)
		case <-time.After(10 * time.Second):
			t.Fatalf("%d requests arrived, not %d: %v", len(out), n, out)
		}
	}
	return out
}

// safeBuffer can be read while somebody writes.
type safeBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}
func (b *safeBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.Buffer.String() }

// network is a bad one in front of a server.
type network struct {
	*httptest.Server
	chaos *hooks.Chaos
	told  *safeBuffer
}

func badNetwork(t *testing.T, to string, change func(*hooks.ChaosConfig)) network {
	t.Helper()
	address, err := url.Parse(to)
	check(t, err)
	told := &safeBuffer{}
	cfg := hooks.ChaosConfig{To: address, Seed: 7, Odds: chaos.Odds{}, Delay: 20 * time.Millisecond, Log: told}
	change(&cfg)
	c, err := hooks.NewChaos(cfg)
	check(t, err)
	server := httptest.NewServer(c)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return network{server, c, told}
}

func always(fault chaos.Fault) func(*hooks.ChaosConfig) {
	return func(c *hooks.ChaosConfig) { c.Odds[fault] = 1 }
}

// ask posts a body; an empty answer is a broken connection.
func ask(t *testing.T, to, body string) string {
	t.Helper()
	response, err := http.Post(to+"/api/sync/exchange?q=secret", "application/json", strings.NewReader(body))
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return ""
	}
	return string(answer)
}

func TestEachFaultDoesWhatItSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault   chaos.Fault
		answer  string
		arrives int
	}{
		{"", "answer to one", 1},
		{chaos.DropRequest, "", 0},
		{chaos.DropAnswer, "", 1},
		{chaos.Duplicate, "answer to one", 2},
		{chaos.Late, "", 1},
		{chaos.Reorder, "answer to one", 1}, // nobody else comes by
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t)
			bad := badNetwork(t, u.URL, always(c.fault))
			if got := ask(t, bad.URL, "one"); got != c.answer {
				t.Errorf("the app hears %q", got)
			}
			for _, one := range u.arrived(t, c.arrives) {
				if one != "POST /api/sync/exchange?q=secret one" {
					t.Errorf("what arrives is %q", one)
				}
			}
			if len(u.came) > 0 {
				t.Errorf("more arrives: %q", <-u.came)
			}
			line := strings.TrimSpace(bad.told.String())
			if c.fault != "" && !strings.HasSuffix(line, "1 POST /api/sync/exchange "+string(c.fault)) || c.fault == "" && line != "" {
				t.Errorf("told: %q", line)
			}
			if strings.Contains(line, "secret") || strings.Contains(line, "one") {
				t.Errorf("it tells what is nobody's business: %q", line)
			}
		})
	}
}

// A request that waits is overtaken by the next one that has no fault.
func TestAReorderedRequestIsOvertaken(t *testing.T) {
	t.Parallel()
	u := newUpstream(t)
	seed, odds := uint64(0), chaos.Odds{chaos.Reorder: 0.5}
	for !chaos.Of(seed, 1, odds, 0).Has(chaos.Reorder) || chaos.Of(seed, 2, odds, 0).Has(chaos.Reorder) {
		seed++
	}
	bad := badNetwork(t, u.URL, func(c *hooks.ChaosConfig) { c.Seed, c.Odds, c.Delay = seed, odds, time.Hour })
	first := make(chan string)
	go func() { first <- ask(t, bad.URL, "first") }()
	for bad.chaos.Held() == 0 {
		time.Sleep(time.Millisecond)
	}
	if got := ask(t, bad.URL, "second"); got != "answer to second" {
		t.Errorf("the second hears %q", got)
	}
	if got := <-first; got != "answer to first" {
		t.Errorf("the first hears %q", got)
	}
	if order := u.arrived(t, 2); !strings.HasSuffix(order[0], " second") || !strings.HasSuffix(order[1], " first") {
		t.Errorf("they arrive as %q", order)
	}
}

func TestTheServerIsKilled(t *testing.T) {
	t.Parallel()
	u := newUpstream(t)
	bad := badNetwork(t, u.URL, func(c *hooks.ChaosConfig) {
		c.Odds[chaos.Kill] = 1
		c.Kill = func() error { u.CloseClientConnections(); return u.Listener.Close() }
	})
	ask(t, bad.URL, "one") // perhaps answered, perhaps not
	if got := ask(t, bad.URL, "two"); got != "" {
		t.Errorf("a dead server says %q", got)
	}
	if _, err := hooks.NewChaos(hooks.ChaosConfig{To: &url.URL{Host: "x"}, Odds: chaos.Odds{chaos.Kill: 0.1}, Log: io.Discard}); err == nil {
		t.Error("it would kill without knowing how")
	}
}

func TestKillingByCommandAndByNumber(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	check(t, hooks.Killer("touch "+filepath.Join(dir, "killed"), "")())
	_, err := os.Stat(filepath.Join(dir, "killed"))
	check(t, err)

	victim := exec.Command("sleep", "600")
	check(t, victim.Start())
	file := filepath.Join(dir, "pid")
	check(t, os.WriteFile(file, fmt.Appendf(nil, "%d\n", victim.Process.Pid), 0o600))
	check(t, hooks.Killer("", file)())
	if err := (*exec.ExitError)(nil); !errors.As(victim.Wait(), &err) || err.String() != "signal: killed" {
		t.Errorf("it ended with %v", err)
	}
	for _, content := range []string{"", "0", "-1", "1", "all"} {
		check(t, os.WriteFile(file, []byte(content), 0o600))
		if hooks.Killer("", file)() == nil {
			t.Errorf("%q passes for a process", content)
		}
	}
}

// Events come through as they happen, meet none of the other faults, and are cut after a while.
func TestAStreamIsCut(t *testing.T) {
	t.Parallel()
	next := make(chan string)
	u := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			select {
			case event := <-next:
				fmt.Fprint(w, event)
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(u.Close)
	bad := badNetwork(t, u.URL, func(c *hooks.ChaosConfig) {
		for _, fault := range chaos.Faults {
			c.Odds[fault] = 1
		}
		c.Kill = func() error { return errors.New("nobody dies for a stream") }
		c.Cut = 300 * time.Millisecond
	})
	go func() { next <- "data: one\n\n" }()
	response, err := http.Get(bad.URL + "/api/realtime")
	check(t, err)
	defer response.Body.Close()
	event := make([]byte, 11)
	if _, err := io.ReadFull(response.Body, event); err != nil || string(event) != "data: one\n\n" {
		t.Fatalf("%q, %v", event, err)
	}
	if rest, err := io.ReadAll(response.Body); err == nil || len(rest) > 0 {
		t.Errorf("it goes on with %q, %v", rest, err)
	}
	if lines := strings.Fields(bad.told.String()); len(lines) != 5 || lines[4] != "cut-stream" {
		t.Errorf("told: %v", lines)
	}
}

// tryToSync makes exchanges through a network until there is nothing more to say, or it breaks.
func tryToSync(t *testing.T, h *hookstest.House, p *hookstest.Phone, address string) {
	t.Helper()
	for more := true; more; {
		body, err := json.Marshal(p.Request(500))
		check(t, err)
		request, err := http.NewRequest("POST", address+"/api/sync/exchange", bytes.NewReader(body))
		check(t, err)
		request.Header.Set("Authorization", h.Token(p.Owner))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return
		}
		answer := hookstest.Answer{Status: response.StatusCode}
		err = json.NewDecoder(response.Body).Decode(&answer.Body)
		response.Body.Close()
		if err != nil {
			return
		}
		more = p.Take(answer)
	}
}

// Two phones and a therapist behind a bad network have the same in the end, and nothing is lost.
func TestPhonesBehindABadNetwork(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	bad := badNetwork(t, h.URL, func(c *hooks.ChaosConfig) {
		c.Odds = chaos.Odds{chaos.DropRequest: 0.1, chaos.DropAnswer: 0.2, chaos.Duplicate: 0.2, chaos.Late: 0.15, chaos.Reorder: 0.1}
		c.Delay = 5 * time.Millisecond
	})
	phones := []*hookstest.Phone{h.Phone("anna"), h.Phone("anna"), staffPhone(h, "thera")}
	day := annas + "20260105"
	for round := range 12 {
		for i, p := range phones {
			if i < 2 {
				p.Put("diary_days", day, map[string]any{"patient": annas, "day": "2026-01-05", "note": fmt.Sprint("word", i, "-", round, ".")})
			}
			tryToSync(t, h, p, bad.URL)
		}
	}
	for range 2 {
		for _, p := range phones {
			p.Sync()
		}
	}
	var history []string
	check(t, h.App.DB().NewQuery("SELECT data FROM sync_history WHERE col='diary_days' AND data IS NOT NULL").Column(&history))
	words := strings.Join(slices.Concat(conflicts(t, h), history), " ") + fmt.Sprint(phones[0].Row("diary_days", day))
	for i := range 2 {
		if word := fmt.Sprint("word", i, "-11."); !strings.Contains(words, word) {
			t.Errorf("%s is lost; the network: %s", word, bad.told)
		}
	}
	for _, p := range phones {
		if got, want := p.Row("diary_days", day)["rev"], phones[0].Row("diary_days", day)["rev"]; got != want || p.Waiting() > 0 {
			t.Errorf("%s has %v, not %v, and %d wait", p.Device, got, want, p.Waiting())
		}
	}
	if !strings.Contains(bad.told.String(), "drop-answer") || !strings.Contains(bad.told.String(), "late") {
		t.Errorf("the network was too good: %s", bad.told)
	}
}

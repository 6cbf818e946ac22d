package hooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	lines "log"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"interictal/hooks/chaos"
)

// ChaosConfig is a bad network in front of a good server.
type ChaosConfig struct {
	To    *url.URL
	Seed  uint64
	Odds  chaos.Odds
	Delay time.Duration // how long what is late is under way, on average
	Cut   time.Duration // how long a stream of events lasts, on average; 0: as long as it likes
	Kill  func() error  // kills the server
	Log   io.Writer     // one line for each fault: method, path, fault
}

// Chaos is a proxy that loses, repeats, delays and reorders requests, and kills the server now and then.
type Chaos struct {
	ChaosConfig
	proxy *httputil.ReverseProxy
	log   *lines.Logger
	n     atomic.Uint64

	mu      sync.Mutex
	held    []chan struct{} // requests that wait to be overtaken
	counted map[chaos.Fault]int
}

// NewChaos stands in front of a server.
func NewChaos(cfg ChaosConfig) (*Chaos, error) {
	if cfg.To == nil || cfg.To.Host == "" {
		return nil, errors.New("chaos needs a server to stand in front of, e.g. --to http://127.0.0.1:8090")
	}
	if cfg.Odds[chaos.Kill] > 0 && cfg.Kill == nil {
		return nil, errors.New("--kill needs --kill-command or --kill-pid-file")
	}
	c := &Chaos{ChaosConfig: cfg, log: lines.New(cfg.Log, "", lines.Ltime), counted: map[chaos.Fault]int{}}
	c.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(cfg.To); r.SetXForwarded() },
		// a server that is down answers nothing: the connection breaks
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     lines.New(io.Discard, "", 0),
	}
	return c, cfg.Odds.Check()
}

func (c *Chaos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := c.n.Add(1)
	if isStream(r) {
		c.stream(n, w, r)
		return
	}
	fate := chaos.Of(c.Seed, n, c.Odds, c.Delay)
	if len(fate.Faults) == 0 {
		c.proxy.ServeHTTP(w, r)
		c.overtake()
		return
	}
	for _, fault := range fate.Faults {
		c.note(n, r, fault)
	}
	if fate.Has(chaos.DropRequest) {
		panic(http.ErrAbortHandler)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	c.meet(fate, w, r, body)
}

// meet lets a request arrive as its fate will have it.
func (c *Chaos) meet(fate chaos.Fate, w http.ResponseWriter, r *http.Request, body []byte) {
	if fate.Has(chaos.Late) {
		late := again(r, body)
		time.AfterFunc(fate.After, func() { c.unread(late) })
		panic(http.ErrAbortHandler)
	}
	if fate.Has(chaos.Reorder) {
		c.hold(fate.After)
	}
	if fate.Has(chaos.Duplicate) {
		c.unread(again(r, body))
	}
	killed := make(chan error, 1)
	if fate.Has(chaos.Kill) {
		go func() { killed <- c.Kill() }()
	} else {
		killed <- nil
	}
	defer func() {
		if err := <-killed; err != nil {
			c.log.Printf("the server could not be killed: %v", err)
		}
		c.overtake()
	}()
	if fate.Has(chaos.DropAnswer) {
		c.unread(again(r, body))
		panic(http.ErrAbortHandler)
	}
	c.proxy.ServeHTTP(w, again(r, body))
}

// again is the request once more, for whoever reads the answer or nobody: it does not end with its caller.
func again(r *http.Request, body []byte) *http.Request {
	out := r.Clone(context.WithoutCancel(r.Context()))
	out.Body = io.NopCloser(bytes.NewReader(body))
	return out
}

// unread carries a request out; nobody reads the answer.
func (c *Chaos) unread(r *http.Request) {
	defer func() {
		if reason := recover(); reason != nil && reason != http.ErrAbortHandler {
			panic(reason)
		}
	}()
	c.proxy.ServeHTTP(nobody{}, r)
}

type nobody struct{}

func (nobody) Header() http.Header            { return http.Header{} }
func (nobody) Write(body []byte) (int, error) { return len(body), nil }
func (nobody) WriteHeader(int)                {}

// hold waits until another request has gone by, but not for ever: there may be no other.
func (c *Chaos) hold(atMost time.Duration) {
	passed := make(chan struct{})
	c.mu.Lock()
	c.held = append(c.held, passed)
	c.mu.Unlock()
	select {
	case <-passed:
	case <-time.After(atMost):
	}
}

// overtake lets go of those that waited for this.
func (c *Chaos) overtake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, passed := range c.held {
		close(passed)
	}
	c.held = nil
}

// isStream: a stream of events asks for one, except where a client forgets to.
func isStream(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream") || r.Method == http.MethodGet && r.URL.Path == "/api/realtime"
}

// stream passes events through as they come, until it is cut.
func (c *Chaos) stream(n uint64, w http.ResponseWriter, r *http.Request) {
	if c.Cut == 0 {
		c.proxy.ServeHTTP(w, r)
		return
	}
	limit, cancel := context.WithTimeout(r.Context(), chaos.Cut(c.Seed, n, c.Cut))
	defer cancel()
	defer func() {
		if limit.Err() == context.DeadlineExceeded {
			c.note(n, r, chaos.CutStream)
		}
	}()
	c.proxy.ServeHTTP(w, r.WithContext(limit))
}

// note tells of a fault in one line: no query and no body, they may hold what is nobody's business.
func (c *Chaos) note(n uint64, r *http.Request, fault chaos.Fault) {
	c.mu.Lock()
	c.counted[fault]++
	c.mu.Unlock()
	c.log.Printf("%d %s %s %s", n, r.Method, r.URL.Path, fault)
}

// Summary counts what went wrong.
func (c *Chaos) Summary() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := fmt.Sprintf("%d requests", c.n.Load())
	for _, fault := range slices.Sorted(maps.Keys(c.counted)) {
		out += fmt.Sprintf(", %d %s", c.counted[fault], fault)
	}
	return out
}

package hooks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/hookstest"
)

// A storm: after an outage many phones come back within a minute, each with a month of entries, while a therapist looks
// at her caseload. STORM=2000 is the whole of it; without the word a tenth comes.
func BenchmarkStorm(b *testing.B) {
	phones, entries, within := 200, 200, 6*time.Second
	if n, err := strconv.Atoi(os.Getenv("STORM")); err == nil {
		phones, within = n, time.Duration(n)*30*time.Millisecond
	}
	for range b.N {
		h := hookstest.New(b)
		s := &storm{b: b, h: h, tokens: people(b, h, phones), client: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, MaxConnsPerHost: 0}}}
		begun := time.Now()
		var group sync.WaitGroup
		for i := range phones {
			group.Go(func() {
				time.Sleep(time.Duration(rand.Int64N(int64(within)))) // when it happens to find the network
				s.arrive(i, entries)
			})
		}
		done := make(chan struct{})
		var watchers sync.WaitGroup
		watchers.Go(func() { s.look(done) })
		watchers.Go(func() { s.measure(done) })
		group.Wait()
		drained := time.Since(begun)
		close(done)
		watchers.Wait()
		var stored int
		check(b, h.App.DB().NewQuery("SELECT COUNT(*) FROM attacks WHERE id LIKE 'storm%'").Row(&stored))
		if stored != phones*entries {
			b.Fatalf("%d of %d entries are stored", stored, phones*entries)
		}
		b.ReportMetric((drained - within).Seconds(), "s-after-the-last-arrival")
		b.ReportMetric(float64(stored)/drained.Seconds(), "entries/s")
		b.ReportMetric(s.share(s.pushes, 0.99), "push-p99-ms")
		b.ReportMetric(s.share(s.looks, 0.99), "dashboard-p99-ms")
		b.ReportMetric(s.share(s.looks, 0.5), "dashboard-p50-ms")
		b.ReportMetric(float64(s.later.Load()), "told-to-come-later")
		b.ReportMetric(float64(s.memory.Load())/(1<<20), "heap-MB")
	}
	b.ReportMetric(0, "ns/op") // says nothing here
}

type storm struct {
	b      *testing.B
	h      *hookstest.House
	tokens []string // of each phone
	client http.Client
	later  atomic.Int64
	memory atomic.Uint64

	mu            sync.Mutex
	pushes, looks []time.Duration
}

// people gives each phone an owner. The therapist cares for the first hundred of them.
func people(b *testing.B, h *hookstest.House, phones int) (tokens []string) {
	caseload(b, h, min(phones, 100), 20)
	check(b, h.App.RunInTransaction(func(tx core.App) error {
		for i := range phones {
			id := patientAt(i)
			if i >= 100 {
				runSQL(b, tx, "INSERT INTO patients(id, clinic, name, timezone) VALUES('"+id+"', '"+hookstest.ID("north")+"', 'P', 'Europe/Berlin')")
			}
			runSQL(b, tx, fmt.Sprintf("INSERT INTO users(id, email, tokenKey, password, patient) VALUES('%s', 'phone%d@clinic.test', 'key-of-phone-%050d', 'none', '%s')", id, i, i, id))
			user, err := tx.FindRecordById("users", id)
			check(b, err)
			token, err := user.NewAuthToken()
			check(b, err)
			tokens = append(tokens, token)
		}
		return nil
	}))
	return tokens
}

// arrive sends one phone's month until the server has it.
func (s *storm) arrive(phone, entries int) {
	push := make([]any, entries)
	for i := range push {
		state := oneOf("storm", phone, i)
		state["patient"] = patientAt(phone)
		push[i] = map[string]any{"n": i + 1, "collection": "attacks", "state": state}
	}
	body, err := json.Marshal(map[string]any{"device": fmt.Sprint("phone-in-the-storm-", phone), "schema": 1, "limit": 1, "push": push})
	check(s.b, err)
	for {
		begun := time.Now()
		status, wait := s.ask("POST", "/api/sync/exchange", s.tokens[phone], body)
		switch status {
		case http.StatusOK:
			s.mu.Lock()
			s.pushes = append(s.pushes, time.Since(begun))
			s.mu.Unlock()
			return
		case http.StatusServiceUnavailable:
			s.later.Add(1)
			time.Sleep(wait)
		default:
			s.b.Errorf("phone %d: %d", phone, status)
			return
		}
	}
}

// look reads a caseload all the time.
func (s *storm) look(done chan struct{}) {
	token := s.h.Token("thera")
	for {
		select {
		case <-done:
			return
		case <-time.After(100 * time.Millisecond):
		}
		begun := time.Now()
		if status, _ := s.ask("GET", "/api/caseload", token, nil); status != http.StatusOK {
			s.b.Errorf("the dashboard: %d", status)
		}
		s.mu.Lock()
		s.looks = append(s.looks, time.Since(begun))
		s.mu.Unlock()
	}
}

// measure notes the largest heap, with the phones' own part in it.
func (s *storm) measure(done chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(250 * time.Millisecond):
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		s.memory.Store(max(s.memory.Load(), m.HeapInuse))
	}
}

func (s *storm) ask(method, path, token string, body []byte) (status int, wait time.Duration) {
	request, err := http.NewRequest(method, s.h.URL+path, bytes.NewReader(body))
	check(s.b, err)
	request.Header.Set("Authorization", token)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		s.b.Error(err)
		return 0, 0
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		s.b.Error(err)
	}
	after, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return response.StatusCode, time.Duration(after) * time.Second
}

// share is the time in milliseconds that this share of them stayed within.
func (s *storm) share(of []time.Duration, share float64) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(of)
	if len(of) == 0 {
		return 0
	}
	return float64(of[int(share*float64(len(of)-1))].Milliseconds())
}

package hooks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/hookstest"
)

// More phones push at once than the writer can serve: the rest are told when to come again, and lose nothing.
func TestARushIsToldToComeLater(t *testing.T) {
	const each = 25
	h := hookstest.New(t)
	token := h.Token("anna")
	push := func(i int) (status, after int, body string) {
		entries := []any{}
		for n := range each {
			entries = append(entries, map[string]any{"n": n + 1, "collection": "attacks", "state": newAttack(fmt.Sprintf("attackofanna%03d%03d", i, n))})
		}
		sent, err := json.Marshal(map[string]any{"device": "phone-number-" + strconv.Itoa(i), "limit": 1, "push": entries})
		check(t, err)
		request, err := http.NewRequest("POST", h.URL+"/api/sync/exchange", bytes.NewReader(sent))
		check(t, err)
		request.Header.Set("Authorization", token)
		response, err := http.DefaultClient.Do(request)
		check(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		check(t, err)
		after, _ = strconv.Atoi(response.Header.Get("Retry-After"))
		return response.StatusCode, after, string(text)
	}
	const rush, room = 30, 8
	later := make(chan int, rush)
	var group sync.WaitGroup
	check(t, h.App.RunInTransaction(func(core.App) error { // somebody holds the pen
		for i := range rush {
			group.Go(func() {
				status, after, body := push(i)
				switch {
				case status == 200:
				case status == 503 && after > 0 && bytes.Contains([]byte(body), []byte("E_BUSY")):
					later <- i
				default:
					t.Errorf("%d, Retry-After %d: %s", status, after, body)
				}
			})
		}
		for range rush - room { // the writer is still busy: only those who found the gate full are back
			i := <-later
			defer func() { later <- i }()
		}
		return nil
	}))
	group.Wait()
	close(later)
	for i := range later {
		if status, _, body := push(i); status != 200 {
			t.Errorf("%d %s", status, body)
		}
	}
	var n int
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM attacks WHERE id LIKE 'attackofanna______'").Row(&n))
	if n != rush*each {
		t.Errorf("%d of %d are stored", n, rush*each)
	}
}

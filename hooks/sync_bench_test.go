package hooks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/hookstest"
)

// What the exchange costs beside PocketBase's own routes, on the same tables in one run, round by
// round. Ours writes with synchronous=FULL, journal, history, audit and rights; stock PocketBase has its default NORMAL, no hooks and no
// triggers. Compare the ratios (x/…): the machine's speed is in all of them.

const page = 100

// contender does one round of `page` documents.
type contender struct {
	name  string
	round func(round int)
	spent time.Duration
}

// rivals are the contenders that come first: what the others are measured against.
const rivals = 3

// race runs the contenders one after the other in every round and reports documents a second, and how many times faster
// than its rivals each is.
func race(b *testing.B, contenders ...*contender) {
	for i := range b.N {
		for _, c := range contenders {
			begun := time.Now()
			c.round(i)
			c.spent += time.Since(begun)
		}
	}
	for i, c := range contenders {
		b.ReportMetric(float64(page*b.N)/c.spent.Seconds(), c.name+"/s")
		for _, rival := range contenders[:min(i, rivals)] {
			b.ReportMetric(float64(rival.spent)/float64(c.spent), c.name+":"+rival.name)
		}
	}
	b.ReportMetric(0, "ns/op") // says nothing here
}

func oneOf(device string, round, i int) map[string]any {
	return map[string]any{"id": fmt.Sprintf("%s%06d%04d", device, round, i), "patient": annas, "started_at": "2026-01-20 14:00:00.000Z", "started_offset": 60,
		"ended_at": "2026-01-20 19:30:00.000Z", "end_known": "guess", "tz": "Europe/Berlin", "peak_nrs": 7, "unilateral": true, "pulsating": true,
		"nausea": false, "photophobia": true, "note": "after a long day at the desk, with rain coming", "entered_at": "2026-01-20 19:31:00.000Z", "source": "phone"}
}

// client is one connection of one person.
type client struct {
	b           *testing.B
	base, token string
	http        http.Client
}

func as(b *testing.B, h *hookstest.House, who string) *client {
	return &client{b: b, base: h.URL, token: h.Token(who)}
}

func (c *client) do(method, path string, body any, into any) {
	sent, err := json.Marshal(body)
	check(c.b, err)
	request, err := http.NewRequest(method, c.base+path, bytes.NewReader(sent))
	check(c.b, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", c.token)
	response, err := c.http.Do(request)
	check(c.b, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	check(c.b, err)
	if response.StatusCode != 200 {
		c.b.Fatalf("%s %s: %d %s", method, path, response.StatusCode, text)
	}
	if into != nil {
		check(c.b, json.Unmarshal(text, into))
	}
}

// exchange pushes, and asks for as little news as there can be.
func (c *client) push(device string, n int, states []map[string]any) []map[string]any {
	push := make([]map[string]any, len(states))
	for i, s := range states {
		push[i] = map[string]any{"n": n*page + i + 1, "collection": "attacks", "state": s}
	}
	var answer struct {
		Verdicts []struct {
			Verdict string
			Doc     map[string]any
		}
	}
	c.do("POST", "/api/sync/exchange", map[string]any{"device": device, "schema": 1, "limit": 1, "push": push}, &answer)
	docs := make([]map[string]any, len(states))
	for i, v := range answer.Verdicts {
		if docs[i] = v.Doc; v.Verdict != "applied" {
			c.b.Fatalf("%s", v.Verdict)
		}
	}
	return docs
}

func BenchmarkPush(b *testing.B) {
	for _, patients := range []int{1, 1000} {
		b.Run(fmt.Sprint("patients=", patients), func(b *testing.B) {
			stock, ours := hookstest.Stock(b), hookstest.New(b)
			caseload(b, stock, patients, 20)
			caseload(b, ours, patients, 20)
			single, batch, phone := as(b, stock, "anna"), as(b, stock, "anna"), as(b, ours, "anna")
			var made []map[string]any
			race(b,
				&contender{name: "batch", round: func(r int) {
					requests := make([]any, page)
					for i := range requests {
						requests[i] = map[string]any{"method": "POST", "url": "/api/collections/attacks/records", "body": oneOf("batch", r, i)}
					}
					batch.do("POST", "/api/batch", map[string]any{"requests": requests}, nil)
				}},
				&contender{name: "one", round: func(r int) {
					for i := range page {
						single.do("POST", "/api/collections/attacks/records", oneOf("alone", r, i), nil)
					}
				}},
				&contender{name: "patch", round: func(r int) { // the batch route again, over what it has just made
					requests := make([]any, page)
					for i := range requests {
						requests[i] = map[string]any{"method": "PATCH", "url": "/api/collections/attacks/records/" + oneOf("batch", r, i)["id"].(string), "body": map[string]any{"note": fmt.Sprint("changed ", r)}}
					}
					batch.do("POST", "/api/batch", map[string]any{"requests": requests}, nil)
				}},
				&contender{name: "insert", round: func(r int) {
					states := make([]map[string]any, page)
					for i := range states {
						states[i] = oneOf("phone", r, i)
					}
					made = phone.push("bench-phone", 2*r, states)
				}},
				&contender{name: "update", round: func(r int) {
					for i := range made {
						made[i]["note"] = fmt.Sprint("changed ", r)
					}
					phone.push("bench-phone", 2*r+1, made)
				}},
				&contender{name: "sqlite", round: func(r int) { // one transaction with the journal's triggers: the limit
					check(b, ours.App.RunInTransaction(func(tx core.App) error {
						for i := range page {
							runSQL(b, tx, fmt.Sprintf("INSERT INTO attacks(id, patient, started_at, note) VALUES('%s', '%s', '2026-01-20 14:00:00.000Z', 'after a long day at the desk')",
								fmt.Sprintf("rawsq%06d%04d", r, i), annas))
						}
						return nil
					}))
				}},
			)
		})
	}
}

func BenchmarkPull(b *testing.B) {
	for _, patients := range []int{1, 1000} {
		b.Run(fmt.Sprint("patients=", patients), func(b *testing.B) {
			stock, ours := hookstest.Stock(b), hookstest.New(b)
			for _, h := range []*hookstest.House{stock, ours} {
				caseload(b, h, patients, 20)
				check(b, h.App.RunInTransaction(func(tx core.App) error {
					for i := range 50 * page {
						runSQL(b, tx, fmt.Sprintf(`INSERT INTO attacks(id, patient, started_at, ended_at, tz, peak_nrs, unilateral, note, updated)
VALUES('pulled%09d', '%s', '2026-01-20 14:00:00.000Z', '2026-01-20 19:30:00.000Z', 'Europe/Berlin', '7', 'true', 'after a long day at the desk, with rain coming', '2026-01-20 19:31:%02d.%03dZ')`,
							i, annas, i/1000, i%1000))
					}
					return nil
				}))
			}
			list, phone, one := as(b, stock, "anna"), as(b, ours, "anna"), as(b, ours, "anna")
			since, cursor, checkpoint := "", any(nil), ""
			race(b,
				&contender{name: "list", round: func(int) { // as a client without a sync protocol does it
					var answer struct{ Items []map[string]any }
					list.do("GET", `/api/collections/attacks/records?perPage=100&skipTotal=1&sort=updated,id&filter=`+url.QueryEscape(`patient="`+annas+`" && updated>"`+since+`"`), nil, &answer)
					since = ""
					if len(answer.Items) == page {
						since = answer.Items[page-1]["updated"].(string)
					}
				}},
				&contender{name: "exchange", round: func(int) {
					var answer struct {
						Cursor  any
						Changes []map[string]any
						More    bool
					}
					phone.do("POST", "/api/sync/exchange", map[string]any{"device": "bench-phone", "schema": 1, "limit": page, "cursor": cursor}, &answer)
					if cursor = answer.Cursor; !answer.More {
						cursor = nil
					}
				}},
				&contender{name: "rxdb", round: func(int) {
					var answer struct {
						Documents  []map[string]any
						Checkpoint struct {
							Epoch string
							Seq   int64
						}
					}
					one.do("GET", "/api/sync/rxdb/attacks/pull?limit=100"+checkpoint, nil, &answer)
					if checkpoint = fmt.Sprintf("&epoch=%s&seq=%d", answer.Checkpoint.Epoch, answer.Checkpoint.Seq); len(answer.Documents) < page {
						checkpoint = ""
					}
				}},
			)
		})
	}
}

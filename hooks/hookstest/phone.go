package hookstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// Phone is a device that speaks the native exchange: a local copy, and an
// outbox that is exactly the set of rows with a base. It works offline; only
// Sync reaches for the server.
type Phone struct {
	T      testing.TB
	House  *House
	Owner  string
	Device string
	As     string // staff to hold the caseload, "" for the own diary

	rows    map[string]map[string]any // collection/id → row
	base    map[string]map[string]any // rows changed here, as they were; nil: made here
	refused map[string]map[string]any // entries the server refused, with their data
	numbers map[string]int64
	cursor  any
	ack     any
	n       int64
}

var phones atomic.Int64

// Phone gives somebody a new phone.
func (h *House) Phone(owner string) *Phone {
	device := fmt.Sprintf("phone-%s-%d", owner, phones.Add(1))
	return &Phone{T: h.T, House: h, Owner: owner, Device: device, rows: map[string]map[string]any{},
		base: map[string]map[string]any{}, refused: map[string]map[string]any{}, numbers: map[string]int64{}}
}

// Put makes or changes a row on the phone. The screen has it at once; the server after Sync.
func (p *Phone) Put(collection, id string, fields map[string]any) {
	next := map[string]any{"id": id, "_deleted": false}
	maps.Copy(next, p.rows[collection+"/"+id])
	maps.Copy(next, fields)
	p.change(collection, id, next)
}

// Delete takes a row back.
func (p *Phone) Delete(collection, id string) {
	next := maps.Clone(p.rows[collection+"/"+id])
	next["_deleted"] = true
	p.change(collection, id, next)
}

func (p *Phone) change(collection, id string, next map[string]any) {
	key := collection + "/" + id
	if _, waiting := p.base[key]; !waiting {
		p.base[key] = maps.Clone(p.rows[key])
	}
	delete(p.refused, key)
	p.rows[key] = next
	p.n++
	p.numbers[key] = p.n
}

// Row is the phone's own copy; nil when it has none.
func (p *Phone) Row(collection, id string) map[string]any {
	if row := p.rows[collection+"/"+id]; row["_deleted"] != true {
		return row
	}
	return nil
}

// Rows lists the phone's rows of one collection.
func (p *Phone) Rows(collection string) []map[string]any {
	var out []map[string]any
	for _, key := range slices.Sorted(maps.Keys(p.rows)) {
		if strings.HasPrefix(key, collection+"/") && p.rows[key]["_deleted"] != true {
			out = append(out, p.rows[key])
		}
	}
	return out
}

// Waiting counts the entries that the server has not answered for.
func (p *Phone) Waiting() int { return len(p.base) }

// Refused is the data of a refused entry.
func (p *Phone) Refused(collection, id string) map[string]any { return p.refused[collection+"/"+id] }

// Outbox builds the entries of the next exchange, in the order they were made.
func (p *Phone) Outbox() []map[string]any {
	var out []map[string]any
	for key, base := range p.base {
		if p.refused[key] != nil {
			continue
		}
		row := p.rows[key]
		collection := key[:len(key)-len(row["id"].(string))-1]
		out = append(out, map[string]any{"n": p.numbers[key], "collection": collection, "base": base, "state": maps.Clone(row)})
	}
	slices.SortFunc(out, func(a, b map[string]any) int { return int(a["n"].(int64) - b["n"].(int64)) })
	return out
}

// Request is the body of the next exchange.
func (p *Phone) Request(limit int) map[string]any {
	return map[string]any{"device": p.Device, "schema": 1, "as": p.As, "cursor": p.cursor, "ack": p.ack, "limit": limit, "push": p.Outbox()}
}

// Sync makes exchanges until there is no more news.
func (p *Phone) Sync() {
	p.T.Helper()
	for more := true; more; {
		more = p.Take(p.Send(500))
	}
}

// Send makes one exchange. The phone has not taken the answer yet: drop it and it got lost.
func (p *Phone) Send(limit int) Answer {
	p.T.Helper()
	answer := p.House.Do(p.Owner, "POST", "/api/sync/exchange", p.Request(limit))
	if answer.Status != 200 {
		p.T.Fatalf("%s: exchange answered %d: %s", p.Owner, answer.Status, answer.Text)
	}
	return answer
}

// Take applies an answer and reports whether there is more.
func (p *Phone) Take(answer Answer) bool {
	p.T.Helper()
	for _, v := range answer.Body["verdicts"].([]any) {
		p.verdict(v.(map[string]any))
	}
	for _, c := range answer.Body["changes"].([]any) {
		change := c.(map[string]any)
		p.learn(change["collection"].(string), change["doc"].(map[string]any))
	}
	for _, r := range answer.Body["revoked"].([]any) {
		p.forget(r.(map[string]any)["patient"].(string))
	}
	p.cursor, p.ack = answer.Body["cursor"], answer.Body["ack"]
	return answer.Body["more"].(bool)
}

func (p *Phone) verdict(v map[string]any) {
	n := int64(v["n"].(float64))
	for key, number := range p.numbers {
		if number != n {
			continue
		}
		if v["verdict"] == "refused" {
			p.refused[key] = v["data"].(map[string]any)
			return
		}
		delete(p.base, key)
		delete(p.numbers, key)
		if v["verdict"] == "handedOver" {
			delete(p.rows, key)
			return
		}
		if doc, ok := v["doc"].(map[string]any); ok {
			p.learn(key[:len(key)-len(doc["id"].(string))-1], doc)
		}
		return
	}
}

// learn takes the server's row, unless this phone has changed it since.
func (p *Phone) learn(collection string, doc map[string]any) {
	key := collection + "/" + doc["id"].(string)
	if _, waiting := p.base[key]; waiting {
		return
	}
	if doc["_deleted"] == true {
		delete(p.rows, key)
		return
	}
	p.rows[key] = doc
}

// forget erases everything of a patient who is not the owner's any more; what is still
// unsent waits until the server has it.
func (p *Phone) forget(patient string) {
	for key, row := range p.rows {
		if _, waiting := p.base[key]; !waiting && (row["patient"] == patient || row["id"] == patient) {
			delete(p.rows, key)
		}
	}
}

package hookstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
)

// Phone is a device that speaks the native exchange: the twin, step by step, of what our own app keeps on
// the disk (pb_public/src/lib/store.ts and exchange.ts). A row that was changed here waits with the row as the server
// last told it, so the outbox is exactly the set of waiting rows. It works offline; only Sync reaches for the
// server. Each of Put, Delete, Request, File, StartOver and Discard is one local transaction: an app
// that is killed stands between two of them.
type Phone struct {
	T      testing.TB
	House  *House
	Owner  string
	Device string
	As     string // staff to hold the caseload, "" for the own diary

	// Post sends an exchange; nil asks the house as the owner.
	Post func(body map[string]any) Answer

	rows    map[string]map[string]any // collection/id → row
	waiting map[string]*change
	refused map[string]map[string]any // waiting entries that the server refused, with their data
	n       int64                     // the highest number given away
	cursor  any
	ack     any
	reset   bool      // everything is to be fetched before anything is sent
	removed []removal // what this phone removed: a server put back to an older state has to hear it again
	leaving []string  // patients whose rows go as soon as nothing of theirs is unsent
	erased  []string  // patients whose rows are gone, which the server has not heard yet

	last map[string]any // the request that the next answer is for
}

// change is what the phone keeps of a row that it changed.
type change struct {
	collection, id string
	base           map[string]any // as the server last told it when the change began; nil: made here
	theirs         map[string]any // what the server said since
	n              int64          // under which exactly this state goes out; 0: not yet
	sent, gone     bool
	seen           any // how far the phone had heard when the person removed the row
}

type removal struct {
	collection, id string
	patient, rev   any
}

var phones atomic.Int64

// Phone gives somebody a new phone.
func (h *House) Phone(owner string) *Phone {
	p := NewPhone(h.T, owner, fmt.Sprintf("phone-%s-%d", owner, phones.Add(1)))
	p.House = h
	return p
}

// NewPhone is a phone without a house: give it a Post.
func NewPhone(t testing.TB, owner, device string) *Phone {
	return &Phone{T: t, Owner: owner, Device: device, rows: map[string]map[string]any{},
		waiting: map[string]*change{}, refused: map[string]map[string]any{}}
}

// --- what the person says

// Put makes or changes a row on the phone. The screen has it at once; the server after Sync.
func (p *Phone) Put(collection, id string, fields map[string]any) {
	key := collection + "/" + id
	now, waiting := p.rows[key], p.waiting[key]
	next := map[string]any{"id": id, "_deleted": false}
	maps.Copy(next, now)
	maps.Copy(next, plainJSON(fields))
	// a row brought back after its removal was sent is a new row: with its old base it would look like an old copy
	reborn := now == nil
	if waiting != nil {
		reborn = waiting.sent && waiting.gone && next["_deleted"] != true
	}
	if reborn {
		delete(next, "rev")
	}
	said := now == nil || len(changed(now, next)) > 0
	if !said && p.refused[key] == nil {
		return
	}
	delete(p.refused, key) // said again, it is tried again
	p.rows[key] = next
	if waiting == nil {
		waiting = &change{collection: collection, id: id, base: now}
	}
	if reborn {
		waiting.base = nil
	}
	p.queue(key, waiting, next)
}

// queue puts the row into the outbox; back to what the server knows, or never told it, there is nothing to send.
func (p *Phone) queue(key string, c *change, next map[string]any) {
	nothing := !c.sent && (c.base != nil && len(changed(c.base, next)) == 0 || c.base == nil && next["_deleted"] == true)
	if nothing {
		delete(p.waiting, key)
		p.keep(key, or(c.theirs, c.base))
		return
	}
	c.n, c.gone, c.seen = 0, next["_deleted"] == true, nil
	if c.gone {
		c.seen = p.cursor
	}
	p.waiting[key] = c
}

// Delete takes a row back.
func (p *Phone) Delete(collection, id string) {
	p.Put(collection, id, map[string]any{"_deleted": true})
}

// Discard gives up an entry that the server does not accept: the row is again what the server has. What belongs to
// a row that will never be goes with it; what only mentions it stays.
func (p *Phone) Discard(collection, id string) {
	key := collection + "/" + id
	c := p.waiting[key]
	theirs := or(c.theirs, c.base)
	if theirs == nil || theirs["_deleted"] == true {
		p.letGo(collection, id)
	}
	delete(p.waiting, key)
	delete(p.refused, key)
	p.keep(key, theirs)
}

func (p *Phone) letGo(owner, id string) {
	for _, collection := range slices.Sorted(maps.Keys(pointers)) {
		for _, pointer := range pointers[collection] {
			for _, row := range p.Rows(collection) {
				if pointer.to != owner || row[pointer.field] != id {
					continue
				}
				if pointer.owner {
					p.Delete(collection, row["id"].(string))
				} else {
					p.Put(collection, row["id"].(string), map[string]any{pointer.field: ""})
				}
			}
		}
	}
}

// --- what is on the phone

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

// Waiting counts the entries that the server has not settled.
func (p *Phone) Waiting() int { return len(p.waiting) }

// Waits reports whether this row is one of them.
func (p *Phone) Waits(collection, id string) bool { return p.waiting[collection+"/"+id] != nil }

// Stopped lists collection and id of what does not go out by itself: what was refused, and what cannot be without it.
func (p *Phone) Stopped() (out [][2]string) {
	goes := p.nextToSend()
	for _, key := range slices.Sorted(maps.Keys(p.waiting)) {
		if c := p.waiting[key]; !slices.Contains(goes, c) {
			out = append(out, [2]string{c.collection, c.id})
		}
	}
	return out
}

// Refused is the data of a refused entry.
func (p *Phone) Refused(collection, id string) map[string]any { return p.refused[collection+"/"+id] }

// RefusedEntries lists collection and id of what the server refused.
func (p *Phone) RefusedEntries() (out [][2]string) {
	for _, key := range slices.Sorted(maps.Keys(p.refused)) {
		out = append(out, [2]string{p.waiting[key].collection, p.waiting[key].id})
	}
	return out
}

// Everything is the whole of the phone's store: what somebody who finds the phone could read.
func (p *Phone) Everything() map[string]map[string]any {
	out := make(map[string]map[string]any, len(p.rows))
	for key, row := range p.rows {
		out[key] = map[string]any{"row": row}
	}
	for key, c := range p.waiting {
		if out[key] == nil {
			out[key] = map[string]any{}
		}
		out[key]["base"], out[key]["theirs"] = c.base, c.theirs
	}
	return out
}

// --- the exchange

// Sync makes exchanges until there is neither anything to send nor news.
func (p *Phone) Sync() {
	p.T.Helper()
	for more := true; more; {
		more = p.Take(p.Send(500))
	}
}

// Request is the body of the next exchange. It is the same again until it is answered or the person goes on.
func (p *Phone) Request(limit int) map[string]any {
	push, last, top := []map[string]any{}, int64(0), p.n
	for _, c := range p.nextToSend() {
		number := c.n
		if number <= last { // numbers rise along the request, so that a row's owner is settled before the row
			top++
			number = top
		}
		c.n, c.sent, last = number, true, number
		entry := map[string]any{"n": number, "collection": c.collection, "base": c.base, "state": maps.Clone(p.rows[c.key()])}
		if c.seen != nil {
			entry["seen"] = c.seen
		}
		push = append(push, entry)
	}
	p.n = top
	p.last = map[string]any{"device": p.Device, "schema": 1, "as": p.As, "cursor": p.cursor, "ack": p.ack, "limit": limit,
		"push": push, "erased": append([]string{}, p.erased...)}
	return maps.Clone(p.last)
}

func (c *change) key() string { return c.collection + "/" + c.id }

const pushPage = 200

// nextToSend is the outbox without what was refused and what points at it, owners first.
func (p *Phone) nextToSend() (out []*change) {
	if p.reset {
		return nil
	}
	all := []*change{}
	for _, key := range slices.Sorted(maps.Keys(p.waiting)) {
		all = append(all, p.waiting[key])
	}
	slices.SortStableFunc(all, func(a, b *change) int { return a.place() - b.place() })
	missing := p.missing()
	for _, c := range all {
		waits := !c.gone && pointsAt(missing, c.collection, p.rows[c.key()])
		if waits && c.base == nil {
			missing[c.key()] = true
		}
		if !waits && p.refused[c.key()] == nil {
			out = append(out, c)
		}
	}
	return out[:min(len(out), pushPage)]
}

// missing are the rows that the server refused and has never had.
func (p *Phone) missing() map[string]bool {
	out := map[string]bool{}
	for key := range p.refused {
		if p.waiting[key].base == nil {
			out[key] = true
		}
	}
	return out
}

// pointers are what a row points at. It cannot be without its owner; a dose stays when its attack goes.
var pointers = map[string][]struct {
	field, to string
	owner     bool
}{
	"attack_readings":   {{"attack", "attacks", true}},
	"attack_phases":     {{"attack", "attacks", true}},
	"medication_doses":  {{"medication", "medications", true}, {"attack", "attacks", false}},
	"trigger_exposures": {{"trigger", "triggers", true}},
	"exercise_logs":     {{"exercise", "exercises", true}},
	"goals":             {{"plan", "plans", true}},
	"plan_items":        {{"plan", "plans", true}},

	"medication_effects":  {{"medication", "medications", true}},
	"safety_checks":       {{"attack", "attacks", false}},
	"neuromod_sessions":   {{"device", "devices", true}, {"attack", "attacks", false}},
	"modality_sessions":   {{"attack", "attacks", false}},
	"relaxation_sessions": {{"attack", "attacks", false}},
	"adverse_events":      {{"visit", "visits", false}, {"item", "plan_items", false}, {"device", "devices", false}},
}

func pointsAt(missing map[string]bool, collection string, row map[string]any) bool {
	for _, pointer := range pointers[collection] {
		if to, _ := row[pointer.field].(string); missing[pointer.to+"/"+to] {
			return true
		}
	}
	return false
}

var order = func() map[string]int {
	out := map[string]int{}
	for i, policy := range access.Synced() {
		out[policy.Collection] = i
	}
	return out
}()

// place: an owner is made before the rows that point at it, and removed after them.
func (c *change) place() int {
	if c.gone {
		return 2*len(order) - order[c.collection]
	}
	return order[c.collection]
}

// Send makes one exchange. The phone has not taken the answer yet: drop it and it got lost.
func (p *Phone) Send(limit int) Answer {
	p.T.Helper()
	answer := p.post(p.Request(limit))
	if answer.Status != 200 {
		p.T.Fatalf("%s: exchange answered %d: %s", p.Owner, answer.Status, answer.Text)
	}
	return answer
}

func (p *Phone) post(body map[string]any) Answer {
	p.T.Helper()
	if p.Post != nil {
		return p.Post(body)
	}
	return p.House.Do(p.Owner, "POST", "/api/sync/exchange", body)
}

// Take files the answer to the last request and reports whether there is more to send or to fetch.
func (p *Phone) Take(answer Answer) bool { p.T.Helper(); return p.File(p.last, answer) }

// File files one answer in one local transaction.
func (p *Phone) File(request map[string]any, answer Answer) bool {
	p.T.Helper()
	if request["cursor"] == nil {
		p.clearReadOnly()
	}
	settled := 0
	for _, v := range answer.Body["verdicts"].([]any) {
		verdict := v.(map[string]any)
		for _, entry := range request["push"].([]map[string]any) {
			if float64(entry["n"].(int64)) == verdict["n"] {
				p.settle(entry, verdict)
				settled++
			}
		}
	}
	for _, c := range answer.Body["changes"].([]any) {
		one := c.(map[string]any)
		p.hear(one["collection"].(string), one["doc"].(map[string]any))
	}
	p.leave(request, answer)
	more := answer.Body["more"].(bool)
	p.cursor, p.ack, p.reset = answer.Body["cursor"], answer.Body["ack"], p.reset && more
	unanswered := len(request["push"].([]map[string]any)) > 0 && settled == 0
	return more || len(p.erased) > 0 || !unanswered && len(p.nextToSend()) > 0
}

// settle is what a verdict does to its entry.
func (p *Phone) settle(entry, verdict map[string]any) {
	state := entry["state"].(map[string]any)
	key := entry["collection"].(string) + "/" + state["id"].(string)
	c := p.waiting[key]
	doc, _ := verdict["doc"].(map[string]any)
	switch {
	case c == nil:
		return
	case c.n != entry["n"].(int64):
		if verdict["verdict"] != "refused" && verdict["verdict"] != "handedOver" {
			p.overtaken(key, c, state, doc)
		}
	case verdict["verdict"] == "refused":
		p.notTaken(key, c, entry, verdict)
	case verdict["verdict"] == "handedOver":
		delete(p.waiting, key)
		p.keep(key, nil)
	default:
		delete(p.waiting, key)
		result := or(doc, state)
		p.keep(key, result)
		if state["_deleted"] == true && result["_deleted"] == true {
			p.removed = slices.DeleteFunc(p.removed, func(r removal) bool { return r.collection == c.collection && r.id == c.id })
			p.removed = append(p.removed, removal{c.collection, c.id, result["patient"], result["rev"]})
		}
	}
}

// notTaken: what is not ours any more, or was sent only to make sure, takes the server's word; what lacks its owner
// goes after it. The rest the person has to see: refused for anything but the right to it, it was judged by a server that
// gives this right, and the patient is back.
func (p *Phone) notTaken(key string, c *change, entry, verdict map[string]any) {
	state, base := entry["state"].(map[string]any), entry["base"].(map[string]any)
	doc, _ := verdict["doc"].(map[string]any)
	data, _ := verdict["data"].(map[string]any)
	if state["_deleted"] != true && pointsAt(p.missing(), c.collection, state) {
		return
	}
	patient := patientOf(c.collection, state)
	gone := data["E_FORBIDDEN"] != nil && (slices.Contains(p.leaving, patient) || c.theirs["_deleted"] == true)
	if data["E_FORBIDDEN"] == nil {
		p.leaving = slices.DeleteFunc(p.leaving, func(leaving string) bool { return leaving == patient })
	}
	unsaid := base == nil && state["_deleted"] == true && state["rev"] != nil || base != nil && len(changed(base, state)) == 0
	switch {
	case gone:
		delete(p.waiting, key)
		p.keep(key, nil)
	case unsaid && (doc != nil || data["E_READ_ONLY"] != nil || data["E_FORBIDDEN"] != nil):
		delete(p.waiting, key)
		p.keep(key, doc)
	default:
		p.refused[key] = data
		c.theirs = or(or(doc, c.theirs), map[string]any{"_deleted": true}) // what the server does not show, it does not have
	}
}

func patientOf(collection string, row map[string]any) string {
	field := "patient"
	if collection == "patients" {
		field = "id"
	}
	patient, _ := row[field].(string)
	return patient
}

// overtaken: the row was changed again while it was on the wire. What was said since stays in the outbox, on top
// of the server's answer; where that does not fit, the row goes again from its old base.
func (p *Phone) overtaken(key string, c *change, sent, doc map[string]any) {
	if doc == nil || doc["_deleted"] == true {
		return
	}
	row, fits := merge(sent, p.rows[key], doc)
	if !fits {
		c.theirs = doc
		return
	}
	p.rows[key] = row
	if len(changed(doc, row)) == 0 {
		delete(p.waiting, key)
		return
	}
	p.waiting[key] = &change{collection: c.collection, id: c.id, base: doc, gone: row["_deleted"] == true}
}

// hear takes the server's row. News about a row in the outbox wait for the verdict on it. What was refused goes once
// more when its row is gone: perhaps the right to it has ended, and then it must not stay here.
func (p *Phone) hear(collection string, doc map[string]any) {
	key := collection + "/" + doc["id"].(string)
	if c := p.waiting[key]; c != nil {
		c.theirs = doc
		if doc["_deleted"] == true {
			delete(p.refused, key)
		}
		return
	}
	p.keep(key, doc)
}

func (p *Phone) keep(key string, doc map[string]any) {
	if doc == nil || doc["_deleted"] == true {
		delete(p.rows, key)
		return
	}
	p.rows[key] = doc
}

// leave: rights that have ended. Everything of those patients goes, unsent work when the server has it handed over.
func (p *Phone) leave(request map[string]any, answer Answer) {
	back := map[string]bool{}
	for _, c := range answer.Body["changes"].([]any) {
		one := c.(map[string]any)
		if doc := one["doc"].(map[string]any); doc["_deleted"] != true {
			back[patientOf(one["collection"].(string), doc)] = true
		}
	}
	leaving := slices.Clone(p.leaving)
	for _, r := range answer.Body["revoked"].([]any) {
		leaving = append(leaving, r.(map[string]any)["patient"].(string))
	}
	told, _ := request["erased"].([]string)
	erased := slices.DeleteFunc(p.erased, func(patient string) bool { return slices.Contains(told, patient) || back[patient] })
	p.leaving = nil
	for i, patient := range leaving {
		if back[patient] || slices.Contains(leaving[:i], patient) {
			continue
		}
		p.removed = slices.DeleteFunc(p.removed, func(r removal) bool { return r.patient == patient })
		if !p.forget(patient) {
			p.leaving = append(p.leaving, patient)
		} else if !slices.Contains(told, patient) && !slices.Contains(erased, patient) {
			erased = append(erased, patient)
		}
	}
	p.erased = erased
}

// forget erases what is not in the outbox, and reports whether that was all. What was refused is sent once more:
// to be handed over.
func (p *Phone) forget(patient string) (all bool) {
	all = true
	for key, row := range p.rows {
		collection, _, _ := strings.Cut(key, "/")
		if patientOf(collection, row) != patient {
			continue
		}
		delete(p.refused, key)
		if p.waiting[key] == nil {
			delete(p.rows, key)
		} else {
			all = false
		}
	}
	return all
}

// clearReadOnly: the first page of everything stands for what the phone had of what it never sends.
func (p *Phone) clearReadOnly() {
	for key := range p.rows {
		collection, _, _ := strings.Cut(key, "/")
		if p.waiting[key] == nil && !p.writes(collection) {
			delete(p.rows, key)
		}
	}
}

// StartOver: the server does not know the phone's position. Fetch everything, then send every row again under the
// name of the version it stands for: the server takes what it has lost and keeps what it knows better. What was
// refused is judged anew, or the version it was made on would never come back.
func (p *Phone) StartOver() {
	clear(p.refused)
	for _, c := range p.waiting {
		c.theirs = nil // it may be of a lost future; what is true comes again
	}
	p.cursor, p.ack, p.reset = nil, nil, true
	for _, r := range p.removed {
		if key := r.collection + "/" + r.id; p.rows[key] == nil && p.writes(r.collection) {
			p.rows[key] = map[string]any{"id": r.id, "patient": r.patient, "rev": r.rev, "_deleted": true}
		}
	}
	for key, row := range p.rows {
		collection, id, _ := strings.Cut(key, "/")
		if p.waiting[key] != nil || !p.writes(collection) {
			continue
		}
		c := &change{collection: collection, id: id, base: row, sent: true}
		if row["_deleted"] == true {
			c.base, c.gone, c.seen = nil, true, positionIn(row["rev"]) // when it was removed, nothing later had been seen
		}
		p.waiting[key] = c
	}
}

func positionIn(rev any) any {
	if at, ok := devicesync.ParseRev(fmt.Sprint(rev)); ok {
		return at
	}
	return nil
}

// writes: what a device never sends, it does not send again after a reset either.
func (p *Phone) writes(collection string) bool {
	policy, _ := access.Of(collection)
	return slices.Contains(policy.Write, access.Patient) && (p.As != "staff" || slices.Contains(policy.Write, access.Therapist))
}

// --- rows

// bookkeeping of the server, not something a person said
var bookkeeping = map[string]bool{"rev": true, "created": true, "updated": true}

// changed lists the fields that mine says differently from base.
func changed(base, mine map[string]any) (out []string) {
	for field, value := range mine {
		if !bookkeeping[field] && !reflect.DeepEqual(value, base[field]) {
			out = append(out, field)
		}
	}
	return out
}

// merge puts what mine says differently from base on top of theirs, where theirs has not changed.
func merge(base, mine, theirs map[string]any) (row map[string]any, fits bool) {
	row = maps.Clone(theirs)
	for _, field := range changed(base, mine) {
		if !reflect.DeepEqual(theirs[field], base[field]) && !reflect.DeepEqual(theirs[field], mine[field]) {
			return nil, false
		}
		row[field] = mine[field]
	}
	return row, true
}

// plainJSON is what a store on a phone gives back.
func plainJSON(fields map[string]any) (out map[string]any) {
	body, err := json.Marshal(fields)
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	if err != nil {
		panic(err) // a test wrote what is no JSON
	}
	return out
}

func or(a, b map[string]any) map[string]any {
	if a != nil {
		return a
	}
	return b
}

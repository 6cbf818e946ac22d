package hooks_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"interictal/hooks/hookstest"
)

// listener is what the SDK does: one stream, and a request that names all topics.
type listener struct {
	testing.TB
	h        *hookstest.House
	who, id  string
	messages chan message
	hangUp   func()
}

type message struct {
	name string
	data map[string]any
}

// listen opens a stream as somebody and subscribes.
func listen(t testing.TB, h *hookstest.House, who string, topics ...string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, "GET", h.URL+"/api/realtime", nil)
	check(t, err)
	response, err := http.DefaultClient.Do(request)
	check(t, err)
	l := &listener{TB: t, h: h, who: who, messages: make(chan message, 10_000), hangUp: cancel}
	t.Cleanup(cancel)
	go func() {
		defer response.Body.Close()
		defer close(l.messages)
		var m message
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			switch field, value, _ := strings.Cut(lines.Text(), ":"); field {
			case "event":
				m.name = value
			case "data":
				json.Unmarshal([]byte(value), &m.data)
			case "":
				l.messages <- m
				m = message{}
			}
		}
	}()
	hello := l.next()
	if hello.name != "PB_CONNECT" {
		t.Fatalf("the stream begins with %v", hello)
	}
	l.id = hello.data["clientId"].(string)
	l.subscribe(topics...)
	return l
}

func (l *listener) subscribe(topics ...string) {
	l.Helper()
	a := l.h.Do(l.who, "POST", "/api/realtime", map[string]any{"clientId": l.id, "subscriptions": topics})
	if a.Status != 204 {
		l.Fatalf("%s subscribes: %d %s", l.who, a.Status, a.Text)
	}
}

// next waits for a message.
func (l *listener) next() message {
	l.Helper()
	select {
	case m, open := <-l.messages:
		if !open {
			l.Fatal("the stream ended")
		}
		return m
	case <-time.After(5 * time.Second):
		l.Fatalf("%s hears nothing", l.who)
	}
	return message{}
}

// hears takes as many messages as it expects and compares `topic action collection/id`, in any order.
func (l *listener) hears(want ...string) {
	l.Helper()
	var got []string
	for range want {
		got = append(got, l.next().String())
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		l.Fatalf("%s hears %q, not %q", l.who, got, want)
	}
}

func (m message) String() string {
	topic, _, _ := strings.Cut(m.name, "?")
	if r, ok := m.data["record"].(map[string]any); ok {
		return fmt.Sprintf("%s %s %s/%s", topic, m.data["action"], r["collectionName"], r["id"])
	}
	return fmt.Sprintf("%s %s", topic, m.data["action"])
}

// of is a topic of staff, as the SDK sends it.
func of(collection, patient string) string {
	return collection + "/*?options=" + url.QueryEscape(`{"query":{"filter":"patient=\"`+hookstest.ID(patient)+`\""}}`)
}

// Patient and therapist follow an attack from its beginning to its end.
func TestStreamOfAnAttack(t *testing.T) {
	h := hookstest.New(t)
	anna := listen(t, h, "anna", "attacks/*", "patients/"+annas, "diary_days/*")
	thera := listen(t, h, "thera", "practitioners/"+hookstest.ID("thera"), of("attacks", "anna"), of("visits", "anna"))
	expect := func(action string) {
		t.Helper()
		row := " " + action + " attacks/" + oneAttack
		anna.hears("attacks/*"+row, "patients/"+annas+row)
		thera.hears("practitioners/"+hookstest.ID("thera")+row, "attacks/*"+row)
	}
	phone := h.Phone("anna")
	phone.Put("attacks", oneAttack, attackOf("anna", nil))
	phone.Sync()
	expect("create")
	phone.Put("attacks", oneAttack, map[string]any{"peak_nrs": 9})
	phone.Sync()
	expect("update")
	h.Do("anna", "PATCH", "/api/collections/attacks/records/"+oneAttack, map[string]any{"peak_nrs": 8})
	expect("update")
	phone.Sync()

	anna.subscribe("attacks/" + oneAttack) // the SDK's one request names all topics anew
	phone.Put("attacks", "attackofanna002", attackOf("anna", nil))
	phone.Delete("attacks", oneAttack)
	phone.Sync()
	anna.hears("attacks/" + oneAttack + " delete attacks/" + oneAttack)
}

// A poke names the row and holds nothing of it.
func TestStreamHoldsNoHealthData(t *testing.T) {
	h := hookstest.New(t)
	anna := listen(t, h, "anna", "attacks/*")
	phone := h.Phone("anna")
	phone.Put("attacks", oneAttack, attackOf("anna", map[string]any{"note": "a secret"}))
	phone.Sync()
	m := anna.next()
	record := m.data["record"].(map[string]any)
	if keys := slices.Sorted(maps.Keys(m.data)); !slices.Equal(keys, []string{"action", "record"}) {
		t.Errorf("the message holds %v", keys)
	}
	want := map[string]any{"id": oneAttack, "collectionName": "attacks", "patient": annas, "rev": phone.Row("attacks", oneAttack)["rev"]}
	if !maps.Equal(record, want) {
		t.Errorf("the record is %v, not %v", record, want)
	}
}

// A topic without a right is told so and does not silence the others.
func TestStreamDropsAForeignTopic(t *testing.T) {
	h := hookstest.New(t)
	save(t, h.App, "attacks", hookstest.ID("cleosattack"), map[string]any{"patient": hookstest.ID("cleo"), "started_at": "2026-01-10 11:00:00.000Z"})
	foreign := []string{"patients/" + hookstest.ID("cleo"), "attacks/" + hookstest.ID("cleosattack"), "attacks/nosuchattack000", of("attacks", "cleo"),
		"practitioners/" + hookstest.ID("thera"), "practitioners/*", "users/*", "audit_events/*", "attacks", "*", of("attacks", "anna' || '1'='1"), "tasks/*"}
	anna := listen(t, h, "anna", append([]string{"attacks/*"}, foreign...)...)
	var want []string
	for _, name := range foreign {
		topic, _, _ := strings.Cut(name, "?")
		want = append(want, topic+" revoked")
	}
	anna.hears(want...)
	stranger := listen(t, h, "", "attacks/*", "patients/"+annas)
	stranger.hears("attacks/* revoked", "patients/"+annas+" revoked")
	tess := listen(t, h, "tess", "attacks/*", of("diary_days", "anna"))
	desk := listen(t, h, "desk", of("visits", "anna"), of("attacks", "anna"))
	desk.hears("attacks/* revoked")

	save(t, h.App, "attacks", hookstest.ID("tesssattack"), map[string]any{"patient": hookstest.ID("tess"), "started_at": "2026-01-10 11:00:00.000Z"})
	save(t, h.App, "attacks", hookstest.ID("annasattack"), map[string]any{"patient": annas, "started_at": "2026-01-10 11:00:00.000Z"})
	save(t, h.App, "diary_days", annas+"20260105", map[string]any{"patient": annas, "day": "2026-01-05"})
	save(t, h.App, "visits", hookstest.ID("visit"), map[string]any{"patient": annas, "kind": "treatment", "mode": "video", "status": "scheduled"})
	anna.hears("attacks/* create attacks/" + hookstest.ID("annasattack"))
	tess.hears("attacks/* create attacks/"+hookstest.ID("tesssattack"), "diary_days/* create diary_days/"+annas+"20260105")
	desk.hears("visits/* create visits/" + hookstest.ID("visit"))
}

// When a right ends, its topics say so and nothing more; the others stay alive.
func TestStreamWhenARightEnds(t *testing.T) {
	caseload, annasTopic := "practitioners/"+hookstest.ID("thera"), "patients/"+annas
	for _, c := range []struct {
		name    string
		end     func(*testing.T, *hookstest.House)
		revoked []string
	}{
		{"a care link", func(t *testing.T, h *hookstest.House) {
			link, err := h.App.FindRecordById("care_links", linkOf(t, h, "thera", "anna"))
			check(t, err)
			link.Set("until", "2026-01-20 10:00:00.000Z")
			check(t, h.App.Save(link))
		}, []string{annasTopic, "attacks/*"}},
		{"a care link, by raw SQL", func(t *testing.T, h *hookstest.House) {
			runSQL(t, h.App, "UPDATE care_links SET until='2026-01-20 10:00:00.000Z' WHERE until='' AND patient='"+annas+"'")
		}, []string{annasTopic, "attacks/*"}},
		{"consent to a family with no row yet", func(t *testing.T, h *hookstest.House) {
			runSQL(t, h.App, "UPDATE consents SET state='withdrawn' WHERE family='diary' AND patient='"+annas+"'")
		}, []string{"attacks/*"}},
		{"the role", func(t *testing.T, h *hookstest.House) {
			a := h.Do("admin", "PATCH", "/api/collections/practitioners/records/"+hookstest.ID("thera"), map[string]any{"active": false})
			if a.Status != 200 {
				t.Fatal(a.Text)
			}
		}, []string{annasTopic, "attacks/*", caseload, "patients/" + hookstest.ID("bo")}},
		{"the password", func(t *testing.T, h *hookstest.House) {
			user, err := h.App.FindRecordById("users", hookstest.ID("thera"))
			check(t, err)
			user.SetPassword("another password")
			check(t, h.App.Save(user))
		}, []string{annasTopic, "attacks/*", caseload, "patients/" + hookstest.ID("bo")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := hookstest.New(t)
			save(t, h.App, "care_links", "", map[string]any{"patient": hookstest.ID("bo"), "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-20 10:00:00.000Z"})
			thera := listen(t, h, "thera", annasTopic, of("attacks", "anna"), caseload, "patients/"+hookstest.ID("bo"))
			anna := listen(t, h, "anna", "attacks/*")
			c.end(t, h)
			save(t, h.App, "attacks", oneAttack, map[string]any{"patient": annas, "started_at": "2026-01-20 10:00:00.000Z"})
			anna.hears("attacks/* create attacks/" + oneAttack)
			told := map[string]bool{}
			for len(told) < len(c.revoked) {
				if m := thera.next(); m.data["action"] == "revoked" {
					topic, _, _ := strings.Cut(m.name, "?")
					told[topic] = true
				} else if strings.Contains(m.String(), oneAttack) {
					t.Fatalf("after the end she hears %v", m)
				}
			}
			for _, name := range c.revoked {
				if !told[name] {
					t.Errorf("%s was not told, but %v", name, told)
				}
			}
			if slices.Contains(c.revoked, "patients/"+hookstest.ID("bo")) {
				return
			}
			save(t, h.App, "attacks", "attackofbo00001", map[string]any{"patient": hookstest.ID("bo"), "started_at": "2026-01-20 10:00:00.000Z"})
			for {
				m := thera.next()
				if strings.Contains(m.String(), oneAttack) {
					t.Fatalf("after the end she hears %v", m)
				}
				if m.String() == "patients/"+hookstest.ID("bo")+" create attacks/attackofbo00001" {
					return
				}
			}
		})
	}
}

// A right that ends while somebody subscribes to it is not overlooked.
func TestStreamWhenARightEndsMeanwhile(t *testing.T) {
	h := hookstest.New(t)
	for i := range 15 {
		link := save(t, h.App, "care_links", "", map[string]any{"patient": hookstest.ID("bo"), "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-20 10:00:00.000Z"})
		thera := listen(t, h, "thera")
		var group sync.WaitGroup
		group.Go(func() { thera.subscribe("patients/"+hookstest.ID("bo"), "patients/"+annas) })
		group.Go(func() {
			now, err := h.App.FindRecordById("care_links", link.Id)
			check(t, err)
			now.Set("until", "2026-01-20 10:00:00.000Z")
			check(t, h.App.Save(now))
		})
		group.Wait()
		thera.hears("patients/" + hookstest.ID("bo") + " revoked")
		for _, who := range []string{"bo", "anna"} {
			save(t, h.App, "attacks", fmt.Sprintf("attackof%s%07d", who, i), map[string]any{"patient": hookstest.ID(who), "started_at": "2026-01-20 10:00:00.000Z"})
		}
		if m := thera.next(); !strings.HasPrefix(m.String(), "patients/"+annas) {
			t.Fatalf("she hears %v", m)
		}
		thera.hangUp()
	}
}

// Raw SQL runs no hooks, and pokes within a second.
// What the database could not answer is no right that ended: the stream ends, and the client asks again.
func TestStreamOfABrokenDatabase(t *testing.T) {
	h := hookstest.New(t)
	l := listen(t, h, "anna", "patients/"+annas)
	anna, err := h.App.FindRecordById("users", annas)
	check(t, err)
	anna.Set("name", "Anna B.")
	away(t, h, "care_links", func() hookstest.Answer { check(t, h.App.Save(anna)); return hookstest.Answer{} })
	for m := range l.messages {
		if m.data["action"] == "revoked" {
			t.Errorf("it says %v", m)
		}
	}
}

func TestStreamOfRawSQL(t *testing.T) {
	h := hookstest.New(t)
	save(t, h.App, "attacks", oneAttack, map[string]any{"patient": annas, "started_at": "2026-01-20 10:00:00.000Z"})
	anna := listen(t, h, "anna", "attacks/"+oneAttack)
	for anna.quiet() { // the poke of the creation may be under way
	}
	began := time.Now()
	runSQL(t, h.App, "UPDATE attacks SET note='by hand' WHERE id='"+oneAttack+"'")
	anna.hears("attacks/" + oneAttack + " update attacks/" + oneAttack)
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %s", took)
	}
}

// quiet takes a message that is there already.
func (l *listener) quiet() bool {
	select {
	case <-l.messages:
		return true
	default:
		return false
	}
}

// The caseload hears that the list itself has changed.
func TestStreamOfANewPatient(t *testing.T) {
	h := hookstest.New(t)
	caseload := "practitioners/" + hookstest.ID("thera")
	thera := listen(t, h, "thera", caseload)
	save(t, h.App, "care_links", "", map[string]any{"patient": hookstest.ID("bo"), "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-20 10:00:00.000Z"})
	thera.hears(caseload + " update practitioners/" + hookstest.ID("thera"))
	save(t, h.App, "attacks", oneAttack, map[string]any{"patient": hookstest.ID("bo"), "started_at": "2026-01-20 10:00:00.000Z"})
	thera.hears(caseload + " create attacks/" + oneAttack)
}

// A superuser's subscriptions stay PocketBase's own.
func TestStreamOfASuperuser(t *testing.T) {
	h := hookstest.New(t)
	root := listen(t, h, "root", "attacks/*")
	save(t, h.App, "attacks", oneAttack, map[string]any{"patient": annas, "started_at": "2026-01-20 10:00:00.000Z"})
	m := root.next()
	if m.name != "attacks/*" || m.data["record"].(map[string]any)["started_at"] != "2026-01-20 10:00:00.000Z" {
		t.Errorf("root hears %v", m)
	}
}

// inside subscribes a client that has no stream: whoever takes its channel is the phone.
func inside(t testing.TB, app core.App, who string, topics ...string) subscriptions.Client {
	t.Helper()
	user, err := app.FindRecordById("users", who)
	check(t, err)
	client := subscriptions.NewDefaultClient()
	event := &core.RealtimeSubscribeRequestEvent{RequestEvent: &core.RequestEvent{App: app, Auth: user}, Client: client, Subscriptions: topics}
	check(t, app.OnRealtimeSubscribeRequest().Trigger(event, func(*core.RealtimeSubscribeRequestEvent) error { return nil }))
	return client
}

// A phone that takes nothing costs one goroutine, and gets the newest of each row when it wakes up.
func TestStreamOfAStuckPhone(t *testing.T) {
	h := hookstest.New(t)
	stuck := inside(t, h.App, annas, "attacks/*")
	defer stuck.Discard()
	live := listen(t, h, "anna", "attacks/*")
	for i := range 3 {
		save(t, h.App, "attacks", fmt.Sprintf("attackofanna00%d", i), map[string]any{"patient": annas, "started_at": "2026-01-20 10:00:00.000Z"})
	}
	live.hears("attacks/* create attacks/attackofanna000", "attacks/* create attacks/attackofanna001", "attacks/* create attacks/attackofanna002")
	before := runtime.NumGoroutine()
	for i := range 200 {
		runSQL(t, h.App, fmt.Sprintf("UPDATE attacks SET note='%d' WHERE id='attackofanna00%d'", i, i%3))
	}
	save(t, h.App, "attacks", "attackofanna003", map[string]any{"patient": annas, "started_at": "2026-01-20 10:00:00.000Z"})
	for live.next().String() != "attacks/* create attacks/attackofanna003" {
	}
	if grown := runtime.NumGoroutine() - before; grown > 20 {
		t.Errorf("%d more goroutines", grown)
	}
	heard := map[string]string{}
	messages := 0
	for len(heard) < 4 {
		select {
		case m := <-stuck.Channel():
			var p struct{ Record struct{ ID, Rev string } }
			check(t, json.Unmarshal(m.Data, &p))
			heard[p.Record.ID] = p.Record.Rev
			messages++
		case <-time.After(5 * time.Second):
			t.Fatalf("it heard only %v", heard)
		}
	}
	for id, rev := range heard {
		var seq int64
		check(t, h.App.DB().Select("seq").From("sync_log").Where(dbx.HashExp{"doc": id}).Row(&seq))
		if !strings.HasSuffix(rev, fmt.Sprint(":", seq)) && messages > 5 {
			t.Errorf("%s: heard %s, is %d", id, rev, seq)
		}
	}
	if messages > 8 {
		t.Errorf("%d messages about four rows", messages)
	}
}

// The cost of a write with ever more people connected, each following the own diary; the ratio
// to ten of them is in the last column.
func BenchmarkWritePokes(b *testing.B) {
	h := hookstest.New(b)
	attack := save(b, h.App, "attacks", oneAttack, map[string]any{"patient": annas, "started_at": "2026-01-20 10:00:00.000Z"})
	anna := inside(b, h.App, annas, "attacks/*", "patients/"+annas)
	defer anna.Discard()
	connected := 1
	var ten float64
	for _, k := range []int{10, 1000, 9000} {
		check(b, h.App.RunInTransaction(func(tx core.App) error {
			for i := connected; i < k; i++ {
				id := fmt.Sprintf("listener%07d", i)
				runSQL(b, tx, "INSERT INTO patients(id, clinic, name, timezone) VALUES('"+id+"', '"+hookstest.ID("north")+"', 'P', 'Europe/Berlin')")
				runSQL(b, tx, "INSERT INTO users(id, email, patient, tokenKey, password) VALUES('"+id+"', '"+id+"@x.test', '"+id+"', 'key"+id+"', 'x')")
			}
			return nil
		}))
		for ; connected < k; connected++ {
			id := fmt.Sprintf("listener%07d", connected)
			defer inside(b, h.App, id, "attacks/*", "patients/"+id).Discard()
		}
		b.Run(fmt.Sprint(k), func(b *testing.B) {
			began, writes := time.Now(), 0
			for b.Loop() {
				writes++
				now, err := h.App.FindRecordById("attacks", attack.Id)
				check(b, err)
				now.Set("note", fmt.Sprint(k, writes))
				check(b, h.App.Save(now))
				<-anna.Channel()
				<-anna.Channel()
			}
			each := float64(time.Since(began)) / float64(writes)
			if k == 10 {
				ten = each
			}
			b.ReportMetric(each/ten, "x-ten")
		})
	}
}

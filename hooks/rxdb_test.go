package hooks_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"interictal/hooks/hookstest"
)

// rxdbPush sends rows as RxDB does.
func rxdbPush(t testing.TB, h *hookstest.House, who, collection string, n int, rows any) (conflicts []map[string]any, a hookstest.Answer, ack string) {
	t.Helper()
	return rxdbPushSeen(t, h, who, collection, n, rows, "")
}

// rxdbPushSeen also says how far the device has pulled.
func rxdbPushSeen(t testing.TB, h *hookstest.House, who, collection string, n int, rows any, seen string) (conflicts []map[string]any, a hookstest.Answer, ack string) {
	t.Helper()
	body, err := json.Marshal(rows)
	check(t, err)
	request, err := http.NewRequest("POST", h.URL+"/api/sync/rxdb/"+collection+"/push", bytes.NewReader(body))
	check(t, err)
	request.Header.Set("Authorization", h.Token(who))
	request.Header.Set("X-Device-Id", "rxdb-of-"+who)
	request.Header.Set("X-Push-No", fmt.Sprint(n))
	request.Header.Set("X-Sync-Seen", seen)
	response, err := http.DefaultClient.Do(request)
	check(t, err)
	defer response.Body.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(response.Body)
	check(t, err)
	a = hookstest.Answer{Status: response.StatusCode, Text: text.String()}
	if a.Status == 200 {
		check(t, json.Unmarshal(text.Bytes(), &conflicts))
	}
	return conflicts, a, response.Header.Get("X-Sync-Ack")
}

// row is one changed document; assumed nil: made here.
func rxdbRow(assumed map[string]any, state map[string]any) map[string]any {
	return map[string]any{"assumedMasterState": assumed, "newDocumentState": state}
}

func rxdbPull(t testing.TB, h *hookstest.House, who, collection, query string) (docs []map[string]any, checkpoint map[string]any) {
	t.Helper()
	a := h.Do(who, "GET", "/api/sync/rxdb/"+collection+"/pull?"+query, nil)
	if a.Status != 200 {
		t.Fatalf("%s pulls: %d %s", who, a.Status, a.Text)
	}
	for _, d := range a.Body["documents"].([]any) {
		docs = append(docs, d.(map[string]any))
	}
	return docs, a.Body["checkpoint"].(map[string]any)
}

func rxdbAttack(id, note string) map[string]any {
	return map[string]any{"id": id, "patient": annas, "started_at": "2026-01-20 10:00:00.000Z", "note": note, "_deleted": false}
}

func TestRxdbPagesAreFullAndComplete(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	var rows []any
	for i := range 7 {
		rows = append(rows, rxdbRow(nil, rxdbAttack(fmt.Sprintf("attackofanna%03d", i), "x")))
	}
	if conflicts, a, _ := rxdbPush(t, h, "anna", "attacks", 1, rows); a.Status != 200 || len(conflicts) != 0 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	for limit := 1; limit <= 8; limit++ {
		var ids []string
		query := ""
		for {
			docs, checkpoint := rxdbPull(t, h, "anna", "attacks", fmt.Sprintf("limit=%d%s", limit, query))
			for _, d := range docs {
				ids = append(ids, d["id"].(string))
			}
			query = fmt.Sprintf("&epoch=%v&seq=%.0f", checkpoint["epoch"], checkpoint["seq"])
			if len(docs) < limit {
				break
			}
		}
		slices.Sort(ids)
		if len(ids) != 7 || len(slices.Compact(ids)) != 7 {
			t.Errorf("pages of %d give %v", limit, ids)
		}
	}
	if docs, checkpoint := rxdbPull(t, h, "bo", "attacks", ""); len(docs) != 0 || checkpoint["epoch"] == "" {
		t.Errorf("somebody else pulls %v %v", docs, checkpoint)
	}
}

// An equal document makes no new version, so that nobody's echo is anybody's news.
func TestRxdbAnEchoIsSilent(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	made := rxdbAttack(oneAttack, "x")
	_, _, first := rxdbPush(t, h, "anna", "attacks", 1, []any{rxdbRow(nil, made)})
	again, _, second := rxdbPush(t, h, "anna", "attacks", 2, []any{rxdbRow(nil, made)}) // the answer got lost
	if len(again) != 1 || again[0]["rev"] == "" || second != first {
		t.Fatalf("told again it learns the version: %v; %s, then %s", again, first, second)
	}
	resolved, _, third := rxdbPush(t, h, "anna", "attacks", 3, []any{rxdbRow(again[0], again[0])})
	if len(resolved) != 0 || third != first {
		t.Errorf("the document it took, sent back: %v; %s, then %s", resolved, first, third)
	}
	if docs, _ := rxdbPull(t, h, "anna", "attacks", ""); len(docs) != 1 || docs[0]["rev"] != again[0]["rev"] {
		t.Errorf("it pulls %v", docs)
	}
}

// A document that was refused and then deleted, by one push: what the device takes is the end of it.
func TestRxdbARefusedDocumentThatIsDeletedAfterIt(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	rxdbPush(t, h, "anna", "attacks", 1, []any{rxdbRow(nil, rxdbAttack(oneAttack, "x"))})
	docs, _ := rxdbPull(t, h, "anna", "attacks", "")
	bad, gone := maps.Clone(docs[0]), maps.Clone(docs[0])
	bad["ended_at"], gone["_deleted"] = "2026-01-20 09:00:00.000Z", true
	conflicts, a, _ := rxdbPush(t, h, "anna", "attacks", 2, []any{rxdbRow(docs[0], bad), rxdbRow(docs[0], gone)})
	if a.Status != 200 || len(conflicts) != 1 || conflicts[0] == nil || conflicts[0]["_deleted"] != true {
		t.Errorf("%d %s", a.Status, a.Text)
	}
}

// One document that the server refuses is kept and does not stop the others.
func TestRxdbARefusedDocumentIsKept(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	bad := rxdbAttack("attackofanna002", "a word")
	bad["ended_at"] = "2026-01-20 09:00:00.000Z"
	worse := rxdbAttack("NotAnId", "another word")
	conflicts, a, _ := rxdbPush(t, h, "anna", "attacks", 1, []any{rxdbRow(nil, bad), rxdbRow(nil, worse), rxdbRow(nil, rxdbAttack(oneAttack, "good"))})
	if a.Status != 200 || len(conflicts) != 2 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	for i, id := range []string{"attackofanna002", "NotAnId"} {
		if conflicts[i]["id"] != id || conflicts[i]["_deleted"] != true || conflicts[i]["note"] != "" {
			t.Errorf("the device takes %v", conflicts[i])
		}
	}
	kept := h.Do("anna", "GET", "/api/sync/conflicts", nil)
	for _, word := range []string{"a word", "another word", "E_END_BEFORE_START", "E_ID"} {
		if !strings.Contains(kept.Text, word) {
			t.Errorf("%q is not kept: %s", word, kept.Text)
		}
	}
	if docs, _ := rxdbPull(t, h, "anna", "attacks", ""); len(docs) != 1 || docs[0]["note"] != "good" {
		t.Errorf("stored is %v", docs)
	}
}

// What a device deletes and makes again is there again.
func TestRxdbADeletedDocumentCanBeMadeAgain(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	rxdbPush(t, h, "anna", "attacks", 1, []any{rxdbRow(nil, rxdbAttack(oneAttack, "once"))})
	docs, _ := rxdbPull(t, h, "anna", "attacks", "")
	gone := rxdbAttack(oneAttack, "once")
	gone["rev"], gone["_deleted"] = docs[0]["rev"], true
	if conflicts, _, _ := rxdbPush(t, h, "anna", "attacks", 2, []any{rxdbRow(docs[0], gone)}); len(conflicts) != 0 {
		t.Fatalf("the delete is answered with %v", conflicts)
	}
	tombstone, _ := rxdbPull(t, h, "anna", "attacks", "")
	if len(tombstone) != 1 || tombstone[0]["_deleted"] != true || tombstone[0]["note"] != "" {
		t.Fatalf("the tombstone is %v", tombstone)
	}
	rxdbPush(t, h, "anna", "attacks", 3, []any{rxdbRow(tombstone[0], rxdbAttack(oneAttack, "again"))})
	if docs, _ := rxdbPull(t, h, "anna", "attacks", ""); len(docs) != 1 || docs[0]["note"] != "again" || docs[0]["_deleted"] != false {
		t.Errorf("it is %v", docs)
	}
}

// A row below a deleted one that the device has not seen keeps it alive.
func TestRxdbADeleteSparesWhatTheDeviceHasNotSeen(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	_, _, before := rxdbPush(t, h, "anna", "attacks", 1, []any{rxdbRow(nil, rxdbAttack(oneAttack, "x"))})
	docs, _ := rxdbPull(t, h, "anna", "attacks", "")
	h.Do("thera", "POST", "/api/collections/attack_readings/records", map[string]any{"patient": annas, "attack": oneAttack, "at": "2026-01-20 11:00:00.000Z", "nrs": 5})
	gone := map[string]any{"id": oneAttack, "patient": annas, "rev": docs[0]["rev"], "_deleted": true}
	for i, seen := range []string{"", "nonsense", "lost:99999", before} {
		if conflicts, _, _ := rxdbPushSeen(t, h, "anna", "attacks", 2+i, []any{rxdbRow(docs[0], gone)}, seen); len(conflicts) != 1 || conflicts[0]["_deleted"] != false {
			t.Errorf("seen up to %q, it takes %v", seen, conflicts)
		}
	}
	_, at := rxdbPull(t, h, "anna", "attack_readings", "")
	now := fmt.Sprintf("%v:%.0f", at["epoch"], at["seq"])
	if conflicts, _, _ := rxdbPushSeen(t, h, "anna", "attacks", 9, []any{rxdbRow(docs[0], gone)}, now); len(conflicts) != 0 {
		t.Errorf("seen all, it takes %v", conflicts)
	}
}

func TestRxdbRequestsThatAreRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	ready := h.Do("", "GET", "/api/health/ready", nil).Body
	now := fmt.Sprintf("epoch=%v&seq=%v", ready["epoch"], ready["seq"])
	for _, c := range []struct {
		path, code string
		status     int
	}{
		{"attacks/pull?" + now, "", 200},
		{"attacks/pull?epoch=&seq=", "", 200},
		{"attacks/pull?epoch=lost&seq=5", "E_SYNC_RESET", 409},
		{fmt.Sprintf("attacks/pull?epoch=%v&seq=99999999", ready["epoch"]), "E_SYNC_RESET", 409},
		{fmt.Sprintf("attacks/pull?epoch=%v&seq=x", ready["epoch"]), "E_SYNC_RESET", 409},
		{fmt.Sprintf("attacks/pull?epoch=%v", ready["epoch"]), "E_SYNC_RESET", 409},
		{"attacks/pull?ack=lost:5", "E_SYNC_RESET", 409},
		{"attacks/pull?ack=nonsense", "E_SYNC_RESET", 409},
		{"attacks/pull?schema=1", "", 200},
		{"attacks/pull?schema=0", "E_SCHEMA", 426},
		{"attacks/pull?limit=0", "E_LIMIT", 400},
		{"attacks/pull?limit=1001", "E_LIMIT", 400},
		{"attacks/pull?as=admin", "E_CAPACITY", 400},
		{"tasks/pull", "E_COLLECTION", 404},
		{"nothing/pull", "E_COLLECTION", 404},
		{"stream?as=admin", "E_CAPACITY", 400},
	} {
		a := h.Do("anna", "GET", "/api/sync/rxdb/"+c.path, nil)
		if a.Status != c.status || c.code != "" && !a.Has(c.code) {
			t.Errorf("%s: %d %s", c.path, a.Status, a.Text)
		}
	}
	for name, rows := range map[string]any{"no list": map[string]any{}, "no row": []any{map[string]any{}}, "not JSON": nil} {
		if _, a, _ := rxdbPush(t, h, "anna", "attacks", 1, rows); a.Status != 400 && name != "not JSON" {
			t.Errorf("%s: %d %s", name, a.Status, a.Text)
		}
	}
	if _, a, _ := rxdbPush(t, h, "anna", "attacks", 0, []any{}); a.Status != 400 || !strings.Contains(a.Text, "E_NUMBER") {
		t.Errorf("without a number: %d %s", a.Status, a.Text)
	}
	if _, a, _ := rxdbPush(t, h, "anna", "attacks", 1, make([]any, 1001)); a.Status != 413 {
		t.Errorf("too many rows: %d %s", a.Status, a.Text)
	}
	if _, a, _ := rxdbPush(t, h, "anna", "tasks", 1, []any{}); a.Status != 404 {
		t.Errorf("a collection that is not synced: %d %s", a.Status, a.Text)
	}
}

// A backup is put back. The device is told, offers what it has, and nothing it knows is lost.
func TestRxdbARestoredBackup(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	rxdbPush(t, h, "anna", "attacks", 1, []any{rxdbRow(nil, rxdbAttack(oneAttack, "before"))})
	old, _ := rxdbPull(t, h, "anna", "attacks", "")
	backup := h.Backup()
	edit := rxdbAttack(oneAttack, "after")
	edit["rev"] = old[0]["rev"]
	_, _, ack := rxdbPush(t, h, "anna", "attacks", 2, []any{rxdbRow(old[0], edit), rxdbRow(nil, rxdbAttack("attackofanna002", "new"))})
	docs, checkpoint := rxdbPull(t, h, "anna", "attacks", "")
	r := h.Restored(backup)
	for _, position := range []string{"ack=" + ack, fmt.Sprintf("epoch=%v&seq=%v", checkpoint["epoch"], checkpoint["seq"])} {
		if a := r.Do("anna", "GET", "/api/sync/rxdb/attacks/pull?"+position, nil); a.Status != 409 || !a.Has("E_SYNC_RESET") {
			t.Errorf("%s: %d %s", position, a.Status, a.Text)
		}
	}
	if a := r.Do("anna", "POST", "/api/sync/rxdb-server/attacks/1/push?ack="+ack, []any{}); a.Status != 409 {
		t.Errorf("a push that says what was lost: %d %s", a.Status, a.Text)
	}
	var rows []any
	for _, d := range docs {
		rows = append(rows, rxdbRow(nil, d))
	}
	if _, a, _ := rxdbPush(t, r, "anna", "attacks", 3, rows); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	docs, _ = rxdbPull(t, r, "anna", "attacks", "")
	if len(docs) != 2 || docs[0]["note"] != "after" || docs[1]["note"] != "new" {
		t.Errorf("the server has %v", docs)
	}
}

// rxdbEvents opens a stream and reads it; a nil event is its end.
func rxdbEvents(t testing.TB, h *hookstest.House, token, path string) (status int, next func() *message) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", h.URL+"/api/sync/"+path, nil)
	check(t, err)
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	response, err := http.DefaultClient.Do(request)
	check(t, err)
	t.Cleanup(func() { response.Body.Close() })
	events := make(chan *message, 100)
	go func() {
		defer close(events)
		m := message{}
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			switch field, value, _ := strings.Cut(lines.Text(), ":"); field {
			case "event":
				m.name = strings.TrimSpace(value)
			case "data":
				_ = json.Unmarshal([]byte(value), &m.data)
			case "":
				if said := m; said.data != nil {
					events <- &said
				}
				m = message{}
			}
		}
	}()
	return response.StatusCode, func() *message {
		t.Helper()
		select {
		case m := <-events:
			return m
		case <-time.After(5 * time.Second):
			t.Fatal("the stream says nothing")
			return nil
		}
	}
}

func TestRxdbStreamSaysThatThereIsNewsAndNotWhat(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	_, anna := rxdbEvents(t, h, h.Token("anna"), "rxdb/stream")
	_, thera := rxdbEvents(t, h, h.Token("thera"), "rxdb/stream?as=staff")
	_, bo := rxdbEvents(t, h, h.Token("bo"), "rxdb/stream")
	for _, one := range []func() *message{anna, thera, bo} {
		if hello := one(); hello.name != "hello" || hello.data["epoch"] == "" || hello.data["seq"].(float64) < 1 {
			t.Fatalf("it begins with %v", hello)
		}
	}
	rxdbPush(t, h, "anna", "attacks", 1, []any{rxdbRow(nil, rxdbAttack(oneAttack, "a secret"))})
	for _, one := range []func() *message{anna, thera} {
		if m := one(); m.name != "resync" || fmt.Sprint(m.data) != "map[collections:[attacks]]" {
			t.Errorf("it hears %v", m)
		}
	}
	save(t, h.App, "attacks", "attackofbo00001", map[string]any{"patient": hookstest.ID("bo"), "started_at": "2026-01-20 10:00:00.000Z"})
	if m := bo(); fmt.Sprint(m.data) != "map[collections:[attacks]]" { // the first word he hears is of his own
		t.Errorf("bo hears %v", m)
	}
	// a new patient of hers may bring news in every collection
	save(t, h.App, "care_links", "", map[string]any{"patient": hookstest.ID("bo"), "member": hookstest.ID("thera"), "role": "therapist", "from": "2026-01-20 10:00:00.000Z"})
	if m := thera(); m.name != "resync" || len(m.data["collections"].([]any)) < 10 {
		t.Errorf("thera hears %v", m)
	}
}

func TestRxdbStreamEndsWithTheSession(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	_, anna := rxdbEvents(t, h, h.Token("anna"), "rxdb/stream")
	_, server := rxdbEvents(t, h, h.Token("anna"), "rxdb-server/attacks/1/pullStream")
	anna()
	user, err := h.App.FindRecordById("users", annas)
	check(t, err)
	user.SetPassword("another password")
	check(t, h.App.Save(user))
	save(t, h.App, "attacks", oneAttack, map[string]any{"patient": annas, "started_at": "2026-01-20 10:00:00.000Z"})
	if m := anna(); m != nil {
		t.Errorf("after the end she hears %v", m)
	}
	if m := server(); m != nil {
		t.Errorf("after the end she is sent %v", m)
	}
}

func TestRxdbATicketOpensOneStream(t *testing.T) {
	t.Parallel()
	h := hookstest.NewDev(t, "127.0.0.1:8090")
	ticket := func() string {
		return h.Do("anna", "POST", "/api/sync/rxdb/ticket", nil).Body["ticket"].(string)
	}
	one := ticket()
	status, anna := rxdbEvents(t, h, "", "rxdb/stream?ticket="+one)
	if status != 200 || anna().name != "hello" {
		t.Fatalf("with a ticket: %d", status)
	}
	rxdbPush(t, h, "anna", "attacks", 1, []any{rxdbRow(nil, rxdbAttack(oneAttack, "x"))})
	if m := anna(); m.name != "resync" {
		t.Errorf("it hears %v", m)
	}
	refused := func(why, ticket string) {
		t.Helper()
		if a := h.Do("", "GET", "/api/sync/rxdb/stream?ticket="+ticket, nil); a.Status != 401 {
			t.Errorf("%s: %d", why, a.Status)
		}
	}
	refused("used twice", one)
	refused("made up", "x")
	late := ticket()
	h.Do("root", "POST", "/api/dev/clock", map[string]any{"now": time.Now().Add(time.Minute)})
	refused("too late", late)
	ended := ticket()
	user, err := h.App.FindRecordById("users", annas)
	check(t, err)
	user.RefreshTokenKey()
	check(t, h.App.Save(user))
	refused("after the session", ended)
}

// The stock client of rxdb-server knows three refusals, and `error`; a position that is not ours starts over.
func TestRxdbServerSpeaksToTheStockClient(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	path := "/api/sync/rxdb-server/attacks/1/"
	made := h.Do("anna", "POST", path+"push", []any{rxdbRow(nil, rxdbAttack(oneAttack, "x"))})
	if made.Status != 200 || strings.TrimSpace(made.Text) != "[]" {
		t.Fatalf("%d %s", made.Status, made.Text)
	}
	for _, position := range []string{"", "?id=&lwt=0&limit=10", "?id=lost&lwt=77", "?id=x&lwt=x"} {
		a := h.Do("anna", "GET", path+"pull"+position, nil)
		if docs, ok := a.Body["documents"].([]any); !ok || len(docs) != 1 {
			t.Errorf("pull%s: %d %s", position, a.Status, a.Text)
		}
	}
	at := h.Do("anna", "GET", path+"pull", nil).Body["checkpoint"].(map[string]any)
	next := h.Do("anna", "GET", fmt.Sprintf("%spull?id=%v&lwt=%v", path, at["id"], at["lwt"]), nil)
	if len(next.Body["documents"].([]any)) != 0 {
		t.Errorf("from there on: %s", next.Text)
	}
	if a := h.Do("anna", "GET", "/api/sync/rxdb-server/attacks/0/pull", nil); a.Status != 426 {
		t.Errorf("another version: %d", a.Status)
	}
	for _, c := range []string{"tasks/1/pull", "attacks/1/pull?limit=0", "attacks/1/pull?as=admin"} {
		if a := h.Do("anna", "GET", "/api/sync/rxdb-server/"+c, nil); a.Status < 400 || a.Body["error"] != true {
			t.Errorf("%s: %d %s", c, a.Status, a.Text)
		}
	}
	if a := h.Do("anna", "POST", path+"push", map[string]any{}); a.Status != 400 || a.Body["error"] != true {
		t.Errorf("no rows: %d %s", a.Status, a.Text)
	}
	_, stream := rxdbEvents(t, h, h.Token("anna"), "rxdb-server/attacks/1/pullStream")
	h.Do("anna", "POST", path+"push", []any{rxdbRow(nil, rxdbAttack("attackofanna002", "y"))})
	m := stream()
	if docs := m.data["documents"].([]any); len(docs) != 1 || docs[0].(map[string]any)["note"] != "y" || m.data["checkpoint"].(map[string]any)["id"] != at["id"] {
		t.Errorf("the stream says %v", m)
	}
}

// Two phones that give no name are never taken for one: the second one's old copy does not undo the first one's words.
func TestRxdbServerKeepsUnnamedPhonesApart(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	path := "/api/sync/rxdb-server/attacks/1/"
	h.Do("anna", "POST", path+"push", []any{rxdbRow(nil, rxdbAttack(oneAttack, "x"))})
	docs, _ := rxdbPull(t, h, "anna", "attacks", "")
	change := func(field string, value any) map[string]any {
		next := rxdbAttack(oneAttack, "x")
		next["rev"], next[field] = docs[0]["rev"], value
		return rxdbRow(docs[0], next)
	}
	h.Do("anna", "POST", path+"push", []any{change("note", "of the first")})
	h.Do("anna", "POST", path+"push", []any{change("peak_nrs", 7)})
	docs, _ = rxdbPull(t, h, "anna", "attacks", "")
	if docs[0]["note"] != "of the first" || docs[0]["peak_nrs"] != 7.0 {
		t.Errorf("together they say %v", docs[0])
	}
}

// rxdbAnswers are real answers for the examples of docs/api.md.
func rxdbAnswers(t *testing.T, h *hookstest.House, examples map[string]any) map[string]hookstest.Answer {
	t.Helper()
	event := func(m *message) hookstest.Answer {
		text, err := json.Marshal(m.data)
		check(t, err)
		return hookstest.Answer{Status: 200, Body: m.data, Text: string(text)}
	}
	_, hints := rxdbEvents(t, h, h.Token("ada"), "rxdb/stream")
	_, stock := rxdbEvents(t, h, h.Token("ada"), "rxdb-server/triggers/1/pullStream")
	rows := examples["POST /api/sync/rxdb/{collection}/push request"]
	_, pushed, _ := rxdbPush(t, h, "ada", "triggers", 1, rows)
	return map[string]hookstest.Answer{
		"POST /api/sync/rxdb/{collection}/push":                       pushed,
		"GET /api/sync/rxdb/{collection}/pull":                        h.Do("ada", "GET", "/api/sync/rxdb/triggers/pull?schema=1", nil),
		"POST /api/sync/rxdb/ticket":                                  h.Do("ada", "POST", "/api/sync/rxdb/ticket", nil),
		"GET /api/sync/rxdb/stream":                                   event(hints()),
		"GET /api/sync/rxdb-server/{collection}/{version}/pull":       h.Do("ada", "GET", "/api/sync/rxdb-server/triggers/1/pull", nil),
		"POST /api/sync/rxdb-server/{collection}/{version}/push":      h.Do("ada", "POST", "/api/sync/rxdb-server/triggers/1/push", rows),
		"GET /api/sync/rxdb-server/{collection}/{version}/pullStream": event(stock()),
	}
}

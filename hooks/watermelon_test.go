package hooks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"interictal/hooks"
	"interictal/hooks/access"
	"interictal/hooks/devicesync"
	"interictal/hooks/hookstest"
	"interictal/hooks/outcomes"
)

// watermelonClient is what WatermelonDB's synchronize() keeps between two calls.
type watermelonClient struct {
	h       *hookstest.House
	who, as string
	at      string // last_pulled_at and epoch
	n       int
}

func (c *watermelonClient) url(path string) string {
	return "/api/sync/watermelon" + path + "?as=" + c.as + c.at
}

// pull moves the client on.
func (c *watermelonClient) pull(t testing.TB) map[string]any {
	t.Helper()
	a := c.h.Do(c.who, "GET", c.url(""), nil)
	if a.Status != 200 {
		t.Fatalf("%s pulls: %d %s", c.who, a.Status, a.Text)
	}
	c.at = fmt.Sprintf("&last_pulled_at=%.0f&epoch=%s", a.Body["timestamp"], a.Body["epoch"])
	return a.Body
}

func (c *watermelonClient) send(t testing.TB, path string, changes any) hookstest.Answer {
	t.Helper()
	c.n++
	return watermelonSend(t, c.h, c.who, "POST", c.url(path), map[string]string{"X-Device-Id": "melon-of-" + c.who, "X-Push-No": fmt.Sprint(c.n)}, changes)
}

func watermelonSend(t testing.TB, h *hookstest.House, who, method, path string, headers map[string]string, changes any) (a hookstest.Answer) {
	t.Helper()
	body, err := json.Marshal(changes)
	check(t, err)
	request, err := http.NewRequest(method, h.URL+path, bytes.NewReader(body))
	check(t, err)
	request.Header.Set("Authorization", h.Token(who))
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	check(t, err)
	defer response.Body.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(response.Body)
	check(t, err)
	check(t, json.Unmarshal(text.Bytes(), &a.Body))
	a.Status, a.Text = response.StatusCode, text.String()
	return a
}

// rows of one list of one table of a pull, by id.
func watermelonRows(news map[string]any, table, list string) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, row := range news["changes"].(map[string]any)[table].(map[string]any)[list].([]any) {
		if id, bare := row.(string); bare {
			out[id] = map[string]any{}
			continue
		}
		raw := row.(map[string]any)
		out[raw["id"].(string)] = raw
	}
	return out
}

type tables = map[string]any

func created(table string, raws ...map[string]any) tables {
	return tables{table: map[string]any{"created": raws}}
}
func updated(table string, raws ...map[string]any) tables {
	return tables{table: map[string]any{"updated": raws}}
}
func deleted(table string, rows ...any) tables {
	return tables{table: map[string]any{"deleted": rows}}
}

// verdictOf is the answer's word on its only row.
func verdictOf(t testing.TB, a hookstest.Answer) map[string]any {
	t.Helper()
	verdicts, _ := a.Body["verdicts"].([]any)
	if a.Status != 200 || len(verdicts) != 1 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	return verdicts[0].(map[string]any)
}

func TestWatermelonPullsOnceThenNews(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	everything(t, h, "anna")
	const gone = "attackofanna009"
	save(t, h.App, "attacks", gone, attackOf("anna", nil))
	h.Do("anna", "DELETE", "/api/collections/attacks/records/"+gone, nil)
	anna := &watermelonClient{h: h, who: "anna"}
	first := anna.pull(t)
	if first["reset"] != false || first["timestamp"].(float64) < 1 || len(first["revoked"].([]any)) != 0 {
		t.Errorf("the first pull is %v", first)
	}
	for _, p := range access.Synced() {
		if n := len(watermelonRows(first, p.Collection, "created")) + len(watermelonRows(first, p.Collection, "deleted")); n > 0 {
			t.Errorf("a new device is told of %d created or deleted %s", n, p.Collection)
		}
		if len(watermelonRows(first, p.Collection, "updated")) == 0 {
			t.Errorf("nothing of %s", p.Collection)
		}
	}
	const fresh = "attackofanna010"
	save(t, h.App, "attacks", fresh, attackOf("anna", nil))
	h.Do("anna", "PATCH", "/api/collections/attacks/records/"+fresh, map[string]any{"peak_nrs": 0, "nausea": false})
	news := anna.pull(t)
	rows := watermelonRows(news, "attacks", "updated")
	if len(rows) != 1 || rows[fresh]["peak_nrs"] != 0.0 || rows[fresh]["nausea"] != false || rows[fresh]["vomiting"] != nil || rows[fresh]["rev"] == nil {
		t.Errorf("the news is %v", rows)
	}
	h.Do("anna", "DELETE", "/api/collections/attacks/records/"+fresh, nil)
	if _, told := watermelonRows(anna.pull(t), "attacks", "deleted")[fresh]; !told {
		t.Error("a device that has rows is told what is deleted")
	}
	if again := anna.pull(t); strings.Contains(fmt.Sprint(again["changes"]), "anna") {
		t.Errorf("nothing is new, and it gets %v", again["changes"])
	}
	if all := h.Do("anna", "GET", anna.url("")+"&everything=1", nil); len(watermelonRows(all.Body, "attacks", "updated")) == 0 || len(watermelonRows(all.Body, "attacks", "deleted")) != 2 {
		t.Errorf("everything again, for an app with new columns, is %s", all.Text)
	}
}

// The client's columns hold scalars; what else there is does not travel. Nothing that a phone writes may be of that kind.
func TestWatermelonEveryFieldIsAScalar(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	for _, c := range h.Do("anna", "GET", "/api/sync/schema", nil).Body["collections"].([]any) {
		of := c.(map[string]any)
		if policy, _ := access.Of(of["collection"].(string)); !slices.Contains(policy.Write, access.Patient) {
			continue
		}
		for name, p := range of["jsonSchema"].(map[string]any)["properties"].(map[string]any) {
			kinds, several := p.(map[string]any)["type"].([]any)
			if !several {
				kinds = []any{p.(map[string]any)["type"]}
			}
			for _, kind := range kinds {
				if kind == "object" && devicesync.PolicyOf(of["collection"].(string), name) == devicesync.Each {
					continue // it travels as text
				}
				if kind == nil || kind == "object" || kind == "array" {
					t.Errorf("%s.%s is %v", of["collection"], name, kind)
				}
			}
		}
	}
}

// Answers by item travel as the text of a @json column, and come back as what they are.
func TestWatermelonAnswersAQuestionnaire(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	c := &watermelonClient{h: h, who: "anna"}
	c.pull(t)
	row := map[string]any{"id": "midasofanna0001", "rev": "", "patient": annas, "instrument": "midas", "occasion": "start", "answers": `{"q1":5,"q2":null}`, "words": "", "totals": nil, "answered_at": ""}
	if a := c.send(t, "", map[string]any{"instrument_responses": map[string]any{"created": []any{row}}}); a.Status != 200 || dig(t, a.Body, "verdicts", 0, "verdict") != "applied" {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	stored, err := h.App.FindRecordById("instrument_responses", "midasofanna0001")
	check(t, err)
	if got := hooks.ScoreOf(stored); got.Status != outcomes.Draft || !slices.Equal(got.Missing, []string{"q2", "q3", "q4", "q5"}) {
		t.Errorf("stored as %+v", got)
	}
	raw := watermelonRows(c.pull(t), "instrument_responses", "updated")["midasofanna0001"]
	if raw["answers"] != `{"q1":5,"q2":null}` || raw["words"] != nil {
		t.Errorf("comes back as %v", raw)
	}
	raw["answers"], raw["_changed"] = `{"q1":5,"q2":3}`, "answers"
	if a := c.send(t, "", map[string]any{"instrument_responses": map[string]any{"updated": []any{raw}}}); dig(t, a.Body, "verdicts", 0, "verdict") != "applied" {
		t.Errorf("changed: %s", a.Text)
	}
	raw["answers"] = "five"
	if a := c.send(t, "", map[string]any{"instrument_responses": map[string]any{"updated": []any{raw}}}); dig(t, a.Body, "verdicts", 0, "verdict") != "refused" || !strings.Contains(a.Text, "E_TYPE") {
		t.Errorf("no object: %s", a.Text)
	}
}

// More rows than a page, out of one snapshot, each once.
func TestWatermelonPullHasNoPages(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	phone := h.Phone("anna")
	for part := range 3 {
		for i := range 400 {
			phone.Put("medications", fmt.Sprintf("medicine%02d%05d", part, i), map[string]any{"patient": annas, "name": "x", "drug_class": "triptan", "indication": "acute"})
		}
		phone.Sync()
	}
	for _, c := range []*watermelonClient{{h: h, who: "anna"}, {h: h, who: "thera", as: "staff"}} {
		if rows := watermelonRows(c.pull(t), "medications", "updated"); len(rows) != 1200 {
			t.Errorf("%s gets %d rows", c.who, len(rows))
		}
	}
	var n int
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM audit_events WHERE action='read' AND collection='sync' AND actor='"+hookstest.ID("thera")+"'").Row(&n))
	if n != 1 {
		t.Errorf("%d lines in the audit for one reading", n)
	}
}

func TestWatermelonAPositionThatIsNotOurs(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	save(t, h.App, "attacks", oneAttack, attackOf("anna", nil))
	anna := &watermelonClient{h: h, who: "anna"}
	now := anna.pull(t)
	h.Do("anna", "DELETE", "/api/collections/attacks/records/"+oneAttack, nil)
	for at, reset := range map[string]bool{
		anna.at: false,
		"&last_pulled_at=5&epoch=nobodyknowsthis":               true,
		"&last_pulled_at=999999&epoch=" + now["epoch"].(string): true,
		"&last_pulled_at=x&epoch=" + now["epoch"].(string):      true,
		"&last_pulled_at=5": true,
		anna.at + "&ack=" + now["epoch"].(string) + ":999999": true,
		anna.at + "&ack=" + now["epoch"].(string) + ":1":      false,
		anna.at + "&ack=x":     true,
		"&last_pulled_at=null": false,
	} {
		a := h.Do("anna", "GET", "/api/sync/watermelon?"+at, nil)
		if a.Status != 200 || a.Body["reset"] != reset {
			t.Errorf("%s: %d, reset is %v", at, a.Status, a.Body["reset"])
		}
		if _, told := watermelonRows(a.Body, "attacks", "deleted")[oneAttack]; told == strings.HasSuffix(at, "null") {
			t.Errorf("%s: the deletion is told: %v", at, told)
		}
		if whole := len(watermelonRows(a.Body, "patients", "updated")) == 1; whole != (reset || strings.HasSuffix(at, "null")) {
			t.Errorf("%s: everything: %v", at, whole)
		}
	}
	if a := anna.send(t, "", tables{}); a.Status != 200 {
		t.Errorf("an empty push: %d %s", a.Status, a.Text)
	}
	anna.at += "&ack=" + now["epoch"].(string) + ":999999"
	if a := anna.send(t, "", tables{}); a.Status != 409 || !a.Has("E_SYNC_RESET") {
		t.Errorf("a push to a server that went back: %d %s", a.Status, a.Text)
	}
}

func TestWatermelonPushesWhatWasChanged(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	anna := &watermelonClient{h: h, who: "anna"}
	raw := attackOf("anna", map[string]any{"id": oneAttack, "_status": "created", "_changed": "", "rev": "", "created": "", "updated": "", "nausea": nil})
	made := verdictOf(t, anna.send(t, "", created("attacks", raw)))
	row := made["row"].(map[string]any)
	if made["verdict"] != "applied" || row["nausea"] != nil || row["peak_nrs"] != 7.0 || row["rev"] == "" {
		t.Fatalf("made: %v", made)
	}
	h.Do("anna", "PATCH", "/api/collections/attacks/records/"+oneAttack, map[string]any{"note": "from elsewhere"})
	stale := map[string]any{"id": oneAttack, "patient": annas, "_status": "updated", "_changed": "peak_nrs", "rev": row["rev"], "peak_nrs": 3, "note": "", "vomiting": true}
	merged := verdictOf(t, anna.send(t, "", updated("attacks", stale)))
	if now := merged["row"].(map[string]any); now["peak_nrs"] != 3.0 || now["note"] != "from elsewhere" || now["vomiting"] != nil {
		t.Errorf("only what was changed counts: %v", merged)
	}
	again := verdictOf(t, anna.send(t, "", updated("attacks", stale)))
	if again["verdict"] != "unchanged" {
		t.Errorf("an answer that got lost: %v", again)
	}
}

func TestWatermelonOneBadRowStopsNoOther(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	anna := &watermelonClient{h: h, who: "anna"}
	a := anna.send(t, "", tables{
		"attacks": map[string]any{"created": []any{
			attackOf("anna", map[string]any{"id": "goodrowofanna001"}), attackOf("anna", map[string]any{"id": "UPPERCASEofanna1"}),
			attackOf("anna", map[string]any{"id": "badrowofanna0001", "peak_nrs": 11}), attackOf("cleo", map[string]any{"id": "foreignrow000001"})}},
		"drafts":   map[string]any{"created": []any{map[string]any{"id": "draftofanna00001", "patient": annas}}},
		"patients": map[string]any{"deleted": []any{annas}},
	})
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	want := map[string]string{"goodrowofanna001": "", "UPPERCASEofanna1": "E_ID", "badrowofanna0001": "E_VALUE", "foreignrow000001": "E_FORBIDDEN", "draftofanna00001": "E_COLLECTION", annas: "E_READ_ONLY"}
	rejected := fmt.Sprint(a.Body["experimentalRejectedIds"])
	for _, one := range a.Body["verdicts"].([]any) {
		v := one.(map[string]any)
		id := v["id"].(string)
		data, _ := v["data"].(map[string]any)
		if _, has := data[want[id]]; want[id] != "" && (!has || v["verdict"] != "refused") || strings.Contains(rejected, id) != (want[id] != "") {
			t.Errorf("%s: %v, rejected are %s", id, v, rejected)
		}
		if row, shown := v["row"].(map[string]any); shown != (id == "goodrowofanna001" || id == annas) || shown && len(row) == 0 {
			t.Errorf("%s: the row is %v", id, v["row"])
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("no verdict on %v", want)
	}
	if kept := conflicts(t, h); len(kept) != 0 {
		t.Errorf("a refused row stays on the device, not here: %v", kept)
	}
}

// A bare id, as the library sends it, is a deletion of what the device had pulled.
func TestWatermelonABareDeletionHasAnAncestor(t *testing.T) {
	for name, c := range map[string]struct {
		editAfter bool
		verdict   string
	}{"seen": {false, "applied"}, "changed since": {true, "conflict"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := hookstest.New(t)
			save(t, h.App, "attacks", oneAttack, attackOf("anna", nil))
			h.Do("anna", "PATCH", "/api/collections/attacks/records/"+oneAttack, map[string]any{"peak_nrs": 4})
			anna := &watermelonClient{h: h, who: "anna"}
			anna.pull(t)
			if c.editAfter {
				h.Do("anna", "PATCH", "/api/collections/attacks/records/"+oneAttack, map[string]any{"peak_nrs": 9})
			}
			v := verdictOf(t, anna.send(t, "", deleted("attacks", oneAttack)))
			if v["verdict"] != c.verdict || (v["row"] == nil) == c.editAfter {
				t.Errorf("%v", v)
			}
		})
	}
}

// What hangs on a deleted row and came after the person had seen it keeps the row.
func TestWatermelonADeletionTakesNothingUnseenAlong(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	save(t, h.App, "attacks", oneAttack, attackOf("anna", nil))
	anna := &watermelonClient{h: h, who: "anna"}
	seen := anna.pull(t)
	rev := watermelonRows(seen, "attacks", "updated")[oneAttack]["rev"]
	save(t, h.App, "attack_readings", "readingofanna001", map[string]any{"patient": annas, "attack": oneAttack, "at": "2026-01-20 15:00:00.000Z", "nrs": 8})
	anna.pull(t) // it is on the device now, but the deletion is older
	place := anna.at
	anna.at += fmt.Sprintf("&seen=%s:%.0f", seen["epoch"], seen["timestamp"])
	row := map[string]any{"id": oneAttack, "patient": annas, "rev": rev, "_changed": "", "_status": "deleted"}
	if v := verdictOf(t, anna.send(t, "", deleted("attacks", row))); v["verdict"] != "conflict" || v["row"] == nil {
		t.Errorf("%v", v)
	}
	anna.at = place
	if v := verdictOf(t, anna.send(t, "", deleted("attacks", row))); v["verdict"] != "applied" || v["row"] != nil {
		t.Errorf("once seen: %v", v)
	}
}

func TestWatermelonRequestsThatAreRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	ours := map[string]string{"X-Device-Id": "melon-of-anna", "X-Push-No": "1"}
	var many []map[string]any
	for i := range 1001 {
		many = append(many, map[string]any{"id": fmt.Sprintf("many%011d", i)})
	}
	huge := created("attacks", map[string]any{"id": oneAttack, "note": strings.Repeat("x", 9<<20)})
	for _, path := range []string{"", "/salvage"} {
		for _, c := range []struct {
			query   string
			headers map[string]string
			body    any
			status  int
			code    string
		}{
			{"", map[string]string{"X-Push-No": "1"}, tables{}, 400, "E_DEVICE"},
			{"", map[string]string{"X-Device-Id": "melon-of-anna"}, tables{}, 400, "E_NUMBER"},
			{"?as=root", ours, tables{}, 400, "E_CAPACITY"},
			{"?schema=99", ours, tables{}, 426, "E_SCHEMA"},
			{"", ours, "no changes", 400, "E_JSON"},
			{"", ours, created("attacks", many...), 413, "E_TOO_LARGE"},
			{"", ours, huge, 413, "E_TOO_LARGE"},
		} {
			if a := watermelonSend(t, h, "anna", "POST", "/api/sync/watermelon"+path+c.query, c.headers, c.body); a.Status != c.status || !a.Has(c.code) {
				t.Errorf("%s%s: %d, not %d %s: %.200s", path, c.query, a.Status, c.status, c.code, a.Text)
			}
		}
	}
	if a := h.Do("anna", "GET", "/api/sync/watermelon?schema=99", nil); a.Status != 426 {
		t.Errorf("an app newer than the server pulls: %d", a.Status)
	}
	if a := h.Do("anna", "GET", "/api/sync/watermelon?as=root", nil); a.Status != 400 {
		t.Errorf("a capacity that there is not: %d", a.Status)
	}
}

// endLink ends somebody's care for a patient, as a clinic admin does.
func endLink(t testing.TB, h *hookstest.House, link string) {
	t.Helper()
	r, err := h.App.FindRecordById("care_links", hookstest.ID(link))
	check(t, err)
	r.Set("until", "2026-01-30 10:00:00.000Z")
	check(t, h.App.Save(r))
}

func TestWatermelonSalvageKeepsWhatTheTeamHasNot(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	save(t, h.App, "attacks", oneAttack, attackOf("anna", nil))
	thera, sid := &watermelonClient{h: h, who: "thera", as: "staff"}, &watermelonClient{h: h, who: "sid", as: "staff"}
	row := watermelonRows(thera.pull(t), "attacks", "updated")[oneAttack]
	endLink(t, h, "theraanna")
	news := thera.pull(t)
	if fmt.Sprint(news["revoked"]) != "["+annas+"]" || len(watermelonRows(news, "attacks", "deleted")) != 1 {
		t.Errorf("the end of a right is told: %v", news)
	}
	row["note"], row["_status"], row["_changed"] = "dictated by telephone", "updated", "note"
	fresh := attackOf("anna", map[string]any{"id": "attackofanna002", "note": "unsent", "_status": "created"})
	changes := tables{"attacks": map[string]any{"created": []any{fresh}, "updated": []any{row}}}
	before := h.Dump()
	for range 2 {
		a := thera.send(t, "/salvage", changes)
		kept := a.Body["kept"].(map[string]any)["attacks"].([]any)
		if a.Status != 200 || len(kept) != 2 {
			t.Fatalf("%d %s", a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("salvage changed a record")
	}
	if lines := conflicts(t, h); len(lines) != 2 || !strings.Contains(fmt.Sprint(lines), "dictated by telephone") || !strings.Contains(fmt.Sprint(lines), "unsent") {
		t.Errorf("kept: %v", lines)
	}
	told := h.Do("assi", "GET", "/api/sync/conflicts?patient="+annas, nil)
	if !strings.Contains(told.Text, "dictated by telephone") || !strings.Contains(told.Text, "handed_over") {
		t.Errorf("the team reads %s", told.Text)
	}
	if a := sid.send(t, "/salvage", changes); a.Status != 200 || len(a.Body["kept"].(map[string]any)) != 0 || len(conflicts(t, h)) != 2 {
		t.Errorf("a stranger's words are nobody's: %d %s", a.Status, a.Text)
	}
	if a := thera.send(t, "/salvage", tables{"drafts": changes["attacks"]}); a.Status != 200 || len(a.Body["kept"].(map[string]any)) != 0 {
		t.Errorf("a table that there is not: %d %s", a.Status, a.Text)
	}
}

func TestWatermelonSalvageOfOnesOwn(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	save(t, h.App, "attacks", oneAttack, attackOf("anna", nil))
	anna := &watermelonClient{h: h, who: "anna"}
	row := watermelonRows(anna.pull(t), "attacks", "updated")[oneAttack]
	row["_status"] = "created" // a whole row
	for _, c := range []struct {
		name    string
		changes tables
		lines   int
	}{
		{"what stands", created("attacks", row), 0},
		{"a deletion of nothing", deleted("attacks", "attackofanna003"), 0},
		{"a deletion", deleted("attacks", oneAttack), 1},
		{"what the server lacks", created("attacks", attackOf("anna", map[string]any{"id": "attackofanna004"})), 2},
		{"what could not be a row", created("attacks", attackOf("anna", map[string]any{"id": "UPPERCASEofanna1"})), 3},
		{"what cannot be stored", created("attacks", attackOf("anna", map[string]any{"id": "attackofanna005", "peak_nrs": "very"})), 4},
	} {
		a := anna.send(t, "/salvage", c.changes)
		if kept, _ := a.Body["kept"].(map[string]any)["attacks"].([]any); a.Status != 200 || len(kept) != 1 || len(conflicts(t, h)) != c.lines {
			t.Errorf("%s: %d %s, %d lines", c.name, a.Status, a.Text, len(conflicts(t, h)))
		}
	}
}

// watermelonAnswers are real answers for the examples of docs/api.md.
func watermelonAnswers(t *testing.T, h *hookstest.House, examples map[string]any) map[string]hookstest.Answer {
	t.Helper()
	ada := &watermelonClient{h: h, who: "ada"}
	pushed := ada.send(t, "", examples["POST /api/sync/watermelon request"])
	return map[string]hookstest.Answer{
		"POST /api/sync/watermelon":         pushed,
		"GET /api/sync/watermelon":          triggersOnly(h.Do("ada", "GET", "/api/sync/watermelon", nil)),
		"POST /api/sync/watermelon/salvage": ada.send(t, "/salvage", examples["POST /api/sync/watermelon/salvage request"]),
	}
}

// triggersOnly leaves the table of the example.
func triggersOnly(a hookstest.Answer) hookstest.Answer {
	changes := a.Body["changes"].(map[string]any)
	for _, r := range access.Synced() {
		if r.Collection != "triggers" {
			delete(changes, r.Collection)
		}
	}
	text, _ := json.Marshal(a.Body)
	a.Text = string(text)
	return a
}

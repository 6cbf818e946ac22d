package hooks_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"interictal/hooks"
	"interictal/hooks/access"
	"interictal/hooks/hookstest"
)

const (
	diaryWord = "lavender-umbrella-41" // stands in everything she wrote
	legalName = "Annabel Quillfeather" // stands in the care record
)

// full gives anna a row in every collection, with words of hers in each that has room for them.
func full(t *testing.T, h *hookstest.House) {
	t.Helper()
	for _, p := range access.Table {
		if p.Collection != "patients" && p.Collection != "consents" && p.Collection != "plan_events" && p.Collection != "audit_events" {
			attempt{h, p, "anna", "anna", 0}.target("list")
		}
	}
	var columns []struct {
		Table string `db:"tbl"`
		Name  string `db:"name"`
	}
	check(t, h.App.DB().NewQuery(`SELECT m.name tbl, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type='table' AND c.name IN ('note', 'body', 'patient_words', 'steps', 'response')`).All(&columns))
	for _, c := range columns {
		if _, ours := access.Of(c.Table); ours {
			runSQL(t, h.App, fmt.Sprintf("UPDATE `%s` SET `%s`='%s' WHERE patient='%s'", c.Table, c.Name, diaryWord, annas))
		}
	}
	runSQL(t, h.App, "UPDATE visit_notes SET response='"+legalName+" felt well', signed_at='2026-01-10 11:00:00.000Z' WHERE patient='"+annas+"'")
	runSQL(t, h.App, "UPDATE care_documents SET parts='[\""+legalName+" did well\"]', signed_at='2026-02-10 11:00:00.000Z' WHERE patient='"+annas+"'")
	runSQL(t, h.App, "UPDATE plans SET state='completed', start_date='2026-01-05', closed_on='2026-02-10' WHERE patient='"+annas+"'")
	runSQL(t, h.App, "UPDATE patients SET name='"+legalName+"' WHERE id='"+annas+"'")
	runSQL(t, h.App, "UPDATE users SET name='"+legalName+"', email='quill@feather.test' WHERE id='"+annas+"'")
	runSQL(t, h.App, "INSERT INTO plan_events(id, patient, plan, version, kind, actor, at, created) VALUES('eventofanna0001', '"+annas+"', 'x', 1, 'transition', 'system', '2026-01-05 10:00:00.000Z', '')")
}

// where looks for a word in every column of every table.
func where(t *testing.T, h *hookstest.House, word string) []string {
	t.Helper()
	var tables, out []string
	check(t, h.App.DB().NewQuery("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'").Column(&tables))
	for _, table := range tables {
		rows := []dbx.NullStringMap{}
		check(t, h.App.DB().NewQuery("SELECT * FROM `"+table+"`").All(&rows))
		for _, row := range rows {
			for column, value := range row {
				if place := table + "." + column; strings.Contains(value.String, word) && !slices.Contains(out, place) {
					out = append(out, place)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func dryRun(h *hookstest.House, who string) hookstest.Answer {
	return h.Do(who, "POST", "/api/patients/"+annas+"/erase", map[string]any{"reason": "She asked for it in writing."})
}

func erases(h *hookstest.House, who string) hookstest.Answer {
	h.T.Helper()
	a := h.Do(who, "POST", "/api/patients/"+annas+"/erase", map[string]any{"apply": true, "rows": dryRun(h, who).Body["rows"], "reason": "She asked for it in writing."})
	if a.Status != 200 {
		h.T.Fatalf("the erasure: %d %s", a.Status, a.Text)
	}
	return a
}

// After an erasure no table and no byte of the file holds a word of hers but the locked care record.
func TestErasureLeavesNothingButTheCareRecord(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	full(t, h)
	phone, staff := h.Phone("anna"), staffPhone(h, "thera")
	phone.Sync()
	staff.Sync()
	phone.Put("attacks", "attackofanna001", map[string]any{"patient": annas, "started_at": "2026-01-20T14:00:00.000Z", "note": diaryWord})
	phone.Sync()
	phone.Put("attacks", "attackofanna001", map[string]any{"note": diaryWord + " again"})
	phone.Sync()
	if places := where(t, h, diaryWord); len(places) < 20 || !slices.Contains(places, "sync_history.data") || !slices.Contains(places, "sync_push.state") {
		t.Fatalf("her words stand in %v", places)
	}

	before := h.Dump()
	dry := dryRun(h, "admin")
	if dry.Status != 200 || dry.Body["applied"] != false || h.Dump() != before {
		t.Fatalf("the dry run: %d %s", dry.Status, dry.Text)
	}
	term := dry.Body["term"].(map[string]any)
	if term["until"] != "2036-02-10" || term["by"] != "USUAL" || dry.Body["devices"] != 1.0 {
		t.Errorf("the dry run says %s", dry.Text)
	}
	done := erases(h, "admin")
	if done.Body["applied"] != true || fmt.Sprint(done.Body["deleted"]) != fmt.Sprint(dry.Body["deleted"]) || fmt.Sprint(done.Body["kept"]) != fmt.Sprint(dry.Body["kept"]) {
		t.Errorf("it did not do what the dry run said: %s", done.Text)
	}

	for _, collection := range []string{"plan_versions", "care_documents", "readiness_answers"} {
		if kept, err := h.App.CountRecords("kept_records", dbx.HashExp{"collection": collection}); err != nil || kept == 0 {
			t.Errorf("%s: %d rows are locked away, %v", collection, kept, err)
		}
	}
	if places := where(t, h, diaryWord); fmt.Sprint(places) != "[kept_records.data]" {
		t.Errorf("words of hers stand in %v", places)
	}
	if places := where(t, h, legalName); fmt.Sprint(places) != "[kept_records.data]" {
		t.Errorf("her name stands in %v", places)
	}
	if places := where(t, h, "quill@feather"); len(places) > 0 {
		t.Errorf("her address stands in %v", places)
	}
	if places := fmt.Sprint(where(t, h, annas)); places != "[audit_events.patient audit_events.record erasures.patient erasures.receipt kept_records.data kept_records.record sync_devices.user sync_log.doc sync_log.scope users.email users.id]" {
		t.Errorf("her id stands in %s", places)
	}
	if broken, err := hooks.VerifyAudit(h.App); err != nil || broken != 0 {
		t.Errorf("the audit's chain breaks at %d: %v", broken, err)
	}
	check(t, hooks.CheckTriggers(h.App))

	phone.Put("attacks", "attackofanna002", map[string]any{"patient": annas, "started_at": "2026-01-21T14:00:00.000Z"})
	if a := h.Do("anna", "POST", "/api/sync/exchange", phone.Request(500)); a.Status != http.StatusGone || !a.Has("E_ERASE_DEVICE") {
		t.Errorf("her phone hears %d %s", a.Status, a.Text)
	}
	for _, path := range []string{"/api/me", "/api/sync/rxdb/attacks/pull", "/api/patients/" + annas + "/progress"} {
		if a := h.Do("anna", "GET", path, nil); a.Status != http.StatusGone {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := h.Do("", "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": annas + "@erased.invalid", "password": hookstest.Password()}); a.Status == 200 {
		t.Error("somebody signs in to the shell")
	}
	staff.Sync()
	if left := has(staff, "anna"); len(left) > 0 {
		t.Errorf("the therapist's phone still holds %v", left)
	}
	var told int
	check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM sync_devices WHERE told_at<>''").Row(&told))
	if told != 1 {
		t.Errorf("%d devices were told", told)
	}
	if _, err := h.App.DB().NewQuery("INSERT INTO attacks(id, patient, started_at) VALUES('attackofanna001', '" + annas + "', '2026-01-20 14:00:00.000Z')").Execute(); err == nil || !strings.Contains(err.Error(), "E_ERASED") {
		t.Errorf("an erased row comes back: %v", err)
	}
}

// The bytes are overwritten too, in the database and in its log.
func TestErasureOverwritesTheFile(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	full(t, h)
	runSQL(t, h.App, "UPDATE plans SET state='draft'")
	runSQL(t, h.App, "UPDATE visits SET status='scheduled'")
	for i := range 300 { // enough to fill pages
		save(t, h.App, "attacks", fmt.Sprintf("many%011d", i), map[string]any{"patient": annas, "started_at": "2026-01-10 11:00:00.000Z", "note": strings.Repeat(diaryWord+" ", 20)})
	}
	_, err := h.App.NonconcurrentDB().NewQuery("PRAGMA wal_checkpoint(TRUNCATE)").Execute()
	check(t, err)
	if !inFiles(t, h, diaryWord) {
		t.Fatal("the test looks in the wrong place")
	}
	if a := erases(h, "anna"); len(a.Body["kept"].([]any)) != 0 || a.Body["term"] != nil {
		t.Errorf("without care something stays: %s", a.Text)
	}
	if inFiles(t, h, diaryWord) || inFiles(t, h, legalName) {
		t.Error("bytes of hers are left in the file")
	}
}

func inFiles(t *testing.T, h *hookstest.House, word string) bool {
	for _, name := range []string{"data.db", "data.db-wal"} {
		body, err := os.ReadFile(filepath.Join(h.App.DataDir(), name))
		if err == nil && bytes.Contains(body, []byte(word)) {
			return true
		}
	}
	return false
}

// Whoever may not erase changes nothing, and neither does somebody whose numbers are old.
func TestErasureRefused(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	full(t, h)
	rows := dryRun(h, "anna").Body["rows"]
	before := h.Dump()
	for _, c := range []struct {
		who    string
		body   map[string]any
		status int
		code   string
	}{
		{"thera", map[string]any{"apply": true, "rows": rows, "reason": "because"}, 404, "E_NOT_FOUND"},
		{"bo", map[string]any{"apply": true, "rows": rows}, 404, "E_NOT_FOUND"},
		{"sid", map[string]any{"apply": true, "rows": rows, "reason": "because"}, 404, "E_NOT_FOUND"},
		{"admin", map[string]any{"apply": true, "rows": rows}, 422, "E_REASON"},
		{"admin", map[string]any{"apply": true, "rows": rows, "reason": " .  "}, 422, "E_REASON"},
		{"anna", map[string]any{"apply": true, "rows": 3}, 409, "E_STALE"},
		{"anna", map[string]any{"apply": "yes"}, 400, "E_JSON"},
	} {
		if a := h.Do(c.who, "POST", "/api/patients/"+annas+"/erase", c.body); a.Status != c.status || !a.Has(c.code) {
			t.Errorf("%s with %v: %d %s", c.who, c.body, a.Status, a.Text)
		}
	}
	if h.Dump() != before {
		t.Error("a refused erasure changed something")
	}
}

// Somebody who works here too keeps the account, without the diary; only the phone with the diary is told.
func TestErasureOfATherapistWithMigraine(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	own, desk := h.Phone("tess"), staffPhone(h, "tess")
	own.As = "patient"
	own.Sync()
	desk.Sync()
	path := "/api/patients/" + hookstest.ID("tess") + "/erase"
	rows := h.Do("tess", "POST", path, nil).Body["rows"]
	if a := h.Do("tess", "POST", path, map[string]any{"apply": true, "rows": rows}); a.Status != 200 || a.Body["account"] != "kept" || a.Body["devices"] != 1.0 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	if a := h.Do("tess", "POST", "/api/sync/exchange", own.Request(500)); a.Status != http.StatusGone {
		t.Errorf("the phone with the diary hears %d", a.Status)
	}
	if a := h.Do("tess", "POST", "/api/sync/exchange", desk.Request(500)); a.Status != 200 {
		t.Errorf("the one of the desk hears %d %s", a.Status, a.Text)
	}
	if me := h.Do("tess", "GET", "/api/me", nil); me.Body["patient"] != nil || len(me.Body["practitioner"].([]any)) != 1 {
		t.Errorf("she is %s", me.Text)
	}
}

// What is locked away is read with a reason, by an admin of that clinic, and goes when its term is over.
func TestKeptRecordIsLocked(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	full(t, h)
	erases(h, "anna")
	base := "/api/clinics/" + hookstest.ID("north") + "/erasures"
	list := h.Do("admin", "GET", base, nil).Body["erasures"].([]any)
	one := list[0].(map[string]any)
	if len(list) != 1 || one["own"] != true || one["keepUntil"] != "2036-02-10" || strings.Contains(fmt.Sprint(one), "Quill") {
		t.Fatalf("the list: %v", one)
	}
	open := base + "/" + one["id"].(string) + "/open"
	for who, status := range map[string]int{"thera": 404, "sid": 404, "anna": 410, "": 401} {
		if a := h.Do(who, "POST", open, map[string]any{"reason": "A court asks for it."}); a.Status != status {
			t.Errorf("%q: %d", who, a.Status)
		}
	}
	if a := h.Do("admin", "POST", open, map[string]any{"reason": ""}); a.Status != 422 || !a.Has("E_REASON") {
		t.Errorf("without a reason: %d %s", a.Status, a.Text)
	}
	a := h.Do("admin", "POST", open, map[string]any{"reason": "A court asks for it."})
	if a.Status != 200 || float64(len(a.Body["rows"].([]any))) != one["kept"] || !strings.Contains(a.Text, legalName) || strings.Contains(a.Text, `"collection":"attacks"`) {
		t.Errorf("%d %s", a.Status, a.Text)
	}
	var reason string
	check(t, h.App.DB().NewQuery("SELECT reason FROM audit_events WHERE action='open_kept'").Row(&reason))
	if reason != "A court asks for it." {
		t.Errorf("the audit says %q", reason)
	}
	for _, who := range []string{"admin", "thera"} {
		for _, c := range []string{"kept_records", "erasures"} {
			if a := h.Do(who, "GET", "/api/collections/"+c+"/records", nil); a.Status == 200 {
				t.Errorf("%s lists %s", who, c)
			}
		}
	}
	night(t, h, time.Date(2036, 2, 9, 3, 0, 0, 0, time.UTC))
	if places := where(t, h, legalName); len(places) != 1 {
		t.Errorf("a day early it stands in %v", places)
	}
	night(t, h, time.Date(2036, 2, 10, 3, 0, 0, 0, time.UTC))
	if places := where(t, h, legalName); len(places) != 0 {
		t.Errorf("after its term it stands in %v", places)
	}
	if _, err := h.App.FindRecordById("users", annas); err == nil {
		t.Error("the shell is still there")
	}
}

// Everything in one ZIP: as many rows as are stored, the same in JSON and CSV, nothing hidden, nothing of others.
func TestExportIsWhole(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	full(t, h)
	save(t, h.App, "visit_notes", "", map[string]any{"patient": annas, "visit": first(t, h, "visits"), "response": "A draft of a note."})
	save(t, h.App, "attacks", "", map[string]any{"patient": annas, "started_at": "2026-01-10 11:00:00.000Z", "note": "=HYPERLINK(1)"})
	save(t, h.App, "attacks", "", map[string]any{"patient": hookstest.ID("bo"), "started_at": "2026-01-10 11:00:00.000Z", "note": "of bo"})
	files := unzip(t, h, "anna", nil)
	for _, p := range access.Table {
		var rows []map[string]any
		check(t, json.Unmarshal([]byte(files["json/"+p.Collection+".json"]), &rows))
		var stored int
		check(t, h.App.DB().NewQuery("SELECT COUNT(*) FROM "+p.Collection+" WHERE "+p.Scope+"='"+annas+"'").Row(&stored))
		if p.Collection == "visit_notes" {
			stored--
		}
		if len(rows) != stored || stored == 0 {
			t.Errorf("%s: %d of %d rows", p.Collection, len(rows), stored)
		}
		table, err := csv.NewReader(strings.NewReader(files["csv/"+p.Collection+".csv"])).ReadAll()
		if err != nil || len(table) != len(rows)+1 {
			t.Errorf("%s as CSV: %d rows, %v", p.Collection, len(table), err)
		}
	}
	all := strings.Join(slices.Collect(func(yield func(string) bool) {
		for _, body := range files {
			if !yield(body) {
				return
			}
		}
	}), "\n")
	for _, closed := range []string{"token_hash", "of bo", "A draft of a note", strings.Repeat("0", 64)} {
		if strings.Contains(all, closed) {
			t.Errorf("the export holds %q", closed)
		}
	}
	if !strings.Contains(files["csv/attacks.csv"], "'=HYPERLINK(1)") || !strings.Contains(files["json/attacks.json"], `"=HYPERLINK(1)"`) || !strings.Contains(files["fields.json"], "peak_nrs") {
		t.Error("a formula, or what the columns mean")
	}
	if a := h.Do("admin", "POST", "/api/patients/"+annas+"/export", nil); a.Status != 422 || !a.Has("E_REASON") {
		t.Errorf("an admin without a reason: %d", a.Status)
	}
	if files := unzip(t, h, "admin", map[string]any{"reason": "She asked on paper."}); !strings.Contains(files["json/patients.json"], legalName) {
		t.Error("the admin's export")
	}
	var noted []string
	check(t, h.App.DB().NewQuery("SELECT capacity||' '||reason FROM audit_events WHERE action='export' ORDER BY seq").Column(&noted))
	if fmt.Sprint(noted) != "[patient  clinic_admin She asked on paper.]" {
		t.Errorf("the audit: %q", noted)
	}
	for who, status := range map[string]int{"thera": 404, "bo": 404, "sid": 404, "": 401} {
		if a := h.Do(who, "POST", "/api/patients/"+annas+"/export", map[string]any{"reason": "because"}); a.Status != status {
			t.Errorf("%q: %d", who, a.Status)
		}
	}
}

func first(t *testing.T, h *hookstest.House, collection string) (id string) {
	t.Helper()
	check(t, h.App.DB().NewQuery("SELECT id FROM "+collection+" WHERE patient='"+annas+"' LIMIT 1").Row(&id))
	return id
}

func unzip(t *testing.T, h *hookstest.House, who string, body map[string]any) map[string]string {
	t.Helper()
	a := h.Do(who, "POST", "/api/patients/"+annas+"/export", body)
	if a.Status != 200 {
		t.Fatalf("the export: %d %s", a.Status, a.Text)
	}
	archive, err := zip.NewReader(strings.NewReader(a.Text), int64(len(a.Text)))
	check(t, err)
	files := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		check(t, err)
		body, err := io.ReadAll(r)
		check(t, err)
		files[f.Name] = string(body)
	}
	return files
}

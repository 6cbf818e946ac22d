package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"

	"interictal/hooks/access"
	"interictal/hooks/hookstest"
)

// world is one server, the devices of several people, a bad network, and what a careful observer knows.
type world struct {
	*rand.Rand // of this step
	srv        *server
	devices    []*device
	wire       []captured
	read       *reading // what the admin has on the screen
	backup     *backup
	restores   int
	observer
	trace  []string
	epochs []string // in the order in which they were seen
}

// device is a phone and the people in front of it.
type device struct {
	*hookstest.Phone
	year int // by its clock
}

// captured is a request that may arrive late, or once more.
type captured struct {
	who  string
	from string
	body []byte
}

// reading is a row as somebody read it through REST, some time ago.
type reading struct {
	form form
	id   string
	row  map[string]any
}

type backup struct {
	files files
	words map[int]bool // that were in rows and in sync_conflicts
}

// fault is what the observer reports; it ends a run.
type fault string

func newWorld(t testing.TB) *world {
	w := &world{srv: newServer(), observer: observer{words: map[int]*said{}}}
	for _, d := range []struct {
		name, owner, as string
		year            int
	}{{"annas-phone", "anna", "", 2026}, {"annas-tablet", "anna", "patient", 2009}, {"bos-phone", "bo", "", 2026},
		{"theras-phone", "thera", "staff", 2026}, {"tess-at-work", "tess", "staff", 1999}, {"tess-at-home", "tess", "patient", 2026}} {
		p := hookstest.NewPhone(t, d.owner, d.name)
		p.As = d.as
		w.devices = append(w.devices, &device{p, d.year})
	}
	return w
}

func (w *world) log(format string, args ...any) {
	w.trace = append(w.trace, w.plain(fmt.Sprintf(format, args...)))
}

var (
	epochName = regexp.MustCompile(`[A-Za-z0-9]{15}:[0-9]`)
	zeros     = regexp.MustCompile(`0{6,}`)
)

// plain makes a line of the trace the same in every run: epochs are made at random.
func (w *world) plain(line string) string {
	line = epochName.ReplaceAllStringFunc(line, func(found string) string {
		name, digit := found[:15], found[15:]
		if !slices.Contains(w.epochs, name) {
			w.epochs = append(w.epochs, name)
		}
		return fmt.Sprint("e", slices.Index(w.epochs, name), digit)
	})
	return zeros.ReplaceAllString(line, "…")
}

// chance is true once in so many times.
func (w *world) once(in int) bool { return w.IntN(in) == 0 }

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// deeds are what may happen, with how often.
var deeds = []struct {
	name   string
	weight int
	do     func(*world)
}{
	{"edit", 84, func(w *world) { w.edit(pick(w.Rand, w.devices)) }},
	{"remove", 12, func(w *world) { w.remove(pick(w.Rand, w.devices)) }},
	{"exchange", 68, func(w *world) { w.exchange(pick(w.Rand, w.devices)) }},
	{"arrive", 12, (*world).arrive},
	{"discard", 2, func(w *world) { w.discard(pick(w.Rand, w.devices)) }},
	{"wrong", 2, func(w *world) { w.wrong(pick(w.Rand, w.devices)) }},
	{"clinic", 18, (*world).clinic},
	{"admin reads", 6, (*world).adminReads},
	{"admin writes", 8, (*world).adminWrites},
	{"admin deletes", 2, (*world).adminDeletes},
	{"sql", 4, (*world).sql},
	{"link", 6, (*world).link},
	{"restart", 1, func(w *world) { w.log("the server restarts"); w.srv.restart() }},
	{"crash", 1, func(w *world) { w.log("the server crashes"); w.srv.crash() }},
	{"backup", 2, (*world).keepBackup},
	{"restore", 1, (*world).restore},
}

func (w *world) step() {
	total := 0
	for _, d := range deeds {
		total += d.weight
	}
	n := w.IntN(total)
	for _, d := range deeds {
		if n -= d.weight; n < 0 {
			d.do(w)
			return
		}
	}
}

// --- people and their devices

// patientOn is somebody whose rows the device may write.
func (w *world) patientOn(d *device) string {
	if d.As != "staff" {
		return hookstest.ID(d.Owner)
	}
	var ids []string
	for _, row := range d.Rows("patients") {
		ids = append(ids, row["id"].(string))
	}
	if len(ids) == 0 {
		return ""
	}
	return pick(w.Rand, ids)
}

func (w *world) edit(d *device) {
	f, patient := pick(w.Rand, forms), w.patientOn(d)
	if f.clinic || patient == "" || f.fixed && d.As == "staff" {
		return
	}
	values, id := map[string]any{}, ""
	if f.fixed {
		rows := d.Rows(f.collection)
		if len(rows) == 0 {
			return
		}
		slices.SortFunc(rows, func(a, b map[string]any) int { return strings.Compare(a["family"].(string), b["family"].(string)) }) // their ids are made at random
		id = pick(w.Rand, rows)["id"].(string)
	} else {
		values["patient"] = patient
		for _, name := range slices.Sorted(maps.Keys(f.parents)) {
			rows := rowsOf(d, f.parents[name], patient)
			if len(rows) == 0 {
				return
			}
			values[name] = pick(w.Rand, rows)["id"]
		}
		id = f.id(w.Rand, patient, values)
	}
	w.write(d, f, patient, id, values)
}

// write changes the row on the device, or makes it there.
func (w *world) write(d *device, f form, patient, id string, made map[string]any) {
	row := d.Row(f.collection, id)
	values := map[string]any{}
	if row == nil {
		w.notDeleted(d.Device, f.collection, id)
		maps.Copy(values, f.fresh)
		maps.Copy(values, made)
		values["_deleted"] = false
		for _, one := range f.fields {
			if one.must {
				w.say(d, f, one, patient, id, nil, values)
			}
		}
	}
	for range 1 + w.IntN(2) {
		if len(f.fields) > 0 {
			if one := pick(w.Rand, f.fields); values[one.name] == nil {
				w.say(d, f, one, patient, id, row, values)
			}
		}
	}
	if f.chip != "" && w.once(3) {
		values[f.chip] = pick(w.Rand, f.chips)
	}
	if f.dated {
		values["entered_at"] = fmt.Sprintf("%d-01-05 10:00:%02d.000Z", d.year, w.IntN(60))
	}
	d.Put(f.collection, id, values)
	w.log("%s writes %s/%s %s", d.Device, f.collection, id, brief(values))
}

// say puts a new word into a field, in the place of what its writer sees there; or takes that away.
func (w *world) say(d *device, f form, one field, patient, id string, row, values map[string]any) {
	seen := one.kind.words(row[one.name])
	if !one.must && len(seen) > 0 && w.once(8) {
		values[one.name] = one.kind.none()
		w.takenBack(seen, "cleared by "+d.Device)
		return
	}
	n := w.newWord(said{by: d.Device, patient: patient, collection: f.collection, doc: id, field: one, saw: seen})
	values[one.name] = one.kind.say(n)
	if was, _ := row[one.name].(string); one.kind == note && was != "" && len(was) < 1000 && w.once(2) {
		values[one.name] = was + " " + text(n)
		w.words[n].saw = nil
	}
}

func rowsOf(d *device, collection, patient string) (out []map[string]any) {
	for _, row := range d.Rows(collection) {
		if row["patient"] == patient {
			out = append(out, row)
		}
	}
	return out
}

// remove takes a row back, with what the app takes along.
func (w *world) remove(d *device) {
	f, patient := pick(w.Rand, forms), w.patientOn(d)
	rows := rowsOf(d, f.collection, patient)
	if !f.erasable() || len(rows) == 0 {
		return
	}
	row := pick(w.Rand, rows)
	for _, child := range forms {
		for field, parent := range child.parents {
			for _, r := range rowsOf(d, child.collection, patient) {
				if parent == f.collection && r[field] == row["id"] {
					w.takeBack(d, child, r)
				}
			}
		}
	}
	w.takeBack(d, f, row)
}

func (w *world) takeBack(d *device, f form, row map[string]any) {
	id := row["id"].(string)
	w.takenBack(f.wordsOf(row), "deleted by "+d.Device)
	d.Delete(f.collection, id)
	if d.Waits(f.collection, id) { // what was never sent is gone without a word, and says nothing of a row that somebody else makes under this id
		w.deleted(d.Device, f, id, f.wordsOf(row))
	}
	w.log("%s deletes %s/%s", d.Device, f.collection, id)
}

// discard gives up what was refused, and what cannot be without it.
func (w *world) discard(d *device) {
	refused := d.RefusedEntries()
	if len(refused) == 0 {
		return
	}
	before := d.words()
	for _, one := range refused {
		if d.Refused(one[0], one[1]) != nil {
			d.Discard(one[0], one[1])
			w.notDeleted(d.Device, one[0], one[1])
			w.log("%s discards %s/%s", d.Device, one[0], one[1])
		}
	}
	after := d.words()
	for n := range before {
		if s := w.words[n]; s != nil && !after[n] && s.settled == "" {
			s.settled, s.given = "discarded by "+d.Device, true // what it had replaced counts again
		}
	}
}

// wrong writes what no server accepts.
func (w *world) wrong(d *device) {
	rows := rowsOf(d, "attacks", w.patientOn(d))
	if len(rows) == 0 {
		return
	}
	row := pick(w.Rand, rows)
	d.Put("attacks", row["id"].(string), map[string]any{"peak_nrs": 99})
	w.log("%s writes nonsense into attacks/%s", d.Device, row["id"])
}

// --- the network

func (w *world) exchange(d *device) {
	limit := pick(w.Rand, []int{1, 4, 50, 500})
	resets := 0
	for range 12 {
		request := d.Request(limit)
		switch {
		case w.once(12):
			w.log("%s: the request is lost, or the app is killed", d.Device)
			return
		case w.once(16):
			w.capture(d, request)
			w.log("%s: the request is under way for long: %s", d.Device, summary(request))
			return
		case w.once(6):
			w.capture(d, request) // and will arrive once more
		}
		answer := w.send(d, request)
		if w.once(10) {
			again := w.send(d, request)
			w.log("%s: the request arrives twice", d.Device)
			if w.once(2) {
				answer = again
			}
		}
		if w.once(8) {
			w.edit(d) // the person goes on
		}
		if w.once(7) {
			w.log("%s: the answer is lost, or the app is killed", d.Device)
			return
		}
		if answer.Has("E_SYNC_RESET") {
			if resets++; resets > 1 {
				panic(fault(d.Device + " is told to start over twice in a row"))
			}
			w.startOver(d)
			continue
		}
		if more := w.file(d, request, answer); !more || w.once(10) {
			return
		}
	}
}

func (w *world) startOver(d *device) {
	w.overRestore(d)
	d.StartOver()
	w.log("%s starts over", d.Device)
}

func (w *world) capture(d *device, request map[string]any) {
	body, err := json.Marshal(request)
	must(err)
	w.wire = append(w.wire, captured{d.Owner, d.Device, body})
}

// arrive lets an old request through. Nobody reads the answer.
func (w *world) arrive() {
	if len(w.wire) == 0 {
		return
	}
	i := w.IntN(len(w.wire))
	one := w.wire[i]
	if w.once(2) {
		w.wire = slices.Delete(w.wire, i, i+1)
	}
	answer := w.srv.do(one.who, "POST", "/api/sync/exchange", one.body)
	w.log("an old request of %s arrives: %d %s", one.from, answer.Status, verdicts(answer))
	w.plausible(one.from, nil, answer)
}

func (w *world) send(d *device, request map[string]any) hookstest.Answer {
	answer := w.srv.do(d.Owner, "POST", "/api/sync/exchange", request)
	w.log("%s sends %s: %d %s", d.Device, summary(request), answer.Status, verdicts(answer))
	w.plausible(d.Device, request, answer)
	return answer
}

func (w *world) file(d *device, request map[string]any, answer hookstest.Answer) bool {
	more := d.File(request, answer)
	w.log("%s takes %d changes, revoked %v, more %v", d.Device, len(answer.Body["changes"].([]any)), answer.Body["revoked"], more)
	return more
}

// --- the clinic, the admin, the database

func (w *world) clinic() {
	who := pick(w.Rand, []string{"thera", "tess"})
	patient := hookstest.ID(pick(w.Rand, []string{"anna", "bo"}))
	f := formOf(pick(w.Rand, []string{"exercises", "exercises", "visits", "plans", "plans", "goals", "goals", "plan_items", "plan_items", "education_assignments"}))
	values, lacks := w.parents(f, patient)
	for lacks != "" {
		f = formOf(lacks)
		values, lacks = w.parents(f, patient)
	}
	id := f.id(w.Rand, patient, values)
	path := "/api/collections/" + f.collection + "/records"
	now := w.srv.do(who, "GET", path+"/"+id, nil)
	if now.Status == 200 {
		w.change(who, f, id, now.Body, pick(w.Rand, []string{"", now.Body["rev"].(string)}))
		return
	}
	maps.Copy(values, f.fresh)
	maps.Copy(values, map[string]any{"id": id, "patient": patient})
	made := w.mark()
	for _, one := range f.fields {
		n := w.newWord(said{by: who, patient: patient, collection: f.collection, doc: id, field: one})
		values[one.name] = one.kind.say(n)
	}
	answer := w.srv.do(who, "POST", path, values)
	if answer.Status != 200 {
		w.unsay(made)
	}
	w.log("%s makes %s/%s: %d", who, f.collection, id, answer.Status)
}

// parents are rows that a new one refers to, or the collection that has none yet.
func (w *world) parents(f form, patient string) (values map[string]any, lacks string) {
	values = map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(f.parents)) {
		var ids []string
		must(w.srv.app.DB().NewQuery("SELECT id FROM " + f.parents[name] + " WHERE patient={:p} ORDER BY id").Bind(dbx.Params{"p": patient}).Column(&ids))
		if len(ids) == 0 {
			return nil, f.parents[name]
		}
		if values[name] = pick(w.Rand, ids); name == f.parents[name] {
			values[name] = []any{values[name]}
		}
	}
	return values, ""
}

// adminReads puts a row on the admin's screen.
func (w *world) adminReads() {
	f := pick(w.Rand, forms)
	id := w.anyRow(f)
	if id == "" {
		return
	}
	answer := w.srv.do("root", "GET", "/api/collections/"+f.collection+"/records/"+id, nil)
	if answer.Status == 200 {
		w.read = &reading{f, id, answer.Body}
		w.log("the admin reads %s/%s", f.collection, id)
	}
}

// adminWrites changes what is on the screen, which may be old: with the rev that was read, or blindly.
func (w *world) adminWrites() {
	if r := w.read; r != nil {
		w.change("root", r.form, r.id, r.row, pick(w.Rand, []string{"", r.row["rev"].(string)}))
	}
}

// change is a PATCH by somebody who has read the row.
func (w *world) change(who string, f form, id string, read map[string]any, rev string) {
	values, made := map[string]any{}, w.mark()
	if len(f.fields) > 0 {
		one := pick(w.Rand, f.fields)
		patient, _ := read["patient"].(string)
		n := w.newWord(said{by: who, patient: patient, collection: f.collection, doc: id, field: one, saw: one.kind.words(read[one.name])})
		values[one.name] = one.kind.say(n)
	}
	if f.chip != "" && f.collection != "consents" && w.once(2) {
		values[f.chip] = pick(w.Rand, f.chips)
	}
	if rev != "" {
		values["rev"] = rev
	}
	var answer hookstest.Answer
	w.blindly(made, func() { answer = w.srv.do(who, "PATCH", "/api/collections/"+f.collection+"/records/"+id, values) })
	if answer.Status != 200 {
		w.unsay(made)
	}
	w.log("%s patches %s/%s %s: %d", who, f.collection, id, brief(values), answer.Status)
}

func (w *world) adminDeletes() {
	f := pick(w.Rand, forms)
	id := w.anyRow(f)
	if id == "" || f.fixed {
		return
	}
	var answer hookstest.Answer
	w.blindly(w.last, func() { answer = w.srv.do("root", "DELETE", "/api/collections/"+f.collection+"/records/"+id, nil) })
	w.log("the admin deletes %s/%s: %d", f.collection, id, answer.Status)
}

// sql changes a row behind everybody's back.
func (w *world) sql() {
	f := pick(w.Rand, forms)
	id := w.anyRow(f)
	if id == "" || len(f.fields) == 0 {
		return
	}
	if f.collection == "attack_readings" && w.once(2) {
		w.blindly(w.last, func() { w.exec("DELETE FROM attack_readings WHERE id={:id}", dbx.Params{"id": id}) })
		w.log("SQL deletes %s/%s", f.collection, id)
		return
	}
	one := pick(w.Rand, f.fields)
	n := w.newWord(said{by: "sql", patient: "", collection: f.collection, doc: id, field: one})
	w.blindly(w.last, func() { // it has seen nothing
		w.exec("UPDATE "+f.collection+" SET `"+one.name+"`={:v} WHERE id={:id}", dbx.Params{"v": one.kind.say(n), "id": id})
	})
	w.log("SQL sets %s/%s %s to %v", f.collection, id, one.name, one.kind.say(n))
}

func (w *world) exec(statement string, params dbx.Params) {
	_, err := w.srv.app.DB().NewQuery(statement).Bind(params).Execute()
	must(err)
}

// anyRow is the id of some row, "" if there is none.
func (w *world) anyRow(f form) string {
	var ids []string
	by := "id"
	if f.collection == "consents" { // their ids are made at random
		by = "patient, family"
	}
	must(w.srv.app.DB().NewQuery("SELECT id FROM " + f.collection + " ORDER BY " + by).Column(&ids))
	if len(ids) == 0 {
		return ""
	}
	return pick(w.Rand, ids)
}

// link begins or ends somebody's care.
func (w *world) link() {
	member, patient := hookstest.ID(pick(w.Rand, []string{"thera", "tess"})), hookstest.ID(pick(w.Rand, []string{"anna", "bo"}))
	var live []string
	must(w.srv.app.DB().NewQuery("SELECT id FROM care_links WHERE member={:m} AND patient={:p} AND until=''").Bind(dbx.Params{"m": member, "p": patient}).Column(&live))
	var answer hookstest.Answer
	if len(live) == 0 {
		answer = w.srv.do("root", "POST", "/api/collections/care_links/records",
			map[string]any{"member": member, "patient": patient, "role": "therapist", "from": "2026-01-05 10:00:00.000Z"})
	} else {
		answer = w.srv.do("root", "PATCH", "/api/collections/care_links/records/"+live[0], map[string]any{"until": "2026-02-05 10:00:00.000Z"})
	}
	w.log("the care of %s for %s %s: %d", member, patient, map[bool]string{true: "begins", false: "ends"}[len(live) == 0], answer.Status)
}

func (w *world) keepBackup() {
	w.backup = &backup{files: read(w.srv.dir), words: w.onServer()}
	for n := range w.inConflicts() {
		w.backup.words[n] = true
	}
	w.log("a backup is made")
}

func (w *world) restore() {
	if w.backup == nil {
		return
	}
	w.srv.restore(w.backup.files)
	w.restores++
	w.lostWithTheRestore()
	w.read = nil
	w.log("the backup is restored")
}

// --- words about it

func summary(request map[string]any) string {
	var out []string
	for _, entry := range request["push"].([]map[string]any) {
		state := entry["state"].(map[string]any)
		base := "new"
		if b, _ := entry["base"].(map[string]any); b != nil {
			base = fmt.Sprint("base ", b["rev"])
		}
		rev, _ := state["rev"].(string)
		out = append(out, fmt.Sprintf("%v %s/%s %s on %s rev %s", entry["n"], entry["collection"], state["id"], map[bool]string{true: "deleted", false: ""}[state["_deleted"] == true], base, rev))
	}
	return fmt.Sprintf("cursor %v ack %v [%s]", short2(request["cursor"]), short2(request["ack"]), strings.Join(out, "; "))
}

func short2(position any) string {
	if p, ok := position.(map[string]any); ok {
		return fmt.Sprint(p["epoch"], ":", p["seq"])
	}
	return "none"
}

func verdicts(a hookstest.Answer) string {
	list, _ := a.Body["verdicts"].([]any)
	if a.Status != 200 {
		return a.Text
	}
	var out []string
	for _, v := range list {
		one := v.(map[string]any)
		said := fmt.Sprint(one["n"], " ", one["verdict"])
		if data, ok := one["data"].(map[string]any); ok {
			said += fmt.Sprint(" ", slices.Sorted(maps.Keys(data)))
		}
		if fields, ok := one["fields"].([]any); ok {
			said += fmt.Sprint(" ", fields)
		}
		out = append(out, said)
	}
	return fmt.Sprintf("ack %v: %s", short2(a.Body["ack"]), strings.Join(out, ", "))
}

func brief(values map[string]any) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(values)) {
		if k != "patient" && k != "entered_at" && k != "_deleted" {
			out = append(out, fmt.Sprintf("%s=%v", k, values[k]))
		}
	}
	return strings.Join(out, " ")
}

// synced are the collections in order.
func synced() (out []string) {
	for _, p := range access.Synced() {
		out = append(out, p.Collection)
	}
	return out
}

package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"

	"interictal/hooks/access"
	"interictal/hooks/hookstest"
)

// observer knows every word, who said it, and what its writer saw in its place.
type observer struct {
	words   map[int]*said
	last    int
	removed []removal
}

// said is one word.
type said struct {
	by, patient, collection, doc string
	field                        field
	saw                          []int  // the words it replaced, as its writer saw them
	settled                      string // why nobody misses it
	given                        bool   // up: refused, and its writer let it go
	blind                        bool   // overwritten by somebody who had not seen it, and who could not know: it must be in sync_history
}

// removal is a delete and what its writer saw.
type removal struct {
	by, collection, doc string
	saw                 []int
}

func (o *observer) newWord(s said) int {
	o.last++
	o.words[o.last] = &s
	return o.last
}

func (o *observer) mark() int { return o.last }

// unsay: these words were refused before they were anywhere.
func (o *observer) unsay(since int) {
	for n := since + 1; n <= o.last; n++ {
		o.words[n].settled = "refused at once"
		o.words[n].saw = nil
	}
}

func (o *observer) takenBack(words []int, why string) {
	for _, n := range words {
		if s := o.words[n]; s != nil && s.settled == "" {
			s.settled = why
		}
	}
}

func (o *observer) deleted(by string, f form, id string, saw []int) {
	o.removed = append(o.removed, removal{by, f.collection, id, saw})
}

func (o *observer) notDeleted(by, collection, id string) {
	o.removed = slices.DeleteFunc(o.removed, func(r removal) bool { return r.by == by && r.collection == collection && r.doc == id })
}

// --- where words are

func (w *world) table(f form) []dbx.NullStringMap {
	var rows []dbx.NullStringMap
	must(w.srv.app.DB().NewQuery("SELECT * FROM " + f.collection + " ORDER BY id").All(&rows))
	return rows
}

// onServer are the words in rows.
func (w *world) onServer() map[int]bool {
	out := map[int]bool{}
	for _, f := range forms {
		for _, row := range w.table(f) {
			for _, one := range f.fields {
				for _, n := range one.kind.words(row[one.name].String) {
					out[n] = true
				}
			}
		}
	}
	return out
}

type keptLine struct{ Col, Doc, Kind, Detail string }

func (w *world) conflicts() (lines []keptLine) {
	must(w.srv.app.DB().Select("col", "doc", "kind", "detail").From("sync_conflicts").OrderBy("id").All(&lines))
	return lines
}

// inConflicts are the words in sync_conflicts that did not become a row's.
func (w *world) inConflicts() map[int]bool {
	out := map[int]bool{}
	for _, line := range w.conflicts() {
		f := formOf(line.Col)
		var detail map[string]any
		must(json.Unmarshal([]byte(line.Detail), &detail))
		for _, one := range f.fields {
			value := detail[one.name]
			if of, ok := value.(map[string]any); ok {
				value = of["lost"]
			}
			for _, n := range one.kind.words(value) {
				out[n] = true
			}
		}
	}
	return out
}

// inHistory are the words in superseded versions.
func (w *world) inHistory() map[int]bool {
	var rows []struct{ Col, Data string }
	must(w.srv.app.DB().NewQuery("SELECT col, data FROM sync_history WHERE data IS NOT NULL").All(&rows))
	out := map[int]bool{}
	for _, r := range rows {
		var data map[string]any
		must(json.Unmarshal([]byte(r.Data), &data))
		for _, n := range formOf(r.Col).wordsOf(data) {
			out[n] = true
		}
	}
	return out
}

// onPhones are the words that a phone can send again and will be heard with.
func (w *world) onPhones() map[int]bool {
	out := map[int]bool{}
	for _, d := range w.devices {
		maps.Copy(out, w.heldBy(d))
	}
	return out
}

func (w *world) heldBy(d *device) map[int]bool {
	out := map[int]bool{}
	for _, f := range forms {
		for _, row := range d.Rows(f.collection) {
			patient, _ := row["patient"].(string)
			if f.clinic || d.As == "staff" && (f.fixed || !w.everCared(d, patient)) {
				continue
			}
			for _, n := range f.wordsOf(row) {
				out[n] = true
			}
		}
	}
	return out
}

// words are all that can be read on a device.
func (d *device) words() map[int]bool {
	out := map[int]bool{}
	for _, f := range forms {
		for _, row := range d.Rows(f.collection) {
			for _, n := range f.wordsOf(row) {
				out[n] = true
			}
		}
	}
	return out
}

// everCared: the server knows, or knew, this device's owner as one of the patient's team. A stranger's word counts nothing.
func (w *world) everCared(d *device, patient string) bool {
	var n int
	must(w.srv.app.DB().NewQuery("SELECT COUNT(*) FROM care_links WHERE member={:m} AND patient={:p}").
		Bind(dbx.Params{"m": hookstest.ID(d.Owner), "p": patient}).Row(&n))
	return n > 0
}

// blindly does what its writer may do without having seen what goes. What the writer says for it are the words since.
func (w *world) blindly(since int, do func()) {
	before := w.onServer()
	do()
	after := w.onServer()
	seen := map[int]bool{}
	for n := since + 1; n <= w.last; n++ {
		for _, earlier := range w.words[n].saw {
			seen[earlier] = true
		}
	}
	for n := range before {
		if s := w.words[n]; s != nil && !after[n] && !seen[n] {
			s.blind = true
		}
	}
}

// lostWithTheRestore: what only the server had since the backup is gone, and nobody can help it.
func (w *world) lostWithTheRestore() {
	held := w.onPhones()
	for n, s := range w.words {
		if !held[n] && !w.backup.words[n] || s.blind {
			w.takenBack([]int{n}, "lost with the restore")
		}
	}
	w.removed = slices.DeleteFunc(w.removed, func(r removal) bool { return !w.deviceOf(r).Waits(r.collection, r.doc) })
}

// overRestore: a delete that crosses a restore may meet a copy that somebody sends anew who never heard of an answer.
// Then words come back rather than get lost.
func (w *world) overRestore(d *device) {
	w.removed = slices.DeleteFunc(w.removed, func(r removal) bool { return w.deviceOf(r) == d })
}

func (w *world) deviceOf(r removal) *device {
	return w.devices[slices.IndexFunc(w.devices, func(d *device) bool { return d.Device == r.by })]
}

// --- what must be true at any time

var verdictWords = []string{"applied", "merged", "unchanged", "conflict", "refused", "handedOver"}

// plausible: one verdict for each entry, in the order of their numbers.
func (w *world) plausible(from string, request map[string]any, a hookstest.Answer) {
	if a.Status == 409 && a.Has("E_SYNC_RESET") {
		return
	}
	if a.Status != 200 {
		panic(fault(fmt.Sprintf("%s is answered %d %s", from, a.Status, a.Text)))
	}
	list := a.Body["verdicts"].([]any)
	for i, v := range list {
		one := v.(map[string]any)
		if !slices.Contains(verdictWords, one["verdict"].(string)) {
			panic(fault(fmt.Sprintf("%s is told %v", from, one["verdict"])))
		}
		if request == nil {
			continue
		}
		if entry := request["push"].([]map[string]any)[i]; float64(entry["n"].(int64)) != one["n"] {
			panic(fault(fmt.Sprintf("%s: verdict %d is for %v, not %v", from, i, one["n"], entry["n"])))
		}
		if data, _ := one["data"].(map[string]any); data["E_NOT_STORED"] != nil {
			panic(fault(from + ": the server could not store an entry"))
		}
	}
	if request != nil && len(list) != len(request["push"].([]map[string]any)) {
		panic(fault(fmt.Sprintf("%s sent %d entries and has %d verdicts", from, len(request["push"].([]map[string]any)), len(list))))
	}
}

// --- what must be true in the end

// settle lets every device exchange in peace, until nobody has anything to say.
func (w *world) settle() {
	w.wire = nil
	w.log("peace")
	for range 12 {
		before := w.newest()
		for _, d := range w.devices {
			w.sync(d)
		}
		if w.newest() == before && !slices.ContainsFunc(w.devices, func(d *device) bool { return d.Waiting() > len(d.Stopped()) }) {
			return
		}
	}
	panic(fault("the devices go on and on"))
}

func (w *world) sync(d *device) {
	for range 60 {
		request := d.Request(500)
		answer := w.send(d, request)
		if answer.Has("E_SYNC_RESET") {
			w.startOver(d)
			continue
		}
		if !w.file(d, request, answer) {
			return
		}
	}
	panic(fault(d.Device + " goes on and on"))
}

func (w *world) newest() (n int64) {
	must(w.srv.app.DB().NewQuery("SELECT seq FROM sqlite_sequence WHERE name='sync_log'").Row(&n))
	return n
}

// judge is the last word on a run.
func (w *world) judge() {
	w.settle()
	w.journalHolds()
	w.everyWord()
	w.everyDelete()
	w.alike()
	w.nothingLeft()
	for _, d := range w.devices {
		w.discard(d)
	}
	w.settle()
	w.alike()
	w.everyWord()
}

// everyWord is where somebody can find it, or was replaced by somebody who had seen it. A word that was never in a row
// has replaced nothing but its writer's own that were not either.
func (w *world) everyWord() {
	rows, history, conflicts, refused := w.onServer(), w.inHistory(), w.inConflicts(), w.onRefused()
	replaced, dropped := map[int]bool{}, map[int]bool{}
	for n := w.last; n > 0; n-- { // a word is replaced by later ones only
		s := w.words[n]
		stored := rows[n] || history[n]
		if s.settled == "" && !replaced[n] && !rows[n] && !conflicts[n] && !refused[n] && !(s.blind && history[n]) && !(dropped[n] && !stored) {
			panic(fault(fmt.Sprintf("%v (%s), which %s wrote into %s of %s/%s in the place of %v, is lost (history %v, blind %v)",
				s.field.kind.say(n), text(n), s.by, s.field.name, s.collection, s.doc, s.saw, history[n], s.blind)))
		}
		for _, earlier := range s.saw {
			replaced[earlier] = replaced[earlier] || stored || replaced[n] || s.settled != "" && !s.given
			dropped[earlier] = dropped[earlier] || w.words[earlier] != nil && w.words[earlier].by == s.by
		}
	}
}

// onRefused are the words in entries that were refused and that their writer can see.
func (w *world) onRefused() map[int]bool {
	out := map[int]bool{}
	for _, d := range w.devices {
		for _, one := range d.Stopped() {
			for _, n := range formOf(one[0]).wordsOf(d.Row(one[0], one[1])) {
				out[n] = true
			}
		}
	}
	return out
}

// everyDelete stands, or somebody has said something since that its writer had not seen, or people are asked.
func (w *world) everyDelete() {
	asked := map[string]bool{}
	for _, line := range w.conflicts() {
		if slices.Contains([]string{"delete_lost", "resurrected", "handed_over", "restored_from_client", "rejected"}, line.Kind) {
			asked[line.Col+"/"+line.Doc] = true
		}
	}
	for _, d := range w.devices {
		for _, one := range d.Stopped() {
			asked[one[0]+"/"+one[1]] = true
		}
	}
	for _, key := range w.returnedTwice() {
		asked[key] = true // nobody knows any more that an older lost version was on the way to it (docs/decisions/006)
	}
	words := map[string][]int{}
	for _, f := range forms {
		for _, row := range w.table(f) {
			found := []int{0}
			for _, one := range f.fields {
				found = append(found, one.kind.words(row[one.name].String)...)
			}
			words[f.collection+"/"+row["id"].String] = found[1:]
		}
	}
	for _, r := range w.removed {
		now, there := words[r.collection+"/"+r.doc]
		now = append(now, w.since(r.collection, r.doc)...)
		fresh := slices.ContainsFunc(now, func(n int) bool { return !slices.Contains(r.saw, n) })
		if there && !fresh && !asked[r.collection+"/"+r.doc] {
			panic(fault(fmt.Sprintf("%s deleted %s/%s, and it is back with nothing new in it: %v of %v", r.by, r.collection, r.doc, now, r.saw)))
		}
	}
}

// returnedTwice are documents that came back after a restore, where there had been another one before.
func (w *world) returnedTwice() (keys []string) {
	if w.restores > 1 {
		must(w.srv.app.DB().NewQuery("SELECT col||'/'||doc FROM sync_returned").Column(&keys))
	}
	return keys
}

// since are the words of the versions of a document since it was deleted last.
func (w *world) since(collection, doc string) (words []int) {
	var rows []struct{ Data string }
	must(w.srv.app.DB().NewQuery(`SELECT data FROM sync_history WHERE col={:c} AND doc={:d} AND data IS NOT NULL
AND seq > (SELECT MAX(seq) FROM sync_history WHERE col={:c} AND doc={:d} AND data IS NULL)`).Bind(dbx.Params{"c": collection, "d": doc}).All(&rows))
	for _, r := range rows {
		var data map[string]any
		must(json.Unmarshal([]byte(r.Data), &data))
		words = append(words, formOf(collection).wordsOf(data)...)
	}
	return words
}

// alike: every device has what the server has, by the digest and word for word as a new device of the same owner.
func (w *world) alike() {
	for _, d := range w.devices {
		other := hookstest.NewPhone(d.T, d.Owner, "witness-of-"+d.Device)
		other.As = d.As
		fresh := &device{other, 0}
		w.sync(fresh)
		for _, collection := range synced() {
			w.alikeIn(d, fresh, collection)
		}
	}
}

func (w *world) alikeIn(d, fresh *device, collection string) {
	answer := w.srv.do(d.Owner, "GET", "/api/sync/digest?list=1&collection="+collection+"&as="+d.As, nil)
	if answer.Status != 200 {
		panic(fault(fmt.Sprintf("%s: the digest says %d %s", d.Device, answer.Status, answer.Text)))
	}
	want, _ := answer.Body["documents"].(map[string]any)
	got, rows := map[string]any{}, map[string]map[string]any{}
	for _, row := range d.Rows(collection) {
		got[row["id"].(string)], rows[row["id"].(string)] = row["rev"], row
	}
	for _, one := range d.Stopped() {
		if one[0] == collection {
			delete(want, one[1])
			delete(got, one[1])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] != want[id] {
			panic(fault(fmt.Sprintf("%s has %s/%s at %v, the server at %v", d.Device, collection, id, got[id], want[id])))
		}
		if field := differs(rows[id], fresh.Row(collection, id)); field != "" {
			panic(fault(fmt.Sprintf("%s has %s/%s with %s %v, a new device %v", d.Device, collection, id, field, rows[id][field], fresh.Row(collection, id)[field])))
		}
	}
	for id := range got {
		if _, there := want[id]; !there {
			panic(fault(fmt.Sprintf("%s has %s/%s at %v, the server has none for it", d.Device, collection, id, got[id])))
		}
	}
}

// differs names a field that two copies do not agree on. A write that changes nothing moves `updated`, and is no news.
func differs(a, b map[string]any) string {
	for _, field := range slices.Sorted(maps.Keys(a)) {
		if field != "updated" && !reflect.DeepEqual(a[field], b[field]) {
			return field
		}
	}
	return ""
}

// nothingLeft: no staff device holds anything of somebody who is not theirs any more, or of a family that is not shared.
func (w *world) nothingLeft() {
	for _, d := range w.devices {
		if d.As != "staff" {
			continue
		}
		for key, of := range d.Everything() {
			collection, id, _ := strings.Cut(key, "/")
			patient := id
			for _, part := range of {
				if row, _ := part.(map[string]any); row["patient"] != nil {
					patient = row["patient"].(string)
				}
			}
			if slices.Contains(d.Stopped(), [2]string{collection, id}) && !w.everCared(d, patient) {
				continue // a link that a restore has lost: her own unsent words stay before her eyes until she gives them up
			}
			if !w.mayHold(d, collection, patient) {
				panic(fault(fmt.Sprintf("%s still holds %s of %s: %v", d.Device, key, patient, of)))
			}
		}
	}
}

func (w *world) mayHold(d *device, collection, patient string) bool {
	policy, _ := access.Of(collection)
	var n int
	must(w.srv.app.DB().NewQuery(`SELECT COUNT(*) FROM care_links l WHERE member={:m} AND patient={:p} AND until=''
AND ({:f}='' OR EXISTS (SELECT 1 FROM consents c WHERE c.patient=l.patient AND c.family={:f} AND c.state='given'))`).
		Bind(dbx.Params{"m": hookstest.ID(d.Owner), "p": patient, "f": string(policy.Family)}).Row(&n))
	return n > 0
}

// journalHolds: sync_log says of every row that it is there, of no other, and gives each a number of its own.
func (w *world) journalHolds() {
	var lines []struct{ Col, Doc, Scope, Op string }
	must(w.srv.app.DB().NewQuery("SELECT col, doc, scope, op FROM sync_log WHERE audience='' ORDER BY seq").All(&lines))
	alive := map[string]string{}
	for _, l := range lines {
		delete(alive, l.Col+"/"+l.Doc)
		if l.Op == "U" {
			alive[l.Col+"/"+l.Doc] = l.Scope
		}
	}
	for _, collection := range synced() { // also of what the server writes by itself
		f := form{collection: collection}
		for _, row := range w.table(f) {
			key, scope := f.collection+"/"+row["id"].String, row["patient"].String
			if f.collection == "patients" {
				scope = row["id"].String
			}
			if alive[key] != scope {
				panic(fault(fmt.Sprintf("%s of %q is there, the journal says %q", key, scope, alive[key])))
			}
			delete(alive, key)
		}
	}
	if len(alive) > 0 {
		panic(fault(fmt.Sprintf("the journal tells of rows that are not there: %v", alive)))
	}
}

package hooks_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"interictal/hooks/hookstest"
)

// One entry in every situation that a server can find it in (spec/sync.md §6.9, 7): what the server has, what the
// phone says it knew (base), which version its row names (rev), what it wants, and whether it is the phone that
// wrote the versions before. What must hold is the same in all of them.

// plight is one situation.
type plight struct{ current, base, rev, wish, device string }

func (p plight) String() string {
	return fmt.Sprintf("server has %s, base %s, rev %s, wish %s, %s device", p.current, p.base, p.rev, p.wish, p.device)
}

func plights() (out []plight) {
	for _, current := range []string{"none", "alive", "deleted"} {
		for _, base := range []string{"none", "equal", "older", "newer"} {
			for _, rev := range []string{"valid", "old", "tombstone", "lost", "absent"} {
				for _, wish := range []string{"edit", "delete", "equal", "stale"} {
					for _, device := range []string{"same", "other"} {
						out = append(out, plight{current, base, rev, wish, device})
					}
				}
			}
		}
	}
	return out
}

// pusher speaks for devices of anna's, each with its numbers and the last acknowledgement.
type pusher struct {
	t   *testing.T
	h   *hookstest.House
	n   int
	ack map[string]any
}

// push sends entries as one request.
func (p *pusher) push(device string, entries ...map[string]any) []map[string]any {
	p.t.Helper()
	a := p.h.Do("anna", "POST", "/api/sync/exchange", map[string]any{"device": device, "schema": 1, "ack": p.ack[device], "limit": 1, "push": entries})
	if a.Status != 200 {
		p.t.Fatalf("%d %s", a.Status, a.Text)
	}
	p.ack[device] = a.Body["ack"]
	return verdictsOf(a)
}

func (p *pusher) entry(base, state map[string]any) map[string]any {
	p.n++
	return map[string]any{"n": p.n, "collection": "medications", "base": base, "state": state}
}

// known is a row as the device of before has it; steps change all the rows of a table at once, as one push.
func (p *pusher) steps(known []map[string]any, change func(i int) map[string]any) []map[string]any {
	p.t.Helper()
	entries, out := []map[string]any{}, []map[string]any{}
	for i, row := range known {
		state := maps.Clone(row)
		maps.Copy(state, change(i))
		if row["rev"] == nil || row["_deleted"] == true {
			row = nil
		}
		if row == nil {
			delete(state, "rev")
		}
		entries = append(entries, p.entry(row, state))
	}
	for _, v := range p.push("device-of-before", entries...) {
		if v["verdict"] != "applied" {
			p.t.Fatalf("the story cannot be told: %v", v)
		}
		out = append(out, v["doc"].(map[string]any))
	}
	return out
}

// versions of one row: the first, the last, what it was when it was deleted, and one that a restore has lost.
type versions struct{ first, last, tombstone, lost map[string]any }

func medicine(id, words string) map[string]any {
	return map[string]any{"id": id, "patient": annas, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute",
		"strength": "strength-" + words, "prescriber": "prescriber-" + words, "_deleted": false}
}

func TestEveryPlightOfAnEntry(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	backup := h.Backup()
	p := &pusher{t: t, h: h, ack: map[string]any{}}
	all := plights()
	blank := make([]map[string]any, len(all)+1)
	for i := range blank {
		blank[i] = map[string]any{"id": idOf(i)}
	}
	lost := p.steps(blank, func(i int) map[string]any { return medicine(idOf(i), fmt.Sprint("lost-", i)) })
	h = h.Restored(backup)
	p.h, p.ack = h, map[string]any{}

	lived := []map[string]any{}
	at := map[string]int{} // the last row is a stranger's, whose versions those name that have none
	for i, row := range blank {
		if i == len(all) || all[i].current != "none" {
			at[row["id"].(string)] = len(lived)
			lived = append(lived, row)
		}
	}
	first := p.steps(lived, func(i int) map[string]any { return medicine(lived[i]["id"].(string), fmt.Sprint(i, "-first")) })
	last := p.steps(first, func(i int) map[string]any { return map[string]any{"strength": fmt.Sprint("strength-", i, "-last")} })
	gone := p.steps(last, func(int) map[string]any { return map[string]any{"_deleted": true} })
	alive, back := map[string]int{}, []map[string]any{}
	for i, c := range all {
		if c.current == "alive" {
			alive[idOf(i)] = len(back)
			back = append(back, gone[at[idOf(i)]])
		}
	}
	again := p.steps(back, func(i int) map[string]any { return medicine(back[i]["id"].(string), fmt.Sprint(i, "-again")) })
	newest := p.steps(again, func(i int) map[string]any { return map[string]any{"strength": fmt.Sprint("strength-", i, "-newest")} })

	trials := make([]trial, len(all))
	for i, c := range all {
		of, lives := at[idOf(i)]
		if !lives {
			of = len(lived) - 1
		}
		v := versions{first: first[of], last: last[of], tombstone: gone[of], lost: lost[i]}
		if n, there := alive[idOf(i)]; there {
			v.first, v.last = again[n], newest[n]
		}
		trials[i] = p.trial(c, idOf(i), v)
	}
	p.judge(trials)
}

func idOf(i int) string { return fmt.Sprintf("medicine%07d", i) }

// trial is one entry and what became of it.
type trial struct {
	plight
	id            string
	entry         map[string]any
	seen          []any // every value that whoever wrote it had seen
	before, after row
	verdict       map[string]any
}

func (p *pusher) trial(c plight, id string, v versions) trial {
	named := map[string]map[string]any{"valid": v.last, "old": v.first, "tombstone": v.last, "lost": v.lost, "absent": v.last}[c.rev]
	state := maps.Clone(named)
	state["id"], state["_deleted"] = id, c.wish == "delete"
	switch c.rev {
	case "tombstone":
		state["rev"] = v.tombstone["rev"]
	case "absent":
		delete(state, "rev")
	}
	base := map[string]map[string]any{"none": nil, "equal": named, "older": v.first, "newer": v.last}[c.base]
	if base != nil {
		base = maps.Clone(base)
		base["id"] = id
	}
	switch c.wish {
	case "edit":
		state["strength"] = "strength-new-" + id
	case "equal":
		state["strength"], state["prescriber"] = v.last["strength"], v.last["prescriber"]
	case "stale":
		state["strength"], state["prescriber"] = v.first["strength"], v.first["prescriber"]
	}
	seen := []any{state["strength"], state["prescriber"], base["strength"], base["prescriber"]}
	if c.rev != "absent" {
		seen = append(seen, named["strength"], named["prescriber"])
	}
	if c.device == "same" {
		seen = append(seen, v.first["strength"], v.last["strength"], v.first["prescriber"])
	}
	return trial{plight: c, id: id, entry: p.entry(base, state), seen: seen}
}

// judge sends all the entries of a device at once, looks at every row, and sends them once more.
func (p *pusher) judge(trials []trial) {
	before := p.rows()
	verdicts := p.sendAll(trials)
	after, seq := p.rows(), newest(p.t, p.h)
	again := p.sendAll(trials)
	if now := newest(p.t, p.h); now != seq {
		p.t.Errorf("sent once more, they make %d new numbers", now-seq)
	}
	for id, r := range p.rows() {
		if r != after[id] {
			p.t.Errorf("sent once more, it is another: %v, was %v", r, after[id])
		}
	}
	for _, c := range trials {
		c.before, c.after, c.verdict = before[c.id], after[c.id], verdicts[c.id]
		if fault := c.fault(); fault != "" {
			p.t.Errorf("%s: %s\n  sent %v\n  before %v\n  after %v\n  verdict %v", c.plight, fault, c.entry, c.before, c.after, c.verdict)
		}
		if again[c.id]["verdict"] != "unchanged" {
			p.t.Errorf("%s: sent once more, it is %v", c.plight, again[c.id])
		}
	}
}

func (p *pusher) sendAll(trials []trial) map[string]map[string]any {
	p.t.Helper()
	out := map[string]map[string]any{}
	for kind, device := range map[string]string{"same": "device-of-before", "other": "device-of-others"} {
		var ids []string
		var entries []map[string]any
		for _, c := range trials {
			if c.device == kind {
				ids, entries = append(ids, c.id), append(entries, c.entry)
			}
		}
		for i, v := range p.push(device, entries...) {
			out[ids[i]] = v
		}
	}
	return out
}

// fault is what must not be, in whatever plight.
func (c trial) fault() string {
	word := c.verdict["verdict"].(string)
	if !slices.Contains([]string{"applied", "merged", "unchanged", "conflict"}, word) {
		return "the verdict is " + word
	}
	doc, state := c.verdict["doc"].(map[string]any), c.entry["state"].(map[string]any)
	if deleted := doc["_deleted"] == true; deleted == c.after.there || !deleted && (doc["strength"] != c.after.strength || doc["prescriber"] != c.after.prescriber) {
		return "the phone is shown what the server does not have"
	}
	for was, is := range map[string]string{c.before.strength: c.after.strength, c.before.prescriber: c.after.prescriber} {
		if was != is && !slices.Contains(c.seen, any(was)) && !strings.Contains(c.after.kept, was) {
			return was + " of the server is lost, and the phone had never seen it"
		}
	}
	if fresh := state["strength"].(string); c.wish == "edit" && c.after.strength != fresh && !strings.Contains(c.after.kept, fresh) {
		return fresh + " of the phone is lost"
	}
	asked := c.rev == "lost" && c.base == "equal" // a version that a restore has lost comes back with it, and is kept
	if c.wish == "equal" && c.current == "alive" && (c.after.seq != c.before.seq || word != "unchanged" && !asked) {
		return "what is equal makes news"
	}
	return ""
}

// row is what the server has of one: two words, its number, and how often and which values lost against it.
type row struct {
	there                bool
	strength, prescriber string
	seq                  int64
	kept                 string
}

func (p *pusher) rows() map[string]row {
	var found []struct {
		Doc, Strength, Prescriber, Kept string
		Seq                             int64
		There                           bool
	}
	check(p.t, p.h.App.DB().NewQuery(`SELECT l.doc, l.seq, m.id IS NOT NULL AS there, COALESCE(m.strength, '') AS strength, COALESCE(m.prescriber, '') AS prescriber,
(SELECT COUNT(DISTINCT c.id) || ' lines: ' || COALESCE(group_concat(j.value->>'lost', ' '), '') FROM sync_conflicts c LEFT JOIN json_each(c.detail) j WHERE c.doc=l.doc) AS kept
FROM sync_log l LEFT JOIN medications m ON m.id=l.doc WHERE l.col='medications' AND l.audience=''`).All(&found))
	out := map[string]row{}
	for _, r := range found {
		out[r.Doc] = row{r.There, r.Strength, r.Prescriber, r.Seq, r.Kept}
	}
	return out
}

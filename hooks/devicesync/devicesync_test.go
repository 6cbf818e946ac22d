package devicesync

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

var (
	empty  = State{"pain": nil, "neck": nil, "note": "", "entered": "", "diary": "", "signs": []any{}, "answers": nil}
	fields = Fields{"entered": {Policy: Quiet}, "diary": {Policy: Append, Max: 12}, "signs": {Policy: Union}, "answers": {Policy: Each}}
)

// row is a whole document with some fields said.
func row(said State) State { return empty.With(said) }

// said is a form's answers, item by item.
func said(pairs ...any) State {
	answers := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		answers[pairs[i].(string)] = pairs[i+1]
	}
	return State{"answers": answers}
}

// Every branch of Decide. Two people, or one with two phones: `they` are the others.
func TestTheVerdictOnOneEntry(t *testing.T) {
	for _, c := range []struct {
		name    string
		c       Case
		verdict Verdict
		write   State
		fields  string // told to the phone
		losing  string // kept in sync_conflicts
		kind    string
		create  bool
		delete  bool
	}{
		// made here
		{name: "a new row", c: Case{Sent: State{"pain": 7.0}}, verdict: Applied, create: true, write: State{"pain": 7.0}},
		{name: "a row the server has never had comes back whole", c: Case{Base: row(State{"note": "a"}), Sent: State{"pain": 7.0}},
			verdict: Applied, create: true, write: row(State{"note": "a", "pain": 7.0})},
		{name: "made again after it was deleted", c: Case{Gone: true, Sent: State{"pain": 7.0}}, verdict: Applied, create: true, write: State{"pain": 7.0}},
		{name: "made on two phones, different questions", c: Case{Current: row(State{"pain": 7.0}), Sent: row(State{"neck": 2.0})},
			verdict: Merged, write: State{"neck": 2.0}},
		{name: "made on two phones, the same answers", c: Case{Current: row(State{"pain": 7.0}), Sent: row(State{"pain": 7.0})}, verdict: Unchanged, write: State{}},
		{name: "made on two phones, different answers", c: Case{Current: row(State{"pain": 7.0}), Sent: row(State{"pain": 3.0, "neck": 2.0})},
			verdict: Conflict, write: State{"neck": 2.0}, fields: "pain", losing: "pain", kind: KindConflict},
		{name: "made on two phones, this one says nothing they do not", c: Case{Current: row(State{"pain": 7.0}), Sent: row(nil)}, verdict: Unchanged, write: State{}},

		// changed here
		{name: "only this phone changed it", c: Case{Base: row(State{"pain": 7.0}), Current: row(State{"pain": 7.0}), Sent: row(State{"pain": 8.0})},
			verdict: Applied, write: State{"pain": 8.0}},
		{name: "an answer taken back", c: Case{Base: row(State{"pain": 7.0}), Current: row(State{"pain": 7.0}), Sent: row(nil)},
			verdict: Applied, write: State{"pain": nil}},
		{name: "zero is an answer, not a missing one", c: Case{Current: row(nil), Sent: row(State{"pain": 0.0})}, verdict: Applied, write: State{"pain": 0.0}},
		{name: "they changed another field", c: Case{Base: row(nil), Current: row(State{"pain": 7.0}), Sent: row(State{"neck": 2.0})},
			verdict: Merged, write: State{"neck": 2.0}},
		{name: "they changed it, this phone did not", c: Case{Base: row(nil), Current: row(State{"pain": 7.0}), Sent: row(nil)}, verdict: Unchanged, write: State{}},
		{name: "both changed it alike", c: Case{Base: row(nil), Current: row(State{"pain": 7.0}), Sent: row(State{"pain": 7.0})}, verdict: Unchanged, write: State{}},
		{name: "both changed it", c: Case{Base: row(State{"pain": 1.0}), Current: row(State{"pain": 2.0}), Sent: row(State{"pain": 3.0})},
			verdict: Conflict, write: State{}, fields: "pain", losing: "pain", kind: KindConflict},
		{name: "they took back what this phone changed", c: Case{Base: row(State{"pain": 1.0}), Current: row(nil), Sent: row(State{"pain": 3.0})},
			verdict: Conflict, write: State{}, fields: "pain", losing: "pain", kind: KindConflict},
		{name: "a field that is not sent is untouched", c: Case{Base: row(State{"note": "a"}), Current: row(State{"note": "a"}), Sent: State{"pain": 4.0}},
			verdict: Applied, write: State{"pain": 4.0}},
		{name: "a base that does not name a field knows it as empty", c: Case{Base: State{"pain": 1.0}, Current: row(State{"pain": 1.0}), Sent: State{"neck": 2.0}},
			verdict: Applied, write: State{"neck": 2.0}},
		{name: "when it was entered is no quarrel", c: Case{Current: row(State{"pain": 7.0, "entered": "8:00"}), Sent: row(State{"neck": 2.0, "entered": "9:00"})},
			verdict: Merged, write: State{"neck": 2.0}, losing: "entered", kind: KindQuiet},
		{name: "only when it was entered differs", c: Case{Current: row(State{"entered": "8:00"}), Sent: row(State{"entered": "9:00"})},
			verdict: Unchanged, write: State{}, losing: "entered", kind: KindQuiet},
		{name: "a quarrel takes the quiet value along", c: Case{Current: row(State{"pain": 1.0, "entered": "8:00"}), Sent: row(State{"pain": 2.0, "entered": "9:00"})},
			verdict: Conflict, write: State{}, fields: "pain", losing: "entered pain", kind: KindConflict},

		// fields with a policy of their own
		{name: "both wrote on", c: Case{Base: row(State{"diary": "a"}), Current: row(State{"diary": "a b"}), Sent: row(State{"diary": "a c"})},
			verdict: Merged, write: State{"diary": "a b\nc"}},
		{name: "both began", c: Case{Current: row(State{"diary": "b"}), Sent: row(State{"diary": "c"})}, verdict: Merged, write: State{"diary": "b\nc"}},
		{name: "one wrote on, the other anew", c: Case{Base: row(State{"diary": "a"}), Current: row(State{"diary": "a b"}), Sent: row(State{"diary": "c"})},
			verdict: Conflict, write: State{}, fields: "diary", losing: "diary", kind: KindConflict},
		{name: "too long for both", c: Case{Current: row(State{"diary": "123456"}), Sent: row(State{"diary": "789012"})},
			verdict: Conflict, write: State{}, fields: "diary", losing: "diary", kind: KindConflict},
		{name: "a list keeps what either added and loses what either took out",
			c:       Case{Base: row(State{"signs": []any{"x", "y", "z"}}), Current: row(State{"signs": []any{"x", "z", "t"}}), Sent: row(State{"signs": []any{"x", "y", "m"}})},
			verdict: Merged, write: State{"signs": []any{"x", "t", "m"}}},
		{name: "a form filled in further on two devices", c: Case{Base: row(said("q1", 5.0, "q2", nil)), Current: row(said("q1", 5.0, "q2", 3.0)), Sent: row(said("q1", 5.0, "q2", nil, "q3", 4.0))},
			verdict: Merged, write: said("q1", 5.0, "q2", 3.0, "q3", 4.0)},
		{name: "the same question answered alike, another taken back", c: Case{Base: row(said("q1", 5.0)), Current: row(said("q1", 5.0, "q2", 3.0)), Sent: row(said("q2", 3.0))},
			verdict: Merged, write: said("q2", 3.0)},
		{name: "one question answered twice", c: Case{Base: row(said("q1", 5.0)), Current: row(said("q1", 4.0)), Sent: row(said("q1", 3.0, "q2", 2.0))},
			verdict: Conflict, write: State{}, fields: "answers", losing: "answers", kind: KindConflict},
		{name: "a form begun on two devices", c: Case{Current: row(said("q1", 5.0)), Sent: row(said("q2", 3.0))}, verdict: Merged, write: said("q1", 5.0, "q2", 3.0)},
		{name: "a form emptied there", c: Case{Base: row(said("q1", 5.0)), Current: row(nil), Sent: row(said("q1", 3.0))},
			verdict: Conflict, write: State{}, fields: "answers", losing: "answers", kind: KindConflict},
		{name: "a list that holds all of it already", c: Case{Base: row(State{"signs": []any{"x"}}), Current: row(State{"signs": []any{"m", "x"}}), Sent: row(State{"signs": []any{"x", "m"}})},
			verdict: Unchanged, write: State{}},

		// deleted
		{name: "deleted here", c: Case{Delete: true, Base: row(State{"pain": 1.0}), Current: row(State{"pain": 1.0})}, verdict: Applied, delete: true},
		{name: "deleted here and there", c: Case{Delete: true, Gone: true, Base: row(State{"pain": 1.0})}, verdict: Unchanged},
		{name: "deleted here, only the time of entry changed there", c: Case{Delete: true, Base: row(State{"pain": 1.0}), Current: row(State{"pain": 1.0, "entered": "8:00"})},
			verdict: Applied, delete: true},
		{name: "deleted here, changed there", c: Case{Delete: true, Base: row(State{"pain": 1.0}), Current: row(State{"pain": 1.0, "note": "bad"})},
			verdict: Conflict, fields: "note", losing: "note", kind: KindDeleteLost},
		{name: "deleted here, added to there", c: Case{Delete: true, Grown: true, Base: row(nil), Current: row(nil)}, verdict: Conflict, kind: KindDeleteLost},
		{name: "deleted by a phone that never saw it", c: Case{Delete: true, Current: row(State{"pain": 1.0})},
			verdict: Conflict, fields: "pain", losing: "pain", kind: KindDeleteLost},
		{name: "an echo of the server's own tombstone", c: Case{Delete: true, Echo: true, Current: row(State{"pain": 1.0})}, verdict: Unchanged},
		{name: "deleted so long ago that nothing is left of it", c: Case{Dead: true, Sent: State{"pain": 2.0}}, verdict: Conflict, losing: "pain", kind: KindPurged},
		{name: "deleted there, changed here", c: Case{Gone: true, Base: row(State{"pain": 1.0}), Sent: State{"pain": 2.0}},
			verdict: Applied, create: true, write: row(State{"pain": 2.0}), kind: KindResurrected},
		{name: "deleted there, an untouched copy here", c: Case{Gone: true, Base: row(State{"pain": 1.0}), Sent: row(State{"pain": 1.0})}, verdict: Unchanged},
	} {
		c.c.Empty, c.c.Fields = empty, fields
		d := Decide(c.c)
		losing := strings.Join(slices.Sorted(maps.Keys(d.Losing)), " ")
		if d.Verdict != c.verdict || d.Create != c.create || d.Delete != c.delete || d.Kind != c.kind ||
			strings.Join(d.Fields, " ") != c.fields || losing != c.losing || !same(d.Write.With(nil), c.write.With(nil)) {
			t.Errorf("%s: got %+v", c.name, d)
		}
	}
}

// What the phone has after an entry is the ancestor of its next one, if the answer gets lost.
func TestTheViewOfThePhone(t *testing.T) {
	c := Case{Base: row(State{"pain": 1.0, "note": "a"}), Sent: State{"pain": 2.0}, Empty: empty}
	if v := c.View(); !same(v, row(State{"pain": 2.0, "note": "a"})) {
		t.Errorf("changed: %v", v)
	}
	c.Delete = true
	if v := c.View(); v != nil {
		t.Errorf("deleted: %v", v)
	}
}

func TestWhatWasPushedBefore(t *testing.T) {
	at := func(seq int64) *Position { return &Position{Epoch: "e", Seq: seq} }
	last := Last{N: 5, Hash: "h", Seq: 20}
	base := func(rev string) map[string]any { return map[string]any{"rev": rev} }
	for _, c := range []struct {
		name            string
		entry           Entry
		ack             *Position
		gone            bool
		given           int64
		hash            string
		unseen, repeats bool
	}{
		{name: "the next change, after the answer", entry: Entry{N: 6, Base: base("e:20")}, hash: "x"},
		{name: "a change on top of a lost answer", entry: Entry{N: 6, Base: base("e:19")}, hash: "x", unseen: true},
		{name: "the same entry again", entry: Entry{N: 5, Base: base("e:19")}, hash: "h", unseen: true, repeats: true},
		{name: "the same entry under a new number", entry: Entry{N: 6, Base: base("e:19")}, hash: "h", unseen: true, repeats: true},
		{name: "the same words again after the answer are new", entry: Entry{N: 6, Base: base("e:21")}, hash: "h"},
		{name: "an older entry, overtaken", entry: Entry{N: 4, Base: base("e:20")}, hash: "x", repeats: true},
		{name: "the same number with other words", entry: Entry{N: 5, Base: base("e:20")}, hash: "x"},
		{name: "a base that names no version is taken at its word", entry: Entry{N: 6, Base: map[string]any{}}, hash: "h"},
		{name: "made here and not answered", entry: Entry{N: 6}, hash: "x", unseen: true},
		{name: "made here, answered, changed before the answer was filed", entry: Entry{N: 6}, ack: at(30), hash: "x", unseen: true},
		{name: "made here, gone, made again after the answer", entry: Entry{N: 6}, ack: at(20), gone: true, hash: "h"},
		{name: "made here, gone, and the answer got lost", entry: Entry{N: 6}, ack: at(19), gone: true, hash: "h", unseen: true, repeats: true},
		{name: "made here, erased with the right to it, made again", entry: Entry{N: 6}, ack: at(30), given: 21, hash: "x"},
		{name: "the same, by a client that acknowledges nothing", entry: Entry{N: 6}, given: 21, hash: "x"},
		{name: "the right came and went, and the phone has not heard a word", entry: Entry{N: 6}, ack: at(19), given: 21, hash: "h", unseen: true, repeats: true},
		{name: "made here, acknowledged after a restart, and still without a base", entry: Entry{N: 6}, ack: &Position{Epoch: "next", Seq: 20}, hash: "x"},
		{name: "after a reset the row's own rev speaks", entry: Entry{N: 6, State: map[string]any{"rev": "e:25"}}, hash: "x"},
	} {
		last.Given = c.given
		unseen := last.Unseen(c.entry, c.ack, c.gone, History{Epochs: []Epoch{{Name: "e"}, {Name: "next", Start: 40}}, Max: 99})
		if unseen != c.unseen || last.Repeats(c.entry, c.hash, unseen) != c.repeats {
			t.Errorf("%s: unseen %v, repeats %v", c.name, unseen, last.Repeats(c.entry, c.hash, unseen))
		}
	}
	if (Last{}).Unseen(Entry{N: 1}, nil, false, History{}) || (Last{}).Repeats(Entry{N: -1}, "h", false) {
		t.Error("a row this device never pushed has no last push")
	}
}

func TestAPositionIsKnownUpToTheEndOfItsEpoch(t *testing.T) {
	h := History{Epochs: []Epoch{{1, "first", 0, false}, {2, "second", 10, false}, {3, "third", 10, false}, {4, "running", 15, false}}, Max: 20}
	for _, c := range []struct {
		rev    string
		issued bool
	}{
		{"first:0", true}, {"first:10", true}, {"first:11", false},
		{"second:10", true}, {"second:11", false}, // it wrote nothing
		{"third:15", true}, {"third:16", false},
		{"running:15", true}, {"running:20", true}, {"running:21", false},
		{"running:3", true}, // an old number, told under the running epoch
		{"lost:5", false},   // of a future that a restore took away
	} {
		p, ok := ParseRev(c.rev)
		if !ok || h.Issued(p) != c.issued || p.Rev() != c.rev {
			t.Errorf("%s: %v %v", c.rev, ok, h.Issued(p))
		}
	}
	if h.Issued(Position{"running", -1}) || (History{}).Issued(Position{"running", 0}) {
		t.Error("no such position")
	}
	for _, s := range []string{"", ":", "e", "e:", ":5", "e:x", "e:-1", "e:1.5", "e:99999999999999999999"} {
		if p, ok := ParseRev(s); ok {
			t.Errorf("%q is no rev, got %v", s, p)
		}
	}
}

// "first" reached more than 10, "a" and "b" ran on top of it, and a backup of 10 was put back. "second" ran to 20 and more; "c"
// ran on top of that, and a backup of 15 was put back.
func TestWhereALostVersionPartedFromOurs(t *testing.T) {
	h := History{Epochs: []Epoch{{1, "first", 0, false}, {2, "second", 10, true}, {3, "running", 15, true}}, Max: 20,
		Lost: []LostEpoch{{"a", 13, 1, 10}, {"b", 30, 1, 10}, {"c", 22, 2, 15}}}
	for rev, cut := range map[string]int64{"first:12": 10, "second:21": 15, "running:99": 20, "a:30": 10, "b:31": 10, "c:25": 15, "stranger:5": 10} {
		p, _ := ParseRev(rev)
		if h.Issued(p) || h.Cut(p) != cut {
			t.Errorf("%s parted at %d", rev, h.Cut(p))
		}
	}
	if c := (History{Epochs: []Epoch{{1, "first", 3, false}}}).Cut(Position{"stranger", 5}); c != 0 {
		t.Errorf("a stranger shares %d with a database that was never restored", c)
	}
	at := func(rev string) *Position { p, _ := ParseRev(rev); return &p }
	for _, c := range []struct {
		why          string
		rev          string
		seen, cursor *Position
		want         int64
	}{
		{"what the entry says counts first", "first:4", at("first:7"), at("running:20"), 7},
		{"else where the device stands", "first:4", nil, at("running:18"), 18},
		{"it says nothing at all", "", nil, nil, 0},
		{"seen in a lost future: what the backup knows", "first:4", at("c:25"), at("running:20"), 15},
		{"of a lost version, whatever was pulled since", "a:30", nil, at("running:20"), 10},
		{"the device stands in a lost future", "", nil, at("b:31"), 10},
	} {
		if got := h.Heard(Entry{State: State{"rev": c.rev}, Seen: c.seen}, c.cursor); got != c.want {
			t.Errorf("%s: %d, want %d", c.why, got, c.want)
		}
	}
	h.Floor = 8
	for rev, want := range map[string]bool{"first:8": true, "first:9": false, "first:12": false, "a:3": false} {
		if p, _ := ParseRev(rev); h.Purged(p) != want {
			t.Errorf("%s is purged: %v", rev, !want)
		}
	}
	older := map[string]bool{
		"first:12 first:13": true, "first:13 a:20": true, "a:30 b:40": true, "first:12 b:31": true, "second:21 c:25": true,
		"first:14 a:20":     false, // "a" began when 13 was the newest: this number was given again
		"a:31 b:40":         false,
		"a:20 second:18":    false, // the backup of 10 was put back in between
		"first:12 c:25":     false,
		"second:21 a:20":    false,
		"c:25 second:21":    false,
		"first:13 first:12": false, "first:12 first:12": false,
		"stranger:1 a:20": false, "a:20 stranger:99": false,
	}
	for pair, want := range older {
		x, y, _ := strings.Cut(pair, " ")
		a, _ := ParseRev(x)
		b, _ := ParseRev(y)
		if h.Older(a, b) != want {
			t.Errorf("%s lies on the way to %s: %v", x, y, !want)
		}
	}
	h.Floor = 12
	for rev, follows := range map[string]bool{"first:0": true, "first:5": false, "second:11": false, "second:12": true, "running:20": true, "running:21": false} {
		if p, _ := ParseRev(rev); h.Follows(p) != follows {
			t.Errorf("news go on from %s: %v", rev, h.Follows(p))
		}
	}
}

func TestALostVersionIsUnseenOnlyAfterTheRestore(t *testing.T) {
	h := History{Epochs: []Epoch{{1, "first", 0, false}, {2, "running", 10, true}}, Max: 20}
	e := Entry{N: 9, State: map[string]any{"rev": "first:12"}}
	for pushed, unseen := range map[int64]bool{9: false, 10: false, 11: true} {
		if (Last{N: 5, Hash: "h", Seq: pushed}).Unseen(e, nil, false, h) != unseen {
			t.Errorf("pushed at %d: unseen is not %v", pushed, unseen)
		}
	}
}

func TestAPolicyForEveryField(t *testing.T) {
	for field, want := range map[string]Policy{"note": Append, "entered_at": Quiet, "peak_nrs": First} {
		if got := PolicyOf("attacks", field); got != want {
			t.Errorf("%s: %q", field, got)
		}
	}
}

func TestARequestAsAWhole(t *testing.T) {
	good := Request{Device: "phone-of-anna-1", Limit: 500}
	for _, c := range []struct {
		name   string
		change func(*Request)
		code   string
	}{
		{"good", func(*Request) {}, ""},
		{"as a patient", func(r *Request) { r.As = "patient" }, ""},
		{"as staff", func(r *Request) { r.As = "staff" }, ""},
		{"the largest page", func(r *Request) { r.Limit = MaxLimit }, ""},
		{"the default page", func(r *Request) { r.Limit = 0 }, ""},
		{"no device", func(r *Request) { r.Device = "" }, "E_DEVICE"},
		{"a short device", func(r *Request) { r.Device = "phone" }, "E_DEVICE"},
		{"a device with a blank", func(r *Request) { r.Device = "phone of anna" }, "E_DEVICE"},
		{"a capacity that is none", func(r *Request) { r.As = "admin" }, "E_CAPACITY"},
		{"a negative page", func(r *Request) { r.Limit = -1 }, "E_LIMIT"},
		{"too large a page", func(r *Request) { r.Limit = MaxLimit + 1 }, "E_LIMIT"},
	} {
		r := good
		c.change(&r)
		got := ""
		for _, b := range r.Check() {
			got += b.Code
		}
		if got != c.code {
			t.Errorf("%s: got %q", c.name, got)
		}
	}
	e := Entry{State: map[string]any{"id": "abcdefghijklmno", "patient": "p", "_deleted": true}}
	if e.ID() != "abcdefghijklmno" || e.Patient() != "p" || !e.Deleted() || !e.GoodID() {
		t.Errorf("an entry names its row: %v", e)
	}
	for _, id := range []any{nil, 5, "short", "ABCDEFGHIJKLMNO", "abcdefghijklmn'", strings.Repeat("a", 37), "abcdefghijklmn\n"} {
		if (Entry{State: map[string]any{"id": id}}).GoodID() {
			t.Errorf("%v is no id", id)
		}
	}
}

package devicesync

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// Two edits that touch different fields come to the same row in either order, and nobody is asked.
func TestTheOrderOfEditsToDifferentFieldsDoesNotMatter(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		base, a, b := State{}, State{}, State{}
		for f := range 8 {
			field := fmt.Sprint("f", f)
			base[field] = float64(r.IntN(3))
			a[field], b[field] = base[field], base[field]
			switch r.IntN(3) {
			case 0:
				a[field] = float64(10 + r.IntN(3))
			case 1:
				b[field] = float64(20 + r.IntN(3))
			}
		}
		apply := func(first, second State) State {
			row := base
			for _, sent := range []State{first, second} {
				d := Decide(Case{Current: row, Base: base, Sent: sent, Empty: State{}})
				if len(d.Losing) > 0 {
					t.Fatalf("seed %d: a quarrel over different fields: %v", seed, d)
				}
				row = row.With(d.Write)
			}
			return row
		}
		if ab, ba := apply(a, b), apply(b, a); !same(ab, ba) {
			t.Fatalf("seed %d: %v, but %v the other way round", seed, ab, ba)
		}
	}
}

// Phones that edit, delete and make again the same row, over a network that loses requests and
// answers, delivers twice, and late. Every value written is a word of its own that remembers
// the word it replaced. In the end all phones have what the server has, and every word is there,
// or was replaced by somebody who had seen it, or is in sync_conflicts.
func TestNoWordIsLost(t *testing.T) {
	for seed := range uint64(3000) {
		w := newWorld(rand.New(rand.NewPCG(seed, 2)))
		for range 60 {
			w.step()
		}
		w.settle()
		if fault := w.fault(); fault != "" {
			t.Fatalf("seed %d: %s", seed, fault)
		}
	}
}

var columns = []string{"a", "b", "c"}

// world is a server with one row, three phones, and what a careful observer knows.
type world struct {
	*rand.Rand
	row    State // nil: none
	gone   bool
	seq    int64
	rev    int64
	last   map[*phone]Last
	phones []*phone
	wire   []request // requests that may arrive once more

	words int
	saw   map[any]any  // word → the word it replaced
	safe  map[any]bool // words that are accounted for
	idle  string
}

type phone struct {
	row     State // nil: none
	rev     int64
	base    State // while dirty; nil: made here
	baseRev int64
	dirty   bool
	n       int64
	ack     *Position
}

type request struct {
	from *phone
	e    Entry
	ack  *Position
}

func newWorld(r *rand.Rand) *world {
	return &world{Rand: r, last: map[*phone]Last{}, phones: []*phone{{}, {}, {}}, saw: map[any]any{}, safe: map[any]bool{}}
}

func (w *world) step() {
	p := w.phones[w.IntN(len(w.phones))]
	switch w.IntN(10) {
	case 0, 1, 2, 3:
		w.edit(p)
	case 4:
		w.remove(p)
	case 5:
		if len(w.wire) > 0 { // an old request arrives once more; nobody reads the answer
			w.arrive(w.wire[w.IntN(len(w.wire))])
		}
	default:
		w.exchange(p)
	}
}

func (w *world) edit(p *phone) {
	p.touch()
	if p.row == nil {
		p.row = State{}
	}
	field := columns[w.IntN(len(columns))]
	p.row = p.row.With(nil)
	if was := p.row[field]; w.IntN(6) == 0 {
		p.row[field] = nil
		w.safe[was] = true // taken back by somebody who had seen it
	} else {
		w.words++
		p.row[field] = w.words
		w.saw[w.words] = was
	}
}

func (w *world) remove(p *phone) {
	if p.row == nil {
		return
	}
	p.touch()
	for _, word := range p.row {
		w.safe[word] = true // taken back by somebody who had seen it
	}
	p.row = nil
}

func (p *phone) touch() {
	if !p.dirty {
		p.dirty, p.base, p.baseRev = true, p.row, p.rev
	}
	p.n++
}

func (p *phone) entry() Entry {
	e := Entry{N: p.n, State: map[string]any{"_deleted": p.row == nil}}
	maps.Copy(e.State, p.row)
	if p.base != nil {
		e.Base = map[string]any{"rev": Position{"e", p.baseRev}.Rev()}
		maps.Copy(e.Base, p.base)
	}
	return e
}

// exchange sends the row if it changed, and fetches it. Either way may get lost, and the
// person may go on typing meanwhile.
func (w *world) exchange(p *phone) {
	if w.IntN(5) == 0 {
		return
	}
	r := request{from: p, ack: p.ack}
	if p.dirty {
		r.e = p.entry()
		if w.IntN(8) == 0 { // it is under way for a long time
			w.wire = append(w.wire, r)
			return
		}
		w.arrive(r)
		w.wire = append(w.wire, r)
	}
	if w.IntN(8) == 0 {
		w.edit(p)
	}
	if w.IntN(4) == 0 {
		return // the answer got lost
	}
	p.ack = &Position{"e", w.seq}
	if p.dirty && p.n == r.e.N || !p.dirty {
		p.dirty, p.row, p.rev = false, w.row, w.rev
	}
}

// arrive is the server: what the door does around Decide.
func (w *world) arrive(r request) {
	last, hash := w.last[r.from], fmt.Sprint(r.e.Base, r.e.State)
	unseen := last.Unseen(r.e, r.ack, w.row == nil, History{Epochs: []Epoch{{Name: "e"}}, Max: w.seq})
	if last.Repeats(r.e, hash, unseen) {
		last.N = max(last.N, r.e.N)
		w.last[r.from] = last
		return
	}
	c := Case{Current: w.row, Gone: w.gone, Base: only(r.e.Base), Sent: only(r.e.State), Delete: r.e.Deleted(), Empty: State{"a": nil, "b": nil, "c": nil}}
	if unseen {
		c.Base = last.State
	}
	if c.Delete {
		c.Sent = nil
	}
	d := Decide(c)
	for _, l := range d.Losing {
		w.safe[l.Lost] = true
		if !w.gone && (w.replaced(l.Lost, l.Kept) || w.replaced(l.Kept, l.Lost)) { // a row brought back has old words again
			w.idle = fmt.Sprintf("a quarrel about nothing: who wrote one of %v and %v had seen the other", l.Lost, l.Kept)
		}
	}
	switch {
	case d.Delete:
		w.row, w.gone = nil, true
		w.next()
	case d.Create || len(d.Write) > 0:
		w.row = c.Empty.With(w.row).With(d.Write)
		w.next()
	}
	w.last[r.from] = Last{N: r.e.N, Hash: hash, Seq: w.rev, State: c.View()}
}

// replaced: whoever wrote the later word had seen the earlier.
func (w *world) replaced(earlier, later any) bool {
	for earlier != nil && later != nil {
		if later = w.saw[later]; later == earlier {
			return true
		}
	}
	return false
}

func (w *world) next() { w.seq++; w.rev = w.seq }

func only(m map[string]any) State {
	if m == nil {
		return nil
	}
	out := State{}
	for _, f := range columns {
		if v, ok := m[f]; ok {
			out[f] = v
		}
	}
	return out
}

// settle lets every phone exchange in peace, twice: to send, and to hear of the others.
func (w *world) settle() {
	for range 2 {
		for _, p := range w.phones {
			if p.dirty {
				w.arrive(request{from: p, ack: p.ack, e: p.entry()})
			}
			p.dirty, p.row, p.rev = false, w.row, w.rev
		}
	}
}

func (w *world) fault() string {
	if w.idle != "" {
		return w.idle
	}
	for i, p := range w.phones {
		if !same(p.row, w.row) {
			return fmt.Sprintf("phone %d has %v, the server %v", i, p.row, w.row)
		}
	}
	for _, word := range w.row {
		w.safe[word] = true
	}
	for word := w.words; word > 0; word-- { // a word is replaced by later ones only
		if w.safe[word] {
			w.safe[w.saw[word]] = true
		}
	}
	var lost []int
	for word := range w.words {
		if !w.safe[word+1] {
			lost = append(lost, word+1)
		}
	}
	if len(lost) > 0 {
		return fmt.Sprintf("words %v of %d are lost, the row is %v", slices.Sorted(slices.Values(lost)), w.words, w.row)
	}
	return ""
}

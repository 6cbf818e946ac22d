package hooks

import (
	"slices"

	"interictal/hooks/devicesync"
)

// What a restored backup has lost comes back from the phones (docs/decisions/006).

// bringBack stores the version that a phone's change started from, where a restore has lost it: first comes
// back what was, then the change on top of it is judged like any other. What a phone sends without a base may hold
// unsent words, so it is never taken for the lost version itself.
func (p *pusher) bringBack(s *subject) (back outcome, err error) {
	lost, ok := devicesync.ParseRev(s.entry.Rev())
	if !ok || p.history.Issued(lost) || s.entry.Base["rev"] != lost.Rev() {
		return back, nil
	}
	base, come, err := p.shared(*s, lost)
	if come || err != nil {
		return back, err
	}
	was, broken := normalise(p.shapeOf(s.collection).scratch, s.entry.Base)
	if len(broken) > 0 {
		s.parted = true
		return back, nil
	}
	shape := p.shapeOf(s.collection)
	decision := devicesync.Decide(devicesync.Case{Current: stateOrNil(s.current), Gone: s.line.Op == "D", Base: base, Sent: was, Empty: shape.empty, Fields: shape.fields})
	back, err = p.store(*s, decision)
	if err != nil || back.Verdict == devicesync.Refused {
		s.parted = true // then all that it says since both agreed is the phone's own word
		return outcome{}, err
	}
	if err := p.noteReturned(*s, lost, shape.empty.With(base).With(was)); err != nil {
		return back, err
	}
	return back, p.look(s)
}

// after adds what became of the version that a change was made on.
func (o outcome) after(back outcome) outcome {
	switch {
	case o.Verdict == devicesync.Unchanged && back.Verdict != "":
		o.Verdict = back.Verdict
	case back.Verdict == devicesync.Conflict:
		o.Verdict = devicesync.Conflict
	}
	o.Fields = append(o.Fields, back.Fields...)
	slices.Sort(o.Fields)
	o.Fields = slices.Compact(o.Fields)
	return o
}

// shared is the newest version on the way to one that the server has lost which it still knows: what another phone brought
// back, else the row as the backup had it. come reports that the lost version, or one after it, is back already.
func (p *pusher) shared(s subject, lost devicesync.Position) (base devicesync.State, come bool, err error) {
	var back []struct {
		Epoch string  `db:"epoch"`
		Seq   int64   `db:"seq"`
		State *string `db:"state"`
	}
	err = p.tx.DB().NewQuery("SELECT epoch, seq, state FROM sync_returned WHERE col={:c} AND doc={:d}").Bind(p.key(s)).All(&back)
	if err != nil {
		return nil, false, err
	}
	var newest devicesync.Position
	var state *string
	for _, r := range back {
		at := devicesync.Position{Epoch: r.Epoch, Seq: r.Seq}
		come = come || at == lost || p.history.Older(lost, at)
		if (at == lost || p.history.Older(at, lost)) && (newest.Epoch == "" || p.history.Older(newest, at)) {
			newest, state = at, r.State
		}
	}
	if newest.Epoch != "" {
		base, err = storedState(state)
		return base, come, err
	}
	cut := p.history.Cut(lost)
	if s.line.Seq > 0 && s.line.Seq <= cut {
		return stateOrNil(s.current), come, nil
	}
	base, _, err = p.version(s, "seq<={:q} ORDER BY seq DESC LIMIT 1", cut)
	return base, come, err
}

// noteReturned keeps what a lost version was.
func (p *pusher) noteReturned(s subject, lost devicesync.Position, was devicesync.State) error {
	state, err := jsonOrNull(was)
	if err != nil {
		return err
	}
	params := p.key(s)
	params["e"], params["q"], params["s"] = lost.Epoch, lost.Seq, state
	_, err = p.tx.DB().NewQuery("INSERT OR IGNORE INTO sync_returned(col, doc, epoch, seq, state) VALUES({:c}, {:d}, {:e}, {:q}, {:s})").Bind(params).Execute()
	return err
}

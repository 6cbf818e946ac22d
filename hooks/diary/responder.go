package diary

import "interictal/hooks/clinic"

// Responder compares B1 with the last full window (§3.5). It never looks for the best one; the row shows them all.
type Responder struct {
	Base        string   `json:"base"` // B1
	Now         string   `json:"now"`  // the last full window of T and P; "" while there is none
	MHD28       Response `json:"mhd28"`
	MMD28       Response `json:"mmd28"`
	ModSevere28 Response `json:"modSevere28"`
}

// Response is the change of one measure. The answers are unknown when the change is undefined.
type Response struct {
	Base          *Rate        `json:"base"`
	Now           *Rate        `json:"now"`
	ChangePercent *Rate        `json:"changePercent"`
	AtLeast30     clinic.YesNo `json:"atLeast30"` // shown for chronic migraine
	AtLeast50     clinic.YesNo `json:"atLeast50"` // the 50 % responder
	AtLeast75     clinic.YesNo `json:"atLeast75"`
	Estimated     bool         `json:"estimated"` // one of the two rests on 14–22 days
	Reason        Reason       `json:"reason"`
	Row           []Change     `json:"row"`
}

// Change is one window's change against B1.
type Change struct {
	Window        string `json:"window"`
	Full          bool   `json:"full"`
	ChangePercent *Rate  `json:"changePercent"`
	Reason        Reason `json:"reason"`
}

// Respond takes the windows as Windows made them.
func Respond(windows []Window) Responder {
	if len(windows) == 0 {
		windows = []Window{{Name: "B1", MHD28: tally{}.per28(), MMD28: tally{}.per28(), ModSevere28: tally{}.per28()}}
	}
	last := lastFull(windows)
	r := Responder{Base: windows[0].Name}
	if last > 0 {
		r.Now = windows[last].Name
	}
	r.MHD28 = respond(windows, last, func(w Window) Measure { return w.MHD28 })
	r.MMD28 = respond(windows, last, func(w Window) Measure { return w.MMD28 })
	r.ModSevere28 = respond(windows, last, func(w Window) Measure { return w.ModSevere28 })
	return r
}

// lastFull is 0, the place of B1, while no T or P window is full.
func lastFull(windows []Window) int {
	for i := len(windows) - 1; i > 0; i-- {
		if windows[i].Full {
			return i
		}
	}
	return 0
}

func respond(windows []Window, last int, of func(Window) Measure) Response {
	base := of(windows[0])
	r := Response{Base: base.Value, Reason: NoFullWindow, Row: []Change{}}
	for _, w := range windows[1:] {
		change, why := changeFrom(base, of(w))
		r.Row = append(r.Row, Change{w.Name, w.Full, change, why})
	}
	if last == 0 {
		return r
	}
	now := of(windows[last])
	r.Now = now.Value
	r.ChangePercent, r.Reason = changeFrom(base, now)
	if r.ChangePercent == nil {
		return r
	}
	r.Estimated = base.Estimated || now.Estimated
	r.AtLeast30 = fellBy(30, *r.ChangePercent)
	r.AtLeast50 = fellBy(50, *r.ChangePercent)
	r.AtLeast75 = fellBy(75, *r.ChangePercent)
	return r
}

// fellBy forgives what dividing floats adds: 15.68 → 7.84 is exactly half. Two rates made of 28 days cannot come
// closer to a limit than a thousandth of a per cent without meeting it.
func fellBy(percent, change Rate) clinic.YesNo { return clinic.Said(change <= -percent+1e-9) }

// changeFrom is 100 × (now − base) ÷ base.
func changeFrom(base, now Measure) (*Rate, Reason) {
	switch {
	case base.Value == nil:
		return nil, BaseMissing
	case now.Value == nil:
		return nil, now.Reason
	case *base.Value == 0:
		return nil, BaseZero
	}
	change := 100 * (*now.Value - *base.Value) / *base.Value
	return &change, ""
}

package careplan

import (
	"slices"
	"time"

	"interictal/hooks/clinic"
)

// Treat is one item given in a visit, or about to be. Its gates work like those of a visit: an act is refused, the
// record of one that took place is stored with what it broke, and with an open red flag an alert is raised.
type Treat struct {
	Visit    string   `json:"visit"`
	Category Category `json:"category"`
	Given    bool     `json:"given"`

	Gate []clinic.Broken `json:"-"` // what the room safety says to this act (§7.3, §7.4)
}

func (c Treat) decide(d *desk) {
	i := d.plan.visit(c.Visit)
	if i < 0 {
		d.breaks(BadValue, params{"field": "visit"})
		return
	}
	for _, code := range treatGates(d.plan, c.Category) {
		if !c.Given {
			d.breaks(code, nil)
			continue
		}
		d.needs(&d.plan.Visits[i], code)
		d.alert = d.alert || code == RedFlagOpen
	}
	for _, b := range c.Gate {
		if !c.Given {
			d.broken = append(d.broken, b)
			continue
		}
		d.needs(&d.plan.Visits[i], Code(b.Code))
	}
}

// Named says whether a technique is: a manual one says which it is and what it is for (S-46).
func Named(c Category, technique, goal string) bool {
	return c != Manual || technique != "" && goal != ""
}

// treatGates: an open emergency stops every item, an urgent alert manual and electrical ones (§7.2); so does a change
// of health until contraindications are screened again (§2.5).
func treatGates(p Plan, c Category) []Code {
	var codes []Code
	if c == Referred {
		return nil
	}
	hands := c == Manual || c == ModalityElectrical
	if p.alert(Emergency) || hands && p.alert(Urgent) {
		codes = append(codes, RedFlagOpen)
	}
	if hands && p.rescreenDue() {
		codes = append(codes, RescreenDue)
	}
	return codes
}

func (p Plan) alert(levels ...Level) bool {
	return slices.ContainsFunc(p.Alerts, func(l Level) bool { return slices.Contains(levels, l) })
}

// rescreenDue: health changed after the last screen of contraindications.
func (p Plan) rescreenDue() bool {
	return latest(p.HealthChanges).After(latest(p.BodyScreens))
}

func latest(times []time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

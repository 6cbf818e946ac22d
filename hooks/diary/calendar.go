package diary

import (
	"time"

	"interictal/hooks/clinic"
)

// Calendar says on which of a person's calendar days an instant lies, wherever she was (§3.2).
type Calendar struct{ zones }

// CalendarOf reads the zones that the check-ins name.
func CalendarOf(e Entries) Calendar { return Calendar{zonesOf(e)} }

// DayOf is the day of an instant; entry is the zone that its own entry names, nil for none.
func (c Calendar) DayOf(t time.Time, entry *time.Location) clinic.Day { return c.dayOf(t, entry) }

// Span is the first and the last day that an attack touches.
func (c Calendar) Span(a Attack) (first, last clinic.Day) { return c.span(a) }

// Contains: the instant lies within the attack, as far as its length is known.
func (a Attack) Contains(t time.Time) bool { return !t.Before(a.Start) && !t.After(a.until()) }

// AgainstAttack: an acute drug. Cold and neuromodulation are none, a preventive is not taken against an attack.
func (d Dose) AgainstAttack() bool { return d.acute() && d.class().drug() }

// Counted is the class that the dose counts in.
func (d Dose) Counted() Class { return d.class() }

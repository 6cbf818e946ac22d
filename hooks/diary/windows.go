package diary

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"interictal/hooks/clinic"
)

const (
	windowDays  = 28
	enoughDays  = 23 // recorded days for a value (§3.4)
	fewestDays  = 14 // for an estimate
	neckBesides = 1  // days each side that must be free of headache for a clear neck day
)

// Reason says why a value is missing; "" (null in JSON) when it is not.
type Reason string

const (
	NotEnoughDays Reason = "NOT_ENOUGH_DAYS"
	// NotEnoughAnswers: the question was answered on too few of the recorded days.
	NotEnoughAnswers Reason = "NOT_ENOUGH_ANSWERS"
	NoHeadacheDays   Reason = "NO_HEADACHE_DAYS" // no mean without anything to average
	PeakUnknown      Reason = "PEAK_UNKNOWN"
	NoAttacks        Reason = "NO_ATTACKS"
	DurationUnknown  Reason = "DURATION_UNKNOWN"
	NoFullWindow     Reason = "NO_FULL_WINDOW"  // responder: nothing to compare yet
	BaseMissing      Reason = "BASE_NOT_ENOUGH" // responder: B1 has no value
	BaseZero         Reason = "BASE_ZERO"       // responder: no change from nothing
)

func (r Reason) MarshalJSON() ([]byte, error) {
	if r == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(r))
}

// Rate is exact in Go and has two decimals in JSON.
type Rate float64

func (r Rate) MarshalJSON() ([]byte, error) {
	return json.Marshal(math.Round(float64(r)*100)/100 + 0) // + 0: JSON would show a rounded −0.001 as −0
}

// Measure is one number and what it rests on.
type Measure struct {
	Value     *Rate  `json:"value"` // nil: see Reason
	Days      int    `json:"days"`  // the recorded days on which it could be decided
	N         int    `json:"n"`     // the events counted, or the values averaged
	Reason    Reason `json:"reason"`
	Estimated bool   `json:"estimated"` // from 14–22 days
}

// Medicine is a measure with its parts, all over the same days; a day with two classes counts in both.
type Medicine struct {
	Measure
	ByClass map[Class]Measure `json:"byClass"`
	Logged  int               `json:"logged"` // days with an acute drug, recorded or not
}

// Window is one stretch of 28 days and its numbers. To is the planned end; today may have cut it (Elapsed < 28).
type Window struct {
	Name           string     `json:"window"` // B1, T1, T2, …, P1, …
	From           clinic.Day `json:"from"`
	To             clinic.Day `json:"to"`
	Elapsed        int        `json:"elapsedDays"`
	Full           bool       `json:"full"` // 28 days long and all of them elapsed
	RecordedDays   int        `json:"recordedDays"`
	AttackOnlyDays int        `json:"attackOnlyDays"`
	Estimated      bool       `json:"estimated"`

	MHD28                Measure  `json:"mhd28"`
	MMD28                Measure  `json:"mmd28"`
	ModSevere28          Measure  `json:"modSevere28"`
	Attacks28            Measure  `json:"attacks28"`
	AcuteDays28          Medicine `json:"acuteDays28"`
	NeckDays28           Measure  `json:"neckDays28"`
	InterictalNeckDays28 Measure  `json:"interictalNeckDays28"`
	NeckDaysClear28      Measure  `json:"neckDaysClear28"`
	MeanPeakNRS          Measure  `json:"meanPeakNrs"`
	MeanDurationHours    Measure  `json:"meanDurationHours"`
	ClearDays28          Measure  `json:"clearDays28"`
}

// Windows counts B1 and every T and P window that has begun by today. closed is the plan's closing date, nil while
// it runs. Without an anchor there are none.
func Windows(e Entries, p Profile, anchor clinic.Day, closed *clinic.Day, today clinic.Day) []Window {
	if !anchor.Valid() {
		return nil
	}
	spans := windowSpans(anchor, closed, today)
	from := spans[0].From.Add(-neckBesides)
	days := Days(e, p, from, today)
	onsets := onsetsByDay(e, p.Merge, from, today, len(days))
	classes := classesIn(days)
	for i := range spans {
		w := &spans[i]
		c := counter{days: days, onsets: onsets, classes: map[Class]*tally{}}
		for _, class := range classes {
			c.classes[class] = &tally{}
		}
		for d := w.From; d <= min(w.To, today); d++ {
			w.Elapsed++
			c.add(d.Sub(from))
		}
		w.Full = w.Elapsed == windowDays
		c.write(w)
	}
	return spans
}

// windowSpans lays the windows end to end, so that each day from B1's first on is in exactly one.
func windowSpans(anchor clinic.Day, closed *clinic.Day, today clinic.Day) []Window {
	spans := []Window{{Name: "B1", From: anchor.Add(-windowDays), To: anchor - 1}}
	if closed == nil {
		return appendSpans(spans, "T", anchor, today)
	}
	spans = appendSpans(spans, "T", anchor, min(*closed, today))
	if n := len(spans) - 1; n > 0 {
		spans[n].To = min(spans[n].To, *closed)
	}
	return appendSpans(spans, "P", max(*closed+1, anchor), today) // max: a slip, closed before it began
}

func appendSpans(spans []Window, letter string, from, last clinic.Day) []Window {
	for n := 1; from <= last; n++ {
		spans = append(spans, Window{Name: fmt.Sprint(letter, n), From: from, To: from.Add(windowDays - 1)})
		from = from.Add(windowDays)
	}
	return spans
}

// onset is what begins on one day.
type onset struct {
	attacks, timed int
	hours          float64
}

func onsetsByDay(e Entries, m MergeProfile, from, today clinic.Day, n int) []onset {
	onsets := make([]onset, n)
	for _, episode := range Merge(upTo(e, today), m) {
		if episode.First < from || episode.First > today {
			continue
		}
		o := &onsets[episode.First.Sub(from)]
		o.attacks++
		if episode.Duration > 0 {
			o.timed++
			o.hours += episode.Duration.Hours()
		}
	}
	return onsets
}

// upTo leaves out what is dated after today, which would otherwise lengthen an attack of today.
func upTo(e Entries, today clinic.Day) Entries {
	z := zonesOf(e)
	e.CheckIns = slices.DeleteFunc(slices.Clone(e.CheckIns), func(c CheckIn) bool { return c.Day > today })
	e.Attacks = slices.DeleteFunc(slices.Clone(e.Attacks), func(a Attack) bool { return z.dayOf(a.Start, a.Zone) > today })
	return e
}

// classesIn lists every class anywhere in the windows, so that each window shows the same ones, a zero too.
func classesIn(days []Day) (classes []Class) {
	for _, d := range days {
		for _, c := range d.Classes {
			if at, known := slices.BinarySearch(classes, c); !known {
				classes = slices.Insert(classes, at, c)
			}
		}
	}
	return classes
}

// counter counts one window, day by day.
type counter struct {
	days   []Day
	onsets []onset

	recorded, attackOnly, logged                int
	headache, migraine, modSevere, acute, clear tally
	neck, interictal, neckClear                 tally
	classes                                     map[Class]*tally
	attacks, timed, peaks                       int
	hours, peakSum                              float64
}

func (c *counter) add(i int) {
	d := c.days[i]
	if d.Acute == clinic.Yes {
		c.logged++
	}
	if !d.Recorded {
		return
	}
	c.recorded++
	if d.AttackOnly {
		c.attackOnly++
	}
	c.headache.count(d.Headache)
	c.migraine.count(d.Migraine)
	c.modSevere.count(d.ModSevere)
	c.acute.count(d.Acute)
	c.clear.count(d.Clear)
	for class, t := range c.classes {
		if _, taken := slices.BinarySearch(d.Classes, class); d.Acute.Known() {
			t.count(clinic.Said(taken))
		}
	}
	c.addNeck(i)
	c.addMeans(i)
}

func (c *counter) addNeck(i int) {
	d := c.days[i]
	neck := d.Neck.AtLeast(1)
	c.neck.count(neck)
	c.interictal.count(neck.And(d.Headache.Not()))
	if i < neckBesides || i+neckBesides >= len(c.days) || !neck.Known() {
		return
	}
	before, after := c.days[i-neckBesides], c.days[i+neckBesides]
	if before.Recorded && after.Recorded {
		c.neckClear.count(neck.And(d.Headache.Not()).And(before.Headache.Not()).And(after.Headache.Not()))
	}
}

func (c *counter) addMeans(i int) {
	if score, known := c.days[i].Peak.Score(); known && c.days[i].Headache == clinic.Yes {
		c.peaks++
		c.peakSum += float64(score)
	}
	c.attacks += c.onsets[i].attacks
	c.timed += c.onsets[i].timed
	c.hours += c.onsets[i].hours
}

func (c *counter) write(w *Window) {
	w.RecordedDays, w.AttackOnlyDays = c.recorded, c.attackOnly
	w.Estimated = fewestDays <= c.recorded && c.recorded < enoughDays
	w.MHD28, w.MMD28, w.ModSevere28 = c.headache.per28(), c.migraine.per28(), c.modSevere.per28()
	w.Attacks28 = tally{c.attacks, c.recorded}.per28()
	w.AcuteDays28 = Medicine{c.acute.answered28(c.recorded), map[Class]Measure{}, c.logged}
	for class, t := range c.classes {
		w.AcuteDays28.ByClass[class] = t.answered28(c.recorded)
	}
	w.NeckDays28, w.InterictalNeckDays28 = c.neck.per28(), c.interictal.per28()
	w.NeckDaysClear28, w.ClearDays28 = c.neckClear.per28(), c.clear.answered28(c.recorded)
	w.MeanPeakNRS = c.mean(c.peakSum, c.peaks, c.headache.yes, NoHeadacheDays, PeakUnknown)
	w.MeanDurationHours = c.mean(c.hours, c.timed, c.attacks, NoAttacks, DurationUnknown)
}

// tally counts events over the days on which they could be decided.
type tally struct{ yes, days int }

func (t *tally) count(a clinic.YesNo) {
	if !a.Known() {
		return
	}
	t.days++
	if a == clinic.Yes {
		t.yes++
	}
}

// answered28 is per28 where the event itself makes a day known and silence does not: a dose says "medicine",
// nothing says "none" but an answer. Over the known days alone such a rate is too high, so it is given only when
// they cover four of five recorded days. [D]
func (t tally) answered28(recorded int) Measure {
	m := t.per28()
	if m.Value != nil && 5*t.days < 4*recorded {
		m.Value, m.Estimated, m.Reason = nil, false, NotEnoughAnswers
	}
	return m
}

// per28 is 28 × events ÷ days.
func (t tally) per28() Measure {
	m := Measure{Days: t.days, N: t.yes}
	if t.days < fewestDays {
		m.Reason = NotEnoughDays
		return m
	}
	rate := Rate(windowDays * float64(t.yes) / float64(t.days))
	m.Value, m.Estimated = &rate, t.days < enoughDays
	return m
}

// mean is a mean over the n known of all values; it rests on the window's recorded days like the rates.
func (c *counter) mean(sum float64, n, all int, none, unknown Reason) Measure {
	m := Measure{Days: c.recorded, N: n}
	switch {
	case c.recorded < fewestDays:
		m.Reason = NotEnoughDays
	case all == 0:
		m.Reason = none
	case n == 0:
		m.Reason = unknown
	default:
		mean := Rate(sum / float64(n))
		m.Value, m.Estimated = &mean, c.recorded < enoughDays
	}
	return m
}

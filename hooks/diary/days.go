package diary

import (
	"cmp"
	"slices"
	"time"

	"interictal/hooks/clinic"
)

const (
	headacheLasts = 30 * time.Minute // §3.2, also leiden2023's migraine day
	trialLasts    = 4 * time.Hour    // §3.2, ihs_trial
)

// Day is what the rules say about one calendar day. Unknown means: not recorded, or the entries do not decide it.
type Day struct {
	Day        clinic.Day    `json:"day"`
	Recorded   bool          `json:"recorded"`
	AttackOnly bool          `json:"attackOnly"` // recorded by an attack entry alone
	Headache   clinic.YesNo  `json:"headache"`
	Migraine   clinic.YesNo  `json:"migraine"`
	ModSevere  clinic.YesNo  `json:"modSevere"`
	Acute      clinic.YesNo  `json:"acute"`
	Clear      clinic.YesNo  `json:"clear"`
	Peak       clinic.NRS    `json:"peak"`
	Neck       clinic.NRS    `json:"neck"`
	Pain       time.Duration `json:"-"`                 // headache within the day, as far as times are known
	Classes    []Class       `json:"classes,omitempty"` // taken for the attack, sorted
}

// Days judges every calendar day from … to, in order. It reads each entry once; the cost is entries + days.
// Callers end at today: a day after today is never recorded.
func Days(e Entries, p Profile, from, to clinic.Day) []Day {
	if to < from {
		return nil
	}
	l := open(e, from, to)
	for _, a := range inOrder(e.Attacks) {
		l.enter(a)
	}
	for _, d := range e.Doses {
		l.take(d)
	}
	days := make([]Day, len(l.facts))
	for i := range l.facts {
		days[i] = l.facts[i].judge(from.Add(i), p.Days)
	}
	return days
}

// FirstRecorded is the earliest recorded day up to today, or no day: the anchor of someone without plan or baseline.
func FirstRecorded(e Entries, today clinic.Day) (first clinic.Day) {
	z := zonesOf(e)
	earlier := func(d clinic.Day) {
		if d.Valid() && d <= today && (first == 0 || d < first) {
			first = d
		}
	}
	for _, c := range e.CheckIns {
		if c.Headache.Known() {
			earlier(c.Day)
		}
	}
	for _, a := range e.Attacks {
		if !a.Start.IsZero() && !a.painless() {
			earlier(z.dayOf(a.Start, a.Zone))
		}
	}
	return first
}

// zones knows in which zone the person was on which day.
type zones struct {
	home *time.Location
	days map[clinic.Day]*time.Location // as the check-ins say
}

func zonesOf(e Entries) zones {
	z := zones{e.Zone, map[clinic.Day]*time.Location{}}
	if z.home == nil {
		z.home = time.UTC
	}
	for _, c := range e.CheckIns {
		// Two check-ins of one day (a phone and an import) may differ; the name decides, so that order does not.
		if known := z.days[c.Day]; c.Zone != nil && (known == nil || c.Zone.String() < known.String()) {
			z.days[c.Day] = c.Zone
		}
	}
	return z
}

// at is the zone of a day: the check-in's, else the entry's own, else the patient's.
func (z zones) at(d clinic.Day, entry *time.Location) *time.Location {
	return cmp.Or(z.days[d], entry, z.home)
}

// begins is a day's first instant; the day lasts until the next one begins. So every instant has exactly one day also
// on a journey: flying west makes a long day, flying east a short one.
func (z zones) begins(d clinic.Day, entry *time.Location) time.Time { return d.Start(z.at(d, entry)) }

func (z zones) dayOf(t time.Time, entry *time.Location) clinic.Day {
	d := clinic.DayOf(t, cmp.Or(entry, z.home))
	for t.Before(z.begins(d, entry)) {
		d--
	}
	for !t.Before(z.begins(d+1, entry)) {
		d++
	}
	return d
}

// ledger collects the facts of each day from … to.
type ledger struct {
	zones
	from, to clinic.Day
	facts    []facts
}

// facts is what the entries say about one day, before any rule.
type facts struct {
	answer clinic.YesNo // headache, as checked in
	acute  clinic.YesNo // acute medicine, as checked in
	peak   clinic.NRS
	neck   clinic.NRS

	pain     time.Duration // headache by times, overlaps counted once
	counted  time.Time     // pain is counted up to here
	touched  bool          // by a headache attack
	unended  bool          // by the last known instant of an attack without end
	features clinic.YesNo  // C and D within one attack

	auraFits, aura clinic.YesNo

	classes  []Class
	specific bool
	worked   clinic.YesNo // a migraine-specific drug
}

func open(e Entries, from, to clinic.Day) *ledger {
	l := &ledger{zones: zonesOf(e), from: from, to: to, facts: make([]facts, to.Sub(from)+1)}
	for i := range l.facts {
		f := &l.facts[i]
		f.features, f.auraFits, f.aura, f.worked = clinic.No, clinic.No, clinic.No, clinic.No
	}
	for _, c := range e.CheckIns {
		if f := l.on(c.Day); f != nil {
			f.checkIn(c)
		}
	}
	return l
}

// on is the day's facts, or nil outside the ledger.
func (l *ledger) on(d clinic.Day) *facts {
	if d < l.from || d > l.to {
		return nil
	}
	return &l.facts[d.Sub(l.from)]
}

func (f *facts) checkIn(c CheckIn) {
	f.answer = either(f.answer, c.Headache)
	f.acute = either(f.acute, c.Acute)
	f.peak = f.peak.Max(c.Worst)
	f.neck = f.neck.Max(c.Neck)
}

// either joins two answers to one question: a yes beats a no, an answer beats none.
func either(a, b clinic.YesNo) clinic.YesNo {
	if !a.Known() {
		return b
	}
	if !b.Known() {
		return a
	}
	return a.Or(b)
}

// inOrder sorts by onset, which counting overlapping pain once relies on. An attack without onset has no day.
func inOrder(attacks []Attack) []Attack {
	known := slices.DeleteFunc(slices.Clone(attacks), func(a Attack) bool { return a.Start.IsZero() })
	slices.SortFunc(known, func(a, b Attack) int {
		return cmp.Or(a.Start.Compare(b.Start), a.until().Compare(b.until()), cmp.Compare(a.ID, b.ID))
	})
	return known
}

func (l *ledger) enter(a Attack) {
	first, last := l.span(a)
	for d := max(first, l.from); d <= min(last, l.to); d++ {
		l.on(d).touch(a, l.begins(d, a.Zone), l.begins(d+1, a.Zone))
	}
	if f := l.on(first); f != nil {
		f.auraFits = f.auraFits.Or(a.auraFits())
	}
	if f := l.on(last); f != nil && !a.closed() && !a.painless() {
		f.unended = true
	}
	if f := l.on(first); f != nil && first == last && a.closed() {
		f.peak = f.peak.Max(a.Peak)
	}
	for _, r := range a.Readings {
		if f := l.on(l.dayOf(r.At, a.Zone)); f != nil {
			f.peak = f.peak.Max(r.Score)
		}
	}
}

// span is the first and last day of an attack; one that ends at midnight does not touch the day that begins then.
func (z zones) span(a Attack) (first, last clinic.Day) {
	until := a.until()
	if until.After(a.Start) {
		until = until.Add(-1)
	}
	return z.dayOf(a.Start, a.Zone), z.dayOf(until, a.Zone)
}

// touch adds the part of an attack between the day's first instant and the next day's.
func (f *facts) touch(a Attack, start, end time.Time) {
	from, until := latest(a.Start, start), earliest(a.until(), end)
	f.aura = f.aura.Or(a.hadAura())
	if a.painless() {
		return
	}
	f.touched = true
	f.features = f.features.Or(a.features())
	if from = latest(from, f.counted); until.After(from) {
		f.pain += until.Sub(from)
		f.counted = until
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (l *ledger) take(d Dose) {
	if !d.acute() || d.Taken.IsZero() {
		return
	}
	f := l.on(l.dayOf(d.Taken, d.Zone))
	if f == nil {
		return
	}
	f.add(d.class())
	if d.class().specific() {
		f.specific = true
		f.worked = f.worked.Or(d.Worked)
	}
}

func (f *facts) add(c Class) {
	if at, known := slices.BinarySearch(f.classes, c); !known {
		f.classes = slices.Insert(f.classes, at, c)
	}
}

func (f *facts) judge(d clinic.Day, p DayProfile) Day {
	if f.acute == clinic.Yes && !f.drug() {
		f.add(UnclassifiedDrug)
	}
	day := Day{Day: d, Peak: f.peak, Neck: f.neck, Pain: f.pain, Classes: f.classes}
	day.Recorded = f.answer.Known() || f.touched
	day.AttackOnly = day.Recorded && !f.answer.Known()
	day.Acute = f.acuteDay()
	day.Headache = f.lasts(headacheLasts).Or(f.hurts().And(clinic.Said(f.drug()))) // §3.9: by the doses as logged
	day.Migraine = f.migraine(day.Headache, p)
	day.ModSevere = f.modSevere(day.Headache, p)
	day.Clear = f.crystalClear(day.Recorded)
	return day
}

func (f *facts) drug() bool { return slices.ContainsFunc(f.classes, Class.drug) }

// acuteDay: a dose says yes, no dose says nothing. Only the answer says no.
func (f *facts) acuteDay() clinic.YesNo { return clinic.Said(f.drug()).Or(f.acute) }

// hurts: any headache at all, however short.
func (f *facts) hurts() clinic.YesNo {
	if f.touched {
		return clinic.Yes
	}
	return f.answer
}

// lasts: headache of at least this long within the day. Times decide where they are complete; otherwise the answer,
// which says "headache" and so 30 minutes, but not four hours.
func (f *facts) lasts(least time.Duration) clinic.YesNo {
	if f.pain >= least {
		return clinic.Yes
	}
	if f.touched && !f.unended {
		return clinic.No
	}
	if f.answer == clinic.Yes && least > headacheLasts {
		return clinic.Unknown
	}
	return f.answer
}

// migraine is §3.2's (a) or (b) or (c).
func (f *facts) migraine(headache clinic.YesNo, p DayProfile) clinic.YesNo {
	features := f.features
	if !f.touched {
		features = clinic.Unknown // a check-in alone does not describe the pain
	}
	least, drug := headacheLasts, clinic.Said(f.specific)
	if p == IHSTrial {
		least, drug = trialLasts, f.worked
	}
	return f.lasts(least).And(features).Or(f.auraFits).Or(headache.And(drug))
}

func (f *facts) modSevere(headache clinic.YesNo, p DayProfile) clinic.YesNo {
	bad := headache.And(f.peak.AtLeast(4))
	if p == IHSTrial {
		return bad.And(f.lasts(trialLasts).Or(f.acuteDay()))
	}
	return bad
}

func (f *facts) crystalClear(recorded bool) clinic.YesNo {
	if !recorded {
		return clinic.Unknown
	}
	if f.peak.AtLeast(1) == clinic.Yes {
		return clinic.No
	}
	return f.hurts().Not().And(f.aura.Not()).And(f.acuteDay().Not())
}

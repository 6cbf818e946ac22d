package diary

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"interictal/hooks/clinic"
)

// Episode is one attack as it is counted: one entry, or several that merge, or a chain of checked-in headache days.
type Episode struct {
	First, Last    clinic.Day
	Attacks        []string      // the entries in it, in order of onset; none for a chain of check-ins
	Duration       time.Duration // onset to last end; zero when an end, or the hour of the onset, is not known
	OnsetUncertain bool          // it may have begun on one of the days missing before it
}

// Merge tells which entries are one attack (§3.3), in order of onset. It is a view: the entries stay as they are.
func Merge(e Entries, m MergeProfile) []Episode {
	answers := map[clinic.Day]clinic.YesNo{}
	for _, c := range e.CheckIns {
		if c.Day.Valid() {
			answers[c.Day] = either(answers[c.Day], c.Headache)
		}
	}
	var merged []spell
	for _, next := range spells(e, answers) {
		n := len(merged)
		if n > 0 && merged[n-1].joins(next, m, answers) {
			merged[n-1] = merged[n-1].and(next)
			continue
		}
		next.uncertain = n > 0 && !next.timed && missing(answers, next.first-1) && missing(answers, next.first-2)
		merged = append(merged, next)
	}
	episodes := make([]Episode, len(merged))
	for i, s := range merged {
		episodes[i] = s.episode()
	}
	return episodes
}

// spell is a stretch of headache: an attack entry, or a day known only from its check-in, which then counts from
// its first instant to its last.
type spell struct {
	first, last clinic.Day
	start, end  time.Time
	timed       bool // the hours at its end are known
	exact       bool // onset and end are known to the hour
	uncertain   bool
	joined      clinic.YesNo // one with what came before, by the patient's word
	ids         []string
}

func spells(e Entries, answers map[clinic.Day]clinic.YesNo) []spell {
	z := zonesOf(e)
	var all, painful []spell
	for _, a := range inOrder(e.Attacks) {
		first, last := z.span(a)
		s := spell{first: first, last: last, start: a.Start, end: a.until(), timed: true, exact: a.closed(), joined: a.Joined, ids: []string{a.ID}}
		all = append(all, s)
		if !a.painless() {
			painful = append(painful, s)
		}
	}
	for _, d := range untold(answers, painful) {
		all = append(all, spell{first: d, last: d, start: z.begins(d, nil), end: z.begins(d+1, nil)})
	}
	slices.SortStableFunc(all, func(a, b spell) int { return cmp.Or(cmp.Compare(a.first, b.first), a.start.Compare(b.start)) })
	return all
}

// untold are the days answered "headache" that no attack entry touches, in order.
func untold(answers map[clinic.Day]clinic.YesNo, attacks []spell) (days []clinic.Day) {
	slices.SortStableFunc(attacks, func(a, b spell) int { return cmp.Compare(a.first, b.first) })
	next, reach := 0, clinic.Day(0)
	for _, d := range slices.Sorted(maps.Keys(answers)) {
		for next < len(attacks) && attacks[next].first <= d {
			reach = max(reach, attacks[next].last)
			next++
		}
		if answers[d] == clinic.Yes && reach < d {
			days = append(days, d)
		}
	}
	return days
}

// joins: is next the same attack as what came before it? The patient's word goes before the hours, never over a day without
// headache (docs/decisions/018).
func (s spell) joins(next spell, m MergeProfile, answers map[clinic.Day]clinic.YesNo) bool {
	byHours := m != FreeDay && s.timed && next.timed && !next.joined.Known()
	soon := next.start.Sub(s.end) < 48*time.Hour
	bridged := next.first.Sub(s.last) <= 2 // the next day, or one missing day between (§3.3)
	if next.joined == clinic.No || byHours && !soon || !byHours && !bridged {
		return false
	}
	return !anyFree(answers, s.last+1, next.first-1)
}

// anyFree: a day answered "no headache". Only days between two spells are asked about, which no entry touches; a
// day nobody answered is missing, not free.
func anyFree(answers map[clinic.Day]clinic.YesNo, from, to clinic.Day) bool {
	for d := from; d <= to; d++ {
		if answers[d] == clinic.No {
			return true
		}
	}
	return false
}

func missing(answers map[clinic.Day]clinic.YesNo, d clinic.Day) bool { return !answers[d].Known() }

func (s spell) and(next spell) spell {
	if next.end.After(s.end) {
		s.end, s.timed = next.end, next.timed
	}
	s.last = max(s.last, next.last)
	s.exact = s.exact && next.exact
	s.ids = append(s.ids, next.ids...)
	return s
}

func (s spell) episode() Episode {
	e := Episode{First: s.first, Last: s.last, Attacks: s.ids, OnsetUncertain: s.uncertain}
	if s.exact {
		e.Duration = s.end.Sub(s.start)
	}
	return e
}

package medication

import (
	"cmp"
	"slices"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// Taken is one dose and the attack it belongs to, "" for none.
type Taken struct {
	ID       string      `json:"id"`
	Medicine string      `json:"medicine"`
	Day      clinic.Day  `json:"day"`
	Class    diary.Class `json:"class"`
	Attack   string      `json:"attack"`
	Acute    bool        `json:"acute"` // false: preventive
}

// Placed lists the doses of the days from … to in order of time, each with its attack: the one it was logged with, else
// the one that was going on.
func Placed(e diary.Entries, all []Intake, from, to clinic.Day) []Taken {
	out := []Taken{}
	calendar, attacks := diary.CalendarOf(e), attacksOf(e)
	for _, in := range inOrder(all) {
		if day := calendar.DayOf(in.Taken, in.Zone); from <= day && day <= to {
			out = append(out, Taken{in.ID, in.Medicine, day, in.Counted(), attacks.of(in.Dose), !in.preventive()})
		}
	}
	return out
}

func (in Intake) preventive() bool {
	return in.Indication == diary.ForPreventive || in.Class == diary.PreventiveClass
}

// PreventiveUse is counted apart: it has no limit and is taken outside attacks.
type PreventiveUse struct {
	Medicine string `json:"medicine"`
	Days     int    `json:"days"`
	Doses    int    `json:"doses"`
}

// Preventive counts days and doses of each preventive among the placed doses. Many people log none: no dose is not none
// taken.
func Preventive(placed []Taken) []PreventiveUse {
	out := []PreventiveUse{}
	last := map[string]clinic.Day{}
	for _, t := range placed {
		if t.Acute {
			continue
		}
		i := slices.IndexFunc(out, func(u PreventiveUse) bool { return u.Medicine == t.Medicine })
		if i < 0 {
			i, out = len(out), append(out, PreventiveUse{Medicine: t.Medicine})
		}
		out[i].Doses++
		if last[t.Medicine] != t.Day {
			out[i].Days++
		}
		last[t.Medicine] = t.Day
	}
	return out
}

// attackIndex finds the attack of a dose.
type attackIndex struct {
	known  map[string]bool
	sorted []diary.Attack // by onset
}

func attacksOf(e diary.Entries) attackIndex {
	x := attackIndex{map[string]bool{}, slices.DeleteFunc(slices.Clone(e.Attacks), func(a diary.Attack) bool { return a.Start.IsZero() })}
	slices.SortFunc(x.sorted, func(a, b diary.Attack) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
	for _, a := range x.sorted {
		x.known[a.ID] = true
	}
	return x
}

// of is the attack a dose was logged with, else the latest that was going on when it was taken.
func (x attackIndex) of(d diary.Dose) string {
	if x.known[d.Attack] {
		return d.Attack
	}
	n, _ := slices.BinarySearchFunc(x.sorted, d.Taken.Add(1), func(a diary.Attack, t time.Time) int { return a.Start.Compare(t) })
	for i := n - 1; i >= 0; i-- {
		if x.sorted[i].Contains(d.Taken) {
			return x.sorted[i].ID
		}
	}
	return ""
}

// treatment is one attack, as it is counted, with the acute drugs taken in it.
type treatment struct {
	first clinic.Day
	doses []Intake // in order of time
}

// treatments: attacks known only from check-ins have no doses of their own and are left to their days.
func treatments(e diary.Entries, all []Intake, m diary.MergeProfile) []treatment {
	var out []treatment
	place := map[string]int{}
	for _, episode := range diary.Merge(e, m) {
		for _, id := range episode.Attacks {
			place[id] = len(out)
		}
		if len(episode.Attacks) > 0 {
			out = append(out, treatment{first: episode.First})
		}
	}
	attacks := attacksOf(e)
	for _, in := range inOrder(all) {
		if id := attacks.of(in.Dose); id != "" && in.AgainstAttack() {
			out[place[id]].doses = append(out[place[id]].doses, in)
		}
	}
	return out
}

// inOrder sorts by time; a dose without one has no place.
func inOrder(all []Intake) []Intake {
	known := slices.DeleteFunc(slices.Clone(all), func(in Intake) bool { return in.Taken.IsZero() })
	slices.SortFunc(known, func(a, b Intake) int { return cmp.Or(a.Taken.Compare(b.Taken), cmp.Compare(a.ID, b.ID)) })
	return known
}

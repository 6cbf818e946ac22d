package progress

import (
	"slices"
	"time"

	"interictal/hooks/diary"
)

// Session is one use of cold or of a device for an attack.
type Session struct {
	Attack  string
	Kind    Kind
	Started time.Time // zero: not said
}

// Kind of session.
type Kind string

const (
	Cold   Kind = "cold"
	Device Kind = "device"
)

const enoughAttacks = 5 // on each side (§3.6)

// WithAndWithout describes attacks in which something was used, and the others. It compares nothing: what made somebody
// reach for it is not in the diary.
type WithAndWithout struct {
	Kind     Kind  `json:"kind"`
	Hours    Sides `json:"hours"`
	WorstNRS Sides `json:"worstNrs"`
}

// Sides are two medians; both are null while one side has fewer than 5 attacks.
type Sides struct {
	With    Median       `json:"with"`
	Without Median       `json:"without"`
	Reason  diary.Reason `json:"reason"`
}

// Median of n attacks.
type Median struct {
	Value *diary.Rate `json:"value"`
	N     int         `json:"n"`
}

// ByUse sorts the attacks that hurt by whether there was a session of each kind for them. A session that began after the
// attack had ended was none for it. Attacks before the first session anybody logged are left out: what was done then is
// not known.
func ByUse(e diary.Entries, sessions []Session) []WithAndWithout {
	out := []WithAndWithout{}
	for _, kind := range []Kind{Cold, Device} {
		used, first := usesOf(kind, sessions)
		logged := slices.DeleteFunc(slices.Clone(e.Attacks), func(a diary.Attack) bool {
			return used[a.ID] == nil && (first.IsZero() || a.Start.Before(first))
		})
		out = append(out, describe(kind, logged, used))
	}
	return out
}

// usesOf is when something was used for each attack, and when that was first logged. A session for no attack only tells that
// sessions were logged.
func usesOf(kind Kind, sessions []Session) (used map[string][]time.Time, first time.Time) {
	used = map[string][]time.Time{}
	for _, s := range sessions {
		if s.Kind != kind {
			continue
		}
		if s.Attack != "" {
			used[s.Attack] = append(used[s.Attack], s.Started)
		}
		if first.IsZero() || !s.Started.IsZero() && s.Started.Before(first) {
			first = s.Started
		}
	}
	return used, first
}

func describe(kind Kind, attacks []diary.Attack, used map[string][]time.Time) WithAndWithout {
	var hours, worst [2][]float64
	for _, a := range attacks {
		if a.Painless() || a.Start.IsZero() {
			continue
		}
		side := 1
		if during(a, used[a.ID]) {
			side = 0
		}
		if lasted, known := a.Lasted(); known {
			hours[side] = append(hours[side], lasted.Hours())
		}
		if score, known := a.Worst().Score(); known {
			worst[side] = append(worst[side], float64(score))
		}
	}
	return WithAndWithout{Kind: kind, Hours: sides(hours), WorstNRS: sides(worst)}
}

func during(a diary.Attack, started []time.Time) bool {
	_, over := a.Lasted()
	return slices.ContainsFunc(started, func(at time.Time) bool { return at.IsZero() || !over || !at.After(a.End) })
}

func sides(values [2][]float64) Sides {
	s := Sides{With: Median{N: len(values[0])}, Without: Median{N: len(values[1])}}
	if min(s.With.N, s.Without.N) < enoughAttacks {
		s.Reason = NotEnoughAttacks
		return s
	}
	s.With.Value, s.Without.Value = rate(median(values[0])), rate(median(values[1]))
	return s
}

package diary

import (
	"slices"
	"time"

	"interictal/hooks/clinic"
)

const lastsTooLong = 72 * time.Hour

// LastsTooLong answers whether an attack went on for more than 72 h (message M-72H, §7.1): yes where its end, a reading
// with pain or a drug against it lies after 72 h, or where it is said to go on still; no where it ended before. An attack left
// open longer than that is unknown: the question is "still going?", and no answer raises no alarm.
func LastsTooLong(a Attack, doses []Dose, now time.Time) clinic.YesNo {
	if a.Start.IsZero() || a.painless() {
		return clinic.No
	}
	limit := a.Start.Add(lastsTooLong)
	if a.closed() {
		return clinic.Said(a.End.After(limit))
	}
	seen := slices.ContainsFunc(a.Readings, func(r Reading) bool { return r.At.After(limit) && r.Score.AtLeast(1) == clinic.Yes }) ||
		slices.ContainsFunc(doses, func(d Dose) bool {
			return d.Attack == a.ID && d.Attack != "" && d.AgainstAttack() && d.Taken.After(limit)
		})
	switch {
	case seen:
		return clinic.Yes
	case now.After(limit):
		return clinic.Unknown
	}
	return clinic.No
}

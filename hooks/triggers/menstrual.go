package triggers

import (
	"slices"

	"interictal/hooks/clinic"
)

const (
	windowBefore = 2  // ICHD-3 A1.1.1: day 1 is the first of the period, the day before it is −1; there is no day 0
	windowAfter  = 2  // so −2 … +3 is from two days before to the third day
	cycleAtMost  = 45 // days [D]: a longer gap may hide a period that nobody noted
)

// MenstrualWindow makes the factor from the first days of periods. A day is inside a window or outside; it is unknown
// where a period may have been missed, and after the last one's window, for the next may be near.
func MenstrualWindow(starts []clinic.Day) Factor {
	entry, _ := InCatalogue(Menstrual)
	f := Factor{ID: Menstrual, Code: Menstrual, Name: entry.Name, Kind: entry.Kind, Lag: entry.Lag, Exposures: map[clinic.Day]Exposure{}}
	starts = slices.Compact(slices.Sorted(slices.Values(starts)))
	for i, start := range starts {
		if i > 0 && start.Sub(starts[i-1]) <= cycleAtMost {
			for d := starts[i-1].Add(windowAfter + 1); d < start.Add(-windowBefore); d++ {
				f.Exposures[d] = Exposure{Met: clinic.No}
			}
		}
		for d := start.Add(-windowBefore); d <= start.Add(windowAfter); d++ {
			f.Exposures[d] = Exposure{Met: clinic.Yes}
		}
	}
	return f
}

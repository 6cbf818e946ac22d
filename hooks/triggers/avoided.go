package triggers

import (
	"interictal/hooks/clinic"
)

const (
	manyFoods   = 3
	mealsWindow = 28
	mealsKnown  = 14  // answered days in each window, as for every rate
	mealAWeek   = 4.0 // skipped meals in 28 days more than before: one a week [D]
)

// Avoiding warns the therapist when the hunt for triggers begins to cost meals (§4.6): three foods or more left out, or more
// meals skipped in the last 28 days than in the 28 before. Nobody is told to avoid anything.
func Avoiding(foods int, skipped map[clinic.Day]float64, today clinic.Day) []clinic.Broken {
	var flags []clinic.Broken
	if foods >= manyFoods {
		flags = append(flags, clinic.Broken{Code: "F_FOODS_AVOIDED", Severity: clinic.Flag, Message: "Leaves out three foods or more: ask about weight, mood and worry around food.",
			Params: map[string]any{"foods": foods}})
	}
	now, enough := mealRate(skipped, today)
	before, enoughBefore := mealRate(skipped, today.Add(-mealsWindow))
	if enough && enoughBefore && now-before > mealAWeek-1e-9 { // thirds of a meal do not add up exactly
		flags = append(flags, clinic.Broken{Code: "F_MEALS_DROPPED", Severity: clinic.Flag, Message: "Skips more meals than a month ago: ask why.",
			Params: map[string]any{"now": now, "before": before}})
	}
	return flags
}

// mealRate is the skipped meals in the 28 days that end with last, over the days with an answer.
func mealRate(skipped map[clinic.Day]float64, last clinic.Day) (rate float64, enough bool) {
	days, sum := 0, 0.0
	for d := last.Add(1 - mealsWindow); d <= last; d++ {
		if n, said := skipped[d]; said {
			days++
			sum += n
		}
	}
	return mealsWindow * sum / float64(max(1, days)), days >= mealsKnown
}

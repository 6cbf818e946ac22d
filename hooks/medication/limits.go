package medication

import "interictal/hooks/diary"

// Limit is the number of days in 30 from which ICHD-3 speaks of overuse.
type Limit struct {
	Class  diary.Class `json:"class"`
	Days   *int        `json:"days"` // nil: none is defined
	Source string      `json:"source"`
}

// Several is the class of a day on which any class with a limit was taken.
const Several diary.Class = "several"

const (
	strict = 10
	simple = 15
)

// Limits in the order in which they are shown.
var Limits = []Limit{
	{diary.Triptan, days(strict), "ICHD-3 8.2.2"},
	{diary.Ergotamine, days(strict), "ICHD-3 8.2.1"},
	{diary.Opioid, days(strict), "ICHD-3 8.2.4"},
	{diary.Combination, days(strict), "ICHD-3 8.2.5"},
	{diary.SimpleAnalgesic, days(simple), "ICHD-3 8.2.3"},
	{Several, days(strict), "ICHD-3 8.2.6"},
	{diary.Gepant, nil, ""},
	{diary.Ditan, nil, ""},
	{diary.Antiemetic, nil, ""},
	{diary.UnclassifiedDrug, nil, ""},
	{diary.Neuromodulation, nil, ""},
	{diary.Cold, nil, ""},
}

func days(n int) *int { return &n }

// limited: the class has a limit of its own.
func limited(c diary.Class) bool { return limitOf(c) > 0 && c != Several }

// limitOf is 0 where none is defined.
func limitOf(c diary.Class) int {
	for _, l := range Limits {
		if l.Class == c && l.Days != nil {
			return *l.Days
		}
	}
	return 0
}

// Code of a finding.
type Code string

const (
	Near    Code = "MED_NEAR"
	Over    Code = "MED_OVER"
	Pattern Code = "MOH_PATTERN"
)

// Safety: a sign to tell a clinician about within days (§7.1 item 15, level S).
func (c Code) Safety() bool { return c == Over || c == Pattern }

// level of so many days: nothing, near from four fifths of the limit, over from the limit.
func level(days, limit int) Code {
	switch {
	case limit == 0 || 5*days < 4*limit:
		return ""
	case days < limit:
		return Near
	}
	return Over
}

package clinic

import (
	"fmt"
	"sort"
	"time"
)

// Day is a civil calendar day. The zero Day is no day at all: it prints as "" and is not Valid.
// Days compare and sort with the ordinary operators.
type Day int32 // days since 1899-12-31, so that zero is just outside the range

const (
	FirstDay Day = 1      // 1900-01-01
	LastDay  Day = 109938 // 2200-12-31

	dayForm    = "2006-01-02"
	unixOfZero = -25568 // 1899-12-31 in days since 1970-01-01
)

// ParseDay reads "2026-01-05". It refuses days that no calendar has (2026-02-30), other spellings, and years
// outside 1900–2200, which in a diary are always a slip.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(dayForm, text)
	if err != nil {
		return 0, fmt.Errorf("not a calendar day: %q", text)
	}
	if d := DayOf(t, time.UTC); d.Valid() {
		return d, nil
	}
	return 0, fmt.Errorf("a day outside the years 1900 to 2200: %q", text)
}

// MustDay is ParseDay for days written in the program text; it panics on a misspelt one.
func MustDay(text string) Day {
	d, err := ParseDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

// DayOf is the calendar day on the wall of someone in loc at the instant t.
func DayOf(t time.Time, loc *time.Location) Day {
	y, m, d := t.In(loc).Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86400 - unixOfZero)
}

// Valid says whether d lies in the years 1900–2200.
func (d Day) Valid() bool { return FirstDay <= d && d <= LastDay }

// Add is the day n calendar days later; n may be negative.
func (d Day) Add(n int) Day { return d + Day(n) }

// Sub counts the calendar days from other to d.
func (d Day) Sub(other Day) int { return int(d) - int(other) }

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.midnight(time.UTC).Weekday() }

// Start is the first instant of the day in loc. That is not always midnight: where clocks jump over midnight
// (Beirut, Cairo, Havana) the day begins at 01:00, where midnight comes twice it begins at the first, and a day
// that a zone left out (Apia, 2011-12-30) begins where the next one does.
func (d Day) Start(loc *time.Location) time.Time {
	const reach = 27 * time.Hour // the widest jump on record is 24 hours
	t := d.midnight(loc)
	from, until := t.ZoneBounds()
	calm := (from.IsZero() || t.Sub(from) > reach) && (until.IsZero() || until.Sub(t) > reach)
	if calm {
		return t
	}
	early := t.Add(-reach)
	seconds := sort.Search(int(2*reach/time.Second), func(i int) bool {
		return DayOf(early.Add(time.Duration(i)*time.Second), loc) >= d
	})
	return early.Add(time.Duration(seconds) * time.Second)
}

func (d Day) midnight(loc *time.Location) time.Time {
	y, m, n := time.Unix((int64(d)+unixOfZero)*86400, 0).UTC().Date()
	return time.Date(y, m, n, 0, 0, 0, 0, loc)
}

// String is "2026-01-05", and "" for anything that is not Valid.
func (d Day) String() string {
	if !d.Valid() {
		return ""
	}
	return d.midnight(time.UTC).Format(dayForm)
}

// MarshalText writes "2026-01-05", or nothing for no day.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	day, err := ParseDay(string(text))
	if err != nil {
		return err
	}
	*d = day
	return nil
}

// Package reminders says who is to be reminded of what, and when.
//
// Every reminder is off until the patient turns it on, and comes at the time that she chose, in her zone: "at half past eight in
// the evening, remind me of the diary". Before one goes out it is asked again whether it still should:
//
//   - not in an open attack, and not in her quiet hours;
//   - not when what it is about is done already;
//   - once a day, however often she moves its time, and once for each dose, device or cold pack;
//   - not when its moment has passed by half an hour or more: the server was down, and nobody wants yesterday's reminder.
//
// What goes out says nothing of all this: it is empty, and the phone shows one fixed sentence.
package reminders

import (
	"time"

	"interictal/hooks/clinic"
)

// Kind of reminder.
type Kind string

const (
	Diary    Kind = "diary"
	Exercise Kind = "exercise"
	Effect   Kind = "effect" // of a dose, a device, cold: when it can be told
)

// Daily are the kinds that come at a time of day.
var Daily = []Kind{Diary, Exercise}

// Minute is a time of day. The zero Minute is none.
type Minute struct {
	of   int // since midnight
	said bool
}

// ParseMinute reads "20:30"; anything else is none.
func ParseMinute(text string) Minute {
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != 5 {
		return Minute{}
	}
	return Minute{of: t.Hour()*60 + t.Minute(), said: true}
}

// Choices are what a patient wants.
type Choices struct {
	Zone                  *time.Location
	Diary, Exercise       Minute
	Effect                bool
	QuietFrom, QuietUntil Minute
}

func (c Choices) at(k Kind) Minute {
	return map[Kind]Minute{Diary: c.Diary, Exercise: c.Exercise}[k]
}

func (c Choices) wants(k Kind) bool { return k == Effect && c.Effect || c.at(k).said }

// Next is the first moment after an instant at which a daily reminder comes; the zero time when it is off.
func (c Choices) Next(k Kind, after time.Time) time.Time {
	at := c.at(k)
	if !at.said {
		return time.Time{}
	}
	for day := clinic.DayOf(after, c.Zone); ; day++ {
		if t := at.on(day, c.Zone); t.After(after) {
			return t
		}
	}
}

// on is when the clock on the wall shows it on a day: the first time where the clocks go back, and where they jump over it as
// long after midnight as on any other day. A phone's own clock reckons the same.
func (m Minute) on(day clinic.Day, zone *time.Location) time.Time {
	wall := day.Start(time.UTC).Add(time.Duration(m.of) * time.Minute)
	with := func(near time.Time) time.Time {
		_, east := near.In(zone).Zone()
		return wall.Add(-time.Duration(east) * time.Second)
	}
	before, after := with(wall.Add(-26*time.Hour)), with(wall.Add(26*time.Hour))
	if !m.shownAt(before, zone) && m.shownAt(after, zone) {
		return after
	}
	return before
}

func (m Minute) shownAt(t time.Time, zone *time.Location) bool { return minuteOf(t, zone) == m.of }

func minuteOf(t time.Time, zone *time.Location) int {
	local := t.In(zone)
	return local.Hour()*60 + local.Minute()
}

// Quiet says whether an instant lies in the quiet hours; they may go over midnight.
func (c Choices) Quiet(t time.Time) bool {
	from, until, now := c.QuietFrom.of, c.QuietUntil.of, minuteOf(t, c.Zone)
	switch {
	case !c.QuietFrom.said || !c.QuietUntil.said:
		return false
	case from <= until:
		return from <= now && now < until
	}
	return now >= from || now < until
}

// Facts are what is known when a reminder comes due.
type Facts struct {
	Due    time.Time // the moment that was meant
	Last   time.Time // when this reminder last went out; zero: never
	Attack bool      // one is open
	Done   bool      // what it is about is done
}

// Reason why a reminder goes out or does not.
type Reason string

const (
	Send    Reason = "SEND"
	Off     Reason = "OFF"
	NotYet  Reason = "NOT_YET"
	Late    Reason = "LATE"
	Already Reason = "ALREADY"
	Attack  Reason = "ATTACK"
	Hushed  Reason = "QUIET"
	Done    Reason = "DONE"
)

// Grace is how late a reminder may still come. [D]
const Grace = 30 * time.Minute

// Decide asks once more, at the moment itself.
func (c Choices) Decide(k Kind, f Facts, now time.Time) Reason {
	switch {
	case !c.wants(k):
		return Off
	case now.Before(f.Due):
		return NotYet
	case now.Sub(f.Due) >= Grace:
		return Late
	case !f.Last.IsZero() && (k == Effect || clinic.DayOf(f.Last, c.Zone) == clinic.DayOf(now, c.Zone)):
		return Already
	case f.Attack:
		return Attack
	case c.Quiet(now):
		return Hushed
	case f.Done:
		return Done
	}
	return Send
}

// EffectAfter is how long after it began an effect can be told: half an hour for cold, two hours for a dose and a device.
func EffectAfter(collection string) time.Duration {
	if collection == "modality_sessions" {
		return 30 * time.Minute
	}
	return 2 * time.Hour
}

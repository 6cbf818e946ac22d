package diary

import (
	"time"

	"interictal/hooks/clinic"
)

// Late says how long after its day an entry was made (§3.4). However late, it counts in every measure.
type Late struct {
	Days               int  `json:"days"`
	Marked             bool `json:"late"`               // more than 2 days: the entry says "added 3 days later"
	TooLateForTriggers bool `json:"tooLateForTriggers"` // more than 7 days: left out of trigger analysis only
}

// Lateness goes by the phone's clock at entry, in the zone of the entry; a zero entered means the phone did not
// say. Receipt caps it, for clocks set ahead; a day without signal does not make an entry late.
func Lateness(day clinic.Day, entered, received time.Time, zone *time.Location) Late {
	at := entered
	if at.IsZero() || (!received.IsZero() && received.Before(at)) {
		at = received
	}
	if at.IsZero() {
		return Late{}
	}
	if zone == nil {
		zone = time.UTC
	}
	days := max(clinic.DayOf(at, zone).Sub(day), 0)
	return Late{Days: days, Marked: days > 2, TooLateForTriggers: days > 7}
}

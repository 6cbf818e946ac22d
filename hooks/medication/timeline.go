package medication

import (
	"cmp"
	"slices"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// Event on the time axis that medicines share with visits and attacks (S-27).
type Event struct {
	Day        clinic.Day       `json:"day"`
	What       string           `json:"what"` // medicine_started, medicine_stopped
	Medicine   string           `json:"medicine"`
	Name       string           `json:"name"`
	Class      diary.Class      `json:"class"`
	Indication diary.Indication `json:"indication"`
}

// Timeline lists when each medicine was begun and stopped, in order. Stopped is the last day it was taken.
func Timeline(all []Medicine) []Event {
	out := []Event{}
	for _, m := range all {
		for what, day := range map[string]clinic.Day{"medicine_started": m.Started, "medicine_stopped": m.Stopped} {
			if day.Valid() {
				out = append(out, Event{day, what, m.ID, m.Name, m.Class, m.Indication})
			}
		}
	}
	slices.SortFunc(out, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(b.What, a.What), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Medicine, b.Medicine))
	})
	return out
}

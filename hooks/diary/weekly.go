package diary

import "interictal/hooks/clinic"

// Week is seven days at a glance: counts, not rates, so that an empty week looks empty.
type Week struct {
	From         clinic.Day `json:"from"`
	Recorded     int        `json:"recorded"`
	HeadacheDays int        `json:"headacheDays"`
}

// Weekly counts the given number of seven-day stretches, oldest first; the last one ends with the day last.
func Weekly(e Entries, p Profile, last clinic.Day, weeks int) []Week {
	row := make([]Week, weeks)
	from := last.Add(1 - 7*weeks)
	for i, d := range Days(e, p, from, last) {
		w := &row[i/7]
		if i%7 == 0 {
			w.From = d.Day
		}
		if d.Recorded {
			w.Recorded++
		}
		if d.Headache == clinic.Yes {
			w.HeadacheDays++
		}
	}
	return row
}

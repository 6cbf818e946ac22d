package safety

import (
	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// manyDays: fewer headache days in 28 are no alarming number, however fast they came.
const manyDays = 8

// Doubled: the headache days of the newest full window are at least twice those of the window before, and 8 or more
// (§7.1 row 6). Unknown when one of the two has no value: missing is not zero.
func Doubled(windows []diary.Window) (answer clinic.YesNo, ended clinic.Day) {
	var before, now *diary.Window
	for i, w := range windows {
		if w.Full {
			before, now = now, &windows[i]
		}
	}
	if before == nil || before.MHD28.Value == nil || now.MHD28.Value == nil {
		return clinic.Unknown, 0
	}
	was, is := float64(*before.MHD28.Value), float64(*now.MHD28.Value)
	return clinic.Said(is >= manyDays && is >= 2*was), now.To
}

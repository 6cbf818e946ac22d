package triggers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"interictal/hooks/clinic"
)

// Fingerprint names the data that an analysis rests on: the same data, whatever way they came, have the same one. Days
// after the last recorded one, and what the rules never read, take no part in it.
func Fingerprint(d Diary, factors []Factor) string {
	r := recordOf(d)
	sum := sha256.New()
	write := func(values ...any) {
		body, _ := json.Marshal(values) // days, numbers and words: they always encode
		sum.Write(append(body, '\n'))
	}
	write(Version, d.Start)
	for _, day := range r.days {
		if r.keeps(day) {
			write(day.Day, day.Headache, day.Peak)
		} else if r.late[day.Day] {
			write(day.Day, "late")
		}
	}
	for _, f := range factors {
		write(f.ID, f.Code, f.Name, f.Kind, f.Lag, f.Cut, f.Prodrome)
		for _, day := range slices.SortedFunc(maps.Keys(f.Exposures), func(a, b clinic.Day) int { return a.Sub(b) }) {
			x := f.Exposures[day]
			write(day, x.Met, x.Amount, x.Late)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

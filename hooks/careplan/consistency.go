package careplan

// Share is so many of so many. Of zero there is none.
type Share struct {
	Done int `json:"done"`
	Of   int `json:"of"`
}

// Value is Done ÷ Of, 1 at most; nil when there is nothing to divide by.
func (s Share) Value() *float64 {
	if s.Of <= 0 {
		return nil
	}
	v := min(float64(s.Done)/float64(s.Of), 1)
	return &v
}

// below a percentage; a share of nothing is not.
func (s Share) below(percent int) bool { return s.Of > 0 && 100*s.Done < percent*s.Of }

// Attendance is the visits that count, of these and the missed ones. No-shows and late cancellations on a day with
// an attack are excused and leave the division; so do all other cancellations (§2.7).
func Attendance(p Plan, f Profile) Share {
	came := len(CountedDays(p, f))
	missed := 0
	for _, v := range p.Visits {
		if (v.Status == NoShow || v.Status == LateCancelled) && !v.AttackDay {
			missed++
		}
	}
	return Share{Done: came, Of: came + missed}
}

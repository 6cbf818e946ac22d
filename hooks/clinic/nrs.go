package clinic

import (
	"fmt"
	"math"
	"strconv"
)

// NRS is a pain score on the numeric rating scale, 0 (none) to 10 (worst imaginable), or unknown. The zero value is
// unknown, not "no pain". In JSON: null or a whole number.
type NRS struct{ plusOne uint8 }

// NewNRS refuses a score outside 0–10.
func NewNRS(score int) (NRS, error) {
	if score < 0 || score > 10 {
		return NRS{}, fmt.Errorf("a pain score runs from 0 to 10, not %d", score)
	}
	return NRS{uint8(score + 1)}, nil
}

// MustNRS is NewNRS for scores written in the program text; it panics outside 0–10.
func MustNRS(score int) NRS {
	n, err := NewNRS(score)
	if err != nil {
		panic(err)
	}
	return n
}

// Known says whether a score was given.
func (n NRS) Known() bool { return n.plusOne > 0 }

// Score is the number, and whether there is one.
func (n NRS) Score() (score int, known bool) {
	if !n.Known() {
		return 0, false
	}
	return int(n.plusOne) - 1, true
}

// AtLeast answers "is it this bad or worse?"; unknown stays unknown.
func (n NRS) AtLeast(score int) YesNo {
	if !n.Known() {
		return Unknown
	}
	return Said(int(n.plusOne)-1 >= score)
}

// Max is the worse of two scores; a known score beats an unknown one.
func (n NRS) Max(other NRS) NRS { return NRS{max(n.plusOne, other.plusOne)} }

// Words: 1–3 mild, 4–6 moderate, 7–10 severe (spec §3.1), "none" for 0, "" when unknown.
func (n NRS) Words() string {
	score, known := n.Score()
	switch {
	case !known:
		return ""
	case score == 0:
		return "none"
	case score <= 3:
		return "mild"
	case score <= 6:
		return "moderate"
	}
	return "severe"
}

func (n NRS) String() string {
	if score, known := n.Score(); known {
		return strconv.Itoa(score)
	}
	return "unknown"
}

func (n NRS) MarshalJSON() ([]byte, error) {
	if score, known := n.Score(); known {
		return strconv.AppendInt(nil, int64(score), 10), nil
	}
	return []byte("null"), nil
}

func (n *NRS) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = NRS{}
		return nil
	}
	// Through a float, because 6.0 is the whole number 6 in JSON.
	score, err := strconv.ParseFloat(string(data), 64)
	if err != nil || score != math.Trunc(score) || score < 0 || score > 10 {
		return fmt.Errorf("not a pain score from 0 to 10: %.40s", data)
	}
	*n = NRS{uint8(score) + 1}
	return nil
}

package outcomes

import (
	"strings"

	"interictal/hooks/clinic"
)

// Impact is what migraine takes from the parts of a life (S-02, S-05), in the numbers and the words that are there. What was
// not asked is null with its reason, never zero.
type Impact struct {
	Work       []Line     `json:"work"`
	Home       []Line     `json:"home"`
	Social     []Line     `json:"social"`
	SelfCare   []Line     `json:"selfCare"`
	Activities []Activity `json:"activities"` // in her own words
}

// Line is one number of one part of life.
type Line struct {
	What       string     `json:"what"`
	Instrument string     `json:"instrument"`
	Item       string     `json:"item"`
	Unit       string     `json:"unit"`
	Value      *float64   `json:"value"`
	On         clinic.Day `json:"on"`
	Reason     string     `json:"reason"`
}

// Activity that the patient has named, from 0 (cannot) to 10 (as well as ever).
type Activity struct {
	Words string     `json:"words"`
	First *float64   `json:"first"`
	Value *float64   `json:"value"`
	On    clinic.Day `json:"on"`
}

// Why a part of life has no number.
const (
	ReasonNotAsked   = "NOT_ASKED"
	ReasonTotalOnly  = "TOTAL_ONLY" // a paper form told its sum, not its answers
	ReasonNotSaid    = "NOT_SAID"
	unitQuarter      = "days in 3 months"
	unitNeckPersonal = "0 to 5"
)

// ImpactOf the newest answers.
func ImpactOf(responses []Response) Impact {
	line := func(what, instrument, item, unit string) Line {
		return newest(responses, Line{What: what, Instrument: instrument, Item: item, Unit: unit})
	}
	return Impact{
		Work:       []Line{line("missed", "midas", "q1", unitQuarter), line("half_done", "midas", "q2", unitQuarter)},
		Home:       []Line{line("missed", "midas", "q3", unitQuarter), line("half_done", "midas", "q4", unitQuarter)},
		Social:     []Line{line("missed", "midas", "q5", unitQuarter)},
		SelfCare:   []Line{line("personal_care", "ndi", "q2", unitNeckPersonal)},
		Activities: activitiesIn(responses),
	}
}

// newest fills in a line from the last finished response.
func newest(responses []Response, l Line) Line {
	l.Reason = ReasonNotAsked
	for _, r := range responses {
		if r.Instrument != l.Instrument || !r.Finished || r.On < l.On || len(Check(r)) > 0 {
			continue
		}
		l.On, l.Value, l.Reason = r.On, r.Answers[l.Item], ""
		switch {
		case given(r.Totals) > 0:
			l.Reason = ReasonTotalOnly
		case l.Value == nil:
			l.Reason = ReasonNotSaid
		}
	}
	return l
}

// activitiesIn lists what she named, each with its first and its last number.
func activitiesIn(responses []Response) []Activity {
	out, place := []Activity{}, map[string]int{}
	for _, p := range Series(of(responses, psfs.ID)) {
		if p.Status != Scored {
			continue
		}
		for _, item := range psfs.Items {
			words, n := strings.TrimSpace(p.said.Words[item.ID]), p.said.Answers[item.ID]
			if words == "" || n == nil {
				continue
			}
			i, known := place[plain(words)]
			if !known {
				i, place[plain(words)] = len(out), len(out)
				out = append(out, Activity{Words: words, First: n})
			}
			out[i].Value, out[i].On = n, p.On
		}
	}
	return out
}

// of are the responses to one instrument.
func of(all []Response, instrument string) (out []Response) {
	for _, r := range all {
		if r.Instrument == instrument {
			out = append(out, r)
		}
	}
	return out
}

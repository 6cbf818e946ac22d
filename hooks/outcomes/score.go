package outcomes

import (
	"slices"

	"interictal/hooks/clinic"
)

// Status of a response.
type Status string

const (
	Scored     Status = "scored"
	Incomplete Status = "incomplete" // stored, never scored
	Invalid    Status = "invalid"    // an answer that cannot be
	Refused    Status = "refused"    // too few for a score
	Draft      Status = "draft"      // not finished
)

// Why a scale has no number.
const (
	ReasonIncomplete = "INCOMPLETE"
	ReasonDraft      = "DRAFT"
	ReasonNotEntered = "NOT_ENTERED" // this total was not on the paper form
	ReasonInvalid    = "INVALID"
)

// Result is what a response says, and why where it says nothing.
type Result struct {
	Instrument string          `json:"instrument"`
	Status     Status          `json:"status"`
	Scores     []Score         `json:"scores"`
	Missing    []string        `json:"missing"` // items that were not answered
	Broken     []clinic.Broken `json:"broken"`
}

// Score on one scale. Value is null with its reason.
type Score struct {
	Scale   string   `json:"scale"`
	Metric  string   `json:"metric"`
	Value   *float64 `json:"value"`
	Percent *float64 `json:"percent"`
	Band    string   `json:"band"`
	Place   int      `json:"place"` // of the band, from 1; 0: none
	Reason  string   `json:"reason"`
}

// Of is the score on a scale.
func (r Result) Of(scale string) (Score, bool) {
	i := slices.IndexFunc(r.Scores, func(s Score) bool { return s.Scale == scale })
	if i < 0 {
		return Score{}, false
	}
	return r.Scores[i], true
}

// ScoreOf scores one response.
func ScoreOf(r Response) Result {
	out := Result{Instrument: r.Instrument, Broken: Check(r), Missing: []string{}, Scores: []Score{}}
	in, ok := Find(r.Instrument, r.Version)
	if !ok {
		out.Status = Invalid
		return out
	}
	entered := given(r.Totals) > 0
	if !entered {
		out.Missing = in.missing(r.Answers)
	}
	out.Status = statusOf(out, r.Finished, in.complete(r.Answers) || entered)
	for _, s := range in.Scales {
		out.Scores = append(out.Scores, s.score(r, out.Status, entered))
	}
	return out
}

func statusOf(r Result, finished, complete bool) Status {
	switch {
	case len(r.Broken) == 1 && r.Broken[0].Code == TooFew:
		return Refused
	case len(r.Broken) > 0:
		return Invalid
	case !finished:
		return Draft
	case !complete:
		return Incomplete
	}
	return Scored
}

func (in Instrument) missing(answers Answers) []string {
	out := []string{}
	for _, i := range in.Items {
		if answers[i.ID] == nil && !i.Optional && !i.Beside {
			out = append(out, i.ID)
		}
	}
	return out
}

// complete: every scale has what it needs.
func (in Instrument) complete(answers Answers) bool {
	return !slices.ContainsFunc(in.Scales, func(s Scale) bool {
		return s.Reckon == Entered || len(s.Items)-len(s.answered(answers)) > s.Missing
	})
}

func (s Scale) answered(answers Answers) (out []float64) {
	for _, id := range s.Items {
		if n := answers[id]; n != nil {
			out = append(out, *n)
		}
	}
	return out
}

var reasons = map[Status]string{Incomplete: ReasonIncomplete, Draft: ReasonDraft, Invalid: ReasonInvalid, Refused: TooFew}

func (s Scale) score(r Response, status Status, entered bool) Score {
	out := Score{Scale: s.ID, Metric: s.Metric, Reason: reasons[status]}
	if status != Scored {
		return out
	}
	if entered {
		if out.Value = r.Totals[s.ID]; out.Value == nil {
			out.Reason = ReasonNotEntered
			return out
		}
	} else {
		value := s.reckon(s.answered(r.Answers))
		out.Value = &value
	}
	out.Band, out.Place = s.Band(*out.Value)
	if s.Percent > 0 {
		percent := *out.Value * 100 / s.Percent
		out.Percent = &percent
	}
	return out
}

func (s Scale) reckon(answers []float64) float64 {
	sum, n := 0.0, float64(len(answers))
	for _, a := range answers {
		if s.Mirror != 0 {
			a = s.Mirror - a
		}
		sum += a
	}
	switch all := float64(len(s.Items)); s.Reckon {
	case Mean:
		return sum / n
	case Stretch: // answers run from 1 to mirror − 1
		return (sum - all) * 100 / (all * (s.Mirror - 2))
	default:
		if n == all {
			return sum
		}
		return sum / n * all
	}
}

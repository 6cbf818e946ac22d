package safety

import (
	"encoding/json"
	"math"
	"slices"

	"interictal/hooks/clinic"
)

// Answers of one check, by question: true, false or a number. What nobody said is not in it.
type Answers map[string]any

func (a Answers) yesNo(question string) clinic.YesNo {
	if said, ok := a[question].(bool); ok {
		return clinic.Said(said)
	}
	return clinic.Unknown
}

func (a Answers) number(question string) (n float64, known bool) {
	n, known = a[question].(float64)
	return n, known
}

// With is the answers and what is known besides. The person's own word stands unless what is known makes it worse:
// a yes is never taken back by a record that says no.
func (a Answers) With(known Answers) Answers {
	out := Answers{}
	for id, value := range a {
		out[id] = value
	}
	for id, value := range known {
		if said, there := out[id]; !there || said == false && value == true {
			out[id] = value
		}
	}
	return out
}

// ReadAnswers reads what a phone or a clinic has sent. An alarm is never lost to a slip beside it: what cannot be
// read is named, and the rest stands. ok is false when it is no set of answers at all.
func ReadAnswers(raw []byte) (a Answers, unread []string, ok bool) {
	var sent map[string]any
	if len(raw) == 0 || string(raw) == "null" {
		return Answers{}, nil, true
	}
	if err := json.Unmarshal(raw, &sent); err != nil {
		return Answers{}, nil, false
	}
	a = Answers{}
	for id, value := range sent {
		switch {
		case value == nil:
		case fits(id, value):
			a[id] = value
		default:
			unread = append(unread, id)
		}
	}
	slices.Sort(unread)
	return a, unread, true
}

// fits: an answer of its question's kind, within what a body can be.
func fits(id string, value any) bool {
	i := slices.IndexFunc(RedFlags.Questions, func(q Question) bool { return q.ID == id })
	if i < 0 {
		return false
	}
	q := RedFlags.Questions[i]
	switch v := value.(type) {
	case bool:
		return q.Kind == YesNo
	case float64:
		return q.Kind != YesNo && v >= 0 && v <= q.most() && (q.Kind != Whole || v == math.Trunc(v))
	}
	return false
}

func (q Question) most() float64 {
	switch q.Kind {
	case Minutes:
		return 7 * 24 * 60
	case Weeks:
		return 100 * 52
	}
	return q.Most
}

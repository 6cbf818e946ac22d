package outcomes

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"interictal/hooks/clinic"
)

// Answers are numbers by item, or totals by scale. nil: asked and not said.
type Answers map[string]*float64

// Response is one filled, or half-filled, instrument.
type Response struct {
	ID         string            `json:"id"`
	Instrument string            `json:"instrument"`
	Version    string            `json:"version"`
	Occasion   Occasion          `json:"occasion"`
	On         clinic.Day        `json:"on"`       // the day it was finished
	Finished   bool              `json:"finished"` // else it is a draft, to be resumed
	Answers    Answers           `json:"answers"`
	Totals     Answers           `json:"totals"` // of a paper form, in the unit of the score
	Words      map[string]string `json:"words"`  // the patient's own, by item

	unread []clinic.Broken // what could not be read; it makes the response invalid
}

// Read fills in what was stored as JSON.
func (r *Response) Read(answers, totals, words []byte) {
	var a, b, c []clinic.Broken
	r.Answers, a = ParseAnswers(answers)
	r.Totals, b = ParseAnswers(totals)
	r.Words, c = ParseWords(words)
	r.unread = slices.Concat(a, b, c)
}

// Occasion on which it was answered.
type Occasion string

const (
	AtStart  Occasion = "start"
	AtReview Occasion = "review" // visit 6
	AtEnd    Occasion = "end"
	FollowUp Occasion = "followup"
	Other    Occasion = "other"
)

// Occasions in the order of a plan's life.
var Occasions = []Occasion{AtStart, AtReview, AtEnd, FollowUp, Other}

// Codes of what is wrong with a response.
const (
	NoInstrument = "E_INSTRUMENT"
	NoItem       = "E_ANSWER_ITEM"
	OutOfRange   = "E_ANSWER_RANGE"
	TooFew       = "E_ANSWER_FEW"
	BothWays     = "E_ANSWER_TWICE"
)

// longest is how many letters an activity in the patient's own words may have.
const longest = 200

// ParseAnswers reads {"q1": 3, "q2": null}. What is no number is a fault of its item; nothing at all is no answer.
func ParseAnswers(raw []byte) (Answers, []clinic.Broken) {
	if text := strings.TrimSpace(string(raw)); text == "" || text == "null" {
		return Answers{}, nil
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		return Answers{}, []clinic.Broken{fault(NoItem, "Answers are an object: a number or null for each item.", "")}
	}
	out, broken := make(Answers, len(given)), []clinic.Broken(nil)
	for _, item := range slices.Sorted(maps.Keys(given)) {
		var n *float64
		if err := json.Unmarshal(given[item], &n); err != nil {
			broken = append(broken, fault(OutOfRange, "An answer is a number or null: "+short(item)+".", item))
			continue
		}
		out[item] = n
	}
	return out, broken
}

// ParseWords reads {"a1": "carry my girl"}.
func ParseWords(raw []byte) (map[string]string, []clinic.Broken) {
	if text := strings.TrimSpace(string(raw)); text == "" || text == "null" {
		return nil, nil
	}
	var words map[string]string
	if err := json.Unmarshal(raw, &words); err != nil {
		return nil, []clinic.Broken{fault(NoItem, "Words are an object: a text for each item.", "words")}
	}
	return words, nil
}

// Check finds what is wrong with a response, as a draft or as a whole. nil: it may be stored.
func Check(r Response) []clinic.Broken {
	in, ok := Find(r.Instrument, r.Version)
	if !ok {
		return []clinic.Broken{fault(NoInstrument, "There is no such questionnaire, or not in this version.", short(r.Instrument))}
	}
	broken := slices.Concat(r.unread, in.checkItems(r.Answers), in.checkTotals(r.Totals), in.checkWords(r.Words))
	if given(r.Answers) > 0 && given(r.Totals) > 0 {
		broken = append(broken, fault(BothWays, "Either the answers or the totals of a paper form, not both.", "totals"))
	}
	if r.Finished && len(broken) == 0 {
		broken = in.checkEnough(r.Answers)
	}
	return broken
}

func (in Instrument) checkItems(answers Answers) (broken []clinic.Broken) {
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		item, known := in.item(id)
		switch n := answers[id]; {
		case !known:
			broken = append(broken, fault(NoItem, "This questionnaire has no such item: "+short(id)+".", short(id)))
		case n != nil && !item.takes(*n):
			broken = append(broken, fault(OutOfRange, fmt.Sprintf("Not an answer to %s: %g to %g.", id, item.Min, item.Max), id))
		}
	}
	return broken
}

func (i Item) takes(n float64) bool {
	if len(i.Values) > 0 {
		return slices.Contains(i.Values, n)
	}
	return n >= i.Min && n <= i.Max && n == math.Trunc(n)
}

// checkTotals: an instrument whose text ships is answered, not summed up on paper.
func (in Instrument) checkTotals(totals Answers) (broken []clinic.Broken) {
	for _, id := range slices.Sorted(maps.Keys(totals)) {
		scale, known := in.Scale(id)
		switch n := totals[id]; {
		case !known || in.Rights == Ships:
			broken = append(broken, fault(NoItem, "This questionnaire takes no such total: "+short(id)+".", short(id)))
		case n != nil && !scale.takes(*n):
			broken = append(broken, fault(OutOfRange, fmt.Sprintf("Not a score of %s: %g to %g.", in.Name, scale.Min, scale.Max), id))
		}
	}
	return broken
}

func (s Scale) takes(n float64) bool {
	return n >= s.Min && n <= s.Max && (!s.Whole || n == math.Trunc(n))
}

func (in Instrument) checkWords(words map[string]string) (broken []clinic.Broken) {
	for _, id := range slices.Sorted(maps.Keys(words)) {
		_, known := in.item(id)
		switch {
		case !known || !in.Words:
			broken = append(broken, fault(NoItem, "This questionnaire has no words for: "+short(id)+".", short(id)))
		case utf8.RuneCountInString(words[id]) > longest:
			broken = append(broken, fault(OutOfRange, fmt.Sprintf("At most %d letters: %s.", longest, id), id))
		}
	}
	return broken
}

// CheckText: words that a clinic shows by its own right are for items that there are.
func (in Instrument) CheckText(words map[string]string) (broken []clinic.Broken) {
	for _, id := range slices.Sorted(maps.Keys(words)) {
		if _, known := in.item(id); !known {
			broken = append(broken, fault(NoItem, "This questionnaire has no such item: "+short(id)+".", short(id)))
		}
	}
	return broken
}

// checkEnough: a score of fewer activities than three is no score (PSFS); it stays a draft.
func (in Instrument) checkEnough(answers Answers) (broken []clinic.Broken) {
	for _, s := range in.Scales {
		if n := len(s.answered(answers)); n < s.Least {
			b := fault(TooFew, fmt.Sprintf("At least %d are needed; keep it as a draft until then.", s.Least), s.ID)
			b.Params["given"], b.Params["least"] = n, s.Least
			broken = append(broken, b)
		}
	}
	return broken
}

func given(a Answers) (n int) {
	for _, x := range a {
		if x != nil {
			n++
		}
	}
	return n
}

func fault(code, message, field string) clinic.Broken {
	return clinic.Broken{Code: code, Severity: clinic.Hard, Message: message, Params: map[string]any{"field": field}}
}

// short keeps what somebody sent as a name from filling an answer.
func short(name string) string {
	if runes := []rune(name); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return name
}

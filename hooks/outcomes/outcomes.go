// Package outcomes scores what a person answers and what a therapist measures (spec §3.7): questionnaires, the neck and jaw
// examination, whether a change is worth noting, and what is due when. No clock, no database; the phone has the same table and
// the same cases (pb_public/src/lib/outcomes), so a questionnaire is answered and scored offline.
//
// # From answers to a score
//
// An instrument has items, each with the numbers that may be said, and scales made of items. Answers are numbers by item; null
// is "not said", and missing is not zero:
//
//	MIDAS 10, 5, 3, 2, 0      20, band III
//	MIDAS 10, 5, 3, 2, null   no score: INCOMPLETE, q5 is missing
//	MIDAS 10, 5, 3, 2, 93     no score: E_ANSWER_RANGE, a quarter of a year has 92 days
//	NDI nine 2s and a null    20 of 50: up to two may be missing, their place is taken by the mean of the rest
//	PSFS with two activities  refused as a score (E_ANSWER_FEW), kept as a draft
//
// A half-filled instrument is stored and never scored, not even the scale that happens to be whole. A clinic that holds the
// right to an instrument may enter the totals of its paper form instead; each stands for itself, in the unit of the score.
//
// # Is a change worth noting?
//
// Each scale names the published sizes with their source. Below the measurement error a change reads "within measurement
// noise"; below the smallest size worth noting it says so; where nothing was published there is no verdict. Sizes were found for
// people who improved; a worsening of the same size is shown as worth noting too [D]. Never "significant".
//
// # Rights
//
// The words of most instruments belong to somebody. Only those marked Ships carry text here; of the others there are
// numbers of items, and a clinic may keep its own licensed text in its own database.
package outcomes

import "slices"

// Instrument is one questionnaire in one version: another version is another instrument for every comparison.
type Instrument struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Version string  `json:"version"`
	About   string  `json:"about"`  // what it is about: disability, quality_of_life, neck_function, …
	Recall  string  `json:"recall"` // the time it asks about
	Rights  Rights  `json:"rights"`
	Notice  string  `json:"notice"` // what has to be said about the rights
	Asks    string  `json:"asks,omitempty"`
	Items   []Item  `json:"items"`
	Scales  []Scale `json:"scales"`
	Words   bool    `json:"words"` // the items are the patient's own words
}

// Rights say what of an instrument may be in an open product.
type Rights string

const (
	Ships   Rights = "ships"   // with its text
	Numbers Rights = "numbers" // items by number, or totals; no text
	Totals  Rights = "totals"  // the same; the holder licenses the form
)

// Item is one question, by number.
type Item struct {
	ID       string    `json:"id"`
	Min      float64   `json:"min"`
	Max      float64   `json:"max"`
	Values   []float64 `json:"values,omitzero"`   // where not every whole number between is an answer
	Choices  []Choice  `json:"choices,omitempty"` // short names of answers
	Beside   bool      `json:"beside,omitzero"`   // asked, and in no score
	Optional bool      `json:"optional,omitzero"` // nothing is missing without it
	Text     string    `json:"text,omitempty"`    // only where the text ships
}

// Choice is an answer in a word and the number it counts.
type Choice struct {
	Code  string  `json:"code"`
	Score float64 `json:"score"`
	Text  string  `json:"text,omitempty"`
}

// Scale is one number that comes out of an instrument.
type Scale struct {
	ID       string   `json:"id"`
	Metric   string   `json:"metric"` // its name in goals and measures of a plan
	Items    []string `json:"items,omitempty"`
	Reckon   Reckon   `json:"reckon"`
	Mirror   float64  `json:"mirror,omitzero"`  // answers are turned round: mirror − answer
	Missing  int      `json:"missing,omitzero"` // as many items may be missing
	Least    int      `json:"least,omitzero"`   // as many have to be answered
	Min      float64  `json:"min"`
	Max      float64  `json:"max"`
	Whole    bool     `json:"whole"`            // an entered total is a whole number
	Percent  float64  `json:"percent,omitzero"` // also shown as percent of this
	HighGood bool     `json:"highGood"`
	Rated    bool     `json:"rated,omitzero"` // is itself a change since the start
	Bands    []Band   `json:"bands"`          // by rising scores
	Source   string   `json:"source"`         // of score and bands
	Worth    []Worth  `json:"worth"`          // changes worth noting, small to large
}

// Reckon says how a scale is made of its items.
type Reckon string

const (
	Sum     Reckon = "sum"     // the mean of what was answered, times the number of items
	Mean    Reckon = "mean"    // of what was answered
	Stretch Reckon = "stretch" // the sum put on 0 to 100
	Entered Reckon = "entered" // a T-score or a total from elsewhere
)

// Band of scores that share a name, from the score where it begins.
type Band struct {
	From float64 `json:"from"`
	Name string  `json:"name"`
}

// Worth is a published size of a change, with where it was published.
type Worth struct {
	Size    float64 `json:"size"`
	Percent bool    `json:"percent,omitzero"` // of the first score
	Noise   bool    `json:"noise,omitzero"`   // a smaller change lies within measurement error (MDC)
	From    float64 `json:"from,omitzero"`    // holds for first scores from here
	To      float64 `json:"to,omitzero"`      // to here; 0: without end
	Source  string  `json:"source"`
}

// Find an instrument by its id and version; "" is the version in use.
func Find(id, version string) (Instrument, bool) {
	i := slices.IndexFunc(Instruments, func(in Instrument) bool { return in.ID == id && (version == "" || version == in.Version) })
	if i < 0 {
		return Instrument{}, false
	}
	return Instruments[i], true
}

// ByMetric finds the scale that a plan's goal speaks of.
func ByMetric(metric string) (in Instrument, s Scale, ok bool) {
	for _, in := range Instruments {
		for _, s := range in.Scales {
			if s.Metric == metric {
				return in, s, true
			}
		}
	}
	return in, s, false
}

func (in Instrument) item(id string) (Item, bool) {
	i := slices.IndexFunc(in.Items, func(x Item) bool { return x.ID == id })
	if i < 0 {
		return Item{}, false
	}
	return in.Items[i], true
}

// Scale of an instrument by its id.
func (in Instrument) Scale(id string) (Scale, bool) {
	i := slices.IndexFunc(in.Scales, func(s Scale) bool { return s.ID == id })
	if i < 0 {
		return Scale{}, false
	}
	return in.Scales[i], true
}

// Band is the name of the band a score lies in, and its place from 1; "" where there are no bands.
func (s Scale) Band(score float64) (name string, place int) {
	for i, b := range s.Bands {
		if score >= b.From-tiny {
			name, place = b.Name, i+1
		}
	}
	return name, place
}

// tiny is what two ways of adding the same numbers may differ by.
const tiny = 1e-9

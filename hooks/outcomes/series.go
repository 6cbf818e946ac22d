package outcomes

import (
	"cmp"
	"slices"
	"strings"

	"interictal/hooks/clinic"
)

// Point is one response in its row of responses, oldest first.
type Point struct {
	ID       string     `json:"id"`
	On       clinic.Day `json:"on"`
	Occasion Occasion   `json:"occasion"`
	Version  string     `json:"version"`
	Result
	Changes []ScaleChange `json:"changes"` // one a scale, against the baseline

	said Response
}

// ScaleChange is the change on one scale since the baseline.
type ScaleChange struct {
	Scale    string `json:"scale"`
	Baseline string `json:"baseline"` // id of the response it is compared with; "" = none
	Change
}

// Series scores the responses to one instrument and compares each with its baseline: the last one from a start on or before
// its day, else the first that has a score.
func Series(responses []Response) []Point {
	points := make([]Point, 0, len(responses))
	for _, r := range responses {
		if in, ok := Find(r.Instrument, r.Version); ok {
			r.Version = in.Version // unnamed, it is the one in use
		}
		points = append(points, Point{ID: r.ID, On: r.On, Occasion: r.Occasion, Version: r.Version, Result: ScoreOf(r), Changes: []ScaleChange{}, said: r})
	}
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Or(cmp.Compare(a.On, b.On), strings.Compare(a.ID, b.ID)) })
	for i := range points {
		points[i].compare(points[:i])
	}
	return points
}

// compare with what came before. A start is a baseline, and not compared.
func (p *Point) compare(earlier []Point) {
	in, _ := Find(p.said.Instrument, p.Version)
	if p.Status != Scored || p.Occasion == AtStart && !in.rated() {
		return
	}
	base := baselineOf(*p, earlier)
	for _, s := range in.Scales {
		p.Changes = append(p.Changes, p.since(base, s))
	}
}

func (in Instrument) rated() bool {
	return slices.ContainsFunc(in.Scales, func(s Scale) bool { return s.Rated })
}

func baselineOf(p Point, earlier []Point) (base *Point) {
	for i := range earlier {
		e := &earlier[i]
		if e.Status == Scored && e.Version == p.Version && (base == nil || e.Occasion == AtStart) {
			base = e
		}
	}
	return base
}

func (p Point) since(base *Point, s Scale) ScaleChange {
	after, _ := p.Of(s.ID)
	out := ScaleChange{Scale: s.ID}
	switch {
	case s.Rated:
		out.Change = s.Compare(nil, after.Value)
	case base == nil:
		out.Change = incomparable("NO_BASELINE")
	case !sameWords(base.said, p.said):
		out.Baseline, out.Change = base.ID, incomparable("ACTIVITIES_DIFFER")
	default:
		before, _ := base.Of(s.ID)
		out.Baseline, out.Change = base.ID, s.Compare(before.Value, after.Value)
	}
	return out
}

// sameWords: activities in a patient's own words are compared with the same activities only.
func sameWords(a, b Response) bool {
	in, _ := Find(a.Instrument, a.Version)
	if !in.Words {
		return true
	}
	return slices.EqualFunc(in.Items, in.Items, func(x, _ Item) bool {
		answered := (a.Answers[x.ID] == nil) == (b.Answers[x.ID] == nil)
		return answered && (a.Answers[x.ID] == nil || a.Words[x.ID] == "" || b.Words[x.ID] == "" || plain(a.Words[x.ID]) == plain(b.Words[x.ID]))
	})
}

func plain(words string) string { return strings.ToLower(strings.Join(strings.Fields(words), " ")) }

package triggers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The sentences for the patient, in plain English. "Linked with" is the strongest word there is (§4.6).

// words of one finding: the plain count first, then what it may mean.
func (f Finding) words() []string {
	if f.Label == DescriptiveOnly {
		return []string{f.severityWords(), "This describes your headache days. It does not say what is linked with them."}
	}
	out := []string{}
	if f.Exposed.Days+f.Others.Days > 0 {
		out = append(out, fmt.Sprintf("An attack began on %d of %d days %s “%s”, and on %d of %d other days.",
			f.Exposed.Of, f.Exposed.Days, map[bool]string{true: "after", false: "with"}[f.Lag > 0], f.Name, f.Others.Of, f.Others.Days))
	}
	return append(out, f.meaning()...)
}

func (f Finding) meaning() []string {
	switch f.Label {
	case LikelyMore:
		return []string{"It is likely linked with more attacks. Talk about it with your therapist."}
	case PossibleMore:
		return []string{"It is possibly linked with more attacks, not sure. More days will tell."}
	case LikelyFewer:
		return []string{"It is likely linked with fewer attacks.", goodDays}
	case PossibleFewer:
		return []string{"It is possibly linked with fewer attacks, not sure.", goodDays}
	case LikelyEarlySign, PossibleEarly:
		return []string{fmt.Sprintf("It %s come before your attacks. It may be an early sign of an attack that is on its way: a good moment for your early-attack plan.",
			map[bool]string{true: "seems to", false: "may"}[f.Label == LikelyEarlySign])}
	case NoClearLink:
		return []string{"No clear link seen."}
	}
	if need := needs(f.Missing); need != "" {
		return []string{"Not enough days yet to say more: " + need + "."}
	}
	return []string{"Not enough days yet to say more."}
}

const goodDays = "It could also be that good days allow more of it."

func (f Finding) severityWords() string {
	say := func(m MeanPeak) string {
		if m.Mean == nil {
			return "too few days to say"
		}
		return fmt.Sprintf("%.1f of 10 on %d days", *m.Mean, m.Days)
	}
	return fmt.Sprintf("Worst pain on headache days with “%s”: %s. On other headache days: %s.", f.Name, say(f.Severity.Exposed), say(f.Severity.Others))
}

func (a Analysis) words() string {
	switch a.State {
	case TooFewDays:
		return "Not enough days yet: " + needs(a.Missing) + "."
	case TooManyAches:
		return "You have headache on so many days that the start of an attack can hardly be told. Shown is how bad headache days were."
	}
	return fmt.Sprintf("This rests on %d answered days of %d.", a.RecordedDays, a.Days)
}

// needs says what is missing: the amounts, then the longest wait.
func needs(lacks []Lack) string {
	var parts []string
	for _, l := range lacks {
		parts = append(parts, l.words())
	}
	longest := slices.MaxFunc(append([]Lack{{}}, lacks...), func(a, b Lack) int { return cmp.Compare(weeksOf(a), weeksOf(b)) })
	out := strings.Join(parts, ", ")
	if weeks := weeksOf(longest); weeks > 0 {
		out += fmt.Sprintf(", or about %s", several(weeks, "week"))
	}
	return out
}

func weeksOf(l Lack) float64 {
	if l.Weeks == nil {
		return 0
	}
	return *l.Weeks
}

func (l Lack) words() string {
	more := l.Need - l.Have
	switch l.What {
	case RecordedDays:
		return several(more, "more answered day")
	case RecordedShare:
		return fmt.Sprintf("%.0f of 100 days are answered, %.0f are needed", 100*l.Have, 100*l.Need)
	case AtRiskDays:
		return several(more, "more day") + " with an answer, after a day without headache"
	case OnsetDays:
		return several(more, "more attack")
	case ExposedDays:
		return several(more, "more day") + " with it"
	case OtherDays:
		return several(more, "more day") + " without it"
	case Pairs:
		return several(more, "more pair")
	}
	return several(more, "more month") + " with an attack, and with days with and without it"
}

func several(n float64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%.0f %ss", n, what)
}

package devicesync

import (
	"maps"
	"strings"
)

// Policy says what becomes of a field that two people changed at once.
type Policy string

const (
	// First: the first commit stands, the other value goes to sync_conflicts and somebody is asked.
	First Policy = ""
	// Quiet: the same, and nobody is asked. For fields that say how an entry was made, not what.
	Quiet Policy = "quiet"
	// Append: words that both added to a text stay, one after the other.
	Append Policy = "append"
	// Union: a list keeps what either added and loses what either took out.
	Union Policy = "union"
	// Each: of two objects every key goes by itself; where both said another value for one key, the first commit stands.
	Each Policy = "each"
)

// Field is how one field is merged.
type FieldPolicy struct {
	Policy Policy
	Max    int // longest text; 0 = no limit
}

// Fields are the fields of a collection that do not follow First.
type Fields map[string]FieldPolicy

// Policies is the one table of them. `*` stands for every collection. Fields that only a clinician
// writes need no policy: what a phone sends for them is refused, and over REST they are compared by rev.
var Policies = map[string]map[string]Policy{
	"*":              {"entered_at": Quiet, "entered_offset": Quiet, "source": Quiet, "entered_by": Quiet, "ended_by": Quiet},
	"diary_days":     {"note": Append},
	"attacks":        {"note": Append},
	"medications":    {"note": Append},
	"triggers":       {"note": Append},
	"exercise_logs":  {"note": Append},
	"change_reports": {"note": Append},

	"medication_effects": {"note": Append},

	// begun on two devices it is one row (its id follows from the occasion): when it was handed in is how, not what
	"instrument_responses": {"answered_at": Quiet, "answers": Each, "words": Each, "totals": Each, "note": Append},
}

// PolicyOf looks a field up.
func PolicyOf(collection, field string) Policy {
	if p, ok := Policies[collection][field]; ok {
		return p
	}
	return Policies["*"][field]
}

// join puts two changes of one field together, where its policy can.
func (f FieldPolicy) join(was, mine, theirs any) (both any, ok bool) {
	switch f.Policy {
	case Append:
		return f.append(was, mine, theirs)
	case Union:
		return union(was, mine, theirs)
	case Each:
		return each(was, mine, theirs)
	}
	return nil, false
}

// append: both wrote on after the same beginning. Whoever rewrote the beginning meant to replace it.
func (f FieldPolicy) append(was, mine, theirs any) (any, bool) {
	base, _ := was.(string)
	m, ok := mine.(string)
	t, alright := theirs.(string)
	if !ok || !alright || !strings.HasPrefix(m, base) || !strings.HasPrefix(t, base) {
		return nil, false
	}
	both := t + "\n" + strings.TrimLeft(m[len(base):], "\n ")
	return both, f.Max == 0 || len([]rune(both)) <= f.Max
}

// union of two lists of words, in their order: theirs, then what was added here.
func union(was, mine, theirs any) (any, bool) {
	m, ok := mine.([]any)
	t, alright := theirs.([]any)
	if !ok || !alright {
		return nil, false
	}
	base, _ := was.([]any)
	out := []any{}
	for _, word := range t {
		if !has(base, word) || has(m, word) { // not one that was taken out here
			out = append(out, word)
		}
	}
	for _, word := range m {
		if !has(base, word) && !has(out, word) {
			out = append(out, word)
		}
	}
	return out, true
}

// each joins two objects that were answered further on two devices.
func each(was, mine, theirs any) (any, bool) {
	m, ok := mine.(map[string]any)
	t, alright := theirs.(map[string]any)
	if !ok || !alright {
		return nil, false
	}
	base, _ := was.(map[string]any)
	out := maps.Clone(t)
	for key := range mergedKeys(base, m) {
		switch {
		case sameAt(key, base, m): // not changed here
		case !sameAt(key, base, t) && !sameAt(key, m, t):
			return nil, false
		case sameAt(key, m, nil):
			delete(out, key)
		default:
			out[key] = m[key]
		}
	}
	return out, true
}

// sameAt: both say the same for the key, or neither has it.
func sameAt(key string, a, b map[string]any) bool {
	x, inA := a[key]
	y, inB := b[key]
	return inA == inB && same(x, y)
}

func mergedKeys(a, b map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}

func has(list []any, word any) bool {
	for _, w := range list {
		if same(w, word) {
			return true
		}
	}
	return false
}

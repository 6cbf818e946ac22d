package medication

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// State of a flag, in the words of the collection.
type State string

const (
	Standing  State = "standing"
	Withdrawn State = "withdrawn" // what it says is no longer so
	Cleared   State = "cleared"   // a person has seen to it; it is not raised again while it is still so
)

// Flag is one occasion: it is raised once, withdrawn at most once, and its rows are the history.
type Flag struct {
	Code     Code
	Class    diary.Class
	Occasion int // 1, 2, … of this code and class
	RaisedOn clinic.Day
	State    State
	Finding  Finding // what it was raised for
}

// Key of the occasion; no two flags of a person share one.
func (f Flag) Key() string { return fmt.Sprintf("%s:%s:%d", f.Code, f.Class, f.Occasion) }

// Renew sets the findings of a day against the flags that are stored, and answers with the flags to be raised or
// withdrawn. With nothing new it is empty, however often it is asked.
func Renew(stored []Flag, findings []Finding, today clinic.Day) (changes []Flag) {
	last := latest(stored)
	for _, f := range findings {
		was := last[subject{f.Code, f.Class}]
		if was.Occasion == 0 || was.State == Withdrawn {
			changes = append(changes, Flag{f.Code, f.Class, was.Occasion + 1, today, Standing, f})
		}
	}
	for _, was := range stored {
		holds := slices.ContainsFunc(findings, func(f Finding) bool { return f.Code == was.Code && f.Class == was.Class })
		if was.State != Withdrawn && !holds {
			was.State = Withdrawn
			changes = append(changes, was)
		}
	}
	return changes
}

// FlagNamed reads the key of a stored flag; ok is false for what is none.
func FlagNamed(key string) (f Flag, ok bool) {
	code, rest, _ := strings.Cut(key, ":")
	class, number, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(number)
	f = Flag{Code: Code(code), Class: diary.Class(class), Occasion: n}
	if err != nil || n < 1 || f.Key() != key || !slices.Contains([]Code{Near, Over, Pattern}, f.Code) {
		return Flag{}, false
	}
	return f, true
}

type subject struct {
	code  Code
	class diary.Class
}

func latest(stored []Flag) map[subject]Flag {
	last := map[subject]Flag{}
	for _, f := range stored {
		if at := (subject{f.Code, f.Class}); f.Occasion > last[at].Occasion {
			last[at] = f
		}
	}
	return last
}

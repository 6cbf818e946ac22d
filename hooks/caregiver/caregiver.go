// Package caregiver says what somebody may do with a caregiver's link: begin an attack, add to it, and end it. Whoever sits
// beside a person in an attack has no account and sees no diary; they tap on a page of their own, often without a network, and
// each tap has an id made on their phone, so that what is sent twice is done once.
//
// What a caregiver says never takes the place of what the patient said: a sign is filled in where nobody has answered, a note is
// put below what stands there, and an attack that is over stays over. An entry that was made before the end may come after it.
package caregiver

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"interictal/hooks/clinic"
)

// Kind of an entry.
type Kind string

const (
	Start Kind = "start"
	Pain  Kind = "pain"
	Sign  Kind = "sign"
	Note  Kind = "note"
	End   Kind = "end"
)

var Kinds = []Kind{Start, Pain, Sign, Note, End}

// Signs are what one can see from beside, or ask in a word: fields of an attack.
var Signs = []string{"photophobia", "phonophobia", "nausea", "vomiting", "neck_pain"}

const (
	UsualDays   = 90 // how long a link lives
	MostDays    = 180
	MostADay    = 200 // entries of one link in 24 hours
	LongestName = 60
	Reach       = 14 * 24 * time.Hour // how far back an entry goes [D]
	longestNote = 500
	longestBook = 5000 // the note of an attack
)

// Entry is one tap.
type Entry struct {
	ID      string    `json:"id"`
	Kind    Kind      `json:"kind"`
	Start   string    `json:"start"`     // the entry that began this work; a start is its own
	At      time.Time `json:"at"`        // when it was so
	Entered time.Time `json:"enteredAt"` // when it was tapped
	Offset  *int      `json:"offset"`    // minutes east of UTC
	Zone    string    `json:"zone"`
	Nrs     *int      `json:"nrs"`
	Sign    string    `json:"sign"`
	Text    string    `json:"text"`
}

// Attack is what an entry needs to know of the attack it is about.
type Attack struct {
	Ended time.Time
	Over  bool
	Signs map[string]bool // what somebody has answered, either way
	Note  string
}

// Change is what an entry does: fields of the attack, and a reading of its own.
type Change struct {
	Attack  map[string]any
	Reading map[string]any
}

// Check says what is wrong with an entry by itself. Times are judged like those of every entry, where the row is stored.
func (e Entry) Check() []clinic.Broken {
	switch {
	case !slices.Contains(Kinds, e.Kind):
		return broken("E_VALUE", "There is no such entry.", "kind")
	case !isID(e.ID):
		return broken("E_ID", "An entry brings an id of 15 small letters and digits, made on the device.", "id")
	case e.At.IsZero() || e.Entered.IsZero():
		return broken("E_VALUE", "An entry says when.", "at")
	case e.Kind != Start && e.Start == "":
		return broken("E_VALUE", "An entry names the start it belongs to.", "start")
	case e.Kind == Pain && (e.Nrs == nil || *e.Nrs < 0 || *e.Nrs > 10):
		return broken("E_VALUE", "Pain is a number from 0 to 10.", "nrs")
	case e.Kind == Sign && !slices.Contains(Signs, e.Sign):
		return broken("E_VALUE", "There is no such sign.", "sign")
	case e.Kind == Note && (strings.TrimSpace(e.Text) == "" || utf8.RuneCountInString(e.Text) > longestNote):
		return broken("E_VALUE", "A note has 1 to 500 letters.", "text")
	}
	return nil
}

func isID(id string) bool {
	return len(id) == 15 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// Reaches says whether a link goes back that far: it is for the attack one sits beside, and for a phone that was without a network since,
// not for the diary of last year.
func (e Entry) Reaches(now time.Time) []clinic.Broken {
	if now.Sub(e.At) <= Reach {
		return nil
	}
	return broken("E_TIME_RANGE", "That is too long ago for a link. Tell the person whose diary it is.", "at")
}

// Said is the entry in one word or number, as it is kept.
func (e Entry) Said() string {
	switch e.Kind {
	case Pain:
		return strconv.Itoa(*e.Nrs)
	case Sign:
		return e.Sign
	case Note:
		return strings.TrimSpace(e.Text)
	}
	return ""
}

// Begin is the row of an attack that a caregiver saw begin.
func (e Entry) Begin(by string) map[string]any {
	return map[string]any{"started_at": e.At, "started_offset": said(e.Offset), "tz": e.Zone, "entered_at": e.Entered, "entered_offset": said(e.Offset),
		"source": "caregiver", "entered_by": by}
}

// AddTo an attack: what changes, or why nothing may.
func (e Entry) AddTo(a Attack, by string) (Change, []clinic.Broken) {
	if a.Over && e.Kind == End {
		return Change{}, nil // over is over
	}
	if a.Over && (a.Ended.IsZero() || e.At.After(a.Ended)) {
		return Change{}, broken("E_OVER", "This attack is over. Nothing was added.", "at")
	}
	switch e.Kind {
	case Pain:
		return Change{Reading: map[string]any{"at": e.At, "at_offset": said(e.Offset), "nrs": *e.Nrs, "source": "caregiver", "entered_by": by}}, nil
	case Sign:
		if a.Signs[e.Sign] {
			return Change{}, nil
		}
		return Change{Attack: map[string]any{e.Sign: true}}, nil
	case Note:
		line := fmt.Sprintf("%s: %s", by, e.Said())
		book := strings.TrimPrefix(a.Note+"\n"+line, "\n")
		if utf8.RuneCountInString(book) > longestBook {
			return Change{}, broken("E_VALUE", "The note of this attack is full.", "text")
		}
		return Change{Attack: map[string]any{"note": book}}, nil
	}
	return Change{Attack: map[string]any{"ended_at": e.At, "ended_offset": said(e.Offset), "end_known": "exact", "ended_by": by}}, nil
}

// CheckWish says what is wrong with a link that is asked for.
func CheckWish(id, name string, days int) []clinic.Broken {
	switch length := utf8.RuneCountInString(strings.TrimSpace(name)); {
	case id != "" && !isID(id):
		return broken("E_ID", "A link brings an id of 15 small letters and digits, made on the device, or none.", "id")
	case length == 0 || length > LongestName:
		return broken("E_VALUE", "Say who it is for, in 1 to 60 letters.", "name")
	case days < 1 || days > MostDays:
		return broken("E_VALUE", "A link lives from 1 to 180 days.", "days")
	}
	return nil
}

// said keeps "nobody said" apart from zero.
func said(offset *int) json.RawMessage {
	if offset == nil {
		return nil
	}
	return json.RawMessage(strconv.Itoa(*offset))
}

func broken(code, message, field string) []clinic.Broken {
	return []clinic.Broken{{Code: code, Severity: clinic.Hard, Message: message, Params: map[string]any{"field": field}}}
}

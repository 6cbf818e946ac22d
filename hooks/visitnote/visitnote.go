// Package visitnote holds what a visit's note is made of and how two people write one draft at once. It knows no clock and no database.
//
// # Parts
//
// A draft is saved part by part: a field, one measure, one technique. Each part has a number of its own, one more with every change.
// Who writes names the number seen last:
//
//	the same value again    nothing happens, whatever number was seen (a sender that lost the answer asks twice)
//	the number of now       stored
//	an older number         a conflict: nothing is stored, and both values are shown
//
// So two people in one note disturb each other only where both changed the same part, and an hour without a network is sent later in
// order like anything else. A signed note takes no part any more; what comes later is an addendum.
//
// # Red flags, the short form (spec §7.1: "at each visit")
//
// Eight questions, one key each, and the few that a yes brings with it. What the patient has said on her phone that morning stands
// there already and says so; a therapist confirms it. The form is a screen once every question is answered, never before.
package visitnote

import (
	"slices"
	"strings"
	"time"

	"interictal/hooks/clinic"
)

// Verdict on one write.
type Verdict string

const (
	Stored   Verdict = "stored"
	Same     Verdict = "same"
	Conflict Verdict = "conflict"
)

// Judge a write by the number its writer saw and the one that is stored; same: it says what is there already.
func Judge(seen, stored int, same bool) Verdict {
	switch {
	case same:
		return Same
	case seen != stored:
		return Conflict
	}
	return Stored
}

// Fields are the parts that are one field of the note.
var Fields = []string{"said", "response_is", "response", "measures", "items", "home_changes", "note"}

// Rows are the parts that are rows of their own, named `table/id`.
var Rows = map[string]string{"measures": "physical_measures", "interventions": "visit_interventions"}

// Part reads the name of a part: a field, or a table and the id of its row.
func Part(name string) (field, table, id string, ok bool) {
	if slices.Contains(Fields, name) {
		return name, "", "", true
	}
	kind, id, cut := strings.Cut(name, "/")
	table, known := Rows[kind]
	return "", table, id, cut && known && wellFormed(id)
}

func wellFormed(id string) bool {
	return len(id) >= 15 && len(id) <= 36 && !strings.ContainsFunc(id, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
}

// Asked is a question of the short form; one with After is asked when that one was answered with yes.
type Asked struct {
	ID    string `json:"id"`
	After string `json:"after"`
}

// Short form of the red flags.
var Short = []Asked{
	{ID: "worse"}, {ID: "sudden"}, {ID: "fever"}, {"stiff_neck", "fever"}, {"rash", "fever"}, {"confusion", "fever"}, {ID: "weakness"}, {ID: "speech_trouble"}, {ID: "vision_loss"},
	{ID: "unlike_any_other"}, {"drooping_lid", "unlike_any_other"}, {"face_numb", "unlike_any_other"}, {"dizzy", "unlike_any_other"}, {"imbalance", "unlike_any_other"}, {"swallow_trouble", "unlike_any_other"},
	{ID: "injury"}, {"drowsy", "injury"}, {"vomiting", "injury"},
}

// Whole: every question of the form that was to be asked has an answer.
func Whole(said map[string]any) bool {
	return !slices.ContainsFunc(Short, func(q Asked) bool {
		_, answered := said[q.ID].(bool)
		return !answered && (q.After == "" || said[q.After] == true)
	})
}

// Next proposes the next visit: as many days on as the plan's visits a week ask for, at the same time of day on the clinic's clock,
// and on a working day.
func Next(at time.Time, perWeek int, zone *time.Location) time.Time {
	days := 7
	if perWeek > 1 {
		days = 7 / min(perWeek, 7)
	}
	local := at.In(zone)
	day := clinic.DayOf(at, zone).Add(days)
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.Add(1)
	}
	y, m, d := day.Start(zone).Date()
	return time.Date(y, m, d, local.Hour(), local.Minute(), 0, 0, zone)
}

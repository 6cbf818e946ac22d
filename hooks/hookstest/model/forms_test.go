package model

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"interictal/hooks/hookstest"
)

// Every value that somebody writes is a word of its own: a number that no other value has, in the form that
// its field can hold.

// field is one that holds words.
type field struct {
	name string
	kind kind
	must bool // cannot be empty
}

type kind int

const (
	short   kind = iota // text that is replaced
	note                // text that grows
	number              // in a JSON field
	instant             // a time that comes first
	later               // a time after every instant
)

// form is what the model says in one collection.
type form struct {
	collection string
	fields     []field
	fresh      map[string]any    // what a new row must have beside words
	parents    map[string]string // a field that is called as its collection holds a list
	rows       int               // how many different rows of one patient are made: few, so that writers meet
	daily      string
	dated      bool // says when it was entered, by the device's clock
	fixed      bool // rows are there from the beginning and stay
	clinic     bool // written through REST by the clinic
	chip       string
	chips      []any // a field of few values, where equal answers meet
}

var forms = []form{
	{collection: "diary_days", dated: true, rows: 2, daily: "patient", fields: []field{{"note", note, false}, {"exercise_type", short, false}, {"bedtime", short, false}, {"alcohol_units", number, false}},
		chip: "headache", chips: []any{true, false, nil}},
	{collection: "attacks", dated: true, rows: 3, fields: []field{{"started_at", instant, true}, {"ended_at", later, false}, {"note", note, false}, {"aura_minutes", number, false}},
		chip: "peak_nrs", chips: []any{0, 5, 10, nil}},
	{collection: "attack_readings", rows: 2, parents: map[string]string{"attack": "attacks"}, fields: []field{{"at", instant, true}}, chip: "nrs", chips: []any{0, 5, nil}},
	{collection: "attack_phases", rows: 1, parents: map[string]string{"attack": "attacks"}, fields: []field{{"from", instant, true}, {"until", later, false}},
		fresh: map[string]any{"phase": "aura"}, chip: "phase", chips: []any{"aura", "headache"}},
	{collection: "medications", rows: 2, fields: []field{{"name", short, true}, {"strength", short, false}, {"note", note, false}},
		fresh: map[string]any{"drug_class": "triptan", "indication": "acute"}, chip: "indication", chips: []any{"acute", "both"}},
	{collection: "medication_doses", dated: true, rows: 2, parents: map[string]string{"medication": "medications"}, fields: []field{{"taken_at", instant, true}, {"amount", short, false}},
		chip: "worked", chips: []any{true, false, nil}},
	{collection: "medication_effects", dated: true, rows: 1, parents: map[string]string{"medication": "medications"}, fields: []field{{"effect", short, true}, {"note", note, false}},
		fresh: map[string]any{"noted_on": "2026-01-05"}, chip: "severity", chips: []any{0, 5, nil}},
	{collection: "triggers", rows: 1, fields: []field{{"name", short, true}, {"unit", short, false}}, fresh: map[string]any{"kind": "yes_no"}},
	{collection: "trigger_exposures", dated: true, rows: 2, daily: "trigger", parents: map[string]string{"trigger": "triggers"}, fields: nil,
		chip: "exposed", chips: []any{true, false, nil}},
	{collection: "exercise_logs", dated: true, rows: 1, parents: map[string]string{"exercise": "exercises"}, fields: []field{{"done_at", instant, true}, {"note", note, false}},
		chip: "effort", chips: []any{"easy", "hard", ""}},
	{collection: "change_reports", dated: true, rows: 2, fields: []field{{"note", note, false}}, fresh: map[string]any{"happened_on": "2026-01-05", "reason": "illness"},
		chip: "reason", chips: []any{"illness", "work_change"}},
	{collection: "instrument_responses", dated: true, rows: 2, fields: []field{{"note", note, false}}, fresh: map[string]any{"instrument": "hit6", "occasion": "start"}, chip: "occasion", chips: []any{"start", "end"}},
	{collection: "relaxation_sessions", dated: true, rows: 1, fields: []field{{"started_at", instant, true}, {"note", short, false}}, fresh: map[string]any{"technique": "pmr"},
		chip: "stress_after", chips: []any{0, 5, nil}},
	{collection: "devices", dated: true, rows: 1, fields: []field{{"make", short, true}, {"note", short, false}}, fresh: map[string]any{"nerve_target": "upper_arm"},
		chip: "supply", chips: []any{"rx", "otc", ""}},
	{collection: "attack_plans", dated: true, rows: 1, fields: []field{{"steps", short, true}, {"note", short, false}}},
	{collection: "consents", fixed: true, fields: []field{{"version", short, false}}, chip: "state", chips: []any{"given", "given", "withdrawn"}},
	{collection: "exercises", rows: 2, clinic: true, fields: []field{{"name", short, true}, {"region", short, false}}, chip: "sets", chips: []any{1, 2, nil}},
	{collection: "exercise_versions", fixed: true, clinic: true}, // they follow from the exercises
	{collection: "education_assignments", rows: 1, clinic: true, fields: []field{{"taught_back_note", short, false}}, fresh: map[string]any{"item": "e02000000000000"}},
	{collection: "visits", rows: 1, clinic: true, fields: []field{{"scheduled_at", instant, false}}, fresh: map[string]any{"kind": "treatment", "mode": "video", "status": "scheduled"},
		chip: "mode", chips: []any{"video", "phone"}},
	{collection: "plans", rows: 1, clinic: true, fresh: map[string]any{"state": "draft", "clinic": hookstest.ID("north"), "episode": "1"}, chip: "planned_visits", chips: []any{4, 6, 8}},
	{collection: "goals", rows: 1, clinic: true, parents: map[string]string{"plan": "plans"}, fields: []field{{"patient_words", short, false}, {"target", number, false}},
		fresh: map[string]any{"domain": "sleep", "metric": "PSQI", "direction": "lower"}, chip: "horizon", chips: []any{"short", "long", ""}},
	{collection: "plan_items", rows: 2, clinic: true, parents: map[string]string{"plan": "plans", "goals": "goals"}, fields: []field{{"name", short, true}, {"dose", short, false}},
		fresh: map[string]any{"category": "education"}},
	{collection: "patients", fixed: true, clinic: true, fields: []field{{"phone", short, false}}},
}

func formOf(collection string) form {
	return forms[slices.IndexFunc(forms, func(f form) bool { return f.collection == collection })]
}

// erasable: a phone may take rows of it back.
func (f form) erasable() bool { return !f.fixed && !f.clinic }

// id names one of the few rows of a patient.
func (f form) id(r *rand.Rand, patient string, values map[string]any) string {
	i := r.IntN(f.rows)
	if f.daily != "" {
		values["day"] = fmt.Sprintf("2026-01-%02d", i+1)
		return values[f.daily].(string) + fmt.Sprintf("202601%02d", i+1)
	}
	return fmt.Sprintf("%s%d%s", strings.ReplaceAll(f.collection, "_", "")[:min(12, len(strings.ReplaceAll(f.collection, "_", "")))], i, patient)
}

var (
	firstInstant = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	firstLater   = time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	word         = regexp.MustCompile(`w[0-9a-z]{4}`)
)

// say writes a word as the field holds it.
func (k kind) say(w int) any {
	switch k {
	case number:
		return float64(w) / 1000
	case instant:
		return firstInstant.Add(time.Duration(w) * time.Second).Format("2006-01-02 15:04:05.000Z")
	case later:
		return firstLater.Add(time.Duration(w) * time.Second).Format("2006-01-02 15:04:05.000Z")
	}
	return text(w)
}

func text(w int) string { return fmt.Sprintf("w%04s", strconv.FormatInt(int64(w), 36)) }

// none is the field's value when nobody has said anything.
func (k kind) none() any {
	if k == number {
		return nil
	}
	return ""
}

// words reads the words in a value, wherever it comes from: a phone, a row, sync_conflicts.
func (k kind) words(value any) (out []int) {
	switch v := value.(type) {
	case float64:
		if k == number {
			out = append(out, int(v*1000+0.5))
		}
	case string:
		switch k {
		case instant, later:
			from := map[kind]time.Time{instant: firstInstant, later: firstLater}[k]
			if t, err := time.Parse("2006-01-02 15:04:05.000Z", strings.Replace(v, "T", " ", 1)); err == nil {
				out = append(out, int(t.Sub(from)/time.Second))
			}
		case number: // a JSON field as SQL holds it
			if f, err := strconv.ParseFloat(v, 64); err == nil {
				out = append(out, int(f*1000+0.5))
			}
		default:
			out = textWords(v)
		}
	}
	return out
}

func textWords(s string) (out []int) {
	for _, found := range word.FindAllString(s, -1) {
		if w, err := strconv.ParseInt(found[1:], 36, 64); err == nil {
			out = append(out, int(w))
		}
	}
	return out
}

// wordsOf reads every word of a row.
func (f form) wordsOf(row map[string]any) (out []int) {
	for _, one := range f.fields {
		out = append(out, one.kind.words(row[one.name])...)
	}
	return out
}

package program

import (
	_ "embed"
	"encoding/json"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// The starter library (§8.2) in our own words. It is read-only; a clinic's own items and copies stand beside it and outlive its
// versions. A new wording is a new version of the row.

// Entry of the library: an exercise, a technique, a modality, a practice, a topic.
type Entry struct {
	Code          string            `json:"code"`
	Version       int               `json:"version"`
	Name          string            `json:"name"`
	Category      careplan.Category `json:"category"`
	Modality      string            `json:"modality"` // of a generalized exercise (S-44)
	Region        string            `json:"region"`
	Aim           string            `json:"aim"`
	Technique     string            `json:"technique"`
	TechniqueGoal string            `json:"techniqueGoal"`
	Mechanism     []string          `json:"mechanism"` // what it works on (S-24)
	Place         string            `json:"place"`     // home, clinic, device
	DoseText      string            `json:"doseText"`
	Dose          Dose              `json:"dose"`
	Effort        *float64          `json:"effort"` // meant, 0 to 10; nil: none
	Progression   string            `json:"progression"`
	Ladder        []Rung            `json:"ladder"` // never nil here: what may move, in order
	Stop          string            `json:"stop"`
	Caution       string            `json:"caution"`
	AttackOK      bool              `json:"attackOk"`
	Screen        bool              `json:"screen"` // contraindications are screened before it is prescribed (§7.3, §7.4)
	Grade         string            `json:"grade"`  // A to D, on headache outcome, and modest at best
	Source        string            `json:"source"`
	ReviewedOn    clinic.Day        `json:"reviewedOn"`
	Instructions  string            `json:"instructions"`
}

// Drawn says whether there is a line drawing of it: everything that is done at home with the body.
func (e Entry) Drawn() bool {
	switch e.Category {
	case careplan.ExerciseGeneralized, careplan.ExerciseSpecific, careplan.Relaxation, careplan.ModalityCold:
		return true
	}
	return false
}

// Text to learn from (S-39), with its source and its dates (S-01).
type Text struct {
	Code        string     `json:"code"`
	Version     int        `json:"version"`
	Topic       string     `json:"topic"`
	Title       string     `json:"title"`
	Author      string     `json:"author"`
	Source      string     `json:"source"`
	PublishedOn clinic.Day `json:"publishedOn"`
	ReviewedOn  clinic.Day `json:"reviewedOn"`
	Text        string     `json:"text"`
}

// Topics of the texts (S-39).
var Topics = []string{"sleep", "stress", "diet", "exercise", "environment", "medication", "devices", "self_management", "safety"}

// Template is a ready set of entries. It prefills; a person confirms each item for this patient (S-36).
type Template struct {
	Code    string         `json:"code"`
	Version int            `json:"version"`
	Name    string         `json:"name"`
	About   string         `json:"about"`
	Items   []TemplateItem `json:"items"`
}

// TemplateItem names an entry of the library.
type TemplateItem struct {
	Code    string `json:"code"`
	Horizon string `json:"horizon"`
}

var (
	//go:embed library.json
	libraryFile []byte
	//go:embed education.json
	educationFile []byte
	//go:embed templates.json
	templatesFile []byte
)

// Library, Education and Templates are what every clinic begins with.
func Library() []Entry      { return starter[Entry](libraryFile) }
func Education() []Text     { return starter[Text](educationFile) }
func Templates() []Template { return starter[Template](templatesFile) }

// starter reads a file that is compiled in, and that the tests read too.
func starter[T any](file []byte) (list []T) {
	if err := json.Unmarshal(file, &list); err != nil {
		panic(err)
	}
	return list
}

package careplan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Sheet is what a plan says, in full, in the order in which it is read: what a therapist signs. Two sheets with the same hash
// say the same, word for word (42 CFR 410.61: changes are written and signed).
type Sheet []Line

// Line is one statement of a plan: a field of the plan itself or of one of its rows.
type Line struct {
	Section string `json:"section"` // plan, diagnoses, findings, problems, goals, items, team
	Of      string `json:"of"`      // id of the row; "" for the plan's own
	Name    string `json:"name"`    // of the row, as a person calls it
	Field   string `json:"field"`
	Value   string `json:"value"`
}

// Hash names the text of a sheet.
func (s Sheet) Hash() string {
	text, _ := json.Marshal(s) // strings only: they always encode
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Say appends a statement. What nobody has said is no line.
func (s *Sheet) Say(section, of, name, field, value string) {
	if value != "" && value != "null" && value != "[]" {
		*s = append(*s, Line{section, of, name, field, value})
	}
}

package program

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
)

// FreeExercise is one row of free-exercise-db, a public-domain list of gym exercises. Its texts were not written for people
// with migraine, and only eight of 873 are for the neck: a clinic reviews what it takes.
type FreeExercise struct {
	ID               string   `json:"id"`
	Name             string   `json:"name"`
	Category         string   `json:"category"`
	PrimaryMuscles   []string `json:"primaryMuscles"`
	SecondaryMuscles []string `json:"secondaryMuscles"`
	Instructions     []string `json:"instructions"`
}

// ReadFreeExercises reads the list. Rows without an id or a name, and ids that come twice, are no list to import from.
func ReadFreeExercises(body []byte) (list []FreeExercise, err error) {
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("not a list of exercises: %w", err)
	}
	seen := map[string]bool{}
	for i, x := range list {
		if x.ID == "" || x.Name == "" || seen[x.ID] {
			return nil, fmt.Errorf("exercise %d: no id, no name, or an id that came before: %q", i+1, x.ID)
		}
		seen[x.ID] = true
	}
	return list, nil
}

// Muscles that it works, first and second.
func (x FreeExercise) Muscles() []string {
	return append(slices.Clone(x.PrimaryMuscles), x.SecondaryMuscles...)
}

// Ref makes an import repeatable; Code is a short name of the same.
func (x FreeExercise) Ref() string { return "free-exercise-db:" + x.ID }

func (x FreeExercise) Code() string {
	h := fnv.New32a()
	h.Write([]byte(x.ID))
	return fmt.Sprintf("F%08x", h.Sum32())
}

// Aim from the list's categories; "" where it says nothing that the library knows.
func (x FreeExercise) Aim() (modality, aim string) {
	switch x.Category {
	case "strength", "powerlifting", "olympic weightlifting", "strongman", "plyometrics":
		return "strength", "strength"
	case "stretching":
		return "", "mobility"
	case "cardio":
		return "aerobic", "aerobic"
	}
	return "", ""
}

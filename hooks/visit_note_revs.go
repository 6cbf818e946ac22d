package hooks

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/visitnote"
)

// How often each part of a note was written, by whom last, and when: what keeps two writers apart.

// stamp is how often a part was written, by whom last, and when.
type stamp struct {
	N  int       `json:"n"`
	By string    `json:"by"`
	At time.Time `json:"at"`
}

type stamps map[string]stamp

// alike: what is written says nothing else than what is stored. A row may be told in part.
func alike(written, stored any) bool {
	said, isObject := written.(map[string]any)
	have, known := stored.(map[string]any)
	if !isObject {
		return reflect.DeepEqual(written, stored) || written == nil && stored == nil
	}
	for key, value := range said {
		if !known || !reflect.DeepEqual(value, have[key]) {
			return false
		}
	}
	return known && (len(said) > 0 || len(have) == 0)
}

func stampsOf(note *core.Record) stamps {
	out := stamps{}
	if raw := told(note, "revs"); raw != "" {
		if err := json.Unmarshal([]byte(raw), &out); err != nil {
			return stamps{}
		}
	}
	return out
}

// count the parts that a save changes, however it comes. What a body says of it counts for nothing.
func (d *doors) countParts(note, was *core.Record) {
	seen := stamps{}
	if was != nil {
		seen = stampsOf(was)
	}
	bump := func(name string) {
		seen[name] = stamp{N: seen[name].N + 1, By: actorOf(note).ID, At: d.clock.now()}
	}
	for _, field := range visitnote.Fields {
		if was == nil && told(note, field) != "" || was != nil && told(note, field) != told(was, field) {
			bump(field)
		}
	}
	if row, ok := note.GetRaw(partKey).(string); ok {
		bump(row)
		note.SetRaw(partKey, nil)
	}
	note.Set("revs", seen)
}

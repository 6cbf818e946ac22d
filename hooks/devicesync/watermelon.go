package devicesync

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// The dialect of WatermelonDB's synchronize() on the wire (spec/sync.md §4). Its rows ("raws") are flat: text,
// numbers and booleans, with the rev as one more column. There are no pages.

// ChangeSet is what is new in one table. Created stays empty: the client takes an unknown row from
// Updated too, and a device's own new row coming back is no fault.
type ChangeSet struct {
	Created []map[string]any `json:"created"`
	Updated []map[string]any `json:"updated"`
	Deleted []string         `json:"deleted"`
}

// ChangeSets sorts documents, oldest first, into one set for each collection. An id comes once, in its last
// state. A device that holds nothing yet is told of no deletions.
func ChangeSets(collections []string, changes []Change, holdsNothing bool) map[string]*ChangeSet {
	sets := make(map[string]*ChangeSet, len(collections))
	for _, name := range collections {
		sets[name] = &ChangeSet{Created: []map[string]any{}, Updated: []map[string]any{}, Deleted: []string{}}
	}
	type row struct{ collection, id string }
	seen := make(map[row]bool, len(changes))
	for _, c := range slices.Backward(changes) {
		id, _ := c.Doc["id"].(string)
		set := sets[c.Collection]
		if set == nil || seen[row{c.Collection, id}] {
			continue
		}
		seen[row{c.Collection, id}] = true
		if raw := Raw(c.Collection, c.Doc); raw != nil {
			set.Updated = append(set.Updated, raw)
		} else if !holdsNothing {
			set.Deleted = append(set.Deleted, id)
		}
	}
	return sets
}

// Raw is a document as a row of the client; nil for a tombstone. Answers by item travel as text, for a @json column. Any other field that
// is no scalar (a list, a clinic's own) has no column there: it does not travel, and what does not travel is untouched.
func Raw(collection string, doc map[string]any) map[string]any {
	if deleted, _ := doc["_deleted"].(bool); deleted || doc == nil {
		return nil
	}
	raw := make(map[string]any, len(doc))
	for name, value := range doc {
		switch value.(type) {
		case nil, string, float64, bool:
			raw[name] = value
		case map[string]any:
			if text, err := json.Marshal(value); err == nil && PolicyOf(collection, name) == Each {
				raw[name] = string(text)
			}
		}
	}
	delete(raw, "_deleted")
	return raw
}

// Pushed is what a client sends of one table: rows it made, rows it changed, rows it deleted.
type Pushed struct {
	Created []map[string]any `json:"created"`
	Updated []map[string]any `json:"updated"`
	Deleted []Deleted        `json:"deleted"`
}

// Deleted is a row as it was before. The library sends the bare id; our shim sends the row.
type Deleted map[string]any

// Bare reports a deletion that names nothing but the row.
func (d Deleted) Bare() bool { return len(d) == 1 }

// UnmarshalJSON reads both forms.
func (d *Deleted) UnmarshalJSON(data []byte) error {
	var id string
	if json.Unmarshal(data, &id) == nil {
		*d = Deleted{"id": id}
		return nil
	}
	return json.Unmarshal(data, (*map[string]any)(d))
}

// Entries turns a push into entries of one number: rows with their owners first, deletions last and the
// other way round. A collection that the order does not know is kept, so that it gets its refusal.
func Entries(tables map[string]Pushed, order []string, n int64) (out []Entry) {
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		if !slices.Contains(order, name) {
			order = append(slices.Clip(order), name)
		}
	}
	for _, name := range order {
		for _, raw := range tables[name].Created {
			out = append(out, entryOf(n, name, raw, columnsOf(raw)))
		}
		for _, raw := range tables[name].Updated {
			out = append(out, entryOf(n, name, raw, changedIn(raw)))
		}
	}
	for _, name := range slices.Backward(order) {
		for _, raw := range tables[name].Deleted {
			e := entryOf(n, name, raw, nil)
			e.State["_deleted"] = true
			out = append(out, e)
		}
	}
	return out
}

// entryOf is what a raw says in some of its columns. The columns that the client did not change are the row as it
// last knew it, if it ever came from the server.
func entryOf(n int64, collection string, raw map[string]any, says []string) Entry {
	raw = unfolded(collection, raw)
	e := Entry{N: n, Collection: collection, State: map[string]any{}}
	for _, column := range append([]string{"id", "patient"}, says...) {
		if value, ok := raw[column]; ok {
			e.State[column] = value
		}
	}
	delete(e.State, "rev") // of a row made here it is there, but empty
	if rev, _ := raw["rev"].(string); rev != "" {
		e.State["rev"] = rev
		e.Base = map[string]any{"rev": rev}
		touched := changedIn(raw)
		for _, column := range columnsOf(raw) {
			if !slices.Contains(touched, column) {
				e.Base[column] = raw[column]
			}
		}
	}
	return e
}

// unfolded is a raw with the objects that its texts stand for. A text that is none stays, and is refused.
func unfolded(collection string, raw map[string]any) map[string]any {
	out := maps.Clone(raw)
	for name, value := range raw {
		text, is := value.(string)
		if !is || PolicyOf(collection, name) != Each {
			continue
		}
		var object map[string]any
		switch err := json.Unmarshal([]byte(text), &object); {
		case object != nil:
			out[name] = object
		case err == nil || text == "": // null
			out[name] = nil
		}
	}
	return out
}

// columnsOf lists the names in a raw. Those that begin with _ or $ are the client's own bookkeeping.
func columnsOf(raw map[string]any) (out []string) {
	for name := range raw {
		if name != "" && name[0] != '_' && name[0] != '$' {
			out = append(out, name)
		}
	}
	return out
}

// changedIn lists the columns that the client has changed in a raw; without its bookkeeping every one may be.
func changedIn(raw map[string]any) []string {
	list, known := raw["_changed"].(string)
	if !known {
		return columnsOf(raw)
	}
	return slices.DeleteFunc(strings.Split(list, ","), func(name string) bool { return name == "" })
}

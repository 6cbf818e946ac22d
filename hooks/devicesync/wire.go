package devicesync

import (
	"encoding/json"
	"regexp"

	"interictal/hooks/clinic"
)

// The native exchange on the wire (spec/sync.md §0).

// Limits of one request. A year of one patient's diary is about 2,000 documents.
const (
	MaxBody    = 8 << 20
	MaxEntries = 1000
	MaxLimit   = 1000
	Schema     = 1
)

// Request is what a device sends.
type Request struct {
	Device string    `json:"device"`
	Schema int       `json:"schema"`
	As     string    `json:"as"` // patient or staff; empty: patient if the account keeps a diary
	Cursor *Position `json:"cursor"`
	Ack    *Position `json:"ack"`
	Limit  int       `json:"limit"`
	Push   []Entry   `json:"push"`
	// Erased are patients whose records this device has let go after it was told that the right ended.
	Erased []string `json:"erased"`
	// App and Waiting tell the clinic's desk which version this is, and how much it still has to send after this request.
	App     string `json:"app"`
	Waiting int    `json:"waiting"`
	// Quarantine is for clients that cannot hold a refused entry: the server keeps it in sync_conflicts,
	// and every Result has a Doc to put in its place.
	Quarantine bool `json:"-"`
}

// Entry is one changed row. A malformed one is Bad: its own fault, which does not stop the others.
type Entry struct {
	Bad        bool           `json:"-"`
	N          int64          `json:"n"`
	Collection string         `json:"collection"`
	Base       map[string]any `json:"base"`
	State      map[string]any `json:"state"`
	// Seen is how far the device had heard when the person made a deletion; without it the request's cursor counts.
	Seen *Position `json:"seen"`
}

// Answer is what comes back.
type Answer struct {
	Epoch      string    `json:"epoch"`
	Ack        Position  `json:"ack"`
	ServerTime string    `json:"serverTime"`
	Verdicts   []Result  `json:"verdicts"`
	Changes    []Change  `json:"changes"`
	Revoked    []Revoked `json:"revoked"`
	Cursor     Position  `json:"cursor"`
	More       bool      `json:"more"`
}

// Result is the verdict on one entry. Doc is the server's state of the row now.
type Result struct {
	N       int64          `json:"n"`
	Verdict Verdict        `json:"verdict"`
	Doc     map[string]any `json:"doc,omitzero"`
	Fields  []string       `json:"fields,omitzero"` // conflict: where the server's value stands
	Message string         `json:"message,omitzero"`
	Data    map[string]any `json:"data,omitzero"`
}

// Change is one document as it is now, or its tombstone.
type Change struct {
	Collection string         `json:"collection"`
	Doc        map[string]any `json:"doc"`
}

// Revoked names a patient this user has no right to any more.
type Revoked struct {
	Patient    string `json:"patient"`
	HandedOver int    `json:"handedOver"`
}

var (
	deviceForm = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)
	idForm     = regexp.MustCompile(`^[a-z0-9]{15,36}$`)
)

// Check judges the request as a whole. An entry's own faults are the entry's
// verdict and never stop the others.
func (r Request) Check() []clinic.Broken {
	var broken []clinic.Broken
	add := func(bad bool, code, message string) {
		if bad {
			broken = append(broken, clinic.Broken{Code: code, Severity: clinic.Hard, Message: message})
		}
	}
	add(!deviceForm.MatchString(r.Device), "E_DEVICE", "device is 8 to 64 letters, digits, - or _, made once per installation.")
	add(r.As != "" && r.As != "patient" && r.As != "staff", "E_CAPACITY", "as is patient or staff.")
	add(r.Limit < 0 || r.Limit > MaxLimit, "E_LIMIT", "limit is 1 to 1000.")
	add(len(r.Erased) > MaxLimit, "E_LIMIT", "erased names at most 1000 patients.")
	return broken
}

// UnmarshalJSON never fails, so that one bad entry does not make the whole push unreadable.
func (e *Entry) UnmarshalJSON(data []byte) error {
	type plain Entry
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		*e = Entry{N: e.N, Bad: true}
	}
	return nil
}

// ID is the document's id.
func (e Entry) ID() string { return e.text("id") }

// Patient is the scope the phone names.
func (e Entry) Patient() string { return e.text("patient") }

// Rev names the version that the phone's change started from; empty for a row it made. The row's own word counts
// before its base's: RxDB reads the two one after the other, and a pull may land in between.
func (e Entry) Rev() string {
	if rev := e.text("rev"); rev != "" {
		return rev
	}
	rev, _ := e.Base["rev"].(string)
	return rev
}

// Deleted reports a tombstone.
func (e Entry) Deleted() bool { deleted, _ := e.State["_deleted"].(bool); return deleted }

// GoodID reports whether the id can name a document.
func (e Entry) GoodID() bool { return idForm.MatchString(e.ID()) }

func (e Entry) text(field string) string {
	s, _ := e.State[field].(string)
	return s
}

package upkeep

import "fmt"

// Restored is what was found in a database that was put together from a copy.
type Restored struct {
	Check      string // integrity_check: ok
	Keys       int    // rows that break a foreign key
	Strays     []Stray
	Counts     []Tally
	Trigger    string // missing or altered
	AuditWrong int64
	Seq        int64 // how far its journal reaches
}

// Stray is a relation to a record that is not there.
type Stray struct {
	Field string // collection.field
	Rows  int
}

// Tally is a synced collection: its rows, and those that its journal knows.
type Tally struct {
	Collection    string
	Rows, Journal int
}

// Judge says what is wrong with a restored database; nothing when it can be worked with.
func (r Restored) Judge() (wrong []string) {
	if r.Check != "ok" {
		wrong = append(wrong, "integrity_check says "+r.Check)
	}
	if r.Keys > 0 {
		wrong = append(wrong, fmt.Sprintf("%d rows break a foreign key", r.Keys))
	}
	for _, s := range r.Strays {
		wrong = append(wrong, fmt.Sprintf("%d rows of %s point to nothing", s.Rows, s.Field))
	}
	for _, t := range r.Counts {
		if t.Rows != t.Journal {
			wrong = append(wrong, fmt.Sprintf("%s has %d rows, its journal knows %d", t.Collection, t.Rows, t.Journal))
		}
	}
	if r.Trigger != "" {
		wrong = append(wrong, "the trigger "+r.Trigger+" is missing or altered")
	}
	if r.AuditWrong > 0 {
		wrong = append(wrong, fmt.Sprintf("the audit is broken at event %d", r.AuditWrong))
	}
	return wrong
}

// Rows of all collections together.
func (r Restored) Rows() (n int) {
	for _, t := range r.Counts {
		n += t.Rows
	}
	return n
}

// Changed says which collections an upgrade left with another number of rows. A collection that is new has nothing to lose.
func Changed(was, is Restored) (wrong []string) {
	now := map[string]int{}
	for _, t := range is.Counts {
		now[t.Collection] = t.Rows
	}
	for _, t := range was.Counts {
		if n, there := now[t.Collection]; !there || n != t.Rows {
			wrong = append(wrong, fmt.Sprintf("%s had %d rows and has %d", t.Collection, t.Rows, n))
		}
	}
	return wrong
}

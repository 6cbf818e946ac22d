// Package weathercsv reads what was measured, one row for each patient and day.
//
// Columns are found by name: `patient`, `date` (2026-01-05) and `value`. Others are left out, and named. As with diaries,
// nothing is repaired in silence; each fault is a note with its line:
//
//	DUPLICATE      the same value twice for one day: the second is left out
//	CONTRADICTION  two values for one day: the patient is refused
//	BAD_ROW        a date or value that cannot be read: the patient is refused
//	NOT_IMPORTED   a column that has no place here
package weathercsv

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"interictal/hooks/clinic"
)

// Note is one odd thing and what becomes of it.
type Note struct {
	Code    string
	Patient string // "" for the whole file
	Line    int
	Text    string
}

// Day is one measured day.
type Day struct {
	Day   clinic.Day
	Value float64
	Line  int
}

// Patient is everything the file says for one patient.
type Patient struct {
	ID      string
	Days    []Day // in order
	Refused bool  // has a fault that must be mended first
}

// File is one that was read.
type File struct {
	Rows     int
	Patients []Patient
	Notes    []Note
}

// Read reads a whole file. The error is for a file that is no such table; a faulty row is a note.
func Read(r io.Reader) (File, error) {
	reader := csv.NewReader(r)
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if err != nil {
		return File{}, fmt.Errorf("line 1: no header: %w", err)
	}
	b := builder{columns: map[string]int{}, place: map[string]int{}, days: map[string]Day{}}
	if err := b.header(header); err != nil {
		return File{}, err
	}
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return b.done(), nil
		}
		if err != nil {
			return File{}, fmt.Errorf("not a CSV file: %w", err) // names the line
		}
		line, _ := reader.FieldPos(0)
		if err := b.row(fields, line); err != nil {
			return File{}, err
		}
	}
}

var needed = []string{"patient", "date", "value"}

type builder struct {
	File
	columns map[string]int
	place   map[string]int // of a patient in the list
	days    map[string]Day // by patient and day
}

func (b *builder) header(names []string) error {
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))) // spreadsheets begin a file with a mark
		if b.columns[name] = i; !slices.Contains(needed, name) {
			b.note("NOT_IMPORTED", "", 1, "column %.40q is left out", name)
		}
	}
	for _, name := range needed {
		if _, ok := b.columns[name]; !ok {
			return fmt.Errorf("line 1: no column %q", name)
		}
	}
	return nil
}

func (b *builder) note(code, patient string, line int, format string, args ...any) {
	b.Notes = append(b.Notes, Note{code, patient, line, fmt.Sprintf(format, args...)})
}

// row takes one line. Only a row without a patient ends the reading: nobody could be refused for it.
func (b *builder) row(fields []string, line int) error {
	b.Rows++
	value := func(name string) string {
		if i := b.columns[name]; i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	who := value("patient")
	if who == "" {
		return fmt.Errorf("line %d: no patient: the row belongs to nobody", line)
	}
	p := b.patient(who)
	day, err := clinic.ParseDay(value("date"))
	if err != nil {
		b.refuse(p, "BAD_ROW", line, "no calendar day: %.20q", value("date"))
		return nil
	}
	n, err := strconv.ParseFloat(value("value"), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		b.refuse(p, "BAD_ROW", line, "no number: %.20q", value("value"))
		return nil
	}
	b.day(p, Day{day, n, line})
	return nil
}

func (b *builder) patient(who string) *Patient {
	i, seen := b.place[who]
	if !seen {
		i = len(b.Patients)
		b.place[who] = i
		b.Patients = append(b.Patients, Patient{ID: who})
	}
	return &b.Patients[i]
}

func (b *builder) refuse(p *Patient, code string, line int, format string, args ...any) {
	p.Refused = true
	b.note(code, p.ID, line, format+"; nothing is imported for this patient", args...)
}

func (b *builder) day(p *Patient, day Day) {
	key := p.ID + "\x00" + day.Day.String()
	first, seen := b.days[key]
	switch {
	case !seen:
		b.days[key] = day
		p.Days = append(p.Days, day)
	case first.Value == day.Value:
		b.note("DUPLICATE", p.ID, day.Line, "%s is already in line %d; left out", day.Day, first.Line)
	default:
		b.refuse(p, "CONTRADICTION", day.Line, "%s is %g here and %g in line %d", day.Day, day.Value, first.Value, first.Line)
	}
}

func (b *builder) done() File {
	for i := range b.Patients {
		slices.SortFunc(b.Patients[i].Days, func(a, b Day) int { return a.Day.Sub(b.Day) })
	}
	return b.File
}

// Package diarycsv reads a headache diary with one row for each person and day.
//
// Columns are found by name: `id` (person), `time` (days from the start of
// treatment, start = 0) and `headache` (yes or no) are needed, `sex` is taken,
// and `dos` (the study's own day count) checks `time`. Everything else has no place in a diary
// entry; the report says so instead of guessing.
//
// Real files have faults. Each becomes a note with its line, and nothing is repaired in
// silence:
//
//	DUPLICATE      the same row twice: the second is left out
//	CONTRADICTION  one day answered twice and differently: the person is refused
//	BAD_ROW        a value that cannot be read: the person is refused
//	OFFSET         dos − time changes within a person: days are taken from time
//	FILLED_IN      a column that holds one broken number all the way: an imputed value
//	GAP            days without a row: they stay missing, they are not headache-free
//	NOT_IMPORTED   a column that has no place here
package diarycsv

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Note is one odd thing and what will be done about it.
type Note struct {
	Code   string
	Person string // "" for the whole file
	Line   int    // 0 when it is not about one line
	Text   string
}

// Day is one answered day.
type Day struct {
	Offset   int // from the start
	Headache bool
	Line     int
}

// Person is everything the file says about one person.
type Person struct {
	ID      string
	Sex     string
	Days    []Day // in order of days
	Refused bool  // has a fault that must be mended first
}

// File is a diary that was read.
type File struct {
	Rows   int
	People []Person
	Notes  []Note
}

// Read reads a whole file. The error is for a file that is no such diary; a faulty row is a note.
func Read(r io.Reader) (File, error) {
	reader := csv.NewReader(r)
	reader.FieldsPerRecord = -1 // a row that is too short is a note, not the end
	header, err := reader.Read()
	if err != nil {
		return File{}, fmt.Errorf("line 1: no header: %w", err)
	}
	columns, err := columnsOf(header)
	if err != nil {
		return File{}, err
	}
	b := &builder{columns: columns, width: len(header), people: map[string]*person{}}
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return b.file(header), nil
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

var needed = []string{"id", "time", "headache"}

func columnsOf(header []string) (map[string]int, error) {
	columns := map[string]int{}
	for i, name := range header {
		columns[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range needed {
		if _, ok := columns[name]; !ok {
			return nil, fmt.Errorf("line 1: no column %q", name)
		}
	}
	return columns, nil
}

// person gathers the rows of one person.
type person struct {
	Person
	byDay   map[int]Day
	rows    map[int]string // whole row of a day, to tell a duplicate from a contradiction
	offsets map[int]int    // dos − time → first line
	airq    map[string]int // value → rows
}

type builder struct {
	columns map[string]int
	width   int
	rows    int
	people  map[string]*person
	order   []*person
	notes   []Note
}

func (b *builder) note(code, who string, line int, format string, args ...any) {
	b.notes = append(b.notes, Note{Code: code, Person: who, Line: line, Text: fmt.Sprintf(format, args...)})
}

// row takes one line. Only a row without a person ends the reading: nobody could be refused for it.
func (b *builder) row(fields []string, line int) error {
	b.rows++
	value := func(name string) string {
		if i, ok := b.columns[name]; ok && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	who := value("id")
	if who == "" {
		return fmt.Errorf("line %d: no id: the row belongs to nobody", line)
	}
	p := b.person(who)
	if len(fields) != b.width {
		b.refuse(p, "BAD_ROW", line, "%d columns instead of %d", len(fields), b.width)
		return nil
	}
	offset, err := strconv.Atoi(value("time"))
	if err != nil || offset < -36500 || offset > 36500 {
		b.refuse(p, "BAD_ROW", line, "time is not a number of days: %.20q", value("time"))
		return nil
	}
	headache, ok := map[string]bool{"yes": true, "no": false}[strings.ToLower(value("headache"))]
	if !ok {
		b.refuse(p, "BAD_ROW", line, "headache is neither yes nor no: %.20q", value("headache"))
		return nil
	}
	b.sex(p, value("sex"), line)
	b.day(p, Day{Offset: offset, Headache: headache, Line: line}, strings.Join(fields, ","))
	b.check(p, offset, line, value("dos"), value("airq"))
	return nil
}

func (b *builder) person(who string) *person {
	p := b.people[who]
	if p == nil {
		p = &person{Person: Person{ID: who}, byDay: map[int]Day{}, rows: map[int]string{}, offsets: map[int]int{}, airq: map[string]int{}}
		b.people[who] = p
		b.order = append(b.order, p)
	}
	return p
}

func (b *builder) refuse(p *person, code string, line int, format string, args ...any) {
	p.Refused = true
	b.note(code, p.ID, line, format+"; the person is not imported", args...)
}

func (b *builder) sex(p *person, sex string, line int) {
	sex = strings.ToLower(sex)
	if sex != "female" && sex != "male" {
		return
	}
	if p.Sex != "" && p.Sex != sex {
		b.refuse(p, "CONTRADICTION", line, "sex was %s before and is %s now", p.Sex, sex)
	}
	p.Sex = sex
}

func (b *builder) day(p *person, day Day, whole string) {
	first, seen := p.byDay[day.Offset]
	switch {
	case !seen:
		p.byDay[day.Offset], p.rows[day.Offset] = day, whole
	case p.rows[day.Offset] == whole:
		b.note("DUPLICATE", p.ID, day.Line, "day %d is already in line %d, word for word; left out", day.Offset, first.Line)
	case first.Headache != day.Headache:
		b.refuse(p, "CONTRADICTION", day.Line, "day %d says headache %s here and %s in line %d", day.Offset, yesNo(day.Headache), yesNo(first.Headache), first.Line)
	default:
		b.note("DUPLICATE", p.ID, day.Line, "day %d is already in line %d with the same answer; left out", day.Offset, first.Line)
	}
}

// check gathers what only the whole of a person can show.
func (b *builder) check(p *person, offset, line int, dos, airq string) {
	if n, err := strconv.Atoi(dos); err == nil {
		if _, seen := p.offsets[n-offset]; !seen {
			p.offsets[n-offset] = line
		}
	}
	if airq != "" {
		p.airq[airq]++
	}
}

func (b *builder) file(header []string) File {
	f := File{Rows: b.rows}
	for _, p := range b.order {
		for _, offset := range sortedKeys(p.byDay) {
			p.Days = append(p.Days, p.byDay[offset])
		}
		b.whole(p)
		f.People = append(f.People, p.Person)
	}
	for _, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains([]string{"id", "time", "headache", "sex", "dos"}, name) {
			b.note("NOT_IMPORTED", "", 0, "column %q has no place in a diary entry; it is left out", name)
		}
	}
	f.Notes = b.notes
	return f
}

// whole notes what a person's rows show together.
func (b *builder) whole(p *person) {
	if len(p.offsets) > 1 {
		b.note("OFFSET", p.ID, 0, "dos − time takes %d values (first change in line %d); days are taken from time", len(p.offsets), secondLine(p.offsets))
	}
	if value, rows := only(p.airq); rows > 1 && broken(value) {
		b.note("FILLED_IN", p.ID, 0, "airq is %s in all %d rows: a filled-in mean, not a measurement", value, rows)
	}
	if missing, gaps, longest := gapsOf(p.Days); missing > 0 {
		b.note("GAP", p.ID, 0, "%d days missing in %d gaps, the longest %d; they stay missing", missing, gaps, longest)
	}
}

func secondLine(offsets map[int]int) int {
	lines := make([]int, 0, len(offsets))
	for _, line := range offsets {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines[1]
}

// only is the one value of a map with one key.
func only(values map[string]int) (string, int) {
	if len(values) != 1 {
		return "", 0
	}
	for value, rows := range values {
		return value, rows
	}
	return "", 0
}

// broken: not a whole number, where the others are.
func broken(value string) bool {
	n, err := strconv.ParseFloat(value, 64)
	return err == nil && n != math.Trunc(n)
}

func gapsOf(days []Day) (missing, gaps, longest int) {
	for i := 1; i < len(days); i++ {
		if gap := days[i].Offset - days[i-1].Offset - 1; gap > 0 {
			missing += gap
			gaps++
			longest = max(longest, gap)
		}
	}
	return missing, gaps, longest
}

func sortedKeys(days map[int]Day) []int {
	keys := make([]int, 0, len(days))
	for k := range days {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

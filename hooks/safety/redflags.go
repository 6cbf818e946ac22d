package safety

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"interictal/hooks/clinic"
)

//go:embed redflags.json
var redFlags []byte

// Question is one that a row may ask. Known says who knows the answer where it is not the person who is asked.
type Question struct {
	ID    string  `json:"id"`
	Kind  Kind    `json:"kind"`
	Most  float64 `json:"most"`
	Known string  `json:"known"`
	Asks  string  `json:"asks"`
}

// Kind of an answer.
type Kind string

const (
	YesNo   Kind = "yes_no"
	Whole   Kind = "whole"
	Minutes Kind = "minutes"
	Weeks   Kind = "weeks"
)

// Row is one line of §7.1: its findings hold when each of its conditions does.
type Row struct {
	Finding
	Says string   `json:"says"`
	When []string `json:"when"`

	clauses []clause
}

// Table is the red flags as a clinician reads them.
type Table struct {
	Version   string     `json:"version"`
	Questions []Question `json:"questions"`
	Rows      []Row      `json:"rows"`
}

// RedFlags is the table in force.
var RedFlags = mustTable(redFlags)

// clause is any of its conditions.
type clause []condition

type condition struct {
	prefix   string // "", not, maybe
	question string
	op       string // "": yes was said
	number   float64
}

func mustTable(text []byte) Table {
	t, err := readTable(text)
	if err != nil {
		panic("hooks/safety/redflags.json: " + err.Error()) // it is part of the program
	}
	return t
}

func readTable(text []byte) (t Table, err error) {
	if err := json.Unmarshal(text, &t); err != nil {
		return t, err
	}
	for i, row := range t.Rows {
		for _, when := range row.When {
			c, err := t.clause(when)
			if err != nil {
				return t, fmt.Errorf("%s: %w", row.Code, err)
			}
			t.Rows[i].clauses = append(t.Rows[i].clauses, c)
		}
	}
	return t, nil
}

func (t Table) clause(text string) (clause, error) {
	var c clause
	for part := range strings.SplitSeq(text, "|") {
		one, err := t.condition(strings.Fields(part))
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		c = append(c, one)
	}
	return c, nil
}

// condition reads `[not|maybe] question [op number]`.
func (t Table) condition(words []string) (c condition, err error) {
	if len(words) > 1 && (words[0] == "not" || words[0] == "maybe") {
		c.prefix, words = words[0], words[1:]
	}
	if len(words) != 1 && len(words) != 3 {
		return c, fmt.Errorf("no condition")
	}
	i := slices.IndexFunc(t.Questions, func(q Question) bool { return q.ID == words[0] })
	if i < 0 || (t.Questions[i].Kind == YesNo) != (len(words) == 1) {
		return c, fmt.Errorf("no such question: %s", words[0])
	}
	c.question = words[0]
	if len(words) == 3 {
		c.op = words[1]
		if !slices.Contains([]string{"<", "<=", ">", ">="}, c.op) {
			return c, fmt.Errorf("no comparison: %s", c.op)
		}
		c.number, err = strconv.ParseFloat(words[2], 64)
	}
	return c, err
}

func (c condition) holds(a Answers) clinic.YesNo {
	answer := c.plain(a)
	switch c.prefix {
	case "not":
		return clinic.Said(answer != clinic.Yes)
	case "maybe":
		return clinic.Said(answer != clinic.No)
	}
	return answer
}

func (c condition) plain(a Answers) clinic.YesNo {
	if c.op == "" {
		return a.yesNo(c.question)
	}
	n, known := a.number(c.question)
	if !known {
		return clinic.Unknown
	}
	switch c.op {
	case "<":
		return clinic.Said(n < c.number)
	case "<=":
		return clinic.Said(n <= c.number)
	case ">":
		return clinic.Said(n > c.number)
	}
	return clinic.Said(n >= c.number)
}

func (c clause) holds(a Answers) clinic.YesNo {
	any := clinic.No
	for _, one := range c {
		any = any.Or(one.holds(a))
	}
	return any
}

func (r Row) holds(a Answers) clinic.YesNo {
	all := clinic.Yes
	for _, c := range r.clauses {
		all = all.And(c.holds(a))
	}
	return all
}

// Judgement is what the answers say, and which rows nobody can say yet.
type Judgement struct {
	Findings []Finding `json:"findings"`
	Shown    Level     `json:"shown"` // "": nothing found; that is not safe
	Open     []string  `json:"open"`  // codes of the rows that wait for an answer
}

// Judge reads the answers by the table.
func Judge(a Answers) Judgement {
	j := Judgement{Findings: []Finding{}, Open: []string{}}
	for _, row := range RedFlags.Rows {
		switch row.holds(a) {
		case clinic.Yes:
			j.Findings = append(j.Findings, row.Finding)
		case clinic.Unknown:
			j.Open = append(j.Open, row.Code)
		}
	}
	j.Shown = Shown(j.Findings)
	return j
}

// Says is a code of the table in a clinician's words; "" for an alert from elsewhere.
func (t Table) Says(code string) string {
	i := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Code == code })
	if i < 0 {
		return ""
	}
	return t.Rows[i].Says
}

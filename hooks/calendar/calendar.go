// Package calendar writes visits as an iCalendar feed (RFC 5545). A calendar is read by others and kept by strangers, so an event says
// when, and nothing of whom or what for: its title is the caller's one bland word.
//
// Times are UTC (`20260105T150000Z`), which every calendar shows in the reader's own zone: no time zone has to travel with them, and an
// hour that the clocks skip or repeat is one hour and not two. A visit keeps its UID for good; what has changed has a higher SEQUENCE;
// what is off stays in the feed as CANCELLED, or a calendar that has it would keep it.
package calendar

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is one visit.
type Event struct {
	ID        string
	Start     time.Time
	Minutes   int
	Sequence  int64 // higher with each change
	Changed   time.Time
	Cancelled bool
}

// Feed is a whole calendar of events that all bear one title.
func Feed(title string, events []Event) string {
	lines := []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Interictal//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
		"X-WR-CALNAME:" + escape(title), "REFRESH-INTERVAL;VALUE=DURATION:PT1H"}
	for _, e := range events {
		lines = append(lines, e.lines(title)...)
	}
	lines = append(lines, "END:VCALENDAR")
	var out strings.Builder
	for _, line := range lines {
		out.WriteString(Fold(line) + "\r\n")
	}
	return out.String()
}

func (e Event) lines(title string) []string {
	status := "CONFIRMED"
	if e.Cancelled {
		status = "CANCELLED"
	}
	end := e.Start.Add(time.Duration(e.Minutes) * time.Minute)
	return []string{"BEGIN:VEVENT", "UID:" + e.ID + "@interictal", "DTSTAMP:" + utc(e.Changed), "LAST-MODIFIED:" + utc(e.Changed), "SEQUENCE:" + strconv.FormatInt(e.Sequence, 10),
		"DTSTART:" + utc(e.Start), "DTEND:" + utc(end), "SUMMARY:" + escape(title), "STATUS:" + status, "CLASS:PRIVATE", "END:VEVENT"}
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

var escaping = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

func escape(text string) string { return escaping.Replace(text) }

// Fold breaks a line after 75 octets at most, never within a letter; the next part begins with a blank (§3.1).
func Fold(line string) string {
	var out strings.Builder
	used, most := 0, 75
	for _, letter := range line {
		size := utf8.RuneLen(letter)
		if used+size > most {
			out.WriteString("\r\n ")
			used, most = 0, 74
		}
		out.WriteRune(letter)
		used += size
	}
	return out.String()
}

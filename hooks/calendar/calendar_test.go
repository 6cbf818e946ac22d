package calendar

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

type vectors struct {
	Fold   []struct{ Name, Line, Folded string }
	Escape []struct{ Text, As string }
	UTC    []struct{ Name, Local, Zone, As string }
}

func read(t *testing.T) (v vectors) {
	t.Helper()
	body, err := os.ReadFile("testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestLinesAreFolded(t *testing.T) {
	for _, c := range read(t).Fold {
		if got := Fold(c.Line); got != c.Folded {
			t.Errorf("%s: %q", c.Name, got)
		}
	}
}

func TestTextIsEscaped(t *testing.T) {
	for _, c := range read(t).Escape {
		if got := escape(c.Text); got != c.As {
			t.Errorf("%q became %q", c.Text, got)
		}
	}
}

// A visit at ten stays at ten, whatever the clocks do: its instant is another one.
func TestTimesAreUTC(t *testing.T) {
	for _, c := range read(t).UTC {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation("2006-01-02T15:04", c.Local, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := utc(at); got != c.As {
			t.Errorf("%s: %s", c.Name, got)
		}
	}
}

func TestAFeedSaysWhenAndNothingElse(t *testing.T) {
	at := time.Date(2026, 1, 5, 15, 0, 0, 0, time.UTC)
	feed := Feed("Visit", []Event{{ID: "v1", Start: at, Minutes: 45, Sequence: 7, Changed: at}, {ID: "v2", Start: at.AddDate(0, 0, 7), Minutes: 45, Sequence: 9, Changed: at, Cancelled: true}})
	for _, line := range []string{"UID:v1@interictal", "SEQUENCE:7", "DTSTART:20260105T150000Z", "DTEND:20260105T154500Z", "SUMMARY:Visit", "STATUS:CONFIRMED", "UID:v2@interictal", "STATUS:CANCELLED"} {
		if strings.Count(feed, "\r\n"+line+"\r\n") == 0 {
			t.Errorf("no line %q in\n%s", line, feed)
		}
	}
	if !strings.HasPrefix(feed, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") || !strings.HasSuffix(feed, "END:VEVENT\r\nEND:VCALENDAR\r\n") || strings.Count(feed, "\n") != strings.Count(feed, "\r\n") {
		t.Errorf("the frame: %q", feed)
	}
	for _, line := range strings.Split(feed, "\r\n") {
		if len(line) > 75 {
			t.Errorf("%d octets: %s", len(line), line)
		}
	}
}

package reminders

import (
	"encoding/json"
	"net/netip"
	"os"
	"testing"
	"time"
	_ "time/tzdata"

	"interictal/hooks/clinic"
)

type vectors struct {
	Next      []struct{ Name, Zone, At, After, Next string }
	Decide    []decision
	Endpoints []struct {
		Endpoint string
		OK       bool
		Dev      bool // in development it may be called
	}
}

// decision is a case at home in New York, who wants all three: the diary at 20:30, the exercises at 07:00, quiet from 22 to 7.
type decision struct {
	Name, Kind, Due, Now, Why, Last string
	Diary                           *string `json:"diary_at"`
	QuietFrom                       *string `json:"quiet_from"`
	QuietUntil                      *string `json:"quiet_until"`
	Effect                          *bool
	Attack, Done                    bool
}

func read(t *testing.T) (v vectors) {
	body, err := os.ReadFile("testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	if err != nil || len(v.Next) < 11 || len(v.Decide) < 24 || len(v.Endpoints) < 35 {
		t.Fatal(err, len(v.Next), len(v.Decide), len(v.Endpoints))
	}
	return v
}

func instant(t *testing.T, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func zone(t *testing.T, name string) *time.Location {
	z, err := clinic.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestWhenItComesNext(t *testing.T) {
	for _, c := range read(t).Next {
		choices := Choices{Zone: zone(t, c.Zone), Diary: ParseMinute(c.At)}
		if got, want := choices.Next(Diary, instant(t, c.After)), instant(t, c.Next); !got.Equal(want) {
			t.Errorf("%s: %s, not %s", c.Name, got.UTC(), want)
		}
	}
}

func or[T any](said *T, otherwise T) T {
	if said != nil {
		return *said
	}
	return otherwise
}

func TestWhetherItGoesOut(t *testing.T) {
	for _, c := range read(t).Decide {
		choices := Choices{Zone: zone(t, "America/New_York"), Diary: ParseMinute(or(c.Diary, "20:30")), Exercise: ParseMinute("07:00"), Effect: or(c.Effect, true),
			QuietFrom: ParseMinute(or(c.QuietFrom, "22:00")), QuietUntil: ParseMinute(or(c.QuietUntil, "07:00"))}
		facts := Facts{Due: instant(t, c.Due), Last: instant(t, c.Last), Attack: c.Attack, Done: c.Done}
		if got := choices.Decide(Kind(c.Kind), facts, instant(t, c.Now)); got != Reason(c.Why) {
			t.Errorf("%s: %s, not %s", c.Name, got, c.Why)
		}
	}
}

// Through every hour of two years, in zones whose clocks change: a day has one moment, in order, and on it the clock shows the time, or
// the day has no such time.
func TestOnceADay(t *testing.T) {
	for _, name := range []string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "Asia/Kathmandu"} {
		z := zone(t, name)
		for _, at := range []string{"00:00", "00:30", "01:30", "02:15", "02:30", "20:30", "23:59"} {
			c := Choices{Zone: z, Diary: ParseMinute(at)}
			days := map[clinic.Day]int{}
			for now := instant(t, "2026-01-01T12:00:00Z"); now.Year() < 2028; {
				next := c.Next(Diary, now)
				if !next.After(now) || next.Sub(now) > 26*time.Hour {
					t.Fatalf("%s %s: after %s comes %s", name, at, now, next)
				}
				days[clinic.DayOf(next, z)]++
				now = next
			}
			for day, n := range days {
				if n != 1 {
					t.Errorf("%s %s: %d times on %s", name, at, n, day)
				}
			}
			if len(days) < 729 {
				t.Errorf("%s %s: only %d days", name, at, len(days))
			}
		}
	}
}

func TestTimesOfDay(t *testing.T) {
	for _, text := range []string{"", "24:00", "7:30", "07:60", "0730", "07:30:00", "ab:cd", " 7:30"} {
		if ParseMinute(text).said {
			t.Errorf("%q is no time of day", text)
		}
	}
}

const (
	key    = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	secret = "BTBZMqHH6r4Tts7J_aSIgg"
)

func TestWhatMayBeCalled(t *testing.T) {
	for _, c := range read(t).Endpoints {
		if b := (Subscription{c.Endpoint, key, secret}).Fault(false); (b == nil) != c.OK || b != nil && b.Code != "E_PUSH_ENDPOINT" {
			t.Errorf("%s: %v", c.Endpoint, b)
		}
		if b := (Subscription{c.Endpoint, key, secret}).Fault(true); (b == nil) != (c.OK || c.Dev || c.Endpoint == "https://127.0.0.1/x") {
			t.Errorf("in development, %s: %v", c.Endpoint, b)
		}
	}
	for name, s := range map[string]Subscription{
		"a key on no curve":   {"https://push.example.org/x", "B" + key[2:] + "A", secret},
		"a key that is short": {"https://push.example.org/x", key[:20], secret},
		"no key":              {"https://push.example.org/x", "", secret},
		"a secret too short":  {"https://push.example.org/x", key, secret[:10]},
		"no base64":           {"https://push.example.org/x", key, "!!"},
	} {
		if b := s.Fault(false); b == nil || b.Code != "E_VALUE" {
			t.Errorf("%s: %v", name, b)
		}
	}
}

// What a name leads to is judged when it is called.
func TestAnAddressIsJudgedAgain(t *testing.T) {
	for address, ok := range map[string]bool{"93.184.216.34:443": true, "127.0.0.1:443": false, "10.1.2.3:443": false, "[::1]:443": false, "[2606:2800::1]:443": true, "push:443": false, "": false} {
		if PublicHost(address) != ok {
			t.Errorf("%s: %v", address, !ok)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address at all")
	}
}

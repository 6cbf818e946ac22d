package clinic_test

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata"

	"interictal/hooks/clinic"
)

func TestDaysThatNoCalendarHasAreRefused(t *testing.T) {
	for _, text := range []string{"", "2026-02-30", "2025-02-29", "2026-13-01", "2026-1-5", "1899-12-31", "2201-01-01",
		"2026-01-05T00:00:00Z", " 2026-01-05", "２０２６-01-05", "today"} {
		if d, err := clinic.ParseDay(text); err == nil {
			t.Errorf("ParseDay(%q) = %v, want a refusal", text, d)
		}
	}
}

func TestDaysCountAcrossMonthsAndLeapYears(t *testing.T) {
	cases := []struct {
		day  string
		add  int
		want string
	}{
		{"2026-01-05", 28, "2026-02-02"},
		{"2026-01-05", -28, "2025-12-08"},
		{"2024-02-28", 1, "2024-02-29"},
		{"1900-02-28", 1, "1900-03-01"},
		{"2200-12-30", 1, "2200-12-31"},
		{"2200-12-31", 1, ""},
		{"1900-01-01", -1, ""},
	}
	for _, c := range cases {
		from := clinic.MustDay(c.day)
		if got := from.Add(c.add); got.String() != c.want || got.Sub(from) != c.add {
			t.Errorf("%s %+d = %q, want %q", c.day, c.add, got, c.want)
		}
	}
	if clinic.MustDay("1900-01-01") != clinic.FirstDay || clinic.MustDay("2200-12-31") != clinic.LastDay {
		t.Error("the range does not begin in 1900 and end in 2200")
	}
	if got := clinic.MustDay("2026-01-05").Weekday(); got != time.Monday {
		t.Errorf("2026-01-05 is a %v, want Monday", got)
	}
}

func TestTheDayOnTheWallDependsOnTheZone(t *testing.T) {
	at := time.Date(2026, 1, 5, 3, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{"UTC": "2026-01-05", "America/New_York": "2026-01-04", "Asia/Tokyo": "2026-01-05"} {
		if got := clinic.DayOf(at, zoneOf(t, zone)).String(); got != want {
			t.Errorf("in %s it is %s, want %s", zone, got, want)
		}
	}
}

func TestADayStartsAtItsFirstInstant(t *testing.T) {
	cases := []struct{ name, zone, day, want string }{
		{"an ordinary day", "America/New_York", "2026-01-05", "2026-01-05T05:00:00Z"},
		{"the day of the spring change", "America/New_York", "2026-03-08", "2026-03-08T05:00:00Z"},
		{"the day after it is an hour nearer", "America/New_York", "2026-03-09", "2026-03-09T04:00:00Z"},
		{"clocks jump over midnight", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"},
		{"clocks jump over midnight in Beirut", "Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"},
		{"midnight comes twice", "America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},
		{"a day the zone left out", "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},
		{"the day after it", "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := clinic.MustDay(c.day).Start(zoneOf(t, c.zone)).UTC().Format(time.RFC3339)
			if got != c.want {
				t.Errorf("%s in %s starts at %s, want %s", c.day, c.zone, got, c.want)
			}
		})
	}
}

func TestEveryDayOfAYearBeginsWhereTheOneBeforeEnds(t *testing.T) {
	for _, name := range []string{"America/New_York", "Europe/Berlin", "Asia/Beirut", "America/Havana", "Australia/Lord_Howe", "Africa/Cairo"} {
		loc := zoneOf(t, name)
		for d := clinic.MustDay("2026-01-01"); d <= clinic.MustDay("2026-12-31"); d++ {
			start := d.Start(loc)
			if clinic.DayOf(start, loc) != d || clinic.DayOf(start.Add(-time.Second), loc) != d-1 {
				t.Fatalf("%s in %s: %v is not its first instant", d, name, start)
			}
		}
	}
}

func TestUnknownStaysUnknownOnlyWhileItMatters(t *testing.T) {
	y, n, u := clinic.Yes, clinic.No, clinic.Unknown
	cases := []struct{ a, b, and, or clinic.YesNo }{
		{y, y, y, y}, {y, n, n, y}, {n, n, n, n}, {y, u, u, y}, {n, u, n, u}, {u, u, u, u},
	}
	for _, c := range cases {
		if c.a.And(c.b) != c.and || c.b.And(c.a) != c.and {
			t.Errorf("%v and %v = %v, want %v", c.a, c.b, c.a.And(c.b), c.and)
		}
		if c.a.Or(c.b) != c.or || c.b.Or(c.a) != c.or {
			t.Errorf("%v or %v = %v, want %v", c.a, c.b, c.a.Or(c.b), c.or)
		}
	}
}

func TestNothingSaidIsNullAndBackAgain(t *testing.T) {
	type entry struct {
		Day   clinic.Day   `json:"day"`
		Pain  clinic.NRS   `json:"pain"`
		Aura  clinic.YesNo `json:"aura"`
		Worst clinic.NRS   `json:"worst"`
		Clear clinic.YesNo `json:"clear"`
	}
	cases := []struct {
		value entry
		text  string
	}{
		{entry{}, `{"day":"","pain":null,"aura":null,"worst":null,"clear":null}`},
		{entry{clinic.MustDay("2026-01-05"), clinic.MustNRS(0), clinic.No, clinic.MustNRS(10), clinic.Yes},
			`{"day":"2026-01-05","pain":0,"aura":false,"worst":10,"clear":true}`},
	}
	for _, c := range cases {
		text, err := json.Marshal(c.value)
		if err != nil || string(text) != c.text {
			t.Errorf("wrote %s, %v, want %s", text, err, c.text)
		}
		var back entry
		if err := json.Unmarshal(text, &back); err != nil || back != c.value {
			t.Errorf("%s came back as %+v, %v", text, back, err)
		}
	}
}

func TestWrongValuesAreRefusedNotBent(t *testing.T) {
	for _, text := range []string{"11", "-1", "3.5", `"4"`, "true", "NaN"} {
		if err := new(clinic.NRS).UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s passed as a pain score", text)
		}
	}
	for _, text := range []string{"0", "1", `"yes"`, `""`} {
		if err := new(clinic.YesNo).UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s passed as an answer", text)
		}
	}
	var whole clinic.NRS
	if err := json.Unmarshal([]byte("6.0"), &whole); err != nil || whole != clinic.MustNRS(6) {
		t.Errorf("6.0 is the whole number 6, got %v, %v", whole, err)
	}
}

func TestPainScores(t *testing.T) {
	var unknown clinic.NRS
	if unknown.Known() || unknown.AtLeast(0) != clinic.Unknown || unknown.Words() != "" {
		t.Error("the zero score must be unknown, not zero")
	}
	if unknown.Max(clinic.MustNRS(0)) != clinic.MustNRS(0) {
		t.Error("a known zero beats an unknown score")
	}
	if clinic.MustNRS(4).AtLeast(4) != clinic.Yes || clinic.MustNRS(3).AtLeast(4) != clinic.No {
		t.Error("moderate begins at 4")
	}
	words := []string{"none", "mild", "mild", "mild", "moderate", "moderate", "moderate", "severe", "severe", "severe", "severe"}
	for score, want := range words {
		if got := clinic.MustNRS(score).Words(); got != want {
			t.Errorf("NRS %d is %q, want %q", score, got, want)
		}
	}
}

func TestZonesAreIANANamesOnly(t *testing.T) {
	for _, name := range []string{"", "Local", "localtime", "Mars/Olympus", "../etc/passwd", "New York"} {
		if _, err := clinic.LoadZone(name); err == nil {
			t.Errorf("%q passed as a zone", name)
		}
	}
	if first, again := zoneOf(t, "Asia/Kolkata"), zoneOf(t, "Asia/Kolkata"); first != again {
		t.Error("the second look-up did not come from memory")
	}
}

func TestTheHardRuleIsReadFirst(t *testing.T) {
	found := []clinic.Broken{{Code: "F_ONE", Severity: clinic.Flag}, {Code: "E_TWO", Severity: clinic.Override},
		{Code: "E_THREE", Severity: clinic.Hard}, {Code: "W_FOUR", Severity: clinic.Warn}, {Code: "E_FIVE", Severity: clinic.Hard}}
	var order string
	for _, b := range clinic.HardFirst(found) {
		order += b.Code + " "
	}
	if want := "E_THREE E_FIVE E_TWO W_FOUR F_ONE "; order != want {
		t.Errorf("order %q, want %q", order, want)
	}
	if found[0].Code != "F_ONE" {
		t.Error("HardFirst changed the list it was given")
	}
	if !clinic.Refused(found) || clinic.Refused(found[:1]) || clinic.Refused(nil) {
		t.Error("only HARD and OVERRIDE refuse")
	}
}

func FuzzParseDay(f *testing.F) {
	for _, seed := range []string{"2026-01-05", "2026-02-30", "", "9999-99-99", "1900-01-01"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := clinic.ParseDay(text)
		if err != nil {
			if d != 0 {
				t.Fatalf("refused %q but answered %d", text, d)
			}
			return
		}
		if d.String() != text || !d.Valid() {
			t.Fatalf("%q came back as %q", text, d)
		}
	})
}

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := clinic.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

package invitation

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"testing"
	"time"
)

func TestCodesAreReadableAndDiffer(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}$`)
	seen := map[string]bool{}
	for range 1000 {
		code, err := New(rand.Reader)
		if err != nil || !form.MatchString(code) || seen[code] {
			t.Fatalf("%q %v", code, err)
		}
		seen[code] = true
	}
	if _, err := New(bytes.NewReader([]byte("short"))); err == nil {
		t.Error("a code without enough chance")
	}
}

func TestAsPeopleType(t *testing.T) {
	for _, typed := range []string{"7KQM-3XW0-1T", "7kqm-3xw0-1t", " 7kqm 3xwo lt ", "7KQM3XWOIT"} {
		if Hash(typed) != Hash("7KQM-3XW0-1T") {
			t.Errorf("%q is read as %q", typed, Normal(typed))
		}
	}
}

func TestCheck(t *testing.T) {
	made := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	expires := made.Add(Lifetime)
	for _, c := range []struct {
		name      string
		used, now time.Time
		want      string
	}{
		{"at once", time.Time{}, made, ""},
		{"a minute before 72 hours", time.Time{}, expires.Add(-time.Minute), ""},
		{"at 72 hours", time.Time{}, expires, "E_INVITE_EXPIRED"},
		{"used an hour ago", made, made.Add(time.Hour), "E_INVITE_USED"},
	} {
		got := ""
		if b := Check(expires, c.used, c.now); b != nil {
			got = b.Code
		}
		if got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

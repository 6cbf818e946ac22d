package backup_test

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"interictal/hooks/backup"
)

// disk is a file in memory.
type disk struct{ bytes []byte }

func (d *disk) WriteAt(p []byte, at int64) (int, error) {
	if need := int(at) + len(p); need > len(d.bytes) {
		d.bytes = append(d.bytes, make([]byte, need-len(d.bytes))...)
	}
	return copy(d.bytes[at:], p), nil
}
func (d *disk) Truncate(size int64) error { d.bytes = d.bytes[:size]; return nil }

func pagesOf(database []byte, size int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for at := 0; at < len(database); at += size {
			if !yield(database[at:at+size], nil) {
				return
			}
		}
	}
}

func keys(t *testing.T) backup.Keys {
	t.Helper()
	text, err := backup.NewKey()
	check(t, err)
	k, err := backup.ParseKeys(text)
	check(t, err)
	return k
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A random database grows, shrinks, is rewritten with another page size, and comes back as it was at every part.
func TestRandomDatabasesComeBackAtEachPart(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	k := keys(t)
	var parts, states [][]byte
	size, database, book := 512, make([]byte, 512*20), &backup.Book{}
	for n := range 30 {
		for range random.IntN(10) {
			database[random.IntN(len(database))] ^= byte(1 + random.IntN(255))
		}
		switch random.IntN(8) {
		case 0:
			database = append(database, make([]byte, size*random.IntN(9))...)
		case 1:
			database = database[:size*(1+random.IntN(len(database)/size))]
		case 2:
			size = 1536 - size // 512 or 1024
			database = append(database, make([]byte, (size-len(database)%size)%size)...)
		}
		var out bytes.Buffer
		w, err := k.Seal(&out)
		check(t, err)
		part, err := book.Write(w, backup.Head{Chain: "c", N: n}, pagesOf(database, size))
		check(t, err)
		check(t, w.Close())
		book = part.Book
		parts, states = append(parts, out.Bytes()), append(states, bytes.Clone(database))
	}
	for last := range parts {
		got, back := &disk{}, &backup.Book{}
		for n, part := range parts[:last+1] {
			r, err := k.Unseal(bytes.NewReader(part))
			check(t, err)
			head, err := back.Read(r, got)
			check(t, err)
			if head.N != n {
				t.Fatalf("part %d says %d", n, head.N)
			}
		}
		if !bytes.Equal(got.bytes, states[last]) {
			t.Fatalf("after part %d the database is another one", last)
		}
	}
}

func TestOnlyWhatChangedIsCopied(t *testing.T) {
	database, book := make([]byte, 512*100), &backup.Book{}
	for i, want := range []int{100, 0, 1} {
		if i == 2 {
			database[512*41] = 1
		}
		part, err := book.Write(io.Discard, backup.Head{}, pagesOf(database, 512))
		check(t, err)
		if part.Changed != want || part.Pages != 100 {
			t.Errorf("copy %d holds %d of %d pages", i, part.Changed, part.Pages)
		}
		book = part.Book
	}
}

// Whatever happens to a part on its way, nobody works with what comes out.
func TestADamagedPartIsFound(t *testing.T) {
	k, stranger := keys(t), keys(t)
	database, book := make([]byte, 512*40), &backup.Book{}
	var parts [][]byte
	for n := range 3 {
		database[n*512] = byte(n + 1)
		var out bytes.Buffer
		w, err := k.Seal(&out)
		check(t, err)
		part, err := book.Write(w, backup.Head{N: n}, pagesOf(database, 512))
		check(t, err)
		check(t, w.Close())
		book, parts = part.Book, append(parts, out.Bytes())
	}
	read := func(k backup.Keys, chain ...[]byte) error {
		back, file := &backup.Book{}, &disk{}
		for _, part := range chain {
			r, err := k.Unseal(bytes.NewReader(part))
			if err != nil {
				return err
			}
			if _, err := back.Read(r, file); err != nil {
				return err
			}
		}
		return nil
	}
	check(t, read(k, parts...))
	flipped := bytes.Clone(parts[1])
	flipped[len(flipped)-3] ^= 1
	for what, chain := range map[string][][]byte{
		"cut short":     {parts[0], parts[1][:len(parts[1])-1]},
		"a bit flipped": {parts[0], flipped},
		"one missing":   {parts[0], parts[2]},
		"without first": {parts[1]},
		"one twice":     {parts[0], parts[1], parts[1]},
		"empty":         {{}},
	} {
		if read(k, chain...) == nil {
			t.Errorf("%s: nobody noticed", what)
		}
	}
	if read(stranger, parts...) == nil {
		t.Error("a stranger's key opens it")
	}
	if bytes.Contains(parts[0], make([]byte, 64)) {
		t.Error("the copy is not encrypted")
	}
}

func TestKeyFiles(t *testing.T) {
	text, err := backup.NewKey()
	check(t, err)
	public := strings.TrimPrefix(strings.Split(text, "\n")[1], "# public key: ")
	for what, c := range map[string]struct {
		text     string
		to, open int
	}{
		"secret": {text, 1, 1}, "public only": {public, 1, 0}, "both": {text + public, 2, 1},
	} {
		k, err := backup.ParseKeys(c.text)
		check(t, err)
		if len(k.To) != c.to || len(k.Open) != c.open {
			t.Errorf("%s: %d to, %d open", what, len(k.To), len(k.Open))
		}
	}
	secret := "AGE-SECRET-KEY-1SOMETHINGSECRET"
	for _, bad := range []string{"", "# only words", secret, "hello"} {
		if _, err := backup.ParseKeys(bad); err == nil || strings.Contains(err.Error(), "SOMETHING") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	only, err := backup.ParseKeys(public)
	check(t, err)
	if _, err := only.Unseal(strings.NewReader("")); err == nil || !strings.Contains(err.Error(), "AGE-SECRET-KEY") {
		t.Errorf("a public key opens: %v", err)
	}
}

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// chain makes copies an hour apart; numbers that are left out are missing.
func chain(start time.Time, numbers ...int) (out []backup.Copy) {
	for _, n := range numbers {
		out = append(out, backup.Copy{Chain: backup.ChainOf(start), N: n, At: start.Add(time.Duration(n) * time.Hour)})
	}
	return out
}

func names(copies []backup.Copy) string {
	var out []string
	for _, c := range copies {
		out = append(out, fmt.Sprintf("%s:%d", c.Chain[6:11], c.N))
	}
	return strings.Join(out, " ")
}

func TestNames(t *testing.T) {
	c := backup.Copy{Chain: backup.ChainOf(noon), N: 12, At: noon.Add(time.Hour)}
	if c.Name() != "20260310T120000.000Z/00012-20260310T130000.000Z.age" {
		t.Error(c.Name())
	}
	if got, ok := backup.Parse(c.Name()); !ok || got != c {
		t.Errorf("%v %v", got, ok)
	}
	for _, bad := range []string{"", "x.age", "20260310T120000.000Z/12-20260310T130000.000Z.age", c.Name() + ".attrs", "a/" + c.Name(), "../" + c.Name()} {
		if _, ok := backup.Parse(bad); ok {
			t.Errorf("%q is taken for a part", bad)
		}
	}
}

func TestChoose(t *testing.T) {
	two := append(chain(noon, 0, 1, 2, 4), chain(noon.Add(5*time.Hour), 1, 0)...)
	for what, c := range map[string]struct {
		at   time.Time
		want string
	}{
		"the newest":              {time.Time{}, "10T17:0 10T17:1"},
		"before the second":       {noon.Add(4*time.Hour + 59*time.Minute), "10T12:0 10T12:1 10T12:2"}, // 3 is missing
		"at a part":               {noon.Add(time.Hour), "10T12:0 10T12:1"},
		"just before":             {noon.Add(time.Hour - time.Millisecond), "10T12:0"},
		"before there was any":    {noon.Add(-time.Hour), ""},
		"as the second had begun": {noon.Add(5 * time.Hour), "10T17:0"},
	} {
		if got := names(backup.Choose(two, c.at)); got != c.want {
			t.Errorf("%s: %s, not %s", what, got, c.want)
		}
	}
	if got := backup.Choose(chain(noon, 1, 2), time.Time{}); got != nil {
		t.Errorf("a chain without its first part: %v", got)
	}
}

func TestExpired(t *testing.T) {
	keep := backup.Keep{Fine: 7 * 24 * time.Hour, Days: 35 * 24 * time.Hour}
	ago := func(days int, hour int) time.Time {
		return noon.AddDate(0, 0, -days).Add(time.Duration(hour-12) * time.Hour)
	}
	var all []backup.Copy
	for _, start := range []time.Time{ago(40, 4), ago(20, 4), ago(20, 9), ago(3, 4), ago(0, 4)} {
		all = append(all, chain(start, 0, 1)...)
	}
	// all of 40 days ago; of 20 days ago everything but the last chain's first part; nothing younger
	if got := names(backup.Expired(all, keep, noon)); got != "18T09:1 18T04:1 18T04:0 29T04:1 29T04:0" {
		t.Error(got)
	}
	if got := backup.Expired(chain(ago(90, 4), 0, 1), keep, noon); got != nil {
		t.Errorf("the only copy goes: %v", got)
	}
}

package hooks_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"interictal/hooks"
	"interictal/hooks/backup"
	"interictal/hooks/hookstest"
)

// keeping is a place for copies, with its key.
func keeping(t *testing.T) *hooks.Keep {
	t.Helper()
	text, err := backup.NewKey()
	check(t, err)
	key := filepath.Join(t.TempDir(), "key")
	check(t, os.WriteFile(key, []byte(text), 0o600))
	return &hooks.Keep{To: filepath.Join(t.TempDir(), "copies"), Key: key, Every: time.Minute, Chain: 24 * time.Hour,
		For: backup.Keep{Fine: 7 * 24 * time.Hour, Days: 35 * 24 * time.Hour}}
}

func runKeeping(app core.App, k *hooks.Keep, args ...string) (string, error) {
	root := &cobra.Command{Use: "interictal", SilenceErrors: true}
	hooks.AddCommands(app, root, k)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.Execute()
	return out.String(), err
}

// folder is an app that is not open, as a restore finds it.
func folder(dir string) core.App {
	return core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: hooks.Connect})
}

func TestAnEncryptedCopyComesBackAndPhonesBringTheRest(t *testing.T) {
	h, k := hookstest.New(t), keeping(t)
	old := stored(t, h, "phone-one", newAttack(oneAttack), map[string]any{"note": "before the copy"})
	said, err := runKeeping(h.App, k, "backup")
	check(t, err)
	atTheCopy := h.Dump()
	changed := stored(t, h, "phone-one", old, map[string]any{"note": "after the copy"})

	if _, err := runKeeping(h.App, k, "restore"); err == nil || !strings.Contains(err.Error(), "a server runs") {
		t.Errorf("a restore under a running server: %v", err)
	}
	back := filepath.Join(t.TempDir(), "data")
	told, err := runKeeping(folder(back), k, "restore")
	if err != nil || !strings.Contains(told, "all of them checked") {
		t.Fatalf("%s after %s: %v", told, said, err)
	}
	house := &hookstest.House{T: t, App: opened(t, back)}
	if now := data(house.Dump()); now != data(atTheCopy) {
		t.Errorf("what came back is not what was copied: %s", firstDifference(now, atTheCopy))
	}
	check(t, house.App.ClearBootstrap())

	h = h.Restored(back) // the server starts on it: a database put back to an older state
	expectVerdicts(t, startingOver(t, h, "phone-one", changed), "applied")
	r, err := h.App.FindRecordById("attacks", oneAttack)
	check(t, err)
	if r.GetString("note") != "after the copy" {
		t.Errorf("the phone's word did not come back: %q", r.GetString("note"))
	}
	noPlainText(t, k.To, "before the copy", "anna")
}

// data is a dump without PocketBase's own notes: it makes the file of the logs anew, and writes that down.
func data(dump string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(dump, "\n"), func(line string) bool { return strings.HasPrefix(line, "_migrations ") }), "\n")
}

func firstDifference(a, b string) string {
	one, two := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(one), len(two)) {
		if one[i] != two[i] {
			return one[i] + "\nand\n" + two[i]
		}
	}
	return "the end"
}

func opened(t *testing.T, dir string) core.App {
	t.Helper()
	app, err := hookstest.Open(dir)
	check(t, err)
	return app
}

// noPlainText: what lies in the store says nothing to whoever finds it.
func noPlainText(t *testing.T, dir string, words ...string) {
	t.Helper()
	files := 0
	check(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		body, err := os.ReadFile(path)
		for _, word := range append(words, "SQLite format") {
			if bytes.Contains(body, []byte(word)) {
				t.Errorf("%s holds %q", path, word)
			}
		}
		return err
	}))
	if files == 0 {
		t.Error("nothing is in the store")
	}
}

func TestARestoreKeepsWhatWasThereAndTakesAnyMoment(t *testing.T) {
	h, k := hookstest.New(t), keeping(t)
	note := func(text string) time.Time {
		runSQL(t, h.App, "UPDATE patients SET phone='"+text+"' WHERE id='"+hookstest.ID("anna")+"'")
		_, err := runKeeping(h.App, k, "backup")
		check(t, err)
		time.Sleep(2 * time.Millisecond)
		return time.Now()
	}
	first, dir := note("first"), filepath.Join(t.TempDir(), "data")
	note("second")
	phone := func() (text string) {
		app := opened(t, dir)
		defer app.ClearBootstrap()
		check(t, app.DB().NewQuery("SELECT phone FROM patients WHERE id='"+hookstest.ID("anna")+"'").Row(&text))
		return text
	}
	for _, c := range []struct{ at, want string }{{"", "second"}, {first.UTC().Format(time.RFC3339Nano), "first"}} {
		args := []string{"restore"}
		if c.at != "" {
			args = append(args, "--at", c.at)
		}
		_, err := runKeeping(folder(dir), k, args...)
		check(t, err)
		if got := phone(); got != c.want {
			t.Errorf("--at %s: %q", c.at, got)
		}
	}
	kept, err := filepath.Glob(filepath.Join(dir, "data.db.before-*"))
	check(t, err)
	if len(kept) != 1 {
		t.Fatalf("what was there before: %v", kept)
	}
	check(t, os.Rename(kept[0], filepath.Join(dir, "data.db")))
	if got := phone(); got != "second" {
		t.Errorf("the database that was kept says %q", got)
	}
	for _, at := range []string{"2020-01-01T00:00:00Z", "yesterday"} {
		if _, err := runKeeping(folder(dir), k, "restore", "--at", at); err == nil {
			t.Errorf("restored to %s", at)
		}
	}
}

// The worst case is the one it is for: the database cannot even be opened.
func TestARestoreReplacesADatabaseThatIsBroken(t *testing.T) {
	h, k := hookstest.New(t), keeping(t)
	_, err := runKeeping(h.App, k, "backup")
	check(t, err)
	dir := t.TempDir()
	for name, body := range map[string]string{"data.db": strings.Repeat("no database ", 1000), "data.db-wal": "no log"} {
		check(t, os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600))
	}
	_, err = runKeeping(folder(dir), k, "restore")
	check(t, err)
	check(t, hookstest.Start(dir))
	kept, err := filepath.Glob(filepath.Join(dir, "data.db.before-*"))
	check(t, err)
	if len(kept) != 2 {
		t.Errorf("the broken one and its log are kept: %v", kept)
	}
}

func TestARestoreThatFailsChangesNothing(t *testing.T) {
	h, k := hookstest.New(t), keeping(t)
	_, err := runKeeping(h.App, k, "backup")
	check(t, err)
	_, err = runKeeping(h.App, k, "backup")
	check(t, err)
	dir := h.Backup()
	before := filesOf(t, dir)

	stranger := keeping(t)
	stranger.To = k.To
	if _, err := runKeeping(folder(dir), stranger, "restore"); err == nil {
		t.Error("a stranger's key opens the copies")
	}
	files, err := filepath.Glob(filepath.Join(k.To, "*", "*.age"))
	check(t, err)
	newest := files[len(files)-1]
	whole, err := os.ReadFile(newest)
	check(t, err)
	for what, body := range map[string][]byte{"cut short": whole[:len(whole)-100], "empty": {}} {
		check(t, os.WriteFile(newest, body, 0o600))
		if _, err := runKeeping(folder(dir), k, "restore"); err == nil || !strings.Contains(err.Error(), "of no use") {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := runKeeping(h.App, k, "drill"); err == nil {
			t.Errorf("%s: the drill is content", what)
		}
	}
	if said, err := runKeeping(h.App, k, "doctor"); err == nil || !strings.Contains(said, "The last drill failed") {
		t.Errorf("the doctor is content: %s", said)
	}
	// a copy that is whole, of a database that is not
	runSQL(t, h.App, "DELETE FROM sync_log WHERE col='patients' AND doc='"+hookstest.ID("anna")+"'")
	_, err = runKeeping(h.App, k, "backup")
	check(t, err)
	if _, err := runKeeping(folder(dir), k, "restore"); err == nil || !strings.Contains(err.Error(), "its journal knows") {
		t.Errorf("a database with a hole in its journal: %v", err)
	}
	if after := filesOf(t, dir); after != before {
		t.Errorf("the folder changed:\n%s\n%s", before, after)
	}
}

func filesOf(t *testing.T, dir string) (out string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	for _, e := range entries {
		body, err := os.ReadFile(filepath.Join(dir, e.Name()))
		check(t, err)
		out += e.Name() + " " + string(rune('0'+len(body)%10)) + " "
	}
	return out
}

func TestTheDrillAndTheDoctor(t *testing.T) {
	h, k := hookstest.New(t), keeping(t)
	said, err := runKeeping(h.App, &hooks.Keep{}, "doctor", "--offline")
	if err == nil {
		t.Error("a server without copies is well")
	}
	for _, want := range []string{"must    D_BACKUP ", "should  D_DRILL ", "fine    D_TRIGGERS ", "fine    D_DURABILITY ", "must    D_TLS ", "fine    D_RATE_LIMITS ", "should  D_SUPERUSER "} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %q in\n%s", want, said)
		}
	}
	_, err = runKeeping(h.App, k, "backup")
	check(t, err)
	said, err = runKeeping(h.App, k, "drill")
	if err != nil || !strings.Contains(said, "came back whole") {
		t.Fatalf("%s %v", said, err)
	}
	said, _ = runKeeping(h.App, k, "doctor", "--offline")
	for _, want := range []string{"fine    D_BACKUP ", "fine    D_DRILL "} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %q in\n%s", want, said)
		}
	}
	runSQL(t, h.App, "DROP TRIGGER sync_attacks_insert")
	if said, err = runKeeping(h.App, k, "doctor", "--offline"); err == nil || !strings.Contains(said, "sync_attacks_insert") {
		t.Errorf("a hole in the journal: %s", said)
	}
}

func TestOneServerOnAFolder(t *testing.T) {
	h := hookstest.New(t)
	if err := hookstest.Start(h.App.DataDir()); err == nil || !strings.Contains(err.Error(), "a server runs") {
		t.Errorf("a second server started: %v", err)
	}
}

// A server that is told to copy and cannot do so encrypted does not start.
func TestNoCopyWithoutAKey(t *testing.T) {
	h := hookstest.New(t)
	for _, key := range []string{"", filepath.Join(t.TempDir(), "none")} {
		if _, err := runKeeping(h.App, &hooks.Keep{To: t.TempDir(), Key: key}, "backup"); err == nil {
			t.Errorf("copied with the key %q", key)
		}
	}
}

// Old copies go; the store may hold other things, which stay.
func TestOldCopiesGo(t *testing.T) {
	h, k := hookstest.New(t), keeping(t)
	put := func(name string) string {
		path := filepath.Join(k.To, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(path), 0o700))
		check(t, os.WriteFile(path, []byte("x"), 0o600))
		return path
	}
	long, lately := time.Now().AddDate(0, 0, -40), time.Now().AddDate(0, 0, -20)
	gone := []string{
		put(backup.Copy{Chain: backup.ChainOf(long), At: long}.Name()),
		put(backup.Copy{Chain: backup.ChainOf(lately), N: 1, At: lately.Add(time.Minute)}.Name()),
	}
	stays := []string{put(backup.Copy{Chain: backup.ChainOf(lately), At: lately}.Name()), put("photos/cat.jpg")}
	_, err := runKeeping(h.App, k, "backup")
	check(t, err)
	for _, path := range gone {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
	for _, path := range stays {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s is gone", path)
		}
	}
}

package hooks_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"

	"interictal/hooks"
)

func open(t testing.TB) *dbx.DB {
	db, err := hooks.Connect(filepath.Join(t.TempDir(), "data.db"))
	check(t, err)
	t.Cleanup(func() { check(t, db.Close()) })
	_, err = db.NewQuery("CREATE TABLE words(id INTEGER PRIMARY KEY, word TEXT)").Execute()
	check(t, err)
	for i := range 300 {
		_, err := db.NewQuery("INSERT INTO words(word) VALUES({:w})").Bind(dbx.Params{"w": fmt.Sprint("word", i)}).Execute()
		check(t, err)
	}
	return db
}

// A connection keeps its statements prepared. Nobody may notice.
func TestKeptStatements(t *testing.T) {
	db := open(t)
	db.DB().SetMaxOpenConns(1) // everything below runs on one connection
	const query = "SELECT word FROM words WHERE id > {:id} ORDER BY id LIMIT 2"
	one := func(id int) []string {
		var out []string
		check(t, db.NewQuery(query).Bind(dbx.Params{"id": id}).Column(&out))
		return out
	}
	for i := range 5 {
		if got := one(i); len(got) != 2 || got[0] != fmt.Sprint("word", i) {
			t.Errorf("after %d: %v", i, got)
		}
	}

	// the same statement again while its rows are still read
	check(t, db.Transactional(func(tx *dbx.Tx) error {
		outer, err := tx.NewQuery(query).Bind(dbx.Params{"id": 0}).Rows()
		check(t, err)
		defer outer.Close()
		for n := 0; outer.Next(); n++ {
			var word string
			check(t, outer.Scan(&word))
			var inner []string
			check(t, tx.NewQuery(query).Bind(dbx.Params{"id": 100}).Column(&inner))
			if word != fmt.Sprint("word", n) || inner[0] != "word100" {
				t.Errorf("row %d: %s, within it %v", n, word, inner)
			}
		}
		return nil
	}))

	// a table that changes under it
	all := func() map[string]any {
		row := dbx.NullStringMap{}
		check(t, db.NewQuery("SELECT * FROM words WHERE id=1").One(row))
		out := map[string]any{}
		for k, v := range row {
			out[k] = v.String
		}
		return out
	}
	before := len(all())
	_, err := db.NewQuery("ALTER TABLE words ADD COLUMN said TEXT DEFAULT 'once'").Execute()
	check(t, err)
	if row := all(); len(row) != before+1 || row["said"] != "once" {
		t.Errorf("after a new column: %v", row)
	}

	// more statements than are kept, a broken one, and one that breaks a rule
	for i := range 250 {
		var n int
		check(t, db.NewQuery(fmt.Sprintf("SELECT COUNT(*) + %d FROM words", i)).Row(&n))
		if n != 300+i {
			t.Errorf("statement %d says %d", i, n)
		}
	}
	for range 3 {
		if _, err := db.NewQuery("SELECT nothing FROM nowhere").Execute(); err == nil {
			t.Error("a table that is not there is read")
		}
		if _, err := db.NewQuery("INSERT INTO words(id, word) VALUES(1, 'again')").Execute(); err == nil {
			t.Error("a row is made twice")
		}
	}
	if got := one(7); got[0] != "word7" {
		t.Errorf("after all of it: %v", got)
	}

	// one that is given up half way
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.NewQuery("SELECT COUNT(*) FROM words a, words b, words c").WithContext(ctx).Rows(); err == nil {
		t.Error("nobody waits for it")
	}
	if got := one(8); got[0] != "word8" {
		t.Errorf("after one was given up: %v", got)
	}
}

func TestKeptStatementsOfManyConnections(t *testing.T) {
	db := open(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for n := range 200 {
				var word string
				check(t, db.NewQuery("SELECT word FROM words WHERE id={:id}").Bind(dbx.Params{"id": n + 1}).Row(&word))
				if word != fmt.Sprint("word", n) {
					t.Errorf("reader %d reads %s for %d", i, word, n)
				}
			}
		})
	}
	group.Wait()
}

func TestAnInsertIsWrittenOnce(t *testing.T) {
	db := open(t)
	run := func(q *dbx.Query) {
		t.Helper()
		if _, err := q.Execute(); err != nil {
			t.Fatal(err)
		}
	}
	run(db.NewQuery("CREATE TABLE odd (id INTEGER PRIMARY KEY, [[order]] TEXT DEFAULT 'none', note TEXT)"))
	run(db.Insert("odd", dbx.Params{"order": "first", "note": "{:p0} and [[note]]"}))
	run(db.Insert("odd", dbx.Params{"order": "second", "note": nil}))
	run(db.Insert("odd", dbx.Params{"note": dbx.NewExp("upper({:w})", dbx.Params{"w": "reckoned"})}))
	run(db.Insert("odd", dbx.Params{}))
	err := db.Transactional(func(tx *dbx.Tx) error {
		_, err := tx.Insert("odd", dbx.Params{"order": "taken back", "note": ""}).Execute()
		return errors.Join(err, errTaken)
	})
	if !errors.Is(err, errTaken) {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := db.Insert("odd", dbx.Params{"order": "too late", "note": ""}).WithContext(ended).Execute(); !errors.Is(err, context.Canceled) {
		t.Error("a context that has ended:", err)
	}
	var rows []string
	if err := db.NewQuery("SELECT [[order]] || ': ' || coalesce(note, 'null') FROM odd ORDER BY id").Column(&rows); err != nil {
		t.Fatal(err)
	}
	if want := []string{"first: {:p0} and [[note]]", "second: null", "none: RECKONED", "none: null"}; !slices.Equal(rows, want) {
		t.Errorf("%q", rows)
	}
	if _, err := db.Insert("nowhere", dbx.Params{"a": 1}).Execute(); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Error(err)
	}
}

var errTaken = errors.New("taken back")

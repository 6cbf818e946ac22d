package hooks_test

import (
	"testing"

	"github.com/pocketbase/dbx"

	"interictal/hooks/hookstest"
)

// Whatever the shape of a write, it does what dbx's own does.
func TestAWriteOfEveryShape(t *testing.T) {
	t.Parallel()
	db := hookstest.New(t).App.NonconcurrentDB()
	run := func(q *dbx.Query) {
		t.Helper()
		if _, err := q.Execute(); err != nil {
			t.Fatal(err)
		}
	}
	run(db.NewQuery("CREATE TABLE shapes (id TEXT PRIMARY KEY, a TEXT DEFAULT 'none', b INTEGER)"))
	reckoned := dbx.NewExp("1+{:two}", dbx.Params{"two": 2})
	for _, c := range []struct {
		name string
		does *dbx.Query
		want string
	}{
		{"plain", db.Insert("shapes", dbx.Params{"id": "x", "a": "it's {:p0} [[b]]", "b": 1}), "x:it's {:p0} [[b]]:1"},
		{"reckoned", db.Insert("shapes", dbx.Params{"id": "y", "b": reckoned}), "x:it's {:p0} [[b]]:1 y:none:3"},
		{"the row with an id", db.Update("shapes", dbx.Params{"id": "x", "a": "m", "b": nil}, dbx.HashExp{"id": "x"}), "x:m: y:none:3"},
		{"the same shape, another row", db.Update("shapes", dbx.Params{"id": "y", "a": "n", "b": 4}, dbx.HashExp{"id": "y"}), "x:m: y:n:4"},
		{"its id too", db.Update("shapes", dbx.Params{"id": "z", "b": 5}, dbx.HashExp{"id": "y"}), "x:m: z:n:5"},
		{"to nothing but its id", db.Update("shapes", dbx.Params{"id": "z"}, dbx.HashExp{"id": "z"}), "x:m: z:n:5"},
		{"by more than an id", db.Update("shapes", dbx.Params{"b": 6}, dbx.HashExp{"id": "z", "a": "other"}), "x:m: z:n:5"},
		{"by something else", db.Update("shapes", dbx.Params{"b": 6}, dbx.HashExp{"b": nil}), "x:m:6 z:n:5"},
		{"by a list", db.Update("shapes", dbx.Params{"b": 7}, dbx.HashExp{"id": []any{"x", "z"}}), "x:m:7 z:n:7"},
		{"reckoned, of all", db.Update("shapes", dbx.Params{"b": reckoned}, nil), "x:m:3 z:n:3"},
		{"no such row", db.Update("shapes", dbx.Params{"b": 8}, dbx.HashExp{"id": "none"}), "x:m:3 z:n:3"},
	} {
		run(c.does)
		var got string
		if err := db.NewQuery("SELECT group_concat(id||':'||a||':'||coalesce(b, ''), ' ') FROM (SELECT * FROM shapes ORDER BY id)").Row(&got); err != nil || got != c.want {
			t.Errorf("%s: %q (%v), want %q", c.name, got, err, c.want)
		}
	}
}

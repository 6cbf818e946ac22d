package hooks_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/hookstest"
)

// megabytes of the database that is put back: few with every test, MEGABYTES=200 in the long runs.
func megabytes() int64 {
	if n, err := strconv.ParseInt(os.Getenv("MEGABYTES"), 10, 64); err == nil {
		return n
	}
	return 3
}

// countsOf is how many rows each collection and the journal have.
func countsOf(t *testing.T, app core.App) string {
	t.Helper()
	var out strings.Builder
	tables := []string{"sync_log", "users"}
	for _, p := range access.Table {
		tables = append(tables, p.Collection)
	}
	for _, table := range tables {
		var n int
		check(t, app.DB().NewQuery("SELECT COUNT(*) FROM {{"+table+"}}").Row(&n))
		fmt.Fprintln(&out, table, n)
	}
	return out.String()
}

func sizeOf(t *testing.T, app core.App) (bytes int64) {
	t.Helper()
	check(t, app.DB().NewQuery("SELECT page_count*page_size FROM pragma_page_count, pragma_page_size").Row(&bytes))
	return bytes
}

// A large clinic that writes on between its copies comes back as it was at any second, to the row.
func TestARestoreToARandomSecondIsExact(t *testing.T) {
	t.Parallel()
	h, k := hookstest.New(t), keeping(t)
	const copies = 4
	type moment struct {
		from, to time.Time
		rows     string
	}
	var moments []moment
	write := func(rows int) {
		_, err := h.App.NonconcurrentDB().NewQuery(`INSERT INTO attacks(id, patient, started_at, note)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{:rows})
SELECT 'r'||substr(lower(hex(randomblob(7))), 1, 14), {:p}, strftime('%Y-%m-%d %H:%M:%fZ', '2020-01-01', '+'||i||' minutes'), hex(randomblob(40)) FROM n`).Bind(dbx.Params{"rows": rows, "p": annas}).Execute()
		check(t, err)
	}
	grow := func(to int64) {
		for sizeOf(t, h.App) < to {
			write(2000)
		}
	}
	size := megabytes() << 20
	for i := range copies {
		grow(size * int64(20-copies+1+i) / 20) // all large
		_, err := runKeeping(h.App, k, "backup")
		check(t, err)
		moments = append(moments, moment{from: time.Now(), rows: countsOf(t, h.App)})
		time.Sleep(1100 * time.Millisecond)
		moments[i].to = time.Now()
	}
	write(100) // what no copy holds
	m := moments[rand.N(copies)]
	at := m.from.Add(rand.N(m.to.Sub(m.from)))
	dir := filepath.Join(t.TempDir(), "data")
	began := time.Now()
	told, err := runKeeping(folder(dir), k, "restore", "--at", at.UTC().Format(time.RFC3339Nano))
	took := time.Since(began)
	if err != nil {
		t.Fatalf("%s: %v %s", at, err, told)
	}
	back := opened(t, dir)
	defer back.ClearBootstrap()
	if got := countsOf(t, back); got != m.rows {
		t.Errorf("to %s: %s\nand not\n%s", at, got, m.rows)
	}
	t.Logf("%d MB, of %d MB, put back to %s in %s", sizeOf(t, back)>>20, sizeOf(t, h.App)>>20, at.UTC().Format(time.RFC3339), took.Round(time.Millisecond))
}

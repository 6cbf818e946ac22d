package hooks

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/pocketbase/dbx"
)

// dbx writes the text of a statement anew for each row and reads it twice by regular expression: a tenth of what a
// row costs. The text follows from the table and its columns; here it is written once for each.

// builderName is how dbx knows our builder of statements.
const builderName = "interictal-sqlite"

func init() { dbx.BuilderFuncMap[builderName] = newBuilder }

type builder struct {
	*dbx.SqliteBuilder
	db       *dbx.DB
	executor dbx.Executor
}

func newBuilder(db *dbx.DB, executor dbx.Executor) dbx.Builder {
	return &builder{dbx.NewSqliteBuilder(db, executor).(*dbx.SqliteBuilder), db, executor}
}

// Insert is dbx's own for a row of plain values.
func (b *builder) Insert(table string, cols dbx.Params) *dbx.Query {
	names, values, plain := inOrder(cols)
	if !plain {
		return b.SqliteBuilder.Insert(table, cols)
	}
	return b.written("INSERT INTO "+b.db.QuoteTableName(table), names, values, func(quoted []string) string {
		return "(" + strings.Join(quoted, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(quoted)-1) + ")"
	})
}

// Update is dbx's own for plain values of the row with one id. An id that stays is not set: SQLite would move it in its index.
func (b *builder) Update(table string, cols dbx.Params, where dbx.Expression) *dbx.Query {
	key, _ := where.(dbx.HashExp)
	id, named := key["id"].(string)
	said := maps.Clone(cols)
	if said["id"] == any(id) {
		delete(said, "id")
	}
	names, values, plain := inOrder(said)
	if !plain || !named || len(key) != 1 {
		return b.SqliteBuilder.Update(table, cols, where)
	}
	return b.written("UPDATE "+b.db.QuoteTableName(table), names, append(values, id), func(quoted []string) string {
		return "SET " + strings.Join(quoted, "=?, ") + "=? WHERE " + b.db.QuoteColumnName("id") + "=?"
	})
}

// inOrder gives columns and values in order, and whether they are values and nothing to be reckoned by SQLite.
func inOrder(cols dbx.Params) (names []string, values []any, plain bool) {
	names = slices.Sorted(maps.Keys(cols))
	values = make([]any, len(names))
	for i, name := range names {
		if _, reckoned := cols[name].(dbx.Expression); reckoned {
			return nil, nil, false
		}
		values[i] = cols[name]
	}
	return names, values, len(names) > 0
}

// texts by what is done to a table, and its columns: no more of them than shapes of rows.
var texts sync.Map

func (b *builder) written(what string, names []string, values []any, rest func(quoted []string) string) *dbx.Query {
	key := what + "(" + strings.Join(names, ",")
	text, known := texts.Load(key)
	if !known {
		quoted := make([]string, len(names))
		for i, name := range names {
			quoted[i] = b.db.QuoteColumnName(name)
		}
		text, _ = texts.LoadOrStore(key, what+" "+rest(quoted))
	}
	return dbx.NewQuery(b.db, written{b.executor, text.(string), values}, what)
}

// written is a statement whose text and values are there already: what dbx says of them is its name only.
type written struct {
	dbx.Executor
	text   string
	values []any
}

func (w written) Exec(string, ...any) (sql.Result, error) {
	return w.Executor.Exec(w.text, w.values...)
}

func (w written) ExecContext(ctx context.Context, _ string, _ ...any) (sql.Result, error) {
	return w.Executor.ExecContext(ctx, w.text, w.values...)
}

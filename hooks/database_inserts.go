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

// dbx writes the text of an insert anew for each row and reads it twice by regular expression: a tenth of what a
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

// insertTexts by table and columns: no more of them than shapes of rows.
var insertTexts sync.Map

// Insert is dbx's own for a row of plain values.
func (b *builder) Insert(table string, cols dbx.Params) *dbx.Query {
	names := slices.Sorted(maps.Keys(cols))
	values := make([]any, len(names))
	for i, name := range names {
		if _, reckoned := cols[name].(dbx.Expression); reckoned {
			return b.SqliteBuilder.Insert(table, cols)
		}
		values[i] = cols[name]
	}
	if len(names) == 0 {
		return b.SqliteBuilder.Insert(table, cols)
	}
	return dbx.NewQuery(b.db, written{b.executor, b.insertText(table, names), values}, "INSERT INTO "+b.db.QuoteTableName(table))
}

func (b *builder) insertText(table string, names []string) string {
	key := table + "(" + strings.Join(names, ",")
	if text, ok := insertTexts.Load(key); ok {
		return text.(string)
	}
	columns := make([]string, len(names))
	for i, name := range names {
		columns[i] = b.db.QuoteColumnName(name)
	}
	text := "INSERT INTO " + b.db.QuoteTableName(table) + " (" + strings.Join(columns, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")"
	insertTexts.Store(key, text)
	return text
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

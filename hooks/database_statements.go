package hooks

import (
	"container/list"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"modernc.org/sqlite"
)

// The Go driver compiles a statement anew each time it runs; for one insert into a table with journal
// triggers that is half of the work. Here each connection keeps the statements it ran last, prepared. SQLite itself compiles a
// kept statement again when the schema has changed.

// keptStatements of one connection: about what the busiest route runs.
const keptStatements = 100

// openPrepared opens a database like sql.Open("sqlite", dsn).
func openPrepared(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(preparedConnector{c}), nil
}

type preparedConnector struct{ driver.Connector }

// sqliteConn is what the driver's connection can do, and ours passes on.
type sqliteConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

var errDriver = errors.New("the SQLite driver has changed its interfaces")

func (c preparedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := opened.(sqliteConn)
	if !ok {
		return nil, errors.Join(errDriver, opened.Close())
	}
	return &preparedConn{sqliteConn: inner, byText: map[string]*list.Element{}, order: list.New()}, nil
}

// preparedConn is one connection. database/sql lets one goroutine use it at a time.
type preparedConn struct {
	sqliteConn
	byText map[string]*list.Element
	order  *list.List // of *statement, the last one used in front
}

type statement struct {
	sqliteStmt
	text string
	busy bool // its rows are still read
	gone bool // not kept any more: close it when it is free
}

func (c *preparedConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := s.sqliteStmt.ExecContext(ctx, args)
	return result, errors.Join(err, c.free(s))
}

func (c *preparedConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	found, err := s.sqliteStmt.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, c.free(s))
	}
	return &statementRows{Rows: found, conn: c, statement: s}, nil
}

// take gives a statement to run, kept or new. One whose rows are still read cannot run again; then a second one
// is prepared for this once.
func (c *preparedConn) take(ctx context.Context, text string) (*statement, error) {
	if found := c.byText[text]; found != nil {
		if s := found.Value.(*statement); !s.busy {
			c.order.MoveToFront(found)
			s.busy = true
			return s, nil
		}
	}
	made, err := c.sqliteConn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	inner, ok := made.(sqliteStmt)
	if !ok {
		return nil, errors.Join(errDriver, made.Close())
	}
	s := &statement{sqliteStmt: inner, text: text, busy: true, gone: true}
	if c.byText[text] == nil && worthKeeping(text) {
		s.gone = false
		c.byText[text] = c.order.PushFront(s)
		return s, c.trim()
	}
	return s, nil
}

// free hands a statement back.
func (c *preparedConn) free(s *statement) error {
	s.busy = false
	if s.gone {
		return s.sqliteStmt.Close()
	}
	return nil
}

// trim lets the longest unused statement go.
func (c *preparedConn) trim() error {
	if c.order.Len() <= keptStatements {
		return nil
	}
	last := c.order.Back()
	s := c.order.Remove(last).(*statement)
	delete(c.byText, s.text)
	if s.gone = true; s.busy {
		return nil // its rows close it
	}
	return s.sqliteStmt.Close()
}

// worthKeeping: what reads or writes rows. The rest is rare, or about the connection itself.
func worthKeeping(text string) bool {
	verb, _, _ := strings.Cut(strings.TrimLeft(text, " \t\n("), " ")
	switch strings.ToUpper(verb) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "SAVEPOINT", "RELEASE":
		return len(text) < 8<<10
	}
	return false
}

func (c *preparedConn) Close() error {
	var err error
	for e := c.order.Front(); e != nil; e = e.Next() {
		err = errors.Join(err, e.Value.(*statement).sqliteStmt.Close())
	}
	c.order.Init()
	clear(c.byText)
	return errors.Join(err, c.sqliteConn.Close())
}

// statementRows free their statement when they are closed, once.
type statementRows struct {
	driver.Rows
	conn      *preparedConn
	statement *statement
}

func (r *statementRows) Close() error {
	if r.statement == nil {
		return nil
	}
	s := r.statement
	r.statement = nil
	return errors.Join(r.Rows.Close(), r.conn.free(s))
}

// ColumnTypeDatabaseTypeName passes on what the driver says of a column.
func (r *statementRows) ColumnTypeDatabaseTypeName(i int) string {
	if named, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return named.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

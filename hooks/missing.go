package hooks

import (
	"database/sql"
	"errors"
	"net/http"

	"github.com/pocketbase/pocketbase/tools/router"
	"modernc.org/sqlite"
)

// That there is none is an answer. That the database could not say is not: who takes one for the other tells a phone to let go of
// what it holds.

// noneIs says what it means that there is none; every other fault stays what it is.
func noneIs(err, meaning error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return meaning
	}
	return err
}

func ignoreNoRows(err error) error { return noneIs(err, nil) }

// constrained is SQLite's answer to a row that breaks a rule of its table: the caller's fault. Every other error of it is ours.
const constrained = 19

// asFault says that the database has failed. PocketBase would say that the request was wrong, or that nobody may do this.
func asFault(err error) error {
	if broken := (*sqlite.Error)(nil); errors.As(err, &broken) && broken.Code()&0xff != constrained {
		return serverFault{refuse(http.StatusInternalServerError, hard("E_SERVER", "The server could not do this now. Try again in a moment.")), err}
	}
	return err
}

// serverFault is told in our words, and logged in the database's.
type serverFault struct {
	told  *router.ApiError
	cause error
}

func (f serverFault) Error() string   { return f.cause.Error() }
func (f serverFault) Unwrap() []error { return []error{f.told, f.cause} }

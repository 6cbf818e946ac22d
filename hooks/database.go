package hooks

import (
	"net/url"
	"strings"

	"github.com/pocketbase/dbx"
)

// Connect opens PocketBase's databases. Three things differ from its default:
//
//   - synchronous=FULL for data.db: with NORMAL a power cut loses commits that were
//     acknowledged, and a phone forgets an entry once it is acknowledged. It
//     costs one fsync a commit; a push is one commit.
//   - _txlock=immediate: a transaction takes the write lock when it begins, so a
//     read-then-write never fails half way (BUSY_SNAPSHOT) when a command
//     runs beside the server. Snapshot reads ask for ReadOnly, which begins deferred.
//   - each connection keeps its prepared statements (database_statements.go).
func Connect(path string) (*dbx.DB, error) {
	synchronous := "FULL"
	if strings.HasSuffix(path, "auxiliary.db") {
		synchronous = "NORMAL" // logs only
	}
	options := url.Values{
		"_pragma": {
			"busy_timeout(10000)", "journal_mode(WAL)", "journal_size_limit(200000000)",
			"synchronous(" + synchronous + ")", "foreign_keys(ON)", "temp_store(MEMORY)", "cache_size(-32000)",
		},
		"_defensive": {"1"},
		"_txlock":    {"immediate"},
	}
	db, err := openPrepared(path + "?" + options.Encode())
	if err != nil {
		return nil, err
	}
	return dbx.NewFromDB(db, builderName), nil
}

package hooks

import (
	"database/sql"
	"errors"

	"github.com/pocketbase/dbx"
)

// tombstoneFloor is the number up to which tombstones are purged.
func tombstoneFloor(db dbx.Builder) (n int64, err error) {
	err = db.NewQuery("SELECT CAST(value AS INTEGER) FROM sync_meta WHERE key='tombstone_floor'").Row(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

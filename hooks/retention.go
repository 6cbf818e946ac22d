package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/spf13/cobra"

	"interictal/hooks/journal"
)

// How long the journal remembers (spec/sync.md §6.7). A device that was away for longer starts over.
const (
	day           = 24 * time.Hour
	tombstonesFor = 400 * day
	pushesFor     = 180 * day
	settledFor    = 400 * day
	shellsFor     = 91 * day // as long as a token lives: until then it tells phones
	purgeAtOnce   = 2000
)

// The journal orders by number, never by a clock. So each day's number is marked, and a number is
// as old as the newest mark that has passed it.
const markKey = "mark:"

// bindRetention lets old rows go every night.
func (d *doors) bindRetention(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "retention", Func: func(e *core.ServeEvent) error {
		return errors.Join(e.App.Cron().Add("retention", "17 3 * * *", func() {
			if _, err := retain(app, d.clock.now(), false); err != nil {
				app.Logger().Error("old rows of the journal were not let go", "error", err)
			}
			if err := endSessions(app, d.clock.now()); err != nil {
				app.Logger().Error("what was to end has not ended", "error", err)
			}
		}), e.Next())
	}})
}

// letGo is how many rows of one kind went, or would.
type letGo struct {
	What string
	Rows int64
}

// retain lets go of what is old. A dry run only counts.
func retain(app core.App, now time.Time, dry bool) ([]letGo, error) {
	floor, err := ageFloor(app.DB(), now)
	if err != nil {
		return nil, err
	}
	before, err := tombstoneFloor(app.DB())
	if err != nil {
		return nil, err
	}
	floor = max(floor, before) // a clock set back lowers nothing
	if !dry {
		if err := raiseFloor(app, now, floor); err != nil {
			return nil, err
		}
	}
	params := dbx.Params{"floor": floor, "pushes": instantText(now.Add(-pushesFor)), "settled": instantText(now.Add(-settledFor)),
		"shells": instantText(now.Add(-shellsFor)), "today": now.Format(time.DateOnly), "some": purgeAtOnce}
	var out []letGo
	for _, kept := range journal.Retention {
		rows, err := sweep(app, kept, params, dry)
		if err != nil {
			return out, fmt.Errorf("%s: %w", kept.What, err)
		}
		out = append(out, letGo{kept.What, rows})
	}
	if dry {
		return out, nil
	}
	return out, termsOver(app, now)
}

// sweep purges one kind, some rows in each transaction.
func sweep(app core.App, kept journal.Kept, params dbx.Params, dry bool) (total int64, err error) {
	if dry {
		err = app.DB().NewQuery(kept.Count()).Bind(params).Row(&total)
		return total, err
	}
	for {
		result, err := app.NonconcurrentDB().NewQuery(kept.Purge()).Bind(params).Execute()
		if err != nil {
			return total, err
		}
		rows, err := result.RowsAffected()
		if total += rows; err != nil || rows < purgeAtOnce {
			return total, err
		}
	}
}

// ageFloor is the newest number that is old.
func ageFloor(db dbx.Builder, now time.Time) (int64, error) {
	return metaNumber(db, "key=(SELECT MAX(key) FROM sync_meta WHERE key LIKE 'mark:%' AND key <= {:key})", markKey+now.Add(-tombstonesFor).Format(time.DateOnly))
}

// raiseFloor marks today's number, and announces the floor before the first tombstone goes: a
// device below it starts over.
func raiseFloor(app core.App, now time.Time, floor int64) error {
	return app.RunInTransaction(func(tx core.App) error {
		newest, err := newestSeq(tx.DB())
		if err != nil {
			return err
		}
		put := func(key string, n int64) error {
			_, err := tx.DB().NewQuery("INSERT INTO sync_meta(key, value) VALUES({:k}, {:v}) ON CONFLICT(key) DO UPDATE SET value=excluded.value").
				Bind(dbx.Params{"k": key, "v": strconv.FormatInt(n, 10)}).Execute()
			return err
		}
		if err := put(markKey+now.Format(time.DateOnly), newest); err != nil {
			return err
		}
		if floor == 0 {
			return nil
		}
		_, err = tx.DB().NewQuery("DELETE FROM sync_meta WHERE key LIKE 'mark:%' AND key < {:k}").
			Bind(dbx.Params{"k": markKey + now.Add(-tombstonesFor-day).Format(time.DateOnly)}).Execute()
		return errors.Join(err, put("tombstone_floor", floor))
	})
}

// tombstoneFloor is the number up to which tombstones are purged.
func tombstoneFloor(db dbx.Builder) (int64, error) {
	return metaNumber(db, "key={:key}", "tombstone_floor")
}

func metaNumber(db dbx.Builder, where, key string) (n int64, err error) {
	err = db.NewQuery("SELECT CAST(value AS INTEGER) FROM sync_meta WHERE " + where).Bind(dbx.Params{"key": key}).Row(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// retentionCommand is `interictal retention`.
func retentionCommand(app core.App) *cobra.Command {
	c := &cobra.Command{Use: "retention", Short: "Let go of old tombstones, versions and device records, as every night", Args: cobra.NoArgs}
	dry := c.Flags().Bool("dry-run", false, "only count")
	c.RunE = command(app, func(cmd *cobra.Command, _ []string) error {
		gone, err := retain(app, time.Now().UTC(), *dry)
		for _, g := range gone {
			verb := "let go"
			if *dry {
				verb = "would go"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%8d %s: %s\n", g.Rows, verb, g.What)
		}
		return err
	})
	return c
}

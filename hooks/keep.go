package hooks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/spf13/cobra"

	"interictal/hooks/backup"
)

// Keep is where the copies of the database go, and how often: flags of every command, or the environment.
type Keep struct {
	To    string // a folder, or s3://bucket/folder?endpoint=https://…&region=…
	Key   string // the key file
	Every time.Duration
	Chain time.Duration // after which a part holds every page again
	For   backup.Keep
}

// KeepFlags adds the flags to all commands.
func KeepFlags(root *cobra.Command) *Keep {
	k := &Keep{Chain: 24 * time.Hour}
	every, err := time.ParseDuration(cmp.Or(os.Getenv("INTERICTAL_BACKUP_EVERY"), "5m"))
	if err != nil || every < time.Second {
		every = 5 * time.Minute
	}
	flags := root.PersistentFlags()
	flags.StringVar(&k.To, "backup-to", os.Getenv("INTERICTAL_BACKUP_TO"), "encrypted copies go to this folder or s3:// address (INTERICTAL_BACKUP_TO)")
	flags.StringVar(&k.Key, "backup-key", os.Getenv("INTERICTAL_BACKUP_KEY"), "the file with the key of the copies (INTERICTAL_BACKUP_KEY)")
	flags.DurationVar(&k.Every, "backup-every", every, "how often the running server copies (INTERICTAL_BACKUP_EVERY)")
	flags.DurationVar(&k.For.Fine, "backup-fine", 7*day, "how long every copy stays; then one a day")
	flags.DurationVar(&k.For.Days, "backup-keep", 35*day, "how long the copies of a day stay")
	return k
}

// on: copies are made.
func (k *Keep) on() bool { return k != nil && k.To != "" }

func (k *Keep) keys() (backup.Keys, error) {
	if k.Key == "" {
		return backup.Keys{}, errors.New("copies are always encrypted: make a key with `interictal backup key > FILE`, and name the file with --backup-key or INTERICTAL_BACKUP_KEY")
	}
	text, err := os.ReadFile(k.Key)
	if err != nil {
		return backup.Keys{}, err
	}
	return backup.ParseKeys(string(text))
}

// kept is how the copying of this server goes.
type kept struct {
	last   atomic.Int64 // when a copy last arrived, Unix seconds
	failed atomic.Int64 // how many did not
}

// bindKeep copies the database while the server runs, and puts a copy back once a week to see that it works.
func (d *doors) bindKeep(app core.App) {
	k := d.copies
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "keep", Func: func(e *core.ServeEvent) error {
		if !k.on() {
			return e.Next()
		}
		keys, err := k.keys()
		if err != nil {
			return fmt.Errorf("copies cannot be made, so the server does not start: %w", err)
		}
		d.startCopying(app, k, keys)
		if len(keys.Open) > 0 {
			if err := app.Cron().Add("drill", "41 4 * * 0", func() { d.drillAsPlanned(app, k) }); err != nil {
				return err
			}
		}
		return e.Next()
	}})
}

// startCopying copies from here on, until the database goes away.
func (d *doors) startCopying(app core.App, k *Keep, keys backup.Keys) {
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	c := &copier{app: app, keep: k, keys: keys}
	go func() {
		defer close(stopped)
		tick := time.NewTicker(k.Every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			d.copyNow(ctx, c)
		}
	}()
	end := sync.OnceFunc(func() { cancel(); <-stopped })
	app.OnBootstrapClear().BindFunc(func(b *core.BootstrapEvent) error { end(); return b.Next() })
}

func (d *doors) copyNow(ctx context.Context, c *copier) {
	now := d.clock.now()
	_, err := c.take(ctx, now)
	if err == nil {
		err = c.letGo(ctx, now)
	}
	if ctx.Err() != nil {
		return // the server stops
	}
	if err != nil {
		d.kept.failed.Add(1)
		c.app.Logger().Error("no copy of the database was made", "error", err)
		return
	}
	d.kept.last.Store(now.Unix())
}

func (d *doors) drillAsPlanned(app core.App, k *Keep) {
	done, err := drill(context.Background(), app, k, d.clock.now())
	if err == nil {
		err = done.failure()
	}
	if err != nil {
		app.Logger().Error("the drill failed: a copy of the database cannot be put back", "error", err)
	}
}

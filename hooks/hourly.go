package hooks

import (
	"context"
	"fmt"
	"sync"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// A look sees what only time can bring. It ends early when the server does, and leaves nothing half done: each plan and each patient is
// a transaction of its own.
type look struct {
	name   string
	minute int // of every hour; each look has its own
	run    func(ctx context.Context, app core.App) error
}

// everyHour adds a look. Days begin at different hours in different places, so once a day would not do.
func (d *doors) everyHour(name string, minute int, run func(ctx context.Context, app core.App) error) {
	d.looks = append(d.looks, look{name, minute, run})
}

// lookedKey holds the channel that is closed when the first look is over.
const lookedKey = "looked"

// bindLooks looks every hour, and once when the server has begun to listen: nothing is missed while it was down, and nobody waits for it
// to read every diary. Who asks meanwhile loses nothing, as each check of a plan judges by its own day.
func (d *doors) bindLooks(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "looks", Func: func(e *core.ServeEvent) error {
		ctx, cancel := context.WithCancel(context.Background())
		for _, l := range d.looks {
			if err := app.Cron().Add(l.name, fmt.Sprintf("%d * * * *", l.minute), func() { d.look(ctx, app, l) }); err != nil {
				cancel()
				return err
			}
		}
		if err := e.Next(); err != nil {
			cancel()
			return err
		}
		looked := make(chan struct{})
		app.Store().Set(lookedKey, looked)
		go func() {
			defer close(looked)
			for _, l := range d.looks {
				d.look(ctx, app, l)
			}
		}()
		end := sync.OnceFunc(func() { cancel(); <-looked })
		app.OnBootstrapClear().BindFunc(func(b *core.BootstrapEvent) error { end(); return b.Next() })
		return nil
	}})
}

// look takes one at a time: an hour that comes during the first look waits for it.
func (d *doors) look(ctx context.Context, app core.App, l look) {
	d.looking.Lock()
	defer d.looking.Unlock()
	if ctx.Err() != nil {
		return // the server stops
	}
	if err := l.run(ctx, app); err != nil && ctx.Err() == nil {
		app.Logger().Error("the hourly look could not see everything", "look", l.name, "error", err)
	}
}

// Looked is closed when the look after the start is over; nil before the server listens.
func Looked(app core.App) <-chan struct{} {
	looked, _ := app.Store().Get(lookedKey).(chan struct{})
	return looked
}

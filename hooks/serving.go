package hooks

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

var errServing = errors.New("a server runs on this data folder; stop it first")

// holdFolder claims a data folder for one server, or for what must not run beside one. The claim ends with the process.
func holdFolder(dataDir string) (release func(), err error) {
	release, ok, err := lockFile(filepath.Clean(dataDir) + ".lock")
	if err == nil && !ok {
		err = errServing
	}
	return release, err
}

// A server that was told to end, or killed, may need a moment to be gone.
const lastBreath = 2 * time.Second

func awaitFolder(dataDir string) (release func(), err error) {
	for end := time.Now().Add(lastBreath); ; time.Sleep(50 * time.Millisecond) {
		if release, err = holdFolder(dataDir); !errors.Is(err, errServing) || time.Now().After(end) {
			return release, err
		}
	}
}

// bindServing lets one server run on a folder: limits, pokes and the order of writes belong to one process.
func bindServing(app core.App) {
	var held func()
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "serving", Priority: -200, Func: func(e *core.ServeEvent) (err error) {
		if held == nil {
			if held, err = awaitFolder(app.DataDir()); err != nil {
				return err
			}
			removeDrafts(app)
		}
		return e.Next()
	}})
	app.OnBootstrapClear().Bind(&hook.Handler[*core.BootstrapEvent]{Id: "serving", Priority: 1000, Func: func(e *core.BootstrapEvent) error {
		err := e.Next()
		if held != nil {
			held()
			held = nil
		}
		return err
	}})
}

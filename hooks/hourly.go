package hooks

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// everyHour looks at what only time can bring, and once at the start: nothing is missed while the server was down, and days begin
// at different hours in different places. Each look has its own minute.
func everyHour(name string, minute int, look func(app core.App) error) *hook.Handler[*core.ServeEvent] {
	return &hook.Handler[*core.ServeEvent]{Id: name + "Hourly", Func: func(e *core.ServeEvent) error {
		run := func() {
			if err := look(e.App); err != nil {
				e.App.Logger().Error("the hourly look could not see everything", "look", name, "error", err)
			}
		}
		if err := e.App.Cron().Add(name, fmt.Sprintf("%d * * * *", minute), run); err != nil {
			return err
		}
		run()
		return e.Next()
	}}
}

package hooks

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// Staff need a second factor as soon as the server can send mail: a code to their address. Without mail nobody could get one, and
// nobody needs one. Patients sign in with a password: a phone in a dark room asks for nothing twice.

const staffOnly = "practitioners_via_user.active ?= true"

// bindSecondFactor follows the mail settings, at the start and at each change.
func (d *doors) bindSecondFactor(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "secondFactor", Func: func(e *core.ServeEvent) error {
		if err := secondFactor(e.App, e.App.Settings().SMTP.Enabled); err != nil {
			return err
		}
		return e.Next()
	}})
	app.OnSettingsReload().Bind(&hook.Handler[*core.SettingsReloadEvent]{Id: "secondFactor", Func: func(e *core.SettingsReloadEvent) error {
		if err := e.Next(); err != nil || !e.App.IsBootstrapped() || e.App.IsTransactional() {
			return err
		}
		return secondFactor(e.App, e.App.Settings().SMTP.Enabled)
	}})
}

func secondFactor(app core.App, on bool) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil || users.MFA.Enabled == on && users.OTP.Enabled == on || users.Fields.GetByName("ending_at") == nil {
		return ignoreNoRows(err)
	}
	users.MFA.Enabled, users.MFA.Rule = on, staffOnly
	users.OTP.Enabled = on
	if on && users.OTP.Length == 0 {
		users.OTP.Length, users.OTP.Duration = 8, 300
	}
	if on && users.MFA.Duration == 0 {
		users.MFA.Duration = 600
	}
	return app.Save(users)
}

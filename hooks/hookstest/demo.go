package hookstest

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/access"
)

// DemoLogins are the accounts that `make demo` prints. Everybody is made up.
var DemoLogins = []struct{ Who, Email, Where string }{
	{"Amira N., therapist and clinic admin", "amira@demo.interictal.test", "/therapist/"},
	{"Ada K., patient at visit 6", "ada@demo.interictal.test", "/app/"},
	{"Ben O., patient in week 2", "ben@demo.interictal.test", "/app/"},
	{"Dana S., patient who tracks", "dana@demo.interictal.test", "/app/"},
	{"Superuser, PocketBase's dashboard", "root@demo.interictal.test", "/_/"},
}

var demoPersonas = []Persona{
	{ID: "ada", Name: "Ada K. (synthetic)", Weeks: 4, Before: 0.32, During: 0.2, Keeps: 0.93, State: "active", Visits: 6, Planned: 6, Account: true},
	{ID: "ben", Name: "Ben O. (synthetic)", Weeks: 2, Before: 0.4, During: 0.38, Keeps: 0.85, Silent: 1, State: "active", Visits: 3, Planned: 8, Account: true},
	{ID: "cyr", Name: "Cy R. (synthetic)", Weeks: 4, Before: 0.3, During: 0.35, Keeps: 0.6, Silent: 3, State: "paused", Visits: 3, Planned: 6, PausedDays: 12, Reason: "illness"},
	{ID: "dana", Name: "Dana S. (synthetic)", Weeks: 8, Before: 0.45, During: 0.12, Keeps: 0.98, State: "extended", Visits: 10, Planned: 6, Account: true},
	{ID: "edi", Name: "Edi M. (synthetic)", Weeks: 6, Before: 0.35, During: 0.25, Keeps: 0.8, Silent: 9, State: "active", Visits: 5, Planned: 6},
	{ID: "fay", Name: "Fay L. (synthetic)", Weeks: 1, Before: 0.3, During: 0.3, Keeps: 0.9, State: "active", Visits: 2, Planned: 6},
	{ID: "gus", Name: "Gus T. (synthetic)", Weeks: 5, Before: 0.25, During: 0.12, Keeps: 0.95, State: "active", Visits: 5, Planned: 6},
	{ID: "hana", Name: "Hana W. (synthetic)", Weeks: 3, Before: 0.5, During: 0.45, Keeps: 0.45, State: "active", Visits: 4, Planned: 6},
}

// Demo fills a database, whose doors are bound to the clock, with the demo clinic, once. It reports whether it was there already.
func Demo(app core.App, clock *hooks.Clock, now time.Time) (already bool, err error) {
	if _, err := app.FindRecordById("clinics", ID("demo")); err == nil {
		return true, nil
	}
	return false, app.RunInTransaction(func(tx core.App) error {
		g := NewGenerator(tx, clock, 7, now)
		g.Clinic("demo", "Interictal demo clinic (synthetic)")
		g.Staff("amira", "Amira N., PT", "amira@demo.interictal.test", access.Therapist, access.ClinicAdmin)
		g.Staff("lee", "Dr Lee", "lee@demo.interictal.test", access.Neurologist)
		g.Staff("desk", "Front desk", "desk@demo.interictal.test", access.FrontDesk)
		for _, p := range demoPersonas {
			g.Patient(p, "amira")
		}
		g.make(core.CollectionNameSuperusers, "", map[string]any{"email": "root@demo.interictal.test"})
		return g.Err()
	})
}

package hooks

import "github.com/pocketbase/pocketbase/core"

// NewsQuery is the statement that a member of staff's exchange reads the journal with.
func NewsQuery(app core.App, user *core.Record) (string, error) {
	mine, err := holdings(app.DB(), user, true)
	where, _ := newsArms(mine, user.Id)
	return newsQuery(where), err
}

// CheckTriggers is what a start of the server asks of the database.
var CheckTriggers = checkTriggers

package hooks

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// actor is who makes a change, known at the record event. None means the system:
// Go code of ours. It rides on the record, outside its fields.
type actor struct {
	ID   string // user or superuser
	Own  string // the diary this person keeps: changes to it are nobody's business
	Via  string // rest, sync, import, route
	Back bool   // a phone sends what this database cannot know, as after a restore: nobody else still has it, so its word has to do
}

// as is somebody acting through one of the doors.
func as(user *core.Record, via string) actor {
	own := user.GetString("patient")
	return actor{ID: user.Id, Own: own, Via: via}
}

// As puts somebody behind a change that Go code makes on their behalf.
func As(r, user *core.Record) { setActor(r, as(user, "command")) }

// capacity is the word the audit uses for how the actor comes to change the patient's records.
func (a actor) capacity(app core.App, patient string) string {
	user, err := app.FindRecordById("users", a.ID)
	if err != nil {
		return a.Via // a superuser, or a command
	}
	return capacity(app, user, patient)
}

// PocketBase keeps keys with its own prefix out of every answer.
const actorKey = "@pbInternalActor"

func setActor(r *core.Record, a actor) { r.SetRaw(actorKey, a) }

func actorOf(r *core.Record) actor {
	if a, ok := r.GetRaw(actorKey).(actor); ok {
		return a
	}
	return actor{ID: "system"}
}

// bindActor puts the caller of the stock routes on the record.
func (d *doors) bindActor(app core.App) {
	put := func(e *core.RecordRequestEvent) error {
		if e.Auth != nil {
			setActor(e.Record, as(e.Auth, "rest"))
		}
		return e.Next()
	}
	app.OnRecordCreateRequest().Bind(&hook.Handler[*core.RecordRequestEvent]{Id: "actorCreate", Func: put, Priority: -100})
	app.OnRecordUpdateRequest().Bind(&hook.Handler[*core.RecordRequestEvent]{Id: "actorUpdate", Func: put, Priority: -100})
	app.OnRecordDeleteRequest().Bind(&hook.Handler[*core.RecordRequestEvent]{Id: "actorDelete", Func: put, Priority: -100})
}

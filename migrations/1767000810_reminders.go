package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"

	"interictal/hooks/journal"
)

func init() { m.Register(remindersUp, nil) }

// remindersUp: what was asked before the first cold at home, what a patient wants to be reminded of, and where her phone can be
// reached. There is no way back: a phone that was told of them would not know that they are gone.
func remindersUp(app core.App) error {
	patients, err := app.FindCollectionByNameOrId("patients")
	if err != nil {
		return err
	}
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	screens, reminders := coldScreensCollection(patients), remindersCollection(patients)
	if err := save(app, screens, reminders, subscriptionsCollection(patients, users)); err != nil {
		return err
	}
	if err := reinstall(app, journal.RightsTriggers()); err != nil {
		return err
	}
	if err := installJournal(app, screens, reminders); err != nil {
		return err
	}
	for _, statement := range reminderTables {
		if _, err := app.DB().NewQuery(statement).Execute(); err != nil {
			return err
		}
	}
	return nil
}

// coldScreensCollection: the patient's own answers. The newest row holds; what a clinician knows against cold outweighs a no.
func coldScreensCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("cold_screens",
		to("patient", patients, "Who was asked."),
		requiredInstant("asked_at", "When. The newest row holds."),
		text("answers", 4000, "What was said, as one JSON text: true or false by question of hooks/safety/devices.json, null = not sure. Not asked is not in it."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_cold_screens_patient", false, "patient, asked_at", "")
	return c
}

// remindersCollection is one row a patient: every reminder is off until she turns it on.
func remindersCollection(patients *core.Collection) *core.Collection {
	c := erasable(ruled(collection("reminders",
		to("patient", patients, "Whose. One row each; a phone gives it the patient's id."),
		clock("diary_at", "When to remind of the day's diary. Empty = off."),
		clock("exercise_at", "When to remind of the exercises. Empty = off."),
		flag("effect", "Ask for the effect when it can be told: 2 hours after a dose or a device, half an hour after cold."),
		clock("quiet_from", "From then on no reminder comes. Empty = no quiet hours."),
		clock("quiet_until", "Until then."),
		text("tz", 64, "The zone that these times are of. Empty = the patient's own."),
	)))
	c.Fields.Add(written()...)
	c.AddIndex("idx_reminders_patient", true, "patient", "")
	return c
}

// clock is a time of day.
func clock(name, help string) *core.TextField {
	return &core.TextField{Name: name, Max: 5, Pattern: `^([01]\d|2[0-3]):[0-5]\d$`, Help: help + " A time of day, hh:mm."}
}

// subscriptionsCollection: a push service's address for one browser, with the keys that only this browser can open.
func subscriptionsCollection(patients, users *core.Collection) *core.Collection {
	owner := mayRefer("user", users, "Whose account. The server writes it; the row goes with the account.")
	owner.CascadeDelete = true
	c := erasable(ruled(collection("push_subscriptions",
		to("patient", patients, "Who is reminded."),
		owner,
		required(text("endpoint", 1000, "The address of the push service: https, and not in a private network.")),
		required(text("p256dh", 120, "The browser's public key, base64url.")),
		required(text("auth", 60, "The browser's secret, base64url.")),
	)))
	c.UpdateRule = nil
	byPatient(c)
	c.AddIndex("idx_push_subscriptions_endpoint", true, "endpoint", "")
	return c
}

// reminderTables are the server's own: no collection, so that no API serves them. `reminders_due` is read by its time, so that a
// look costs what is due and nothing else (no time: it is off); `last` is when this kind was last sent. `server_keys` holds the key that signs pushes.
var reminderTables = []string{
	`CREATE TABLE reminders_due (patient TEXT NOT NULL, kind TEXT NOT NULL, about TEXT NOT NULL DEFAULT '', at TEXT NOT NULL, last TEXT NOT NULL DEFAULT '',
PRIMARY KEY (patient, kind, about)) WITHOUT ROWID`,
	`CREATE INDEX idx_reminders_due_at ON reminders_due (at) WHERE at <> ''`,
	`CREATE TABLE server_keys (name TEXT PRIMARY KEY, private TEXT NOT NULL, public TEXT NOT NULL, made_at TEXT NOT NULL) WITHOUT ROWID`,
}

package hooks

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/devicesync"
)

// Which devices exchange with this server. The clinic's desk sees how far behind they are, and can have one erased: it hands
// over first what it has not sent, then it is told (410 E_ERASE_DEVICE), and told again whenever it asks.

// heardAgain: a device that exchanges all day is noted once in this time.
const heardAgain = 5 * time.Minute

// knownDevice is one line of sync_devices.
type knownDevice struct {
	User    string `db:"user" json:"user"`
	Device  string `db:"device" json:"device"`
	Staff   bool   `db:"staff" json:"staff"`
	App     string `db:"app" json:"app"`
	First   string `db:"first_at" json:"firstAt"`
	Last    string `db:"last_at" json:"lastAt"`
	Waiting int    `db:"waiting" json:"waiting"`
	EraseAt string `db:"erase_at" json:"eraseAt"`
	ToldAt  string `db:"told_at" json:"toldAt"`
}

// heard is what an exchange tells of its device. It is noted with the push, in its transaction: a phone that finds the writer
// busy is told so at once.
type heard struct {
	news    bool // since the last note
	user    string
	device  string
	staff   bool
	app     string
	at      time.Time
	waiting int
}

func (h heard) note(db dbx.Builder) error {
	if !h.news {
		return nil
	}
	_, err := db.NewQuery(`INSERT INTO sync_devices(user, device, staff, app, first_at, last_at, waiting) VALUES({:u}, {:v}, {:s}, {:a}, {:t}, {:t}, {:w})
ON CONFLICT(user, device) DO UPDATE SET staff=excluded.staff, app=excluded.app, last_at=excluded.last_at, waiting=excluded.waiting`).
		Bind(dbx.Params{"u": h.user, "v": h.device, "s": h.staff, "a": h.app, "t": instantText(h.at), "w": h.waiting}).Execute()
	return err
}

// meetDevice recognises the device of an exchange. erase: it is to be erased, and has something to hand over before.
func (d *doors) meetDevice(e *core.RequestEvent, r devicesync.Request, staff bool) (h heard, erase bool, err error) {
	known, err := deviceOf(e.App.DB(), e.Auth.Id, r.Device)
	if err != nil {
		return h, false, err
	}
	h = heard{user: e.Auth.Id, device: r.Device, staff: staff, app: r.App[:min(len(r.App), 64)], at: d.clock.now(), waiting: max(r.Waiting, 0)}
	h.news = known.Last < instantText(h.at.Add(-heardAgain)) || known.App != h.app || known.Waiting != h.waiting
	erased := !e.Auth.GetDateTime("erased_at").IsZero()
	if known.EraseAt == "" && !erased {
		return h, false, nil
	}
	theirs := staff || e.Auth.GetString("patient") != "" // there is still somebody to hand over to
	if len(r.Push) > 0 && known.ToldAt == "" && theirs && !erased {
		return h, true, nil
	}
	known.User, known.Device = e.Auth.Id, r.Device
	if err := h.note(e.App.NonconcurrentDB()); err != nil {
		return h, false, err
	}
	return h, false, d.tellDevice(e, known)
}

// tellDevice notes that a device was told, once, and tells it.
func (d *doors) tellDevice(e *core.RequestEvent, known knownDevice) error {
	if known.ToldAt == "" {
		err := e.App.RunInTransaction(func(tx core.App) error {
			_, err := tx.DB().NewQuery("UPDATE sync_devices SET told_at={:t}, waiting=0 WHERE user={:u} AND device={:v}").
				Bind(dbx.Params{"t": instantText(d.clock.now()), "u": known.User, "v": known.Device}).Execute()
			if err != nil {
				return err
			}
			return d.audit(tx, event{Actor: e.Auth.Id, Action: "erase", Collection: "sync", Record: known.Device, Outcome: "ok"})
		})
		if err != nil {
			return err
		}
	}
	return erasedAccount()
}

func deviceOf(db dbx.Builder, user, device string) (known knownDevice, err error) {
	err = db.NewQuery("SELECT user, device, staff, app, first_at, last_at, waiting, erase_at, told_at FROM sync_devices WHERE user={:u} AND device={:v}").
		Bind(dbx.Params{"u": user, "v": device}).One(&known)
	return known, ignoreNoRows(err)
}

// waitsForPhones is how long the account of somebody who left may still hand over.
const waitsForPhones = 30 * day

// endSessions ends the sessions of those who left, once each of their devices was told, or after a month.
func endSessions(app core.App, now time.Time) error {
	var users []string
	err := app.DB().NewQuery(`SELECT id FROM users u WHERE ending_at>{:settled} AND (ending_at<{:old}
  OR NOT EXISTS (SELECT 1 FROM sync_devices s WHERE s.user=u.id AND s.erase_at<>'' AND s.told_at=''))`).
		Bind(dbx.Params{"old": instantText(now.Add(-waitsForPhones)), "settled": instantText(now.Add(-waitsForPhones - 2*day))}).Column(&users)
	if err != nil {
		return err
	}
	for _, id := range users {
		if err := endSession(app, id); err != nil {
			return err
		}
	}
	return nil
}

// endSession signs an account out everywhere.
func endSession(app core.App, id string) error {
	user, err := app.FindRecordById("users", id)
	if err != nil {
		return err
	}
	user.RefreshTokenKey()
	return app.SaveNoValidate(user)
}

package hooks

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/calendar"
	"interictal/hooks/report"
)

// A feed of one's own visits for the calendar on a phone. Such programs can only GET an address, so the secret stands in its path
// (docs/decisions/021): it opens times and a bland title, nothing of a patient, and no log keeps it.

// feedTitle is all that a calendar says of a visit.
const feedTitle = "Visit"

// feedPath is where feeds lie; what follows is secret.
const feedPath = "/api/calendar/"

type feedInfo struct {
	ID      string         `db:"id" json:"id"`
	Made    types.DateTime `db:"made_at" json:"madeAt"`
	Fetched types.DateTime `db:"fetched_at" json:"fetchedAt"` // when a calendar fetched it last
}

// feeds answers GET /api/calendar-feeds: those that are open. None of them can be shown again.
func (d *doors) feeds(e *core.RequestEvent) error {
	out := []feedInfo{}
	err := e.App.DB().NewQuery("SELECT id, made_at, fetched_at FROM calendar_feeds WHERE owner={:me} AND revoked_at='' ORDER BY made_at, rowid").Bind(dbx.Params{"me": e.Auth.Id}).All(&out)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"feeds": out})
}

// mostFeeds of one person: a phone, a tablet, a computer, and some forgotten.
const mostFeeds = 10

// makeFeed answers POST /api/calendar-feeds. The address is in this answer and nowhere else.
func (d *doors) makeFeed(e *core.RequestEvent) error {
	me, _, err := deskOf(e.App.DB(), e.Auth.Id)
	if err != nil {
		return err
	}
	if me == nil || me.Role != "therapist" && me.Role != "assistant" {
		return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "Who treats has visits of her own."))
	}
	secret, err := report.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	r, err := newRow(e.App, "calendar_feeds", "", map[string]any{"owner": e.Auth.Id, "token_hash": report.Hash(secret), "made_at": instantText(d.clock.now())})
	if err != nil {
		return err
	}
	err = e.App.RunInTransaction(func(tx core.App) error {
		open, err := tx.CountRecords("calendar_feeds", dbx.HashExp{"owner": e.Auth.Id, "revoked_at": ""})
		if err != nil {
			return err
		}
		if open >= mostFeeds {
			return refuse(http.StatusUnprocessableEntity, hard("E_VALUE", "There are ten addresses already. Take one back first."))
		}
		if err := tx.Save(r); err != nil {
			return err
		}
		return d.audit(tx, event{Actor: e.Auth.Id, Capacity: me.Role, Action: "share", Collection: "calendar_feeds", Record: r.Id, Outcome: "ok"})
	})
	if err != nil {
		return err
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, map[string]any{"id": r.Id, "url": feedPath + secret + "/visits.ics"})
}

// revokeFeed answers POST /api/calendar-feeds/{id}/revoke.
func (d *doors) revokeFeed(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(tx core.App) error {
		r, err := findOrNil(tx, "calendar_feeds", e.Request.PathValue("id"))
		if err != nil {
			return err
		}
		if r == nil || r.GetString("owner") != e.Auth.Id {
			return noRight()
		}
		if !r.GetDateTime("revoked_at").IsZero() {
			return nil
		}
		r.Set("revoked_at", instantText(d.clock.now()))
		if err := tx.Save(r); err != nil {
			return err
		}
		return d.audit(tx, event{Actor: e.Auth.Id, Action: "change", Collection: "calendar_feeds", Record: r.Id, Outcome: "ok"})
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// feed answers GET /api/calendar/{token}/visits.ics. Wrong and taken back are the same.
func (d *doors) feed(e *core.RequestEvent) error {
	found, err := e.App.FindAllRecords("calendar_feeds", dbx.HashExp{"token_hash": report.Hash(e.Request.PathValue("token")), "revoked_at": ""})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return noRight()
	}
	events, err := d.visitsOf(e.App, found[0].GetString("owner"))
	if err != nil {
		return err
	}
	if now := d.clock.now(); now.Sub(found[0].GetDateTime("fetched_at").Time()) > readingFor {
		found[0].Set("fetched_at", instantText(now))
		if err := e.App.Save(found[0]); err != nil {
			return err
		}
	}
	e.Response.Header().Set("Cache-Control", "private, no-store")
	e.Response.Header().Set("Referrer-Policy", "no-referrer")
	return e.Blob(http.StatusOK, "text/calendar; charset=utf-8", []byte(calendar.Feed(feedTitle, events)))
}

// visitsOf are a person's visits from two months back on: those that name her, and those of her patients that name nobody. With the care
// link they are gone from the next fetch.
func (d *doors) visitsOf(app core.App, user string) ([]calendar.Event, error) {
	var rows []struct {
		ID      string         `db:"id"`
		Status  string         `db:"status"`
		At      types.DateTime `db:"at"`
		Changed types.DateTime `db:"updated"`
		Seq     int64          `db:"seq"`
	}
	err := app.DB().NewQuery(scheduler + `SELECT v.id, v.status, v.updated, COALESCE(NULLIF(v.scheduled_at, ''), v.started_at) AS at,
  COALESCE((SELECT MAX(l.seq) FROM sync_log l WHERE l.col='visits' AND l.doc=v.id), 0) AS seq
FROM mine m JOIN visits v ON v.patient=m.id WHERE m.treats AND COALESCE(NULLIF(v.scheduled_at, ''), v.started_at)>={:from}
  AND (v.practitioner='' OR v.practitioner IN (SELECT id FROM practitioners WHERE user={:me} AND active=TRUE)) ORDER BY at, v.id`).
		Bind(dbx.Params{"me": user, "from": instantText(d.clock.now().AddDate(0, -2, 0))}).All(&rows)
	events := make([]calendar.Event, len(rows))
	for i, r := range rows {
		off := strings.Contains(r.Status, "cancelled") || r.Status == "entered_in_error"
		events[i] = calendar.Event{ID: r.ID, Start: r.At.Time(), Minutes: visitMinutes, Sequence: r.Seq, Changed: r.Changed.Time(), Cancelled: off}
	}
	return events, err
}

// withoutSecret hides what follows the place where feeds lie.
func withoutSecret(address string) string {
	before, _, found := strings.Cut(address, feedPath)
	if !found {
		return address
	}
	return before + feedPath + "…"
}

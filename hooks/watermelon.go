package hooks

import (
	"errors"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
)

// The doors for WatermelonDB's synchronize(). What its client cannot say or keep, our shim adds
// (pb_public/clients/watermelon.ts); both sides are described there and in docs/sync.md.

// watermelonNews is the answer to pullChanges().
type watermelonNews struct {
	Changes   map[string]*devicesync.ChangeSet `json:"changes"`
	Timestamp int64                            `json:"timestamp"` // a number of the journal, not a time
	Epoch     string                           `json:"epoch"`
	Reset     bool                             `json:"reset"`   // the position is not ours: this is everything, from the start
	Revoked   []string                         `json:"revoked"` // patients who are the caller's no more
}

// watermelonVerdict is what became of one row of a push.
type watermelonVerdict struct {
	Collection string             `json:"collection"`
	ID         string             `json:"id"`
	Verdict    devicesync.Verdict `json:"verdict"`
	Row        any                `json:"row"` // as it is now; null: there is none, or none for the caller
	Fields     []string           `json:"fields,omitzero"`
	Message    string             `json:"message,omitzero"`
	Data       map[string]any     `json:"data,omitzero"`
}

// watermelonPull answers GET /api/sync/watermelon: everything new for the caller, from one snapshot.
func (d *doors) watermelonPull(e *core.RequestEvent) error {
	q, request, err := d.watermelonRequest(e)
	if err != nil {
		return err
	}
	if len(request.Erased) > 0 {
		if broken := request.Check(); len(broken) > 0 {
			return refuse(http.StatusBadRequest, broken...)
		}
		if err := d.noteErased(e, request); err != nil {
			return err
		}
	}
	first := q.cursor == nil
	reset, err := watermelonReset(d.checkPositions(e.App, q.running, q.cursor, q.ack))
	if err != nil {
		return err
	}
	news := ask{staff: asStaff(e.Auth, request.As), limit: devicesync.MaxLimit}
	if !first && !reset && e.Request.URL.Query().Get("everything") == "" {
		news.since = q.cursor.Seq
	}
	p, err := d.whole(e, news)
	if err != nil {
		return err
	}
	answer := watermelonNews{Changes: devicesync.ChangeSets(syncedNames(), p.changes, first), Timestamp: max(p.cursor.Seq, 1),
		Epoch: q.running.Name, Reset: reset, Revoked: []string{}}
	if !first {
		for _, r := range revoked(p.rows, p.mine, nil) {
			answer.Revoked = append(answer.Revoked, r.Patient)
		}
	}
	return e.JSON(http.StatusOK, answer)
}

// whole reads all pages of news in one snapshot.
func (d *doors) whole(e *core.RequestEvent, q ask) (all page, err error) {
	err = snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) error {
		for next := q; ; next.since = all.cursor.Seq {
			p, err := readPage(e.App, db, e.Auth, next)
			if err != nil {
				return err
			}
			all.rows, all.changes = append(all.rows, p.rows...), append(all.changes, p.changes...)
			all.mine, all.cursor = p.mine, p.cursor
			if !p.more {
				return nil
			}
		}
	})
	if err == nil && q.staff {
		err = d.noteReading(e, all.mine, all.rows)
	}
	return all, err
}

// watermelonPush answers POST /api/sync/watermelon. A refused row stays dirty on the device, so nothing has
// to be kept for it here.
func (d *doors) watermelonPush(e *core.RequestEvent) error {
	q, request, err := d.watermelonSent(e)
	if err != nil {
		return err
	}
	if err := d.checkPositions(e.App, q.running, q.cursor, q.ack); err != nil {
		return err
	}
	if request.Cursor != nil && d.checkPositions(e.App, q.running, request.Cursor, nil) != nil {
		request.Cursor = nil
	}
	done, err := d.push(e, request, asStaff(e.Auth, request.As), heard{})
	if err != nil {
		return err
	}
	rejected := map[string][]string{}
	verdicts := make([]watermelonVerdict, len(done.verdicts))
	for i, r := range done.verdicts {
		entry := request.Push[i]
		verdicts[i] = watermelonVerdict{entry.Collection, entry.ID(), r.Verdict, nil, r.Fields, r.Message, r.Data}
		if raw := devicesync.Raw(entry.Collection, r.Doc); raw != nil { // a nil map would come out as {}
			verdicts[i].Row = raw
		}
		if r.Verdict == devicesync.Refused {
			rejected[entry.Collection] = append(rejected[entry.Collection], entry.ID())
		}
	}
	ack := devicesync.Position{Epoch: q.running.Name, Seq: done.last}.Rev()
	return e.JSON(http.StatusOK, map[string]any{"experimentalRejectedIds": rejected, "verdicts": verdicts, "ack": ack})
}

// watermelonReset tells a position that is not ours from a fault.
func watermelonReset(err error) (bool, error) {
	if api := (*router.ApiError)(nil); errors.As(err, &api) && api.Status == http.StatusConflict {
		return true, nil
	}
	return false, err
}

func syncedNames() []string {
	var names []string
	for _, p := range access.Synced() {
		names = append(names, p.Collection)
	}
	return names
}

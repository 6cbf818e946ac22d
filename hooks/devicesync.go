package hooks

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/clinic"
	"interictal/hooks/devicesync"
)

// exchange is the one round trip of the native protocol (spec/sync.md §0): first what the phone
// sends, then what it has not seen.
func (d *doors) exchange(e *core.RequestEvent) error {
	if d.gate.full(e) {
		return busy(e)
	}
	request, err := readExchange(e)
	if err != nil {
		return err
	}
	running, err := d.log.running(e.App.DB())
	if err != nil {
		return err
	}
	if err := d.checkPositions(e.App, running, request.Cursor, request.Ack); err != nil {
		return err
	}
	if err := d.noteErased(e, request); err != nil {
		return err
	}
	staff := asStaff(e.Auth, request.As)
	heard, erase, err := d.meetDevice(e, request, staff)
	if err != nil {
		return err
	}
	answer := devicesync.Answer{Epoch: running.Name, ServerTime: d.clock.now().Format(time.RFC3339Nano)}
	done, err := d.push(e, request, staff, heard)
	if err != nil {
		return err
	}
	answer.Verdicts, answer.Ack = done.verdicts, devicesync.Position{Epoch: running.Name, Seq: done.last}
	news := ask{staff: staff, limit: request.Limit}
	if request.Cursor != nil {
		news.since = request.Cursor.Seq
	}
	p, err := d.page(e, news)
	if err != nil {
		return err
	}
	answer.Changes, answer.Cursor, answer.More = p.changes, p.cursor, p.more || erase
	answer.Revoked = revoked(p.rows, p.mine, done.handed)
	return e.JSON(http.StatusOK, answer)
}

// readExchange refuses what cannot be an exchange at all.
func readExchange(e *core.RequestEvent) (r devicesync.Request, err error) {
	err = json.NewDecoder(e.Request.Body).Decode(&r)
	if errors.Is(err, apis.ErrRequestEntityTooLarge) || len(r.Push) > devicesync.MaxEntries {
		return r, tooLarge()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return r, refuse(http.StatusBadRequest, hard("E_JSON", "The body is not an exchange."))
	}
	if broken := r.Check(); len(broken) > 0 {
		return r, refuse(http.StatusBadRequest, broken...)
	}
	if r.Schema > devicesync.Schema {
		return r, refuse(http.StatusUpgradeRequired, hard("E_SCHEMA", "This server is older than the app."))
	}
	if r.Limit == 0 {
		r.Limit = 500
	}
	return r, nil
}

// checkPositions refuses a cursor that news cannot go on from, and an acknowledgement that this database
// never gave: the server was restored, and the phone may know more than it.
func (d *doors) checkPositions(app core.App, running devicesync.Epoch, cursor, ack *devicesync.Position) error {
	h, err := d.log.history(app.DB())
	if err != nil {
		return err
	}
	if (cursor == nil || h.Follows(*cursor)) && (ack == nil || h.Issued(*ack)) {
		return nil
	}
	b := hard("E_SYNC_RESET", "The server has no such position. Pull everything again, then send every local row.")
	b.Params = map[string]any{"epoch": running.Name}
	return refuse(http.StatusConflict, b)
}

// noteErased puts into the audit that a device has let go of patients its user has no right to any more.
func (d *doors) noteErased(e *core.RequestEvent, r devicesync.Request) error {
	var events []event
	for _, patient := range r.Erased {
		var former bool
		err := e.App.DB().NewQuery("SELECT COUNT(*) > 0 AND MAX(until='') = 0 OR EXISTS (SELECT 1 FROM erasures WHERE patient={:p}) FROM care_links WHERE member={:m} AND patient={:p}").
			Bind(dbx.Params{"m": e.Auth.Id, "p": patient}).Row(&former)
		if err != nil {
			return err
		}
		if former {
			events = append(events, event{Actor: e.Auth.Id, Action: "erase", Patient: patient, Collection: "sync", Record: r.Device, Outcome: "ok"})
		}
	}
	if len(events) == 0 {
		return nil
	}
	return d.audit(e.App, events...)
}

// refused is an entry that stays on the phone, with every broken rule.
func refused(broken ...clinic.Broken) devicesync.Result {
	broken = clinic.HardFirst(together(broken))
	data := map[string]any{}
	for _, b := range broken {
		data[b.Code] = rule{b}.Resolve(nil)
	}
	return devicesync.Result{Verdict: devicesync.Refused, Message: broken[0].Message, Data: data}
}

package hooks

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"interictal/hooks/devicesync"
)

// The RxDB dialect (spec/sync.md §2, §6.5): the core of the exchange behind RxDB's pull and push handlers,
// and a stream of hints. RxDB cannot hold a refused entry, so what is refused is kept here.

// rxdbAsk reads what the routes of a collection have in common.
func rxdbAsk(e *core.RequestEvent) (ask, error) {
	query := e.Request.URL.Query()
	q := ask{staff: asStaff(e.Auth, query.Get("as")), limit: 500}
	policy, ok := policyOf(e.Request.PathValue("collection"))
	if !ok {
		return q, refuse(http.StatusNotFound, hard("E_COLLECTION", "There is no such collection to sync."))
	}
	q.collection = policy.Collection
	if query.Has("limit") {
		q.limit, _ = strconv.Atoi(query.Get("limit"))
	}
	if q.limit < 1 || q.limit > devicesync.MaxLimit {
		return q, refuse(http.StatusBadRequest, hard("E_LIMIT", "limit is 1 to 1000."))
	}
	if err := goodCapacity(query); err != nil {
		return q, err
	}
	return q, goodSchema(query.Get("schema"))
}

func goodCapacity(query url.Values) error {
	if as := query.Get("as"); as != "" && as != "patient" && as != "staff" {
		return refuse(http.StatusBadRequest, hard("E_CAPACITY", "as is patient or staff."))
	}
	return nil
}

func goodSchema(version string) error {
	if version != "" && version != strconv.Itoa(devicesync.Schema) {
		return refuse(http.StatusUpgradeRequired, hard("E_SCHEMA", "The app and this server are of different versions."))
	}
	return nil
}

// rxdbPull answers one page of a collection. It is never short unless it is the last: RxDB stops there.
func (d *doors) rxdbPull(e *core.RequestEvent) error {
	q, err := rxdbAsk(e)
	if err != nil {
		return err
	}
	running, err := d.log.running(e.App.DB())
	if err != nil {
		return err
	}
	cursor, ack := askedFor(e.Request.URL.Query())
	if err := d.checkPositions(e.App, running, cursor, ack); err != nil {
		return err
	}
	if cursor != nil {
		q.since = cursor.Seq
	}
	p, err := d.page(e, q)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"documents": p.documents(), "checkpoint": p.cursor})
}

// askedFor are the positions of a pull; nil where there is none yet.
func askedFor(query url.Values) (cursor, ack *devicesync.Position) {
	if query.Get("epoch") != "" || query.Get("seq") != "" {
		cursor = position(query.Get("epoch") + ":" + query.Get("seq"))
	}
	return cursor, position(query.Get("ack"))
}

func (p page) documents() []map[string]any {
	out := make([]map[string]any, len(p.changes))
	for i, c := range p.changes {
		out[i] = c.Doc
	}
	return out
}

// rxdbPush stores what a device sends and answers with the documents that it has to take instead.
func (d *doors) rxdbPush(e *core.RequestEvent) error {
	n, err := strconv.ParseInt(e.Request.Header.Get("X-Push-No"), 10, 64)
	if err != nil || n < 1 {
		return refuse(http.StatusBadRequest, hard("E_NUMBER", "X-Push-No is a number from 1 that grows with every push of this device."))
	}
	return d.rxdbStore(e, e.Request.Header.Get("X-Device-Id"), n)
}

func (d *doors) rxdbStore(e *core.RequestEvent, device string, n int64) error {
	if d.gate.full(e) {
		return busy(e)
	}
	q, err := rxdbAsk(e)
	if err != nil {
		return err
	}
	rows, err := readRows(e)
	if err != nil {
		return err
	}
	request := devicesync.Request{Device: device, Quarantine: true, Push: make([]devicesync.Entry, len(rows))}
	for i, row := range rows {
		request.Push[i] = row.Entry(n, q.collection)
	}
	if broken := request.Check(); len(broken) > 0 {
		return refuse(http.StatusBadRequest, broken...)
	}
	if seen, ok := devicesync.ParseRev(e.Request.Header.Get("X-Sync-Seen")); ok {
		request.Cursor = &seen // how far this device has pulled all of its collections
	}
	running, err := d.log.running(e.App.DB())
	if err != nil {
		return err
	}
	// a push that was lost must come to light before this one's acknowledgement takes its place
	if _, ack := askedFor(e.Request.URL.Query()); ack != nil {
		if err := d.checkPositions(e.App, running, nil, ack); err != nil {
			return err
		}
	}
	done, err := d.push(e, request, q.staff, heard{})
	if err != nil {
		return err
	}
	conflicts := []map[string]any{}
	for i, result := range done.verdicts { // all have one number, so they come in the order of the rows
		if result.Adopt(request.Push[i]) {
			conflicts = append(conflicts, result.Doc)
		}
	}
	e.Response.Header().Set("X-Sync-Ack", devicesync.Position{Epoch: running.Name, Seq: done.last}.Rev())
	e.Response.Header().Set("Access-Control-Expose-Headers", "X-Sync-Ack") // apps live at other addresses than ours
	return e.JSON(http.StatusOK, conflicts)
}

func readRows(e *core.RequestEvent) (rows []devicesync.RxdbRow, err error) {
	err = json.NewDecoder(e.Request.Body).Decode(&rows)
	if errors.Is(err, apis.ErrRequestEntityTooLarge) || len(rows) > devicesync.MaxEntries {
		return nil, tooLarge()
	}
	for _, row := range rows {
		if row.New == nil {
			err = io.ErrUnexpectedEOF
		}
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, hard("E_JSON", "The body is not a list of rows, each with newDocumentState."))
	}
	return rows, nil
}

// tickets let an EventSource in, which cannot send headers. Each opens one stream, within half a minute.
type tickets struct {
	mu   sync.Mutex
	open map[string]ticket
}

type ticket struct {
	user, key string
	until     time.Time
}

const ticketLife = 30 * time.Second

func (t *tickets) issue(user *core.Record, now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, old := range t.open {
		if now.After(old.until) {
			delete(t.open, name)
		}
	}
	name := security.RandomString(40)
	t.open[name] = ticket{user.Id, user.TokenKey(), now.Add(ticketLife)}
	return name
}

// redeem takes a ticket away and gives the user who got it; nil if it is used up, too old, or the sign-in has ended.
func (t *tickets) redeem(app core.App, name string, now time.Time) (*core.Record, error) {
	t.mu.Lock()
	found, ok := t.open[name]
	delete(t.open, name)
	t.mu.Unlock()
	if !ok || now.After(found.until) {
		return nil, nil
	}
	return signedInBy(app, found.user, found.key)
}

// signedInBy is a user whose sign-in still has this key; nil after another password, and when the account is gone.
func signedInBy(app core.App, id, key string) (*core.Record, error) {
	user, err := findOrNil(app, "users", id)
	if err != nil || user == nil || user.TokenKey() != key {
		return nil, err
	}
	return user, nil
}

func (d *doors) rxdbTicket(e *core.RequestEvent) error {
	return e.JSON(http.StatusOK, map[string]any{"ticket": d.tickets.issue(e.Auth, d.clock.now()), "seconds": int(ticketLife.Seconds())})
}

// rxdbStream says that there is news, never what: nothing of it can get lost, and no hint moves a checkpoint.
func (d *doors) rxdbStream(e *core.RequestEvent) error {
	query := e.Request.URL.Query()
	if name := query.Get("ticket"); name != "" {
		user, err := d.tickets.redeem(e.App, name, d.clock.now())
		if err != nil {
			return err
		}
		e.Auth = user
	}
	if e.Auth == nil || e.Auth.Collection().Name != "users" {
		return signedOut()
	}
	if err := goodCapacity(query); err != nil {
		return err
	}
	s := d.openEvents(e, asStaff(e.Auth, query.Get("as")))
	defer s.close()
	running, err := d.log.running(e.App.DB())
	if err != nil {
		return err
	}
	last, err := newestSeq(e.App.DB())
	if err != nil {
		return err
	}
	if err := s.send("hello", devicesync.Position{Epoch: running.Name, Seq: last}); err != nil {
		return nil // gone already
	}
	return s.follow(func(collections []string) error {
		return s.send("resync", map[string]any{"collections": collections})
	})
}

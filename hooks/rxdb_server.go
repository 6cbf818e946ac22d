package hooks

import (
	"net/http"
	"strconv"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/pocketbase/pocketbase/tools/security"

	"interictal/hooks/devicesync"
)

// The wire of the npm package rxdb-server, for its unchanged client replicateServer(). Its checkpoint
// {id, lwt} carries epoch and number. It knows no reset and no lost answer; docs/sync.md says what that costs.

// forStockClient puts `error` into a refusal: this client takes any other body for data. The three that it knows stay as they are.
func forStockClient(handle func(*doors, *core.RequestEvent) error) func(*doors, *core.RequestEvent) error {
	return func(d *doors, e *core.RequestEvent) error {
		err := goodSchema(e.Request.PathValue("version"))
		if err == nil {
			err = handle(d, e)
		}
		if err == nil {
			return nil
		}
		refusal := router.ToApiError(asFault(err))
		switch refusal.Status {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusUpgradeRequired:
			return err
		case http.StatusInternalServerError:
			e.App.Logger().Error("rxdb-server", "error", err)
		}
		return e.JSON(refusal.Status, map[string]any{"error": true, "status": refusal.Status, "message": refusal.Message, "data": refusal.Data})
	}
}

// rxdbServerPull starts over where this client's position is not ours.
func (d *doors) rxdbServerPull(e *core.RequestEvent) error {
	q, err := rxdbAsk(e)
	if err != nil {
		return err
	}
	h, err := d.log.history(e.App.DB())
	if err != nil {
		return err
	}
	query := e.Request.URL.Query()
	if at, ok := devicesync.ParseRev(query.Get("id") + ":" + query.Get("lwt")); ok && h.Follows(at) {
		q.since = at.Seq
	}
	p, err := d.page(e, q)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, p.forServerClient())
}

func (p page) forServerClient() map[string]any {
	return map[string]any{"documents": p.documents(), "checkpoint": map[string]any{"id": p.cursor.Epoch, "lwt": p.cursor.Seq}}
}

// rxdbServerPush takes the device from a header that the app may give to replicateServer(). Without one no push is
// remembered as a device's own: two phones under one name would each seem to know what the other said.
func (d *doors) rxdbServerPush(e *core.RequestEvent) error {
	device := e.Request.Header.Get("X-Device-Id")
	if device == "" {
		device = "unnamed" + security.RandomString(20)
	}
	n, err := strconv.ParseInt(e.Request.Header.Get("X-Push-No"), 10, 64)
	if err != nil || n < 1 {
		n = d.clock.now().UnixMicro()
	}
	return d.rxdbStore(e, device, n)
}

// rxdbServerStream sends the documents themselves. It remembers what it has sent, and the client pulls when it opens.
func (d *doors) rxdbServerStream(e *core.RequestEvent) error {
	q, err := rxdbAsk(e)
	if err != nil {
		return err
	}
	s := d.openEvents(e, q.staff)
	defer s.close()
	if q.since, err = newestSeq(e.App.DB()); err != nil {
		return err
	}
	if err := s.write(":\n\n"); err != nil {
		return nil // gone already
	}
	return s.follow(func([]string) error {
		for more := true; more; {
			p, err := d.page(e, q)
			if err != nil {
				return err
			}
			q.since, more = p.cursor.Seq, p.more
			if len(p.rows) == 0 {
				continue
			}
			if err := s.send("", p.forServerClient()); err != nil {
				return err
			}
		}
		return nil
	})
}

package hooks

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/reminders"
)

// Web push (RFC 8030, 8291, 8292). What goes out is sealed for one browser and empty: the push service learns that something was
// sent to an address, and nothing else. The phone's own fixed sentence does the rest (app/sw.js).

const (
	keepFor    = 1800 // seconds in which the push service may still hand it over
	sendAtOnce = 8    // so many are on their way at a time
)

// post calls push services, and nobody in the private network.
type post struct{ client *http.Client }

var errPrivate = errors.New("this address is not of the public network")

func newPost(dev bool) *post {
	dial := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		if reminders.PublicHost(address) || dev && loopback(address) {
			return nil
		}
		return errPrivate
	}}
	return &post{client: &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{DialContext: dial.DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 8 * time.Second, MaxResponseHeaderBytes: 16 << 10, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func loopback(address string) bool {
	at, err := netip.ParseAddrPort(address)
	return err == nil && at.Addr().Unmap().IsLoopback()
}

// signing is the pair that signs what is sent (VAPID); it never leaves the server.
type signing struct {
	Private string `db:"private"`
	Public  string `db:"public"`
}

// makeKey at the first start. A new pair would silence every phone, so there is one for good.
func (d *doors) makeKey(app core.App) error {
	if _, err := signingKey(app.DB()); !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		return err
	}
	_, err = app.DB().Insert("server_keys", dbx.Params{"name": "vapid", "private": private, "public": public, "made_at": instantText(d.clock.now())}).Execute()
	return err
}

func signingKey(db dbx.Builder) (k signing, err error) {
	err = db.Select("private", "public").From("server_keys").Where(dbx.HashExp{"name": "vapid"}).One(&k)
	return k, err
}

// pushKey answers GET /api/push/key.
func (d *doors) pushKey(e *core.RequestEvent) error {
	k, err := signingKey(e.App.DB())
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"key": k.Public})
}

// sendTo reminds patients on each of their phones.
func (d *doors) sendTo(app core.App, post *post, patients []string) {
	if len(patients) == 0 {
		return
	}
	by, err := signingKey(app.DB())
	if err != nil {
		app.Logger().Error("no reminder was sent", "error", err)
		return
	}
	slots, sent := make(chan struct{}, sendAtOnce), sync.WaitGroup{}
	for _, patient := range patients {
		phones, err := app.FindAllRecords("push_subscriptions", dbx.HashExp{"patient": patient})
		if err != nil {
			app.Logger().Error("a reminder was not sent", "error", err)
		}
		for _, phone := range phones {
			slots <- struct{}{}
			sent.Go(func() {
				defer func() { <-slots }()
				sendOne(app, post, by, phone)
			})
		}
	}
	sent.Wait()
}

// sendOne: a phone that is no longer there is forgotten; anything else was one reminder, and there will be others.
func sendOne(app core.App, post *post, by signing, phone *core.Record) {
	status, err := post.send(context.Background(), by, contact(app), subscriptionOf(phone))
	if status == http.StatusNotFound || status == http.StatusGone {
		err = app.Delete(phone)
	}
	if err != nil || status >= 300 {
		app.Logger().Warn("a reminder did not arrive", "status", status, "error", withoutAddress(err))
	}
}

func (p *post) send(ctx context.Context, by signing, contact string, to reminders.Subscription) (status int, err error) {
	answer, err := webpush.SendNotificationWithContext(ctx, nil, &webpush.Subscription{Endpoint: to.Endpoint, Keys: webpush.Keys{P256dh: to.P256dh, Auth: to.Auth}},
		&webpush.Options{HTTPClient: p.client, Subscriber: contact, TTL: keepFor, Urgency: webpush.UrgencyNormal, VAPIDPublicKey: by.Public, VAPIDPrivateKey: by.Private})
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.CopyN(io.Discard, answer.Body, 64<<10)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return answer.StatusCode, err
}

// contact is whom a push service may ask about this server.
func contact(app core.App) string {
	meta := app.Settings().Meta
	if strings.HasPrefix(meta.AppURL, "https://") {
		return meta.AppURL
	}
	return meta.SenderAddress
}

// withoutAddress: the address of a phone is as good as a key, and is not logged.
func withoutAddress(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return u.Err
	}
	return err
}

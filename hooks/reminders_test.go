package hooks_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	bits "encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"interictal/hooks"
	"interictal/hooks/hookstest"
)

// browser is a phone as a push service knows it: a key pair, a secret, and what has come.
type browser struct {
	private *ecdh.PrivateKey
	secret  []byte
	service *httptest.Server
	status  int
	mu      sync.Mutex
	came    []pushed
}

type pushed struct {
	path   string
	header http.Header
	body   []byte
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	check(t, err)
	b := &browser{private: private, secret: make([]byte, 16), status: http.StatusCreated}
	_, err = rand.Read(b.secret)
	check(t, err)
	b.service = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.came = append(b.came, pushed{r.Method + " " + r.URL.String(), r.Header, body})
		w.Header().Set("Location", b.service.URL+"/elsewhere")
		w.WriteHeader(b.status)
	}))
	t.Cleanup(b.service.Close)
	return b
}

var web64 = base64.RawURLEncoding

func (b *browser) subscription() map[string]any {
	return map[string]any{"patient": annas, "endpoint": b.service.URL + "/to/anna", "p256dh": web64.EncodeToString(b.private.PublicKey().Bytes()), "auth": web64.EncodeToString(b.secret)}
}

// subscription is a well-formed one of a browser that is nowhere.
func subscription(endpoint string) map[string]any {
	return map[string]any{"endpoint": endpoint, "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}
}

func (b *browser) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.came)
}

// opens is RFC 8291 from the browser's side: salt, record size, the sender's key; then what was meant, a delimiter, and padding.
func (b *browser) opens(t *testing.T, body []byte) []byte {
	t.Helper()
	salt, size, length := body[:16], bits.BigEndian.Uint32(body[16:20]), int(body[20])
	sender, sealed := body[21:21+length], body[21+length:]
	if int(size) < len(sealed) {
		t.Fatalf("a record of %d in %d", len(sealed), size)
	}
	from, err := ecdh.P256().NewPublicKey(sender)
	check(t, err)
	shared, err := b.private.ECDH(from)
	check(t, err)
	derive := func(secret, salt []byte, info string, n int) []byte {
		out, err := hkdf.Key(sha256.New, secret, salt, info, n)
		check(t, err)
		return out
	}
	ikm := derive(shared, b.secret, "WebPush: info\x00"+string(b.private.PublicKey().Bytes())+string(sender), 32)
	block, err := aes.NewCipher(derive(ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	check(t, err)
	gcm, err := cipher.NewGCM(block)
	check(t, err)
	plain, err := gcm.Open(nil, derive(ikm, salt, "Content-Encoding: nonce\x00", 12), sealed, nil)
	check(t, err)
	plain = []byte(strings.TrimRight(string(plain), "\x00"))
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		t.Fatal("no delimiter of the last record")
	}
	return plain[:len(plain)-1]
}

// signedBy reads RFC 8292: a token for this push service, signed with the key that the server gives out.
func signedBy(t *testing.T, authorization, public string) map[string]any {
	t.Helper()
	token, k, ok := strings.Cut(strings.TrimPrefix(authorization, "vapid t="), ", k=")
	if !ok || k != public {
		t.Fatalf("signed with another key: %s", authorization)
	}
	point, err := web64.DecodeString(public)
	check(t, err)
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	check(t, err)
	parts := strings.Split(token, ".")
	signature, err := web64.DecodeString(parts[2])
	check(t, err)
	hash := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(key, hash[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Fatal("the signature does not hold")
	}
	claims := map[string]any{}
	body, err := web64.DecodeString(parts[1])
	check(t, err)
	check(t, json.Unmarshal(body, &claims))
	return claims
}

// looksAround runs the look of a minute.
func looksAround(t *testing.T, h *hookstest.House) {
	t.Helper()
	for _, job := range h.App.Cron().Jobs() {
		if job.Id() == "reminders" {
			job.Run()
			return
		}
	}
	t.Fatal("nobody looks for what is due")
}

// reminded is a practice where anna wants all three on one phone, on the morning of January 10 in New York.
func reminded(t *testing.T) (*practice, *browser) {
	t.Helper()
	p, b := newPractice(t, "2026-01-10"), newBrowser(t)
	p.do("anna", at("push_subscriptions"), b.subscription(), 200)
	p.do("anna", at("reminders"), map[string]any{"patient": annas, "diary_at": "20:30", "exercise_at": "18:00", "effect": true, "quiet_from": "22:00", "quiet_until": "07:00", "tz": "America/New_York"}, 200)
	return p, b
}

// when sets the clock to a time in New York, in winter.
func (p *practice) when(text string) {
	p.t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	check(p.t, err)
	p.h.Clock.Set(at.Add(5 * time.Hour))
}

func (p *practice) utc(text string) string {
	at, err := time.Parse("2006-01-02 15:04", text)
	check(p.t, err)
	return at.Add(5 * time.Hour).Format("2006-01-02 15:04:05.000Z")
}

// What goes out is sealed for one browser, signed by the server, and empty.
func TestAReminderSaysNothing(t *testing.T) {
	t.Parallel()
	p, b := reminded(t)
	p.when("2026-01-10 20:29")
	looksAround(t, p.h)
	if b.count() != 0 {
		t.Fatal("too early")
	}
	p.when("2026-01-10 20:31")
	looksAround(t, p.h)
	if b.count() != 1 {
		t.Fatalf("%d came", b.count())
	}
	came := b.came[0]
	if plain := b.opens(t, came.body); len(plain) != 0 {
		t.Errorf("it says %q", plain)
	}
	if came.path != "POST /to/anna" || came.header.Get("Content-Encoding") != "aes128gcm" || came.header.Get("Ttl") != "1800" {
		t.Errorf("%s %v", came.path, came.header)
	}
	for name := range came.header {
		if !slices.Contains([]string{"Accept-Encoding", "Authorization", "Content-Encoding", "Content-Length", "Content-Type", "Ttl", "Urgency", "User-Agent"}, name) {
			t.Errorf("a header that tells more: %s", name)
		}
	}
	public := p.h.Do("anna", "GET", "/api/push/key", nil).Body["key"].(string)
	claims := signedBy(t, came.header.Get("Authorization"), public)
	expires := time.Unix(int64(claims["exp"].(float64)), 0)
	if claims["aud"] != b.service.URL || !strings.HasPrefix(claims["sub"].(string), "mailto:") || len(claims) != 3 || expires.Before(time.Now()) || expires.After(time.Now().Add(24*time.Hour)) {
		t.Errorf("claims %v", claims)
	}
}

// At most once, whatever she changes and however often the server starts; and again the next day.
func TestARemindersDay(t *testing.T) {
	t.Parallel()
	p, b := reminded(t)
	expect := func(when string, n int, why string) {
		t.Helper()
		p.when(when)
		for range 3 {
			looksAround(t, p.h)
		}
		if b.count() != n {
			t.Errorf("%s: %s: %d came, not %d", when, why, b.count(), n)
		}
	}
	row := p.found("reminders", "patient='"+annas+"'")
	change := func(fields map[string]any) {
		t.Helper()
		if a := p.h.Do("anna", "PATCH", at("reminders")+"/"+row, fields); a.Status != 200 {
			t.Fatal(a.Text)
		}
	}
	expect("2026-01-10 18:01", 0, "no exercises are hers")
	expect("2026-01-10 20:30", 1, "the diary")
	change(map[string]any{"diary_at": "20:45"})
	expect("2026-01-10 20:46", 1, "moved to later the same day")
	change(map[string]any{"diary_at": ""})
	change(map[string]any{"diary_at": "20:50"})
	expect("2026-01-10 20:51", 1, "turned off and on")
	expect("2026-01-11 20:50", 2, "the next day")
	p.when("2026-01-12 09:00")
	p.do("anna", at("diary_days"), map[string]any{"patient": annas, "day": "2026-01-12", "headache": false, "id": annas + "20260112"}, 200)
	expect("2026-01-12 20:51", 2, "the day is noted")
	p.when("2026-01-13 17:00")
	attack := p.do("anna", at("attacks"), map[string]any{"patient": annas, "started_at": p.utc("2026-01-13 16:00")}, 200)["id"].(string)
	expect("2026-01-13 20:51", 2, "an attack is open")
	expect("2026-01-16 20:51", 2, "still open")
	p.h.Do("anna", "PATCH", at("attacks")+"/"+attack, map[string]any{"end_known": "unknown"})
	expect("2026-01-17 20:51", 3, "it is over")
	expect("2026-01-18 21:20", 3, "half an hour late: the server was down")
	change(map[string]any{"diary_at": "22:30"})
	expect("2026-01-18 22:31", 3, "in her quiet hours")
	change(map[string]any{"diary_at": "21:00"})
	expect("2026-03-08 20:00", 3, "summer time: it comes at her nine, an hour earlier by this clock")
	expect("2026-03-09 20:01", 4, "the next day's")
	again := p.h.Reopen()
	again.Clock.Set(time.Date(2026, 3, 10, 1, 5, 0, 0, time.UTC))
	looksAround(t, again)
	if b.count() != 4 {
		t.Error("a new start sends it once more")
	}
}

// Two servers on one folder look at the same moment, each several times, for five days: what asks for the effect and what
// reminds of the diary go out once each.
func TestARemindersManyLooksAtOnce(t *testing.T) {
	t.Parallel()
	p, b := reminded(t)
	beside, err := hookstest.Open(p.h.App.DataDir()) // the guard of the folder lets no second server begin: this one came in past it
	check(t, err)
	defer beside.ClearBootstrap()
	other := hooks.LooksAround(beside, p.h.Clock)
	medicine := p.do("anna", at("medications"), map[string]any{"patient": annas, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"}, 200)["id"]
	for day := 10; day < 15; day++ {
		date := fmt.Sprintf("2026-01-%d ", day)
		p.when(date + "14:00")
		p.do("anna", at("medication_doses"), map[string]any{"patient": annas, "medication": medicine, "taken_at": p.utc(date + "13:59")}, 200)
		for i, when := range []string{"16:00", "20:31"} { // the effect, the diary
			p.when(date + when)
			together(slices.Concat(times(3, func() { looksAround(t, p.h) }), times(3, other))...)
			if want := 2*(day-10) + i + 1; b.count() != want {
				t.Fatalf("%s%s: %d came, not %d", date, when, b.count(), want)
			}
		}
	}
}

// The effect is asked for when it can be told: half an hour after cold, two hours after a dose, once, and not when it is told.
func TestTheEffectIsAskedFor(t *testing.T) {
	t.Parallel()
	p, b := reminded(t)
	p.when("2026-01-10 10:00")
	medicine := p.do("anna", at("medications"), map[string]any{"patient": annas, "name": "Sumatriptan", "drug_class": "triptan", "indication": "acute"}, 200)["id"]
	daily := p.do("anna", at("medications"), map[string]any{"patient": annas, "name": "Topiramate", "drug_class": "preventive", "indication": "preventive"}, 200)["id"]
	cold := func(at_, state string) map[string]any {
		return map[string]any{"patient": annas, "type": "cold", "site": "forehead", "state": state, "started_at": p.utc(at_)}
	}
	dose := func(of any, when string) string {
		return p.do("anna", at("medication_doses"), map[string]any{"patient": annas, "medication": of, "taken_at": p.utc(when)}, 200)["id"].(string)
	}
	p.do("anna", at("modality_sessions"), cold("2026-01-10 09:50", "done"), 200)
	p.do("anna", at("modality_sessions"), cold("2026-01-10 08:00", "done"), 200) // written down afterwards
	guided := p.do("anna", at("modality_sessions"), cold("2026-01-10 10:00", "next"), 200)["id"].(string)
	dose(daily, "2026-01-10 10:00")
	told := dose(medicine, "2026-01-10 10:00")
	dose(medicine, "2026-01-10 10:10")
	if n := p.count("reminders_due", "kind='effect'"); n != 3 {
		t.Errorf("%d effects are waited for", n)
	}
	p.h.Do("anna", "PATCH", at("modality_sessions")+"/"+guided, map[string]any{"state": "done", "minutes": 15})
	for i, c := range []struct {
		when string
		n    int
	}{{"10:19", 0}, {"10:21", 1}, {"10:31", 2}, {"11:59", 2}} {
		p.when("2026-01-10 " + c.when)
		looksAround(t, p.h)
		if b.count() != c.n {
			t.Errorf("%d, at %s: %d came, not %d", i, c.when, b.count(), c.n)
		}
	}
	p.h.Do("anna", "PATCH", at("medication_doses")+"/"+told, map[string]any{"worked": true})
	p.when("2026-01-10 12:15")
	looksAround(t, p.h)
	if b.count() != 3 {
		t.Errorf("%d came: the one that is told is not asked for", b.count())
	}
	if n := p.count("reminders_due", "kind='effect'"); n != 0 {
		t.Errorf("%d are still waited for", n)
	}
}

// A phone that is gone is forgotten; one that fails is tried another day; a detour is not followed.
func TestAPhoneThatIsGone(t *testing.T) {
	t.Parallel()
	for status, kept := range map[int]int{201: 1, 404: 0, 410: 0, 429: 1, 500: 1, 307: 1} {
		p, b := reminded(t)
		b.status = status
		p.when("2026-01-10 20:30")
		looksAround(t, p.h)
		looksAround(t, p.h)
		if n := p.count("push_subscriptions", "1=1"); n != kept || b.count() != 1 {
			t.Errorf("%d: %d phones are left, %d came", status, n, b.count())
		}
		if due := p.count("reminders_due", "at<>''"); kept == 0 && due != 0 {
			t.Errorf("%d: %d are due for nobody", status, due)
		}
	}
}

// A browser is one account's, and goes with it.
func TestWhosePhoneItIs(t *testing.T) {
	t.Parallel()
	p, b := reminded(t)
	tess := hookstest.ID("tess")
	hers := b.subscription()
	hers["patient"] = tess
	p.unchanged("for somebody else", "anna", "POST", at("push_subscriptions"), hers, 400)
	p.do("tess", at("push_subscriptions"), hers, 200) // another account on the same phone
	if anna, other := p.count("push_subscriptions", "patient='"+annas+"'"), p.count("push_subscriptions", "user='"+tess+"'"); anna != 0 || other != 1 {
		t.Errorf("%d of anna, %d of tess", anna, other)
	}
	for i := range 14 {
		own := subscription(fmt.Sprintf("https://push.example.org/%d", i))
		own["patient"] = annas
		p.do("anna", at("push_subscriptions"), own, 200)
	}
	if n := p.count("push_subscriptions", "patient='"+annas+"'"); n != 10 {
		t.Errorf("%d phones of one patient", n)
	}
	anna, err := p.h.App.FindRecordById("users", annas)
	check(t, err)
	check(t, p.h.App.Delete(anna))
	if n := p.count("push_subscriptions", "patient='"+annas+"'"); n != 0 {
		t.Errorf("%d phones outlive the account", n)
	}
}

// The server is not made to call the house it stands in: neither by a number, nor by a name that leads there.
func TestNothingPrivateIsCalled(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	b := newBrowser(t)
	row := b.subscription()
	refusals := []string{b.service.URL + "/x", "https://localhost/x", "https://10.0.0.1/x", "https://[::1]/x", "https://169.254.169.254/x", "http://push.example.org/x", "ftp://push.example.org"}
	for _, endpoint := range refusals {
		row["endpoint"] = endpoint
		before := h.Dump()
		if a := h.Do("anna", "POST", at("push_subscriptions"), row); a.Status != 422 || !a.Has("E_PUSH_ENDPOINT") || h.Dump() != before {
			t.Errorf("%s: %d %s", endpoint, a.Status, a.Text)
		}
	}
	row["endpoint"], row["p256dh"] = "https://push.example.org/x", "BBBB"
	if a := h.Do("anna", "POST", at("push_subscriptions"), row); a.Status != 422 || !a.Has("E_VALUE") {
		t.Errorf("a key that is none: %d %s", a.Status, a.Text)
	}
	// put there past the door: the dialer looks at where the name leads
	runSQL(t, h.App, "INSERT INTO push_subscriptions(id, patient, endpoint, p256dh, auth) VALUES('sub000000000001', '"+annas+"', '"+b.service.URL+"/to/anna', '"+b.subscription()["p256dh"].(string)+"', '"+b.subscription()["auth"].(string)+"')")
	save(t, h.App, "reminders", "", map[string]any{"patient": annas, "diary_at": "20:30"})
	h.Clock.Set(time.Date(2026, 1, 11, 1, 31, 0, 0, time.UTC))
	runSQL(t, h.App, "UPDATE reminders_due SET at='2026-01-11 01:30:00.000Z' WHERE kind='diary'")
	looksAround(t, h)
	var last string
	check(t, h.App.DB().NewQuery("SELECT last FROM reminders_due WHERE kind='diary'").Row(&last))
	if b.count() != 0 || last == "" {
		t.Errorf("it called this machine, or never tried: %d, %q", b.count(), last)
	}
}

// The look of a minute reads what is due by its time, and nothing else; a thousand who wait cost nothing.
func TestALookReadsWhatIsDue(t *testing.T) {
	t.Parallel()
	p, b := reminded(t)
	runSQL(t, p.h.App, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000) INSERT INTO reminders_due(patient, kind, at) SELECT 'somebody'||i, 'diary', CASE i%2 WHEN 0 THEN '' ELSE '2030-01-01 00:00:00.000Z' END FROM n")
	var plan []struct {
		Detail string `db:"detail"`
	}
	check(t, p.h.App.DB().NewQuery("EXPLAIN QUERY PLAN "+hooks.DueQuery).Bind(dbx.Params{"now": "2026-01-10 00:00:00.000Z", "most": 500}).All(&plan))
	if len(plan) != 1 || !strings.Contains(plan[0].Detail, "SEARCH reminders_due USING INDEX idx_reminders_due_at") {
		t.Errorf("it reads %v", plan)
	}
	p.when("2026-01-10 20:30")
	looksAround(t, p.h)
	if b.count() != 1 {
		t.Errorf("%d came", b.count())
	}
}

// The key that signs is made once, and no route, no record and no log gives it away.
func TestTheSigningKeyStays(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	var private, public string
	read := func(h *hookstest.House) (a, b string) {
		check(t, h.App.DB().NewQuery("SELECT private, public FROM server_keys WHERE name='vapid'").Row(&a, &b))
		return a, b
	}
	private, public = read(h)
	if again, _ := read(h.Reopen()); again != private || len(private) < 40 {
		t.Error("another start, another key: every phone would be lost")
	}
	if a := h.Do("anna", "GET", "/api/push/key", nil); a.Body["key"] != public || strings.Contains(a.Text, private) || len(a.Body) != 1 {
		t.Errorf("the route gives %s", a.Text)
	}
	for _, path := range []string{"/api/collections/server_keys/records", "/api/collections/reminders_due/records"} {
		for _, who := range []string{"anna", "thera", "admin", "root"} {
			if a := h.Do(who, "GET", path, nil); a.Status != 404 {
				t.Errorf("%s reads %s: %d", who, path, a.Status)
			}
		}
	}
}

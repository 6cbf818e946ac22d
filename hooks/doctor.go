package hooks

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"interictal/hooks/backup"
	"interictal/hooks/upkeep"
)

// doctorCommand is `interictal doctor`. It changes nothing.
func doctorCommand(app core.App, k *Keep) *cobra.Command {
	c := &cobra.Command{Use: "doctor", Short: "Check that nothing can be lost: database, copies, disk, doors; each with what to do", Args: cobra.NoArgs}
	offline := c.Flags().Bool("offline", false, "do not look at the certificate")
	c.RunE = plainly(func(cmd *cobra.Command) error {
		facts, err := factsOf(cmd.Context(), app, k, time.Now().UTC(), *offline)
		if err != nil {
			return err
		}
		findings := upkeep.Examine(facts)
		tellFindings(cmd.OutOrStdout(), findings)
		if n := upkeep.Count(findings, upkeep.Must); n > 0 {
			return fmt.Errorf("%d thing(s) must be put right", n)
		}
		return nil
	})
	return c
}

func tellFindings(w io.Writer, findings []upkeep.Finding) {
	for _, f := range findings {
		fmt.Fprintf(w, "%-8s%-16s%s\n", f.Severity, f.Code, f.Says)
		if f.Fix != "" {
			fmt.Fprintf(w, "%24s→ %s\n", "", f.Fix)
		}
	}
}

// factsOf finds out what the doctor judges.
func factsOf(ctx context.Context, app core.App, k *Keep, now time.Time, offline bool) (f upkeep.Facts, err error) {
	f.Now, f.Disk = now, diskOf(app.DataDir())
	if f.Store, err = storeFacts(app); err != nil {
		return f, err
	}
	if f.Store.Behind == 0 {
		if f.Drill, err = lastDrill(app); err != nil {
			return f, err
		}
		if f.Clock.Newest, err = newestMoment(app); err != nil {
			return f, err
		}
	}
	f.Clock.Synced = clockSynced()
	f.Copies = copyFacts(ctx, app, k)
	f.Door = doorFacts(ctx, app.Settings().Meta.AppURL, offline)
	limits := app.Settings().RateLimits
	f.Limits.On = limits.Enabled
	for _, r := range limits.Rules {
		f.Limits.SignIn = f.Limits.SignIn || r.Label == "*:auth" || r.Label == "*:authWithPassword" || r.Label == "/api/"
	}
	f.Superusers, err = superuserFacts(app)
	return f, err
}

func storeFacts(app core.App) (s upkeep.Store, err error) {
	if s.Check, err = checkPages(app, "quick_check"); err != nil || s.Check != "ok" {
		return s, err
	}
	for pragma, into := range map[string]any{"synchronous": &s.Synchronous, "journal_mode": &s.JournalMode} {
		if err := app.NonconcurrentDB().NewQuery("PRAGMA " + pragma).Row(into); err != nil { // of the connection that writes
			return s, err
		}
	}
	if s.Behind, err = migrationsBehind(app); err != nil || s.Behind > 0 {
		return s, err
	}
	if s.Trigger, err = alteredTrigger(app); err != nil {
		return s, err
	}
	s.AuditBroken, err = VerifyAudit(app)
	return s, err
}

// migrationsBehind counts those of this version that the database has not seen.
func migrationsBehind(app core.App) (behind int, err error) {
	var ran []string
	if err := app.DB().NewQuery("SELECT file FROM {{" + core.DefaultMigrationsTable + "}}").Column(&ran); err != nil {
		return 0, err
	}
	seen := make(map[string]bool, len(ran))
	for _, file := range ran {
		seen[file] = true
	}
	for _, m := range core.AppMigrations.Items() {
		if !seen[m.File] {
			behind++
		}
	}
	return behind, nil
}

// newestMoment is the newest that the database knows by the server's own clock.
func newestMoment(app core.App) (time.Time, error) {
	var text string
	err := app.DB().NewQuery("SELECT MAX(at) FROM (SELECT MAX(at) AS at FROM sync_epoch UNION SELECT COALESCE(MAX(at), '') FROM audit_events)").Row(&text)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	return time.Parse("2006-01-02 15:04:05.000Z", text)
}

func copyFacts(ctx context.Context, app core.App, k *Keep) *upkeep.Copies {
	if !k.on() {
		return nil
	}
	c := &upkeep.Copies{Every: k.Every}
	fail := func(err error) *upkeep.Copies { c.Trouble = err.Error(); return c }
	keys, err := k.keys()
	if err != nil {
		return fail(err)
	}
	c.Sealed = len(keys.Open) == 0
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	store, err := openStore(ctx, k.To)
	if err != nil {
		return fail(err)
	}
	defer store.Close()
	copies, err := store.copies()
	if err != nil {
		return fail(err)
	}
	var newest backup.Copy
	for _, copied := range copies {
		if copied.At.After(newest.At) {
			newest = copied
		}
	}
	if c.Newest = newest.At; !c.Newest.IsZero() && !c.Sealed {
		if err := readThrough(store, keys, newest); err != nil {
			c.Broken = err.Error()
		}
	}
	c.SameDisk = store.folder != "" && sameDisk(store.folder, app.DataDir())
	return c
}

// readThrough opens a copy and reads it to its end: what is cut short or altered shows.
func readThrough(store *store, keys backup.Keys, c backup.Copy) error {
	sealed, err := store.get(c)
	if err != nil {
		return err
	}
	defer sealed.Close()
	plain, err := keys.Unseal(sealed)
	if err == nil {
		_, err = io.Copy(io.Discard, plain)
	}
	return err
}

// doorFacts connects as a phone would.
func doorFacts(ctx context.Context, address string, offline bool) upkeep.Door {
	d := upkeep.Door{URL: address}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		d.Trouble = "it is no address"
		return d
	}
	d.Secure = u.Scheme == "https"
	ip := net.ParseIP(u.Hostname())
	d.Local = u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if !d.Secure || d.Local || offline {
		return d
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := (&tls.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		d.Trouble = err.Error()
		return d
	}
	defer conn.Close()
	d.Until = conn.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter
	return d
}

func superuserFacts(app core.App) (s upkeep.Superusers, err error) {
	c, err := app.FindCachedCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return s, err
	}
	s.Confined, s.Second = len(app.Settings().SuperuserIPs) > 0, c.MFA.Enabled && strings.TrimSpace(c.MFA.Rule) == ""
	err = app.DB().Select("COUNT(*)").From(c.Name).Where(dbx.NewExp("email <> {:installer}", dbx.Params{"installer": core.DefaultInstallerEmail})).Row(&s.N)
	return s, err
}

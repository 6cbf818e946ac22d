// Package upkeep judges whether a server is kept as health data must be: it takes facts about the machine, the database
// and its copies, and says what is wrong, how bad that is, and in one sentence what to do.
//
// Must is what can lose or disclose data: no copy away from the machine, a disk that is nearly full, a commit that does not
// reach the disk, a journal with a hole, a sign-in that anybody may try for ever. Should is what leads there in time.
// What could not be found out is said to be unknown: missing is not fine.
package upkeep

import (
	"fmt"
	"slices"
	"time"
)

// Severity of a finding.
type Severity string

const (
	Must    Severity = "must"   // somebody has to act now; the command fails
	Should  Severity = "should" // act before it becomes a must
	Unknown Severity = "unknown"
	Fine    Severity = "fine"
)

// Finding is one thing that was looked at.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Says     string   `json:"says"`
	Fix      string   `json:"fix"` // one sentence; none when it is fine
}

// Facts are what a door found out. A nil pointer is not known.
type Facts struct {
	Now        time.Time
	Disk       *Disk
	Store      Store
	Copies     *Copies // nil: none are made
	Drill      *Drill  // nil: never
	Door       Door
	Clock      Clock
	Limits     Limits
	Superusers Superusers
}

// Disk is where the data folder lies.
type Disk struct {
	Free, Total, Database uint64 // bytes
	Kind                  string // of file system, where it is one that cannot hold a database
}

// Store is the database.
type Store struct {
	Synchronous int    // 2 is FULL
	JournalMode string // wal
	Check       string // what quick_check says: ok
	Trigger     string // the first one that is missing or altered
	AuditBroken int64  // the first event where the chain does not hold
	Behind      int    // migrations that have not run
}

// Copies are the encrypted copies away from the machine.
type Copies struct {
	Trouble  string    // the store or the key cannot be used
	Newest   time.Time // zero: none yet
	Broken   string    // why the newest cannot be read to its end
	Every    time.Duration
	SameDisk bool // the copies lie on the disk of the data
	Sealed   bool // the key here cannot open them, so a drill must be made elsewhere
}

// Drill is the last time a copy was put back to see whether that works.
type Drill struct {
	At   time.Time
	Good bool
	Says string
}

// Door is how the world comes in.
type Door struct {
	URL     string
	Secure  bool // https
	Local   bool // this machine only
	Trouble string
	Until   time.Time // the certificate's end; zero: not looked at
}

// Clock is the machine's.
type Clock struct {
	Synced *bool
	Newest time.Time // the newest moment that the database knows
}

// Limits are those on guessing.
type Limits struct{ On, SignIn bool }

// Superusers can read and change everything.
type Superusers struct {
	N        int
	Confined bool // to some addresses
	Second   bool // a second factor is asked for
}

// Examine judges the facts, in the order in which somebody should act.
func Examine(f Facts) (out []Finding) {
	out = append(out, f.Store.examine()...)
	out = append(out, disk(f.Disk))
	out = append(out, copies(f.Copies, f.Now)...)
	return append(out, drill(f.Drill, f.Copies, f.Now), f.Door.examine(f.Now), f.Clock.examine(f.Now), f.Limits.examine(), f.Superusers.examine())
}

// Urgent puts what must be done first; what is equally urgent stays in order.
func Urgent(findings []Finding) []Finding {
	rank := map[Severity]int{Must: 0, Should: 1, Unknown: 2, Fine: 3}
	return slices.SortedStableFunc(slices.Values(findings), func(a, b Finding) int { return rank[a.Severity] - rank[b.Severity] })
}

// Count is how many findings have a severity.
func Count(findings []Finding, s Severity) (n int) {
	for _, f := range findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

func (s Store) examine() (out []Finding) {
	say := func(bad bool, code, fine, says, fix string) {
		if bad {
			out = append(out, Finding{code, Must, says, fix})
		} else {
			out = append(out, Finding{code, Fine, fine, ""})
		}
	}
	say(s.Check != "ok", "D_DATABASE", "The database is whole.", "The database is damaged: "+s.Check, "Stop the server, and put the newest good copy back with `interictal restore`.")
	if s.Behind > 0 {
		say(true, "D_MIGRATIONS", "", fmt.Sprintf("The database is of an older version: %d changes to it are still to be made.", s.Behind), "Start the server once with this version.")
		return out // triggers and audit are as that version needs them
	}
	say(s.Trigger != "", "D_TRIGGERS", "The journal's triggers are whole.", "The journal's trigger "+s.Trigger+" is missing or altered: changes would be lost.", "Put a copy back, or ask for help; the server does not start like this.")
	say(s.AuditBroken > 0, "D_AUDIT", "The audit's chain holds.", fmt.Sprintf("The audit is broken at event %d: a line was changed or is missing.", s.AuditBroken), "Keep this database aside as evidence, and find out who can write to the file.")
	say(s.Synchronous < 2 || s.JournalMode != "wal", "D_DURABILITY", "A commit is on the disk before it is answered.",
		fmt.Sprintf("A power cut can lose what was acknowledged (synchronous %d, journal %s).", s.Synchronous, s.JournalMode), "Start the database with this program only, and undo what changed the setting.")
	return out
}

const (
	giga      = 1 << 30
	nearEmpty = 20 // percent
)

func disk(d *Disk) Finding {
	const code = "D_DISK"
	if d == nil {
		return Finding{code, Unknown, "How full the disk is cannot be found out on this system.", "Look with `df -h`."}
	}
	says := fmt.Sprintf("%s free of %s; the database has %s.", size(d.Free), size(d.Total), size(d.Database))
	switch {
	case d.Kind != "":
		return Finding{code, Must, "The data lies on " + d.Kind + ", which does not keep a database safe.", "Move the data folder to a local disk."}
	case d.Free < max(2*d.Database, giga/2):
		return Finding{code, Must, says, "Make room now: a restore needs twice the database, and on a full disk nothing can be written."}
	case d.Total > 0 && d.Free*100/d.Total < nearEmpty && d.Free < 20*giga:
		return Finding{code, Should, says, "Plan for a larger disk."}
	}
	return Finding{code, Fine, says, ""}
}

func size(n uint64) string {
	if n >= giga {
		return fmt.Sprintf("%.1f GB", float64(n)/giga)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}

// At least once an hour a part is made, even when nothing has changed.
const Heartbeat = time.Hour

func copies(c *Copies, now time.Time) []Finding {
	const code = "D_BACKUP"
	switch {
	case c == nil:
		return []Finding{{code, Must, "No copy leaves this machine.", "Set INTERICTAL_BACKUP_TO and INTERICTAL_BACKUP_KEY for the server (docs/operate.md)."}}
	case c.Trouble != "":
		return []Finding{{code, Must, "The copies cannot be reached: " + c.Trouble, "Mend the place or the key that INTERICTAL_BACKUP_TO and INTERICTAL_BACKUP_KEY name."}}
	case c.Newest.IsZero():
		return []Finding{{code, Must, "There is no copy yet.", "Run `interictal backup`, and see in the server's log why it makes none."}}
	}
	if c.Broken != "" {
		return []Finding{{code, Must, "The newest copy cannot be read to its end: " + c.Broken, "Run `interictal backup`, then `interictal drill`, and see to the disk or bucket that holds the copies."}}
	}
	age := now.Sub(c.Newest)
	out := Finding{code, Fine, "The newest copy is " + ago(age) + " old.", ""}
	if age > 2*(Heartbeat+c.Every) {
		out = Finding{code, Must, "The newest copy is " + ago(age) + " old.", "See that the server runs with INTERICTAL_BACKUP_TO, and read its log."}
	}
	all := []Finding{out}
	if c.SameDisk {
		all = append(all, Finding{"D_BACKUP_PLACE", Must, "The copies lie on the disk of the data: one failure takes both.", "Name another disk, another machine's folder or an S3 bucket in INTERICTAL_BACKUP_TO."})
	}
	if c.Sealed {
		all = append(all, Finding{"D_BACKUP_KEY", Should, "The key here makes copies but opens none, so the weekly drill cannot run here.", "Run `interictal drill` each week where the key that opens them is."})
	}
	return all
}

const drillEvery = 7 * 24 * time.Hour

func drill(d *Drill, c *Copies, now time.Time) Finding {
	const code = "D_DRILL"
	fix := "Run `interictal drill`."
	switch {
	case d == nil:
		return Finding{code, Should, "Nobody has ever tried to put a copy back.", fix}
	case !d.Good:
		return Finding{code, Must, "The last drill failed: " + d.Says, "Mend it, make a new copy with `interictal backup`, and run `interictal drill` again."}
	case now.Sub(d.At) > 2*drillEvery+24*time.Hour && (c == nil || !c.Sealed):
		return Finding{code, Should, "The last drill was " + ago(now.Sub(d.At)) + " ago.", fix}
	}
	return Finding{code, Fine, "The last drill was " + ago(now.Sub(d.At)) + " ago: " + d.Says, ""}
}

func (d Door) examine(now time.Time) Finding {
	const code = "D_TLS"
	switch {
	case d.Local:
		return Finding{code, Must, "The application's address is " + d.URL + ": phones cannot reach it, and invitations name it.", "Set the https address that phones use in /_/ → Settings → Application URL."}
	case !d.Secure:
		return Finding{code, Must, "The application's address " + d.URL + " is not encrypted.", "Serve with a domain name (`interictal serve clinic.example.org`) or behind a proxy with TLS, and set the https address in /_/ → Settings."}
	case d.Trouble != "":
		return Finding{code, Must, d.URL + " does not answer with a valid certificate: " + d.Trouble, "Mend the certificate or the name; phones refuse to connect without it."}
	case d.Until.IsZero():
		return Finding{code, Unknown, "The certificate of " + d.URL + " was not looked at.", "Run the doctor without --offline."}
	case d.Until.Sub(now) < 14*24*time.Hour:
		return Finding{code, Should, "The certificate of " + d.URL + " ends in " + ago(d.Until.Sub(now)) + ".", "See why it was not renewed."}
	}
	return Finding{code, Fine, "The certificate of " + d.URL + " is valid for " + ago(d.Until.Sub(now)) + ".", ""}
}

func (c Clock) examine(now time.Time) Finding {
	const code = "D_CLOCK"
	fix := "Turn on NTP (`timedatectl set-ntp true`)."
	switch {
	case c.Newest.Sub(now) > time.Minute:
		return Finding{code, Must, "The clock stands " + ago(c.Newest.Sub(now)) + " before what the database already knows.", fix}
	case c.Synced == nil:
		return Finding{code, Unknown, "Whether the clock is kept right cannot be found out on this system.", fix}
	case !*c.Synced:
		return Finding{code, Should, "Nobody keeps the clock right.", fix}
	}
	return Finding{code, Fine, "The clock is kept right.", ""}
}

func (l Limits) examine() Finding {
	const code = "D_RATE_LIMITS"
	if l.On && l.SignIn {
		return Finding{code, Fine, "Guessing of passwords and codes is limited.", ""}
	}
	return Finding{code, Must, "Passwords and codes can be guessed without limit.", "Turn rate limits on in /_/ → Settings → Application, with the rule *:auth."}
}

func (s Superusers) examine() Finding {
	const code = "D_SUPERUSER"
	switch {
	case s.N == 0:
		return Finding{code, Should, "There is no superuser: whoever reads the server's log first can become one.", "Make one with `interictal superuser upsert you@example.org PASSWORD`."}
	case !s.Confined && !s.Second:
		return Finding{code, Must, fmt.Sprintf("Whoever has a superuser's password (there are %d) can read and change everything, from anywhere.", s.N), "Confine them to your addresses with `interictal superuser ips ADDRESS`, or ask for a second factor in /_/."}
	}
	return Finding{code, Fine, "Superusers need more than a password, or a known address.", ""}
}

// ago is a length of time as one would say it.
func ago(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

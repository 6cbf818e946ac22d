// Package journal is the change log under the sync protocol, as SQL.
//
// *Journal* always means this log: which row of which synced collection
// changed, in commit order. It is written by SQLite triggers in the transaction that
// makes the change, so that nothing can bypass it: not REST, not the admin pages,
// not a cascade, not raw SQL. It holds keys, never bodies.
//
//   - sync_log holds one row for each document and audience, with its newest
//     number (seq). It compacts itself: an older row of the same document is
//     deleted when a newer one is written. Audience ” is everybody who may see
//     the patient; any other audience is one user whose rights changed.
//   - sync_epoch gets a row at every start of the server. A position is
//     (epoch, seq), so a restored backup cannot pass for the original.
//   - sync_lost names the epochs that a restored backup does not know any more, with the number
//     where it parted from them; sync_returned what phones brought back of them.
//   - sync_history keeps superseded versions, the ancestors of later merges.
//   - sync_push, sync_conflicts and sync_meta belong to the exchange.
//
// An update that changes nothing but `updated` writes nothing here, so equal
// writes make no news.
package journal

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"interictal/hooks/access"
)

// Tables creates the raw tables (spec/sync.md §6.1). Two indexes differ from it: the
// native exchange reads all collections of a patient in seq order, so the scope
// and audience indexes end in seq.
var Tables = []string{
	`CREATE TABLE sync_log (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  col TEXT NOT NULL, doc TEXT NOT NULL, scope TEXT NOT NULL,
  audience TEXT NOT NULL DEFAULT '',
  op TEXT NOT NULL CHECK (op IN ('U','D','E','G','R')),
  ep INTEGER NOT NULL,
  device TEXT NOT NULL DEFAULT '')`,
	`CREATE UNIQUE INDEX sync_log_doc ON sync_log(col, doc, audience)`,
	`CREATE INDEX sync_log_scope_col ON sync_log(col, audience, scope, seq)`,
	`CREATE INDEX sync_log_scope ON sync_log(scope, audience, seq)`,
	`CREATE INDEX sync_log_audience ON sync_log(audience, seq) WHERE audience <> ''`,
	`CREATE TABLE sync_epoch (
  ord INTEGER PRIMARY KEY AUTOINCREMENT,
  epoch TEXT NOT NULL UNIQUE, start_seq INTEGER NOT NULL,
  restored INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL)`,
	`CREATE TABLE sync_history (
  col TEXT NOT NULL, doc TEXT NOT NULL, seq INTEGER NOT NULL, ep INTEGER NOT NULL, data TEXT,
  PRIMARY KEY (col, doc, seq)) WITHOUT ROWID`,
	`CREATE TABLE sync_push (
  user TEXT NOT NULL, device TEXT NOT NULL, col TEXT NOT NULL, doc TEXT NOT NULL,
  n INTEGER NOT NULL, hash TEXT NOT NULL, state TEXT, seq INTEGER NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (user, device, col, doc)) WITHOUT ROWID`,
	`CREATE TABLE sync_conflicts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,
  col TEXT NOT NULL, doc TEXT NOT NULL, scope TEXT NOT NULL, user TEXT NOT NULL, device TEXT NOT NULL,
  kind TEXT NOT NULL, fingerprint TEXT NOT NULL UNIQUE, detail TEXT NOT NULL,
  resolved_by TEXT NOT NULL DEFAULT '', resolved_at TEXT NOT NULL DEFAULT '')`,
	`CREATE INDEX sync_conflicts_scope ON sync_conflicts(scope, resolved_at)`,
	`CREATE TABLE sync_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
}

// Restores adds what it takes to recognise a restored backup, and an index for clients that pull one
// collection at a time. No device is named in the log: sync_push knows who wrote what.
var Restores = []string{
	`CREATE TABLE sync_lost (
  ord INTEGER PRIMARY KEY AUTOINCREMENT, epoch TEXT NOT NULL UNIQUE,
  start_seq INTEGER NOT NULL, place INTEGER NOT NULL, cut INTEGER NOT NULL)`,
	`CREATE TABLE sync_returned (
  col TEXT NOT NULL, doc TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, state TEXT,
  PRIMARY KEY (col, doc, epoch, seq)) WITHOUT ROWID`,
	`CREATE INDEX sync_log_audience_col ON sync_log(audience, col, seq) WHERE audience <> ''`,
	`ALTER TABLE sync_log DROP COLUMN device`,
}

// Column is a stored field of a synced collection.
type Column struct {
	Name string
	JSON bool // holds JSON text that must not be quoted again
}

// Collection is what the triggers need to know of a synced table.
type Collection struct {
	Name    string
	Scope   string // the column that holds the patient
	Columns []Column
}

// Field is what the journal asks of a collection's field.
type Field interface {
	GetName() string
	Type() string
}

// Of describes a collection by its stored fields, without the id and without
// the ones that only the server's clock changes.
func Of[F Field](name string, fields []F) Collection {
	policy, _ := access.Of(name)
	c := Collection{Name: name, Scope: policy.Scope}
	for _, f := range fields {
		if f.GetName() != "id" && f.Type() != "autodate" {
			c.Columns = append(c.Columns, Column{Name: f.GetName(), JSON: f.Type() == "json"})
		}
	}
	return c
}

const epoch = `(SELECT MAX(ord) FROM sync_epoch)`

// Triggers returns the triggers of one synced collection by name. They name
// its columns, so they block DROP COLUMN and are rebuilt around a change of
// the collection (hooks/journal.go).
func Triggers(c Collection) map[string]string {
	q := func(format string) string {
		return strings.NewReplacer("{col}", c.Name, "{scope}", c.Scope, "{epoch}", epoch,
			"{changed}", changed(c.Columns), "{old}", object(c.Columns)).Replace(format)
	}
	name := func(event string) string { return "sync_" + c.Name + "_" + event }
	return map[string]string{
		name("fixed"): q(`CREATE TRIGGER sync_{col}_fixed BEFORE UPDATE ON {col}
WHEN OLD.id <> NEW.id OR OLD.{scope} <> NEW.{scope}
BEGIN SELECT RAISE(ABORT, 'E_SCOPE_FIXED: id and patient of a record never change'); END`),
		// A document made again stays with its patient, and its tombstone becomes history. An erased
		// one (E) never comes back.
		name("again"): q(`CREATE TRIGGER sync_{col}_again BEFORE INSERT ON {col} BEGIN
  SELECT RAISE(ABORT, 'E_SCOPE_FIXED: id and patient of a record never change')
    FROM sync_log WHERE col='{col}' AND doc=NEW.id AND audience='' AND scope <> NEW.{scope};
  SELECT RAISE(ABORT, 'E_ERASED: this record was erased for good')
    FROM sync_log WHERE col='{col}' AND doc=NEW.id AND audience='' AND op='E';
  INSERT OR IGNORE INTO sync_history(col, doc, seq, ep, data)
    SELECT col, doc, seq, ep, NULL FROM sync_log WHERE col='{col}' AND doc=NEW.id AND audience='' AND op='D';
END`),
		// INSERT OR REPLACE removes the old row and, unless recursive_triggers is on, tells nobody.
		name("insert"): q(`CREATE TRIGGER sync_{col}_insert AFTER INSERT ON {col} BEGIN
  SELECT RAISE(ABORT, 'E_REPLACE: use UPDATE or ON CONFLICT DO UPDATE, the journal would miss the old version')
    FROM sync_log WHERE col='{col}' AND doc=NEW.id AND audience='' AND op='U';
  DELETE FROM sync_log WHERE col='{col}' AND doc=NEW.id AND audience='';
  INSERT INTO sync_log(col, doc, scope, op, ep) VALUES('{col}', NEW.id, NEW.{scope}, 'U', {epoch});
END`),
		name("update"): q(`CREATE TRIGGER sync_{col}_update AFTER UPDATE ON {col} WHEN {changed} BEGIN
  INSERT OR IGNORE INTO sync_history(col, doc, seq, ep, data)
    SELECT col, doc, seq, ep, {old} FROM sync_log WHERE col='{col}' AND doc=OLD.id AND audience='';
  DELETE FROM sync_log WHERE col='{col}' AND doc=NEW.id AND audience='';
  INSERT INTO sync_log(col, doc, scope, op, ep) VALUES('{col}', NEW.id, NEW.{scope}, 'U', {epoch});
END`),
		name("delete"): q(`CREATE TRIGGER sync_{col}_delete AFTER DELETE ON {col} BEGIN
  INSERT OR IGNORE INTO sync_history(col, doc, seq, ep, data)
    SELECT col, doc, seq, ep, {old} FROM sync_log WHERE col='{col}' AND doc=OLD.id AND audience='';
  DELETE FROM sync_log WHERE col='{col}' AND doc=OLD.id AND audience='';
  INSERT INTO sync_log(col, doc, scope, op, ep) VALUES('{col}', OLD.id, OLD.{scope}, 'D', {epoch});
END`),
	}
}

func changed(columns []Column) string {
	tests := make([]string, len(columns))
	for i, c := range columns {
		tests[i] = fmt.Sprintf("OLD.`%[1]s` IS NOT NEW.`%[1]s`", c.Name)
	}
	return strings.Join(tests, " OR ")
}

func object(columns []Column) string {
	pairs := make([]string, len(columns))
	for i, c := range columns {
		value := "OLD.`" + c.Name + "`"
		if c.JSON {
			value = fmt.Sprintf("CASE WHEN json_valid(%[1]s) THEN json(%[1]s) ELSE %[1]s END", value)
		}
		pairs[i] = fmt.Sprintf("'%s', %s", c.Name, value)
	}
	return "json_object(" + strings.Join(pairs, ", ") + ")"
}

// RightsTriggers log the changes of rights: a grant makes everything the patient shares
// news for one user (G), its end a list of tombstones (R, also of documents already
// deleted: a delete not yet pulled becomes invisible with the right). Consent
// given or withdrawn does the same for one family and every live member.
func RightsTriggers() map[string]string {
	out := map[string]string{
		"sync_link_fixed": `CREATE TRIGGER sync_link_fixed BEFORE UPDATE ON care_links
WHEN OLD.patient <> NEW.patient OR OLD.member <> NEW.member OR OLD.role <> NEW.role OR (OLD.until <> '' AND NEW.until <> OLD.until)
BEGIN SELECT RAISE(ABORT, 'E_LINK_FIXED: end this care link and make a new one'); END`,
		"sync_consent_fixed": `CREATE TRIGGER sync_consent_fixed BEFORE UPDATE ON consents WHEN OLD.family <> NEW.family
BEGIN SELECT RAISE(ABORT, 'E_SCOPE_FIXED: a consent is about one family for good'); END`,
	}
	add := func(name, when, body string) {
		out[name] = fmt.Sprintf("CREATE TRIGGER %s AFTER %s BEGIN\n%s\nEND", name, when, body)
	}
	add("sync_link_grant", "INSERT ON care_links WHEN NEW.until=''", linkNews("NEW", "G"))
	add("sync_link_end", "UPDATE ON care_links WHEN OLD.until='' AND NEW.until<>''", linkNews("NEW", "R"))
	add("sync_link_gone", "DELETE ON care_links WHEN OLD.until=''", linkNews("OLD", "R"))
	add("sync_consent_new", "INSERT ON consents WHEN NEW.state='given'", consentNews("NEW", "G"))
	add("sync_consent_given", "UPDATE ON consents WHEN OLD.state<>'given' AND NEW.state='given'", consentNews("NEW", "G"))
	add("sync_consent_withdrawn", "UPDATE ON consents WHEN OLD.state='given' AND NEW.state<>'given'", consentNews("NEW", "R"))
	add("sync_consent_gone", "DELETE ON consents WHEN OLD.state='given'", consentNews("OLD", "R"))
	return out
}

// linkNews are the lines for one member when a care link (row: NEW or OLD) begins or ends.
func linkNews(row, op string) string {
	seen := byRole(row+".role") + "\n    AND " + shared(row+".patient")
	return fmt.Sprintf(`  DELETE FROM sync_log WHERE scope=%[1]s.patient AND audience=%[1]s.member AND audience<>'' AND %[3]s;
  INSERT INTO sync_log(col, doc, scope, audience, op, ep)
    SELECT col, doc, scope, %[1]s.member, '%[2]s', %[4]s FROM sync_log
    WHERE scope=%[1]s.patient AND audience='' AND (op='U' OR '%[2]s'='R') AND %[3]s ORDER BY seq;`, row, op, seen, epoch)
}

// consentNews are the lines for every live member when consent to a family changes.
func consentNews(row, op string) string {
	return fmt.Sprintf(`  DELETE FROM sync_log WHERE scope=%[1]s.patient AND %[3]s
    AND audience IN (SELECT member FROM care_links WHERE patient=%[1]s.patient AND until='');
  INSERT INTO sync_log(col, doc, scope, audience, op, ep)
    SELECT s.col, s.doc, s.scope, l.member, '%[2]s', %[5]s
    FROM care_links l JOIN sync_log s ON s.scope=l.patient AND s.audience='' AND (s.op='U' OR '%[2]s'='R')
    WHERE l.patient=%[1]s.patient AND l.until='' AND %[3]s AND %[4]s ORDER BY s.seq;`,
		row, op, byFamily(row+".family"), byRole("l.role"), epoch)
}

// shared: collections that need no consent, or whose family the patient shares. What was never
// shown is neither granted nor taken away.
func shared(patient string) string {
	var exempt []string
	for _, p := range access.Synced() {
		if p.Family == access.Exempt {
			exempt = append(exempt, p.Collection)
		}
	}
	return fmt.Sprintf("(col IN (%s) OR EXISTS (SELECT 1 FROM consents c WHERE c.patient=%s AND c.state='given' AND %s))",
		quoted(exempt), patient, byFamily("c.family"))
}

// byRole: the collections that a link of this role covers.
func byRole(role string) string {
	var arms []string
	for _, r := range access.ByLink {
		var cols []string
		for _, p := range access.Synced() {
			if slices.Contains(p.See, r) {
				cols = append(cols, p.Collection)
			}
		}
		arms = append(arms, fmt.Sprintf("(%s='%s' AND col IN (%s))", role, r, quoted(cols)))
	}
	return "(" + strings.Join(arms, " OR ") + ")"
}

func byFamily(family string) string {
	cols := map[access.Family][]string{}
	for _, p := range access.Synced() {
		if p.Family != access.Exempt {
			cols[p.Family] = append(cols[p.Family], p.Collection)
		}
	}
	var arms []string
	for _, f := range access.Families {
		if len(cols[f]) > 0 {
			arms = append(arms, fmt.Sprintf("(%s='%s' AND col IN (%s))", family, f, quoted(cols[f])))
		}
	}
	return "(" + strings.Join(arms, " OR ") + ")"
}

// AppendOnly guards a table whose rows are never changed or removed.
func AppendOnly(table string) map[string]string {
	out := map[string]string{}
	for _, event := range []string{"UPDATE", "DELETE"} {
		name := "guard_" + table + "_" + strings.ToLower(event)
		out[name] = fmt.Sprintf("CREATE TRIGGER %s BEFORE %s ON %s\nBEGIN SELECT RAISE(ABORT, 'E_APPEND_ONLY: rows of %[3]s are never changed or removed'); END", name, event, table)
	}
	return out
}

// Altered names the first trigger that is missing or not as it must be; "" when all stand.
func Altered(want, have map[string]string) string {
	for _, name := range Names(want) {
		if plain(have[name]) != plain(want[name]) {
			return name
		}
	}
	return ""
}

// plain forgets the quotes and blanks that SQLite changes when a table is altered.
func plain(sql string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("`", "", `"`, "").Replace(sql)), " ")
}

// Names returns the names of a set of triggers in a fixed order.
func Names(triggers map[string]string) []string {
	return slices.Sorted(maps.Keys(triggers))
}

func quoted(names []string) string { return "'" + strings.Join(names, "', '") + "'" }

// Devices adds who exchanges with what: for the clinic's desk, and to reach a phone that is to be erased.
var Devices = []string{
	`CREATE TABLE sync_devices (
  user TEXT NOT NULL, device TEXT NOT NULL, staff INTEGER NOT NULL, app TEXT NOT NULL DEFAULT '',
  first_at TEXT NOT NULL, last_at TEXT NOT NULL, waiting INTEGER NOT NULL DEFAULT 0,
  erase_at TEXT NOT NULL DEFAULT '', erase_by TEXT NOT NULL DEFAULT '', told_at TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (user, device)) WITHOUT ROWID`,
}

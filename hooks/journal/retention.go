package journal

// Kept is one kind of old row that need not be kept for ever.
type Kept struct {
	What  string
	Table string
	Key   string // its primary key
	Old   string // condition on alias t; {:floor} is a number of the journal, {:pushes}, {:settled} and {:shells} are instants, {:today} is a day
}

// Retention is what is let go, in this order (spec/sync.md §6.7). A version is old once the version after it
// is: a phone may still stand on a row that was written years ago and changed yesterday. Tombstones go last, because a
// deleted row's versions are dated by them. What waits for somebody's word is never old, and what was erased is remembered.
var Retention = []Kept{
	{What: "superseded versions", Table: "sync_history", Key: "col, doc, seq", Old: `t.seq < {:floor} AND COALESCE(
  (SELECT MIN(n.seq) FROM sync_history n WHERE n.col=t.col AND n.doc=t.doc AND n.seq>t.seq),
  (SELECT l.seq FROM sync_log l WHERE l.col=t.col AND l.doc=t.doc AND l.audience='')) <= {:floor}`},
	{What: "tombstones and changes of rights", Table: "sync_log", Key: "seq", Old: `t.seq <= {:floor} AND (t.op='D' OR t.audience<>'')`},
	{What: "versions brought back after a restore", Table: "sync_returned", Key: "col, doc, epoch, seq",
		Old: `EXISTS (SELECT 1 FROM sync_lost x WHERE x.epoch=t.epoch AND x.cut < {:floor}) OR EXISTS (SELECT 1 FROM sync_epoch x WHERE x.epoch=t.epoch AND x.start_seq < {:floor})`},
	{What: "records of what devices pushed", Table: "sync_push", Key: "user, device, col, doc", Old: `t.at < {:pushes}`},
	{What: "devices that were not heard of", Table: "sync_devices", Key: "user, device", Old: `t.last_at < {:settled}
  AND (t.erase_at='' OR t.told_at<>'' OR NOT EXISTS (SELECT 1 FROM users u WHERE u.id=t.user))`}, // one that is to be erased is waited for
	{What: "settled conflicts", Table: "sync_conflicts", Key: "id", Old: `t.resolved_at<>'' AND t.resolved_at < {:settled} OR (t.kind='quiet' OR t.scope='') AND t.at < {:settled}`},
	{What: "used or expired codes", Table: "access_codes", Key: "id", Old: `t.expires_at < {:settled}`},
	{What: "addresses of calendars that were taken back", Table: "calendar_feeds", Key: "id", Old: `t.revoked_at<>'' AND t.revoked_at < {:settled}`},
	{What: "entries as caregivers sent them, whose link has ended", Table: "caregiver_entries", Key: "id",
		Old: `EXISTS (SELECT 1 FROM caregiver_links l WHERE l.id=t.link AND l.expires_at < {:settled})`}, // the attacks say the same, and by whom
	{What: "shells of erased accounts", Table: "users", Key: "id", Old: `t.erased_at<>'' AND t.erased_at < {:shells}`},
	{What: "locked rows whose term is over", Table: "kept_records", Key: "id",
		Old: `EXISTS (SELECT 1 FROM erasures x WHERE x.id=t.erasure AND x.keep_until<>'' AND x.keep_until<={:today} AND x.hold=FALSE)`},
}

// Count asks how many rows are old.
func (k Kept) Count() string { return "SELECT COUNT(*) FROM " + k.Table + " t WHERE " + k.Old }

// Purge deletes at most {:some} of them, so that no write waits for long.
func (k Kept) Purge() string {
	return "DELETE FROM " + k.Table + " WHERE (" + k.Key + ") IN (SELECT " + k.Key + " FROM " + k.Table + " t WHERE " + k.Old + " LIMIT {:some})"
}

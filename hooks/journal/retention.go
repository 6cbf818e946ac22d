package journal

// Kept is one kind of old row that need not be kept for ever.
type Kept struct {
	What  string
	Table string
	Key   string // its primary key
	Old   string // condition on alias t; {:floor} is a number of the journal, {:pushes} and {:settled} are instants
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
	{What: "devices that were not heard of", Table: "sync_devices", Key: "user, device", Old: `t.last_at < {:settled}`},
	{What: "settled conflicts", Table: "sync_conflicts", Key: "id", Old: `t.resolved_at<>'' AND t.resolved_at < {:settled} OR (t.kind='quiet' OR t.scope='') AND t.at < {:settled}`},
}

// Count asks how many rows are old.
func (k Kept) Count() string { return "SELECT COUNT(*) FROM " + k.Table + " t WHERE " + k.Old }

// Purge deletes at most {:some} of them, so that no write waits for long.
func (k Kept) Purge() string {
	return "DELETE FROM " + k.Table + " WHERE (" + k.Key + ") IN (SELECT " + k.Key + " FROM " + k.Table + " t WHERE " + k.Old + " LIMIT {:some})"
}

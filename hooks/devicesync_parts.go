package hooks

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// What would go with a deleted row.

// grown: rows would go with this one that are newer than what the device has seen, and not its own. A client sends the
// deletes of what it knows first.
func (p *pusher) grown(s subject) (bool, error) {
	if err := p.remember(); err != nil { // what came with this push is its own too
		return false, err
	}
	references, err := p.tx.FindCachedCollectionReferences(s.collection)
	if err != nil {
		return false, err
	}
	params := p.key(s)
	params["seen"] = p.history.Heard(s.entry, p.request.Cursor)
	for part, fields := range references {
		for _, f := range fields {
			if relation, ok := f.(*core.RelationField); !ok || !relation.CascadeDelete {
				continue
			}
			params["part"] = part.Name
			if yes, err := p.unseenPart(part, f.GetName(), params); yes || err != nil {
				return yes, err
			}
		}
	}
	return false, nil
}

// unseenPart: one of the rows is newer than what the device has seen, or granted since, and says something that the device
// has not sent itself.
func (p *pusher) unseenPart(part *core.Collection, field string, params dbx.Params) (bool, error) {
	var newer []struct {
		Doc   string  `db:"doc"`
		State *string `db:"state"`
	}
	err := p.tx.DB().NewQuery(`SELECT l.doc, o.state FROM {{` + part.Name + `}} r JOIN sync_log l ON l.col={:part} AND l.doc=r.id AND l.audience=''
  AND MAX(l.seq, COALESCE((SELECT g.seq FROM sync_log g WHERE g.col=l.col AND g.doc=l.doc AND g.audience={:u} AND g.op='G'), 0)) > {:seen}
LEFT JOIN sync_push o ON o.user={:u} AND o.device={:v} AND o.col={:part} AND o.doc=r.id AND o.seq=l.seq WHERE r.[[` + field + `]]={:d}`).Bind(params).All(&newer)
	if err != nil {
		return false, err
	}
	for _, n := range newer {
		said, err := storedState(n.State)
		if err != nil || said == nil { // somebody else's, or one that the device wanted deleted and may not
			return err == nil, err
		}
		record, err := p.tx.FindRecordById(part, n.Doc)
		if err != nil || !stateOf(record).SameAs(said) {
			return err == nil, err
		}
	}
	return false, nil
}

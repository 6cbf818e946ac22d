package hooks

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
	"interictal/hooks/diary"
	"interictal/hooks/progress"
)

// usesOf describes attacks with and without cold or a device; nothing for a reader who does not see the sessions, to whom every
// attack would look like one without.
func usesOf(db dbx.Builder, patient string, e diary.Entries, right access.Right) ([]progress.WithAndWithout, error) {
	if !right.Sees("modality_sessions") || !right.Sees("neuromod_sessions") {
		return []progress.WithAndWithout{}, nil
	}
	var rows []struct {
		Attack  string         `db:"attack"`
		Kind    progress.Kind  `db:"kind"`
		Started types.DateTime `db:"started_at"`
	}
	err := db.NewQuery(`SELECT attack, 'cold' AS kind, started_at FROM modality_sessions WHERE patient={:p} AND type='cold'
UNION ALL SELECT attack, 'device' AS kind, started_at FROM neuromod_sessions WHERE patient={:p} AND mode='acute'`).Bind(dbx.Params{"p": patient}).All(&rows)
	sessions := make([]progress.Session, len(rows))
	for i, r := range rows {
		sessions[i] = progress.Session{Attack: r.Attack, Kind: r.Kind, Started: r.Started.Time()}
	}
	return progress.ByUse(e, sessions), err
}

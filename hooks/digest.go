package hooks

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/devicesync"
)

// digestAnswer proves to a phone that it has what the server has.
type digestAnswer struct {
	Collection string            `json:"collection"`
	Count      int               `json:"count"`
	SHA256     string            `json:"sha256"` // over the sorted lines `id:rev`, each ended by a line feed
	Epoch      string            `json:"epoch"`
	Seq        int64             `json:"seq"`
	Documents  map[string]string `json:"documents,omitzero"` // with list=1: rev by id
}

// digest answers GET /api/sync/digest?collection=: what the caller's device must hold of one
// collection, in the capacity that `as` names.
func (d *doors) digest(e *core.RequestEvent) error {
	query := e.Request.URL.Query()
	policy, ok := policyOf(query.Get("collection"))
	if !ok {
		return refuse(http.StatusNotFound, hard("E_COLLECTION", "There is no such collection to sync."))
	}
	running, err := d.log.running(e.App.DB())
	if err != nil {
		return err
	}
	out := digestAnswer{Collection: policy.Collection, Epoch: running.Name}
	revs := map[string]string{}
	err = snapshot(e.Request.Context(), e.App, func(db *dbx.Tx) error {
		mine, err := holdings(db, e.Auth, asStaff(e.Auth, query.Get("as")))
		if err != nil {
			return err
		}
		for _, h := range mine {
			if !h.right.Sees(policy.Collection) {
				continue
			}
			if err := revsOf(db, policy.Collection, h.patient, revs); err != nil {
				return err
			}
		}
		out.Seq, err = newestSeq(db)
		return err
	})
	if err != nil {
		return err
	}
	out.Count, out.SHA256 = len(revs), digestOf(revs)
	if query.Get("list") == "1" {
		out.Documents = revs
	}
	return e.JSON(http.StatusOK, out)
}

// asStaff: in which capacity a device asks; without a word, as the patient of the own diary if there is one.
func asStaff(user *core.Record, as string) bool {
	return as == "staff" || as == "" && user.GetString("patient") == ""
}

func revsOf(db dbx.Builder, collection, patient string, into map[string]string) error {
	var lines []logRow
	err := db.NewQuery(`SELECT seq, doc, epoch FROM sync_log JOIN sync_epoch ON ord=ep
WHERE col={:c} AND audience='' AND scope={:p} AND op='U'`).Bind(dbx.Params{"c": collection, "p": patient}).All(&lines)
	for _, l := range lines {
		into[l.Doc] = devicesync.Position{Epoch: l.Epoch, Seq: l.Seq}.Rev()
	}
	return err
}

func digestOf(revs map[string]string) string {
	lines := make([]string, 0, len(revs))
	for id, rev := range revs {
		lines = append(lines, id+":"+rev+"\n")
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

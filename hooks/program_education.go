package hooks

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/pocketbase/pocketbase/core"
)

// Texts to learn from (S-39): given by the team, opened by the patient, said back to the therapist.

// copied from the text into the assignment, with its source and its dates (S-01).
var copied = []string{"topic", "title", "body", "author", "source", "published_on", "reviewed_on"}

// assign copies the text, so that it reads the same offline and after a new version. The patient says that she opened it,
// and what it says in her own words; the rest is the team's.
func (d *doors) assign(e *core.RecordEvent) error {
	r := e.Record
	if by := actorOf(r); by.Own != "" && by.Own == r.GetString("patient") {
		if r.IsNew() || slices.ContainsFunc([]string{"item", "taught_back_on", "taught_back_note"}, func(f string) bool { return r.GetString(f) != r.Original().GetString(f) }) {
			return refuse(http.StatusUnprocessableEntity, hard("E_ROLE", "Your therapist gives texts to read, and notes what you said back."))
		}
	} else if by.ID != "system" && (r.GetString("said_back") != r.Original().GetString("said_back") || r.GetString("said_back_at") != r.Original().GetString("said_back_at")) {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_ROLE", "These are the patient's own words."), "said_back"))
	}
	if !r.IsNew() {
		asGiven(r)
		return e.Next()
	}
	item, err := e.App.FindRecordById("education_items", r.GetString("item"))
	if err != nil {
		return noneIs(err, noItem("item"))
	}
	if offered, err := offeredTo(e.App, r.GetString("patient"), item); err != nil || !offered {
		return cmp.Or(err, noItem("item"))
	}
	for _, field := range copied {
		r.Set(field, item.GetString(field))
	}
	r.Set("item_version", item.GetInt("version"))
	r.Set("assigned_by", actorOf(r).ID)
	r.Set("assigned_at", instantText(d.clock.now()))
	return e.Next()
}

// asGiven: what was assigned stays as it was, and the first opening counts.
func asGiven(r *core.Record) {
	for _, field := range append([]string{"item", "item_version", "assigned_by", "assigned_at"}, copied...) {
		r.Set(field, r.Original().Get(field))
	}
	if opened := r.Original().GetDateTime("opened_at"); !opened.IsZero() {
		r.Set("opened_at", opened)
	}
}

package hooks

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

// PocketBase's own routes for records, made as strict as the exchange: a sign-in that ran out is said,
// a body with unknown fields or wrong types is refused instead of stored in part, an expand never
// leaves the patient it began with, and a refusal has a code.

func (d *doors) bindREST(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "rest", Func: func(e *core.ServeEvent) error {
		e.Router.BindFunc(strictREST)
		return e.Next()
	}})
	app.OnRecordEnrich().Bind(&hook.Handler[*core.RecordEnrichEvent]{Id: "auditExpand", Func: d.auditExpand})
}

func strictREST(e *core.RequestEvent) error {
	name := e.Request.PathValue("collection")
	if name == "" || !strings.HasPrefix(e.Request.URL.Path, "/api/collections/") || e.HasSuperuserAuth() {
		return e.Next()
	}
	if wanders(name, e.Request.URL.Query().Get("expand")) {
		return refuse(http.StatusBadRequest, hard("E_EXPAND", "An expand that leads from here to patients' records is closed: ask for the records of one patient."))
	}
	collection, err := e.App.FindCachedCollectionByNameOrId(name)
	if err != nil {
		return refuse(http.StatusNotFound, hard("E_COLLECTION", "There is no such collection."))
	}
	if _, ours := access.Of(collection.Name); !ours {
		return e.Next()
	}
	if e.Auth == nil {
		return signedOut()
	}
	if broken := badBody(e, collection); len(broken) > 0 {
		return refuse(http.StatusUnprocessableEntity, broken...)
	}
	return inWords(e.Next())
}

// wanders: a back-relation from anything that is not itself a record of one patient would put several
// patients, or both worlds of a therapist with migraine, into one answer.
func wanders(collection, expand string) bool {
	if !strings.Contains(expand, "_via_") {
		return false
	}
	policy, ours := access.Of(collection)
	return !ours || policy.Scope != "patient" || policy.Collection == "care_links"
}

// badBody finds what PocketBase would drop or turn into something else in silence.
func badBody(e *core.RequestEvent, c *core.Collection) (broken []clinic.Broken) {
	writes := e.Request.Method == http.MethodPost || e.Request.Method == http.MethodPatch
	if !writes || !strings.HasPrefix(e.Request.Header.Get("Content-Type"), "application/json") {
		return nil
	}
	info, err := e.RequestInfo()
	if err != nil {
		return []clinic.Broken{hard("E_JSON", "The body cannot be read.")}
	}
	if hasModifier(info.Body) {
		return []clinic.Broken{noModifiers}
	}
	for name, value := range info.Body {
		if slices.Contains(fixed, name) {
			continue
		}
		field := c.Fields.GetByName(name)
		switch {
		case field == nil || field.GetHidden():
			broken = append(broken, withField(hard("E_FIELD", "There is no such field: "+name+"."), name))
		case !fits(field, value):
			broken = append(broken, withField(hard("E_TYPE", "Wrong type for "+name+"."), name))
		}
	}
	return broken
}

// inWords gives PocketBase's bare refusals a code and a sentence of ours, with its status.
func inWords(err error) error {
	bare := (*router.ApiError)(nil)
	if !errors.As(err, &bare) || len(bare.Data) > 0 {
		return err
	}
	if cause, ok := bare.RawData().(error); ok {
		if b, ok := fixedFor(cause); ok {
			return refuse(http.StatusUnprocessableEntity, b)
		}
		if fault := asFault(cause); fault != cause {
			return fault
		}
	}
	switch bare.Status {
	case http.StatusNotFound:
		return noRight()
	case http.StatusBadRequest, http.StatusForbidden:
		return refuse(bare.Status, hard("E_FORBIDDEN", "You have no right to do this with these records."))
	}
	return err
}

// auditExpand notes what staff see through an expand; the record asked for itself is noted in scope.go.
func (d *doors) auditExpand(e *core.RecordEnrichEvent) error {
	policy, ours := access.Of(e.Record.Collection().Name)
	info := e.RequestInfo
	if !ours || info == nil || info.Auth == nil || info.Context != core.RequestInfoContextExpand {
		return e.Next()
	}
	patient := patientOf(e.Record, policy)
	if patient == "" || patient == info.Auth.GetString("patient") {
		return e.Next()
	}
	err := d.audit(e.App, event{Actor: info.Auth.Id, Capacity: capacity(e.App, info.Auth, patient), Action: "read",
		Patient: patient, Collection: policy.Collection, Outcome: "ok"})
	if err != nil {
		return err
	}
	return e.Next()
}

package hooks

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ganigeorgiev/fexpr"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"interictal/hooks/access"
)

// A list is always of one patient. "My own" and "my patients'" are never one
// list: without a filter a person gets her own diary, and staff name the
// patient: filter=(patient="ID"). It keeps the two worlds of a therapist with
// migraine apart, tells the audit whose records were read, and makes the
// list indexable, which an OR over care links by itself is not.

// bindScope narrows lists before they run and notes what staff have read.
func (d *doors) bindScope(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "scope", Func: func(e *core.ServeEvent) error {
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: "scope", Func: narrow})
		return e.Next()
	}})
	app.OnRecordsListRequest().Bind(&hook.Handler[*core.RecordsListRequestEvent]{Id: "auditList", Func: d.auditList})
	app.OnRecordViewRequest().Bind(&hook.Handler[*core.RecordRequestEvent]{Id: "auditView", Func: d.auditView})
}

// otherScopes are further ways to name a list that an index serves.
var otherScopes = map[string][]string{
	"patients":   {"clinic"},
	"care_links": {"member"},
}

func narrow(e *core.RequestEvent) error {
	name := e.Request.PathValue("collection")
	if e.Request.Method != http.MethodGet && e.Request.Method != http.MethodHead || name == "" || !strings.HasSuffix(e.Request.URL.Path, "/records") {
		return e.Next()
	}
	collection, err := e.App.FindCachedCollectionByNameOrId(name)
	if err != nil {
		return e.Next()
	}
	policy, ok := access.Of(collection.Name)
	if !ok || e.HasSuperuserAuth() {
		return e.Next()
	}
	if e.Auth == nil {
		return signedOut() // PocketBase would answer an expired token with an empty list
	}
	query := e.Request.URL.Query()
	filter := query.Get("filter")
	if named(filter, append([]string{policy.Scope}, otherScopes[collection.Name]...)) {
		return e.Next()
	}
	own := e.Auth.GetString("patient")
	if own == "" {
		return refuse(http.StatusBadRequest, hard("E_SCOPE", `Name one patient: filter=(`+policy.Scope+`="ID").`))
	}
	narrowed := policy.Scope + `="` + own + `"`
	if filter != "" {
		narrowed += " && (" + filter + ")"
	}
	query.Set("filter", narrowed)
	e.Request.URL.RawQuery = query.Encode()
	return e.Next()
}

// named: the filter binds one of the fields to one value, whatever else it asks.
func named(filter string, fields []string) bool {
	return scopeIn(filter, fields) != ""
}

// scopeIn is the value that a filter binds one of the fields to.
func scopeIn(filter string, fields []string) string {
	groups, err := fexpr.Parse(filter)
	if err != nil {
		return "" // PocketBase says what is wrong with it
	}
	return boundIn(groups, fields)
}

func boundIn(groups []fexpr.ExprGroup, fields []string) string {
	for i, g := range groups {
		if g.Join != fexpr.JoinAnd && i > 0 {
			return "" // an OR binds nothing
		}
	}
	for _, g := range groups {
		switch item := g.Item.(type) {
		case fexpr.Expr:
			if item.Op == fexpr.SignEq && item.Right.Type == fexpr.TokenText && slices.Contains(fields, item.Left.Literal) {
				return item.Right.Literal
			}
		case []fexpr.ExprGroup:
			if value := boundIn(item, fields); value != "" {
				return value
			}
		}
	}
	return ""
}

// auditList notes that staff read a patient's records.
func (d *doors) auditList(e *core.RecordsListRequestEvent) error {
	policy, ok := access.Of(e.Collection.Name)
	if !ok || len(e.Records) == 0 || e.Auth == nil {
		return e.Next()
	}
	seen := map[string]bool{}
	var events []event
	for _, r := range e.Records {
		if patient := patientOf(r, policy); !seen[patient] && patient != e.Auth.GetString("patient") {
			seen[patient] = true
			events = append(events, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, patient), Action: "read",
				Patient: patient, Collection: e.Collection.Name, Outcome: "ok"})
		}
	}
	if len(events) > 0 {
		if err := d.audit(e.App, events...); err != nil {
			return err // what cannot be noted is not shown
		}
	}
	return e.Next()
}

func (d *doors) auditView(e *core.RecordRequestEvent) error {
	policy, ok := access.Of(e.Collection.Name)
	if !ok || e.Auth == nil {
		return e.Next()
	}
	patient := patientOf(e.Record, policy)
	if patient == e.Auth.GetString("patient") {
		return e.Next()
	}
	err := d.audit(e.App, event{Actor: e.Auth.Id, Capacity: capacity(e.App, e.Auth, patient), Action: "read",
		Patient: patient, Collection: e.Collection.Name, Record: e.Record.Id, Outcome: "ok"})
	if err != nil {
		return err
	}
	return e.Next()
}

func patientOf(r *core.Record, policy access.Policy) string {
	if policy.Scope == "id" {
		return r.Id
	}
	return r.GetString(policy.Scope)
}

// capacity is the word the audit uses for how somebody came to see a patient.
func capacity(app core.App, user *core.Record, patient string) string {
	if user.IsSuperuser() {
		return "superuser"
	}
	right, err := rightOf(app.DB(), user, patient)
	if err != nil {
		return ""
	}
	return foremost(right.Roles)
}

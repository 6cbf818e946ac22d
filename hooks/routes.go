package hooks

import (
	"slices"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/devicesync"
)

// Route is one of our own routes. The access test reads this table and fails
// for a route that its matrix does not know.
type Route struct {
	Method, Path string
	Does         string
	Open         bool // no sign-in needed
	BodyLimit    int64
	handle       func(*doors, *core.RequestEvent) error
}

// Routes lists every route beside PocketBase's own; docs/api.md describes each.
func Routes() []Route {
	return slices.Concat(planRoutes, visitRoutes, overviewRoutes, reportRoutes, programRoutes, triggerRoutes, safetyRoutes, caregiverRoutes, erasureRoutes, exportRoutes, deskRoutes, []Route{
		{Method: "POST", Path: "/api/sync/exchange", Does: "the native exchange", BodyLimit: devicesync.MaxBody, handle: (*doors).exchange},
		{Method: "GET", Path: "/api/sync/schema", Does: "the synced collections as JSON Schema", handle: (*doors).schema},
		{Method: "GET", Path: "/api/sync/digest", Does: "count and hash of what a device must hold", handle: (*doors).digest},
		{Method: "GET", Path: "/api/sync/conflicts", Does: "values that did not become a document's", handle: (*doors).conflicts},
		{Method: "POST", Path: "/api/sync/conflicts/{id}/resolve", Does: "keep one of the two", handle: (*doors).resolveConflict},
		{Method: "GET", Path: "/api/sync/watermelon", Does: "WatermelonDB: pullChanges", handle: (*doors).watermelonPull},
		{Method: "POST", Path: "/api/sync/watermelon", Does: "WatermelonDB: pushChanges", BodyLimit: devicesync.MaxBody, handle: (*doors).watermelonPush},
		{Method: "POST", Path: "/api/sync/watermelon/salvage", Does: "WatermelonDB: keep what a device must give up", BodyLimit: devicesync.MaxBody, handle: (*doors).watermelonSalvage},
		{Method: "GET", Path: "/api/sync/rxdb/{collection}/pull", Does: "RxDB: a page of one collection", handle: (*doors).rxdbPull},
		{Method: "POST", Path: "/api/sync/rxdb/{collection}/push", Does: "RxDB: changed documents", BodyLimit: devicesync.MaxBody, handle: (*doors).rxdbPush},
		{Method: "POST", Path: "/api/sync/rxdb/ticket", Does: "RxDB: lets an EventSource in", handle: (*doors).rxdbTicket},
		{Method: "GET", Path: "/api/sync/rxdb/stream", Does: "RxDB: hints that there is news", Open: true, handle: (*doors).rxdbStream}, // or with a ticket
		{Method: "GET", Path: "/api/sync/rxdb-server/{collection}/{version}/pull", Does: "rxdb-server: a page", handle: forStockClient((*doors).rxdbServerPull)},
		{Method: "POST", Path: "/api/sync/rxdb-server/{collection}/{version}/push", Does: "rxdb-server: changed documents", BodyLimit: devicesync.MaxBody, handle: forStockClient((*doors).rxdbServerPush)},
		{Method: "GET", Path: "/api/sync/rxdb-server/{collection}/{version}/pullStream", Does: "rxdb-server: documents as they change", handle: forStockClient((*doors).rxdbServerStream)},
		{Method: "GET", Path: "/api/me", Does: "who I am, and in which capacities", handle: (*doors).me},
		{Method: "GET", Path: "/api/caseload", Does: "the caller's patients, ranked", handle: (*doors).caseload},
		{Method: "GET", Path: "/api/patients/{id}/outcomes", Does: "questionnaires, examination, what is due", handle: (*doors).outcomes},
		{Method: "GET", Path: "/api/patients/{id}/progress", Does: "28-day windows and the five numbers", handle: (*doors).progress},
		{Method: "GET", Path: "/api/clinics/{id}/outcomes", Does: "a clinic's patients together", handle: (*doors).clinicOutcomes},
		{Method: "GET", Path: "/api/patients/{id}/medication", Does: "days of medicine, limits, effect", handle: (*doors).medication},
		{Method: "GET", Path: "/api/patients/{id}/attacks", Does: "attacks as they are labelled and counted", handle: (*doors).attacks},
		{Method: "GET", Path: "/api/push/key", Does: "the key that a browser subscribes with", handle: (*doors).pushKey},
		{Method: "POST", Path: "/api/invitations", Does: "a sign-in code for a patient", handle: (*doors).invite},
		{Method: "POST", Path: "/api/invitations/text", Does: "what the clinic asks one to agree to", Open: true, BodyLimit: smallBody, handle: (*doors).consentTextFor},
		{Method: "POST", Path: "/api/invitations/accept", Does: "open a diary with a code", Open: true, handle: (*doors).accept},
		{Method: "GET", Path: "/api/health/ready", Does: "ready, epoch, newest number", Open: true, handle: (*doors).ready},
	})
}

func (d *doors) bindRoutes(e *core.ServeEvent) {
	for _, r := range Routes() {
		route := e.Router.Route(r.Method, r.Path, func(e *core.RequestEvent) error { return asFault(r.handle(d, e)) })
		route.Bind(limitBody(r.BodyLimit))
		route.Bind(apis.Gzip())
		if !r.Open {
			route.BindFunc(requireUser)
		}
	}
}

package hooks

import (
	"io/fs"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// policy is the content security policy of our own pages: nothing from elsewhere,
// nothing inline. PocketBase's dashboard (/_/) brings its own.
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// bindPages serves the web app, compressed and with cache headers. Files under assets/ carry
// their content's hash in their name; everything else is asked for again.
func bindPages(e *core.ServeEvent, files fs.FS) {
	serve := apis.Static(files, false)
	e.Router.GET("/{path...}", func(e *core.RequestEvent) error {
		h := e.Response.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		if strings.HasPrefix(e.Request.PathValue("path"), "assets/") {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		if strings.HasSuffix(e.Request.URL.Path, ".webmanifest") {
			h.Set("Content-Type", "application/manifest+json") // unknown to Go's table
		}
		return serve(e)
	}).Bind(apis.Gzip())
}

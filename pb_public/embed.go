// Package web carries the built web app inside the binary.
package web

import (
	"embed"
	"io/fs"
)

// A bare `go build` works before the first web build: dist then holds only placeholder.txt, which says what to run.
//
//go:embed all:dist
var dist embed.FS

//go:embed dashboard
var dashboard embed.FS

// Dashboard is our page in PocketBase's dashboard.
func Dashboard() fs.FS {
	files, err := fs.Sub(dashboard, "dashboard")
	if err != nil {
		panic(err) // as below
	}
	return files
}

// Files is the web app as served from `/`.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only an invalid path can fail, and this one is a constant
	}
	return files
}

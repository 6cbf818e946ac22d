// Command interictal is the whole product in one file: server, store, web app and commands.
package main

import (
	"log"
	"os"
	_ "time/tzdata" // days are counted in the patient's zone on any machine

	"github.com/pocketbase/pocketbase"

	"interictal/hooks"
	_ "interictal/migrations"
	web "interictal/pb_public"
)

func main() {
	app := pocketbase.NewWithConfig(pocketbase.Config{DBConnect: hooks.Connect})
	app.RootCmd.Short = "Interictal: migraine diary, plan of care and report, offline first"
	keep := hooks.KeepFlags(app.RootCmd)
	hooks.Bind(app, hooks.Config{Pages: web.Files(), Dashboard: web.Dashboard(), Dev: app.IsDev(), Keep: keep})
	hooks.AddCommands(app, app.RootCmd, keep)
	run := app.Start
	if hooks.WithoutDatabase(app.RootCmd, os.Args[1:]) {
		run = app.RootCmd.Execute // PocketBase would open the database first
	}
	if err := run(); err != nil {
		log.New(os.Stderr, "", 0).Fatal(err)
	}
}

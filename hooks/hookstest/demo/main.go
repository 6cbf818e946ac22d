// Command demo fills a data folder with the demo clinic, unless it is there, and prints the logins.
package main

import (
	"flag"
	"fmt"
	"log"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/hookstest"
)

func main() {
	dir := flag.String("dir", "pb_demo", "data folder")
	address := flag.String("address", "http://127.0.0.1:8090", "where the demo will be served")
	flag.Parse()
	if err := fill(*dir); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("\nInterictal demo. Everybody here is made up.\n\n")
	for _, l := range hookstest.DemoLogins {
		fmt.Printf("  %-38s %s%-12s %s\n", l.Who, *address, l.Where, l.Email)
	}
	fmt.Printf("\n  Password for all: %s\n\n", hookstest.Password())
}

// fill works on the folder with the doors bound, so that the demo obeys every rule.
func fill(dir string) error {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: hooks.Connect})
	clock := &hooks.Clock{}
	hooks.Bind(app, hooks.Config{Clock: clock})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	defer app.ClearBootstrap()
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	_, err := hookstest.Demo(app, clock, time.Now())
	return err
}

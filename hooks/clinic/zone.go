package clinic

import (
	"fmt"
	"sync"
	"time"
)

// zones remembers what was loaded. Locations never change, and only names that exist are kept, so it cannot grow
// beyond the list of zones.
var zones sync.Map // name → *time.Location

// LoadZone finds a zone by its IANA name ("America/New_York"). Unlike time.LoadLocation it refuses "", "Local" and
// the aliases of the machine's own setting: where the server stands says nothing about where a person is.
func LoadZone(name string) (*time.Location, error) {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location), nil
	}
	switch name {
	case "", "Local", "localtime", "posixrules", "Factory":
		return nil, fmt.Errorf("not a time zone: %q", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("not a time zone: %.60q", name)
	}
	zones.Store(name, loc)
	return loc, nil
}

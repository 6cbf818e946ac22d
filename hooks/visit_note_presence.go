package hooks

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// Who has a visit's note open, and where in it. It lies in memory and is forgotten after a minute: on another machine, or after a
// restart, the marker is missing and nothing else; what keeps two writers apart is the number of each part.

type seat struct {
	User string    `json:"-"`
	Name string    `json:"name"`
	Part string    `json:"part"`
	At   time.Time `json:"at"`
}

// editing is one of the others in a note.
type editing = seat

// desks are the notes that somebody sits at, by visit.
type desks struct {
	mu    sync.Mutex
	seats map[string][]seat
}

// sitting is how long somebody who says nothing more still sits there.
const sitting = time.Minute

func (d *desks) sit(visit string, s seat) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for other, seats := range d.seats { // nobody else tidies up
		if d.seats[other] = slices.DeleteFunc(seats, func(x seat) bool { return s.At.Sub(x.At) > sitting || other == visit && x.User == s.User }); len(d.seats[other]) == 0 {
			delete(d.seats, other)
		}
	}
	if s.Part != "" {
		d.seats[visit] = append(d.seats[visit], s)
	}
}

// others in a note, without the one who asks.
func (d *desks) others(visit, user string, now time.Time) []editing {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := []editing{}
	for _, s := range d.seats[visit] {
		if s.User != user && now.Sub(s.At) <= sitting {
			out = append(out, s)
		}
	}
	return out
}

// editNote answers POST /api/visits/{id}/note/editing: the caller is in this part of the note, or with none has left it.
func (d *doors) editNote(e *core.RequestEvent) error {
	var body struct {
		Part string `json:"part"`
	}
	if err := bindBody(e, &body); err != nil {
		return err
	}
	v, _, err := d.noteVisit(e, e.App)
	if err != nil {
		return err
	}
	if len(body.Part) > 64 {
		return refuse(http.StatusUnprocessableEntity, withField(hard("E_VALUE", "A note has no such part, or this is no value of it."), "part"))
	}
	d.desks.sit(v.Id, seat{e.Auth.Id, nameOf(e.App, e.Auth.Id), body.Part, d.clock.now()})
	d.pokeNote(v.GetString("patient"), v.Id)
	return e.NoContent(http.StatusNoContent)
}

// pokeNote tells those who write notes that there is something new at a visit's note, and nothing of what.
func (d *doors) pokeNote(patient, visit string) {
	d.hub.publish(patient, "visit_notes", visit, poke{Action: "update", Record: &pokeRecord{ID: visit, CollectionName: "visit_notes", Patient: patient}})
}

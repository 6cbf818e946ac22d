package hooks

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
)

// watermelonSalvage answers POST /api/sync/watermelon/salvage: what a device has not sent when it must be emptied is
// kept in sync_conflicts, and nothing else happens. What says nothing new is not kept.
func (d *doors) watermelonSalvage(e *core.RequestEvent) error {
	_, request, err := d.watermelonSent(e)
	if err != nil {
		return err
	}
	kept := map[string][]string{}
	p := pusher{doors: d, user: e.Auth, staff: asStaff(e.Auth, request.As), request: request, rights: map[string]access.Right{},
		handed: map[string]int{}, shapes: map[string]shape{}}
	err = e.App.RunInTransaction(func(tx core.App) error {
		p.tx = tx
		if p.history, err = p.log.history(tx.DB()); err != nil {
			return err
		}
		for _, entry := range request.Push {
			safe, err := p.salvage(entry)
			if err != nil {
				return err
			}
			if safe {
				kept[entry.Collection] = append(kept[entry.Collection], entry.ID())
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(p.denied) > 0 {
		if err := d.audit(e.App, p.denied...); err != nil {
			return err
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"kept": kept})
}

// salvage keeps an entry unless it says what stands anyway. It is safe if the device need not have it any more; also one
// whose id no row can have.
func (p *pusher) salvage(entry devicesync.Entry) (safe bool, err error) {
	policy, ok := policyOf(entry.Collection)
	if !ok || entry.ID() == "" {
		return false, nil
	}
	s, err := p.find(entry, policy)
	if err != nil {
		return false, err
	}
	if result, done, err := p.rightless(s); done || err != nil {
		return result.Verdict == devicesync.HandedOver, err
	}
	if sent, broken := normalise(p.shapeOf(s.collection).scratch, entry.State); len(broken) == 0 && s.says(sent) {
		return true, nil
	}
	return true, p.keep(s, devicesync.KindHandedOver, entry.State)
}

// says: the row is already so.
func (s subject) says(sent devicesync.State) bool {
	if s.entry.Deleted() || s.current == nil {
		return s.entry.Deleted() && s.current == nil
	}
	return sent.SameAs(stateOf(s.current))
}

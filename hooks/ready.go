package hooks

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"
)

// ready answers GET /api/health/ready: which epoch runs and how far the journal has come.
func (d *doors) ready(e *core.RequestEvent) error {
	running, err := d.log.running(e.App.DB())
	if err != nil {
		return err
	}
	last, err := newestSeq(e.App.DB())
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"ready": true, "epoch": running.Name, "seq": last, "journalLag": max(0, last-d.told.Load())})
}

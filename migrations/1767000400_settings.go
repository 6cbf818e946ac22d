package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() { m.Register(settingsUp, nil) }

// settingsUp: a name, short logs without addresses of people, and limits on guessing. The limits
// count by IP, and a whole clinic may share one, so they are wide.
func settingsUp(app core.App) error {
	s := app.Settings()
	s.Meta.AppName = "Interictal"
	s.Logs.LogIP = false
	s.Logs.MaxDays = 5
	s.RateLimits.Enabled = true
	s.RateLimits.Rules = []core.RateLimitRule{
		{Label: "*:auth", Audience: core.RateLimitRuleAudienceGuest, Duration: 60, MaxRequests: 60},
		{Label: "POST /api/invitations/accept", Duration: 60, MaxRequests: 60},
	}
	return app.Save(s)
}

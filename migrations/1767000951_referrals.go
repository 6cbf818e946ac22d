package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() { m.Register(referralsUp, nil) }

// referralsUp: therapist and neurologist refer to each other here, with an answer and with who has read what. There is no way back:
// questions and answers would be lost.
func referralsUp(app core.App) error {
	c, err := app.FindCollectionByNameOrId("referrals")
	if err != nil {
		return err
	}
	c.Fields.GetByName("episode").(*core.TextField).Required = false // a neurologist sends her before there is one
	c.Fields.Add(
		oneOf("toward", "To whom it was sent here. Empty = written down from paper.", "therapist", "neurologist"),
		text("question", 2000, "What is asked of whom it goes to."),
		text("sender", 36, "Who sent it: user id. The server writes it."),
		instant("sent_at", "When. The server writes it."),
		instant("read_at", "When whom it goes to first read it."),
		oneOf("answer", "What whom it goes to says.", "accepted", "declined", "advice"),
		text("answer_text", 2000, "The same in words."),
		text("answered_by", 36, "Who answered: user id. The server writes it."),
		text("answered_name", 200, "The name of that person, as it was then. The server writes it."),
		instant("answered_at", "When. The server writes it."),
		instant("answer_read_at", "When the sender's side first read the answer."),
	)
	return app.Save(ruled(c))
}

package referral

import (
	"testing"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

const (
	early = "2026-01-05 10:00:00.000Z"
	late  = "2026-01-06 10:00:00.000Z"
)

func code(b *clinic.Broken) string {
	if b == nil {
		return ""
	}
	if field, ok := b.Params["field"].(string); ok {
		return b.Code + " " + field
	}
	return b.Code
}

func TestSend(t *testing.T) {
	for _, c := range []struct {
		name     string
		by, to   access.Role
		question string
		w        Waiting
		want     string
	}{
		{"a therapist to the neurologist", access.Therapist, access.Neurologist, "May she fly?", Waiting{There: true}, ""},
		{"a neurologist to the therapist", access.Neurologist, access.Therapist, "Please treat the neck.", Waiting{There: true}, ""},
		{"to herself", access.Therapist, access.Therapist, "?", Waiting{There: true}, "E_ROLE"},
		{"an assistant", access.Assistant, access.Neurologist, "?", Waiting{There: true}, "E_ROLE"},
		{"a patient", access.Patient, access.Neurologist, "?", Waiting{There: true}, "E_ROLE"},
		{"an admin, to nobody", access.ClinicAdmin, "", "?", Waiting{There: true}, "E_ROLE"},
		{"nothing asked", access.Therapist, access.Neurologist, " \n", Waiting{There: true}, "E_VALUE question"},
		{"nobody there", access.Therapist, access.Neurologist, "?", Waiting{}, "E_NOBODY_THERE toward"},
		{"the same again", access.Therapist, access.Neurologist, "?", Waiting{There: true, Twice: true}, "E_REFERRAL_TWICE question"},
	} {
		if got := code(Send(Letter{Toward: c.to, Question: c.question}, c.by, c.w)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSay(t *testing.T) {
	sent := Letter{Toward: access.Neurologist, Question: "May she fly?"}
	read, answered := sent, sent
	read.ReadAt = early
	answered.ReadAt, answered.AnsweredAt, answered.Answer = early, early, Accepted
	known := answered
	known.AnswerReadAt = early
	change := func(l Letter, into func(*Letter)) Letter { into(&l); return l }
	for _, c := range []struct {
		name     string
		was, now Letter
		by       access.Role
		said     Said
		want     string
	}{
		{"nothing", sent, sent, access.Neurologist, Said{}, ""},
		{"read", sent, change(sent, func(l *Letter) { l.ReadAt = late }), access.Neurologist, Said{Read: true}, ""},
		{"read before", read, change(read, func(l *Letter) { l.ReadAt = late }), access.Neurologist, Said{}, ""},
		{"read for another", sent, change(sent, func(l *Letter) { l.ReadAt = late }), access.Therapist, Said{}, "E_REFERRAL read_at"},
		{"read by the desk", sent, change(sent, func(l *Letter) { l.ReadAt = late }), access.FrontDesk, Said{}, "E_REFERRAL read_at"},
		{"answered unread: it was read", sent, change(sent, func(l *Letter) { l.Answer = Accepted }), access.Neurologist, Said{Read: true, Answered: true}, ""},
		{"answered after it was read", read, change(read, func(l *Letter) { l.Answer, l.AnswerText = Advice, "Wait a week." }), access.Neurologist, Said{Answered: true}, ""},
		{"a no without a reason", sent, change(sent, func(l *Letter) { l.Answer, l.AnswerText = Declined, " " }), access.Neurologist, Said{}, "E_VALUE answer_text"},
		{"words alone", sent, change(sent, func(l *Letter) { l.AnswerText = "Well." }), access.Neurologist, Said{}, "E_VALUE answer"},
		{"answered by who asked", sent, change(sent, func(l *Letter) { l.Answer = Accepted }), access.Therapist, Said{}, "E_REFERRAL answer"},
		{"an assistant answers", change(sent, func(l *Letter) { l.Toward = access.Therapist }), change(sent, func(l *Letter) { l.Toward, l.Answer = access.Therapist, Accepted }), access.Assistant, Said{}, "E_REFERRAL answer"},
		{"an assistant reads", change(sent, func(l *Letter) { l.Toward = access.Therapist }), change(sent, func(l *Letter) { l.Toward, l.ReadAt = access.Therapist, late }), access.Assistant, Said{Read: true}, ""},
		{"another answer", answered, change(answered, func(l *Letter) { l.Answer, l.AnswerText = Declined, "No." }), access.Neurologist, Said{}, "E_REFERRAL"},
		{"the answer read", answered, change(answered, func(l *Letter) { l.AnswerReadAt = late }), access.Therapist, Said{AnswerRead: true}, ""},
		{"the answer read for the sender", answered, change(answered, func(l *Letter) { l.AnswerReadAt = late }), access.Neurologist, Said{}, "E_REFERRAL answer_read_at"},
		{"the answer read again", known, change(known, func(l *Letter) { l.AnswerReadAt = late }), access.Assistant, Said{}, ""},
		{"an answer read that nobody gave", sent, change(sent, func(l *Letter) { l.AnswerReadAt = late }), access.Therapist, Said{}, "E_REFERRAL answer_read_at"},
	} {
		said, broken := Say(c.was, c.now, c.by)
		if code(broken) != c.want || said != c.said {
			t.Errorf("%s: %+v %q, want %+v %q", c.name, said, code(broken), c.said, c.want)
		}
	}
}

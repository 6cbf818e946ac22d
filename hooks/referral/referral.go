// Package referral decides what a therapist and a neurologist may write to each other about a patient (S-07).
//
// A referral goes from a therapist to the neurologist, or from a neurologist to the therapist, with a question. It stays as it was
// sent. Whom it goes to says that it was read, and answers once; the sender's side says that the answer was read. An assistant reads
// for the therapist, but neither sends nor answers.
package referral

import (
	"strings"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

// Answers that can be given.
const (
	Accepted = "accepted"
	Declined = "declined"
	Advice   = "advice"
)

// Letter is a referral as it stands; the instants are "" as long as it has not happened.
type Letter struct {
	Toward                           access.Role
	Question                         string
	ReadAt, AnsweredAt, AnswerReadAt string
	Answer, AnswerText               string
}

// Waiting is what stands in the way of sending, or does not.
type Waiting struct {
	There bool // somebody of the other side reads here
	Twice bool // the same question waits for an answer
}

// Said is what happens with a change: each is marked with the moment in which it was said.
type Said struct{ Read, Answered, AnswerRead bool }

var theOther = map[access.Role]access.Role{access.Therapist: access.Neurologist, access.Neurologist: access.Therapist}

// side of the mail on which a role reads; "" reads none of it.
func side(role access.Role) access.Role {
	if role == access.Assistant {
		return access.Therapist
	}
	if _, writes := theOther[role]; writes {
		return role
	}
	return ""
}

// Send judges a new letter by somebody in this role; nil means that it goes.
// Codes: E_ROLE, E_VALUE, E_NOBODY_THERE, E_REFERRAL_TWICE.
func Send(l Letter, by access.Role, w Waiting) *clinic.Broken {
	switch {
	case l.Toward == "" || theOther[by] != l.Toward:
		return fault("E_ROLE", "", "A physical therapist refers to the neurologist, a neurologist to the therapist.")
	case strings.TrimSpace(l.Question) == "":
		return fault("E_VALUE", "question", "Write what you ask.")
	case !w.There:
		return fault("E_NOBODY_THERE", "toward", "Nobody of that kind is linked to this patient. A clinic's admin does that.")
	case w.Twice: // the answer was lost, or the thumb was quick
		return fault("E_REFERRAL_TWICE", "question", "This was sent already, and waits for an answer.")
	}
	return nil
}

// Say judges what somebody in this role changes of a letter that was sent. What was read or answered before stays so, at its first
// time. Codes: E_REFERRAL, E_VALUE.
func Say(was, now Letter, by access.Role) (Said, *clinic.Broken) {
	reads, readsAnswer := now.ReadAt != was.ReadAt, now.AnswerReadAt != was.AnswerReadAt
	answers := now.Answer != was.Answer || now.AnswerText != was.AnswerText
	switch {
	case reads && side(by) != was.Toward:
		return Said{}, saysItself("read_at")
	case readsAnswer && (side(by) != theOther[was.Toward] || was.AnsweredAt == ""):
		return Said{}, saysItself("answer_read_at")
	case answers:
		if broken := answer(was, now, by); broken != nil {
			return Said{}, broken
		}
	}
	return Said{Read: was.ReadAt == "" && (reads || answers), Answered: answers, AnswerRead: was.AnswerReadAt == "" && readsAnswer}, nil
}

func answer(was, now Letter, by access.Role) *clinic.Broken {
	switch {
	case by != was.Toward:
		return saysItself("answer")
	case was.AnsweredAt != "":
		return fault("E_REFERRAL", "", "This was answered. What is new goes into a message.")
	case now.Answer == "":
		return fault("E_VALUE", "answer", "Choose accepted, declined or advice.")
	case now.Answer != Accepted && strings.TrimSpace(now.AnswerText) == "":
		return fault("E_VALUE", "answer_text", "Say why, or what you advise.")
	}
	return nil
}

func saysItself(field string) *clinic.Broken {
	return fault("E_REFERRAL", field, "Whom a referral goes to reads and answers it; its sender reads the answer.")
}

func fault(code, field, message string) *clinic.Broken {
	broken := clinic.Broken{Code: code, Severity: clinic.Hard, Message: message}
	if field != "" {
		broken.Params = map[string]any{"field": field}
	}
	return &broken
}

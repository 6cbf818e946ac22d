package hooks

import (
	"slices"

	"github.com/pocketbase/dbx"

	"interictal/hooks/access"
	"interictal/hooks/devicesync"
)

// Who may push what. A push is judged in the capacity that the request names: as a patient, or as staff.

// rightless answers for a caller who may not write this row. The two worlds of a therapist
// with migraine stay apart: as staff she does not write her own diary.
func (p *pusher) rightless(s subject) (o outcome, done bool, err error) {
	own := s.scope != "" && s.scope == p.user.GetString("patient")
	if own == p.staff {
		return p.deny(s, "This diary is not open to you here."), true, nil
	}
	right, err := p.right(s.scope)
	switch {
	case err != nil:
		return o, true, err
	case !right.Sees(s.collection.Name):
		o, err = p.handOver(s)
		return o, true, err
	case !slices.Contains(s.policy.Write, access.Patient) || !right.Writes(s.collection.Name):
		return butSee(hard("E_READ_ONLY", "You can read this here, not change it.")), true, nil
	case s.entry.Deleted() && s.collection.DeleteRule == nil:
		return butSee(hard("E_READ_ONLY", "This is never deleted.")), true, nil
	case s.entry.Patient() != "" && s.entry.Patient() != s.scope:
		return butSee(hard("E_SCOPE_FIXED", "A row stays with its patient.")), true, nil
	}
	return o, false, nil
}

// right is asked once for each patient of a push. A phone in its owner's hands asks nobody.
func (p *pusher) right(patient string) (right access.Right, err error) {
	if !p.staff {
		return ownRight, nil
	}
	right, known := p.rights[patient]
	if !known {
		right, err = rightOf(p.tx.DB(), p.user, patient)
		p.rights[patient] = right
	}
	return right, err
}

// handOver keeps what a member of the former team had not sent yet for the new one. A
// stranger's entry is refused, and noted.
func (p *pusher) handOver(s subject) (outcome, error) {
	once, err := wroteOnce(p.tx.DB(), p.user.Id, s.scope, s.policy)
	if err != nil || !once {
		return p.deny(s, "You have no access to this patient."), err
	}
	result := outcome{Result: devicesync.Result{Verdict: devicesync.HandedOver}}
	p.handed[s.scope] += 0 // the device is told that the right has ended, also when nothing is unsent
	if known, err := p.known(s); known || err != nil {
		return result, err
	}
	p.handed[s.scope]++
	return result, p.keep(s, devicesync.KindHandedOver, s.entry.State)
}

// known: the entry says no more than the version it comes from, and the server has that one. A phone that starts over
// sends all it has.
func (p *pusher) known(s subject) (bool, error) {
	sent, broken := normalise(p.shapeOf(s.collection).scratch, s.entry.State)
	if len(broken) > 0 || s.entry.Deleted() {
		return false, nil
	}
	if lost, ok := devicesync.ParseRev(s.entry.Rev()); ok && !p.history.Issued(lost) {
		base, _, err := p.shared(s, lost)
		return err == nil && base != nil && sent.SameAs(base), err
	}
	base, _, err := p.ancestor(s)
	return err == nil && base != nil && sent.SameAs(base), err
}

func (p *pusher) deny(s subject, message string) outcome {
	b := hard("E_FORBIDDEN", message)
	told := event{Actor: p.user.Id, Action: "refuse", Patient: knownPatient(p.tx, s.scope), Collection: s.collection.Name, Outcome: b.Code}
	if !slices.Contains(p.denied, told) {
		p.denied = append(p.denied, told)
	}
	return no(b)
}

// wroteOnce reports whether the user once cared for the patient in a role that writes the collection.
func wroteOnce(db dbx.Builder, user, patient string, policy access.Policy) (bool, error) {
	var n int
	err := db.Select("COUNT(*)").From("care_links").
		Where(dbx.HashExp{"member": user, "patient": patient, "role": roles(policy.Write)}).Row(&n)
	return n > 0, err
}

func roles(of []access.Role) []any {
	out := make([]any, len(of))
	for i, r := range of {
		out[i] = string(r)
	}
	return out
}

// Package clinic holds the words every room shares: a calendar day, an answer that may be missing, a pain score,
// a time zone, and one broken rule. It imports the standard library only, and every room may import it.
//
// Missing is not zero and not false. An answer nobody gave is Unknown, a score nobody gave is the zero NRS, a day
// nobody named is the zero Day. All three are the zero value of their type, so a forgotten field means "not known"
// and never "none" or "no".
//
// A Day is a calendar day as a person says it, without a clock and without a zone. Only DayOf and Start lead from
// an instant to a day and back, and both ask in which zone the person was.
//
// A rule that is broken is a value, not an error: Broken carries the stable code, how hard it is, a sentence, and
// the numbers the sentence speaks of. The four severities (spec/clinical.md, "Severity words"):
//
//	HARD      refused, nobody can override
//	OVERRIDE  refused unless a licensed physical therapist gives a reason
//	WARN      accepted, shown, stored
//	FLAG      accepted, and a task on the therapist's worklist
package clinic

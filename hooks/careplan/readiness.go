package careplan

import "slices"

// Statement of the readiness checklist (§2.8).
type Statement string

const (
	KnowsEarlySigns Statement = "early_signs"    // early signs of an attack
	RunsProgram     Statement = "own_program"    // runs the own exercise program
	StepsDownAndUp  Statement = "step_down_up"   // steps it down and back up after a flare
	UsesRelief      Statement = "relief"         // how to use cold, device, relaxation, and when
	KnowsTriggers   Statement = "triggers"       // own likely triggers and how sure we are
	KnowsDrugDays   Statement = "drug_day_limit" // drug-day limits agreed with the prescriber
	KnowsRedFlags   Statement = "red_flags"
	KnowsWhomToCall Statement = "whom_to_call"
)

// Statements in the order they are asked.
var Statements = []Statement{KnowsEarlySigns, RunsProgram, StepsDownAndUp, UsesRelief, KnowsTriggers, KnowsDrugDays, KnowsRedFlags, KnowsWhomToCall}

// Answer to a statement: yes, partly or no.
type Answer struct {
	Statement Statement `json:"statement"`
	Answer    string    `json:"answer"`
	Action    string    `json:"action"` // what is done about a no
}

// ReadinessMissing are the statements without an answer, and those answered no without an action; none means that the
// checklist is done. Of two answers to a statement the later one holds.
func ReadinessMissing(answers []Answer) []string {
	var missing []string
	for _, s := range Statements {
		if !settled(answers, s) {
			missing = append(missing, string(s))
		}
	}
	return missing
}

func settled(answers []Answer, s Statement) bool {
	for _, a := range slices.Backward(answers) {
		if a.Statement == s {
			return a.Answer == "yes" || a.Answer == "partly" || a.Answer == "no" && said(a.Action)
		}
	}
	return false
}

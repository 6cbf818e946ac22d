package caseload

import (
	"fmt"
	"strings"
)

// A row of the list is kept once it was reckoned. It rests on the rows of the tables below and on the calendar, on nothing
// else. Whatever changes one of those rows, in whatever way, takes the kept row away in the same transaction: a trigger does
// it, so nothing can forget to. A row is right, or it is not there.

// Table holds the kept rows: place is where the row stands (Place.String), body its JSON, both empty until it is reckoned.
// touched grows with every change of what a row rests on: who has reckoned one stores it only while nothing was touched since.
const Table = `CREATE TABLE caseload_rows (
  patient TEXT PRIMARY KEY, touched INTEGER NOT NULL DEFAULT 0,
  since TEXT NOT NULL DEFAULT '', until TEXT NOT NULL DEFAULT '',
  place TEXT NOT NULL DEFAULT '', body TEXT NOT NULL DEFAULT '')`

// RestsOn are the tables with a column patient that a row is reckoned from.
var RestsOn = []string{"consents", "diary_days", "attacks", "attack_readings", "attack_phases", "medications", "medication_doses", "exercises", "exercise_versions",
	"exercise_logs", "plans", "plan_events", "visits", "change_reports", "tasks", "flags", "safety_alerts", "care_messages"}

const forget = "touched=touched+1, since='', until='', place='', body=''"

// Triggers take kept rows away.
func Triggers() map[string]string {
	out := map[string]string{
		"caseload_patients_i": `CREATE TRIGGER caseload_patients_i AFTER INSERT ON patients BEGIN INSERT OR IGNORE INTO caseload_rows(patient) VALUES (NEW.id); END`,
		"caseload_patients_u": `CREATE TRIGGER caseload_patients_u AFTER UPDATE ON patients BEGIN UPDATE caseload_rows SET ` + forget + ` WHERE patient=NEW.id; END`,
		"caseload_patients_d": `CREATE TRIGGER caseload_patients_d AFTER DELETE ON patients BEGIN DELETE FROM caseload_rows WHERE patient=OLD.id; END`,
		"caseload_clinics_u": `CREATE TRIGGER caseload_clinics_u AFTER UPDATE ON clinics BEGIN UPDATE caseload_rows SET ` + forget +
			` WHERE patient IN (SELECT id FROM patients WHERE clinic=NEW.id); END`,
	}
	for _, table := range RestsOn {
		for event, row := range map[string]string{"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"} {
			name := "caseload_" + table + "_" + strings.ToLower(event[:1])
			out[name] = fmt.Sprintf("CREATE TRIGGER %s AFTER %s ON %s BEGIN UPDATE caseload_rows SET %s WHERE patient=%s.patient; END", name, event, table, forget, row)
		}
	}
	return out
}

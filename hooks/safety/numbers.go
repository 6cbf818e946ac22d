package safety

import "strings"

// Numbers that a person calls. Empty: not known here, "your emergency number" is said instead.
type Numbers struct {
	Emergency string `json:"emergency"`
	Crisis    string `json:"crisis"` // somebody to talk to
}

// byCountry: emergency services and national crisis lines. [M]: to be confirmed by each clinic, whose own entry goes first.
var byCountry = map[string]Numbers{
	"US": {"911", "988"}, "CA": {"911", "988"}, "GB": {"999", "116 123"}, "IE": {"112", "116 123"},
	"AU": {"000", "13 11 14"}, "NZ": {"111", "1737"}, "IN": {"112", "14416"}, "JP": {"119", ""},
	"AT": {"112", "142"}, "BE": {"112", "1813"}, "CH": {"112", "143"}, "DE": {"112", "0800 111 0 111"}, "DK": {"112", "70 201 201"},
	"ES": {"112", "024"}, "FI": {"112", ""}, "FR": {"112", "3114"}, "IT": {"112", ""}, "NL": {"112", "113"}, "NO": {"112", "116 123"},
	"PL": {"112", "116 123"}, "PT": {"112", ""}, "SE": {"112", ""}, "BR": {"192", "188"}, "MX": {"911", ""},
}

// NumbersOf a clinic's jurisdiction (US-PA); what the clinic has entered itself goes first.
func NumbersOf(jurisdiction, emergency, crisis string) Numbers {
	country, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(jurisdiction)), "-")
	n := byCountry[country]
	if emergency != "" {
		n.Emergency = emergency
	}
	if crisis != "" {
		n.Crisis = crisis
	}
	return n
}

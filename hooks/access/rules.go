package access

import (
	"slices"
	"strings"
)

// SeeRule and WriteRule put the table into PocketBase's rule language, for
// the migration that creates the collection. In the rule every join has one
// alias, so `?=` conditions on the same back-relation hold for the same row.
//
// The OR in these rules cannot use an index by itself; lists are always
// narrowed to one patient first (hooks/scope.go), which brings an unfiltered
// list from hundreds of milliseconds to under one.
func SeeRule(collection string) string { p := byName[collection]; return rule(p, p.See) }

// WriteRule is the rule for create, update and delete.
func WriteRule(collection string) string { p := byName[collection]; return rule(p, p.Write) }

// RuleFor is the rule for some of the capacities only.
func RuleFor(collection string, roles ...Role) string { return rule(byName[collection], roles) }

func rule(p Policy, roles []Role) string {
	path := p.Scope + "."
	if p.Scope == "id" {
		path = ""
	}
	var arms []string
	if slices.Contains(roles, Patient) {
		// an empty value equals an empty value: without the first half a guest would own what is nobody's
		arms = append(arms, `(@request.auth.patient != "" && `+p.Scope+" = @request.auth.patient)")
	}
	if linked := among(roles, ByLink); linked != "" {
		link := path + "care_links_via_patient."
		arm := link + "member ?= @request.auth.id && " + link + `until ?= "" && ` + anyOf(link+"role", linked)
		switch consent := path + "consents_via_patient."; {
		case p.Family != Exempt:
			arm += " && " + consent + `family ?= "` + string(p.Family) + `" && ` + consent + `state ?= "given"`
		case p.ByRow != "":
			arm += " && (" + p.ByRow + ` = "" || ` + consent + "family ?= " + p.ByRow + " && " + consent + `state ?= "given")`
		}
		arms = append(arms, "("+arm+")")
	}
	if desk := among(roles, ByClinic); desk != "" {
		at := path + "clinic.practitioners_via_clinic."
		arms = append(arms, "("+at+"user ?= @request.auth.id && "+at+"active ?= true && "+anyOf(at+"role", desk)+")")
	}
	return strings.Join(arms, " || ")
}

func among(roles, group []Role) string {
	var out []string
	for _, r := range group {
		if slices.Contains(roles, r) {
			out = append(out, string(r))
		}
	}
	return strings.Join(out, " ")
}

func anyOf(field, values string) string {
	var out []string
	for _, v := range strings.Fields(values) {
		out = append(out, field+` ?= "`+v+`"`)
	}
	return "(" + strings.Join(out, " || ") + ")"
}

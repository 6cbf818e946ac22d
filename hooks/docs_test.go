package hooks_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"interictal/hooks"
	"interictal/hooks/access"
	"interictal/hooks/hookstest"
)

// The documents are held to the code: what they name exists, what exists they name.

var (
	docRoute = regexp.MustCompile(`(GET|POST|PUT|PATCH|DELETE) (/api/[^\s` + "`" + `\])]+)`)
	docCode  = regexp.MustCompile(`\bE_[A-Z0-9_]+\b`)
	docRow   = regexp.MustCompile("^\\| `(E_[A-Z0-9_]+)` \\|")
	docTick  = regexp.MustCompile("`([^`]+)`")
)

func readDoc(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// code calls visit for every node of a package tree, without its tests.
func code(t *testing.T, root string, visit func(ast.Node)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool { visit(n); return true })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// literal is the text of a string in the code; "" for anything else.
func literal(n ast.Node) string {
	if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
		if text, err := strconv.Unquote(l.Value); err == nil {
			return text
		}
	}
	return ""
}

// registered are the routes given straight to the router: e.Router.POST("/api/…", …).
func registered(t *testing.T, root string) (routes []string) {
	code(t, root, func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if path := literal(call.Args[0]); ok && method.Sel.Name == strings.ToUpper(method.Sel.Name) && strings.HasPrefix(path, "/api/") {
			routes = append(routes, method.Sel.Name+" "+path)
		}
	})
	return routes
}

func TestEveryRouteIsDocumented(t *testing.T) {
	api := readDoc(t, "api.md")
	ours := map[string]bool{}
	for _, r := range hooks.Routes() {
		ours[r.Method+" "+r.Path] = true
	}
	for _, route := range registered(t, ".") { // those that stand only sometimes: the developers' clock
		ours[route] = true
	}
	for route := range ours {
		if !strings.Contains(api, "\n## "+route+"\n") {
			t.Errorf("docs/api.md has no section on %s", route)
		}
		if !strings.Contains(api, "\n| [`"+route+"`](") {
			t.Errorf("%s is not in the table of docs/api.md", route)
		}
	}
	for _, name := range []string{"api.md", "pocketbase.md", "operate.md", "keeping.md"} {
		for _, m := range docRoute.FindAllStringSubmatch(readDoc(t, name), -1) {
			if route := m[1] + " " + strings.TrimRight(m[2], ".,;:"); !ours[route] && !ofPocketBase(m[2]) {
				t.Errorf("docs/%s names %s, which does not exist", name, route)
			}
		}
	}
}

func ofPocketBase(path string) bool {
	for _, stock := range []string{"/api/collections", "/api/realtime", "/api/batch", "/api/backups", "/api/settings"} {
		if strings.HasPrefix(path, stock) {
			return true
		}
	}
	return false
}

func TestEveryErrorCodeIsDocumented(t *testing.T) {
	used, listed := map[string]bool{}, map[string]bool{}
	code(t, ".", func(n ast.Node) {
		for _, name := range docCode.FindAllString(literal(n), -1) {
			used[name] = true
		}
	})
	for _, line := range strings.Split(readDoc(t, "api.md"), "\n") {
		if m := docRow.FindStringSubmatch(line); m != nil {
			if listed[m[1]] {
				t.Errorf("%s is listed twice", m[1])
			}
			listed[m[1]] = true
		}
	}
	for _, code := range slices.Sorted(maps.Keys(used)) {
		if !listed[code] {
			t.Errorf("%s is missing in the table of docs/api.md", code)
		}
	}
	for _, name := range []string{"api.md", "pocketbase.md", "operate.md", "keeping.md"} {
		for _, code := range docCode.FindAllString(readDoc(t, name), -1) {
			if !used[code] {
				t.Errorf("docs/%s names %s, which no code gives", name, code)
			}
		}
	}
}

// The examples are real: each has exactly the keys of what the server answers.
func TestExamplesHaveTheKeysOfRealAnswers(t *testing.T) {
	t.Parallel()
	h := hookstest.New(t)
	g := hookstest.NewGenerator(h.App, h.Clock, 7, time.Now())
	g.Clinic("demo", "Interictal demo clinic (synthetic)")
	g.Staff("amira", "Amira N., PT", "amira@demo.interictal.test", access.Therapist)
	g.Patient(hookstest.Persona{ID: "ada", Name: "Ada", Weeks: 4, Before: 0.32, During: 0.2, Keeps: 0.93, State: "active", Visits: 6, Planned: 6, Account: true}, "amira")
	g.Patient(hookstest.Persona{ID: "edi", Name: "Edi"}, "amira")
	if g.Err() != nil {
		t.Fatal(g.Err())
	}
	examples := examplesOf(t, readDoc(t, "api.md"))
	root := hookstest.NewDev(t, "127.0.0.1:8090")
	invited := h.Do("amira", "POST", "/api/invitations", map[string]any{"patient": hookstest.ID("edi")})
	asked := h.Do("", "POST", "/api/invitations/text", map[string]any{"code": invited.Body["code"]})
	spend := examples["POST /api/invitations/accept request"].(map[string]any)
	spend["code"] = invited.Body["code"]
	push := examples["POST /api/sync/exchange request"].(map[string]any)
	push["cursor"], push["ack"] = position(h), nil
	push["push"].([]any)[1].(map[string]any)["state"].(map[string]any)["attack"] = firstAttack(h)

	c, _ := twoAnswers(t)
	real := map[string]hookstest.Answer{
		"POST /api/sync/exchange":               h.Do("ada", "POST", "/api/sync/exchange", push),
		"GET /api/sync/schema":                  readingsFirst(h.Do("ada", "GET", "/api/sync/schema", nil)),
		"GET /api/sync/digest":                  c.Do("anna", "GET", "/api/sync/digest?collection=attacks&list=1", nil),
		"GET /api/sync/conflicts":               c.Do("anna", "GET", "/api/sync/conflicts", nil),
		"POST /api/sync/conflicts/{id}/resolve": c.Do("anna", "POST", fmt.Sprint("/api/sync/conflicts/", theConflict(t, c, "anna")["id"], "/resolve"), map[string]any{"take": "lost"}),
		"GET /api/me":                           h.Do("ada", "GET", "/api/me", nil),
		"GET /api/push/key":                     h.Do("ada", "GET", "/api/push/key", nil),
		"GET /api/caseload":                     h.Do("amira", "GET", "/api/caseload", nil),
		"GET /api/patients/{id}/progress":       h.Do("ada", "GET", "/api/patients/"+hookstest.ID("ada")+"/progress", nil),
		"GET /api/clinics/{id}/outcomes":        countable(t).Do("admin", "GET", "/api/clinics/"+hookstest.ID("north")+"/outcomes", nil),
		"GET /api/patients/{id}/medication":     h.Do("ada", "GET", "/api/patients/"+hookstest.ID("ada")+"/medication", nil),
		"GET /api/patients/{id}/attacks":        h.Do("ada", "GET", "/api/patients/"+hookstest.ID("ada")+"/attacks", nil),
		"POST /api/invitations":                 invited,
		"POST /api/invitations/text":            asked,
		"POST /api/invitations/accept":          h.Do("", "POST", "/api/invitations/accept", spend),
		"GET /api/health/ready":                 h.Do("", "GET", "/api/health/ready", nil),
		"POST /api/dev/clock":                   root.Do("root", "POST", "/api/dev/clock", examples["POST /api/dev/clock request"]),
		"Errors":                                h.Do("ada", "POST", "/api/collections/attacks/records", map[string]any{"patient": hookstest.ID("ada"), "started_at": "2026-01-05T10:00:00Z", "ended_at": "2026-01-05T09:00:00Z"}),
	}
	maps.Copy(real, reportAnswers(h, examples))
	maps.Copy(real, caregiverAnswers(t, h, examples))
	maps.Copy(real, planAnswers(t, examples))
	maps.Copy(real, visitAnswers(t, examples))
	real["GET /api/patients/{id}/outcomes"] = outcomesAnswer(t)
	maps.Copy(real, deskAnswers(t, examples))
	maps.Copy(real, triggerAnswers(t, examples))
	maps.Copy(real, programAnswers(t, examples))
	maps.Copy(real, overviewAnswers(t, h))
	maps.Copy(real, rxdbAnswers(t, h, examples))
	maps.Copy(real, watermelonAnswers(t, h, examples))
	for _, r := range hooks.Routes() {
		if _, ok := real[r.Method+" "+r.Path]; !ok && !answersLikeATransition(t, r) {
			t.Errorf("no real answer to compare the example of %s %s with", r.Method, r.Path)
		}
	}
	for section, answer := range real {
		example, ok := examples[section+" answer"]
		if !ok {
			t.Errorf("%s has no example of an answer", section)
			continue
		}
		if answer.Status != 200 && section != "Errors" {
			t.Errorf("%s: %d %s", section, answer.Status, answer.Text)
			continue
		}
		for _, fault := range unlike("", example, answered(t, answer)) {
			t.Errorf("example of %s: %s", section, fault)
		}
	}
}

// reportAnswers are those of the page for the neurologist.
func reportAnswers(h *hookstest.House, examples map[string]any) map[string]hookstest.Answer {
	base := "/api/patients/" + hookstest.ID("ada") + "/report"
	out := map[string]hookstest.Answer{}
	share, reply, open := "POST /api/patients/{id}/report/shares", "POST /api/reports/reply", "POST /api/reports/open"
	out[share] = h.Do("amira", "POST", base+"/shares", examples[share+" request"])
	for _, section := range []string{reply, open} { // opened after it was answered
		body := examples[section+" request"].(map[string]any)
		body["token"] = out[share].Body["token"]
		out[section] = h.Do("", "POST", strings.TrimPrefix(section, "POST "), body)
	}
	section := "POST /api/patients/{id}/report/replies"
	out[section] = h.Do("neuro", "POST", annasReport+"/replies", examples[section+" request"])
	out["GET /api/patients/{id}/report"] = h.Do("ada", "GET", base, nil)
	return out
}

// caregiverAnswers are those of a caregiver's link.
func caregiverAnswers(t *testing.T, h *hookstest.House, examples map[string]any) map[string]hookstest.Answer {
	t.Helper()
	h.Clock.Set(theDay)
	defer func() { h.Clock.Set(time.Now()) }()
	made, entered := "POST /api/patients/{id}/caregivers", "POST /api/caregiver/entries"
	link := h.Do("anna", "POST", "/api/patients/"+annas+"/caregivers", examples[made+" request"])
	token, _ := link.Body["token"].(string)
	return map[string]hookstest.Answer{
		made:                 link,
		entered:              byLink(h, token, "POST", "/api/caregiver/entries", examples[entered+" request"]),
		"GET /api/caregiver": byLink(h, token, "GET", "/api/caregiver", nil),
	}
}

// planAnswers are those of the plan of care.
func planAnswers(t *testing.T, examples map[string]any) map[string]hookstest.Answer {
	t.Helper()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	out := map[string]hookstest.Answer{}
	for _, step := range []string{"check", "transitions"} {
		section := "POST /api/plans/{id}/" + step
		out[section] = p.h.Do("thera", "POST", "/api/plans/"+p.plan+"/"+step, examples[section+" request"])
	}
	p.on("2026-01-08")
	visit := p.add("visits", map[string]any{"kind": "treatment", "mode": "in_person", "status": "scheduled", "scheduled_at": "2026-01-08 15:00:00.000Z"})
	section := "POST /api/visits/{id}/transitions"
	out[section] = p.h.Do("thera", "POST", "/api/visits/"+visit+"/transitions", examples[section+" request"])
	p.visit(visit, "completed", 200)
	out["GET /api/plans/{id}/sheet"] = p.h.Do("thera", "GET", "/api/plans/"+p.plan+"/sheet", nil)
	out["GET /api/plans/{id}/handover"] = p.h.Do("anna", "GET", "/api/plans/"+p.plan+"/handover", nil)
	note := p.add("visit_notes", map[string]any{"visit": visit, "response": "less tension"})
	p.do("anna", "/api/collections/safety_checks/records", map[string]any{"patient": annas, "asked_at": p.instant(), "answers": said(map[string]any{"worse_upright_or_lying": true})}, 200)
	p.add("adverse_events", map[string]any{"type": "soreness", "severity": 3, "related": "possible", "happened_at": p.instant()})
	out["GET /api/patients/{id}/safety"] = p.h.Do("anna", "GET", "/api/patients/"+annas+"/safety", nil)
	section = "POST /api/alerts/{id}/close"
	out[section] = p.h.Do("thera", "POST", "/api/alerts/"+p.found("safety_alerts", "1=1")+"/close", examples[section+" request"])
	out["POST /api/notes/{id}/sign"] = p.h.Do("thera", "POST", "/api/notes/"+note+"/sign", nil)
	return out
}

// programAnswers are those of the home program.
func programAnswers(t *testing.T, examples map[string]any) map[string]hookstest.Answer {
	t.Helper()
	out := map[string]hookstest.Answer{}
	for _, verb := range []string{"accept", "hold", "edit"} {
		p := newPractice(t, "2026-01-05")
		walk := p.prescribes("G01", map[string]any{"horizon": "long"})
		for _, day := range week("2026-01-05", 0, 2, 4) {
			p.logs(walk, day, nil)
		}
		p.on("2026-01-12")
		p.looksHome()
		out["GET /api/patients/{id}/program"] = p.h.Do("thera", "GET", "/api/patients/"+annas+"/program", nil)
		out["GET /api/patients/{id}/program/check"] = p.h.Do("thera", "GET", "/api/patients/"+annas+"/program/check", nil)
		section := "POST /api/proposals/{id}/" + verb
		out[section] = p.h.Do("thera", "POST", "/api/proposals/"+p.open()["id"].(string)+"/"+verb, examples[section+" request"])
		section = "POST /api/patients/{id}/program/templates"
		out[section] = p.h.Do("thera", "POST", "/api/patients/"+annas+"/program/templates", examples[section+" request"])
	}
	return out
}

// answersLikeATransition: its section says so, or that there is no answer.
func answersLikeATransition(t *testing.T, r hooks.Route) bool {
	t.Helper()
	_, section, _ := strings.Cut(readDoc(t, "api.md"), "\n## "+r.Method+" "+r.Path+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	return strings.Contains(section, "Answer: as of `POST /api/plans/{id}/transitions`.") || strings.Contains(section, "Answer: 204.") ||
		strings.Contains(section, "Answer: a ZIP file.") || strings.Contains(section, "Answer: text/calendar.")
}

// answered is the body of an answer, which may be a list.
func answered(t *testing.T, a hookstest.Answer) (body any) {
	t.Helper()
	if a.Body != nil {
		return a.Body
	}
	check(t, json.Unmarshal([]byte(a.Text), &body))
	return body
}

// readingsFirst puts the collection of the example where the example has it.
func readingsFirst(a hookstest.Answer) hookstest.Answer {
	all := a.Body["collections"].([]any)
	i := slices.IndexFunc(all, func(c any) bool { return c.(map[string]any)["collection"] == "attack_readings" })
	all[0], all[i] = all[i], all[0]
	return a
}

func position(h *hookstest.House) map[string]any {
	ready := h.Do("", "GET", "/api/health/ready", nil).Body
	return map[string]any{"epoch": ready["epoch"], "seq": ready["seq"]}
}

func firstAttack(h *hookstest.House) any {
	return h.Do("ada", "GET", "/api/collections/attacks/records?perPage=1", nil).Items()[0].(map[string]any)["id"]
}

// examplesOf reads the first JSON block after each "Request" and "Answer" of a section;
// a section without these words is an answer.
func examplesOf(t *testing.T, markdown string) map[string]any {
	t.Helper()
	out := map[string]any{}
	section, kind, block := "", "answer", []string(nil)
	for i, line := range strings.Split(markdown, "\n") {
		switch {
		case strings.HasPrefix(line, "## "):
			section, kind = strings.TrimPrefix(line, "## "), "answer"
		case strings.HasPrefix(line, "Request"):
			kind = "request"
		case strings.HasPrefix(line, "Answer"):
			kind = "answer"
		case line == "```json":
			block = []string{}
		case line == "```" && block != nil:
			var value any
			if err := json.Unmarshal([]byte(strings.Join(block, "\n")), &value); err != nil {
				t.Errorf("docs/api.md:%d: %v", i+1, err)
			}
			if key := section + " " + kind; out[key] == nil {
				out[key] = value
			}
			block = nil
		case block != nil:
			block = append(block, line)
		}
	}
	return out
}

// unlike compares shapes: keys and kinds, not values. A list is compared as far as both
// go, and an empty list or a null says nothing.
func unlike(at string, example, real any) (faults []string) {
	switch e := example.(type) {
	case nil:
	case map[string]any:
		r, ok := real.(map[string]any)
		if !ok {
			if real == nil {
				return nil
			}
			return []string{fmt.Sprintf("%s is no object", at)}
		}
		for key := range e {
			if _, ok := r[key]; !ok {
				faults = append(faults, fmt.Sprintf("%s.%s is not in the answer", at, key))
			}
		}
		for key := range r {
			if _, ok := e[key]; !ok {
				faults = append(faults, fmt.Sprintf("%s.%s is not in the example", at, key))
				continue
			}
			faults = append(faults, unlike(at+"."+key, e[key], r[key])...)
		}
	case []any:
		r, ok := real.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is no list", at)}
		}
		for i := range min(len(e), len(r)) {
			faults = append(faults, unlike(fmt.Sprintf("%s[%d]", at, i), e[i], r[i])...)
		}
	default:
		if real != nil && fmt.Sprintf("%T", example) != fmt.Sprintf("%T", real) {
			faults = append(faults, fmt.Sprintf("%s is a %T, not a %T", at, real, example))
		}
	}
	return faults
}

// ourCollections are the collections that our migrations make or extend.
func ourCollections(t *testing.T) map[string]*core.Collection {
	t.Helper()
	all, err := hookstest.New(t).App.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*core.Collection{}
	for _, c := range all {
		if !c.System {
			out[c.Name] = c
		}
	}
	return out
}

func TestSeedTrace(t *testing.T) {
	collections, tests := ourCollections(t), goTests(t)
	rows := map[string]int{}
	for _, line := range strings.Split(readDoc(t, "seed-trace.md"), "\n") {
		if !strings.HasPrefix(line, "| S-") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 7 {
			t.Errorf("%.6s has %d cells, not 7", line[2:], len(cells))
			continue
		}
		rows[cells[0]]++
		for _, fault := range traceFaults(cells, collections, tests) {
			t.Errorf("%s: %s", cells[0], fault)
		}
	}
	for n := 1; n <= 69; n++ {
		id := fmt.Sprintf("S-%02d", n)
		if rows[id] != 1 {
			t.Errorf("%s has %d rows, not one", id, rows[id])
		}
		delete(rows, id)
	}
	if len(rows) > 0 {
		t.Errorf("rows that the guide does not have: %v", rows)
	}
}

var openIssue = regexp.MustCompile(`^[4-9](, [4-9])*$`)

// traceFaults are what is wrong with a row: | id | says | collection.field | code | screen | test | done |.
func traceFaults(cells []string, collections map[string]*core.Collection, tests map[string]bool) (faults []string) {
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, name := range ticked(cells[2]) {
		collection, field, _ := strings.Cut(name, ".")
		if c := collections[collection]; c == nil || c.Fields.GetByName(field) == nil {
			add("there is no field %s", name)
		}
	}
	for i, below := range map[int]string{3: ".", 4: "../pb_public/src"} {
		for _, name := range ticked(cells[i]) {
			if _, err := os.Stat(filepath.Join(below, name)); err != nil {
				add("there is no file %s", name)
			}
		}
	}
	for _, name := range ticked(cells[5]) {
		file, check, inWeb := strings.Cut(name, ": ")
		if !inWeb && !tests[name] {
			add("there is no test %s", name)
		}
		if body, err := os.ReadFile(filepath.Join("../pb_public", file)); inWeb && (err != nil || !strings.Contains(string(body), "'"+check+"'")) {
			add("there is no check %q in pb_public/%s", check, file)
		}
	}
	if cells[1] == "" {
		add("it says nothing")
	}
	if cells[6] == "done" {
		for i, what := range map[int]string{3: "code", 4: "screen", 5: "test"} {
			if len(ticked(cells[i])) == 0 {
				add("done without a %s", what)
			}
		}
	} else if !openIssue.MatchString(cells[6]) {
		add("neither done nor the number of an issue: %q", cells[6])
	}
	return faults
}

func ticked(cell string) []string {
	var out []string
	for _, m := range docTick.FindAllStringSubmatch(cell, -1) {
		out = append(out, m[1])
	}
	return out
}

// goTests are the names of all Go tests of the repository.
func goTests(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && entry.Name() == "node_modules" {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Test") {
				out[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What the admin pages show beside each field, and what a list of one patient rests on.
func TestEveryFieldIsExplained(t *testing.T) {
	for name, c := range ourCollections(t) {
		for _, f := range c.Fields {
			if f.GetSystem() || f.Type() == core.FieldTypeAutodate || name == "users" && slices.Contains([]string{"name", "avatar"}, f.GetName()) {
				continue // PocketBase's own
			}
			if helpOf(t, f) == "" {
				t.Errorf("%s.%s has no Help text", name, f.GetName())
			}
		}
	}
}

// helpOf: every kind of field has a Help of its own, and no common way to it but JSON.
func helpOf(t *testing.T, f core.Field) string {
	t.Helper()
	body, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Help string `json:"help"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(said.Help)
}

func TestEveryPatientsCollectionHasItsIndex(t *testing.T) {
	collections := ourCollections(t)
	for _, p := range access.Table {
		c := collections[p.Collection]
		if c == nil {
			t.Errorf("the rights table names %s, which does not exist", p.Collection)
			continue
		}
		if p.Scope == "id" {
			continue // the primary key
		}
		first := regexp.MustCompile("\\(\\s*[`\"\\[]?" + p.Scope + "[`\"\\]]?\\s*[,)]")
		if !slices.ContainsFunc(c.Indexes, func(index string) bool {
			return first.MatchString(index) && !strings.Contains(strings.ToUpper(index), " WHERE ")
		}) {
			t.Errorf("%s has no full index that begins with %s: %v", c.Name, p.Scope, c.Indexes)
		}
	}
}

package hooks_test

import (
	"fmt"
	"strings"
	"testing"

	"interictal/hooks/hookstest"
)

func (p *practice) sheet(who string) map[string]any {
	p.t.Helper()
	a := p.h.Do(who, "GET", p.path("sheet"), nil)
	if a.Status != 200 {
		p.t.Fatalf("%s reads the sheet: %d %s", who, a.Status, a.Text)
	}
	return a.Body
}

// versionsOf a plan: number and cause of each, the newest first.
func versionsOf(sheet map[string]any) (list []string) {
	for _, v := range sheet["versions"].([]any) {
		list = append(list, v.(map[string]any)["cause"].(string))
	}
	return list
}

func TestWhatWasShownIsWhatIsSigned(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	shown := p.sheet("thera")
	if got := versionsOf(shown); len(got) != 0 {
		t.Errorf("a draft has versions: %v", got)
	}
	p.edit("goals", p.goal, map[string]any{"target": 4}) // a colleague, meanwhile
	p.changesNothing(func() {
		a := p.h.Do("thera", "POST", p.path("transitions"), map[string]any{"to": "active", "expectedVersion": 0, "sheet": shown["hash"]})
		if a.Status != 409 || !a.Has("E_STALE") {
			t.Errorf("signed something else than was shown: %d %s", a.Status, a.Text)
		}
	})
	shown = p.sheet("thera")
	p.do("thera", p.path("transitions"), map[string]any{"to": "active", "expectedVersion": 0, "sheet": shown["hash"]}, 200)
	now := p.sheet("thera")
	if got := versionsOf(now); len(got) != 1 || got[0] != "signed" || now["hash"] != shown["hash"] {
		t.Errorf("after signing: %v %v", got, now["hash"])
	}
}

func TestEachChangeOfASignedPlanIsAVersion(t *testing.T) {
	t.Parallel()
	p := signedPractice(t)
	p.edit("goals", p.goal, map[string]any{"patient_words": "Play with my girl again"})
	p.edit("plans", p.plan, map[string]any{"impact_statement": "I miss her birthdays."})
	p.edit("plans", p.plan, map[string]any{"impact_statement": "I miss her birthdays."}) // the same once more
	p.add("care_team_members", map[string]any{"kind": "dentist", "name": "Dr Ito"})
	p.ask200(extending(map[string]any{"kind": "visits", "maxVisits": 8})(p))
	p.sees("2026-01-08") // a visit changes nothing that the plan says
	sheet := p.sheet("thera")
	if got := strings.Join(versionsOf(sheet), " "); got != "extended edited edited edited signed" {
		t.Errorf("versions: %s", got)
	}
	first := sheet["versions"].([]any)[4].(map[string]any)
	if first["by"] == hookstest.ID("thera") || !strings.Contains(fmt.Sprint(first["sheet"]), "value:Play with my girl]") {
		t.Errorf("the first version: %v", first)
	}
	version := "/api/collections/plan_versions/records/" + p.found("plan_versions", "1=1")
	p.changesNothing(func() {
		for _, who := range append(strings.Fields(everybody), "root", "") {
			for _, c := range []call{{"PATCH", version, map[string]any{"hash": "x"}}, {"DELETE", version, nil}} {
				if a := p.h.Do(who, c.method, c.path, c.body); a.Status < 400 {
					t.Errorf("%s %s: %d %s", who, c.method, a.Status, a.Text)
				}
			}
		}
	})
}

func TestWhatCanBecomeOfAPlan(t *testing.T) {
	t.Parallel()
	p := newPractice(t, "2026-01-05")
	p.evaluates()
	offers := func(who string) (list []string) {
		for _, o := range p.sheet(who)["offers"].([]any) {
			o := o.(map[string]any)
			line := o["name"].(string)
			for _, b := range o["broken"].([]any) {
				line += " " + b.(map[string]any)["code"].(string)
			}
			list = append(list, line)
		}
		return list
	}
	same := func(says string, got []string, want string) {
		t.Helper()
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %s", says, strings.Join(got, ", "))
		}
	}
	same("a draft", offers("thera"), "T1, T2")
	p.edit("goals", p.goal, map[string]any{"baseline": nil})
	same("a draft that says too little", offers("thera"), "T1 E_PLAN_CONTENT, T2")
	p.edit("goals", p.goal, map[string]any{"baseline": 10})
	p.signs()
	same("a signed plan", offers("thera"), "T3, T5, T7 E_GOAL_OUTCOME E_READINESS, T8, T10 E_GOAL_OUTCOME E_NO_CONSENT E_READINESS, T11 E_ROLE")
	p.on("2026-01-07")
	p.ask200(pausing("2026-01-07")(p))
	p.on("2026-01-30")
	same("a paused one", offers("thera"), "T4 E_NO_REDFLAG_SCREEN, T8, T11 E_ROLE")
	for _, offer := range offers("assi") {
		if !strings.Contains(offer, "E_ROLE") {
			t.Errorf("an assistant is offered %s", offer)
		}
	}
	for _, who := range []string{"bo", "neuro", "desk", ""} {
		if a := p.h.Do(who, "GET", p.path("sheet"), nil); a.Status != 404 && a.Status != 401 {
			t.Errorf("%s reads the sheet: %d", who, a.Status)
		}
	}
}

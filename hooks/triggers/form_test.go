package triggers

import (
	"reflect"
	"testing"

	"interictal/hooks/clinic"
)

func TestSettled(t *testing.T) {
	at := func(n float64) *float64 { return &n }
	for _, c := range []struct {
		name      string
		was, want Form
		code      string
	}{
		{"the catalogue fixes all", Form{Code: "nuts", Kind: YesNo, Lag: 0, Unit: "bags", Prodrome: true, Rule: Above, At: at(3)}, Form{Code: "nuts", Kind: YesNo, Lag: 1, Food: true}, ""},
		{"and the cut", Form{Code: "sleep_short", Kind: Number}, Form{Code: "sleep_short", Kind: Number, Unit: "h", Rule: Below, At: at(6)}, ""},
		{"the median has no number", Form{Code: "stress", Kind: Number, At: at(2)}, Form{Code: "stress", Kind: Number, Lag: 1, Unit: "0-10", Rule: Median}, ""},
		{"her own, yes or no", Form{Kind: YesNo, Lag: 1}, Form{Kind: YesNo, Lag: 1}, ""},
		{"her own number is cut at her median", Form{Kind: Number, Unit: "km"}, Form{Kind: Number, Unit: "km", Rule: Median}, ""},
		{"or where she says", Form{Kind: Number, Rule: AtLeast, At: at(0)}, Form{Kind: Number, Rule: AtLeast, At: at(0)}, ""},
		{"a rule without its number", Form{Kind: Number, Rule: Above}, Form{}, "E_TRIGGER_CUT"},
		{"a median with a number", Form{Kind: Number, Rule: Median, At: at(5)}, Form{}, "E_TRIGGER_CUT"},
		{"a number without a rule", Form{Kind: Number, At: at(5)}, Form{}, "E_TRIGGER_CUT"},
		{"yes or no has no rule", Form{Kind: YesNo, Rule: Median}, Form{}, "E_TRIGGER_CUT"},
		{"nobody's factor", Form{Code: "moon", Kind: YesNo}, Form{}, "E_TRIGGER_CODE"},
		{"the period", Form{Code: Menstrual, Kind: YesNo}, Form{}, "E_TRIGGER_CODE"},
		{"another question", Form{Code: "nuts", Kind: Number}, Form{}, "E_TRIGGER_KIND"},
	} {
		got, broken := c.was.Settled()
		if broken != nil {
			if broken.Code != c.code || broken.Params["field"] == "" {
				t.Errorf("%s: %+v, want %q", c.name, *broken, c.code)
			}
		} else if c.code != "" || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v %q", c.name, got, c.want, c.code)
		}
	}
}

func TestAnswers(t *testing.T) {
	at := func(n float64) *float64 { return &n }
	for _, c := range []struct {
		kind   Kind
		code   string
		met    clinic.YesNo
		amount *float64
		want   string
	}{
		{YesNo, "nuts", clinic.No, nil, ""},
		{YesNo, "nuts", clinic.Unknown, nil, ""},
		{YesNo, "", clinic.Yes, at(0), "E_EXPOSURE_KIND"},
		{Number, "", clinic.No, nil, "E_EXPOSURE_KIND"},
		{Number, "", clinic.Unknown, at(-400), ""},
		{Number, "caffeine", clinic.Unknown, at(0), ""},
		{Number, "caffeine", clinic.Unknown, at(50), ""},
		{Number, "caffeine", clinic.Unknown, at(50.5), "E_VALUE"},
		{Number, "caffeine", clinic.Unknown, at(-1), "E_VALUE"},
	} {
		got := ""
		if broken := Answers(c.kind, c.code, c.met, c.amount); broken != nil {
			got = broken.Code
		}
		if got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

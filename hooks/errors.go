package hooks

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"interictal/hooks/clinic"
)

// rule is a broken rule as PocketBase's error data carries it. It is a value
// with Error, Code and Resolve, because a plain map comes out as
// `validation_invalid_value`.
type rule struct{ clinic.Broken }

func (r rule) Error() string { return r.Message }
func (r rule) Code() string  { return r.Broken.Code }
func (r rule) Resolve(map[string]any) any {
	out := map[string]any{"code": r.Broken.Code, "severity": r.Severity, "message": r.Message}
	if len(r.Params) > 0 {
		out["params"] = r.Params
	}
	return out
}

// refuse answers with every broken rule at once, keyed by its code; the
// message is the first one's, HARD before OVERRIDE.
func refuse(status int, broken ...clinic.Broken) *router.ApiError {
	broken = clinic.HardFirst(together(broken))
	data := make(map[string]any, len(broken))
	for _, b := range broken {
		data[b.Code] = rule{b}
	}
	return apis.NewApiError(status, broken[0].Message, data)
}

// together puts faults of one code into one: the answer is keyed by code.
func together(broken []clinic.Broken) []clinic.Broken {
	var out []clinic.Broken
	place := map[string]int{}
	for _, b := range broken {
		i, seen := place[b.Code]
		if !seen {
			place[b.Code] = len(out)
			out = append(out, b)
			continue
		}
		fields, _ := out[i].Params["fields"].([]any)
		if fields == nil {
			fields = []any{out[i].Params["field"]}
		}
		out[i].Params = map[string]any{"fields": append(fields, b.Params["field"])}
		out[i].Message += " " + b.Message
	}
	return out
}

func hard(code, message string) clinic.Broken {
	return clinic.Broken{Code: code, Severity: clinic.Hard, Message: message}
}

// The refusals that every route shares.
func signedOut() *router.ApiError {
	return refuse(http.StatusUnauthorized, hard("E_SIGNED_OUT", "Sign in to go on. Nothing on this phone is lost."))
}

func tooLarge() *router.ApiError {
	return refuse(http.StatusRequestEntityTooLarge, hard("E_TOO_LARGE", "Too much at once: send it in smaller parts."))
}

func noRight() *router.ApiError {
	return refuse(http.StatusNotFound, hard("E_NOT_FOUND", "There is no such record, or you have no access to it."))
}

// explain turns whatever a save returned into the exchange's refusal:
// the data of architecture §3 and one kind sentence. ok is false for a fault
// of ours, which is not the entry's.
func explain(err error) (data map[string]any, message string, ok bool) {
	if api := (*router.ApiError)(nil); errors.As(err, &api) && api.Status < 500 && len(api.Data) > 0 {
		return api.Data, api.Message, true
	}
	if fields := (validation.Errors{}); errors.As(err, &fields) {
		b := fieldRule(fields)
		return map[string]any{b.Code: rule{b}.Resolve(nil)}, b.Message, true
	}
	if b, ok := fixedFor(err); ok {
		return map[string]any{b.Code: rule{b}.Resolve(nil)}, b.Message, true
	}
	return nil, "", false
}

// fixedFor reads the code that a trigger of the journal stopped a write with.
func fixedFor(err error) (clinic.Broken, bool) {
	for _, code := range []string{"E_SCOPE_FIXED", "E_LINK_FIXED", "E_APPEND_ONLY", "E_REPLACE", "E_ERASED"} {
		if strings.Contains(err.Error(), code) {
			return hard(code, "This can never change."), true
		}
	}
	return clinic.Broken{}, false
}

// fieldRule puts PocketBase's own field errors into one broken rule.
func fieldRule(fields validation.Errors) clinic.Broken {
	names := make([]string, 0, len(fields))
	params := make(map[string]any, len(fields))
	for name, err := range fields {
		names = append(names, name)
		params[name] = err.Error()
	}
	slices.Sort(names)
	return clinic.Broken{Code: "E_VALUE", Severity: clinic.Hard, Params: params,
		Message: "Not a value this field can hold: " + strings.Join(names, ", ") + "."}
}

// requireUser lets only signed-in people of the users collection pass.
func requireUser(e *core.RequestEvent) error {
	if e.Auth == nil || e.Auth.Collection().Name != "users" {
		return signedOut()
	}
	switch {
	case !e.Auth.GetDateTime("erased_at").IsZero() && e.Request.URL.Path != "/api/sync/exchange": // it notes which device was told
		return erasedAccount()
	case !e.Auth.GetDateTime("ending_at").IsZero() && !strings.HasPrefix(e.Request.URL.Path, "/api/sync/"):
		return signedOut() // whoever left hands over what a phone had not sent, and nothing else
	}
	return e.Next()
}

// erasedAccount is what a phone hears that is to let go of everything.
func erasedAccount() *router.ApiError {
	return refuse(http.StatusGone, hard("E_ERASE_DEVICE", "Everything of this account on this device is to be erased."))
}

// accountFault says what is wrong with a new account, in the app's codes.
func accountFault(fields validation.Errors) clinic.Broken {
	switch {
	case fields["email"] != nil:
		return hard("E_EMAIL", "This address cannot be used: it is not complete, or somebody signs in with it already.")
	case fields["password"] != nil:
		return hard("E_PASSWORD", "A password needs at least 8 characters.")
	}
	return fieldRule(fields)
}

package hooks_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"interictal/hooks/hookstest"
)

func measure(t *testing.T, h *hookstest.House, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequest("GET", h.URL+"/metrics", nil)
	check(t, err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(request)
	check(t, err)
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	check(t, err)
	return a.StatusCode, string(body)
}

func TestMetricsCountAndNameNobody(t *testing.T) {
	h := hookstest.New(t)
	stored(t, h, "phone-one", newAttack(oneAttack), map[string]any{"note": "a hard day"})
	h.Do("anna", "GET", "/api/collections/attacks/records/"+oneAttack, nil)
	h.Do("anna", "GET", "/api/collections/attacks/records/unknownunknown1", nil)
	h.Do("", "GET", "/api/me", nil)
	status, text := measure(t, h)
	if status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	for _, want := range []string{
		`interictal_pushed_entries_total{verdict="applied"} 1`,
		`interictal_requests_total{method="POST",route="/api/sync/exchange",status="200"} 1`,
		`interictal_requests_total{method="GET",route="/api/collections/{collection}/records/{id}",status="404"} 1`,
		`interictal_requests_total{method="GET",route="/api/me",status="401"} 1`,
		"interictal_journal_lag ", "interictal_streams_open 0", "interictal_disk_free_bytes ", "interictal_database_bytes ", "interictal_backup_last_seconds 0",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("not there: %s", want)
		}
	}
	for _, never := range []string{oneAttack, annas, "anna", "phone-one", "hard day"} {
		if strings.Contains(text, never) {
			t.Errorf("it names %s", never)
		}
	}
}

func TestMetricsAreForThisMachineOrTheToken(t *testing.T) {
	t.Setenv("INTERICTAL_METRICS_TOKEN", "a-long-token")
	h := hookstest.New(t)
	for _, c := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"this machine", nil, 200},
		{"through a proxy", []string{"X-Forwarded-For", "203.0.113.7"}, 404},
		{"through a proxy, with the token", []string{"X-Forwarded-For", "203.0.113.7", "Authorization", "Bearer a-long-token"}, 200},
		{"through a proxy, with another", []string{"Via", "proxy", "Authorization", "Bearer a-long-tokem"}, 404},
		{"through a proxy, as a therapist", []string{"X-Real-IP", "203.0.113.7", "Authorization", h.Token("thera")}, 404},
	} {
		if status, text := measure(t, h, c.headers...); status != c.want {
			t.Errorf("%s: %d %.100s", c.name, status, text)
		}
	}
}

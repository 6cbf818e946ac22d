package hooks

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"interictal/hooks/devicesync"
	"interictal/hooks/upkeep"
)

// metrics are what Prometheus may know: how much, how fast, how full. Never who: a route is named as it is registered,
// without the ids in its address.
type metrics struct {
	all      *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	entries  *prometheus.CounterVec
	busy     prometheus.Counter
}

func newMetrics() metrics {
	m := metrics{
		all: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "interictal_requests_total", Help: "Answered requests, by route and status."},
			[]string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "interictal_request_seconds", Help: "How long answers took, but for streams.",
			Buckets: []float64{.005, .02, .1, .5, 2, 10}}, []string{"method", "route"}),
		entries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "interictal_pushed_entries_total", Help: "Entries that phones pushed, by verdict."},
			[]string{"verdict"}),
		busy: prometheus.NewCounter(prometheus.CounterOpts{Name: "interictal_pushes_put_off_total", Help: "Pushes that were told to come again later."}),
	}
	m.all.MustRegister(m.requests, m.seconds, m.entries, m.busy, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// pushed counts what became of a push.
func (m metrics) pushed(verdicts []devicesync.Result) {
	for _, v := range verdicts {
		m.entries.WithLabelValues(string(v.Verdict)).Inc()
	}
}

// bindMetrics counts every request, and serves GET /metrics.
func (d *doors) bindMetrics(app core.App) {
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "metrics", Func: func(e *core.ServeEvent) error {
		if err := d.gauges(app); err != nil {
			return err
		}
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Id: "metrics", Func: d.countRequest, Priority: apis.DefaultActivityLoggerMiddlewarePriority - 2})
		page := promhttp.HandlerFor(d.metrics.all, promhttp.HandlerOpts{})
		e.Router.GET("/metrics", func(e *core.RequestEvent) error {
			if !mayMeasure(e) {
				return e.NotFoundError("", nil)
			}
			page.ServeHTTP(e.Response, e.Request)
			return nil
		})
		return e.Next()
	}})
}

func (d *doors) countRequest(e *core.RequestEvent) error {
	began := time.Now()
	err := e.Next()
	route := e.Request.Pattern
	if _, path, ok := strings.Cut(route, " "); ok {
		route = path
	}
	status := e.Status()
	if !e.Written() && err != nil {
		status = router.ToApiError(err).Status
	}
	d.metrics.requests.WithLabelValues(e.Request.Method, route, fmt.Sprint(status)).Inc()
	if !strings.HasPrefix(e.Response.Header().Get("Content-Type"), "text/event-stream") {
		d.metrics.seconds.WithLabelValues(e.Request.Method, route).Observe(time.Since(began).Seconds())
	}
	return err
}

// gauges are looked up when somebody asks. A server that starts again in one process replaces them.
func (d *doors) gauges(app core.App) error {
	for name, g := range map[string]struct {
		help string
		read func() float64
	}{
		"journal_lag":            {"Numbers of the journal that realtime has still to tell.", func() float64 { return d.lag(app) }},
		"streams_open":           {"Clients that are connected to realtime.", func() float64 { return float64(d.hub.size()) }},
		"pushes_under_way":       {"Pushes that are worked on or wait for the writer.", func() float64 { return float64(len(d.gate.large) + len(d.gate.small)) }},
		"disk_free_bytes":        {"Room on the disk of the data folder.", func() float64 { return float64(diskFacts(app).Free) }},
		"database_bytes":         {"Size of the database, without what waits in its log.", func() float64 { return float64(diskFacts(app).Database) }},
		"backup_last_seconds":    {"When this server's last copy arrived, Unix time; 0 for none since it started.", func() float64 { return float64(d.kept.last.Load()) }},
		"backup_failures_so_far": {"Copies that did not arrive, since this server started.", func() float64 { return float64(d.kept.failed.Load()) }},
	} {
		gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "interictal_" + name, Help: g.help}, g.read)
		var twice prometheus.AlreadyRegisteredError
		if err := d.metrics.all.Register(gauge); err != nil && !errors.As(err, &twice) {
			return err
		}
	}
	return nil
}

func (d *doors) lag(app core.App) float64 {
	last, err := newestSeq(app.DB())
	if err != nil {
		return -1 // not known, and not nothing
	}
	return float64(max(0, last-d.told.Load()))
}

func diskFacts(app core.App) upkeep.Disk {
	if d := diskOf(app.DataDir()); d != nil {
		return *d
	}
	return upkeep.Disk{}
}

// mayMeasure: a program on this machine, or whoever has the token. A request that a proxy passed on is not of this machine.
func mayMeasure(e *core.RequestEvent) bool {
	if token := os.Getenv("INTERICTAL_METRICS_TOKEN"); token != "" {
		sent, _ := strings.CutPrefix(e.Request.Header.Get("Authorization"), "Bearer ")
		if subtle.ConstantTimeCompare([]byte(sent), []byte(token)) == 1 {
			return true
		}
	}
	for _, passedOn := range append([]string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via"}, e.App.Settings().TrustedProxy.Headers...) {
		if e.Request.Header.Get(passedOn) != "" {
			return false
		}
	}
	ip := net.ParseIP(e.RemoteIP())
	return ip != nil && ip.IsLoopback()
}

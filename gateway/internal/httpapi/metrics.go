package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/translog"
)

// metrics are what Prometheus reads. Labels are route templates, methods and statuses: never an id, never a person.
type metrics struct {
	handler  http.Handler
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newMetrics(deps *Deps, more ...prometheus.Collector) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "relieftrail_http_requests_total", Help: "Requests answered.",
		}, []string{"method", "route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "relieftrail_http_request_duration_seconds", Help: "Time until a request was answered.",
			Buckets: []float64{.005, .02, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "relieftrail_http_requests_in_flight", Help: "Requests being answered.",
		}),
	}
	indexed := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "relieftrail_index_height", Help: "Blocks indexed.",
	}, func() float64 { return float64(deps.Core.Index.Height()) })
	unreadable := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "relieftrail_index_unreadable", Help: "Values on the ledger that cannot be read and were passed over: alert above 0.",
	}, func() float64 { return float64(len(deps.Core.Index.Unreadable())) })
	height := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "relieftrail_ledger_height", Help: "Blocks of the agency's own peer; -1 when it does not answer.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), probeTime)
		defer cancel()
		n, err := deps.Ledger.Height(ctx)
		if err != nil {
			return -1
		}
		return float64(n)
	})
	unsettled := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "relieftrail_outbox_unsettled", Help: "Transactions whose end is not known.",
	}, func() float64 { return float64(deps.Outbox.Unsettled()) })
	resent := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "relieftrail_outbox_resent_total", Help: "How often the same bytes were sent again.",
	}, func() float64 { return float64(deps.Outbox.Resent()) })
	conflicts := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "relieftrail_outbox_conflicts_total", Help: "How often an act was tried again after a lost race.",
	}, func() float64 { return float64(deps.Outbox.Conflicts()) })
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.duration, m.inFlight, indexed, unreadable, height, unsettled, resent, conflicts,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(more...)
	if deps.Standing != nil {
		registry.MustRegister(daysLeft{deps.Standing})
	}
	if deps.Cases.Matching != nil {
		registry.MustRegister(deps.Cases.Matching.Collector())
	}
	if deps.Public.Log != nil {
		registry.MustRegister(logMetrics("log", deps.Public.Log)...)
		registry.MustRegister(logMetrics("statements", deps.Public.Statements)...)
	}
	if agree := deps.Public.Agreement; agree != nil {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "relieftrail_indicators_differing", Help: "Indicators that other agencies' gateways have worked out otherwise.",
		}, func() float64 { return float64(len(agree.Status().Differences)) }))
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "relieftrail_screening_differing", Help: "Counties, as of a block, in which other agencies' gateways find other alerts.",
		}, func() float64 { return float64(len(agree.Status().Alerts)) }))
	}
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

func (m *metrics) serve(c *gin.Context) error {
	m.handler.ServeHTTP(c.Writer, c.Request)
	return nil
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(method, route).Observe(took.Seconds())
}

// logMetrics are those of a transparency log.
func logMetrics(of string, log public.Transparency) []prometheus.Collector {
	gauge := func(name, help string, value func(s *translog.Status) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "relieftrail_" + of + "_" + name, Help: help}, func() float64 {
			s := log.Status()
			return value(&s)
		})
	}
	return []prometheus.Collector{
		gauge("leaves", "Leaves of the transparency log.", func(s *translog.Status) float64 { return float64(s.Size) }),
		gauge("signed_leaves", "Leaves of the newest state that this agency signed.", func(s *translog.Status) float64 { return float64(s.Signed) }),
		gauge("cosigned_leaves", "Leaves of the newest state that all agencies cosigned.", func(s *translog.Status) float64 { return float64(s.Published) }),
		gauge("rebuilt_tiles", "Tiles that were lost and made again from the index.", func(s *translog.Status) float64 { return float64(s.Rebuilt) }),
		gauge("alerts", "Open alerts: while there is one, nothing is cosigned.", func(s *translog.Status) float64 { return float64(len(s.Open)) }),
		gauge("peers_away", "Other agencies' gateways that did not answer.", func(s *translog.Status) float64 {
			away := 0
			for _, p := range s.Peers {
				if p.Problem != "" {
					away++
				}
			}
			return float64(away)
		}),
	}
}

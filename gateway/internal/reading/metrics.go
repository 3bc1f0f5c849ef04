package reading

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the record's. Labels are purposes: never an official, never a person.
type metrics struct {
	readings *prometheus.CounterVec
	refused  prometheus.Counter
	own      []prometheus.Collector

	mu   *sync.Mutex
	day  *string
	most *float64 // of a budget, by one official, on that day
}

func newMetrics(r *Reader) metrics {
	m := metrics{
		readings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "relieftrail_readings_total", Help: "Readings of personal data that were recorded.",
		}, []string{"purpose"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "relieftrail_lookups_refused_total", Help: "Look-ups of identity numbers beyond an official's budget of the day.",
		}),
		mu: &sync.Mutex{}, day: new(string), most: new(float64),
	}
	used := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "relieftrail_lookup_budget_used_ratio", Help: "The largest part of a day's look-ups that one official has used today: alert from 0.8 on.",
	}, func() float64 {
		m.mu.Lock()
		defer m.mu.Unlock()
		if *m.day != r.Today() {
			return 0
		}
		return *m.most
	})
	broken := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "relieftrail_readings_broken", Help: "Records of readings, this agency's and the copies of others', that were changed: alert above 0.",
	}, func() float64 { return float64(len(r.Alerts())) })
	m.own = []prometheus.Collector{m.readings, m.refused, used, broken}
	return m
}

// use notes the part of the budget that an official has used on a day.
func (m *metrics) use(day string, part float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if *m.day != day {
		*m.day, *m.most = day, 0
	}
	*m.most = max(*m.most, part)
}

// Collectors are what Prometheus reads.
func (r *Reader) Collectors() []prometheus.Collector { return r.metrics.own }

// Alerts are what is wrong with the record of this agency and the copies of others'.
func (r *Reader) Alerts() []string {
	var list []string
	if fault := r.broken.Load(); fault != nil {
		list = append(list, (*fault).Error())
	}
	return append(list, r.others.alerts()...)
}

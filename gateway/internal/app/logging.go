package app

import (
	"context"
	"io"
	"log/slog"

	"relieftrail/gateway/internal/config"
)

// loggable are the only keys that reach the log. Before a key is added here, make sure that its values cannot identify a
// person.
var loggable = map[string]bool{
	"request": true, "method": true, "route": true, "status": true, "duration_ms": true, "principal": true,
	"tx": true, "tx_id": true, "block": true, "height": true, "job": true, "kind": true, "state": true, "function": true, "code": true,
	"error": true, "stack": true, "attempt": true, "chunk": true, "segment": true, "lines": true, "accepted": true, "refused": true,
	"unchanged": true, "organisation": true, "address": true, "version": true, "tls": true, "count": true, "took": true,
	"programme": true, "batch": true, "tranche": true, "wait": true, "transactions": true, "bytes": true,
	"agency": true, "source": true, "ours": true, "theirs": true,
}

// NewLogger logs to out at the level and in the format of the settings, with allowed keys only.
func NewLogger(out io.Writer, cfg config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo // config.Load has checked it
	}
	options := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewJSONHandler(out, options)
	if cfg.Format == "text" {
		h = slog.NewTextHandler(out, options)
	}
	return slog.New(allowing{h})
}

// allowing drops attributes that are empty or whose key is not allowed.
type allowing struct{ next slog.Handler }

func (h allowing) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h allowing) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if allowed(a) {
			clean.AddAttrs(a)
		}
		return true
	})
	return h.next.Handle(ctx, clean)
}

func (h allowing) WithAttrs(attrs []slog.Attr) slog.Handler {
	kept := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if allowed(a) {
			kept = append(kept, a)
		}
	}
	return allowing{h.next.WithAttrs(kept)}
}

func (h allowing) WithGroup(name string) slog.Handler { return allowing{h.next.WithGroup(name)} }

// allowed reports whether an attribute may be logged. Groups and structs may not: they could hold unchecked values.
func allowed(a slog.Attr) bool {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		return false
	case slog.KindAny:
		_, isError := v.Any().(error)
		return loggable[a.Key] && isError
	case slog.KindString:
		return loggable[a.Key] && v.String() != ""
	default:
		return loggable[a.Key]
	}
}

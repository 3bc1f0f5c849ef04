package lists

import (
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/table"
	"relieftrail/gateway/internal/yearexport"
)

var exportStates = map[string]string{"queued": "排队中", "running": "导出中", "ready": "可下载", "failed": "失败"}

// YearExports are the archives that an official asked for.
var YearExports = table.New(
	table.Text("id", func(e *yearexport.Export) string { return e.ID }),
	table.Text("county", func(e *yearexport.Export) relief.Region { return e.County }),
	table.Integer("year", func(e *yearexport.Export) int { return e.Year }),
	table.Text("programmes", func(e *yearexport.Export) string { return joined(e.Programmes) }),
	table.Text("format", func(e *yearexport.Export) table.Format { return e.Format }),
	table.Word("state", exportStates, func(e *yearexport.Export) yearexport.State { return e.State }),
	table.Text("error", func(e *yearexport.Export) string { return e.Error }),
	table.Integer("lists", func(e *yearexport.Export) int { return e.Lists }),
	table.Integer("rows", func(e *yearexport.Export) int { return e.Rows }),
	table.Integer("bytes", func(e *yearexport.Export) int64 { return e.Bytes }),
	table.Text("sha256", func(e *yearexport.Export) string { return e.SHA256 }),
	table.Time("asked_at", func(e *yearexport.Export) time.Time { return e.AskedAt }),
	table.Time("ended_at", func(e *yearexport.Export) time.Time { return e.EndedAt }),
	table.Time("kept_until", func(e *yearexport.Export) time.Time { return e.KeptUntil }),
)

package lists

import (
	"strconv"

	"relieftrail/chaincode/relief/indicator"
	"relieftrail/gateway/internal/table"
)

// Indicators are the indicators of a programme, region and period.
var Indicators = table.New(
	table.Titled("indicator", "指标", func(v *indicator.Value) string { return string(v.Code) }),
	table.Titled("name", "指标名称", func(v *indicator.Value) string { return indicator.Of(v.Code).Zh }),
	table.Titled("numerator", "分子", func(v *indicator.Value) string { return strconv.FormatInt(v.Num, 10) }),
	table.Titled("denominator", "分母", func(v *indicator.Value) string { return strconv.FormatInt(v.Den, 10) }),
	table.Titled("value", "值", func(v *indicator.Value) string { return v.Shown }),
	table.Titled("unit", "单位", func(v *indicator.Value) string { return string(v.Unit) }),
	table.Titled("target", "目标", func(v *indicator.Value) string { return v.Target }),
	table.Titled("met", "是否达到", func(v *indicator.Value) string {
		if v.Met == nil {
			return ""
		}
		return strconv.FormatBool(*v.Met)
	}),
	table.Titled("score", "得分", func(v *indicator.Value) string { return v.Score }),
	table.Titled("known_by", "依据", func(v *indicator.Value) string { return string(v.Known) }),
)

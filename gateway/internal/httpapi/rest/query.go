package rest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
)

// Parameter is a query parameter that a route declares.
type Parameter interface {
	Name() string
	parse(text string) (any, error)
}

// Param is a query parameter whose values are of one type.
type Param[T any] struct {
	name string
	read func(string) (T, error)
}

// NewParam declares a query parameter.
func NewParam[T any](name string, read func(string) (T, error)) Param[T] { return Param[T]{name, read} }

// Name is the parameter's name in the query.
func (p Param[T]) Name() string { return p.name }

func (p Param[T]) parse(text string) (any, error) { return p.read(text) }

// In is the value that the query has; the zero value when the parameter is absent or empty.
func (p Param[T]) In(c *gin.Context) T {
	v, _ := c.Get(queryKey(p.name))
	value, _ := v.(T)
	return value
}

func queryKey(name string) string { return "query " + name }

// Text declares a parameter that is checked elsewhere.
func Text(name string) Param[string] {
	return NewParam(name, func(text string) (string, error) { return text, nil })
}

// Choice declares a parameter with a few possible values.
func Choice[T ~string](name string, values ...T) Param[T] {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	last := len(words) - 1
	zh := fmt.Sprintf("%s 须为 %s 或 %s。", name, strings.Join(words[:last], "、"), words[last])
	en := fmt.Sprintf("%s is %s or %s.", name, strings.Join(words[:last], ", "), words[last])
	return NewParam(name, func(text string) (T, error) {
		if !slices.Contains(values, T(text)) {
			return "", problem.OfField(name, zh, en)
		}
		return T(text), nil
	})
}

// readQuery parses what the query says, and refuses parameters that are not declared or that are repeated: a misspelt filter
// must not be taken for no filter.
func readQuery(c *gin.Context, declared []Parameter) error {
	query := c.Request.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		values := query[name]
		at := slices.IndexFunc(declared, func(p Parameter) bool { return p.Name() == name })
		if at < 0 {
			return problem.OfField(plainName(name), "没有这个查询参数。", "The query parameter is not known.")
		}
		if len(values) != 1 {
			return problem.OfField(name, "查询参数重复。", "The query parameter is there more than once.")
		}
		if values[0] == "" {
			continue
		}
		v, err := declared[at].parse(values[0])
		if err != nil {
			return badValue(name, err)
		}
		c.Set(queryKey(name), v)
	}
	return nil
}

func badValue(name string, err error) error {
	var own *problem.Fault
	if errors.As(err, &own) {
		return own
	}
	detail := "The value is not valid."
	var refusal *relief.Error
	if errors.As(err, &refusal) {
		detail = refusal.Detail
	}
	text := bilingual.Both(bilingual.FieldName(name)+"：不符合规则。", detail)
	return problem.OfField(name, text.Zh, text.En)
}

// AtLeast names the block that a read must have, beyond what this gateway has seen of the caller. The header works on every
// path.
var AtLeast = NewParam("at_least_block", parseBlock)

const headerAtLeast = "X-At-Least-Block"

// maxBlockBits is what a position in the index has room for.
const maxBlockBits = 43

func parseBlock(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, maxBlockBits)
	if err != nil {
		return 0, problem.OfField("at_least_block", "at_least_block 须为区块号，见响应头 X-Block。",
			"at_least_block is a block's number, as in the header X-Block.")
	}
	return n, nil
}

// Cursor is where a page begins, as the page before said.
var Cursor = Text("cursor")

// IDCursor is the cursor of pages in the order of ids: the id of the last record of the page before.
var IDCursor = NewParam("cursor", func(text string) (string, error) {
	if _, err := relief.ParseBatchID(text); err != nil { // the widest of the ids
		return "", problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
	}
	return text, nil
})

// defaultPage is the size of a page when the caller names none.
const defaultPage = 100

// Limit declares how many items a page may have.
func (s *Core) Limit() Param[int] { return PageLimit(s.Limits.PageSize) }

// PageLimit declares how many items a page may have, most at most.
func PageLimit(most int) Param[int] {
	return NewParam("limit", func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > most {
			return 0, problem.OfField("limit", fmt.Sprintf("limit 须为 1 至 %d。", most), fmt.Sprintf("limit is 1 to %d.", most))
		}
		return n, nil
	})
}

// PageSize is how many items the caller's page is to have.
func (s *Core) PageSize(c *gin.Context) int {
	if n := s.Limit().In(c); n > 0 {
		return n
	}
	return min(defaultPage, s.Limits.PageSize)
}

// PathID parses an id of the path.
func PathID[T any](c *gin.Context, name string, parse func(string) (T, error)) (T, error) {
	return parse(c.Param(name))
}

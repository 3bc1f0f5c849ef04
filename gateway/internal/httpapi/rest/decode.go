package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"

	"relieftrail/chaincode/api/strictjson"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
)

// readJSON reads a request's body into v: one JSON document, of known fields only. An empty body leaves v as it is
// when optional is set.
func readJSON(r *http.Request, limit int64, depth int, optional bool, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return tooLarge
		}
		return problem.Unreadable.Because("请求内容不完整。", "The body was cut off.")
	}
	if len(body) == 0 && optional {
		return nil
	}
	if err := jsonType(r.Header.Get("Content-Type")); err != nil {
		return err
	}
	if Coding(r) != "" {
		return problem.MediaType.Because("JSON 内容不得使用 Content-Encoding。", "A JSON body is sent without Content-Encoding.")
	}
	return decodeJSON(body, depth, v)
}

// Coding is the content coding of a request's body in small letters (RFC 9110, 8.4.1), "" for none: x-gzip is gzip, and identity is
// no coding.
func Coding(r *http.Request) string {
	switch coding := strings.ToLower(strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ","))); coding {
	case "identity":
		return ""
	case "x-gzip":
		return "gzip"
	default:
		return coding
	}
}

func jsonType(header string) error {
	mediaType, params, err := mime.ParseMediaType(header)
	if err != nil || mediaType != "application/json" {
		return problem.MediaType.Because("请求内容须为 application/json。", "The body must be application/json.")
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return problem.MediaType.Because("JSON 须为 UTF-8 编码。", "JSON must be in UTF-8.")
	}
	return nil
}

// decodeJSON reads one document into v, a pointer to a struct. Nothing of the input is repeated in an error but
// names that look like names.
func decodeJSON(body []byte, depth int, v any) error {
	if !utf8.Valid(body) {
		return problem.Malformed.Because("请求内容不是有效的 UTF-8。", "The body is not valid UTF-8.")
	}
	if err := checkShape(body, depth); err != nil {
		return err
	}
	err := strictjson.Unmarshal(body, v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType):
		return wrongKind(wrongType)
	default:
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			name = plainName(strings.Trim(name, `"`))
			return problem.OfField(name, "没有这个字段。", "The field is not known.")
		}
		return problem.Malformed.Because("请求内容的格式不符合该地址的要求。", "The body does not have the form that the path takes.")
	}
}

// wrongKind is a value of another JSON type than the field's.
func wrongKind(e *json.UnmarshalTypeError) error {
	if e.Field == "" {
		return problem.OfField("", "请求内容须为 JSON 对象。", "The body must be a JSON object.")
	}
	zh, en := jsonWords(e.Type.Kind())
	name := plainName(e.Field)
	return problem.OfField(name, bilingual.FieldName(name)+"须为"+zh+"。", "The field must be "+en+".")
}

// jsonWords names the JSON type that a field of Go has, in Chinese and English.
func jsonWords(kind reflect.Kind) (zh, en string) {
	switch kind {
	case reflect.String:
		return "字符串；金额也用字符串，如 \"620.00\"", "a string; amounts are strings too, such as \"620.00\""
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "整数", "a whole number"
	case reflect.Slice:
		return "数组", "an array"
	case reflect.Bool:
		return "true 或 false", "true or false"
	default:
		return "对象", "an object"
	}
}

var namePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z_.]{0,63}$`)

// plainName returns a field's name when it looks like one: a caller's mistake must not carry data into a log.
func plainName(name string) string {
	if namePattern.MatchString(name) {
		return name
	}
	return ""
}

// checkShape refuses documents that are nested too deeply, repeat a name, or have something after them.
func checkShape(body []byte, depth int) error {
	switch err := strictjson.Check(body, depth); {
	case err == nil:
		return nil
	case errors.Is(err, strictjson.ErrTwice):
		return problem.Malformed.Because("同一对象中有重复的字段名。", "A name is there twice in one object.")
	case errors.Is(err, strictjson.ErrDepth):
		return problem.Malformed.Because(
			fmt.Sprintf("请求内容嵌套超过 %d 层。", depth), fmt.Sprintf("The body is nested more than %d deep.", depth))
	case errors.Is(err, strictjson.ErrTrailing):
		return problem.Malformed.Because("JSON 文档之后还有其他内容。", "Something follows the JSON document.")
	default:
		return problem.Malformed.Because("请求内容不是 JSON，或不完整。", "The body is not JSON, or is cut short.")
	}
}

package table

// Format is how a list is written.
type Format string

// The formats. JSON comes in pages and is not written here.
const (
	JSON     Format = "json"
	CSV      Format = "csv"
	NDJSON   Format = "ndjson"
	Workbook Format = "xlsx"
)

// Formats are all of them.
var Formats = []Format{JSON, CSV, NDJSON, Workbook}

// The media types.
const (
	TypeJSON     = "application/json"
	TypeCSV      = "text/csv"
	TypeNDJSON   = "application/x-ndjson"
	TypeWorkbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

var mediaTypes = map[Format]string{JSON: TypeJSON, CSV: TypeCSV, NDJSON: TypeNDJSON, Workbook: TypeWorkbook}

// MediaType is the format's media type.
func (f Format) MediaType() string { return mediaTypes[f] }

// FormatOf is the format of a media type, "" for another type.
func FormatOf(mediaType string) Format {
	for _, f := range Formats {
		if mediaTypes[f] == mediaType {
			return f
		}
	}
	return ""
}

// ContentType is the format's media type with its charset.
func (f Format) ContentType() string {
	if f == Workbook {
		return TypeWorkbook
	}
	return mediaTypes[f] + "; charset=utf-8"
}

// Extension is the ending of a file's name.
func (f Format) Extension() string { return string(f) }

// Options say how a list is written.
type Options struct {
	Format Format
	Zh     bool // headers, and the words of states and kinds, in Chinese
	// ForPrograms leaves out of a CSV what only spreadsheets need: the byte order mark, and the tab that keeps them from
	// rounding a long number.
	ForPrograms bool
	Scratch     string // the folder for what a workbook does not hold in memory; "": the system's
}

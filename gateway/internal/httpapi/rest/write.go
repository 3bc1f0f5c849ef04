package rest

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/table"
)

// JSONContent is the media type of answers in JSON. It has no charset (RFC 8259, section 11), and generated clients compare all of it.
const JSONContent = "application/json"

// JSON answers with a document.
func JSON(c *gin.Context, v any) error { return JSONStatus(c, http.StatusOK, v) }

// JSONStatus answers with a document and a status.
func JSONStatus(c *gin.Context, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.Data(status, JSONContent, append(b, '\n'))
	return nil
}

func writeJSON(c *gin.Context, status int, contentType string, v any) {
	b, err := json.Marshal(v)
	if err != nil { // the types here all marshal
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Header("Content-Type", contentType) // also over a type that was set before the trouble
	c.Data(status, contentType, append(b, '\n'))
}

// Attachment begins an answer that is a file to be kept, of a type that has a charset already.
func Attachment(c *gin.Context, contentType, name string) {
	c.Header("Content-Type", contentType)
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`) // ids have no quotes
	c.Status(http.StatusOK)
}

// JSONType is the media type of a document.
const JSONType = table.TypeJSON

package records

import (
	"bufio"
	"encoding/csv"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
)

// exportTable writes the first page of a list as CSV, and those that follow it.
func exportTable[T any](
	c *gin.Context, columns []string, row func(*T) []string, page index.Page[T], next func(cursor string) (index.Page[T], error),
) error {
	rc := http.NewResponseController(c.Writer)
	rest.KeepOpen(rc)
	out := bufio.NewWriterSize(c.Writer, 64<<10)
	w := csv.NewWriter(struct{ io.Writer }{out}) // hides that out is buffered: Flush must not reach the caller
	w.UseCRLF = true
	_ = w.Write(columns) // into memory
	for {
		for i := range page.Items {
			if err := w.Write(row(&page.Items[i])); err != nil {
				return err
			}
		}
		w.Flush()
		if err := w.Error(); err != nil || page.Next == "" {
			_ = out.Flush() // the caller is gone when this fails
			return err
		}
		_ = rc.SetWriteDeadline(time.Now().Add(pageTime))
		var err error
		if page, err = next(page.Next); err != nil {
			return err
		}
	}
}

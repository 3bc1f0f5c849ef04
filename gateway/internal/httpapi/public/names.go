package public

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/naming"
)

type regionName struct {
	Code relief.Region `json:"code"`
	Name string        `json:"name"`
}

// publicNames are the names of all programmes and regions. The page that checks receipts takes all of them, so that the
// gateway does not learn whose receipt is checked.
type publicNames struct {
	Programmes []naming.Programme `json:"programmes"`
	Regions    []regionName       `json:"regions"`
}

// programmesAtOnce is how many programmes are read at a time.
const programmesAtOnce = 100

// Names lists what the codes of programmes and regions stand for.
func (h *Handlers) Names(c *gin.Context) error {
	if err := h.core.IndexFault(); err != nil {
		return err
	}
	content, err := h.allNames.get(c.Request.Context(), "", func(ctx context.Context) ([]byte, error) {
		names, err := h.names(ctx)
		if err != nil {
			return nil, err
		}
		return json.Marshal(names)
	})
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "public, max-age=60")
	if unchanged(c, content) {
		return nil
	}
	return rest.JSON(c, json.RawMessage(content))
}

func (h *Handlers) names(ctx context.Context) (names publicNames, err error) {
	names = publicNames{Programmes: []naming.Programme{}, Regions: []regionName{}}
	for cursor := ""; ; {
		page, err := h.Index.Records(ctx, relief.KindProgramme, cursor, programmesAtOnce, nil)
		if err != nil {
			return names, err
		}
		for _, document := range page.Items {
			var p programme.Programme
			if err := json.Unmarshal(document, &p); err != nil {
				return names, err
			}
			names.Programmes = append(names.Programmes, naming.Of(&p))
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	agreed, err := h.Index.Registry(ctx)
	if err != nil {
		return names, err
	}
	for i := range agreed.Regions {
		names.Regions = append(names.Regions, regionName{agreed.Regions[i].Code, agreed.Regions[i].Name})
	}
	return names, nil
}

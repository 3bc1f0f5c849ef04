package rest

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// DetailPagesOf reads the detail pages that people are on, for an act that erases them.
func DetailPagesOf(s *Core, c *gin.Context, people ...relief.SubjectRef) Renewal {
	return func(ctx context.Context) (map[string][]byte, error) {
		var pages [][]byte
		seen := map[string]bool{}
		for _, ref := range people {
			held, err := AskIn(ctx, s, c, api.RollDetailPages, api.SubjectInput{Subject: ref})
			if err != nil {
				return nil, err
			}
			for _, page := range held.Pages {
				if !seen[string(page)] {
					seen[string(page)] = true
					pages = append(pages, page)
				}
			}
		}
		return map[string][]byte{wire.TransientPages: roll.AppendDetails(nil, pages)}, nil
	}
}

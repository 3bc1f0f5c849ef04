package webget

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// answerTime bounds a whole exchange.
const answerTime = 10 * time.Second

// maxAnswer is the most bytes of a document.
const maxAnswer = 64 << 10

// client answers a redirect with the redirecting server's own response, which is no document.
var client = &http.Client{
	Timeout:       answerTime,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Get fetches a document. Any status but 200 is an error with the beginning of what was answered.
func Get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxAnswer:
		return nil, fmt.Errorf("the answer must have at most %d bytes", maxAnswer)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("answers %s: %s", response.Status, text[:min(len(text), 300)])
	}
	return text, nil
}

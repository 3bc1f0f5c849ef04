package registration

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Authority is the agency's certificate authority, fabric-ca, behind the door.
type Authority struct {
	URL    string // https://HOST:PORT
	Name   string // of the authority for identities
	Client *http.Client
}

// errRefused is the answer when the authority takes the secret for no certificate.
var errRefused = errors.New("the certificate authority has refused")

// maxAuthorityAnswer bounds what is read of the authority's answer: a certificate and its description.
const maxAuthorityAnswer = 256 << 10

// enrol has the authority certify a request. It asks for no profile and no attributes: the certificate has those that the operator
// registered.
func (a Authority) enrol(ctx context.Context, name, password, request string) ([]byte, error) {
	body, err := json.Marshal(map[string]string{"caname": a.Name, "certificate_request": request})
	if err != nil {
		return nil, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL+"/api/v1/enroll", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	post.SetBasicAuth(name, password)
	answer, err := a.Client.Do(post)
	if err != nil {
		return nil, fmt.Errorf("the certificate authority does not answer: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAuthorityAnswer))
	if err != nil {
		return nil, fmt.Errorf("the certificate authority does not answer: %w", err)
	}
	var said struct {
		Success bool                  `json:"success"`
		Result  struct{ Cert string } `json:"result"`
	}
	switch err := json.Unmarshal(text, &said); {
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden:
		return nil, errRefused
	case answer.StatusCode != http.StatusCreated || err != nil || !said.Success:
		return nil, fmt.Errorf("the certificate authority answers %s", answer.Status)
	}
	return base64.StdEncoding.DecodeString(said.Result.Cert)
}

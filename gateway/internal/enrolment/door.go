package enrolment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"relieftrail/gateway/internal/httpclient"
)

// Why nobody enrols.
var (
	// ErrNotInvited is the answer without an invitation that counts.
	ErrNotInvited = errors.New("the official is not invited")
	// ErrRefused is the answer when the invitation's secret gets no certificate.
	ErrRefused = errors.New("the invitation was not taken")
	// ErrUnavailable is the answer while the registration authority cannot be asked.
	ErrUnavailable = errors.New("the registration authority cannot be asked")
)

// Door is the agency's registration authority, as the gateway reaches it.
type Door struct {
	URL    string       // https://HOST:PORT
	Client *http.Client // with the gateway's TLS certificate
}

// maxAnswer bounds what is read of an answer: a certificate or a sealed secret.
const maxAnswer = 64 << 10

// invitation gives the sealed secret of a name's invitation.
func (d *Door) invitation(ctx context.Context, name string) ([]byte, error) {
	var found struct {
		Sealed []byte `json:"sealed"`
	}
	err := d.ask(ctx, http.MethodGet, name, "invitation", nil, &found)
	return found.Sealed, err
}

// certificate has a request certified, in PEM. Without a secret it gives what the request's key has got before.
func (d *Door) certificate(ctx context.Context, name, secret, request string) ([]byte, error) {
	body, err := json.Marshal(map[string]string{"secret": secret, "request": request})
	if err != nil {
		return nil, err
	}
	var got struct {
		Certificate string `json:"certificate"`
	}
	err = d.ask(ctx, http.MethodPost, name, "certificate", body, &got)
	return []byte(got.Certificate), err
}

func (d *Door) ask(ctx context.Context, method, name, what string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, d.URL+"/v1/officials/"+name+"/"+what, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := d.Client.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer response.Body.Close()
	text, err := httpclient.ReadAll(response.Body, maxAnswer)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case response.StatusCode == http.StatusNotFound:
		return ErrNotInvited
	case response.StatusCode == http.StatusForbidden:
		return ErrRefused
	case response.StatusCode != http.StatusOK && response.StatusCode != http.StatusCreated:
		return fmt.Errorf("%w: it answers %d", ErrUnavailable, response.StatusCode)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%w: its answer is no JSON document", ErrUnavailable)
	}
	return nil
}

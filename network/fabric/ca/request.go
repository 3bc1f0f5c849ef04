package ca

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	mspclient "github.com/hyperledger/fabric-sdk-go/pkg/client/msp"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/msp"
)

// maxAnswer bounds what an authority may answer: a list of revoked certificates has some 40 bytes for each.
const maxAnswer = 32 << 20

// ask sends a request to an authority in its registrar's name and decodes the result. The SDK has no call for the
// certificates of an identity, nor for the list of revoked ones.
func (c *Client) ask(from authorityClient, method, path string, query url.Values, body, result any) error {
	registrar, err := c.registrar(from)
	if err != nil {
		return err
	}
	return c.askAs(registrar, method, path, query, body, result)
}

func (c *Client) askAs(signer msp.SigningIdentity, method, path string, query url.Values, body, result any) error {
	text := []byte{}
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequest(method, caURL(c.node)+"/api/v1/"+path+"?"+query.Encode(), bytes.NewReader(text)) //nolint:noctx // the client has a timeout
	if err != nil {
		return err
	}
	token, err := c.requestToken(signer, request, text)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", token)
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return decodeAnswer(response, result)
}

// registrar is the identity that registers all others. It is enrolled when it is not yet.
func (c *Client) registrar(from authorityClient) (msp.SigningIdentity, error) {
	id := registrarOf(from.name)
	if registrar, err := from.GetSigningIdentity(id); err == nil {
		return registrar, nil
	}
	if err := from.Enroll(id, mspclient.WithSecret(c.secret)); err != nil {
		return nil, err
	}
	return from.GetSigningIdentity(id)
}

// requestToken signs a request as fabric-ca checks it: its method, address, body and the signer's certificate.
func (c *Client) requestToken(signer msp.SigningIdentity, request *http.Request, body []byte) (string, error) {
	encode := base64.StdEncoding.EncodeToString
	cert := encode(signer.EnrollmentCertificate())
	signed := request.Method + "." + encode([]byte(request.URL.RequestURI())) + "." + encode(body) + "." + cert
	client, err := c.sdk.Context()()
	if err != nil {
		return "", err
	}
	signature, err := client.SigningManager().Sign([]byte(signed), signer.PrivateKey())
	if err != nil {
		return "", err
	}
	return cert + "." + encode(signature), nil
}

// decodeAnswer reads the envelope that every answer of fabric-ca has.
func decodeAnswer(response *http.Response, result any) error {
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	var answer struct {
		Success bool            `json:"success"`
		Result  json.RawMessage `json:"result"`
		Errors  []struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("the authority answers %s: %.200q", response.Status, text)
	}
	if !answer.Success || response.StatusCode >= http.StatusBadRequest {
		if len(answer.Errors) > 0 {
			return errors.New(answer.Errors[0].Message)
		}
		return fmt.Errorf("the authority answers %s", response.Status)
	}
	return json.Unmarshal(answer.Result, result)
}

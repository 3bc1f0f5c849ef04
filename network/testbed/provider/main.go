// Command provider is an OpenID Connect provider for tests: the provider of zitadel/oidc, with its example's storage and form, and
// with keys that turn when a test says so. It keeps everything in memory and answers on a loopback address.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// settings are a document on standard input.
type settings struct {
	Client, Secret string // of the gateway
	Redirect       string // where the gateway takes people back
	Users          map[string]*storage.User
	System         string // a client that asks for tokens in its own name
	SystemSecret   string
	Audience       string // of the tokens of systems
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "the address")
	flag.Parse()
	if err := run(*listen); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(listen string) error {
	var s settings
	if err := json.NewDecoder(os.Stdin).Decode(&s); err != nil {
		return err
	}
	users, err := userStore(s.Users)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	issuer := "http://" + listener.Addr().String()
	storage.RegisterClients(storage.WebClient(s.Client, s.Secret, s.Redirect))
	kept := &turning{Storage: storage.NewStorage(users), settings: s}
	kept.turn(false)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /control/turn", func(_ http.ResponseWriter, r *http.Request) { kept.turn(r.FormValue("withdraw") != "") })
	mux.Handle("/", exampleop.SetupServer(issuer, kept, slog.New(slog.NewTextHandler(io.Discard, nil)), false))
	fmt.Println(issuer)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	return server.Serve(listener)
}

func userStore(users map[string]*storage.User) (storage.UserStore, error) {
	file, err := os.CreateTemp("", "users-*.json")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	if err := errors.Join(json.NewEncoder(file).Encode(users), file.Close()); err != nil {
		return nil, err
	}
	return storage.StoreFromFile(file.Name())
}

// client asks for what an agency's provider is asked for: the name in the ID token, and access tokens that can be read.
type client struct{ op.Client }

func (client) IDTokenUserinfoClaimsAssertion() bool { return true }
func (client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeJWT }

// GetClientByClientID implements op.Storage.
func (t *turning) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	if id == t.System {
		return system{storage.WebClient(t.System, t.SystemSecret)}, nil
	}
	c, err := t.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{c}, nil
}

type system struct{ *storage.Client }

func (system) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }
func (system) GrantTypes() []oidc.GrantType        { return []oidc.GrantType{oidc.GrantTypeClientCredentials} }

// ClientCredentials implements op.ClientCredentialsStorage.
func (t *turning) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	if id != t.System || secret != t.SystemSecret {
		return nil, errors.New("no such system")
	}
	return t.GetClientByClientID(ctx, id)
}

// ClientCredentialsTokenRequest implements op.ClientCredentialsStorage.
func (t *turning) ClientCredentialsTokenRequest(_ context.Context, id string, scopes []string) (op.TokenRequest, error) {
	return &oidc.JWTTokenRequest{Subject: id, Audience: []string{t.Audience}, Scopes: scopes}, nil
}

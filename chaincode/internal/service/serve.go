// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

const (
	maxMessage   = 32 << 20 // the largest message that a peer sends and accepts
	drainTimeout = 5 * time.Second
)

// serve serves the peer until ctx is done. It is the loop of shim.ChaincodeServer with an orderly end: calls that have
// begun are finished first.
func serve(ctx context.Context, c *config, cc shim.Chaincode, stderr io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.address)
	if err != nil {
		return fmt.Errorf("cannot listen on CHAINCODE_SERVER_ADDRESS: %w", err)
	}
	resting := &drainable{Chaincode: cc, log: stderr}
	server := grpc.NewServer(serverOptions(c)...)
	peer.RegisterChaincodeServer(server, &shim.ChaincodeServer{CCID: c.id, Address: c.address, CC: resting})
	_, _ = fmt.Fprintf(stderr, "chaincode: %s serves %s on %s\n", c.id, c.mspID, listener.Addr())

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("the server ended: %w", err)
	case <-ctx.Done():
		_ = listener.Close()
		resting.drain(drainTimeout)
		server.Stop()
		<-failed //nolint:errcheck // its listener was closed here
		return nil
	}
}

func serverOptions(c *config) []grpc.ServerOption {
	options := []grpc.ServerOption{
		grpc.MaxSendMsgSize(maxMessage),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.ConnectionTimeout(5 * time.Second),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: time.Minute, Timeout: 20 * time.Second}),
		// The peer pings every 60 s. Without this tolerance a ping that comes early would close the connection and
		// break the calls on it.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 20 * time.Second, PermitWithoutStream: true}),
	}
	if c.tls != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(c.tls)))
	}
	return options
}

// drainable is a chaincode whose calls can be brought to an end.
type drainable struct {
	shim.Chaincode
	acts sync.RWMutex // held for reading by each call
	log  io.Writer
}

// Invoke runs a call. After a panic it refuses the call and does not end the process, which serves other calls, too.
// The log gets the stack and never the value, which may be personal data.
func (d *drainable) Invoke(stub shim.ChaincodeStubInterface) (response *peer.Response) {
	d.acts.RLock()
	defer d.acts.RUnlock()
	defer func() {
		if r := recover(); r != nil {
			_, _ = fmt.Fprintf(d.log, "chaincode: a contract panicked (%T)\n%s", r, debug.Stack())
			response = shim.Error("CORRUPT: the contract failed; the chaincode's log says where")
		}
	}()
	return d.Chaincode.Invoke(stub)
}

// drain lets no new call begin and waits for those that have begun.
func (d *drainable) drain(most time.Duration) {
	done := make(chan struct{})
	go func() { d.acts.Lock(); close(done) }()
	select {
	case <-done:
	case <-time.After(most):
	}
}

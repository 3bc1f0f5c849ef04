package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"time"

	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	ab "github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	pb "github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/hyperledger/fabric/protoutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// link is a connection with a TLS certificate.
type link struct {
	*grpc.ClientConn
	hash []byte // of the TLS certificate, which Fabric holds against what messages claim
}

const patience = 20 * time.Second

// open connects to an address with a TLS certificate of the agencies, such as "finance/gateway".
func (s *spec) open(address, certificate string) (*link, error) {
	files, ok := s.Certificates[certificate]
	if !ok {
		return nil, fmt.Errorf("there is no TLS certificate of %s", certificate)
	}
	cert, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(cert.Certificate[0])
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
		InsecureSkipVerify: true, // it is the server that must be careful here
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &cert, nil
		},
	})), grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(100<<20), grpc.MaxCallRecvMsgSize(100<<20)))
	if err != nil {
		return nil, err
	}
	return &link{conn, sum[:]}, nil
}

// seek is a signed request for blocks.
func (s *spec) seek(by *signer, l *link, from, until *ab.SeekPosition) (*cb.Envelope, error) {
	seek := &ab.SeekInfo{Start: from, Stop: until, Behavior: ab.SeekInfo_BLOCK_UNTIL_READY}
	return protoutil.CreateSignedEnvelopeWithTLSBinding(cb.HeaderType_DELIVER_SEEK_INFO, s.Channel, by, seek, 0, 0, l.hash)
}

func newest() *ab.SeekPosition {
	return &ab.SeekPosition{Type: &ab.SeekPosition_Newest{Newest: &ab.SeekNewest{}}}
}

func number(n uint64) *ab.SeekPosition {
	return &ab.SeekPosition{Type: &ab.SeekPosition_Specified{Specified: &ab.SeekSpecified{Number: n}}}
}

// block asks a peer for a block, as the administrator of its agency.
func (a *attacker) block(at agency, which *ab.SeekPosition) (*cb.Block, error) {
	admin, err := as(a.who, kindAdmin, at.Name)
	if err != nil {
		return nil, err
	}
	l, err := a.open(at.Peer, at.Name+"/operator")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stream, err := pb.NewDeliverClient(l).Deliver(ctx)
	if err != nil {
		return nil, err
	}
	envelope, err := a.seek(admin, l, which, which)
	if err != nil {
		return nil, err
	}
	if err := stream.Send(envelope); err != nil {
		return nil, err
	}
	answer, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	if answer.GetBlock() == nil {
		return nil, fmt.Errorf("%s gives no block: %s", at.Peer, answer.GetStatus())
	}
	return answer.GetBlock(), nil
}

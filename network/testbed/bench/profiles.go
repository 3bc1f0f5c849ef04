package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"time"
)

// profileOffset is added to a node's port to give the port of its profiles.
const profileOffset = 500

// profiled are the ports of the nodes that have profiles, by organisation and kind, without offsets.
var profiled = map[string]int{
	"civil-affairs/peer": 7011, "civil-affairs/orderer": 7014, "civil-affairs/chaincode": 7017, "civil-affairs/gateway": 8401,
	"finance/peer": 7021, "finance/orderer": 7024, "finance/chaincode": 7027, "finance/gateway": 8402,
	"audit/peer": 7031, "audit/orderer": 7034, "audit/chaincode": 7037, "audit/gateway": 8403,
}

// profile runs work. With --profiles it records CPU profiles of all processes meanwhile, also of this one. The profiles last as
// long as the given time or the work, whichever is longer; choose a time a little shorter than the work takes.
func (b *bench) profile(ctx context.Context, name string, long time.Duration, work func() error) error {
	if b.profiles == "" {
		return work()
	}
	if err := os.MkdirAll(b.profiles, 0o700); err != nil {
		return err
	}
	own, err := os.Create(filepath.Join(b.profiles, name+"-bench.pprof"))
	if err != nil {
		return err
	}
	defer func() { _ = own.Close() }()
	if err := pprof.StartCPUProfile(own); err != nil {
		return err
	}
	var fetching sync.WaitGroup
	faults := make(chan error, len(profiled))
	for node, port := range profiled {
		fetching.Go(func() {
			url := fmt.Sprintf("http://127.0.0.1:%d/debug/pprof/profile?seconds=%d", port+portOffset+profileOffset, max(int(long.Seconds()), 1))
			file := filepath.Join(b.profiles, name+"-"+strings.ReplaceAll(node, "/", "-")+".pprof")
			if err := fetch(ctx, url, file); err != nil {
				faults <- fmt.Errorf("profile of %s: %w", node, err)
			}
		})
	}
	err = work()
	pprof.StopCPUProfile()
	fetching.Wait()
	close(faults)
	for fault := range faults {
		err = errors.Join(err, fault)
	}
	b.say("    profiles of %s are in %s", name, b.profiles)
	return err
}

func fetch(ctx context.Context, url, file string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return errors.New("HTTP status " + strconv.Itoa(response.StatusCode))
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, response.Body)
	return errors.Join(err, out.Close())
}

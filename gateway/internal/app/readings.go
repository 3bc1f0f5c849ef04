package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/reading"
)

// openReadings opens the way to personal data, with the record of who reads them.
func (a *App) openReadings() (l lifetime, err error) {
	a.readings, err = reading.Open(readingOptions(a.cfg, a))
	if err != nil {
		return l, err
	}
	return lifetime{close: a.readings.Close}, nil
}

func readingOptions(cfg *config.Config, a *App) reading.Options {
	return reading.Options{
		Path: filepath.Join(cfg.DataDir, "readings.db"), Identity: a.ledger.Identity, Persons: a.keys.details,
		LookUps: cfg.Limits.LookUps, Location: cfg.Location(), Log: a.log,
	}
}

// CheckReadings follows the record of readings and holds it against every head that is on the ledger. The gateway must not
// run meanwhile.
func CheckReadings(ctx context.Context, cfg *config.Config, out io.Writer) error {
	l, err := Connect(cfg)
	if err != nil {
		return err
	}
	return errors.Join(checkReadings(ctx, cfg, l, out), l.Close())
}

func checkReadings(ctx context.Context, cfg *config.Config, l ledger.Ledger, out io.Writer) error {
	a := &App{cfg: cfg, log: NewLogger(out, cfg.Log), ledger: l}
	ix, err := index.OpenToCheck(ctx, cfg.Index.Database, l, a.log)
	if err != nil {
		return err
	}
	a.index = ix
	anchored, err := a.anchored(ctx, cfg.Organisation)
	if err != nil {
		return errors.Join(err, ix.Close())
	}
	record, err := reading.Open(readingOptions(cfg, a))
	if err != nil {
		return errors.Join(err, ix.Close())
	}
	err = record.Check(heads(anchored))
	if err == nil {
		var head reading.Head
		if head, err = record.Head(); err == nil {
			fmt.Fprintf(out, "the record of readings is whole: %d readings, %d heads on the ledger\n", head.Count, len(anchored))
		}
	}
	return errors.Join(err, record.Close(), ix.Close())
}

// openAnchoring checks the record of readings, puts its head on the ledger each day and at a clean stop, and keeps copies of
// the other agencies' records where the settings say so.
func (a *App) openAnchoring() (lifetime, error) { return lifetime{run: a.keepReadings}, nil }

// anchorEvery is how often the day is looked at.
const anchorEvery = 15 * time.Minute

// stopTime bounds the last anchoring, of a gateway that ends.
const stopTime = 5 * time.Second

func (a *App) keepReadings(ctx context.Context) error {
	anchored, err := a.anchored(ctx, a.cfg.Organisation)
	if err != nil {
		return err
	}
	if err := a.readings.Check(heads(anchored)); err != nil {
		a.log.Error("the record of readings", "error", err) // an alert; readings go on being recorded
	}
	anchors, copies := time.NewTicker(anchorEvery), time.NewTicker(a.copyEvery())
	defer anchors.Stop()
	defer copies.Stop()
	a.anchorDaily(ctx)
	for {
		a.copyRecords(ctx)
		select {
		case <-copies.C:
		case <-anchors.C:
			a.anchorDaily(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
			defer cancel()
			a.tryAnchor(last)
			return nil
		}
	}
}

// copyEvery is the pause between two copies; a day where none are kept.
func (a *App) copyEvery() time.Duration {
	if !a.cfg.Readings.Copy || a.cfg.Readings.Every <= 0 {
		return 24 * time.Hour
	}
	return a.cfg.Readings.Every
}

// anchored are the heads that an agency has put on the ledger, by the gateway's index.
func (a *App) anchored(ctx context.Context, agency string) (list []registry.ReadingAnchor, err error) {
	versions, err := a.index.History(ctx, relief.KindReadings, agency)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		var anchor registry.ReadingAnchor
		if err := json.Unmarshal(v, &anchor); err != nil {
			return nil, err
		}
		list = append(list, anchor)
	}
	return list, nil
}

func heads(list []registry.ReadingAnchor) map[uint64]string {
	byCount := make(map[uint64]string, len(list))
	for i := range list {
		byCount[list[i].Count] = list[i].Head
	}
	return byCount
}

// anchorDaily anchors the record unless that was done today, and forgets the budgets of days that are over.
func (a *App) anchorDaily(ctx context.Context) {
	if err := a.readings.Forget(); err != nil {
		a.log.Warn("budgets of days that are over could not be deleted", "error", err)
	}
	list, err := a.anchored(ctx, a.cfg.Organisation)
	if n := len(list); err == nil && n > 0 && list[n-1].Day == relief.Day(a.readings.Today()) {
		return
	}
	a.tryAnchor(ctx)
}

func (a *App) tryAnchor(ctx context.Context) {
	if err := a.anchor(ctx); err != nil {
		a.log.Warn("the head of the record of readings is not on the ledger yet", "error", err)
	}
}

// anchor puts the head of the record on the ledger, in the name of the principal of the settings, unless it is there.
func (a *App) anchor(ctx context.Context) error {
	if a.cfg.Readings.As == "" {
		return nil
	}
	head, err := a.readings.Head()
	if err != nil || head.Count == 0 {
		return err
	}
	list, err := a.anchored(ctx, a.cfg.Organisation)
	if err != nil {
		return err
	}
	if n := len(list); n > 0 && list[n-1].Count >= head.Count {
		return nil
	}
	call, err := contracts.Call(a.cfg.Readings.As, api.ReadingAnchor, registry.ReadingHead{
		Day: relief.Day(a.readings.Today()), Count: head.Count, Head: head.Hash,
	}, nil)
	if err != nil {
		return err
	}
	key := outbox.Key{Principal: a.cfg.Readings.As, IdempotencyKey: fmt.Sprintf("readings-%s-%d", a.readings.Today(), head.Count)}
	_, err = a.outbox.Do(ctx, key, sha256.Sum256(call.Argument), call)
	return err
}

// copyRecords brings the copies of the other agencies' records up to date.
func (a *App) copyRecords(ctx context.Context) {
	if !a.cfg.Readings.Copy {
		return
	}
	for _, p := range a.cfg.Transparency.Peers {
		if err := a.copyRecord(ctx, p); err != nil && ctx.Err() == nil {
			a.log.Warn("the record of readings of another agency could not be copied", "agency", p.Agency, "error", err)
		}
	}
}

func (a *App) copyRecord(ctx context.Context, p config.LogPeer) error {
	key, err := signingKey("transparency.cosigning_key_file", a.cfg.Transparency.CosigningKeyFile)
	if err != nil {
		return err
	}
	client, err := logClient(&a.cfg.Transparency)
	if err != nil {
		return err
	}
	for {
		head, err := a.readings.CopyHead(p.Agency)
		if err != nil {
			return err
		}
		stored, err := a.fetchReadings(ctx, client, p, head.Count+1, key)
		if err != nil {
			return err
		}
		if err := a.readings.Copy(p.Agency, stored); err != nil {
			return err
		}
		if len(stored) < reading.StoredPage {
			break
		}
	}
	// What is on the ledger was in the record before: by now the copy has it.
	anchored, err := a.anchored(ctx, p.Agency)
	if err != nil {
		return err
	}
	return a.readings.CheckCopy(p.Agency, heads(anchored))
}

// maxReadingBytes bounds one reading of another agency.
const maxReadingBytes = 8 << 10

func (a *App) fetchReadings(ctx context.Context, client *http.Client, p config.LogPeer, from uint64, key ed25519.PrivateKey) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+reading.StoredPath+"?from="+strconv.FormatUint(from, 10), http.NoBody)
	if err != nil {
		return nil, err
	}
	reading.Sign(request, p.Agency, a.cfg.Organisation, from, time.Now(), key)
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the gateway of %s answered with status %s", p.Agency, response.Status)
	}
	var stored [][]byte
	lines := bufio.NewScanner(io.LimitReader(response.Body, reading.StoredPage*maxReadingBytes))
	lines.Buffer(nil, maxReadingBytes)
	for lines.Scan() {
		stored = append(stored, bytes.Clone(lines.Bytes()))
	}
	return stored, lines.Err()
}

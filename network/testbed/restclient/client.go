package restclient

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Network is what the clients of one network share: the highest block number that a gateway has told any of them. Reads
// ask for at least this block (X-At-Least-Block), so that what one agency's gateway has acknowledged is also seen at
// another's. The zero value is ready for use.
type Network struct{ lastBlock atomic.Uint64 }

// Client speaks to one agency's gateway as one principal.
type Client struct {
	Base    string // such as http://127.0.0.1:8401
	Token   string
	HTTP    *http.Client
	Network *Network // nil: reads do not ask for a block
}

// New makes a client of the network's gateway at base. It reads the principal's token from a file.
func (n *Network) New(base, tokenFile string) (*Client, error) {
	token, err := os.ReadFile(filepath.Clean(tokenFile))
	if err != nil {
		return nil, fmt.Errorf("reading the token: %w", err)
	}
	return &Client{Base: base, Token: strings.TrimSpace(string(token)), HTTP: &http.Client{}, Network: n}, nil
}

// Problem is an error response (RFC 9457).
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Field  string `json:"field"`
	Line   int    `json:"line"`
	// RetryAfter is how long to wait before the next try; 0 when the response does not say.
	RetryAfter time.Duration `json:"-"`
}

func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Title, p.Detail) }

// Response is a successful response.
type Response struct {
	Status   int
	Header   http.Header
	Body     []byte
	TxID     string
	Location string
}

// Request is one call; Key is the Idempotency-Key of a write.
type Request struct {
	Method, Path, Key, ContentType, ContentEncoding, Accept string
	Body                                                    io.Reader
}

// Do sends a request. A response with a status of 400 or more is returned as a *Problem.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	resp, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		problem := &Problem{Status: resp.StatusCode, Detail: string(body)}
		_ = json.Unmarshal(body, problem)
		if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
			problem.RetryAfter = time.Duration(seconds) * time.Second
		}
		return nil, problem
	}
	return &Response{resp.StatusCode, resp.Header, body, resp.Header.Get("X-Transaction-Id"), resp.Header.Get("Location")}, nil
}

func (c *Client) send(ctx context.Context, r Request) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, c.Base+r.Path, r.Body)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"Idempotency-Key": r.Key, "Content-Type": r.ContentType, "Content-Encoding": r.ContentEncoding, "Accept": r.Accept,
	} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if block := c.Network.last(); block > 0 && r.Method == http.MethodGet {
		req.Header.Set("X-At-Least-Block", strconv.FormatUint(block, 10))
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	if block, err := strconv.ParseUint(resp.Header.Get("X-Block"), 10, 64); err == nil {
		c.Network.storeMax(block)
	}
	return resp, nil
}

// last is the highest block number so far; 0 when there is none.
func (n *Network) last() uint64 {
	if n == nil {
		return 0
	}
	return n.lastBlock.Load()
}

// storeMax keeps a block number when it is higher than the one before.
func (n *Network) storeMax(block uint64) {
	if n == nil {
		return
	}
	for before := n.lastBlock.Load(); before < block; before = n.lastBlock.Load() {
		if n.lastBlock.CompareAndSwap(before, block) {
			return
		}
	}
}

// Get reads a JSON resource into out.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	a, err := c.Do(ctx, Request{Method: http.MethodGet, Path: path, Accept: "application/json"})
	if err != nil {
		return err
	}
	return json.Unmarshal(a.Body, out)
}

// Post sends JSON and reads the JSON of the response into out, which may be nil. key is the Idempotency-Key.
func (c *Client) Post(ctx context.Context, path, key string, in, out any) (*Response, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	a, err := c.Do(ctx, Request{
		Method: http.MethodPost, Path: path, Key: key, ContentType: "application/json", Body: bytes.NewReader(body),
	})
	if err != nil || out == nil {
		return a, err
	}
	return a, json.Unmarshal(a.Body, out)
}

// Job is a job of the gateway: an uploaded file on its way to the ledger.
type Job struct {
	ID       string `json:"id"`
	State    string `json:"state"`
	Error    string `json:"error"`
	Progress struct {
		LinesRead int `json:"lines_read"`
		Accepted  int `json:"accepted"`
	} `json:"progress"`
	Result struct {
		Accepted  int       `json:"accepted"`
		Unchanged int       `json:"unchanged"`
		Refused   int       `json:"refused"`
		Refusals  []Refusal `json:"refusals"`
	} `json:"result"`
	Import Import `json:"import"` // of a roll's file
	Reseal Reseal `json:"reseal"` // of documents that are sealed again
}

// Reseal is what a proposal to seal a county's documents again found, or what became of it.
type Reseal struct{ Documents, Current, Proposed, Waiting, Outdated, Unopened int }

// Import is what a roll's file would change; without an ID when it changes nothing.
type Import struct {
	ID        string `json:"id"`
	Digest    string `json:"digest"`
	Count     int    `json:"count"`
	Sum       string `json:"sum"`
	New       int    `json:"new"`
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Missing   int    `json:"missing"`
	Refused   int    `json:"refused"`
}

// Refusal is a line that was refused, and why.
type Refusal struct {
	Line   int    `json:"line"`
	Serial string `json:"serial"`
	Field  string `json:"field"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
	Note   string `json:"note"`
}

// Upload sends a file and waits until its job is done. progress is called for each event of the job; it may be nil.
func (c *Client) Upload(ctx context.Context, method, path, key string, body io.Reader, progress func(Job)) (Job, error) {
	a, err := c.Do(ctx, Request{Method: method, Path: path, Key: key, ContentType: "text/csv", Body: body})
	if err != nil {
		return Job{}, err
	}
	var job Job
	if err := json.Unmarshal(a.Body, &job); err != nil {
		return job, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if job.ended() { // a small file's answer waits for the end
		return job, job.failure()
	}
	return c.WaitJob(ctx, a.Location, progress)
}

func (j *Job) ended() bool { return j.State == "done" || j.State == "failed" }

// failure is why a job failed, nil for any other.
func (j *Job) failure() error {
	if j.State != "failed" {
		return nil
	}
	return fmt.Errorf("job %s failed: %s", j.ID, j.Error)
}

// BankFile is the state of a file that the bank sent.
type BankFile struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	Error     string `json:"error"`
	Duplicate bool   `json:"duplicate"`
	Counts    struct {
		Entries, Settled, Confirmed, Interim, Exceptions, Skipped int
	} `json:"counts"`
}

// SendBankFile sends a bank's XML file and waits until the gateway has processed it.
func (c *Client) SendBankFile(ctx context.Context, path, key string, document []byte) (BankFile, error) {
	var f BankFile
	a, err := c.Do(ctx, Request{Method: http.MethodPost, Path: path, Key: key, ContentType: "application/xml", Body: bytes.NewReader(document)})
	if err != nil {
		return f, err
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := c.Get(ctx, a.Location, &f); err != nil {
			return f, err
		}
		switch f.State {
		case "done":
			return f, nil
		case "failed":
			return f, fmt.Errorf("the bank's file failed: %s", f.Error)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return f, ctx.Err()
		}
	}
}

// WaitJob follows a job's server-sent events until the job has ended. When the stream ends earlier, because the gateway
// was stopped for instance, it asks again; a gateway that is asked too often says when.
func (c *Client) WaitJob(ctx context.Context, location string, progress func(Job)) (Job, error) {
	for {
		pause := 100 * time.Millisecond
		job, err := c.follow(ctx, location, progress)
		var problem *Problem
		switch {
		case errors.As(err, &problem) && problem.Status == http.StatusTooManyRequests:
			pause = max(pause, problem.RetryAfter)
		case err != nil || job.ended():
			return job, errors.Join(err, job.failure())
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return job, ctx.Err()
		}
	}
}

// follow reads a job's events until the stream ends and then returns the job.
func (c *Client) follow(ctx context.Context, location string, progress func(Job)) (Job, error) {
	resp, err := c.send(ctx, Request{Method: http.MethodGet, Path: location, Accept: "text/event-stream"})
	if err != nil {
		return Job{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	scanner := bufio.NewScanner(resp.Body)
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		data, ok := strings.CutPrefix(scanner.Text(), "data:")
		if !ok {
			continue
		}
		var job Job
		if json.Unmarshal([]byte(data), &job) == nil && progress != nil {
			progress(job)
		}
	}
	if err := scanner.Err(); err != nil {
		return Job{}, fmt.Errorf("following %s: %w", location, err)
	}
	var job Job
	if err := c.Get(ctx, location, &job); err != nil {
		return job, err
	}
	return job, nil
}

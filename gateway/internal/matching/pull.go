package matching

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/go-openapi/jsonpointer"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/httpclient"
)

const (
	maxAnswer    = 64 << 10
	pullTries    = 4
	pullPatience = 10 * time.Second // for one answer
	pullAtOnce   = 4                // questions under way at a time
)

// PullOptions say how a department is asked over REST. Identity numbers are sent in the body of a POST, never in the URL.
type PullOptions struct {
	Source    relief.DepartmentID
	URL       string            // https; http on a loopback address only
	CAFile    string            // that signs the department's certificate; empty: those of the machine
	CertFile  string            // the client certificate of the gateway; may be empty
	KeyFile   string            // its key
	Token     string            // bearer token; may be empty
	Fields    Fields            // the names of the members of a question
	Constants map[string]string // further members, the same in every question
	Mapping   Mapping
	Patience  time.Duration // how long one question waits for its answer; default 10 s
	AtOnce    int           // questions under way at a time; default 4
}

// Fields are the names of the members of a question.
type Fields struct {
	Subject  string
	IDNumber string
	Name     string // empty: the name is not sent
}

// Pull asks one department over REST.
type Pull struct {
	o      PullOptions
	client *http.Client
	wait   time.Duration // before the second try
	slots  chan struct{} // one for each question under way
}

// NewPull checks the settings and reads the keys.
func NewPull(o PullOptions) (*Pull, error) {
	if o.Patience == 0 {
		o.Patience = pullPatience
	}
	if o.AtOnce == 0 {
		o.AtOnce = pullAtOnce
	}
	p := &Pull{o: o, wait: time.Second, slots: make(chan struct{}, o.AtOnce)}
	var errClient error
	// A redirected question would send the identity number to another server: the client follows none.
	p.client, errClient = httpclient.New(httpclient.Options{
		CAFile: o.CAFile, CertFile: o.CertFile, KeyFile: o.KeyFile, Timeout: o.Patience,
	})
	faults := []error{checkURL(o.URL), o.Mapping.check(), errClient}
	if o.Fields.Subject == "" || o.Fields.IDNumber == "" {
		faults = append(faults, errors.New("fields: subject and id_number are required"))
	}
	for _, at := range o.Mapping.parts() {
		if _, err := jsonpointer.New(at); err != nil {
			faults = append(faults, fmt.Errorf("mapping: %q is not a JSON Pointer (RFC 6901)", at))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("source %s: %w", o.Source, err)
	}
	return p, nil
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return errors.New("url: must be an address such as https://host/path, without user and query")
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || ip == nil || !ip.IsLoopback()) {
		return errors.New("url: must be https, or http on a loopback address")
	}
	return nil
}

// Source is the department's id.
func (p *Pull) Source() relief.DepartmentID { return p.o.Source }

// Ask sends the questions, AtOnce at a time. A question whose time is up has an error for an answer.
func (p *Pull) Ask(ctx context.Context, questions []Question) ([]Answer, error) {
	answers := make([]Answer, len(questions))
	var group sync.WaitGroup
	for i := range questions {
		group.Go(func() {
			select {
			case p.slots <- struct{}{}:
				defer func() { <-p.slots }()
				answers[i].Statement, answers[i].Err = p.ask(ctx, &questions[i])
			case <-ctx.Done():
				answers[i].Err = fmt.Errorf("%w: %w", ErrSilent, ctx.Err())
			}
		})
	}
	group.Wait()
	return answers, nil
}

// ask sends a question, and repeats it while the department is silent or overloaded.
func (p *Pull) ask(ctx context.Context, q *Question) (*registry.MatchStatement, error) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval = p.wait
	return backoff.Retry(ctx, func() (*registry.MatchStatement, error) { return p.once(ctx, q) },
		backoff.WithBackOff(pauses), backoff.WithMaxTries(pullTries))
}

func (p *Pull) once(ctx context.Context, q *Question) (*registry.MatchStatement, error) {
	body := map[string]string{}
	for name, value := range p.o.Constants {
		body[name] = value
	}
	body[p.o.Fields.Subject], body[p.o.Fields.IDNumber] = q.Subject.String(), q.IDNumber.Reveal()
	if p.o.Fields.Name != "" {
		body[p.o.Fields.Name] = q.Name.Reveal()
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, backoff.Permanent(errors.New("the question cannot be written"))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.o.URL, bytes.NewReader(text))
	if err != nil {
		return nil, backoff.Permanent(errors.New("the question cannot be sent"))
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if p.o.Token != "" {
		request.Header.Set("Authorization", "Bearer "+p.o.Token)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSilent, err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := refusal(response); err != nil {
		return nil, err
	}
	answer, err := httpclient.ReadAll(response.Body, maxAnswer)
	var tooLarge *httpclient.TooLargeError
	if errors.As(err, &tooLarge) {
		return nil, backoff.Permanent(answerErrorf("答复超过 %d 字节", "the answer must have at most %d bytes", maxAnswer))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSilent, err)
	}
	st, err := p.read(answer, q)
	if err != nil {
		return nil, backoff.Permanent(err)
	}
	return st, nil
}

// refusal is the error of a status other than 200. The body is not read, since it may repeat the question.
func refusal(r *http.Response) error {
	switch {
	case r.StatusCode == http.StatusOK:
		return nil
	case r.StatusCode == http.StatusTooManyRequests, r.StatusCode >= http.StatusInternalServerError:
		if seconds, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && seconds > 0 && seconds <= 60 {
			return backoff.RetryAfter(seconds)
		}
		return fmt.Errorf("%w: status %d", ErrSilent, r.StatusCode)
	default:
		return backoff.Permanent(answerErrorf("该部门拒绝了查询：状态码 %d",
			"the department refused the question: status %d", r.StatusCode))
	}
}

func (p *Pull) read(answer []byte, q *Question) (*registry.MatchStatement, error) {
	var doc any
	if err := json.Unmarshal(answer, &doc); err != nil {
		return nil, answerErrorf("答复不是 JSON", "the answer is not JSON")
	}
	st, err := p.o.Mapping.statement(p.o.Source, func(part string) (string, bool) {
		pointer, err := jsonpointer.New(part)
		if err != nil {
			return "", false
		}
		switch value, _, err := pointer.Get(doc); v := value.(type) {
		case string:
			return v, err == nil
		case bool:
			return strconv.FormatBool(v), err == nil
		default:
			return "", false
		}
	})
	if err != nil {
		return nil, err
	}
	if st.Subject != q.Subject {
		return nil, answerErrorf("答复说的是另一个人", "the answer is about another person")
	}
	return st, nil
}

package rest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/ledger"
)

// ReadTime bounds one read, and how long it waits for the index.
const ReadTime = 15 * time.Second

// Find reads what is answered as JSON.
type Find func(ctx context.Context, c *gin.Context) (any, error)

// Read reads and writes its own answer.
type Read func(ctx context.Context, c *gin.Context) error

// Answer makes a handler of a read whose result is answered as JSON.
func (s *Core) Answer(act relief.Act, find Find) Handler {
	return s.Reading(act, func(ctx context.Context, c *gin.Context) error {
		v, err := find(ctx, c)
		if err != nil {
			return err
		}
		return JSON(c, v)
	})
}

// Reading makes a handler of a read: the index has what the caller has done, and the caller has the duty for act ("" needs
// none).
func (s *Core) Reading(act relief.Act, read Read) Handler {
	return func(c *gin.Context) error {
		ctx, cancel := context.WithTimeout(c.Request.Context(), ReadTime)
		defer cancel()
		if err := s.catchUp(ctx, c); err != nil {
			return err
		}
		if act != "" {
			if err := s.Allowed(ctx, c, act); err != nil {
				return err
			}
		}
		if err := requireRegion(ctx, c); err != nil {
			return err
		}
		return read(ctx, c)
	}
}

// BlockHeader names a block: the last one that the index had when a read began, or the last with a transaction of the caller.
const BlockHeader = "X-Block"

// freshTime is how long a read waits for blocks that this gateway has received and not indexed yet.
const freshTime = 100 * time.Millisecond

// catchUp waits until the index has the block that the caller asks for (in the query, or in a header that works on every
// path), and every block that this gateway has seen one of the caller's transactions in: a caller reads what they have
// written. For blocks of others that have arrived it waits a moment: under load a read is a little behind rather than late.
func (s *Core) catchUp(ctx context.Context, c *gin.Context) error {
	if err := s.IndexFault(); err != nil {
		return err
	}
	block := max(s.Outbox.Seen(Caller(c).Name), AtLeast.In(c))
	if text := c.GetHeader(headerAtLeast); text != "" {
		n, err := parseBlock(text)
		if err != nil {
			return err
		}
		block = max(block, n)
	}
	if block > 0 {
		if err := s.Index.WaitFor(ctx, block); err != nil {
			height := s.Index.Height()
			return problem.IndexBehind.Because(
				fmt.Sprintf("所要求的区块为 %d，已索引 %d 个区块。", block, height),
				fmt.Sprintf("Block %d is asked for; %d blocks are indexed.", block, height))
		}
	}
	s.Index.WaitForReceived(ctx, freshTime)
	if height := s.Index.Height(); height > 0 {
		c.Header(BlockHeader, strconv.FormatUint(height-1, 10))
	}
	return nil
}

// NameSeenBlock names the last block that holds one of the caller's transactions: what a reader elsewhere asks for, to see
// what the caller's job or the bank's file has written.
func (s *Core) NameSeenBlock(c *gin.Context) {
	if block := s.Outbox.Seen(Caller(c).Name); block > 0 {
		c.Header(BlockHeader, strconv.FormatUint(block, 10))
	}
}

// IndexFault is a problem while nothing may be read from the index.
func (s *Core) IndexFault() error {
	if s.Index.Fault() == nil {
		return nil
	}
	return problem.IndexBehind.Because("索引不属于本账本，处理办法见 /readyz。",
		"The index is not this ledger's; /readyz says what to do.")
}

// CaughtUp waits, within a read's time, until the index has what the caller wrote: for handlers that look into the index
// beside something else.
func (s *Core) CaughtUp(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), ReadTime)
	defer cancel()
	return s.catchUp(ctx, c)
}

// HasDuty refuses a caller who does not hold the duty of an act.
func (s *Core) HasDuty(c *gin.Context, act relief.Act) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), ReadTime)
	defer cancel()
	return s.Allowed(ctx, c, act)
}

// Admit gives the official whom a certificate names, with the staff number of their entry and the ended regions that theirs has
// succeeded. FORBIDDEN for somebody who is not registered, or is retired, by the contracts' own rule.
func (s *Core) Admit(ctx context.Context, id ledger.Identity) (relief.Official, error) {
	by := id.Official()
	entry, err := s.Index.Official(ctx, by.Agency, by.Name)
	if err != nil {
		return by, err
	}
	if by, err = entry.Admit(by, ""); err != nil {
		return by, err
	}
	endings, err := s.Index.Endings(ctx, by.Region)
	if inherited := relief.Inherited(endings.InheritedOn(relief.DefaultCalendar.Day(time.Now()))); len(inherited) > 0 {
		by.Inherited = &inherited
	}
	return by, err
}

// Allowed holds the caller against the officials and duties on the ledger, by the contracts' own rule. It also says how far the
// caller may read.
func (s *Core) Allowed(ctx context.Context, c *gin.Context, act relief.Act) error {
	id, ok := s.Ledger.Identity(Caller(c).Name)
	if !ok || id.Role == "" {
		return relief.Errorf(relief.CodeForbidden, "the caller's certificate has no attribute role")
	}
	by, err := s.Admit(ctx, id)
	if err != nil {
		return err
	}
	duties, err := s.Index.Duties(ctx, act, relief.ActReadAll)
	if err != nil {
		return err
	}
	reach.Set(ctx, reach.Caller{Official: by, Reach: relief.ReachOf(duties, by)})
	return relief.Allowed(duties, act, by)
}

// Reached is the request's context in which all that is read is held to the caller's region.
func (s *Core) Reached(c *gin.Context) context.Context {
	return reach.With(c.Request.Context(), func(ctx context.Context) (reach.Caller, error) {
		id, ok := s.Ledger.Identity(Caller(c).Name)
		if !ok {
			return reach.Caller{}, relief.Errorf(relief.CodeForbidden, "the caller has no certificate at this gateway")
		}
		by, err := s.Admit(ctx, id)
		if err != nil {
			return reach.Caller{}, err
		}
		duties, err := s.Index.Duties(ctx, relief.ActReadAll)
		return reach.Caller{Official: by, Reach: relief.ReachOf(duties, by)}, err
	})
}

// requireRegion refuses a list of a region, asked for in the query, that the caller does not cover.
func requireRegion(ctx context.Context, c *gin.Context) error {
	v, _ := c.Get(queryKey("region"))
	asked, _ := v.(relief.Region)
	if asked == "" {
		return nil
	}
	caller, err := reach.Of(ctx)
	if err != nil {
		return err
	}
	_, err = caller.Narrow(asked)
	return err
}

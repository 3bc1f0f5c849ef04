package yearexport

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/table"
)

var request = Request{County: "530181", Year: 2026, Programmes: []relief.ProgrammeID{"dibao"}, Format: table.CSV}

func open(t *testing.T, o Options) *Runner {
	t.Helper()
	r, err := Open(o)
	require.NoError(t, err)
	return r
}

// listing gives each list its own path as its only row, and counts how often each is asked for.
type listing struct {
	asked map[string]int
	stop  func(n int, out io.Writer) error // before the n-th list is given
}

func (l *listing) fetch(_ context.Context, principal, target string, out io.Writer) (Fetched, error) {
	if l.asked == nil {
		l.asked = map[string]int{}
	}
	l.asked[target]++
	n := 0
	for _, times := range l.asked {
		n += times
	}
	if l.stop != nil {
		if err := l.stop(n, out); err != nil {
			return Fetched{}, err
		}
	}
	_, err := fmt.Fprintln(out, principal, target)
	return Fetched{Rows: 1, Block: 7, LastBlock: 8}, err
}

// untilIdle runs a runner until nothing is left to do.
func untilIdle(t *testing.T, r *Runner, fetch Fetch) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- r.Run(ctx, fetch) }()
	synctest.Wait()
	cancel()
	require.NoError(t, <-ended)
}

func namesIn(t *testing.T, r *Runner, e *Export) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(r.archive(e.ID))
	require.NoError(t, err)
	defer func() { require.NoError(t, z.Close()) }()
	files := map[string]string{}
	for _, f := range z.File {
		in, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(in)
		require.NoError(t, err)
		files[f.Name] = string(text)
	}
	return files
}

// A gateway that is killed in the middle of a list leaves the whole files; the next one asks for the others alone, and the archive is
// the same as without the kill.
func TestAKilledExportGoesOn(t *testing.T) {
	lists := contents(&request)
	for killed := 1; killed <= len(lists); killed++ {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			first := open(t, Options{Dir: dir})
			_, err := first.Start("e", "wang", request)
			require.NoError(t, err)
			ctx, kill := context.WithCancel(t.Context())
			before := &listing{stop: func(n int, out io.Writer) error {
				if n == killed {
					_, err := io.WriteString(out, "half a")
					require.NoError(t, err)
					kill()
					return errors.New("killed")
				}
				return nil
			}}
			require.NoError(t, first.Run(ctx, before.fetch))
			require.NoError(t, first.Close())

			second := open(t, Options{Dir: dir})
			defer func() { require.NoError(t, second.Close()) }()
			after := &listing{}
			untilIdle(t, second, after.fetch)
			e, err := second.Get("e", "wang")
			require.NoError(t, err)
			require.Equal(t, Ready, e.State)
			require.Equal(t, len(lists), e.Rows)
			require.Len(t, after.asked, len(lists)-killed+1)
			files := namesIn(t, second, &e)
			require.Len(t, files, len(lists)+1)
			for i := range lists {
				require.Equal(t, "wang "+request.asFile(&lists[i])+"\n", files[lists[i].name+".csv"])
			}
			require.Contains(t, files[manifestName], e.Files[0].SHA256)
		})
	}
}

// A file that is not what was fetched is fetched again.
func TestADamagedFileIsFetchedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		r := open(t, Options{Dir: dir})
		_, err := r.Start("e", "wang", request)
		require.NoError(t, err)
		ctx, kill := context.WithCancel(t.Context())
		require.NoError(t, r.Run(ctx, (&listing{stop: func(n int, _ io.Writer) error {
			if n == 3 {
				kill()
				return errors.New("killed")
			}
			return nil
		}}).fetch))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "e", "tranches.csv"), []byte("another"), 0o600))
		after := &listing{}
		untilIdle(t, r, after.fetch)
		require.Len(t, after.asked, len(contents(&request))-1, "the first alone is kept")
		e, err := r.Get("e", "wang")
		require.NoError(t, err)
		require.Equal(t, Ready, e.State)
		require.NoError(t, r.Close())
	})
}

// What is refused ends the export with the reason; what passes is asked for again; what is too large is given up.
func TestWhyAnExportFails(t *testing.T) {
	for name, c := range map[string]struct {
		max  int64
		stop func(n int, out io.Writer) error
		want string
	}{
		"refused": {0, func(n int, _ io.Writer) error {
			if n == 2 {
				return &Refused{Reason: "不行 · no"}
			}
			return nil
		}, "不行 · no"},
		"passing": {0, func(n int, _ io.Writer) error {
			if n < 10 {
				return &Refused{Reason: "later", Passing: true}
			}
			return nil
		}, ""},
		"never passing": {0, func(int, io.Writer) error { return &Refused{Reason: "later", Passing: true} }, "later"},
		"too large":     {100, nil, "100"},
		"an error":      {0, func(int, io.Writer) error { return errors.New("secret") }, "网关日志"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				r := open(t, Options{Dir: dir, MaxBytes: c.max, Keep: time.Hour})
				_, err := r.Start("e", "wang", request)
				require.NoError(t, err)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- r.Run(ctx, (&listing{stop: c.stop}).fetch) }()
				time.Sleep(30 * time.Minute) // of the bubble's clock
				synctest.Wait()
				e, err := r.Get("e", "wang")
				require.NoError(t, err)
				require.True(t, e.Done(), e.State)
				require.Equal(t, c.want == "", e.State == Ready)
				require.Contains(t, e.Error, c.want)
				require.NotContains(t, e.Error, "secret")
				time.Sleep(90 * time.Minute)
				synctest.Wait()
				_, err = r.Get("e", "wang")
				require.ErrorIs(t, err, ErrNone, "its time is over")
				require.NoDirExists(t, filepath.Join(dir, "e"))
				cancel()
				require.NoError(t, <-ended)
				require.NoError(t, r.Close())
			})
		})
	}
}

// An export that is deleted while it is made leaves nothing.
func TestDeletedWhileItIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		r := open(t, Options{Dir: dir})
		_, err := r.Start("e", "wang", request)
		require.NoError(t, err)
		untilIdle(t, r, (&listing{stop: func(n int, _ io.Writer) error {
			if n == 4 {
				require.NoError(t, r.Delete("e", "wang"))
			}
			return nil
		}}).fetch)
		require.NoDirExists(t, filepath.Join(dir, "e"))
		_, err = r.Get("e", "wang")
		require.ErrorIs(t, err, ErrNone)
		require.NoError(t, r.Close())
	})
}

// Nobody sees another's, nobody has more than three, and a key that comes again is the export that is there.
func TestWhoseExportsAndHowMany(t *testing.T) {
	r := open(t, Options{Dir: t.TempDir()})
	defer func() { require.NoError(t, r.Close()) }()
	for i := range MaxOfOne {
		_, err := r.Start(fmt.Sprint("w", i), "wang", request)
		require.NoError(t, err)
	}
	again, err := r.Start("w1", "wang", request)
	require.NoError(t, err)
	require.Equal(t, "w1", again.ID)
	_, err = r.Start("w9", "wang", request)
	require.ErrorIs(t, err, ErrMany)
	_, err = r.Get("w1", "li")
	require.ErrorIs(t, err, ErrNone)
	require.ErrorIs(t, r.Delete("w1", "li"), ErrNone)
	_, _, err = r.Archive("w1", "li")
	require.ErrorIs(t, err, ErrNone)
	_, _, err = r.Archive("w1", "wang")
	require.ErrorIs(t, err, ErrNotDone)
	for i := MaxOfOne; i < MaxOfAll; i++ {
		_, err := r.Start(fmt.Sprint("x", i), fmt.Sprint("official", i), request)
		require.NoError(t, err)
	}
	_, err = r.Start("y", "zhao", request)
	require.ErrorIs(t, err, ErrFull)
	for _, bad := range []string{"", ".", "..", "a/b", "../x"} {
		_, err = r.Start(bad, "zhao", request)
		require.Error(t, err)
	}
	own, err := r.List("wang")
	require.NoError(t, err)
	require.Len(t, own, MaxOfOne)
}

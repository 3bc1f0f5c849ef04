package restclient

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// ImportRoll puts a roll's file on the roll by two officials of civil affairs: the preparer sends it and waits for what it
// would change, the approver confirms that and waits until it is on the ledger. The result has the lines that were
// written, those that were there already, and those that were refused before or afterwards. progress is as in Upload.
func ImportRoll(
	ctx context.Context, preparer, approver *Client, path, key string, file io.Reader, progress func(Job),
) (Job, error) {
	proposed, err := preparer.Upload(ctx, http.MethodPost, path, key, file, progress)
	if err != nil || proposed.Import.ID == "" { // the file changes nothing
		return proposed, err
	}
	return ConfirmImport(ctx, approver, proposed, key, progress)
}

// ConfirmImport confirms what a roll's file would change, and waits until it is on the ledger. The result is as in
// ImportRoll.
func ConfirmImport(ctx context.Context, approver *Client, proposed Job, key string, progress func(Job)) (Job, error) {
	a, err := approver.Post(ctx, "/v1/imports/"+proposed.Import.ID+"/confirm", key+"-confirm",
		map[string]any{"digest": proposed.Import.Digest, "agree": true}, nil)
	if err != nil {
		return proposed, err
	}
	if !strings.HasPrefix(a.Location, "/v1/jobs/") { // confirming again with the same key answers the job
		return proposed, fmt.Errorf("import %s: the commit of the confirmation is not known yet", proposed.Import.ID)
	}
	done, err := approver.WaitJob(ctx, a.Location, progress)
	done.Import = proposed.Import
	done.Result.Unchanged += proposed.Result.Unchanged
	done.Result.Refused += proposed.Result.Refused
	done.Result.Refusals = append(proposed.Result.Refusals, done.Result.Refusals...)
	return done, err
}

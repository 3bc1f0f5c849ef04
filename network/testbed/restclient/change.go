package restclient

import "context"

// Change has a change of a roll entry take effect: proposer proposes it, confirmer confirms it by its digest. body is that
// of POST /v1/changes; key begins the Idempotency-Keys of both acts.
func Change(ctx context.Context, proposer, confirmer *Client, key string, body any) error {
	var proposed struct {
		ID     string `json:"id"`
		SHA256 string `json:"sha256"`
	}
	if _, err := proposer.Post(ctx, "/v1/changes", key, body, &proposed); err != nil {
		return err
	}
	decision := map[string]any{"sha256": proposed.SHA256, "agree": true}
	_, err := confirmer.Post(ctx, "/v1/changes/"+proposed.ID+"/confirm", key+"-confirm", decision, nil)
	return err
}

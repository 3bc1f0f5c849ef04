package restclient

import "context"

// Erase has a person's private details erased: proposer proposes it, confirmer, who decided nothing about the person, confirms it
// by its digest. key begins the Idempotency-Keys of both acts; out is the record.
func Erase(ctx context.Context, proposer, confirmer *Client, key, subject, reason string, out any) error {
	var proposed struct {
		SHA256 string `json:"sha256"`
	}
	body := map[string]any{"subject": subject, "reason": reason}
	if _, err := proposer.Post(ctx, "/v1/erasures", key, body, &proposed); err != nil {
		return err
	}
	decision := map[string]any{"sha256": proposed.SHA256, "agree": true}
	_, err := confirmer.Post(ctx, "/v1/erasures/"+subject+"/confirm", key+"-confirm", decision, out)
	return err
}

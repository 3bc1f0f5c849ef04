package restclient

import "context"

// TellBank takes a batch that civil affairs approved to the bank: finance's preparer makes the payment file, finance's
// approver approves it by its hash, and the preparer instructs the bank.
func TellBank(ctx context.Context, preparer, approver *Client, batch string) error {
	path := "/v1/batches/" + batch
	var made struct {
		FileSHA256 string `json:"file_sha256"`
	}
	if _, err := preparer.Post(ctx, path+"/payment-file", batch+"-payment-file", struct{}{}, &made); err != nil {
		return err
	}
	if _, err := approver.Post(ctx, path+"/approve", batch+"-authorise", made, nil); err != nil {
		return err
	}
	_, err := preparer.Post(ctx, path+"/instruct", batch+"-instruct", struct{}{}, nil)
	return err
}

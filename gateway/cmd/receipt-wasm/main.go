//go:build js && wasm

// Command receipt-wasm is the verifier for the browser, with the same code as receipt-verify. It puts its functions into
// globalThis.relieftrail. Nothing leaves the page.
package main

import (
	"syscall/js"

	"relieftrail/chaincode/receipt"
)

func main() {
	js.Global().Set("relieftrail", js.ValueOf(map[string]any{
		"trust":  js.FuncOf(trust),
		"check":  js.FuncOf(check),
		"locate": js.FuncOf(locate),
		"join":   js.FuncOf(join),
		"prove":  js.FuncOf(prove),

		"container": js.FuncOf(container),
	}))
	if ready := js.Global().Get("relieftrailReady"); ready.Type() == js.TypeFunction {
		ready.Invoke()
	}
	select {}
}

// policy says whose signatures the page trusts; nil until trust has been called.
var policy *receipt.Policy

// trust sets the policy from its text and returns what it names: {error} or {logs, agencies: [{zh, en, key}]}.
func trust(_ js.Value, args []js.Value) any {
	text, ok := bytesOf(args, receipt.MaxPolicyBytes)
	if !ok {
		return refusal(receipt.Refuse(receipt.CodePolicy))
	}
	p, err := receipt.ParsePolicy(text)
	if err != nil {
		return refusal(err)
	}
	policy = p
	var agencies, logs []any
	for i := range p.Agencies {
		a := &p.Agencies[i]
		agencies = append(agencies, map[string]any{"zh": a.Zh(), "en": a.En(), "key": a.Key.String()})
	}
	for _, k := range p.Logs {
		logs = append(logs, k.String())
	}
	return map[string]any{"logs": logs, "agencies": agencies}
}

// check checks a receipt, given as a file's bytes or as the text of a code, and returns the report.
func check(_ js.Value, args []js.Value) any {
	content, ok := bytesOf(args, receipt.MaxBytes)
	if !ok {
		return report(nil, receipt.Refuse(receipt.CodeTooLong))
	}
	return reported(receipt.Check(content, verify))
}

func verify(r *receipt.Receipt) (*receipt.Result, error) {
	if policy == nil {
		return nil, &receipt.Error{Code: receipt.CodePolicy, Zh: "尚未载入信任名单", En: "no policy has been loaded yet", Unread: true}
	}
	return r.Verify(policy)
}

// container says what a file is, by its first bytes, that may have a receipt inside: "" for one that is none.
func container(_ js.Value, args []js.Value) any {
	head, _ := bytesOf(args, maxHead)
	return string(receipt.ContainerOf(head))
}

// maxHead bounds the first bytes of a file.
const maxHead = 64 << 10

// locate says what a server has to be asked for: {hash} of the leaf in a link, {hash, bare: true} when the text is a
// leaf's hash and nothing else, {error}, or {} for a text that needs no server.
func locate(_ js.Value, args []js.Value) any {
	link, ok := bytesOf(args, receipt.MaxBytes)
	if !ok {
		return map[string]any{}
	}
	if hash, ok := receipt.ParseHash(string(link)); ok {
		return map[string]any{"hash": receipt.HashText(hash), "bare": true}
	}
	if !receipt.IsLink(string(link)) {
		return map[string]any{}
	}
	leaf, err := receipt.ParseLink(string(link))
	if err != nil {
		return refusal(err)
	}
	return map[string]any{"hash": receipt.HashText(leaf.Hash())}
}

// join checks a link together with the proof that a server has given for the hash of its leaf.
func join(_ js.Value, args []js.Value) any {
	if len(args) != 2 {
		return report(nil, receipt.Refuse(receipt.CodeForm))
	}
	link, linkOK := bytesOf(args[:1], receipt.MaxBytes)
	proof, proofOK := bytesOf(args[1:], receipt.MaxBytes)
	if !linkOK || !proofOK {
		return report(nil, receipt.Refuse(receipt.CodeTooLong))
	}
	leaf, err := receipt.ParseLink(string(link))
	if err != nil {
		return report(nil, err)
	}
	r, err := receipt.ParseProof(leaf, proof)
	if err != nil {
		return report(nil, err)
	}
	return report(verify(r))
}

// prove checks the proof that a server has given for a bare hash: {error} or {index, size, signed_by}. It shows that the
// leaf is in the log, not what was paid to whom.
func prove(_ js.Value, args []js.Value) any {
	if len(args) != 2 || policy == nil {
		return refusal(receipt.Refuse(receipt.CodePolicy))
	}
	text, textOK := bytesOf(args[:1], receipt.MaxBytes)
	proof, proofOK := bytesOf(args[1:], receipt.MaxBytes)
	hash, hashOK := receipt.ParseHash(string(text))
	if !textOK || !proofOK || !hashOK {
		return refusal(receipt.Refuse(receipt.CodeForm))
	}
	result, err := receipt.VerifyHash(hash, proof, policy)
	if err != nil {
		return refusal(err)
	}
	var signed []any
	for _, s := range result.Signers {
		signed = append(signed, map[string]any{"zh": s.Agency.Zh(), "en": s.Agency.En()})
	}
	return map[string]any{
		"index": float64(result.Index), "size": float64(result.Checkpoint.Size), "signed_by": signed,
	}
}

// bytesOf reads an argument that is a text or a Uint8Array.
func bytesOf(args []js.Value, limit int) ([]byte, bool) {
	if len(args) != 1 {
		return nil, false
	}
	v := args[0]
	if v.Type() == js.TypeString {
		text := v.String()
		return []byte(text), len(text) <= limit
	}
	if v.Type() != js.TypeObject || !v.InstanceOf(js.Global().Get("Uint8Array")) || v.Length() > limit {
		return nil, false
	}
	b := make([]byte, v.Length())
	js.CopyBytesToGo(b, v)
	return b, true
}

func refusal(err error) any {
	return map[string]any{"error": errorOf(receipt.NewReport(nil, err).Error)}
}

func errorOf(e *receipt.Error) any {
	return map[string]any{"code": string(e.Code), "zh": e.Zh, "en": e.En, "unread": e.Unread}
}

func report(result *receipt.Result, err error) any { return reported(receipt.NewReport(result, err)) }

// reported converts a report into a JavaScript object.
func reported(r *receipt.Report) any {
	out := map[string]any{"valid": r.Valid, "checked": r.Checked, "zh": r.Zh, "en": r.En}
	if r.Error != nil {
		out["error"] = errorOf(r.Error)
		return out
	}
	var facts, signed []any
	for _, f := range r.Facts {
		facts = append(facts, map[string]any{"name": f.Name, "zh": f.Zh, "en": f.En, "value": f.Value, "value_en": f.ValueEn})
	}
	for _, s := range r.SignedBy {
		signed = append(signed, map[string]any{"zh": s.Name, "en": s.NameEn, "key": s.Key})
	}
	out["facts"], out["signed_by"], out["leaf_hash"] = facts, signed, r.LeafHash
	return out
}

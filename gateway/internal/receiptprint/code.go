package receiptprint

import (
	"fmt"
	"strings"

	"github.com/skip2/go-qrcode"

	"relieftrail/chaincode/receipt"
)

// Code is what a receipt's QR code holds: the whole receipt or, where that would make a code too fine for a phone's
// camera, a link to the page at base with the leaf in its fragment.
func Code(r *receipt.Receipt, base string) (string, error) {
	code, err := r.EncodeCode()
	if err == nil && len(code) <= receipt.MaxCode {
		return code, nil
	}
	if base == "" {
		return "", fmt.Errorf("the receipt does not fit into a code, and no public address is set for a link: %w", err)
	}
	return receipt.Link(strings.TrimSuffix(base, "/")+"/", &r.Leaf), nil
}

// modules is a code as a square of dark and light, with the quiet zone that ISO/IEC 18004 asks for.
func modules(code string) ([][]bool, error) {
	q, err := qrcode.New(code, qrcode.Low)
	if err != nil {
		return nil, err
	}
	return q.Bitmap(), nil
}

// pixels is the width of a module in a picture.
const pixels = 4

// PNG draws a code.
func PNG(code string) ([]byte, error) {
	q, err := qrcode.New(code, qrcode.Low)
	if err != nil {
		return nil, err
	}
	return q.PNG(-pixels) // so many pixels a module
}

// SVG draws a code: one path, a run of dark modules a rectangle.
func SVG(code string) ([]byte, error) {
	dark, err := modules(code)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	n := len(dark)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges">`,
		n, n, n*pixels, n*pixels)
	fmt.Fprintf(&b, `<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, n, n)
	eachRun(dark, func(x, y, length int) { fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x, y, length, length) })
	b.WriteString(`"/></svg>` + "\n")
	return []byte(b.String()), nil
}

// eachRun visits the runs of dark modules, row by row.
func eachRun(dark [][]bool, visit func(x, y, length int)) {
	for y, row := range dark {
		for x := 0; x < len(row); x++ {
			start := x
			for x < len(row) && row[x] {
				x++
			}
			if x > start {
				visit(start, y, x-start)
			}
		}
	}
}

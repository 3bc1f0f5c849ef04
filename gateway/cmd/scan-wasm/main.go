//go:build js && wasm

// Command scan-wasm reads QR codes in browsers without a QR reader of their own. A page loads it only in those.
package main

import (
	"image"
	"syscall/js"

	"relieftrail/gateway/internal/qrread"
)

// maxPixels bounds the size of a picture. The page scales larger pictures down.
const maxPixels = 8 << 20

func main() {
	js.Global().Set("relieftrailScan", js.FuncOf(read))
	if ready := js.Global().Get("relieftrailScanReady"); ready.Type() == js.TypeFunction {
		ready.Invoke()
	}
	select {}
}

// read takes a picture (four bytes a pixel), its width and height, and returns the text of the code in it, "" if there is none.
func read(_ js.Value, args []js.Value) any {
	if len(args) != 3 {
		return ""
	}
	width, height := args[1].Int(), args[2].Int()
	if width < 1 || height < 1 || width*height > maxPixels || args[0].Length() != 4*width*height {
		return ""
	}
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	js.CopyBytesToGo(picture.Pix, args[0])
	return qrread.Read(picture)
}

//go:build js && wasm

// Command scan-wasm reads QR codes in the browser where that has no reader of its own. The page loads it only then.
package main

import (
	"image"
	"syscall/js"

	"relieftrail/gateway/internal/qrread"
)

// maxPixels bounds a picture; the page makes larger ones smaller.
const maxPixels = 8 << 20

func main() {
	js.Global().Set("relieftrailScan", js.FuncOf(read))
	if ready := js.Global().Get("relieftrailScanReady"); ready.Type() == js.TypeFunction {
		ready.Invoke()
	}
	select {}
}

// read takes a picture's bytes, four a pixel, its width and height, and gives the text of the code in it, "" for none.
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

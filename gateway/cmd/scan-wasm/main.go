//go:build js && wasm

// Command scan-wasm reads QR codes in the browser where that has no reader of its own. The page loads it only then.
package main

import (
	"image"
	"syscall/js"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// maxPixels bounds a picture; the page makes larger ones smaller.
const maxPixels = 8 << 20

func main() {
	js.Global().Set("relieftrailScan", js.FuncOf(scan))
	if ready := js.Global().Get("relieftrailScanReady"); ready.Type() == js.TypeFunction {
		ready.Invoke()
	}
	select {}
}

// scan takes a picture's bytes, four a pixel, its width and height, and gives the text of the code in it, "" for none.
func scan(_ js.Value, args []js.Value) any {
	if len(args) != 3 {
		return ""
	}
	width, height := args[1].Int(), args[2].Int()
	if width < 1 || height < 1 || width*height > maxPixels || args[0].Length() != 4*width*height {
		return ""
	}
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	js.CopyBytesToGo(picture.Pix, args[0])
	source := gozxing.NewLuminanceSourceFromImage(picture)
	for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
		bitmap, err := gozxing.NewBinaryBitmap(binarizer)
		if err != nil {
			continue
		}
		result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
		if err == nil {
			return result.GetText()
		}
	}
	return ""
}

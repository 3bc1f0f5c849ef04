package qrread

import (
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// Read gives the text of the code in a picture, "" for none. A picture of nothing but a code, such as a screenshot, is also read
// without looking for its corners, which some codes hide. So may a photograph: turned a little, or in another size, it is found (docs/fabric-findings.md).
// A code of light modules on a dark ground, as dark displays show it, is read last.
func Read(picture image.Image) string {
	source := gozxing.NewLuminanceSourceFromImage(picture)
	looks := []struct {
		binarizer gozxing.Binarizer
		hint      gozxing.DecodeHintType
	}{
		{gozxing.NewHybridBinarizer(source), gozxing.DecodeHintType_TRY_HARDER},
		{gozxing.NewGlobalHistgramBinarizer(source), gozxing.DecodeHintType_PURE_BARCODE},
		{gozxing.NewGlobalHistgramBinarizer(source), gozxing.DecodeHintType_TRY_HARDER},
		{gozxing.NewHybridBinarizer(source.Invert()), gozxing.DecodeHintType_TRY_HARDER},
		{gozxing.NewGlobalHistgramBinarizer(source.Invert()), gozxing.DecodeHintType_PURE_BARCODE},
	}
	for _, look := range looks {
		bitmap, err := gozxing.NewBinaryBitmap(look.binarizer)
		if err != nil {
			continue
		}
		result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{look.hint: true})
		if err == nil {
			return result.GetText()
		}
	}
	return ""
}

package qrread_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
	"relieftrail/gateway/internal/qrread"
	"relieftrail/gateway/internal/receiptprint"
)

// code draws a code of so many random characters of the alphanumeric mode, as a receipt's are.
func code(t *testing.T, random *rand.Rand, length int) (string, image.Image) {
	t.Helper()
	text := make([]byte, length)
	for i := range text {
		text[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[random.IntN(45)]
	}
	b, err := receiptprint.PNG(string(text))
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	return string(text), picture
}

// Clean codes are read, also those that a look for corners misses: of 700 characters and the first 120 seeds all that are.
func TestCleanCodesAreRead(t *testing.T) {
	for _, seed := range []uint64{0, 1, 2, 7, 28, 57, 63, 99} {
		text, picture := code(t, rand.New(rand.NewPCG(1, seed)), 700)
		require.Equal(t, text, qrread.Read(picture), seed)
	}
	text, picture := code(t, rand.New(rand.NewPCG(1, 0)), receipt.MaxCode)
	require.Equal(t, text, qrread.Read(picture), "the longest")
}

func TestACodeOnADesk(t *testing.T) {
	text, picture := code(t, rand.New(rand.NewPCG(1, 3)), 900)
	desk := image.NewGray(image.Rect(0, 0, 1000, 800))
	draw.Draw(desk, desk.Bounds(), image.NewUniform(color.Gray{Y: 120}), image.Point{}, draw.Src)
	draw.Draw(desk, picture.Bounds().Add(image.Pt(200, 100)), picture, image.Point{}, draw.Src)
	require.Equal(t, text, qrread.Read(desk))
}

// A code in the colours of a dark display.
func TestAnInvertedCode(t *testing.T) {
	for _, seed := range []uint64{0, 1, 2, 7, 28} {
		text, picture := code(t, rand.New(rand.NewPCG(1, seed)), 1180)
		inverted := image.NewGray(picture.Bounds())
		for y := range inverted.Rect.Dy() {
			for x := range inverted.Rect.Dx() {
				inverted.SetGray(x, y, color.Gray{Y: 255 - color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y})
			}
		}
		require.Equal(t, text, qrread.Read(inverted), seed)
	}
}

// What is no picture of a code gives nothing, whatever its size.
func TestNoCode(t *testing.T) {
	for _, size := range []image.Rectangle{image.Rect(0, 0, 1, 1), image.Rect(0, 0, 3, 400), image.Rect(0, 0, 400, 300)} {
		for name, c := range map[string]color.Color{"white": color.White, "black": color.Black} {
			picture := image.NewGray(size)
			draw.Draw(picture, size, image.NewUniform(c), image.Point{}, draw.Src)
			require.Empty(t, qrread.Read(picture), "%v %s", size, name)
		}
	}
	noise := image.NewGray(image.Rect(0, 0, 500, 500))
	random := rand.New(rand.NewPCG(1, 4))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.IntN(256))
	}
	require.Empty(t, qrread.Read(noise))
}

func FuzzRead(f *testing.F) {
	f.Add(uint16(8), []byte{0, 255, 3, 4, 5, 6, 7, 8, 9})
	f.Add(uint16(21), bytes.Repeat([]byte{0, 0, 0, 255, 0, 255, 255}, 63))
	f.Fuzz(func(_ *testing.T, width uint16, pixels []byte) {
		w := int(width)%200 + 1
		if len(pixels) < w {
			return
		}
		picture := image.NewGray(image.Rect(0, 0, w, len(pixels)/w))
		copy(picture.Pix, pixels)
		qrread.Read(picture)
	})
}

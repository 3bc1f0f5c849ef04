package payee_test

import (
	"testing"

	"relieftrail/gateway/internal/payee"
)

// A line of a list is read and tagged in a few microseconds: a county's 26,600 in some 50 ms.
func BenchmarkLine(b *testing.B) {
	k := testKey(b, 1, 7).Tagger()
	for b.Loop() {
		n, err := payee.ParseName("name", "张三丰")
		if err != nil {
			b.Fatal(err)
		}
		a, err := payee.ParseAccount("account", "6230599083016613184")
		if err != nil {
			b.Fatal(err)
		}
		if k.NameTag(n).Equal(k.AccountTag(a)) {
			b.Fatal("one domain for both")
		}
	}
}

func BenchmarkRareName(b *testing.B) {
	for b.Loop() {
		if _, err := payee.ParseName("name", "买买提 ． 阿卜杜\U00020164"); err != nil {
			b.Fatal(err)
		}
	}
}

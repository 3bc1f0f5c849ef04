package payee_test

import (
	"bytes"
	"errors"
	"fmt"

	"relieftrail/gateway/internal/payee"
)

// A list's line is held against the roll by tags, however its name and account were typed.
func Example() {
	key, err := payee.NewKey(1, bytes.Repeat([]byte{1}, payee.KeyBytes)) // of a file that the agencies share
	if err != nil {
		fmt.Println(err)
		return
	}
	onRoll, _ := payee.ParseName("name", "买买提·阿卜杜")
	listed, _ := payee.ParseName("name", "买买提 ． 阿卜杜")
	fmt.Println("same name:", key.NameTag(onRoll).Equal(key.NameTag(listed)))

	account, _ := payee.ParseAccount("account", "6230 5990 8301 6613 184")
	fmt.Println("prints as:", account, account.Masked())

	_, err = payee.ParseName("name", "\ue863三")
	var refused *payee.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Field, refused.Code)
		fmt.Println(refused.Zh)
		fmt.Println(refused.En)
	}
	// Output:
	// same name: true
	// prints as: [withheld] ****3184
	// name character
	// 姓名第1个字符 U+E863 是专用区字符（自造字），GB 18030-2022 中其正式编码为 U+4DAE，请改用该字符
	// character 1 of the name, U+E863, is a private-use character, which another computer may show as another one: use U+4DAE, which is its code point in GB 18030-2022
}

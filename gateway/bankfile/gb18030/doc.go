// Package gb18030 reads and writes GB18030 as its edition of 2022 has it. golang.org/x/text knows the edition of 2000:
// it reads 25 codes of two bytes as no character, and writes the characters of 18 of them in the four bytes that the
// edition of 2022 gives to private-use characters.
//
// Source: GB 18030-2022. The two-byte codes were compared with ICU and with the GNU C library.
package gb18030

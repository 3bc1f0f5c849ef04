// Package payee reads what says who is paid, where to and when: names, bank accounts, days and periods. All ways into
// the gateway use it (roll, application, review, payment list, the bank's answer, other departments' data), so that a
// name or an account has one written form, and that form is what the tags on the ledger are computed from. What is
// accepted here can be carried by every later step: the sealed details, the payment file in XML 1.0 or GB18030, the
// clearing system's messages and the packed values of the ledger. The package asks no ledger and repeats no personal
// data: an error names the field and the character's code point.
//
// Sources:
//   - GB 18030-2022 for the repertoire of Chinese characters and for what became of private-use characters of
//     earlier editions; Unicode 16.0 for the blocks of Han characters; Unicode 15.0, the tables of Go and
//     golang.org/x/text, for normal forms and classes of all other characters
//   - XML 1.0, production [2] Char
//   - ISO 20022 pain.001.001.09: name Max140Text, account Max34Text; the messages of the second-generation national
//     clearing system (CNAPS2: hvps.111, beps.121) are stricter: name Max60Text, account Max32Text
//   - ISO/IEC 7812-1 for the length of card numbers and for their check digit (Luhn)
//   - RFC 2104 (HMAC), FIPS 180-4 (SHA-256), RFC 4648 (base32)
package payee

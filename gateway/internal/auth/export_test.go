package auth

// For the tests of what a token must be worth.
const MinTokenBits = minTokenBits

var Bits = bits

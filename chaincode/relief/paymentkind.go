package relief

// PaymentKind says what a payment is for its period. The zero value is the period's regular payment.
type PaymentKind uint8

// The kinds of payments.
const (
	PaymentRegular PaymentKind = iota // the period's own payment
	PaymentArrears                    // 补发: the same, of a period before the accounting period
	PaymentTopUp                      // 补差: what has come to be owed for a period whose regular payment is credited
	PaymentGrant                      // 一次性: what one decision granted
)

var paymentKinds = [...]string{"regular", "arrears", "top_up", "grant"}

// String is the kind as ledger values and receipts write it.
func (k PaymentKind) String() string {
	if int(k) >= len(paymentKinds) {
		return "unknown"
	}
	return paymentKinds[k]
}

// ParsePaymentKind reads what String writes.
func ParsePaymentKind(s string) (PaymentKind, error) {
	for k, name := range paymentKinds {
		if s == name {
			return PaymentKind(k), nil
		}
	}
	return 0, FieldErrorf("kind", "the kind of a payment must be one of %v, not %q", paymentKinds, s)
}

// MarshalText writes the kind as text.
func (k PaymentKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind.
func (k *PaymentKind) UnmarshalText(b []byte) (err error) {
	*k, err = ParsePaymentKind(string(b))
	return err
}

// SPDX-License-Identifier: Apache-2.0

package fakeledger_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
)

func TestFound(t *testing.T) {
	l, err := fakeledger.New()
	if err != nil {
		t.Fatal(err)
	}
	l.SetTime(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	l.Found(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := l.WaitHeight(ctx, 4); err != nil {
		t.Fatal(err)
	}
	reader := fakeledger.Official(fakeledger.Audit, "audit-reader", "reader", "53")
	b, err := l.Evaluate(fakeledger.Audit, reader, "registry:Get", nil, nil)
	if err != nil || !strings.Contains(string(b), "寻甸") {
		t.Errorf("registry: %.80s, %v", b, err)
	}
	_, _, err = l.Submit(reader, "programme:End", []string{`{"id":"dibao"}`}, nil)
	var refused *fakeledger.EndorseError
	if !errors.As(err, &refused) || relief.ParseError(refused.Message).Code != relief.CodeForbidden {
		t.Errorf("a reader ends a programme: %v", err)
	}
	if err := l.FoundWith([]byte(`{"agencies":[]}`)); err == nil {
		t.Error("a registry was founded twice")
	}
}

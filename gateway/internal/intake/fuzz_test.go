package intake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/reference"
)

// fuzzRead reads whatever it is given; a fault shows as a panic, as a line without a reference or an amount, or as lines
// out of order.
func fuzzRead(t *testing.T, file []byte, o intake.Options) {
	t.Helper()
	o.References, o.Today = reference.New(nil, reference.Key{Epoch: 1, Secret: testKey}).Maker(context.Background()), today
	r, err := intake.NewReader(bytes.NewReader(file), o)
	if err != nil {
		return
	}
	for last := 0; ; {
		l, refusal, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		at := l.FileLine
		if refusal == nil {
			refusal = r.Admit(&l)
		}
		if refusal != nil {
			at = refusal.FileLine
			if refusal.Code == "" || refusal.Code.Reason() == string(refusal.Code) {
				t.Fatalf("code %q has no reason", refusal.Code)
			}
		} else if o.Kind != intake.KindSettlements && l.Ref.IsZero() {
			t.Fatal("a line for nobody")
		}
		if at <= last {
			t.Fatalf("line %d after line %d", at, last)
		}
		last = at
	}
}

func FuzzCSV(f *testing.F) {
	for _, name := range []string{"payments-2026-11.csv", "payments-2026-12.gb18030.csv", "payments-2027-01.defects.csv", "roll.csv"} {
		f.Add(testdata(f, name)[:2000])
	}
	f.Add([]byte(setHeader + setLine))
	f.Add([]byte(strings.TrimSuffix(rollHead, "\n") + ",城乡\n" + rollLine + ",农村\n" + rollLine + ",城\n"))
	f.Add([]byte("\ufeff" + payHeader + `"1", "2" ,"""`))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, kind := range []intake.Kind{intake.KindLines, intake.KindRoll, intake.KindSettlements} {
			fuzzRead(t, file, intake.Options{Kind: kind, ContentType: "text/csv"})
		}
	})
}

func FuzzNDJSON(f *testing.F) {
	f.Add([]byte(`{"seq":1,"region":"530181003214","name":"\u5b5f","id_number":"530181196401209708","account":"6230599083016613184","amount":"480.00","period":"2026-11"}`))
	f.Add([]byte(`{"payment_id":"dibao-530181-0000298-202611-1","amount":"1.00","result":"returned","reason":"AC04","date":"2026-11-10"}` + "\n{}"))
	f.Add([]byte(`{ "a" : [ {"b" : "\"" } ] , "c" : -1e9 }`))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, kind := range []intake.Kind{intake.KindLines, intake.KindRoll, intake.KindSettlements} {
			fuzzRead(t, file, intake.Options{Kind: kind, ContentType: "application/x-ndjson"})
		}
	})
}

func FuzzGzip(f *testing.F) {
	whole := zipped(f, testdata(f, "payments-2026-11.csv"))
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("\x1f\x8b"))
	s := &intake.Spooler{Dir: f.TempDir(), MaxBytes: 1 << 16, MaxExpandedBytes: 1 << 17}
	f.Fuzz(func(t *testing.T, file []byte) {
		out, err := s.Spool(t.Context(), bytes.NewReader(file), "text/csv", "gzip", intake.KindLines)
		if err != nil {
			var refused *intake.FileError
			if !errors.As(err, &refused) {
				t.Fatal(err)
			}
			return
		}
		out.Remove()
	})
}

func BenchmarkLines(b *testing.B) {
	file := testdata(b, "payments-2026-11.csv")
	b.SetBytes(int64(len(file)))
	lines := 0
	for b.Loop() {
		all, _ := readAll(b, file, intake.Options{Kind: intake.KindLines})
		lines += len(all)
	}
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
}

func BenchmarkGB18030(b *testing.B) {
	file := testdata(b, "payments-2026-12.gb18030.csv")
	lines := 0
	for b.Loop() {
		all, _ := readAll(b, file, intake.Options{Kind: intake.KindLines})
		lines += len(all)
	}
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
}

func BenchmarkNDJSON(b *testing.B) {
	var file strings.Builder
	all, _ := readAll(b, testdata(b, "roll.csv"), intake.Options{Kind: intake.KindRoll})
	for i := range all {
		file.WriteString(`{"region":"530181003214","name":"孟华","id_number":"` + all[i].Person.IDNumber.Reveal() +
			`","account":"6230599083016613184","amount":"480.00","period":"2026-11"}` + "\n")
	}
	lines := 0
	for b.Loop() {
		all, _ := readAll(b, []byte(file.String()), intake.Options{Kind: intake.KindLines})
		lines += len(all)
	}
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
}

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
)

const vectors = "../../../chaincode/receipt/testdata"

func verify(t *testing.T, stdin []byte, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(args, bytes.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func TestVectors(t *testing.T) {
	var list []struct {
		File  string
		Valid bool
		Code  receipt.Code
	}
	text, err := os.ReadFile(filepath.Join(vectors, "vectors.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &list))
	require.NotEmpty(t, list)
	for _, v := range list {
		t.Run(v.File, func(t *testing.T) {
			code, stdout, stderr := verify(t, nil, "--json", "--policy", filepath.Join(vectors, "policy.txt"), filepath.Join(vectors, v.File))
			require.Empty(t, stderr)
			var report receipt.Report
			require.NoError(t, json.Unmarshal([]byte(stdout), &report))
			require.Equal(t, v.Valid, report.Valid)
			if v.Valid {
				require.Equal(t, exitValid, code)
				require.Len(t, report.SignedBy, 3)
				return
			}
			require.Equal(t, map[bool]int{true: exitInvalid, false: exitUsage}[report.Checked], code)
			require.Equal(t, v.Code, report.Error.Code)
			require.Empty(t, report.Facts, "nothing that is not proved is shown")
		})
	}
}

func TestPlainWords(t *testing.T) {
	good, err := os.ReadFile(filepath.Join(vectors, "county.receipt"))
	require.NoError(t, err)
	code, stdout, _ := verify(t, good, "--policy", filepath.Join(vectors, "policy.txt"), "-")
	require.Equal(t, exitValid, code)
	for _, shown := range []string{
		"✔ 回执有效", "金额：620.00 元", "所属期：2026年11月", "签名部门：民政部门、财政部门、审计部门", "共 266 条",
		"The receipt is valid", "Amount: CNY 620.00", "For the period: November 2026", "Civil affairs, Finance, Audit",
	} {
		require.Contains(t, stdout, shown)
	}
	require.Less(t, strings.Index(stdout, "回执有效"), strings.Index(stdout, "The receipt is valid"))
	altered, err := os.ReadFile(filepath.Join(vectors, "other-amount.receipt"))
	require.NoError(t, err)
	code, stdout, _ = verify(t, altered, "--policy", filepath.Join(vectors, "policy.txt"), "-")
	require.Equal(t, exitInvalid, code)
	require.Contains(t, stdout, "✘ 回执无效")
}

// What no receipt can be read from is not called wrong.
func TestNoReceiptIsNotAWrongOne(t *testing.T) {
	good, err := os.ReadFile(filepath.Join(vectors, "county.receipt"))
	require.NoError(t, err)
	for said, content := range map[string][]byte{
		"不是回执":       good[:500],
		"这是图片":       []byte("\x89PNG\r\n\x1a\n"),
		"这是 PDF":     []byte("%PDF-1.3\n"),
		"这是 SVG":     []byte("<svg xmlns='http://www.w3.org/2000/svg'>"),
		"这是压缩文件":     []byte("PK\x03\x04"),
		"换行符变了":      bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")),
		"开头多了字节顺序标记": append([]byte("\ufeff"), good...),
		"末尾少了换行":     good[:len(good)-1],
	} {
		code, stdout, _ := verify(t, content, "--policy", filepath.Join(vectors, "policy.txt"), "-")
		require.Equal(t, exitUsage, code, said)
		require.Contains(t, stdout, "? 未能核验")
		require.Contains(t, stdout, said)
		require.NotContains(t, stdout, "无效")
	}
}

func TestNothingWasChecked(t *testing.T) {
	policy := filepath.Join(vectors, "policy.txt")
	for name, args := range map[string][]string{
		"no file":           {"--policy", policy},
		"two files":         {"--policy", policy, "a", "b"},
		"no such option":    {"--trust-all", "-"},
		"no such receipt":   {"--policy", policy, filepath.Join(t.TempDir(), "none")},
		"a folder":          {"--policy", policy, t.TempDir()},
		"no such policy":    {"--policy", filepath.Join(t.TempDir(), "none"), "-"},
		"a broken policy":   {"--policy", filepath.Join(vectors, "county.receipt"), "-"},
		"policy not found":  {filepath.Join(vectors, "county.receipt")},
		"an endless policy": {"--policy", "/dev/zero", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := verify(t, nil, args...)
			require.Equal(t, exitUsage, code)
			require.Empty(t, stdout)
			require.NotEmpty(t, stderr)
		})
	}
	code, _, stderr := verify(t, nil, "--help")
	require.Equal(t, exitValid, code)
	require.Contains(t, stderr, "tlog-policy")
}

package csvfile

import "bytes"

// Foreign says what a file is that is no text of lines, or none of its own, by its first bytes; "" for one that may be. Programs of
// departments and banks call such files .xls or .csv.
func Foreign(head []byte) (zh, en string) {
	for magic, what := range map[string][2]string{
		"PK\x03\x04":       {"是工作簿（.xlsx）或压缩包：工作簿按名单格式上传，压缩包请先解压", "a workbook (.xlsx) or a zip archive: a workbook is a list and needs its profile, an archive must be unpacked"},
		"\xd0\xcf\x11\xe0": {"是旧版 .xls 或加密的工作簿：请另存为未加密的 .xlsx 或 CSV", "a workbook of Excel 97 to 2003, or an encrypted one: save it as .xlsx without a password, or as CSV"},
		"\x1f\x8b":         {"是 gzip 压缩文件：请以 Content-Encoding: gzip 发送，或先解压", "compressed with gzip: send it with Content-Encoding gzip, or unpack it"},
		"Rar!":             {"是压缩包：请先解压", "an archive: unpack it"},
		"7z\xbc\xaf":       {"是压缩包：请先解压", "an archive: unpack it"},
		"%PDF-":            {"是 PDF：请向银行或部门索取原始文件", "a PDF: ask the bank for the file itself"},
		"\x89PNG":          {"是图片：请索取原始文件", "a picture: ask for the file itself"},
		"\xff\xd8\xff":     {"是图片：请索取原始文件", "a picture: ask for the file itself"},
		"{\\rtf":           {"是文档：请另存为 CSV", "a text document: save it as CSV"},
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return what[0], what[1]
		}
	}
	text := bytes.TrimPrefix(bytes.TrimPrefix(head, []byte("\xff\xfe")), []byte("\xfe\xff"))
	text = bytes.ToLower(Trim(bytes.ReplaceAll(text, []byte{0}, nil))) // of UTF-16 too
	switch {
	case hasPrefix(text, "<html", "<!doctype html", "<table", "<meta", "mime-version:"):
		return "是网页（HTML），不是表格：请在电子表格中打开后另存为 .xlsx 或 CSV", "a page of HTML: open it in a spreadsheet and save it as .xlsx or CSV"
	case bytes.Contains(text, []byte(`progid="excel.sheet"`)), bytes.Contains(text, []byte("<workbook")):
		return "是 XML 表格（Excel 2003）：请另存为 .xlsx 或 CSV", "a spreadsheet in XML (Excel 2003): save it as .xlsx or CSV"
	}
	return "", ""
}

func hasPrefix(text []byte, prefixes ...string) bool {
	for _, p := range prefixes {
		if bytes.HasPrefix(text, []byte(p)) {
			return true
		}
	}
	return false
}

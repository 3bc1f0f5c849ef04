package bankapi

import (
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"net/http"

	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/problem"
)

// fileReasons are the refusals of a bank's file in Chinese.
var fileReasons = map[string]string{
	bankfile.CodeSyntax:    "文件格式有误",
	bankfile.CodeForbidden: "文件含有不允许的内容",
	bankfile.CodeEncoding:  "文件编码有误",
	bankfile.CodeTooLarge:  "文件超出限制",
	bankfile.CodeMessage:   "不支持的报文或版本",
	bankfile.CodeContent:   "缺少必需内容，或内容无法读取",
	bankfile.CodeTotals:    "笔数或金额与报文所述不符",
}

// changedFile is what it means that the payment file which is to be authorised or sent is not kept as it was made.
func changedFile(err error) error {
	if errors.Is(err, bankdesk.ErrNoFile) {
		return problem.Conflict.Because("账本所记哈希的支付文件没有原样保存在此，请重新制作。",
			"The payment file whose hash is on the ledger is not kept here as it was made: make the file again.")
	}
	return problemOf(err)
}

// problemOf is what an error of the desk means to the caller.
func problemOf(err error) error {
	var file *bankfile.Error
	var conflict *bankdesk.Conflict
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return tooLarge
	case errors.As(err, &file):
		k := problem.BadFile
		switch file.Code {
		case bankfile.CodeTooLarge:
			k = problem.TooLarge
		case bankfile.CodeMessage:
			k = problem.MediaType
		}
		return k.Because(cmp.Or(file.Zh, fileReasons[file.Code])+"（"+file.Code+"）。", file.Code+": "+file.Detail).OnLine(file.Line)
	case errors.As(err, &conflict):
		return problem.Conflict.Because("该报文编号已用于其他内容。", conflict.Error())
	case errors.Is(err, bankdesk.ErrResolved):
		return problem.Conflict.Because("该异常已处理。", err.Error())
	case errors.Is(err, bankdesk.ErrNotFound):
		return problem.NotFound.Because("没有该记录。", err.Error())
	case errors.Is(err, bankdesk.ErrFileErased):
		return problem.FileErased.Because("支付文件已删除：其中有对象的个人信息已清除，或保存期已满。账本中的批次、金额和哈希仍然保留。",
			"The payment file is deleted: the details of somebody in it were erased, or its retention is over. "+
				"Batch, amounts and hash stay on the ledger.")
	case errors.Is(err, bankdesk.ErrNoFile):
		return problem.NotFound.Because("账本所记哈希的支付文件没有保存在此。", err.Error())
	case errors.Is(err, bankdesk.ErrProfile):
		return problem.OfField("profile", "网关设置中没有这个格式名称。", "There is no such profile among the gateway's settings.")
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return problem.Unreadable.Because("文件不完整或已损坏。", "The file is cut short or damaged.")
	}
	return err
}

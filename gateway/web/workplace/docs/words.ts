import { language } from "./language";

// What the library of the API page says, in Chinese and English.
const words: Record<string, [zh: string, en: string]> = {
  "menu.menu": ["接口目录", "API menu"], "menu.filter": ["筛选", "Filter"], "menu.search": ["搜索", "Search"], "menu.overview": ["概述", "Overview"], "menu.api-servers": ["接口地址", "Address"], "menu.authentication": ["身份认证", "Authentication"],
  "menu.operations": ["接口", "Operations"], "menu.components": ["数据结构", "Components"], "menu.schemas": ["数据结构", "Schemas"], "menu.callbacks": ["回调", "Callbacks"],
  "headers.api-servers": ["接口地址", "Address"], "headers.authentication": ["身份认证", "Authentication"],
  "overview.email": ["电子邮件", "Email"], "overview.terms-of-service": ["使用条款", "Terms of service"],
  "operations.request": ["请求", "Request"], "operations.callback-request": ["回调请求", "Callback request"], "operations.request-body": ["请求内容", "Request body"], "operations.model": ["结构", "Model"], "operations.body": ["内容", "Body"], "operations.form": ["表单", "Form"],
  "operations.request-headers": ["请求头", "Request headers"], "operations.response": ["回复", "Response"], "operations.response-headers": ["回复头", "Response headers"], "operations.example": ["示例", "Example"], "operations.webhook": ["回调", "Webhook"], "operations.deprecated": ["已弃用", "Deprecated"],
  "operations.callback-response": ["回调回复", "Callback response"], "operations.response-status": ["回复状态", "Response status"], "operations.copy": ["复制", "Copy"], "operations.copied": ["已复制", "Copied"],
  "parameters.path": ["路径参数", "Path parameters"], "parameters.string": ["查询参数", "Query parameters"], "parameters.headers": ["请求头", "Request headers"], "parameters.cookies": ["Cookie", "Cookies"], "parameters.samples": ["示例", "Samples"],
  "schemas.collapse-desc": ["收起", "Collapse"], "schemas.expand-desc": ["展开", "Expand"], "schemas.schema-missing": ["没有这个结构", "Schema not found"],
};

export const initI18n = () => Promise.resolve();
export const getI18nText = (key: string) => words[key]?.[language === "en" ? 1 : 0] ?? key;

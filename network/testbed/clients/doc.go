// Package clients has two programs that pay a month through clients which public generators have made from the gateways' OpenAPI document: one in Go
// (oapi-codegen), one in TypeScript (openapi-typescript and openapi-fetch). They know nothing of the system but the document. Each is a module of its
// own; Build makes one of them in a folder.
package clients

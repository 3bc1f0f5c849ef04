// Package lists describes the columns of the lists that the gateway gives as files. The paths that answer them and the exports of
// a year share these descriptions; how they are written is the matter of package table.
package lists

// Package sqldb opens a SQL database, SQLite in a file or PostgreSQL on a server, and hides how the two differ: the words
// of a schema, transactions, the lock of the one writer. It also builds conditions and inserts many rows with one
// statement. It knows nothing of what the tables hold.
package sqldb

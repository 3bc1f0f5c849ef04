// Command gateway runs an agency's gateway: the REST interface, the jobs and the connection to the ledger. See gateway --help.
package main

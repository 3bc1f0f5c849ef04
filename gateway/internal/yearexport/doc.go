// Package yearexport puts a county's year into one archive: a file for each list, as the lists themselves give it, and a manifest
// with the rows and the hash of each. It works one export after another, goes on after the last whole file when the gateway was
// stopped, and deletes what is older than it may be. Whose lists may be read it never decides: it asks for each list in the name
// of the official who asked for the archive.
package yearexport

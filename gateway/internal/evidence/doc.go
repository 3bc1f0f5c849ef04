// Package evidence keeps the files of evidence of an agency's cases: photographs, papers, videos. A file is one encrypted
// object of salt and content, so that the object's hash is the salted hash that the case has on the ledger (R14, R15, R18). The
// salt names its case to the holders of the agencies' key: the same hash recorded in another case opens nothing there.
//
// What is erased on the ledger is erased here, whichever agency erased it: the desk follows the index. A file that is uploaded
// and never recorded is deleted after some days. A file that does not fit its hash is never given.
package evidence

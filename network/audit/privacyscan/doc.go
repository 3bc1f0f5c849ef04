// Package privacyscan looks for personal data in the files that programs have left on disk: in clear text, in the
// encodings that programs use, and inside compressed files and databases. A report never repeats a value that was
// found. The package imports nothing of relieftrail: the caller names the values to look for.
package privacyscan

// Package reseals answers the paths by which two officials have what is sealed of a county sealed again, with the key in use: one has it
// proposed, another has it confirmed. The work is done by jobs; the package opens nothing.
package reseals

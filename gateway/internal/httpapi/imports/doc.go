// Package imports shows proposed imports of rolls to the official who confirms them, takes the decision, and begins the job
// that carries a confirmed import out. What it shows of people, it shows to officials with the duty read.person, and each
// reading is recorded.
package imports

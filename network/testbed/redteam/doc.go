// Package redteam says who may open which port of a network and who may satisfy which policy of its channel, and has both
// tried: with every kind of key that an agency has, on a network of tests. It knows no way in of its own.
package redteam

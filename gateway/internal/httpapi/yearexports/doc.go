// Package yearexports answers the paths of archives of a county's year: asking for one, following it, getting and deleting it. An
// archive is its official's own; what it may hold is decided when each of its lists is read.
package yearexports

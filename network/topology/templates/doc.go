// Package templates holds the files that a network starts from: the development topology, the founding document of its
// registry, and the templates of the nodes' own configuration. It fills templates in and knows nothing of what they say.
package templates

// Package topology describes a network: its organisations, the nodes that each of them runs, their hosts and ports, and
// where on disk everything is. It is the only package of network that reads settings, from a YAML file, the environment and
// the command line. It starts nothing and writes nothing.
package topology

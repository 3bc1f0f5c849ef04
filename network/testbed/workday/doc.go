// Package workday is officials at the workplace of a running network: each in a browser of their own, with nothing but what the pages show. Every
// page that they come to is looked at for what keeps people out (axe-core), and for whether it fits the window.
package workday

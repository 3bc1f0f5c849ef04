// Package provjson writes trails as W3C PROV-JSON (member submission of 24 April 2013): versions of records are entities,
// transactions are activities, officials and agencies are agents. It reads nothing but the steps that it is given.
package provjson

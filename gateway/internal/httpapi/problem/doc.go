// Package problem holds every kind of problem that the gateway answers with (RFC 9457), and finds which one an error is.
// Titles, details and the help on a problem's page are in Chinese and in English; an error without Chinese words for its
// reason cannot be made here. What an internal error says is never part of an answer.
package problem

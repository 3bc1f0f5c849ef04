// Package jobs carries out files as jobs: it reads line after line, groups lines into chunks of a few segments, sends
// many chunks at a time through the outbox, and keeps each job's progress and refused lines on disk.
//
// A job that was stopped begins its file again at the next start: chunks may be sent again without harm, and lines
// that an earlier attempt wrote are then counted as unchanged. A finished job is deleted after a settled time. The
// package never keeps or logs anything personal.
package jobs

// Package gather puts what waits for one another together, as a database commits many transactions with one write to its
// disk: what comes first goes at once and alone; what comes while it is under way is gathered, and goes together as soon
// as that has ended. So nothing waits for company that may not come. The package knows nothing of what it carries.
package gather

package app

// CheckReadingsOn is CheckReadings on a ledger of a test.
var CheckReadingsOn = checkReadings

package hooks

// The statements that an exchange, and a pull of one collection, read the journal with.
var (
	NewsOfAll = newsOfAll
	NewsOfOne = newsOfOne
)

// Retain is the nightly job.
var Retain = retain

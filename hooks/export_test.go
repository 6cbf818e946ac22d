package hooks

// NewsQuery is the statement that an exchange reads the journal with.
const NewsQuery = newsQuery

// CheckTriggers is what a start of the server asks of the database.
var CheckTriggers = checkTriggers

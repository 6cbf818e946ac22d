package hooks

// NewsQuery is the statement that an exchange reads the journal with.
const NewsQuery = newsQuery

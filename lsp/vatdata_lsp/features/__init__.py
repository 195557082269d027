"""One module a capability; each has a `register` that adds its handlers to a server."""

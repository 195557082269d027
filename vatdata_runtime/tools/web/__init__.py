"""``vatdata inspect --web``: a local page to browse a store."""

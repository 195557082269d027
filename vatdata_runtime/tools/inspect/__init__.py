"""``vatdata inspect``: a store as tables and trees for people, and as JSON for machines."""

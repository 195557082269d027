"""Tools for people: what the ``vatdata`` command does."""

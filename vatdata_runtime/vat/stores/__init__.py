"""Map and set stores: one set of operations and checks for all zones, over entries that each keeps in its own way."""

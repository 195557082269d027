"""Map and set stores: one set of operations and checks for every zone, over entries that each zone keeps in its own way."""

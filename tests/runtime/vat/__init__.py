"""The vat floor: kinds, state, cranks, restarts and upgrades, through the public names over a real store."""

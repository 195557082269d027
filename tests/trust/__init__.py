"""The place that tries to break the system: a simulator, killed processes, fuzzers, and the limits of isolation."""

"""What drives vats: opens the store, runs their cranks and has them committed."""

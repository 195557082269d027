"""What functions do in the turn that calls them: definitions, suspensions, escapes."""

"""How costs grow with what is stored."""

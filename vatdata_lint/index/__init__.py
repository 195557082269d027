"""The project's modules, what they import from each other, and which of them need a tree."""

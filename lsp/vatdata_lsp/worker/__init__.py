"""The process that analyses, apart from the one that answers the editor."""

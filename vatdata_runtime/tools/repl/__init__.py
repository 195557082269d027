"""``vatdata repl``: Python, line by line, inside a vat; each line is a crank."""

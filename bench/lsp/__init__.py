"""Latencies of the language server, seen from the editor's side of the pipe."""

"""What a check costs on generated projects of a million lines, beside ruff in the same run."""

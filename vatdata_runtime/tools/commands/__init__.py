"""The subcommands of ``vatdata``, one a module: options, messages and exit codes; what they do is in ``tools``."""

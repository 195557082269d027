"""The subcommands of ``vatdata-lint``, one module each, loaded when called."""

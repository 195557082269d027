"""The language server: shows the analyser's findings in editors."""

"""The command line: one door to the core, without a window."""

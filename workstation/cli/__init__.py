"""The command line: one door to the core, without a window."""

SUBCOMMANDS = (
    "info",
    "header",
    "check",
    "report",
    "render",
    "section",
    "volume",
    "export",
    "library",
    "dicomdir",
    "verify",
    "echo",
    "print",
    "find",
    "worklist",
    "receive",
    "store",
    "commit",
    "get",
    "move",
    "web",
    "bench",
    "selftest",
)
"""What ``workstation NAME`` runs here; every other first argument is a path for the window."""

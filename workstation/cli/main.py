"""Runs one subcommand and turns its outcome into an exit code; never a traceback for a bad file."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

from workstation.cli.arguments import parse
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from collections.abc import Sequence

MODULES = {
    "info": "workstation.cli.info",
    "header": "workstation.cli.header",
    "check": "workstation.cli.check",
    "report": "workstation.cli.report",
    "render": "workstation.cli.render",
    "section": "workstation.cli.section",
    "volume": "workstation.cli.volume",
    "export": "workstation.cli.export",
    "library": "workstation.cli.library",
    "dicomdir": "workstation.cli.dicomdir",
    "verify": "workstation.cli.verify",
    "echo": "workstation.cli.echo",
    "print": "workstation.cli.film",
    "find": "workstation.cli.find",
    "worklist": "workstation.cli.worklist",
    "receive": "workstation.cli.receive",
    "store": "workstation.cli.store",
    "commit": "workstation.cli.commit",
    "get": "workstation.cli.retrieve",
    "move": "workstation.cli.retrieve",
    "web": "workstation.cli.web",
    "bench": "workstation.cli.bench",
    "selftest": "workstation.cli.selftest",
}
"""Each has ``run(options) -> exit code`` and is imported only when asked for."""


def run(arguments: Sequence[str]) -> int:
    """Run ``workstation ARGUMENTS`` and return its exit code."""
    try:
        options = parse(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    _accept_any_character()
    try:
        return int(importlib.import_module(MODULES[options.command]).run(options))
    except WorkstationError as error:
        sys.stderr.write(f"workstation {options.command}: {error}\n")
        return 2
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing to tell it, and no second error at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        sys.stderr.write(f"workstation {options.command}: {error.filename or 'output'}: {error.strerror or error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _accept_any_character() -> None:
    """Let text leave through a terminal of any encoding: what it cannot show goes out escaped."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")

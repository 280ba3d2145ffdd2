"""JSON on stdout: one document and nothing else."""

from __future__ import annotations

import json
import sys
from typing import Any

from workstation.export.sidecar import finite


def write_json(document: Any) -> None:
    """Print ``document`` as UTF-8 JSON, indented; a number that is not finite becomes null."""
    text = json.dumps(finite(document), indent=1, ensure_ascii=False, allow_nan=False, default=str)
    # File names that are not UTF-8 arrive as lone surrogates, which no stream can write.
    raw = text.encode("utf-8", "replace")
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.write(raw.decode("utf-8") + "\n")
        return
    sys.stdout.flush()
    stream.write(raw + b"\n")

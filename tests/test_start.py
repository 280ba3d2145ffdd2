"""A start is quick: the window is on screen before anything heavy is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("numpy", "pydicom", "pynetdicom", "pyqtgraph", "scipy", "numba", "imagecodecs")
CODE = f"""
import json, sys
from workstation.app import build
from PySide6.QtWidgets import QApplication
application = build()
application.window.show()
for _ in range(20):
    QApplication.processEvents()
loaded = [name for name in {HEAVY!r} if name in sys.modules]
application.window.close()
application.close()
print(json.dumps(loaded))
"""


def test_the_window_paints_before_the_heavy_libraries_are_imported(tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "WORKSTATION_HOME": str(tmp_path)}
    result = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(result.stdout.splitlines()[-1]) == []

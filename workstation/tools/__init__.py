"""Mouse gestures as generators: (state, pointer events) -> new states.

``TOOLS`` is the table, in toolbar order; adding a tool is a module and a line here.
"""

from workstation.tools.crosshair import CROSSHAIR
from workstation.tools.measure import ELLIPSE, LENGTH, RECTANGLE
from workstation.tools.navigate import PAN, SCROLL, ZOOM
from workstation.tools.window import WINDOW

TOOLS = (WINDOW, SCROLL, ZOOM, PAN, CROSSHAIR, LENGTH, ELLIPSE, RECTANGLE)

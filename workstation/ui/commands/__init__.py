"""Every action of the window, in menu order."""

from workstation.ui.commands import file, image, layout, study, tool

COMMANDS = (*file.COMMANDS, *study.COMMANDS, *image.COMMANDS, *layout.COMMANDS, *tool.COMMANDS)
MENUS = ("&File", "&Edit", "&Study", "&Image", "&Window", "&Tools", "&Layout", "&View", "&Help")

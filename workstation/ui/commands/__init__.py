"""Every action of the window, in menu order."""

from workstation.ui.commands import file, image, key_images, layout, library, mpr, network, remote, study, tool

COMMANDS = (
    *file.COMMANDS,
    *library.COMMANDS,
    *network.COMMANDS,
    *remote.COMMANDS,
    *study.COMMANDS,
    *image.COMMANDS,
    *key_images.COMMANDS,
    *mpr.COMMANDS,
    *layout.COMMANDS,
    *tool.COMMANDS,
)
MENUS = (
    "&File",
    "&Edit",
    "Li&brary",
    "&Network",
    "&Study",
    "&Image",
    "&Window",
    "&Tools",
    "&MPR",
    "&Layout",
    "&View",
    "&Help",
)

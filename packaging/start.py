"""The bundle's entry: the same as the console script."""

import multiprocessing
import sys

from workstation.__main__ import main

if __name__ == "__main__":
    # A decoder runs in a process of its own; frozen programs start it by starting themselves.
    multiprocessing.freeze_support()
    sys.exit(main())

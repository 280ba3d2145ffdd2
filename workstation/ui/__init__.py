"""Shows states and turns Qt events into pointer events and commands: every Qt import is here or in app."""

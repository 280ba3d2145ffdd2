"""Mouse gestures as generators: (state, pointer events) -> new states."""

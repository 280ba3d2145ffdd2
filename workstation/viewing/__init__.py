"""What is being looked at: immutable state of panes and layout, and pure rules between them."""

"""The local library: which studies there are, where their files lie, and what was said of them."""

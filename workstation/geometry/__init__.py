"""Knows where pixels are: planes, stacks, volumes, patient millimetres (LPS)."""

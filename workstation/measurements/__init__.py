"""Keeps what a person measured, in patient space, and computes it."""

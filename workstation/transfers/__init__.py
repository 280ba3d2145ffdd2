"""Joins network and library: the queue of transfers and what each kind of job does."""

"""Serves pictures by key and priority from worker threads, with a byte-bounded cache."""

"""Measurements on public data; nothing here runs in the default tests."""

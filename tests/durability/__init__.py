"""Kills, damage and full disks: what is done to a library, and what must be true afterwards."""

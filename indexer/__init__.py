"""From files to searchable passages and crops."""

"""From a question or a photo to hits, evidence and a cited answer."""

"""The catalogue (SQLite, the truth) and the index cache (FAISS, rebuildable)."""

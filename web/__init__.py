"""Everything people and programs talk to: browser pages, HTTP API, terminal."""

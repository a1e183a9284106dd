"""One terminal: its words, its client, its discovery, its simulator."""
